;; Calls the host for ever in its start function.
(import "hooke:policy/log@0.1.0" "enabled" (func $enabled (param i32) (result i32)))
(func $early (loop $again (drop (call $enabled (i32.const 0))) (br $again)))
(start $early)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
