;; Makes room for a list of machines at an odd address.
(import "hooke:policy/metrics@0.1.0" "vms" (func $vms (param i32 i32 i32)))
(data (i32.const 2048) "ocr")
(func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16385))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $vms (i32.const 2048) (i32.const 3) (i32.const 1440))
  (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
