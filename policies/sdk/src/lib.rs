//! What a policy in Rust is written with.
