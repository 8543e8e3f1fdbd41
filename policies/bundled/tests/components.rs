//! That what is embedded is what it is said to be.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use hooke_bundled::BUNDLED;
use wit_component::{DecodedWasm, decode};

/// The largest a bundled component may be. Today's are 70 to 90 KiB; much more
/// would be the sign of a library that does not belong in one.
const COMPONENT_BYTES_MAX: usize = 128 * 1024;

/// What the table of time zones may add, in those that follow a clock.
const ZONES_BYTES_MAX: usize = 32 * 1024;

/// `cloudwatch` reads a large part of two APIs, and holds a schema (21 KiB) beside
/// the zones (45 KiB).
const CLOUDWATCH_BYTES_MAX: usize = 384 * 1024;

fn bytes(name: &str) -> &'static [u8] {
    BUNDLED.iter().find(|bundled| bundled.name == name).unwrap().wasm
}

/// The component's imports and exports, as its own type says them.
fn check(name: &str, expected: Expect) {
    let DecodedWasm::Component(resolve, world) = decode(bytes(name)).unwrap() else {
        panic!("{name} is a WIT package, not a component");
    };
    let world = &resolve.worlds[world];
    let mut lines: Vec<String> = Vec::new();
    lines.extend(
        world.imports.keys().map(|key| "import ".to_owned() + &resolve.name_world_key(key)),
    );
    lines.extend(
        world.exports.keys().map(|key| "export ".to_owned() + &resolve.name_world_key(key)),
    );
    lines.sort();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn threshold_imports_what_it_needs_and_no_more() {
    check(
        "threshold",
        expect![[r#"
        export hooke:policy/policy@0.1.0
        import hooke:policy/cloud@0.1.0
        import hooke:policy/log@0.1.0
        import hooke:policy/metrics@0.1.0
        import hooke:policy/settings@0.1.0
        import hooke:policy/types@0.1.0
    "#]],
    );
}

#[test]
fn cloudwatch_imports_what_it_needs_and_no_more() {
    check(
        "cloudwatch",
        expect![[r#"
        export hooke:policy/policy@0.1.0
        import hooke:policy/log@0.1.0
        import hooke:policy/memory@0.1.0
        import hooke:policy/metrics@0.1.0
        import hooke:policy/settings@0.1.0
        import hooke:policy/types@0.1.0
    "#]],
    );
}

#[test]
fn min_instance_imports_what_it_needs_and_no_more() {
    check(
        "min-instance",
        expect![[r#"
        export hooke:policy/policy@0.1.0
        import hooke:policy/log@0.1.0
        import hooke:policy/metrics@0.1.0
        import hooke:policy/settings@0.1.0
        import hooke:policy/types@0.1.0
    "#]],
    );
}

#[test]
fn schedule_imports_what_it_needs_and_no_more() {
    check(
        "schedule",
        expect![[r#"
        export hooke:policy/policy@0.1.0
        import hooke:policy/log@0.1.0
        import hooke:policy/metrics@0.1.0
        import hooke:policy/settings@0.1.0
        import hooke:policy/types@0.1.0
    "#]],
    );
}

#[test]
fn latency_goal_imports_what_it_needs_and_no_more() {
    check(
        "latency-goal",
        expect![[r#"
        export hooke:policy/policy@0.1.0
        import hooke:policy/log@0.1.0
        import hooke:policy/memory@0.1.0
        import hooke:policy/metrics@0.1.0
        import hooke:policy/settings@0.1.0
        import hooke:policy/types@0.1.0
    "#]],
    );
}

#[test]
fn the_list_is_in_order_of_name() {
    let names: Vec<_> = BUNDLED.iter().map(|bundled| bundled.name).collect();
    assert_eq!(names, ["cloudwatch", "latency-goal", "min-instance", "schedule", "threshold"]);
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
