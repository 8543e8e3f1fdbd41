;; Gives an error of a kind that the contract does not have.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $error (i32.const 77) (i32.const 0) (i32.const 0)))
