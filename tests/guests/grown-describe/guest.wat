;; Has a name of 2 MiB that is really there.
(func $describe (result i32)
  (drop (memory.grow $memory (i32.const 64)))
  (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 0x200000))
  (i32.store (i32.const 1100) (i32.const 65536))
  (i32.store (i32.const 1104) (i32.const 0x200000))
  (i32.const 1100))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
