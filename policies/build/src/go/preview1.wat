;; What a Go program asks of WASI preview 1, answered inside the component: it
;; has no files, no arguments, no environment; its clock and its random numbers
;; are the same in every evaluation; what it prints goes to the host's log. So
;; that a policy in Go imports nothing but what its author's world names, and
;; the same question gets the same answer.
;;
;; The encoder removes what a program does not use.
(module
  (import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
  (import "env" "memory" (memory 0))

  ;; Nanoseconds. Starts in 1970, as a policy gets the time from `metrics`; not
  ;; at 0, which Go's runtime takes for a broken clock.
  (global $now (mut i64) (i64.const 1))
  (global $seed (mut i64) (i64.const 0))

  ;; The line that is being printed. It lies in the 8 KiB above the first 4 KiB
  ;; of memory, where Go's linker puts no data (`wasmMinDataAddr`): it keeps
  ;; them for the arguments that a browser passes.
  (global $line i32 (i32.const 4096))
  (global $length (mut i32) (i32.const 0))

  (func (export "args_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))

  ;; Every look at a clock takes a microsecond.
  (func (export "clock_time_get")
    (param $clock i32) (param $precision i64) (param $time i32) (result i32)
    (global.set $now (i64.add (global.get $now) (i64.const 1000)))
    (i64.store (local.get $time) (global.get $now))
    (i32.const 0))
  (func (export "clock_res_get") (param $clock i32) (param $resolution i32) (result i32)
    (i64.store (local.get $resolution) (i64.const 1000))
    (i32.const 0))
  ;; Go's bindings call it around an allocation, in which the component model
  ;; forbids to ask the host for the time. This clock asks nobody.
  (func (export "adapter_monotonic_clock_set_paused") (param i32))

  ;; Whoever waits for a time has waited: the clock moves on. Files are ready.
  (func (export "poll_oneoff")
    (param $in i32) (param $out i32) (param $count i32) (param $events i32) (result i32)
    (i32.store (local.get $events) (local.get $count))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (if (i32.eqz (i32.load8_u offset=8 (local.get $in)))
          (then
            (global.set $now
              (i64.add (global.get $now) (i64.load offset=24 (local.get $in))))))
        ;; The event: the subscriber's data, no error, the kind asked for.
        (i64.store (local.get $out) (i64.load (local.get $in)))
        (i64.store offset=8 (local.get $out)
          (i64.shl (i64.load8_u offset=8 (local.get $in)) (i64.const 16)))
        (i64.store offset=16 (local.get $out) (i64.const 0))
        (i64.store offset=24 (local.get $out) (i64.const 0))
        (local.set $in (i32.add (local.get $in) (i32.const 48)))
        (local.set $out (i32.add (local.get $out) (i32.const 32)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; SplitMix64 from a fixed seed, a byte of each number.
  (func (export "random_get") (param $at i32) (param $count i32) (result i32)
    (local $end i32) (local $z i64)
    (local.set $end (i32.add (local.get $at) (local.get $count)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (global.set $seed (i64.add (global.get $seed) (i64.const 0x9e3779b97f4a7c15)))
        (local.set $z (global.get $seed))
        (local.set $z
          (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30)))
            (i64.const 0xbf58476d1ce4e5b9)))
        (local.set $z
          (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27)))
            (i64.const 0x94d049bb133111eb)))
        (i64.store8 (local.get $at) (i64.shr_u (local.get $z) (i64.const 33)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "sched_yield") (result i32) (i32.const 0))
  (func (export "proc_exit") (param $code i32)
    (call $flush (i32.const 3))
    unreachable)
  (func (export "proc_raise") (param $signal i32) (result i32) (i32.const 52))

  ;; Standard output is `info` (1), the rest `error` (3).
  (func (export "fd_write")
    (param $fd i32) (param $parts i32) (param $count i32) (param $written i32) (result i32)
    (local $level i32) (local $at i32) (local $end i32) (local $sum i32)
    (local.set $level
      (select (i32.const 1) (i32.const 3) (i32.eq (local.get $fd) (i32.const 1))))
    (block $done
      (loop $part
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $at (i32.load (local.get $parts)))
        (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $parts))))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $parts))))
        (block $printed
          (loop $next
            (br_if $printed (i32.ge_u (local.get $at) (local.get $end)))
            (call $print (local.get $level) (i32.load8_u (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $next)))
        (local.set $parts (i32.add (local.get $parts) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $part)))
    (i32.store (local.get $written) (local.get $sum))
    (i32.const 0))

  ;; A byte of a line. A line feed ends it, and so does its length: from 1000
  ;; bytes on before the next character, at 1024 wherever that is.
  (func $print (param $level i32) (param $byte i32)
    (if (i32.eq (local.get $byte) (i32.const 10))
      (then (call $flush (local.get $level)) (return)))
    (if (i32.or
          (i32.ge_u (global.get $length) (i32.const 1024))
          (i32.and
            (i32.ge_u (global.get $length) (i32.const 1000))
            (i32.ne (i32.and (local.get $byte) (i32.const 0xc0)) (i32.const 0x80))))
      (then (call $flush (local.get $level))))
    (i32.store8 (i32.add (global.get $line) (global.get $length)) (local.get $byte))
    (global.set $length (i32.add (global.get $length) (i32.const 1))))

  (func $flush (param $level i32)
    (local $length i32)
    (local.set $length (global.get $length))
    (global.set $length (i32.const 0))
    (if (local.get $length)
      (then (call $log (local.get $level) (global.get $line) (local.get $length)))))

  ;; The standard streams are devices; reading one finds its end.
  (func (export "fd_read")
    (param $fd i32) (param $parts i32) (param $count i32) (param $read i32) (result i32)
    (i32.store (local.get $read) (i32.const 0))
    (i32.const 0))
  (func (export "fd_close") (param i32) (result i32) (i32.const 0))
  (func (export "fd_fdstat_get") (param $fd i32) (param $stat i32) (result i32)
    (i64.store (local.get $stat) (i64.const 2))
    (i64.store offset=8 (local.get $stat) (i64.const 0))
    (i64.store offset=16 (local.get $stat) (i64.const 0))
    (i32.const 0))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 0))

  ;; There are no folders: the first that is asked for is no file descriptor (8).
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))

  ;; There are no files and no sockets: not capable (76).
  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (i32.const 76))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (i32.const 76))
  (func (export "fd_datasync") (param i32) (result i32) (i32.const 76))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 76))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 76))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 76))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (i32.const 76))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 76))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 76))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 76))
  (func (export "fd_renumber") (param i32 i32) (result i32) (i32.const 76))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 76))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 76))
  (func (export "fd_tell") (param i32 i32) (result i32) (i32.const 76))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_filestat_set_times")
    (param i32 i32 i32 i32 i64 i64 i32) (result i32) (i32.const 76))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_open")
    (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (i32.const 76))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 76))
)
