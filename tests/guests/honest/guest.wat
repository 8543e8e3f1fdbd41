;; Does nothing wrong: one worker more, always.
(data (i32.const 2048) "one more, as always")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 2048) (i32.const 19)))
