;; Answers, and never cleans up after its answer.
(func (export "cabi_post_hooke:policy/policy@0.1.0#evaluate-needs") (param i32)
  (loop $again (br $again)))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
