;; Asks 400 times to suspend one machine, and 400 times one that does not exist;
;; answers with how often it was refused.
(import "hooke:policy/cloud@0.1.0" "suspend" (func $suspend (param i32 i32 i32 i32 i32)))
(data (i32.const 2048) "vm-0001vm-none")
(global $refused (mut i32) (i32.const 0))
(func $ask (param $vm i32)
  (call $suspend (local.get $vm) (i32.const 7) (i32.const 2055) (i32.const 7) (i32.const 1400))
  (global.set $refused (i32.add (global.get $refused) (i32.load8_u (i32.const 1400)))))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (local $left i32)
  (local.set $left (i32.const 400))
  (loop $again
    (call $ask (i32.const 2048))
    (call $ask (i32.const 2055))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $again (local.get $left)))
  (call $needs (global.get $refused) (i32.const 0) (i32.const 0)))
