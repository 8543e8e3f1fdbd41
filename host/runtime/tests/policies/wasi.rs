//! Policies that import WASI: they load, reach nothing, print to the log, and
//! answer the same to the last bit whenever they are asked the same.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::ids::ProfileName;
use hooke_runtime::{
    BoundPolicy, Evaluated, Evaluation, Grants, Host, HostConfig, Limits, LoadError, Wasi,
};
use wasi_preview1_component_adapter_provider as adapter;

use crate::guests::{Guest, guest};
use crate::snapshots::{Fleet, snapshot};
use crate::{HOST, config, evaluation, named, still_serves, told};

const WIT: &str = include_str!("wasi/wasi.wit");
const LOOKS_AROUND: &str = include_str!("wasi/looks-around.wat");
const PRINTS_AND_OPENS: &str = include_str!("wasi/prints-and-opens.wat");

fn asks(text: &str) -> Guest {
    Guest::new("asks-wasi", text, Some(WIT.to_owned()))
}

/// Made for the first preview of WASI, which an adapter turns into WASI 0.2:
/// so it is with the tool chains of C, Go and others.
fn adapted() -> Guest {
    Guest::new("adapted", PRINTS_AND_OPENS, None).adapted(
        adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
        adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
    )
}

fn bound_within(guest: &Guest, limits: Limits) -> BoundPolicy {
    let policy = HOST.load(named("mine"), &guest.build()).unwrap();
    HOST.bind(&policy, &Grants::all(), limits).unwrap()
}

fn bound(guest: &Guest) -> BoundPolicy {
    bound_within(guest, Limits::default())
}

/// A guest that does this when it is evaluated.
fn does(import: &str, body: &str) -> Guest {
    asks(&format!("{import}\n(func $evaluate (param i32 i32) (result i32)\n{body})"))
}

#[track_caller]
fn check(guest: &Guest, limits: Limits, want: Expect) {
    let evaluated = bound_within(guest, limits).evaluate(&evaluation());
    want.assert_eq(&format!("{}\n", told(&evaluated)));
    still_serves();
}

/// What it answered, with what it kept as numbers of four bytes, in hex.
fn kept(evaluated: &Evaluated) -> String {
    let mut evaluated = evaluated.clone();
    let memory = evaluated.answer.memory.take().unwrap_or_default();
    let words: Vec<String> = memory
        .chunks_exact(4)
        .map(|word| format!("{:x}", u32::from_le_bytes(word.try_into().unwrap())))
        .collect();
    let rows: Vec<String> = words.chunks(8).map(|row| row.join(" ")).collect();
    format!("{}\n{}\n", told(&evaluated), rows.join("\n"))
}

/// All of an evaluation but the time that it took.
fn repeatable(evaluated: &Evaluated) -> String {
    let mut evaluated = evaluated.clone();
    evaluated.spent.wall = Duration::ZERO;
    format!("{evaluated:?}")
}

#[test]
fn it_finds_nothing_and_prints_to_the_log() {
    let evaluated = bound(&asks(LOOKS_AROUND)).evaluate(&evaluation());
    expect![[r#"
        wish +1: looked
        log info: to be continued
        log warn: to be continued
        log info: unfinished
        log warn: unf
        2004 0 2004 0 0 0 0 0
        6553f100 0 0 0 f4240 0 1e8480 0
        44212493 abbce2c5 267045dd 4e6a69cb 8a307f83 afb5442e f9fd57ef 57d3889a
        200c 0 1 1 1 1 0 0
        0 0 f4240 0 1 2 0 1
        0 0 1000 0 1 0 1 0
    "#]]
    .assert_eq(&kept(&evaluated));
    still_serves();
}

#[test]
fn a_policy_made_for_the_first_preview_finds_the_same() {
    let evaluated = bound(&adapted()).evaluate(&evaluation());
    expect![[r#"
        wish +1: from C
        log info: from C
        log warn: from C
        0 7 0 7 0 0 0 0
        0 0 8 8 362a0000 17979cfe f4240 0
        44212493 abbce2c5 0 1
    "#]]
    .assert_eq(&kept(&evaluated));
    still_serves();
}

#[test]
fn the_same_question_gets_the_same_answer_to_the_bit() {
    for guest in [asks(LOOKS_AROUND), adapted()] {
        let wasm = guest.build();
        let answers: Vec<Evaluated> = (0..3)
            .map(|_| {
                let host = Host::new(config()).unwrap();
                let policy = host.load(named("mine"), &wasm).unwrap();
                let bound = host.bind(&policy, &Grants::all(), Limits::default()).unwrap();
                bound.evaluate(&evaluation());
                bound.evaluate(&evaluation())
            })
            .collect();
        for answer in &answers {
            assert_eq!(repeatable(answer), repeatable(&answers[0]));
        }
    }
}

#[test]
fn another_tick_or_site_or_profile_draws_other_numbers() {
    let draws = does(
        r#"(import "wasi:random/random@0.2.6" "get-random-u64" (func $random (result i64)))"#,
        "(call $needs (i32.wrap_i64 (call $random)) (i32.const 0) (i32.const 0))",
    );
    let policy = bound(&draws);
    let (mut later, mut elsewhere) = (evaluation(), evaluation());
    Arc::make_mut(&mut later.snapshot).now =
        snapshot(Fleet { ready: 0, idle: 0, busy: 0 }).now.plus(Duration::from_millis(1));
    let site = &mut Arc::make_mut(&mut elsewhere.snapshot).site;
    Arc::make_mut(site).name = "nova-west".into();
    let other = Evaluation { profile: ProfileName::from("thumbs"), ..evaluation() };
    let mut drawn: Vec<String> = [evaluation(), later, elsewhere, other]
        .iter()
        .map(|evaluation| told(&policy.evaluate(evaluation)))
        .collect();
    drawn.sort();
    drawn.dedup();
    assert_eq!(drawn.len(), 4, "{drawn:?}");
}

#[test]
fn without_facts_the_clock_stands_at_zero() {
    let reads = |then: &str| {
        asks(&format!(
            r#"(import "wasi:clocks/wall-clock@0.2.6" "now" (func $now (param i32)))
            (func $evaluate (param i32 i32) (result i32)
              (call $now (i32.const 4096))
              (call $needs (i32.wrap_i64 (i64.load (i32.const 4096))) (i32.const 0) (i32.const 0)))
            (func $validate (param i32 i32) (result i32)
              (call $now (i32.const 4096))
              (if (i64.{then} (i64.load (i32.const 4096))) (then unreachable))
              (i32.store8 (i32.const 1300) (i32.const 0))
              (i32.const 1300))"#,
            then = then
        ))
    };
    // Settings are checked at time zero; an evaluation has the tick's.
    let policy = bound(&reads("ne (i64.const 0)"));
    assert_eq!(policy.validate_settings("{}").unwrap(), []);
    assert_eq!(told(&policy.evaluate(&evaluation())), "wish +1700000000: ");
}

#[test]
fn leaving_is_not_answering() {
    check(
        &does(
            r#"(import "wasi:cli/exit@0.2.6" "exit" (func $exit (param i32)))"#,
            "(call $exit (i32.const 1)) unreachable",
        ),
        Limits::default(),
        expect![[r#"
            failed, trap: it called wasi:cli/exit.exit: a policy does not exit, it answers; its log may say why; in evaluate
        "#]],
    );
}

#[test]
fn what_has_no_error_to_answer_with_is_a_trap_that_names_it() {
    check(
        &does(
            r#"(import "wasi:http/types@0.2.6" "[constructor]fields" (func $new (result i32)))
            (import "wasi:http/types@0.2.6" "describe" (func $describe_them (param i32 i32)))"#,
            "(call $describe_them (call $new) (call $new)) unreachable",
        ),
        Limits::default(),
        expect![[r#"
            failed, trap: it called wasi:http/types.[constructor]fields, which this host does not give: a policy has no files, network, environment or clock of its own. Take out the part that calls it; in evaluate
        "#]],
    );
}

#[test]
fn chance_is_given_in_small_portions() {
    check(
        &does(
            r#"(import "wasi:random/random@0.2.6" "get-random-bytes"
                 (func $bytes (param i64 i32)))"#,
            "(call $bytes (i64.const 0x7fffffffffffffff) (i32.const 4096)) unreachable",
        ),
        Limits::default(),
        expect![[r#"
            failed, trap: it asked wasi:random/random.get-random-bytes for 9223372036854775807 bytes; 65536 at a time are given; in function 0 < evaluate
        "#]],
    );
}

#[test]
fn another_type_than_wasi_has_is_a_trap() {
    let now = r#"(import "wasi:clocks/wall-clock@0.2.6" "now" (func $now (param i32)))"#;
    let body = "(call $now (i32.const 4096)) unreachable";
    for datetime in [
        "record datetime { seconds: u64, nanoseconds: u64 }",
        "record datetime { seconds: u64, nanoseconds: u32, picoseconds: u32 }",
        "type datetime = tuple<string, string>;",
        "type datetime = list<string>;",
    ] {
        let real = "record datetime { seconds: u64, nanoseconds: u32 }";
        let guest = Guest::new(
            "asks-wasi",
            &format!("{now}\n(func $evaluate (param i32 i32) (result i32) {body})"),
            Some(WIT.replace(real, datetime)),
        );
        let told = told(&bound(&guest).evaluate(&evaluation()));
        assert!(told.starts_with("failed, trap: "), "{told}");
        still_serves();
    }
}

#[test]
fn handles_calls_and_lines_have_their_limits() {
    let pollables = does(
        r#"(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration"
             (func $sleep (param i64) (result i32)))"#,
        "(loop $again (drop (call $sleep (i64.const 1))) (br $again)) unreachable",
    );
    check(
        &pollables,
        Limits { handles: 50, ..Limits::default() },
        expect![[r#"
        failed, limit: over the limit handles: more used than the 50 allowed; the key is policies.limits.handles
    "#]],
    );
    check(
        &pollables,
        Limits { host_calls: 50, ..Limits::default() },
        expect![[r#"
        failed, limit: over the limit host-calls: 51 used, 50 allowed; the key is policies.limits.host_calls
    "#]],
    );
    let prints = does(
        r#"(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
        (import "wasi:io/streams@0.2.6" "[method]output-stream.write"
          (func $write (param i32 i32 i32 i32)))
        (data (i32.const 2048) "a line that is too long\nb\n")"#,
        "(local $out i32) (local $left i32)
        (local.set $out (call $stdout))
        (local.set $left (i32.const 200))
        (loop $again
          (call $write (local.get $out) (i32.const 2048) (i32.const 26) (i32.const 4096))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $again (local.get $left)))
        (call $write (local.get $out) (i32.const 2048) (i32.const 9000000) (i32.const 4096))
        unreachable",
    );
    check(
        &prints,
        Limits { log_lines: 3, log_line_bytes: 10, ..Limits::default() },
        expect![[r#"
        failed, trap: it handed over a value that breaks the contract: list pointer/length out of bounds of memory; in function 0 < evaluate
        log info: a line …
        log info: b
        log info: a line …
        397 log lines dropped
    "#]],
    );
}

#[track_caller]
fn check_load(host: &Host, guest: &Guest, want: Expect) {
    let refused: LoadError = host.load(named("mine"), &guest.build()).unwrap_err();
    want.assert_eq(&format!("{refused}\n"));
    still_serves();
}

#[test]
fn a_policy_says_what_of_wasi_it_imports() {
    let policy = HOST.load(named("mine"), &guest("wants-wasi").build()).unwrap();
    assert_eq!(policy.stubbed(), ["wasi:clocks/wall-clock@0.2.6"]);
    let policy = HOST.load(named("mine"), &guest("honest").build()).unwrap();
    assert!(policy.stubbed().is_empty());
}

#[test]
fn other_patches_of_wasi_link_too() {
    for patch in ["0.2.0", "0.2.3", "0.2.99"] {
        let (text, wit) = (LOOKS_AROUND.replace("0.2.6", patch), WIT.replace("0.2.6", patch));
        let evaluated = bound(&Guest::new("asks-wasi", &text, Some(wit))).evaluate(&evaluation());
        assert!(told(&evaluated).starts_with("wish +1: looked"), "{evaluated:?}");
    }
}

#[test]
fn where_stubs_are_switched_off_wasi_is_refused_with_the_flag_that_removes_it() {
    let host = Host::new(HostConfig { wasi: Wasi::None, ..config() }).unwrap();
    check_load(
        &host,
        &guest("wants-wasi"),
        expect![[r#"
        policy mine: it imports wasi:clocks/wall-clock@0.2.6, which this host does not offer: a policy has no files, network, environment, clock or chance. Build it without WASI (Rust: --target wasm32-unknown-unknown; Python: componentize-py --stub-wasi; JavaScript: jco componentize --backend qjs --backend-qjs-stub-wasi)
    "#]],
    );
}

#[test]
fn other_wasi_is_refused() {
    let clock = |from: &str, to: &str| {
        Guest::new(
            "asks-wasi",
            &format!(
                r#"(import "wasi:{to}/wall-clock@{from}" "now" (func $now (param i32)))
                (func $evaluate (param i32 i32) (result i32)
                  (call $now (i32.const 4096)) unreachable)"#
            ),
            Some(format!(
                "package guest:asks-wasi;
                world guest {{
                  include hooke:policy/scaling-policy@0.1.0;
                  import wasi:{to}/wall-clock@{from};
                }}
                package wasi:{to}@{from} {{
                  interface wall-clock {{
                    record datetime {{ seconds: u64, nanoseconds: u32 }}
                    now: func() -> datetime;
                  }}
                }}"
            )),
        )
    };
    check_load(
        &HOST,
        &clock("0.3.0", "clocks"),
        expect![[r#"
        policy mine: it imports wasi:clocks/wall-clock@0.3.0, which this host does not offer: a policy has no files, network, environment, clock or chance. Of WASI it may import cli, clocks, filesystem, http, io, random, sockets at 0.2, as stubs that reach nothing. Build it without WASI (Rust: --target wasm32-unknown-unknown; Python: componentize-py --stub-wasi; JavaScript: jco componentize --backend qjs --backend-qjs-stub-wasi)
    "#]],
    );
    check_load(
        &HOST,
        &clock("0.2.0", "gpu"),
        expect![[r#"
        policy mine: it imports wasi:gpu/wall-clock@0.2.0, which this host does not offer: a policy has no files, network, environment, clock or chance. Of WASI it may import cli, clocks, filesystem, http, io, random, sockets at 0.2, as stubs that reach nothing. Build it without WASI (Rust: --target wasm32-unknown-unknown; Python: componentize-py --stub-wasi; JavaScript: jco componentize --backend qjs --backend-qjs-stub-wasi)
    "#]],
    );
}
