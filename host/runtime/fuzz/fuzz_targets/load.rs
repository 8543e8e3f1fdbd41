//! Any bytes as a policy's file. What loads is asked everything, within tiny
//! limits. It must never break, hang, or answer with more than one clean line.
#![no_main]

#[path = "../visit.rs"]
mod visit;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| visit::visit(bytes));
