;; Never says what it is.
(func $describe (result i32) (loop $again (br $again)) unreachable)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
