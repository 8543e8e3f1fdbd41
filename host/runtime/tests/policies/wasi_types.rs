//! Components that import functions of WASI with other types than it has: a
//! trap each, and never a panic of the host.

use std::collections::BTreeMap;

use expect_test::expect;

use crate::guests::Guest;
use crate::wasi::bound;
use crate::{evaluation, still_serves, told};

/// Types of results, and whether they come back by pointer.
const TYPES: [(&str, &str); 11] = [
    ("", ""),
    ("-> bool", "(result i32)"),
    ("-> u64", "(result i64)"),
    ("-> f64", "(result f64)"),
    ("-> string", "(param i32)"),
    ("-> list<string>", "(param i32)"),
    ("-> option<string>", "(param i32)"),
    ("-> tuple<u64, string>", "(param i32)"),
    ("-> result<u64, string>", "(param i32)"),
    ("-> datetime", "(param i32)"),
    ("-> handle", "(result i32)"),
];

/// A component that imports one function of WASI, of another type than it has.
fn mistyped(interface: &str, function: &str, (result, core): (&str, &str)) -> Guest {
    let (package, name) = interface.split_once('/').unwrap();
    let (given, dropped) = match core {
        "(param i32)" => ("(i32.const 4096)", ""),
        "" => ("", ""),
        _ => ("", "drop"),
    };
    let text = format!(
        r#"(import "wasi:{interface}@0.2.6" "{function}" (func $call {core}))
        (func $evaluate (param i32 i32) (result i32)
          (call $call {given}) {dropped}
          (call $needs (i32.const 1) (i32.const 0) (i32.const 0)))"#
    );
    let wit = format!(
        "package guest:mistyped;
        world guest {{
          include hooke:policy/scaling-policy@0.1.0;
          import wasi:{interface}@0.2.6;
        }}
        package wasi:{package}@0.2.6 {{
          interface {name} {{
            resource handle;
            record datetime {{ seconds: u64, nanoseconds: u64 }}
            {function}: func() {result};
          }}
        }}"
    );
    Guest::new("mistyped", &text, Some(wit))
}

#[test]
fn another_type_than_wasi_has_is_a_trap() {
    let mut answers = BTreeMap::<String, u32>::new();
    for (interface, function) in [
        ("cli/environment", "get-environment"),
        ("cli/environment", "initial-cwd"),
        ("cli/stdout", "get-stdout"),
        ("clocks/wall-clock", "now"),
        ("clocks/monotonic-clock", "now"),
        ("io/poll", "poll"),
        ("random/random", "get-random-bytes"),
        ("random/random", "get-random-u64"),
        ("random/insecure-seed", "insecure-seed"),
        ("sockets/tcp", "bind"),
    ] {
        for ty in TYPES {
            let guest = mistyped(interface, function, ty);
            let said = told(&bound(&guest).evaluate(&evaluation()));
            *answers
                .entry(said.replace(&format!("wasi:{interface}.{function}"), "it"))
                .or_default() += 1;
        }
    }
    still_serves();
    let lines: String = answers.iter().map(|(said, times)| format!("{times} {said}\n")).collect();
    expect![[r#"
        42 failed, trap: it called it with another type than WASI 0.2 has. Build it with other tools; in evaluate
        51 failed, trap: it called it with another type than WASI 0.2 has. Build it with other tools; in function 0 < evaluate
        5 failed, trap: it called it, which this host does not give: a policy has no files, network, environment or clock of its own. Take out the part that calls it; in evaluate
        6 failed, trap: it called it, which this host does not give: a policy has no files, network, environment or clock of its own. Take out the part that calls it; in function 0 < evaluate
        6 wish +1: 
    "#]].assert_eq(&lines);
}
