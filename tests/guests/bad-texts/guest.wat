;; Hands over text that is no UTF-8 (an overlong escape character, half a
;; surrogate pair), by the digit that the profile is: a log line, an image, a
;; reason, a profile, an error; and about settings.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(import "hooke:policy/cloud@0.1.0" "launch" (func $launch (param i32 i32 i32 i32 i32)))
(import "hooke:policy/metrics@0.1.0" "backlog" (func $backlog (param i32 i32 i32)))
(data (i32.const 2048) "\c0\9b[2J\ed\a0\80small")
(func $validate (param $settings i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1300) (i32.const 1))
  (i32.store (i32.const 1304) (i32.const 1320))
  (i32.store (i32.const 1308) (i32.const 1))
  (i32.store (i32.const 1320) (i32.const 2048))
  (i32.store (i32.const 1324) (i32.const 5))
  (i32.const 1300))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (block $error (block $name (block $reason (block $image (block $log
    (br_table $log $image $reason $name $error
      (i32.sub (i32.load8_u (local.get $profile)) (i32.const 48))))
    (call $log (i32.const 3) (i32.const 2048) (i32.const 5))
    unreachable)
    (call $launch (i32.const 2053) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1400))
    unreachable)
    (call $launch (i32.const 2056) (i32.const 5) (i32.const 2048) (i32.const 5) (i32.const 1400))
    unreachable)
    (call $backlog (i32.const 2048) (i32.const 5) (i32.const 1400))
    unreachable)
  (call $error (i32.const 3) (i32.const 2048) (i32.const 5)))
