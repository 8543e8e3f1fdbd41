;; Throws, and nobody catches it.
(core module $core
  (tag $thrown)
  (func $evaluate (param $profile i32) (param $length i32) (result i32)
    (throw $thrown))
  ;; parts
)
(core instance $policy (instantiate $core))
