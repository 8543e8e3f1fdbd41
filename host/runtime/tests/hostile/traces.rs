//! Names and debug information that make the place where a policy broke hard to
//! write down. Both are read by the engine when a policy breaks, long after it
//! was checked.

use std::path::Path;
use std::process::Command;

use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_runtime::Limits;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::component;
use crate::guests::Guest;
use crate::house::{House, evaluation};
use crate::mutants::below;

/// Damaged files; each is compiled, loaded and broken once.
const DAMAGED: usize = 60;

/// A policy that breaks in a function of this name.
fn breaking_in(name: &str) -> String {
    format!(
        r#"(core module $core
          (func $inner (@name "{name}") unreachable)
          (func $evaluate (param $profile i32) (param $length i32) (result i32)
            (call $inner)
            unreachable)
          ;; parts
        )
        (core instance $policy (instantiate $core))"#
    )
}

/// What is said of a policy that breaks.
#[track_caller]
fn said(house: &House, wasm: &[u8]) -> String {
    let policy = house.admit(wasm, &Limits::default()).unwrap();
    let evaluated = policy.evaluate(&evaluation("ocr"));
    let Verdict::Failed(PolicyFailure::Trap { why }) = evaluated.answer.verdict else {
        panic!("{evaluated:?}")
    };
    assert!(!why.chars().any(char::is_control), "{why:?}");
    assert!(why.len() <= 2048, "{} bytes", why.len());
    why
}

#[test]
fn names_that_unfold_are_cut() {
    let [house, _] = House::both(&Limits::default());
    // Each tuple names the one before it twice, by where it began.
    let mut unfolding = "_RNvC1a1fINvB0_1gTuuE".to_owned();
    for at in 0..40_u8 {
        unfolding.push_str(&format!("TB{0}_B{0}_E", char::from(b'0' + at % 10)));
    }
    let deep = format!("_RMC0{}", "R".repeat(10_000) + "u");
    let long = "x".repeat(100_000);
    let old = format!("_ZN{}17h0123456789abcdefE", "4$u1b$".repeat(1_000));
    for name in [&unfolding, &deep, &long, &old, "_ZN", "_R", "", "_ZN99999999999999999999aE"] {
        let why = said(&house, &component::of_fields(&breaking_in(name)));
        assert!(why.starts_with("it panicked or aborted"), "{why}");
        house.is_as_before("a name");
    }
}

/// A policy of the Rust compiler that breaks, with debug information, and where
/// in the file that begins.
fn with_debug_information() -> (Vec<u8>, usize) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-traces.wasm");
    let built = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=cdylib", "--target=wasm32-unknown-unknown"])
        .args(["-Copt-level=1", "-Clto=fat", "-Cpanic=abort", "-Cdebuginfo=line-tables-only"])
        .arg("-o")
        .args([&out, &tests.join("policies/backtraces/panics.rs")])
        .output()
        .expect("rustc is there, as it built this test");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let wasm = Guest::of_module("traces", std::fs::read(out).unwrap()).build();
    let start = wasm.windows(6).position(|bytes| bytes == b".debug").unwrap();
    (wasm, start)
}

#[test]
fn debug_information_is_not_read() {
    let [house, _] = House::both(&Limits::default());
    let (wasm, _) = with_debug_information();
    let why = said(&house, &wasm);
    // Reading it costs time and memory that no limit counts.
    assert!(why.contains("panics::rule::last") && !why.contains("panics.rs:"), "{why}");
}

#[test]
fn damaged_debug_information_does_no_harm() {
    let [house, _] = House::both(&Limits::default());
    let (whole, start) = with_debug_information();
    let mut chance = ChaCha8Rng::seed_from_u64(4);
    let mut loaded = 0;
    for _ in 0..DAMAGED {
        let mut wasm = whole.clone();
        for _ in 0..=below(&mut chance, 6) {
            let at = start + below(&mut chance, wasm.len() - start);
            wasm[at] = chance.next_u32().to_le_bytes()[0];
        }
        let Ok(policy) = house.admit(&wasm, &Limits::default()) else { continue };
        loaded += 1;
        let evaluated = policy.evaluate(&evaluation("ocr"));
        let Verdict::Failed(failure) = evaluated.answer.verdict else { continue };
        assert!(!failure.why().chars().any(char::is_control), "{:?}", failure.why());
    }
    house.is_as_before("damaged debug information");
    assert!(loaded > DAMAGED / 4, "{loaded} of {DAMAGED} load");
}
