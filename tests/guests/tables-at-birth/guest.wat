;; Wants a table of 200,000 elements before it has done anything.
(table $table 200000 funcref)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
