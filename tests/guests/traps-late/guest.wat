;; Stages a launch and stores a byte, then breaks.
(import "hooke:policy/cloud@0.1.0" "launch" (func $launch (param i32 i32 i32 i32 i32)))
(import "hooke:policy/memory@0.1.0" "store" (func $store (param i32 i32 i32)))
(data (i32.const 2048) "smallone more")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $launch (i32.const 2048) (i32.const 5) (i32.const 2053) (i32.const 8) (i32.const 1400))
  (call $store (i32.const 2048) (i32.const 1) (i32.const 1440))
  unreachable)
