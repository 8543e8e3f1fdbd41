;; Asks for machines until it is refused, and logs the refusal.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(import "hooke:policy/cloud@0.1.0" "launch" (func $launch (param i32 i32 i32 i32 i32)))
(data (i32.const 2048) "smallone\1b[31m more")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (local $asked i32)
  (loop $again
    (call $launch (i32.const 2048) (i32.const 5) (i32.const 2053) (i32.const 13) (i32.const 1400))
    (local.set $asked (i32.add (local.get $asked) (i32.const 1)))
    (br_if $again (i32.eqz (i32.load8_u (i32.const 1400)))))
  (call $log (i32.const 1) (i32.load (i32.const 1408)) (i32.load (i32.const 1412)))
  (call $needs (i32.sub (local.get $asked) (i32.const 1)) (i32.const 2053) (i32.const 3)))
