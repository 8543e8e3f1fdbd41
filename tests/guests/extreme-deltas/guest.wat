;; Wants as few workers as a number can say, or, for profile `1`, as many.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs
    (select (i32.const 0x7fffffff) (i32.const 0x80000000)
      (i32.eq (i32.load8_u (local.get $profile)) (i32.const 49)))
    (i32.const 0) (i32.const 0)))
