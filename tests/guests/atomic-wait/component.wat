;; Waits for ever for another thread, on a memory of its own.
(core module $core
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (drop (memory.atomic.wait32 $memory (i32.const 0) (i32.const 0) (i64.const -1)))
    (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
  ;; parts
)
(core instance $policy (instantiate $core))
