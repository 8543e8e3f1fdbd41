//! Where a policy was when it broke, for a real component of the Rust
//! compiler: with debug information, with names only, and with nothing.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use hooke_runtime::{BoundPolicy, Grants, Limits};

use crate::guests::{Guest, guest};
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

/// Debug information of so many empty units, as a policy's linker writes it.
fn with_debug_units(mut wasm: Vec<u8>, units: usize) -> Vec<u8> {
    // Length, version 4, abbreviations at 0, addresses of 4 bytes; one entry of
    // the only kind there is: a unit without attributes and children.
    let unit = [8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1];
    let sections =
        [(".debug_info", unit.repeat(units)), (".debug_abbrev", vec![1, 0x11, 0, 0, 0, 0])];
    for (name, body) in sections {
        let name = [&[name.len() as u8], name.as_bytes()].concat();
        wasm.push(0);
        let mut size = name.len() + body.len();
        while size > 0x7f {
            wasm.push(size as u8 | 0x80);
            size >>= 7;
        }
        wasm.push(size as u8);
        wasm.extend(name);
        wasm.extend(body);
    }
    wasm
}

/// Nobody limits what a policy's author puts there: reading it at each trap
/// would be work of the host that no limit counts.
#[test]
fn a_trap_among_much_debug_information_costs_no_more() {
    let bound = |units| {
        let module = with_debug_units(guest("panic").module(), units);
        let wasm = Guest::of_module("panic", module).build();
        let policy = HOST.load(named("panic"), &wasm).unwrap();
        HOST.bind(&policy, &Grants::none(), Limits::default()).unwrap()
    };
    let (plain, heavy) = (bound(0), bound(2_000_000));
    assert!(heavy.policy().size() > plain.policy().size() + (16 << 20), "it is in the component");
    let took = |bound: &BoundPolicy| {
        let began = Instant::now();
        assert!(told(&bound.evaluate(&evaluation())).starts_with("failed, trap"));
        began.elapsed()
    };
    // The best of many, each right after the other: the machine may be busy.
    let (mut without, mut with) = (Duration::MAX, Duration::MAX);
    for _round in 0..50 {
        (without, with) = (without.min(took(&plain)), with.min(took(&heavy)));
    }
    assert!(with < without * 3, "{with:?} with debug information, {without:?} without");
}
