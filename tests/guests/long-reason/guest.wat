;; Gives a reason of 60,000 bytes: within what may be handed over, far too
;; long to be shown.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (memory.fill (i32.const 4096) (i32.const 0x78) (i32.const 60000))
  (call $needs (i32.const 1) (i32.const 4096) (i32.const 60000)))
