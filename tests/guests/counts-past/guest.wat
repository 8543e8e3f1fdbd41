;; Wants as many workers more as there were ticks with a reading in the last hour.
(import "hooke:policy/metrics@0.1.0" "now-ms" (func $now (result i64)))
(import "hooke:policy/metrics@0.1.0" "statistics" (func $statistics
  (param i32 i32 i32 i32 i32 i32 i64 i64 i64 i64 i32 i32)))
(data (i32.const 2048) "so many ticks")
(data (i32.const 2100) "ready")
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $statistics
    (i32.const 0) (local.get $profile) (local.get $length)
    (i32.const 2100) (i32.const 5)
    (i32.const 0) (i64.const 0) (i64.const 0)
    (i64.const 3600000) (i64.add (call $now) (i64.const 1)) (i32.const 1)
    (i32.const 1400))
  (if (i32.load8_u (i32.const 1400)) (then unreachable))
  (call $needs (i32.load offset=16 (i32.load (i32.const 1404))) (i32.const 2048) (i32.const 13)))
