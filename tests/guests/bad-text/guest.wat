;; Gives a reason that is no UTF-8.
(data (i32.const 2048) "\ff\fe\fd")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 2048) (i32.const 3)))
