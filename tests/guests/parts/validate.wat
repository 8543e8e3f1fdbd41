;; ok
(func $validate (param $settings i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1300) (i32.const 0))
  (i32.const 1300))
