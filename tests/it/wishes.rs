//! Policies of a few lines, each of which always wants the same or breaks in
//! one known way. They come through the conformance grid, whose profile is not
//! called `ocr`, unless they are made not to.

use std::path::Path;

use anyhow::Result;

use crate::guests::Guest;

/// Wants this many workers more, for this reason.
pub(crate) fn wants(delta: i32, reason: &str) -> Vec<u8> {
    built(&answer(delta, reason, ""))
}

/// The same, and breaks whenever it is asked about a profile with an `o` first.
pub(crate) fn breaks_on_ocr() -> Vec<u8> {
    built(&answer(0, "never said about ocr", &on_ocr("unreachable")))
}

/// Breaks as long as `ocr` has no worker that serves, like one that divides by
/// their number; then it wants none more.
pub(crate) fn breaks_without_workers() -> Vec<u8> {
    let divides = on_ocr(
        "(call $workers (local.get $profile) (local.get $length) (i32.const 1400))
         (drop (i32.div_u (i32.const 1) (i32.load (i32.const 1408))))",
    );
    let import =
        r#"(import "hooke:policy/metrics@0.1.0" "workers" (func $workers (param i32 i32 i32)))"#;
    built(&format!("{import}\n{}", answer(0, "enough work for each", &divides)))
}

/// Wants nothing, and refuses any setting.
pub(crate) fn takes_no_settings() -> Vec<u8> {
    let validate = r#"
        (data (i32.const 3072) "no such setting")
        (func $validate (param $settings i32) (param $length i32) (result i32)
          (i32.store8 (i32.const 1300) (i32.gt_u (local.get $length) (i32.const 2)))
          (i32.store (i32.const 1304) (i32.const 1320))
          (i32.store (i32.const 1308) (i32.const 1))
          (i32.store (i32.const 1320) (i32.const 3072))
          (i32.store (i32.const 1324) (i32.const 0))
          (i32.store (i32.const 1328) (i32.const 3072))
          (i32.store (i32.const 1332) (i32.const 15))
          (i32.const 1300))"#;
    built(&format!("{validate}\n{}", answer(0, "as it is", "")))
}

/// Puts a policy file where a host may look at any moment, as `cp` does it.
pub(crate) fn copied(directory: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    Ok(std::fs::write(directory.join(format!("{name}.wasm")), bytes)?)
}

fn on_ocr(then: &str) -> String {
    format!("(if (i32.eq (i32.load8_u (local.get $profile)) (i32.const 111)) (then {then}))")
}

fn answer(delta: i32, reason: &str, first: &str) -> String {
    let length = reason.len();
    format!(
        "(data (i32.const 2048) {reason:?})
        (func $evaluate (param $profile i32) (param $length i32) (result i32)
          {first}
          (call $needs (i32.const {delta}) (i32.const 2048) (i32.const {length})))"
    )
}

fn built(text: &str) -> Vec<u8> {
    Guest::new("a guest of a few lines", text, None).build()
}
