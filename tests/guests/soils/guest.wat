;; Writes over all that it was given and 4 MiB more, and leaves.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (drop (memory.grow $memory (i32.const 64)))
  (memory.fill (i32.const 16384) (i32.const 0x5a)
    (i32.sub (i32.shl (memory.size $memory) (i32.const 16)) (i32.const 16384)))
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
