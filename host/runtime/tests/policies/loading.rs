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
    check(
        b"",
        expect![[r#"
        policy mine: the file is empty. Copy it again, under another name, and rename it into place
    "#]],
    );
    check(
        b"<html>404 not found</html>\n",
        expect![[r#"
            policy mine: it is text. A policy is a WebAssembly component, a file that `wasm-tools component new` made
        "#]],
    );
    check(
        b"(component)",
        expect![[r#"
        policy mine: it is WebAssembly text. Translate it: `wasm-tools parse -o policy.wasm`
    "#]],
    );
    check(
        b"\x1f\x8b\x08\0",
        expect![[r#"
        policy mine: it is a gzip file. Unpack it: A policy is a WebAssembly component
    "#]],
    );
    check(
        b"\x7fELF\x02\x01\x01\0",
        expect![[r#"
        policy mine: it is native code, compiled ahead of time (.cwasm or ELF), which this host never takes: nothing would confine it. Give it the .wasm it was made from
    "#]],
    );
    check(
        b"\xde\xad\xbe\xef\0",
        expect![[r#"
        policy mine: it is no WebAssembly (it begins with de ad be ef). A policy is a WebAssembly component
    "#]],
    );
    check(
        b"\0asm\x0d",
        expect![[r#"
        policy mine: it ends within the header of a WebAssembly file. Copy it again, under another name, and rename it into place
    "#]],
    );
    check(
        b"\0asm\x0e\0\x01\0",
        expect![[r#"
        policy mine: it is WebAssembly of another binary version (0x0001000e). Build it with current tools; a component has version 0x0001000d
    "#]],
    );
}

#[test]
fn a_core_module_is_told_how_to_become_a_component() {
    check(
        &guest("honest").module(),
        expect![[r#"
            policy mine: it is a core module, not a component. Wrap it: run `wasm-tools component new` on it
        "#]],
    );
}

#[test]
fn a_torn_or_damaged_file_is_refused() {
    let whole = guest("honest").build();
    check(
        &whole[..whole.len() / 2],
        expect![[r#"
        policy mine: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: unexpected end-of-file (at offset 0x59e)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
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
    check_guest(
        guest("honest").of_version("0.2.0"),
        expect![[r#"
        policy mine: it exports hooke:policy/policy@0.2.0, and this host carries hooke:policy/policy@0.1.0. Build it against the contract of this host, or run a host that carries its version
    "#]],
    );
}

#[test]
fn a_later_patch_of_the_contract_links() {
    let wasm = guest("honest").of_version("0.1.7").build();
    let policy = HOST.load(named("mine"), &wasm).unwrap();
    HOST.bind(&policy, &Grants::none(), Limits::default()).unwrap();
}

#[test]
fn a_component_of_another_world_is_refused() {
    check(
        &wat::parse_str("(component)").unwrap(),
        expect![[r#"
        policy mine: it exports nothing, and a policy exports hooke:policy/policy@0.1.0. Build it for the world `scaling-policy`, or for one of its own that includes `base`
    "#]],
    );
    let other = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func (export "run") (canon lift (core func $i "f"))))"#;
    check(
        &wat::parse_str(other).unwrap(),
        expect![[r#"
        policy mine: it exports run, and a policy exports hooke:policy/policy@0.1.0. Build it for the world `scaling-policy`, or for one of its own that includes `base`
    "#]],
    );
}

#[test]
fn another_shape_of_an_export_is_refused() {
    check_guest(
        guest("honest").against("delta: s32,\n", "delta: s32,\n    urgent: bool,\n"),
        expect![[r#"
            policy mine: it was built against another shape of the contract 0.1.0 (failed to convert function to given type: type mismatch with results: expected record of 2 fields, found 3 fields). Inside one version no record, enum or variant ever changes: build it against wit/policy.wit as this host has it
        "#]],
    );
}

#[test]
fn another_shape_of_an_import_is_refused() {
    check_guest(
        guest("declines").against("    unknown-worker(string),\n", ""),
        expect![[r#"
        policy mine: it was built against another shape of the contract 0.1.0 (component imports instance `hooke:policy/cloud@0.1.0`, but a matching implementation was not found in the linker: instance export `launch` has the wrong type: type mismatch with results: expected variant of 7 cases, found 6 cases). Inside one version no record, enum or variant ever changes: build it against wit/policy.wit as this host has it
    "#]],
    );
}

#[test]
fn an_import_that_is_not_granted_is_refused_with_the_line_to_write() {
    check_bind(
        "declines",
        &[],
        Limits::default(),
        expect![[r#"
            policy mine: it imports hooke:policy/cloud@0.1.0, hooke:policy/memory@0.1.0, which this binding does not grant. If it may have that, write in the site file: grants = ["cloud", "memory"]
        "#]],
    );
    check_bind(
        "stage-flood",
        &[Grant::Metrics],
        Limits::default(),
        expect![[r#"
            policy mine: it imports hooke:policy/cloud@0.1.0, which this binding does not grant. If it may have that, write in the site file: grants = ["metrics", "cloud"]
        "#]],
    );
}

#[test]
fn needs_over_the_limits_are_refused_before_anything_runs() {
    check_guest(
        guest("memory-at-birth"),
        expect![[r#"
        policy mine: over the limit memory: 128 MiB used, 64 MiB allowed; the key is policies.limits.memory. Raise the limit, or build the policy smaller
    "#]],
    );
    check_bind(
        "honest",
        &[],
        Limits { memories: 0, ..Limits::default() },
        expect![[r#"
            policy mine: over the limit memories: 1 used, 0 allowed; the key is policies.limits.memories. Raise the limit, or build the policy smaller
        "#]],
    );
}

#[test]
fn a_file_over_the_limit_is_refused() {
    check(
        &vec![0; (64 << 20) + 1],
        expect![[r#"
        policy mine: over the limit file-bytes: 64.1 MiB used, 64 MiB allowed; the key is policies.limits.file_bytes. Raise the limit, or build the policy smaller
    "#]],
    );
}

#[test]
fn a_policy_that_breaks_at_once_is_refused() {
    check_guest(
        guest("asks-early"),
        expect![[r#"
        policy mine: asked to describe itself it broke: it called metrics.now-ms outside evaluate-needs; there are no facts when a policy describes itself or checks settings; in describe. Its author has to repair it
    "#]],
    );
    check_guest(
        guest("bad-schema"),
        expect![[r#"
        policy mine: its settings schema is not JSON (EOF while parsing an object at line 1 column 1). Its author has to repair it
    "#]],
    );
    let refused = HOST.load(named("mine"), &guest("endless-start").build()).unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("it broke: over the limit wall-time: "), "{said}");
    assert!(said.contains("1000 ms allowed; the key is policies.limits.wall_time"), "{said}");
    still_serves();
}
