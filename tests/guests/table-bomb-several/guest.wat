;; Grows three tables in turn, each of them far below the limit.
(table $one 1 funcref)
(table $two 1 funcref)
(table $three 1 funcref)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again
    (drop (table.grow $one (ref.null func) (i32.const 100)))
    (drop (table.grow $two (ref.null func) (i32.const 100)))
    (drop (table.grow $three (ref.null func) (i32.const 100)))
    (br $again))
  unreachable)
