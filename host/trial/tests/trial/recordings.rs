//! Recording and playing again: bit for bit, through real files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use expect_test::{Expect, expect};
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::units::Timestamp;
use hooke_runtime::{BoundPolicy, Evaluation, Grants, Policy};
use hooke_trial::record::{Decided, Entry, Item, Mode, Recorder, RecorderConfig, Recording};
use hooke_trial::replay::{Against, Kind, ReplayConfig, ReplayReport, replay};
use hooke_trial::situation::{Counts, Queue, Quiet, Situation, Trust};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use crate::{HOST, bind, guest, guests, threshold, wasm};

/// Any situation, the odd ones too.
fn situations() -> impl Strategy<Value = Situation> {
    let number =
        || prop_oneof![Just(None), (0_u64..300).prop_map(Some), any::<u64>().prop_map(Some)];
    let rate = || prop_oneof![Just(None), any::<f64>().prop_map(|rate| Some(rate.abs()))];
    let span = || (0_u64..10_000_000).prop_map(std::time::Duration::from_millis);
    let quiet = prop_oneof![Just(Quiet::Active), Just(Quiet::Unknown), span().prop_map(Quiet::For)];
    let trust = prop_oneof![3 => Just(Trust::Fresh), 1 => span().prop_map(Trust::Stale), 1 => Just(Trust::Missing)];
    let counts = (0_u32..6, 0_u32..6, 0_u32..3, 0_u32..4, 0_u32..3, 1_u32..4, span());
    let settings = prop_oneof![
        Just("{}"),
        Just(r#"{"threshold": 5, "add": "ratio", "queue_idle": "1s", "vm_idle": "1s"}"#),
        Just(r#"{"minimum": 3, "vm_idle": "1m"}"#),
        Just(r#"{"treshold": 5}"#),
    ];
    let queue = (number(), number(), rate(), rate(), quiet, trust);
    (queue, counts, settings, any::<u64>()).prop_map(|(queue, counts, settings, now)| {
        let now = Timestamp::from_millis(now >> 16);
        let mut situation =
            Situation { now, settings: Arc::from(settings), ..Situation::default() };
        let (ready, unacked, arrival_rate, service_rate, quiet, trust) = queue;
        situation.profiles[0].queues = vec![Queue {
            ready,
            unacked,
            arrival_rate,
            service_rate,
            quiet,
            trust,
            ..Queue::empty("work")
        }];
        let (idle, busy, unknown, booting, draining, per_machine, idle_for) = counts;
        let counts = Counts { idle, busy, unknown, booting, draining, per_machine, idle_for };
        let name = ProfileName::from("work");
        situation.employ(&name, &counts);
        situation
    })
}

fn some(count: usize) -> Vec<Evaluation> {
    let mut runner = TestRunner::deterministic();
    let strategy = situations();
    let one = |_| strategy.new_tree(&mut runner).unwrap().current().evaluation();
    (0..count).map(one).collect()
}

fn entry(policy: &BoundPolicy, evaluation: Evaluation) -> Entry {
    Entry {
        policy: policy.policy().name().clone(),
        digest: policy.policy().digest(),
        mode: Mode::Live,
        grants: Grants::all(),
        limits: policy.limits().clone(),
        answer: policy.evaluate(&evaluation).answer,
        evaluation,
        past: hooke_history::Past::default(),
    }
}

/// Records all of them, each asked.
fn record(config: &RecorderConfig, policy: &BoundPolicy, evaluations: Vec<Evaluation>) {
    let count = evaluations.len() as u64;
    let recorder = Recorder::start(config).unwrap();
    for evaluation in evaluations {
        recorder.evaluated(entry(policy, evaluation));
    }
    let status = recorder.close();
    assert_eq!((status.written, status.dropped, status.trouble), (count, 0, None));
}

fn again(path: &Path, policy: &Policy, config: &ReplayConfig) -> ReplayReport {
    let digest = policy.digest().to_string();
    let mut find = |sha256: &str, _: &PolicyName| (sha256 == digest).then(|| policy.clone());
    replay(&HOST, Recording::open(path), &mut find, config)
}

/// Another policy in place of one, or of all.
fn against(other: &BoundPolicy, in_place_of: Option<&str>) -> ReplayConfig {
    let in_place_of = in_place_of.map(PolicyName::from);
    let against = Some(Against { policy: other.policy().clone(), in_place_of });
    ReplayConfig { against, reasons: false }
}

fn config(folder: &TempDir) -> RecorderConfig {
    RecorderConfig { waiting: 10_000, ..RecorderConfig::at(folder.path().join("site.jsonl")) }
}

#[test]
fn the_same_module_gives_the_same_answer_bit_for_bit() {
    let folder = TempDir::new().unwrap();
    let config = RecorderConfig { file_bytes: 100_000, files: 100, ..config(&folder) };
    let evaluations = some(400);
    record(&config, &threshold(), evaluations.clone());
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert!(files > 3, "{files} files: nothing was rotated");

    // The facts are those that were recorded.
    let read = Recording::open(&config.path).map(|item| match item.unwrap() {
        Item::Evaluation(recorded) => recorded.evaluation,
        other @ (Item::Decision(_) | Item::Gap { .. }) => panic!("{other:?}"),
    });
    for (recorded, was) in read.zip(&evaluations) {
        assert_eq!(recorded.snapshot.vms.len(), was.snapshot.vms.len());
        assert_eq!(recorded.snapshot.queues, was.snapshot.queues);
        let (now, then) = (&recorded.snapshot.profiles, &was.snapshot.profiles);
        assert!(now.values().zip(then.values()).all(|(a, b)| a.backlog == b.backlog
            && a.counts == b.counts
            && a.vms == b.vms
            && a.spec.workers == b.spec.workers));
    }

    let report = again(&config.path, threshold().policy(), &ReplayConfig::default());
    assert!(report.is_same(), "{}", report.render());
    assert_eq!((report.asked, report.same), (400, 400));
}

#[test]
fn memory_is_replayed() {
    let folder = TempDir::new().unwrap();
    let policy = guest("remembers");
    let mut memory: Option<Arc<[u8]>> = None;
    let mut evaluations = Vec::new();
    for evaluation in some(20) {
        let evaluation = Evaluation { memory: memory.clone(), ..evaluation };
        memory = policy.evaluate(&evaluation).answer.memory.map(Arc::from);
        evaluations.push(evaluation);
    }
    record(&config(&folder), &policy, evaluations);
    let report = again(&config(&folder).path, policy.policy(), &ReplayConfig::default());
    assert_eq!((report.asked, report.same), (20, 20));
}

#[test]
fn another_module_shows_where_it_differs() {
    let folder = TempDir::new().unwrap();
    let mut quiet = Situation::default();
    quiet.employ(
        &ProfileName::from("work"),
        &Counts { idle: 2, per_machine: 2, ..Counts::default() },
    );
    let mut busy = quiet.clone();
    busy.profiles[0].queues[0].ready = Some(500);
    record(&config(&folder), &threshold(), vec![quiet.evaluation(), busy.evaluation()]);
    let other = bind("min-instance", wasm("min-instance"));
    let report = again(&config(&folder).path, threshold().policy(), &against(&other, None));
    assert!(!report.is_same());
    expect![[r#"
        2026-01-01T00:00:00Z trial/work, threshold (live):
          delta    -1
          now      -2
          reason   queue idle for 10m >= 5m: 1 worker fewer, keeping the minimum 0 and the first on each machine
          now      2 workers > 0 (minimum 0): 2 could go
        2026-01-01T00:00:00Z trial/work, threshold (live):
          delta    +1
          now      -2
          reason   backlog 500 > threshold 100: one more worker
          now      2 workers > 0 (minimum 0): 2 could go
        2 asked again: 0 the same, 2 need otherwise
    "#]].assert_eq(&report.render());
}

/// Only what it is there for is asked, and other words are no other needs.
#[test]
fn another_module_is_asked_in_place_of_one_policy() {
    let folder = TempDir::new().unwrap();
    let mine = bind("mine", &guests::answering("1", "one more"));
    let yours = bind("yours", &guests::answering("7", "seven more"));
    record(&config(&folder), &mine, some(3));
    record(&config(&folder), &yours, some(2));
    let path = config(&folder).path;
    let worded = bind("worded", &guests::answering("1", "one worker more"));

    let report = again(&path, mine.policy(), &against(&worded, Some("mine")));
    assert!(report.is_same(), "{report:?}");
    expect![[r#"
        left out, as other policies gave them: 2 of yours (--as, --all)
        3 asked again: 0 the same, 0 need otherwise, 3 differ in the reason only
    "#]]
    .assert_eq(&report.render());

    let shown = ReplayConfig { reasons: true, ..against(&worded, Some("mine")) };
    let report = again(&path, mine.policy(), &shown);
    let kinds: Vec<Kind> = report.differences.iter().map(|difference| difference.kind).collect();
    assert_eq!(kinds, [Kind::Reason; 3]);
    assert!(report.render().contains("  now      one worker more\n"), "{}", report.render());

    let report = again(&path, mine.policy(), &against(&worded, None));
    assert_eq!((report.different, report.reasons_only), (2, 3));
    assert!(!report.is_same());

    // Nobody's evaluation is no likeness.
    let report = again(&path, mine.policy(), &against(&worded, Some("worded")));
    assert!(!report.is_same());
    expect![[r#"
        left out, as other policies gave them: 3 of mine, 2 of yours (--as, --all)
        0 asked again: 0 the same, 0 need otherwise
    "#]]
    .assert_eq(&report.render());
}

#[test]
fn a_policy_that_is_not_at_hand_is_told() {
    let folder = TempDir::new().unwrap();
    let odd = bind("odd", &guests::answering("3", "three"));
    record(&config(&folder), &odd, some(3));
    let report = again(&config(&folder).path, threshold().policy(), &ReplayConfig::default());
    assert!(!report.is_same());
    let told = report.render().replace(&odd.policy().digest().short(), "DIGEST");
    expect![[r#"
        3 not asked: policy odd (DIGEST) is not at hand: name its file with --policy
        0 asked again: 0 the same, 0 need otherwise
    "#]]
    .assert_eq(&told);
}

#[test]
fn snapshots_are_written_once_a_tick() {
    let folder = TempDir::new().unwrap();
    let evaluations = some(2);
    let all = [0, 0, 0, 1, 1, 0].map(|at: usize| evaluations[at].clone()).to_vec();
    record(&config(&folder), &threshold(), all);
    let text = fs::read_to_string(&config(&folder).path).unwrap();
    let kinds: Vec<&str> = text.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
    expect!["snapshot evaluation evaluation evaluation snapshot evaluation evaluation snapshot evaluation"].assert_eq(&kinds.join(" "));
}

#[test]
fn decisions_stand_beside_the_evaluations() {
    let folder = TempDir::new().unwrap();
    let recorder = Recorder::start(&config(&folder)).unwrap();
    recorder.evaluated(entry(&threshold(), some(1).remove(0)));
    let decided = Decided {
        site: SiteName::from("trial"),
        profile: ProfileName::from("work"),
        tick: 2,
        at: Timestamp::from_millis(5),
        capacity: 3,
        desired: 4,
        planned: 3,
        headline: "one more, and no room".to_owned(),
    };
    recorder.decided(decided.clone());
    drop(recorder);
    let items: Vec<Item> = Recording::open(&config(&folder).path).map(Result::unwrap).collect();
    assert!(matches!(&items[..], [Item::Evaluation(_), Item::Decision(read)] if *read == decided));
}

/// What is told of a recording of three evaluations that somebody changed.
#[track_caller]
fn damaged(change: impl FnOnce(Vec<String>) -> String, want: Expect) {
    let folder = TempDir::new().unwrap();
    let path = config(&folder).path;
    record(&config(&folder), &threshold(), some(3));
    let lines = fs::read_to_string(&path).unwrap().lines().map(|l| format!("{l}\n")).collect();
    fs::write(&path, change(lines)).unwrap();
    let told = again(&path, threshold().policy(), &ReplayConfig::default()).render();
    want.assert_eq(&told.replace(&folder.path().display().to_string(), ""));
}

#[test]
fn what_is_damaged_is_told_with_its_place_and_the_rest_is_used() {
    damaged(
        |lines| lines.concat().trim_end().rsplit_once(',').unwrap().0.to_owned(),
        expect![[r#"
            /site.jsonl:6: the line is torn: the host was stopped, or the disk was full, while it was written
            2 asked again: 2 the same, 0 need otherwise
        "#]],
    );
    damaged(
        |mut lines| {
            lines.remove(2);
            lines.concat()
        },
        expect![[r#"
            /site.jsonl:3: snapshot 2 is not in this file before it: the evaluation is left out
            2 asked again: 2 the same, 0 need otherwise
        "#]],
    );
    damaged(
        |mut lines| {
            let known = format!("{{\"v\":{}", hooke_trial::record::VERSION);
            lines[1] = lines[1].replace(&known, "{\"v\":7");
            lines.concat()
        },
        expect![[r#"
            /site.jsonl:2: version 7 of the form; this host reads 2: use a host of that time
            2 asked again: 2 the same, 0 need otherwise
        "#]],
    );
    damaged(
        |mut lines| {
            lines[3] = "good morning\n".to_owned();
            lines.concat()
        },
        expect![[r#"
            /site.jsonl:4: this is no line of a recording: expected value at line 1 column 1
            2 asked again: 2 the same, 0 need otherwise
        "#]],
    );
}

#[test]
fn a_recorder_goes_on_after_a_torn_line() {
    let folder = TempDir::new().unwrap();
    let path = config(&folder).path;
    record(&config(&folder), &threshold(), some(2));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 40]).unwrap();
    record(&config(&folder), &threshold(), some(2));
    let report = again(&path, threshold().policy(), &ReplayConfig::default());
    assert_eq!((report.asked, report.same, report.troubles.len()), (3, 3, 1), "{report:?}");
}

#[test]
fn what_does_not_fit_the_queue_is_dropped_and_counted() {
    let folder = TempDir::new().unwrap();
    let config = RecorderConfig { waiting: 1, ..config(&folder) };
    let recorder = Recorder::start(&config).unwrap();
    let mut big = Situation::default();
    big.employ(&ProfileName::from("work"), &Counts { busy: 5_000, ..Counts::default() });
    let entries: Vec<Entry> = (0..20).map(|_| entry(&guest("honest"), big.evaluation())).collect();
    for entry in entries {
        recorder.evaluated(entry);
    }
    let status = recorder.close();
    assert_eq!(status.written + status.dropped, 20);
    assert!(status.dropped > 0, "{status:?}");
    let report = again(&config.path, guest("honest").policy(), &ReplayConfig::default());
    assert_eq!((report.asked as u64, report.dropped), (status.written, status.dropped));
}

#[test]
fn a_disk_that_fails_is_told_and_stops_nothing() {
    let folder = TempDir::new().unwrap();
    let config = RecorderConfig { file_bytes: 1, ..config(&folder) };
    let recorder = Recorder::start(&config).unwrap();
    // With the folder gone the file cannot be rotated.
    fs::remove_dir_all(folder.path()).unwrap();
    for evaluation in some(3) {
        recorder.evaluated(entry(&threshold(), evaluation));
    }
    let status = recorder.close();
    assert_eq!((status.written, status.dropped), (1, 2));
    assert!(status.trouble.is_some());
}

#[test]
fn old_files_go_and_the_rest_stands_by_itself() {
    let folder = TempDir::new().unwrap();
    let config = RecorderConfig { file_bytes: 20_000, files: 3, ..config(&folder) };
    record(&config, &threshold(), some(200));
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 3);
    for name in ["site.jsonl", "site.jsonl.1", "site.jsonl.2"] {
        let recording = Recording::of_file(&folder.path().join(name));
        assert!(recording.map(Result::unwrap).count() > 0, "{name}");
    }
    let report = again(&config.path, threshold().policy(), &ReplayConfig::default());
    assert!(report.is_same() && report.asked > 0 && report.asked < 200, "{}", report.render());
}
