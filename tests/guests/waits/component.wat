;; Uses what the component model has for waiting, which this host has not.
(core func $set (canon waitable-set.new))
(core module $core
  (import "host" "set" (func $set (result i32)))
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (call $needs (call $set) (i32.const 0) (i32.const 0)))
  ;; parts
)
(core instance $policy (instantiate $core
  (with "host" (instance (export "set" (func $set))))))
