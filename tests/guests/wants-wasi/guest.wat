;; Imports a clock, as a program built for WASI does.
(import "wasi:clocks/wall-clock@0.2.6" "now" (func $now (param i32)))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $now (i32.const 1400))
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
