;; Fills 32 MiB for ever: instructions that each take long.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (drop (memory.grow $memory (i32.const 512)))
  (loop $again
    (memory.fill (i32.const 65536) (i32.const 1) (i32.const 0x2000000))
    (br $again))
  unreachable)
