;; Uses the first preview of WASI, as a C library does, through the adapter
;; that makes WASI 0.2 of it. Keeps the error numbers and what it got.
(import "wasi_snapshot_preview1" "fd_write"
  (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read"
  (func $fd_read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_sizes_get"
  (func $environ (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "clock_time_get"
  (func $clock (param i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_open"
  (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "poll_oneoff"
  (func $poll (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
(import "hooke:policy/memory@0.1.0" "store" (func $store (param i32 i32 i32)))
(data (i32.const 2048) "from C\n/etc/passwd")

(func $evaluate (param i32 i32) (result i32)
  (i32.store (i32.const 2200) (i32.const 2048))
  (i32.store (i32.const 2204) (i32.const 7))
  (i32.store (i32.const 4096) (call $fd_write (i32.const 1) (i32.const 2200) (i32.const 1) (i32.const 4100)))
  (i32.store (i32.const 4104) (call $fd_write (i32.const 2) (i32.const 2200) (i32.const 1) (i32.const 4108)))
  (i32.store (i32.const 2200) (i32.const 2300))
  (i32.store (i32.const 4112) (call $fd_read (i32.const 0) (i32.const 2200) (i32.const 1) (i32.const 4116)))
  (i32.store (i32.const 4120) (call $environ (i32.const 4124) (i32.const 2400)))
  (i32.store (i32.const 4128) (call $args (i32.const 4132) (i32.const 2400)))
  (i32.store (i32.const 4136) (call $prestat (i32.const 3) (i32.const 2400)))
  (i32.store (i32.const 4140) (call $open
    (i32.const 3) (i32.const 0) (i32.const 2055) (i32.const 11) (i32.const 0)
    (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 2400)))
  (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 4144)))
  (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 4152)))
  (drop (call $random (i32.const 4160) (i32.const 8)))
  ;; Sleeps for a day.
  (i32.store8 (i32.const 2508) (i32.const 0))
  (i32.store (i32.const 2516) (i32.const 1))
  (i64.store (i32.const 2524) (i64.const 86400000000000))
  (i32.store (i32.const 4168) (call $poll (i32.const 2500) (i32.const 2600) (i32.const 1) (i32.const 4172)))
  (drop (call $yield))
  (call $store (i32.const 4096) (i32.const 80) (i32.const 2704))
  (call $needs (i32.const 1) (i32.const 2048) (i32.const 6)))
