;; Stores one byte, then one byte more than it may, and answers with the cap
;; that it is told.
(import "hooke:policy/memory@0.1.0" "store" (func $store (param i32 i32 i32)))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (drop (memory.grow $memory (i32.const 1)))
  (call $store (i32.const 0) (i32.const 1) (i32.const 1440))
  (call $store (i32.const 0) (i32.const 65537) (i32.const 1440))
  (call $needs (i32.load (i32.const 1456)) (i32.const 0) (i32.const 0)))
