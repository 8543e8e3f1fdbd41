;; Counts the bytes that are not zero where it never wrote, 4 MiB of new memory
;; included.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (local $at i32) (local $found i32)
  (drop (memory.grow $memory (i32.const 64)))
  (local.set $at (i32.const 16384))
  (loop $again
    (if (i32.load8_u (local.get $at))
      (then (local.set $found (i32.add (local.get $found) (i32.const 1)))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if $again
      (i32.lt_u (local.get $at) (i32.shl (memory.size $memory) (i32.const 16)))))
  (call $needs (local.get $found) (i32.const 0) (i32.const 0)))
