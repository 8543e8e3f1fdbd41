;; Has a name that is said to be 2 GiB long.
(func $describe (result i32)
  (i32.store (i32.const 1100) (i32.const 0))
  (i32.store (i32.const 1104) (i32.const 0x7fffffff))
  (i32.const 1100))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
