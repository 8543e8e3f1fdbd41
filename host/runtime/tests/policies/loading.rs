//! What becomes of a file: a policy, or a refusal that says what is wrong and
//! what to do.

use expect_test::{Expect, expect};
use hooke_runtime::{Digest, Grant, Grants, Limits, LoadError};

use crate::guests::{Guest, guest};
use crate::{HOST, named, still_serves};

#[track_caller]
fn check(wasm: &[u8], want: Expect) {
    let refused: LoadError = HOST.load(named("mine"), wasm).unwrap_err();
    want.assert_eq(&format!("{refused}\n"));
    still_serves();
}

#[track_caller]
fn check_guest(guest: Guest, want: Expect) {
    check(&guest.build(), want);
}

#[track_caller]
fn check_bind(name: &str, grants: &[Grant], limits: Limits, want: Expect) {
    let policy = HOST.load(named("mine"), &guest(name).build()).unwrap();
    let grants: Grants = grants.iter().copied().collect();
    let refused = HOST.bind(&policy, &grants, limits).unwrap_err();
    want.assert_eq(&format!("{refused}\n"));
    still_serves();
}

#[test]
fn a_policy_says_what_it_is() {
    let wasm = guest("declines").build();
    let policy = HOST.load(named("mine"), &wasm).unwrap();
    assert_eq!(policy.name().as_str(), "mine");
    assert_eq!(policy.digest(), Digest::of(&wasm));
    assert_eq!(policy.digest().to_string().len(), 64);
    assert_eq!(policy.size(), wasm.len());
    assert_eq!(policy.imports().to_string(), r#"["cloud", "memory"]"#);
    assert_eq!(policy.describe().name, "guest");
    assert_eq!(policy.describe().version, "0.1.0");
    assert_eq!(policy.describe().summary, "A guest of the tests.");
    assert_eq!(policy.describe().settings_schema, None);
}

#[test]
fn a_file_that_is_no_component_is_named_for_what_it_is() {
    check(b"", expect![[]]);
    check(b"<html>404 not found</html>\n", expect![[]]);
    check(b"(component)", expect![[]]);
    check(b"\x1f\x8b\x08\0", expect![[]]);
    check(b"\x7fELF\x02\x01\x01\0", expect![[]]);
    check(b"\xde\xad\xbe\xef\0", expect![[]]);
    check(b"\0asm\x0d", expect![[]]);
    check(b"\0asm\x0e\0\x01\0", expect![[]]);
}

#[test]
fn a_core_module_is_told_how_to_become_a_component() {
    check(&guest("honest").module(), expect![[]]);
}

#[test]
fn a_torn_or_damaged_file_is_refused() {
    let whole = guest("honest").build();
    check(&whole[..whole.len() / 2], expect![[]]);
    let mut damaged = whole.clone();
    damaged[40..60].fill(0xff);
    let refused = HOST.load(named("mine"), &damaged).unwrap_err().to_string();
    assert!(refused.starts_with("policy mine: it is cut short or damaged"), "{refused}");
    still_serves();
}

#[test]
fn every_torn_file_is_refused() {
    let whole = guest("honest").build();
    for length in (0..whole.len()).step_by(97) {
        HOST.load(named("mine"), &whole[..length]).unwrap_err();
    }
    still_serves();
}

#[test]
fn another_version_of_the_contract_is_named() {
    check_guest(guest("honest").of_version("0.2.0"), expect![[]]);
}

#[test]
fn a_later_patch_of_the_contract_links() {
    let wasm = guest("honest").of_version("0.1.7").build();
    let policy = HOST.load(named("mine"), &wasm).unwrap();
    HOST.bind(&policy, &Grants::none(), Limits::default()).unwrap();
}

#[test]
fn a_component_of_another_world_is_refused() {
    check(&wat::parse_str("(component)").unwrap(), expect![[]]);
    let other = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func (export "run") (canon lift (core func $i "f"))))"#;
    check(&wat::parse_str(other).unwrap(), expect![[]]);
}

#[test]
fn another_shape_of_an_export_is_refused() {
    check_guest(
        guest("honest").against("delta: s32,\n", "delta: s32,\n    urgent: bool,\n"),
        expect![[]],
    );
}

#[test]
fn another_shape_of_an_import_is_refused() {
    check_guest(guest("declines").against("    unknown-worker(string),\n", ""), expect![[]]);
}

#[test]
fn a_wasi_import_is_refused_with_the_flag_that_removes_it() {
    check_guest(guest("wants-wasi"), expect![[]]);
}

#[test]
fn an_import_that_is_not_granted_is_refused_with_the_line_to_write() {
    check_bind("declines", &[], Limits::default(), expect![[]]);
    check_bind("stage-flood", &[Grant::Metrics], Limits::default(), expect![[]]);
}

#[test]
fn needs_over_the_limits_are_refused_before_anything_runs() {
    check_guest(guest("memory-at-birth"), expect![[]]);
    check_bind(
        "honest",
        &[],
        Limits { memories: 0, ..Limits::default() },
        expect![[]],
    );
}

#[test]
fn a_file_over_the_limit_is_refused() {
    check(&vec![0; (64 << 20) + 1], expect![[]]);
}

#[test]
fn a_policy_that_breaks_at_once_is_refused() {
    check_guest(guest("asks-early"), expect![[]]);
    check_guest(guest("bad-schema"), expect![[]]);
    let refused = HOST.load(named("mine"), &guest("endless-start").build()).unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("it broke: over the limit wall-time: "), "{said}");
    assert!(said.contains("1000 ms allowed; the key is limits.wall_time"), "{said}");
    still_serves();
}
