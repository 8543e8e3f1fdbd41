;; Grows two memories in turn, each of them far below the limit.
(memory $second 1)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again
    (drop (memory.grow $memory (i32.const 1)))
    (drop (memory.grow $second (i32.const 1)))
    (br $again))
  unreachable)
