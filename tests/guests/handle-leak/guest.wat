;; Makes handles of a resource of its own and drops none.
(import "[export]guest:handle-leak/things" "[resource-new]thing" (func $new (param i32) (result i32)))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again (drop (call $new (i32.const 7))) (br $again))
  unreachable)
