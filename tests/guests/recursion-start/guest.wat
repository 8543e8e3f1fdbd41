;; Calls itself without an end before it can be asked anything.
(func $deeper (call $deeper))
(start $deeper)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
