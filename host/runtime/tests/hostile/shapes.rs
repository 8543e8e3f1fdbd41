//! Components that are odd in shape: far too many of something, nested far too
//! deep, larger in what they unfold to than in the file. Compiling cannot be
//! interrupted, so each must be refused, or end in a time that its size pays
//! for.

use expect_test::{Expect, expect};
use hooke_runtime::Limits;

use crate::catalogue::visit;
use crate::component;
use crate::house::House;

#[track_caller]
fn check(name: &str, wasm: &[u8], want: Expect) {
    let [house, _] = House::both(&Limits::default());
    want.assert_eq(&visit(&house, name, wasm, &Limits::default(), &["ocr"]));
}

/// A policy with these fields in its core module.
fn policy(fields: &str) -> Vec<u8> {
    component::of_fields(&format!(
        "(core module $core
          (func $evaluate (param $profile i32) (param $length i32) (result i32)
            (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
          ;; parts
          {fields}
        )
        (core instance $policy (instantiate $core))"
    ))
}

/// A good policy with these fields of a component before it.
fn beside(fields: &str) -> Vec<u8> {
    component::of_fields(&format!(
        "{fields}
        (core module $core
          (func $evaluate (param $profile i32) (param $length i32) (result i32)
            (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
          ;; parts
        )
        (core instance $policy (instantiate $core))"
    ))
}

#[test]
fn many_functions() {
    let functions = "(func (param i32) (result i32) local.get 0)\n".repeat(5_000);
    check(
        "many functions",
        &policy(&functions),
        expect![[r#"
        ocr: wish +1: 
    "#]],
    );
}

#[test]
fn a_jump_with_many_targets() {
    let targets = "0 ".repeat(100_000);
    let jump = format!("(func (param i32) (block (br_table {targets} (local.get 0))))");
    check(
        "a jump",
        &policy(&jump),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to compile: wasm[0]::function[6]: WebAssembly translation error: Unsupported feature: `br_table` has 99999 targets, which exceeds the implementation limit of 65520). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
}

#[test]
fn more_targets_and_locals_than_are_allowed() {
    let locals = "i64 ".repeat(60_000);
    check(
        "many locals",
        &policy(&format!("(func (local {locals}))")),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to compile: wasm[0]::function[6]: WebAssembly translation error: Invalid input WebAssembly code at offset 460: too many locals: locals exceed maximum). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
}

#[test]
fn deep_blocks() {
    let deep = format!("(func {} {})", "block ".repeat(5_000), "end ".repeat(5_000));
    check(
        "deep blocks",
        &policy(&deep),
        expect![[r#"
        ocr: wish +1: 
    "#]],
    );
}

#[test]
fn a_large_custom_section() {
    let note = format!("(@custom \"note\" \"{}\")", "x".repeat(4 << 20));
    check(
        "a custom section",
        &policy(&note),
        expect![[r#"
        ocr: wish +1: 
    "#]],
    );
}

#[test]
fn data_that_is_spread_out() {
    let data = "(memory $second 1000)
        (data (memory $second) (i32.const 0) \"a\")
        (data (memory $second) (i32.const 65000000) \"b\")";
    check(
        "spread data",
        &policy(data).clone(),
        expect![[r#"
        ocr: wish +1: 
    "#]],
    );
}

#[test]
fn data_outside_its_memory() {
    check(
        "data outside",
        &policy("(data (i32.const 70000) \"a\")"),
        expect![[r#"
        refused: policy guest: asked to describe itself it broke: wasm trap: out of bounds memory access. Its author has to repair it
    "#]],
    );
    check(
        "elements outside",
        &policy("(table 1 funcref) (elem (i32.const 5) 0)"),
        expect![[r#"
        refused: policy guest: asked to describe itself it broke: wasm trap: undefined element: out of bounds table access. Its author has to repair it
    "#]],
    );
}

#[test]
fn types_in_types() {
    let mut types = "(type $t0 (list u8))\n".to_owned();
    for at in 1..2_000 {
        types += &format!("(type $t{at} (list $t{}))\n", at - 1);
    }
    check(
        "lists in lists",
        &beside(&types),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: type nesting is too deep (at offset 0xf5)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
    types += r#"(import "f" (func (param "deep" $t1999)))"#;
    check(
        "a function of lists in lists",
        &beside(&types),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: type nesting is too deep (at offset 0xf5)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
}

#[test]
fn types_that_unfold() {
    let mut types = "(type $t0 (tuple u8 u8))\n".to_owned();
    for at in 1..40 {
        types += &format!("(type $t{at} (tuple $t{0} $t{0}))\n", at - 1);
    }
    types += r#"(import "f" (func (param "wide" $t39)))"#;
    check(
        "tuples of tuples",
        &beside(&types),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: effective type size exceeds the limit of 1000000 (at offset 0x54)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
}

/// A component that holds two of a component that holds two of …
fn doubling(times: usize) -> String {
    let mut inner = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for at in 1..=times {
        inner = format!(
            "(component $c{at} {inner}
              (instance (instantiate $c{0})) (instance (instantiate $c{0})))",
            at - 1
        );
    }
    format!("{inner} (instance (instantiate $c{times}))")
}

#[test]
fn components_that_unfold() {
    check(
        "a quarter of a million",
        &beside(&doubling(14)),
        expect![[r#"
        refused: policy guest: it is nested or repeats itself beyond what any build makes (it may unfold to 43046721 instances, 250000 allowed). Build it again with current tools
    "#]],
    );
    check(
        "a billion and more",
        &beside(&doubling(40)),
        expect![[r#"
        refused: policy guest: it is nested or repeats itself beyond what any build makes (more than 32 components, one within the other). Build it again with current tools
    "#]],
    );
    check(
        "64 instances and more",
        &beside(&doubling(7)),
        expect![[r#"
        refused: policy guest: asked to describe itself it broke: over the limit instances: more used than the 64 allowed; the key is policies.limits.instances. Its author has to repair it
    "#]],
    );
}

/// What a component begins with.
const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// A length as sections have it.
pub(crate) fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A component in a component in …, without text, which nobody nests so deep.
fn nested(times: usize) -> Vec<u8> {
    const COMPONENT_SECTION: u8 = 4;
    // Written backwards, as each has to say how long what it holds is.
    let mut wasm: Vec<u8> = HEADER.iter().rev().copied().collect();
    for _ in 0..times {
        wasm.extend(number(wasm.len()).iter().rev());
        wasm.push(COMPONENT_SECTION);
        wasm.extend(HEADER.iter().rev());
    }
    wasm.reverse();
    wasm
}

#[test]
fn components_in_components() {
    check(
        "some components in components",
        &nested(30),
        expect![[r#"
        refused: policy guest: it exports nothing, and a policy exports hooke:policy/policy@0.1.0. Build it for the world `scaling-policy`, or for one of its own that includes `base`
    "#]],
    );
    check(
        "components in components",
        &nested(10_000),
        expect![[r#"
        refused: policy guest: it is nested or repeats itself beyond what any build makes (more than 32 components, one within the other). Build it again with current tools
    "#]],
    );
}

/// A type of a component, or of an instance, with one in it, with one in it, …
fn nested_type(times: usize, constructor: u8) -> Vec<u8> {
    const TYPE_SECTION: u8 = 7;
    let mut types = vec![1];
    (0..times).for_each(|_| types.extend([constructor, 1, 1]));
    types.extend([constructor, 0]);
    let mut wasm = HEADER.to_vec();
    wasm.push(TYPE_SECTION);
    wasm.extend(number(types.len()));
    wasm.extend(types);
    wasm
}

#[test]
fn types_of_components_in_types() {
    check(
        "some component types",
        &nested_type(400, 0x41),
        expect![[r#"
        refused: policy guest: it exports nothing, and a policy exports hooke:policy/policy@0.1.0. Build it for the world `scaling-policy`, or for one of its own that includes `base`
    "#]],
    );
    check(
        "component types",
        &nested_type(200_000, 0x41),
        expect![[r#"
        refused: policy guest: it is nested or repeats itself beyond what any build makes (more than 500 types of components or instances). Build it again with current tools
    "#]],
    );
    check(
        "instance types",
        &nested_type(200_000, 0x42),
        expect![[r#"
        refused: policy guest: it is nested or repeats itself beyond what any build makes (more than 500 types of components or instances). Build it again with current tools
    "#]],
    );
}

#[test]
fn exports_that_are_missing_or_of_another_kind() {
    let empty = r#"(component (instance $i) (export "hooke:policy/policy@0.1.0" (instance $i)))"#;
    check(
        "an empty export",
        &wat::parse_str(empty).unwrap(),
        expect![[r#"
        refused: policy guest: it was built against another shape of the contract 0.1.0 (instance export `hooke:policy/policy@0.1.0` does not have export `describe`). Inside one version no record, enum or variant ever changes: build it against wit/policy.wit as this host has it
    "#]],
    );
    let function = r#"(component (import "f" (func $f)) (export "policy" (func $f)))"#;
    check(
        "a function",
        &wat::parse_str(function).unwrap(),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: component export `policy` is a reexport of an imported function which is not implemented). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
    let component = r#"(component (component $c)
        (export "hooke:policy/policy@0.1.0" (component $c)))"#;
    check(
        "a component as export",
        &wat::parse_str(component).unwrap(),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: exporting a component from the root component is not supported). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
    let partial = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $p (export "describe" (func $f)))
        (export "hooke:policy/policy@0.1.0" (instance $p)))"#;
    check(
        "one function, mistyped",
        &wat::parse_str(partial).unwrap(),
        expect![[r#"
        refused: policy guest: it was built against another shape of the contract 0.1.0 (instance export `hooke:policy/policy@0.1.0` does not have export `validate-settings`). Inside one version no record, enum or variant ever changes: build it against wit/policy.wit as this host has it
    "#]],
    );
}

#[test]
fn imports_of_another_kind() {
    check(
        "a core module",
        &beside(r#"(import "m" (core module))"#),
        expect![[r#"
        refused: policy guest: it imports m, which this host does not offer
    "#]],
    );
    check(
        "a component",
        &beside(r#"(import "c" (component))"#),
        expect![[r#"
        refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: root-level component imports are not supported). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
    check(
        "a resource",
        &beside(r#"(import "r" (type (sub resource)))"#),
        expect![[r#"
        refused: policy guest: it imports r, which this host does not offer
    "#]],
    );
    check(
        "a resource among types",
        &beside(
            r#"(import "hooke:policy/types@0.1.0" (instance
                (export "handle" (type (sub resource)))))"#,
        ),
        expect![[r#"
            refused: policy guest: it imports hooke:policy/types@0.1.0, which this host does not offer. It was built for a newer host
        "#]],
    );
    check(
        "a function that the contract has not",
        &beside(
            r#"(import "hooke:policy/metrics@0.1.0" (instance
                (export "format-disk" (func))))"#,
        ),
        expect![[r#"
            refused: policy guest: it was built against another shape of the contract 0.1.0 (component imports instance `hooke:policy/metrics@0.1.0`, but a matching implementation was not found in the linker: instance export `format-disk` has the wrong type: function implementation is missing). Inside one version no record, enum or variant ever changes: build it against wit/policy.wit as this host has it
        "#]],
    );
    check(
        "the policy's own export",
        &beside(r#"(import "hooke:policy/policy@0.1.0" (instance (export "describe" (func))))"#),
        expect![[r#"
            refused: policy guest: it imports hooke:policy/policy@0.1.0, which this host does not offer
        "#]],
    );
}
