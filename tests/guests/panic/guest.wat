;; Panics as a Rust guest with a hook does: the message goes to the log, then
;; comes `unreachable`, some calls deep. Names are mangled as rustc does it.
(import "hooke:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))
(data (i32.const 2048) "panicked at src/decide.rs:31:9: index out of bounds")
(func $_ZN4core9panicking9panic_fmt17h0123456789abcdefE
  (call $log (i32.const 3) (i32.const 2048) (i32.const 51))
  unreachable)
(func $_ZN6policy6decide17h0123456789abcdefE
  (call $_ZN4core9panicking9panic_fmt17h0123456789abcdefE))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $_ZN6policy6decide17h0123456789abcdefE)
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
