;; Wants 2 GiB before it has done anything.
(memory $second 32768)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
