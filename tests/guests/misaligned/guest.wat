;; Hands over addresses that are odd or outside, by the digit that the profile
;; is: of its answer, odd and outside; of room for an answer of the host, odd
;; and outside; and of problems with its settings.
(import "hooke:policy/memory@0.1.0" "load" (func $load (param i32)))
(func $validate (param $settings i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1300) (i32.const 1))
  (i32.store (i32.const 1304) (i32.const 1321))
  (i32.store (i32.const 1308) (i32.const 1))
  (i32.const 1300))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (block $outside (block $odd (block $beyond (block $answer
    (br_table $answer $beyond $odd $outside
      (i32.sub (i32.load8_u (local.get $profile)) (i32.const 48))))
    (return (i32.const 1201)))
    (return (i32.const 0xfffffffc)))
    (call $load (i32.const 1401))
    unreachable)
  (call $load (i32.const 0xfffffffc))
  unreachable)
