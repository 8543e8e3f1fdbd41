;; Asks for the time in its start function.
(import "hooke:policy/metrics@0.1.0" "now-ms" (func $now (result i64)))
(func $early (drop (call $now)))
(start $early)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
