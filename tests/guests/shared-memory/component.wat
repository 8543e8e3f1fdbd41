;; Waits on a memory that it shares with nobody: no deadline would end that.
(core module $core
  (memory $shared 1 1 shared)
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (drop (memory.atomic.wait32 $shared (i32.const 0) (i32.const 0) (i64.const -1)))
    (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
  ;; parts
)
(core instance $policy (instantiate $core))
