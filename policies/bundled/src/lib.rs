//! The policies that ship inside the hooke program, so that a site needs no
//! file: real components, built from the folders beside this one.
//!
//! It never runs them, and knows nothing of what they decide.

use std::fmt;

/// One policy of the program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bundled {
    /// What a site file calls it.
    pub name: &'static str,
    /// The component.
    pub wasm: &'static [u8],
}

impl fmt::Debug for Bundled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundled({}, {} bytes)", self.name, self.wasm.len())
    }
}

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
