;; Hands over cases that the contract does not have, by the digit that the
;; profile is: of its answer, of a level asked for, of a level written to; and
;; of what it says about settings.
(import "hooke:policy/log@0.1.0" "enabled" (func $enabled (param i32) (result i32)))
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(func $validate (param $settings i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1300) (i32.const 3))
  (i32.const 1300))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (block $write (block $level (block $answer
    (br_table $answer $level $write
      (i32.sub (i32.load8_u (local.get $profile)) (i32.const 48))))
    (i32.store8 (i32.const 1200) (i32.const 7))
    (return (i32.const 1200)))
    (drop (call $enabled (i32.const 9)))
    unreachable)
  (call $log (i32.const -1) (i32.const 0) (i32.const 0))
  unreachable)
