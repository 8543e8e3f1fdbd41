//! What a file is, told from its first bytes, so that a file that is no policy
//! is named for what it is before anything tries to compile it.

use wasmtime::Engine;

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A WebAssembly component: the one form that can be a policy.
    Component,
    /// A WebAssembly core module.
    CoreModule,
    /// WebAssembly of a layer or version that this host does not know.
    OtherWasm {
        /// Version and layer as the file has them.
        version: u32,
    },
    /// The beginning of WebAssembly, and not even a whole header.
    Torn,
    /// Compiled ahead of time: native code.
    Precompiled,
    /// Nothing in it.
    Empty,
    /// Some archive or compressed file.
    Packed {
        /// Its kind.
        kind: &'static str,
    },
    /// WebAssembly text.
    Wat,
    /// Other text.
    Text,
    /// None of these.
    Unknown {
        /// The first bytes, at most four.
        first: Vec<u8>,
    },
}

/// A component, binary format 13 of layer 1.
const COMPONENT: u32 = 0x0001_000d;
/// A core module, binary format 1 of layer 0.
const CORE_MODULE: u32 = 0x0000_0001;

impl Form {
    /// Looks at the first bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [] => Self::Empty,
            [0, b'a', b's', b'm', a, b, c, d, ..] => match u32::from_le_bytes([*a, *b, *c, *d]) {
                COMPONENT => Self::Component,
                CORE_MODULE => Self::CoreModule,
                version => Self::OtherWasm { version },
            },
            [0, b'a', b's', b'm', ..] => Self::Torn,
            [0x7f, b'E', b'L', b'F', ..] => Self::Precompiled,
            [0x1f, 0x8b, ..] => Self::Packed { kind: "gzip" },
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Self::Packed { kind: "zip" },
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Packed { kind: "zstd" },
            _ if Engine::detect_precompiled(bytes).is_some() => Self::Precompiled,
            _ => Self::of_text(bytes),
        }
    }

    fn of_text(bytes: &[u8]) -> Self {
        let unknown = || Self::Unknown { first: bytes.iter().copied().take(4).collect() };
        let Ok(text) = std::str::from_utf8(bytes) else { return unknown() };
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return unknown();
        }
        let start = text.trim_start();
        if start.starts_with("(component") || start.starts_with("(module") {
            return Self::Wat;
        }
        Self::Text
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[track_caller]
    fn check(bytes: &[u8], want: &str) {
        assert_eq!(format!("{:?}", Form::of(bytes)), want);
    }

    #[test]
    fn a_file_is_named_for_what_it_is() {
        check(b"\0asm\x0d\0\x01\0rest", "Component");
        check(b"\0asm\x01\0\0\0", "CoreModule");
        check(b"\0asm\x0e\0\x01\0", "OtherWasm { version: 65550 }");
        check(b"\x7fELF\x02\x01", "Precompiled");
        check(b"", "Empty");
        check(b"\x1f\x8b\x08", "Packed { kind: \"gzip\" }");
        check(b"PK\x03\x04", "Packed { kind: \"zip\" }");
        check(b"\x28\xb5\x2f\xfd", "Packed { kind: \"zstd\" }");
        check(b"\n (component $x)", "Wat");
        check(b"<!doctype html>\n", "Text");
        check(b"\0asm\x0d\0", "Torn");
        check(b"\xff\xfe\0", "Unknown { first: [255, 254, 0] }");
    }
}
