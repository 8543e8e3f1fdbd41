//! Components that read as such, made up by wasm-smith: past the parser, into
//! the compiler and the linker.
#![no_main]

#[path = "../visit.rs"]
mod visit;

libfuzzer_sys::fuzz_target!(|component: wasm_smith::Component| visit::visit(&component.to_bytes()));
