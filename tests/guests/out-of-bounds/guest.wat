;; Gives a reason that lies beyond its memory.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 65530) (i32.const 100)))
