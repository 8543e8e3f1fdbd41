;; Always added: memory, answers and the exports of the contract.
(memory $memory (export "memory") 1)
(global $free (mut i32) (i32.const 8192))

;; A bump allocator: a sandbox lives for one call.
(func $realloc (export "cabi_realloc")
  (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at
    (i32.and
      (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
  (global.set $free (i32.add (local.get $at) (local.get $size)))
  (block $fits
    (br_if $fits
      (i32.le_u (global.get $free) (i32.shl (memory.size $memory) (i32.const 16))))
    (br_if $fits
      (i32.ne
        (memory.grow $memory
          (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))
        (i32.const -1)))
    unreachable)
  (local.get $at))

;; ok(needs { delta, reason })
(func $needs (param $delta i32) (param $reason i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1200) (i32.const 0))
  (i32.store (i32.const 1204) (local.get $delta))
  (i32.store (i32.const 1208) (local.get $reason))
  (i32.store (i32.const 1212) (local.get $length))
  (i32.const 1200))

;; err(policy-error), the case by its position
(func $error (param $case i32) (param $why i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1200) (i32.const 1))
  (i32.store (i32.const 1204) (local.get $case))
  (i32.store (i32.const 1208) (local.get $why))
  (i32.store (i32.const 1212) (local.get $length))
  (i32.const 1200))

(export "hooke:policy/policy@0.1.0#describe" (func $describe))
(export "hooke:policy/policy@0.1.0#validate-settings" (func $validate))
(export "hooke:policy/policy@0.1.0#evaluate-needs" (func $evaluate))
