;; Has a schema that is neither there nor absent.
(func $describe (result i32)
  (i32.store8 (i32.const 1124) (i32.const 2))
  (i32.const 1100))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
