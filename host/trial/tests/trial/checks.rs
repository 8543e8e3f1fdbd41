//! What is said of a policy's file, and what an evaluation costs.

use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_trial::bench::{BenchConfig, bench, render_all};
use hooke_trial::check::{self, CheckConfig};
use hooke_trial::grid::GridConfig;
use hooke_trial::situation::{Counts, Quiet, Situation};

use crate::{HOST, bind, guest, guests, threshold, wasm};

/// All that is said of a file, but what depends on the build: sizes, digests
/// and use.
#[track_caller]
fn said(wasm: &[u8], config: &CheckConfig, want: Expect) {
    let report = check::check(&HOST, &PolicyName::from("mine"), wasm, config);
    assert_eq!(report.size, wasm.len());
    assert_eq!(report.sha256.len(), 64);
    let text = report.render();
    let stable = text.lines().filter(|line| !line.starts_with("file") && !line.starts_with("  "));
    want.assert_eq(&stable.map(|line| format!("{line}\n")).collect::<String>());
}

/// In tests the time of the grid is not to be up.
fn patient() -> CheckConfig {
    let grid = GridConfig { time: Duration::from_secs(60), ..GridConfig::default() };
    CheckConfig { grid: Some(grid), ..CheckConfig::default() }
}

#[test]
fn bundled_policies_are_good() {
    said(
        wasm("threshold"),
        &patient(),
        expect![[r#"
            policy     mine
            says       threshold 0.1.0: Asks for workers when the backlog is above a threshold or workers are below the minimum, and gives up idle ones and idle machines (Brown Dog).
            contract   hooke:policy@0.1.0
            imports    hooke:policy/types@0.1.0
            imports    hooke:policy/metrics@0.1.0 (grant: metrics)
            imports    hooke:policy/cloud@0.1.0 (grant: cloud)
            imports    hooke:policy/settings@0.1.0
            imports    hooke:policy/log@0.1.0
            exports    hooke:policy/policy@0.1.0
            settings   add, messages_per_worker, minimum, queue_idle, threshold, vm_idle
            grid       373 situations with the settings {}, 0 refused, 0 notes
            needs      before it runs, of each limit:
            uses       at a quiet site, of each limit:
            good
        "#]],
    );
    said(
        wasm("min-instance"),
        &patient(),
        expect![[r#"
            policy     mine
            says       min-instance 0.1.0: Keeps a minimum of workers, whatever the queue says; if asked, at least one for each queue.
            contract   hooke:policy@0.1.0
            imports    hooke:policy/types@0.1.0
            imports    hooke:policy/metrics@0.1.0 (grant: metrics)
            imports    hooke:policy/settings@0.1.0
            imports    hooke:policy/log@0.1.0
            exports    hooke:policy/policy@0.1.0
            settings   at_least_one_per_queue, minimum
            grid       373 situations with the settings {}, 0 refused, 2 notes
            needs      before it runs, of each limit:
            uses       at a quiet site, of each limit:
            note       it wants fewer workers while none is idle
            note       it wants fewer workers on data that are not fresh
            good, with notes for its author; the host makes them harmless
        "#]],
    );
}

#[test]
fn what_is_no_policy_is_named_with_its_cure() {
    let config = patient();
    said(
        b"hello",
        &config,
        expect![[r#"
        policy     mine
        contract   hooke:policy@0.1.0
        needs      before it runs, of each limit:
        wrong      it is text. A policy is a WebAssembly component, a file that `wasm-tools component new` made
        not to be used
    "#]],
    );
    said(
        &guests::guest("wants-wasi").build(),
        &config,
        expect![[r#"
            policy     mine
            says       guest 0.1.0: A guest of the tests.
            contract   hooke:policy@0.1.0
            imports    wasi:clocks/wall-clock@0.2.6 (a stub that reaches nothing)
            imports    hooke:policy/types@0.1.0
            exports    hooke:policy/policy@0.1.0
            grid       373 situations with the settings {}, 0 refused, 1 note
            needs      before it runs, of each limit:
            uses       at a quiet site, of each limit:
            note       it gives no reason
            good, with notes for its author; the host makes them harmless
        "#]],
    );
    said(
        &guests::guest("asks-early").build(),
        &config,
        expect![[r#"
        policy     mine
        contract   hooke:policy@0.1.0
        imports    hooke:policy/types@0.1.0
        imports    hooke:policy/metrics@0.1.0 (grant: metrics)
        exports    hooke:policy/policy@0.1.0
        needs      before it runs, of each limit:
        wrong      asked to describe itself it broke: it called metrics.now-ms outside evaluate-needs; there are no facts when a policy describes itself or checks settings; in describe. Its author has to repair it
        not to be used
    "#]],
    );
}

#[test]
fn what_breaks_in_the_grid_is_wrong() {
    said(
        &guests::guest("panic").build(),
        &patient(),
        expect![[r#"
            policy     mine
            says       guest 0.1.0: A guest of the tests.
            contract   hooke:policy@0.1.0
            imports    hooke:policy/types@0.1.0
            imports    hooke:policy/log@0.1.0
            exports    hooke:policy/policy@0.1.0
            grid       373 situations with the settings {}, 1 refused, 0 notes
            needs      before it runs, of each limit:
            uses       at a quiet site, of each limit:
            wrong      it broke
            not to be used
        "#]],
    );
    let without = CheckConfig { grid: None, ..CheckConfig::default() };
    said(
        &guests::guest("panic").build(),
        &without,
        expect![[r#"
            policy     mine
            says       guest 0.1.0: A guest of the tests.
            contract   hooke:policy@0.1.0
            imports    hooke:policy/types@0.1.0
            imports    hooke:policy/log@0.1.0
            exports    hooke:policy/policy@0.1.0
            needs      before it runs, of each limit:
            uses       at a quiet site, of each limit:
            wrong      asked about a quiet site it failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_fmt < policy::decide < evaluate
            not to be used
        "#]],
    );
}

#[test]
fn a_schema_is_looked_at() {
    let schema = |text: &str| {
        let build = guests::with_schema(text);
        let without = CheckConfig { grid: None, ..CheckConfig::default() };
        let report = check::check(&HOST, &PolicyName::from("mine"), &build, &without);
        report.problems.iter().map(|p| format!("{:?}: {}\n", p.weight, p.what)).collect::<String>()
    };
    expect![[r#""#]]
        .assert_eq(&schema(r#"{"type":"object","properties":{"a":{"type":"number"}}}"#));
    expect![[r#"
        Wrong: its settings schema cannot be used (at /type: "objekt" is not valid under any of the schemas listed in the 'anyOf' keyword). Its author has to repair it
    "#]].assert_eq(&schema(r#"{"type":"objekt"}"#));
    expect![[r#"
        Note: a site has to give it settings: "a" is a required property
        Note: it was asked nothing, as there were no settings for it: the policy refuses the settings {}: "a" is a required property; and its schema gives no settings that it takes: write `examples` or `default` into the schema for what is required
    "#]]
    .assert_eq(&schema(r#"{"type":"object","required":["a"]}"#));
    expect![[r#"
        Note: its settings schema is not of an object, and settings are one
    "#]]
    .assert_eq(&schema("{}"));
}

#[test]
fn needs_are_told_before_it_runs() {
    let config = CheckConfig { grid: None, ..CheckConfig::default() };
    let name = PolicyName::from("mine");
    let report = check::check(&HOST, &name, &guests::guest("honest").build(), &config);
    let needs: Vec<(&str, u64)> = report.needs.iter().skip(1).map(|n| (n.limit, n.used)).collect();
    assert_eq!(
        needs,
        [("memory", 64 << 10), ("memories", 1), ("tables", 0), ("table-elements", 0)]
    );
}

#[test]
fn a_bench_stands_beside_the_empty_policy() {
    let config = BenchConfig { time: Duration::from_secs(60), rounds: 4, evaluations: 20 };
    let mut situation = Situation::default();
    situation.employ(&ProfileName::from("work"), &Counts { busy: 50, ..Counts::default() });
    let mut rounds = Vec::new();
    let mut progress = |done, all| rounds.push((done, all));
    let report =
        bench(&HOST, &threshold(), &situation.evaluation(), config, &mut progress).unwrap();
    assert_eq!(rounds, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    assert_eq!((report.policy.evaluations, report.empty.evaluations), (80, 80));
    assert_eq!((report.failed, &report.failure), (0, &None));
    for cost in [&report.policy, &report.empty] {
        assert!(0 < cost.median_ns && cost.median_ns <= cost.p99_ns && cost.p99_ns <= cost.max_ns);
    }
    assert!(report.ratio.is_some_and(|ratio| ratio > 1.0), "{}", report.render());
    let used = |name: &str| report.uses.iter().find(|u| u.limit == name).unwrap().used;
    assert!(used("memory") > used("host-calls") && used("host-calls") > 0);
    assert_eq!(report.empty.memory_peak, 64 << 10);
}

#[test]
fn a_bench_of_what_fails_says_so() {
    let config = BenchConfig { time: Duration::ZERO, rounds: 40, evaluations: 3 };
    let evaluation = Situation::default().evaluation();
    let report = bench(&HOST, &guest("panic"), &evaluation, config, &mut |_, _| {}).unwrap();
    // Time was up after the first round.
    assert_eq!((report.policy.evaluations, report.failed), (3, 3));
    let text = report.render();
    let said = "every evaluation failed, so that this is no measure of an answer; the first: trap: it panicked";
    assert!(text.contains(said), "{text}");
    assert!(!text.contains("times as long"), "{text}");
    let row = render_all(std::slice::from_ref(&report));
    let row = row.lines().find(|line| line.starts_with("panic")).unwrap();
    assert!(row.ends_with(" -"), "{row}");
}

/// Policies that read statistics answer on the path that they take in a host
/// that has run for a while.
#[test]
fn after_an_hour_statistics_have_an_answer() {
    let mut situation = Situation::default();
    let profile = ProfileName::from("work");
    situation.employ(&profile, &Counts { busy: 5, ..Counts::default() });
    for queue in &mut situation.profiles[0].queues {
        (queue.ready, queue.quiet) = (Some(500), Quiet::Active);
        (queue.arrival_rate, queue.service_rate) = (Some(5.0), Some(5.0));
    }
    let mut check = |name: &str, settings: &str, want: Expect| {
        situation.settings = settings.into();
        let answer = bind(name, wasm(name))
            .evaluate(&situation.evaluation_after_ticks(240, Duration::from_secs(15)))
            .answer;
        want.assert_eq(&format!("{:?}", answer.verdict));
    };
    check(
        "target-tracking",
        r#"{"target": 50}"#,
        expect![[
            r#"Wish(Wish { delta: 5, reason: "ready a worker 100 > target 50 in 3 x 1m: from 5 to 10 workers", staged: [] })"#
        ]],
    );
    check(
        "target-tracking",
        r#"{"metric": "utilization", "target": 100}"#,
        expect![[
            r#"Wish(Wish { delta: 0, reason: "utilization 50 < target 100 less 10% in 15 x 1m: hold, 3 workers wanted, and none of 5 is idle", staged: [] })"#
        ]],
    );
    check(
        "latency-goal",
        r#"{"start_within": "50s"}"#,
        expect![[
            r#"Wish(Wish { delta: 5, reason: "500 messages ready, 1 s each, to start within 50s: 10 workers, 5 more", staged: [] })"#
        ]],
    );
}

/// Settings of one required key, 1 to 9.
fn demanding(more: &str) -> Vec<u8> {
    let property = format!(r#"{{"type":"integer","minimum":1,"maximum":9{more}}}"#);
    guests::with_schema(&format!(
        r#"{{"type":"object","required":["each"],"properties":{{"each":{property}}}}}"#
    ))
}

#[test]
fn settings_that_are_refused_are_a_problem_with_key_and_cure() {
    let config =
        CheckConfig { settings: Some(r#"{"each": 20, "aech": 1}"#.to_owned()), ..patient() };
    let report = check::check(&HOST, &PolicyName::from("mine"), &demanding(""), &config);
    assert!(!report.is_good());
    assert!(report.grid.is_none());
    let told = report.problems.iter().map(|p| {
        let cure = p.cure.as_deref().unwrap_or_default();
        format!("{:?}: {}\n  {cure}\n", p.weight, p.what)
    });
    expect![[r#"
        Wrong: it refuses its setting `each`, in the settings {"each": 20, "aech": 1}
          20 is greater than the maximum of 9
        Note: a site has to give it settings: "each" is a required property
          give yours here too, to check it with them: --settings '{…}'
    "#]]
    .assert_eq(&told.collect::<String>());
}

#[test]
fn the_grid_is_run_with_settings_that_the_policy_takes() {
    let grid = |wasm: &[u8], settings: Option<&str>| {
        let config = CheckConfig { settings: settings.map(str::to_owned), ..patient() };
        let report = check::check(&HOST, &PolicyName::from("mine"), wasm, &config);
        let notes: Vec<String> = report.problems.into_iter().map(|p| p.what).collect();
        let grid = report.grid.map(|grid| grid.summary());
        format!("{}\n{}\n", grid.unwrap_or_default(), notes.join("\n"))
    };
    let given = grid(&demanding(""), Some(r#"{"each": 3}"#));
    let example = grid(&demanding(r#","examples":[7]"#), None);
    let default = grid(&demanding(r#","default":5"#), None);
    let nothing = grid(&demanding(""), None);
    expect![[r#"
        373 situations with the settings {"each": 3}, 0 refused, 0 notes
        a site has to give it settings: "each" is a required property

        373 situations with the settings {"each":7}, 0 refused, 0 notes
        a site has to give it settings: "each" is a required property

        373 situations with the settings {"each":5}, 0 refused, 0 notes
        a site has to give it settings: "each" is a required property


        a site has to give it settings: "each" is a required property
        it was asked nothing, as there were no settings for it: the policy refuses the settings {}: "each" is a required property; and its schema gives no settings that it takes: write `examples` or `default` into the schema for what is required
    "#]].assert_eq(&[given, example, default, nothing].join("\n"));
}
