;; Hands over what is said to be 2 GiB long, by the digit that the profile is:
;; a reason, a reason at the end of the address space, a log line, a memory, an
;; image, an error; and 2 GiB of problems with its settings.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(import "hooke:policy/cloud@0.1.0" "launch" (func $launch (param i32 i32 i32 i32 i32)))
(import "hooke:policy/memory@0.1.0" "store" (func $store (param i32 i32 i32)))
(func $validate (param $settings i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1300) (i32.const 1))
  (i32.store (i32.const 1304) (i32.const 0))
  (i32.store (i32.const 1308) (i32.const 0x8000000))
  (i32.const 1300))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (block $image (block $memory (block $log (block $end (block $reason (block $error
    (br_table $reason $end $log $memory $image $error
      (i32.sub (i32.load8_u (local.get $profile)) (i32.const 48))))
    (return (call $error (i32.const 4) (i32.const 0) (i32.const 0x7fffffff))))
    (return (call $needs (i32.const 1) (i32.const 0) (i32.const 0x7fffffff))))
    (return (call $needs (i32.const 1) (i32.const 0xfffffff0) (i32.const 0x7fffffff))))
    (call $log (i32.const 3) (i32.const 0) (i32.const 0x7fffffff))
    unreachable)
    (call $store (i32.const 0) (i32.const 0x7fffffff) (i32.const 1440))
    unreachable)
  (call $launch (i32.const 0) (i32.const 0x7fffffff) (i32.const 0) (i32.const 0) (i32.const 1440))
  unreachable)
