;; Six instances of one module, each with a memory of its own, grown in turn.
(core module $store
  (memory 1)
  (func (export "grow") (drop (memory.grow (i32.const 16)))))
(core instance $a (instantiate $store))
(core instance $b (instantiate $store))
(core instance $c (instantiate $store))
(core instance $d (instantiate $store))
(core instance $e (instantiate $store))
(core instance $f (instantiate $store))
(core module $core
  (import "a" "grow" (func $a))
  (import "b" "grow" (func $b))
  (import "c" "grow" (func $c))
  (import "d" "grow" (func $d))
  (import "e" "grow" (func $e))
  (import "f" "grow" (func $f))
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (loop $again
      (call $a) (call $b) (call $c) (call $d) (call $e) (call $f)
      (br $again))
    unreachable)
  ;; parts
)
(core instance $policy (instantiate $core
  (with "a" (instance $a))
  (with "b" (instance $b))
  (with "c" (instance $c))
  (with "d" (instance $d))
  (with "e" (instance $e))
  (with "f" (instance $f))))
