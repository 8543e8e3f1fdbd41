//! That what is embedded is what it is said to be.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::expect;
use hooke_bundled::BUNDLED;
use wit_component::{DecodedWasm, decode};

/// The largest a bundled component may be. Today's are 70 to 121 KiB; much more
/// would be the sign of a library that does not belong in one.
const COMPONENT_BYTES_MAX: usize = 128 * 1024;

/// What the table of time zones may add, in those that follow a clock.
const ZONES_BYTES_MAX: usize = 32 * 1024;

/// `cloudwatch` reads a large part of two APIs, and holds a schema (21 KiB) beside
/// the zones (45 KiB).
const CLOUDWATCH_BYTES_MAX: usize = 384 * 1024;

/// The component's imports, as its own type says them, without the package and
/// the version, which are ours.
fn imports(wasm: &[u8]) -> Vec<String> {
    let DecodedWasm::Component(resolve, world) = decode(wasm).unwrap() else {
        panic!("a WIT package, not a component");
    };
    let world = &resolve.worlds[world];
    let name = |key| {
        let full = resolve.name_world_key(key);
        let ours = full.strip_prefix("hooke:policy/").and_then(|n| n.strip_suffix("@0.1.0"));
        ours.unwrap_or(&full).to_owned()
    };
    let exports: Vec<String> = world.exports.keys().map(name).collect();
    assert_eq!(exports, ["policy"]);
    let mut names: Vec<String> = world.imports.keys().map(name).collect();
    names.sort();
    names
}

#[test]
fn each_imports_what_it_needs_and_no_more() {
    let lines: String = BUNDLED
        .iter()
        .map(|bundled| format!("{}: {}\n", bundled.name, imports(bundled.wasm).join(" ")))
        .collect();
    expect![[r#"
        cloudwatch: log memory metrics settings types
        keda-queue: log memory metrics settings types
        latency-goal: log memory metrics settings types
        min-instance: log metrics settings types
        nomad-threshold: log memory metrics settings types
        rubber: log memory metrics settings types
        schedule: log metrics settings types
        target-tracking: log metrics settings types
        threshold: cloud log metrics settings types
    "#]]
    .assert_eq(&lines);
}

#[test]
fn they_are_in_order_of_name_and_each_is_there_once() {
    assert!(BUNDLED.is_sorted_by(|one, next| one.name < next.name));
}

#[test]
fn each_is_small_keeps_its_names_and_says_nothing_of_the_builder() {
    for bundled in BUNDLED {
        let holds = |text: &str| bundled.wasm.windows(text.len()).any(|at| at == text.as_bytes());
        let most = match bundled.name {
            "cloudwatch" => CLOUDWATCH_BYTES_MAX,
            _ if holds("Europe/Berlin") => COMPONENT_BYTES_MAX + ZONES_BYTES_MAX,
            _ => COMPONENT_BYTES_MAX,
        };
        assert!(bundled.wasm.len() <= most, "{bundled:?}");
        let crate_name = format!("policy_{}", bundled.name.replace('-', "_"));
        assert!(holds(&crate_name), "{bundled:?} has no names for a backtrace");
        assert!(!holds(".cargo/registry"), "{bundled:?} holds a path of its builder");
        assert!(!holds(".debug_"), "{bundled:?} holds debug information");
    }
}
