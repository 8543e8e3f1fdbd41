;; Four instances that each begin with 40 MiB: no memory is over the limit, all
;; of them together are.
(core module $store (memory 640))
(core instance $a (instantiate $store))
(core instance $b (instantiate $store))
(core instance $c (instantiate $store))
(core instance $d (instantiate $store))
(core module $core
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
  ;; parts
)
(core instance $policy (instantiate $core))
