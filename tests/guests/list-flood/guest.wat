;; Asks for the list of machines for ever and has it written to the same place.
(import "hooke:policy/metrics@0.1.0" "vms" (func $vms (param i32 i32 i32)))
(data (i32.const 2048) "ocr")
(func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (loop $again (call $vms (i32.const 2048) (i32.const 3) (i32.const 1440)) (br $again))
  unreachable)
