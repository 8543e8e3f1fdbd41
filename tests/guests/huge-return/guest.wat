;; Gives a reason of 2 MiB.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (drop (memory.grow $memory (i32.const 64)))
  (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 0x200000))
  (call $needs (i32.const 1) (i32.const 65536) (i32.const 0x200000)))
