;; Answers with the upper half of a number that is none, made from one whose
;; bits are not the usual ones.
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $needs
    (i32.wrap_i64 (i64.shr_u
      (i64.reinterpret_f64 (f64.add (f64.const -nan:0x4beef12345678) (f64.const 1)))
      (i64.const 32)))
    (i32.const 0) (i32.const 0)))
