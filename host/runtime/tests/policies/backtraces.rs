//! Where a policy was when it broke, for a real component of the Rust
//! compiler: with debug information, with names only, and with nothing.

use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};
use hooke_runtime::{Grants, Limits};

use crate::guests::Guest;
use crate::{HOST, evaluation, named, still_serves, told};

/// Builds the policy with these options; the core module.
fn compiled(name: &str, options: &[&str]) -> Vec<u8> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.wasm"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies/backtraces/panics.rs");
    let built = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=cdylib", "--target=wasm32-unknown-unknown"])
        .args(["-Copt-level=1", "-Clto=fat", "-Cpanic=abort"])
        .args(options)
        .arg("-o")
        .args([&out, &source])
        .output()
        .expect("rustc is there, as it built this test");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    std::fs::read(out).unwrap()
}

#[track_caller]
fn check(name: &str, options: &[&str], want: Expect) {
    let wasm = Guest::of_module(name, compiled(name, options)).build();
    let policy = HOST.load(named(name), &wasm).unwrap();
    let bound = HOST.bind(&policy, &Grants::none(), Limits::default()).unwrap();
    want.assert_eq(&format!("{}\n", told(&bound.evaluate(&evaluation()))));
    still_serves();
}

#[test]
fn debug_information_changes_nothing() {
    check(
        "debuginfo",
        &["-Cdebuginfo=line-tables-only"],
        expect![[r#"
            failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_bounds_check < panics::rule::last < panics::rule::Average<u32>::of < hooke:policy/policy@0.1.0#evaluate-needs
        "#]],
    );
}

#[test]
fn a_name_section_gives_names() {
    check(
        "names",
        &["-Cstrip=debuginfo"],
        expect![[r#"
            failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_bounds_check < panics::rule::last < panics::rule::Average<u32>::of < hooke:policy/policy@0.1.0#evaluate-needs
        "#]],
    );
}

#[test]
fn without_names_there_are_numbers() {
    check(
        "stripped",
        &["-Cstrip=symbols"],
        expect![[r#"
        failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in function 29 < function 28 < function 33 < function 30 < function 39 < function 38 < function 19 < function 18 < function 2 < function 1 < function 0 < function 8
    "#]],
    );
}
