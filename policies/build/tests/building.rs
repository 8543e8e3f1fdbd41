//! How a build fails: with a real cargo and real crates. That it succeeds is
//! shown by the bundled policies.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;

use expect_test::{Expect, expect};
use hooke_policy_build::{BuildError, BuildRequest, build, encode};

/// Builds a crate of one source file, without dependencies, and says how it failed.
fn check(lib: Option<&str>, expected: Expect) {
    let room = tempfile::tempdir().unwrap();
    let manifest_dir = room.path().join("crate");
    fs::create_dir_all(manifest_dir.join("src")).unwrap();
    if let Some(lib) = lib {
        fs::write(manifest_dir.join("src/lib.rs"), lib).unwrap();
        let manifest = "[package]\nname = \"tried\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(manifest_dir.join("Cargo.toml"), manifest).unwrap();
    }
    let request = BuildRequest { manifest_dir, target_dir: room.path().join("target") };
    let said = match build(&request) {
        Ok(bytes) => format!("{} KiB", bytes.len() / 1024),
        Err(error) => {
            let place = room.path().canonicalize().unwrap();
            let text = error.to_string().replace(room.path().to_str().unwrap(), "ROOM");
            let text = text.replace(place.to_str().unwrap(), "ROOM");
            // What cargo does and waits for stands before, and differs from run to run.
            let (head, rest) = text.split_once('\n').unwrap();
            let from = rest.find("error").unwrap_or(0);
            format!("{head}\n{}", &rest[from..])
        }
    };
    expected.assert_eq(&said);
}

#[test]
fn a_crate_that_does_not_compile_shows_the_compilers_words() {
    check(
        Some("pub fn f() -> u8 { true }"),
        expect![[r#"
        cargo could not build ROOM/crate/Cargo.toml:
        error[E0308]: mismatched types
         --> src/lib.rs:1:20
          |
        1 | pub fn f() -> u8 { true }
          |               --   ^^^^ expected `u8`, found `bool`
          |               |
          |               expected `u8` because of return type

        For more information about this error, try `rustc --explain E0308`.
        error: could not compile `tried` (lib) due to 1 previous error
    "#]],
    );
}

#[test]
fn a_folder_without_a_crate_is_said_so() {
    check(
        None,
        expect![[r#"
        cargo could not build ROOM/crate/Cargo.toml:
        error: manifest path `ROOM/crate/Cargo.toml` does not exist
    "#]],
    );
}

#[test]
fn a_crate_needs_no_crate_type() {
    check(Some("#[unsafe(no_mangle)] pub extern \"C\" fn f() {}"), expect!["0 KiB"]);
}

#[test]
fn what_is_no_module_is_not_encoded() {
    let refused = encode(b"\0asm, or so it says").unwrap_err();
    assert!(matches!(refused, BuildError::Encode { .. }), "{refused:?}");
}
