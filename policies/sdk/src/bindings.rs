//! The contract, as generated from `wit/policy.wit`: every interface there is.
//! What a policy does not call is not in its component, so it asks for no
//! grant that it does not use. Off wasm32 the types work and the calls panic.

#![allow(
    unsafe_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::all,
    reason = "generated"
)]

wit_bindgen::generate!({
    path: "wit",
    world: "scaling-policy",
    runtime_path: "wit_bindgen::rt",
    additional_derives: [PartialEq],
    pub_export_macro: true,
    export_macro_name: "export_component",
    generate_all,
});
