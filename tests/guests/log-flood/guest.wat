;; Writes one line of 60,000 bytes, then ten thousand short ones.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(data (i32.const 2048) "still here")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (local $left i32)
  (memory.fill (i32.const 4096) (i32.const 0x78) (i32.const 60000))
  (call $log (i32.const 2) (i32.const 4096) (i32.const 60000))
  (local.set $left (i32.const 10000))
  (loop $again
    (call $log (i32.const 1) (i32.const 2048) (i32.const 10))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $again (local.get $left)))
  (call $needs (i32.const 0) (i32.const 2048) (i32.const 10)))
