;; Asks the largest question about the past for ever: the median load of all machines of `ocr`, in 1440 periods.
(import "hooke:policy/metrics@0.1.0" "statistics" (func $statistics
  (param i32 i32 i32 i32 i32 i32 i64 i64 i64 i64 i32 i32)))
(data (i32.const 2048) "ocrload")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again
    ;; Each answer takes the place of the one before.
    (global.set $free (i32.const 8192))
    (call $statistics
      (i32.const 3) (i32.const 2048) (i32.const 3)
      (i32.const 2051) (i32.const 4)
      (i32.const 5) (i64.reinterpret_f64 (f64.const 50)) (i64.const 0)
      (i64.const 70000) (i64.const 1700000000000) (i32.const 1440)
      (i32.const 1400))
    (br $again))
  unreachable)
