;; Grows a table for ever.
(table $table 1 funcref)
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again
    (drop (table.grow $table (ref.null func) (i32.const 100)))
    (br $again))
  unreachable)
