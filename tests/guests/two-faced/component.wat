;; Behaves while it is loaded, when its settings are `{}`; with any others a
;; start function does not return.
(import "hooke:policy/settings@0.1.0" (instance $settings
  (export "json" (func (result string)))))
(alias export $settings "json" (func $json))
(core module $memory
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
(core instance $own (instantiate $memory))
(core func $json-low (canon lower (func $json)
  (memory (core memory $own "memory")) (realloc (core func $own "realloc"))))
(core module $early
  (import "host" "json" (func $json (param i32)))
  (import "own" "memory" (memory 1))
  (func $early
    (call $json (i32.const 1024))
    (loop $again (br_if $again (i32.ne (i32.load (i32.const 1028)) (i32.const 2)))))
  (start $early))
(core instance (instantiate $early
  (with "host" (instance (export "json" (func $json-low))))
  (with "own" (instance $own))))
(core module $core
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
  ;; parts
)
(core instance $policy (instantiate $core))
