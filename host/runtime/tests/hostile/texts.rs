//! Every text that a guest can hand over, full of terminal sequences, direction
//! marks, NUL and line breaks: what the host makes of it shows as it reads.

use expect_test::{Expect, expect};
use hooke_runtime::Limits;
use serde_json::Value;

use crate::catalogue::visit;
use crate::component;
use crate::house::House;

/// Control characters, and those that show nothing or turn the reading order.
fn is_unclean(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn plain(text: &str) {
    assert!(!text.chars().any(is_unclean), "{text:?}");
}

/// The one house of these tests: what they look at is the same in both.
fn house() -> House {
    let [pooled, _] = House::both(&Limits::default());
    pooled
}

#[track_caller]
fn check(name: &str, profiles: &[&str], want: Expect) {
    let wasm = component::build(name);
    let said = visit(&house(), name, &wasm, &Limits::default(), profiles);
    said.lines().for_each(plain);
    want.assert_eq(&said);
}

#[track_caller]
fn check_refused(wasm: &[u8], want: Expect) {
    let house = house();
    let refused = house.admit(wasm, &Limits::default()).unwrap_err();
    house.is_as_before("a component that is refused");
    plain(&refused.to_string());
    want.assert_eq(&format!("{refused}\n"));
}

#[test]
fn in_answers_and_what_is_asked_for() {
    check(
        "escapes-everywhere",
        &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        expect![[r#"
            problem: red 2026 INFO forged live : red 2026 INFO forged live 
            0: failed, invalid-settings: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            1: failed, missing-data: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            2: failed, unsupported: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            3: failed, internal: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            4: failed, other: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            5: wish +0: the site has no image red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            6: wish +0: red 2026 INFO forged live 
            staged suspend vm-0001: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            7: wish +0: red 2026 INFO forged live 
            stored 59
            log warn: red 2026 INFO forged live 
            8: wish +0: red 2026 INFO forged live 
            log warn: red 2026 INFO forged live 
            9: wish +0: no machine red 2026 INFO forged live  at this site
            log warn: red 2026 INFO forged live 
        "#]],
    );
    check(
        "escapes",
        &["ocr"],
        expect![[r#"
        problem: all is well: all is well 2026 INFO forged line bold esrever
        ocr: wish +2: all is well 2026 INFO forged line bold esrever
        log warn: all is well 2026 INFO forged line bold esrever
    "#]],
    );
}

#[test]
fn in_what_a_policy_says_of_itself() {
    let policy =
        house().admit(&component::build("escapes-everywhere"), &Limits::default()).unwrap();
    let description = policy.policy().describe();
    [&description.name, &description.version, &description.summary]
        .into_iter()
        .for_each(|t| plain(t));
    let schema = description.settings_schema.as_ref().unwrap();
    texts(schema.as_json(), &mut plain);
    expect![[r#"
        Description {
            name: "red 2026 INFO forged live ",
            version: "red 2026 INFO forged live ",
            summary: "red 2026 INFO forged live ",
            settings_schema: Some(
                Object {
                    "properties": Object {
                        "key": Object {
                            "default": String(""),
                            "examples": Array [
                                String("a b"),
                            ],
                        },
                    },
                    "title": String("red live"),
                },
            ),
        }"#]]
    .assert_eq(&format!("{description:#?}"));
}

/// Every text in a JSON value, keys included.
fn texts(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, look)),
        Value::Object(fields) => fields.iter().for_each(|(key, field)| {
            look(key);
            texts(field, look);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn in_the_names_of_functions_that_break() {
    check(
        "trap-escapes",
        &["ocr"],
        expect![[r#"
        ocr: failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in red 2026 INFO forged < bold esrever  < _ZN4core9panicking9panic_fmt17h0123456789abcdefE < evaluate
    "#]],
    );
}

/// A good policy that imports something more, by this name.
fn importing(name: &str) -> String {
    format!(
        r#"(import "{name}" (func))
        (core module $core
          (func $evaluate (param $profile i32) (param $length i32) (result i32)
            (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))
          ;; parts
        )
        (core instance $policy (instantiate $core))"#
    )
}

#[test]
fn in_the_names_of_imports() {
    let import = |name: &str| component::of_fields(&importing(name));
    check_refused(
        &import(r"\1b[31mred\07\u{202e}"),
        expect![[r#"
        policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: import name `red` is not a valid extern name `red` is not in kebab case (at offset 0x12)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
    check_refused(
        &import(r"url=<\1b[31mred\07\0a\u{202e}live\u{9b}2J>"),
        expect![[r#"
        policy guest: it imports url=<red live>, which this host does not offer
    "#]],
    );
    check_refused(
        &import(&("long-".repeat(10_000) + "name")),
        expect![[r#"
        policy guest: it imports long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-lo…, which this host does not offer
    "#]],
    );
    let many: String = (0..10_000).map(|at| format!("(import \"i{at}\" (func))\n")).collect();
    let many = component::of_fields(&(many + &importing("last")));
    check_refused(
        &many,
        expect![[r#"
        policy guest: it imports i0, i1, i2, i3 and 9997 more, which this host does not offer
    "#]],
    );
}

#[test]
fn in_the_names_of_exports() {
    let export = |name: &str| {
        wat::parse_str(format!(r#"(component (import "f" (func $f)) (export "{name}" (func $f)))"#))
            .unwrap()
    };
    check_refused(
        &export(r"\1b[2J\u{2066}\00"),
        expect![[r#"
        policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: export name `` is not a valid extern name `` is not in kebab case (at offset 0x1a)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
    check_refused(
        &export(&("long-".repeat(10_000) + "name")),
        expect![[r#"
        policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: component export `long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-lon…). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]],
    );
}
