;; Has a name that is no UTF-8.
(data (i32.const 2048) "\ff\fe")
(func $describe (result i32)
  (i32.store (i32.const 1100) (i32.const 2048))
  (i32.store (i32.const 1104) (i32.const 2))
  (i32.const 1100))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
