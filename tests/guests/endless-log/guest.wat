;; Writes 60,000 bytes of log for ever. The log is cut and not counted, so only
;; the deadline ends it.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again
    (call $log (i32.const 3) (i32.const 4096) (i32.const 60000))
    (br $again))
  unreachable)
