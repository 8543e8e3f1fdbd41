;; Stores 64 KiB for ever.
(import "hooke:policy/memory@0.1.0" "store" (func $store (param i32 i32 i32)))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again (call $store (i32.const 0) (i32.const 65536) (i32.const 1440)) (br $again))
  unreachable)
