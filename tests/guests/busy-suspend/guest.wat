;; Asks to suspend machine `vm-0001`, twice, and one that does not exist; logs
;; what it is told.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(import "hooke:policy/cloud@0.1.0" "suspend" (func $suspend (param i32 i32 i32 i32 i32)))
(data (i32.const 2048) "vm-0001vm-nonetoo many")
(func $ask (param $vm i32)
  (call $suspend (local.get $vm) (i32.const 7) (i32.const 2062) (i32.const 8) (i32.const 1400))
  (if (i32.load8_u (i32.const 1400))
    (then (call $log (i32.const 1) (i32.load (i32.const 1408)) (i32.load (i32.const 1412))))))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $ask (i32.const 2048))
  (call $ask (i32.const 2048))
  (call $ask (i32.const 2055))
  (call $needs (i32.const 0) (i32.const 2062) (i32.const 8)))
