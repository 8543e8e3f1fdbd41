;; Calls itself without an end.
(func $deeper (param $n i32) (result i32)
  (i32.add (i32.const 1) (call $deeper (i32.add (local.get $n) (i32.const 1)))))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (call $deeper (i32.const 0)) (i32.const 0) (i32.const 0)))
