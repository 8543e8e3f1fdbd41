//! What each import answers, without a guest between: a mix-up of two numbers
//! would be seen here and nowhere else.

#[path = "../../tests/policies/snapshots.rs"]
mod snapshots;

mod history;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_control::fleet::VmState;
use hooke_control::ids::{ProfileName, QueueName};
use hooke_control::queue::{Activity, Missing, QueueFacts};
use hooke_control::snapshot::{Reading, Snapshot};
use hooke_history::View;

use self::snapshots::{Fleet, NOW, snapshot};
use crate::contract::{cloud, log, memory, metrics, settings};
use crate::evaluation::{Evaluation, Level};
use crate::limits::Limits;
use crate::state::State;

fn state(snapshot: Arc<Snapshot>) -> State {
    let evaluation = Evaluation {
        snapshot,
        history: View::empty(),
        profile: ProfileName::from("ocr"),
        settings: Arc::from(r#"{"threshold": 5}"#),
        memory: Some(Arc::from(&b"before"[..])),
    };
    State::of(&evaluation, &Arc::new(Limits::default()), Level::Info)
}

/// One queue of each kind of reading, each number another.
fn odd() -> Snapshot {
    let mut snapshot = Arc::unwrap_or_clone(snapshot(Fleet { ready: 7, idle: 2, busy: 1 }));
    let facts = QueueFacts {
        ready: Some(11),
        unacked: Some(12),
        consumers: Some(13),
        arrival_rate: Some(f64::NAN),
        service_rate: Some(15.5),
        activity: Activity::IdleSince(NOW.minus(Duration::from_millis(16))),
    };
    let why = || Missing("no answer".to_owned());
    let stale = Reading::Stale(facts, NOW.minus(Duration::from_millis(17)), why());
    snapshot.queues = BTreeMap::from([
        (QueueName::from("b-stale"), stale),
        (QueueName::from("a-missing"), Reading::Missing(why())),
    ]);
    let view = snapshot.profiles.get_mut("ocr").unwrap();
    let spec = Arc::make_mut(&mut view.spec);
    spec.queues = ["b-stale", "a-missing", "c-gone"].map(QueueName::from).to_vec();
    snapshot.vms[1].state = VmState::Suspended;
    snapshot.vms[2].load = None;
    snapshot
}

#[track_caller]
fn check(answers: &[String], want: Expect) {
    want.assert_eq(&format!("{}\n", answers.join("\n")));
}

fn said(answer: wasmtime::Result<impl std::fmt::Debug>) -> String {
    format!("{:?}", answer.unwrap())
}

#[test]
fn metrics_of_the_site() {
    use metrics::Host as _;
    let mut state = state(Arc::new(odd()));
    let answers = [
        said(state.now_ms()),
        said(state.site()),
        said(state.profiles()),
        said(state.bounds("nobody".to_owned())),
    ];
    check(
        &answers,
        expect![[r#"
        1700000000000
        "nova-east"
        ["ocr"]
        Err(MetricsError::UnknownProfile("nobody"))
    "#]],
    );
}

#[test]
fn metrics_of_a_profile() {
    use metrics::Host as _;
    let mut state = state(Arc::new(odd()));
    let ocr = || "ocr".to_owned();
    let answers =
        [said(state.bounds(ocr())), said(state.backlog(ocr())), said(state.workers(ocr()))];
    check(
        &answers,
        expect![[r#"
        Ok(WorkerBounds { minimum: 1, maximum: 40000 })
        Ok(BacklogSums { quality: Quality::Fresh, age-ms: 0, ready: Some(7), unacked: Some(1), consumers: Some(3), arrival-rate: Some(1.5), service-rate: None, idle-ms: None })
        Ok(WorkerCounts { capacity: 3, serving: 3, booting: 0, draining: 0, idle: 2, busy: 1, unknown: 0, idle-beyond-first: 0 })
    "#]],
    );
    let queues = state.queues(ocr()).unwrap().unwrap();
    check(
        &queues.iter().map(|queue| format!("{queue:?}")).collect::<Vec<_>>(),
        expect![[r#"
        Queue { name: "a-missing", quality: Quality::Missing, age-ms: 0, ready: None, unacked: None, consumers: None, arrival-rate: None, service-rate: None, idle-ms: None, own-workers: 3, labels: [] }
        Queue { name: "b-stale", quality: Quality::Stale, age-ms: 17, ready: Some(11), unacked: Some(12), consumers: Some(13), arrival-rate: None, service-rate: Some(15.5), idle-ms: Some(16), own-workers: 3, labels: [] }
        Queue { name: "c-gone", quality: Quality::Missing, age-ms: 0, ready: None, unacked: None, consumers: None, arrival-rate: None, service-rate: None, idle-ms: None, own-workers: 3, labels: [] }
    "#]],
    );
}

#[test]
fn machines_of_a_profile() {
    use metrics::Host as _;
    let mut state = state(Arc::new(odd()));
    let vms = state.vms("ocr".to_owned()).unwrap().unwrap();
    check(
        &vms.iter().map(|vm| format!("{vm:?}")).collect::<Vec<_>>(),
        expect![[r#"
        Vm { id: "vm-0000", image: "small", state: VmState::Running, age-ms: 3600000, idle-ms: Some(600000), vcpus: 2, load: Some(0.25), workers: 1, workers-all: 1, labels: [] }
        Vm { id: "vm-0001", image: "small", state: VmState::Suspended, age-ms: 3600000, idle-ms: Some(600000), vcpus: 2, load: Some(0.25), workers: 1, workers-all: 1, labels: [] }
        Vm { id: "vm-0002", image: "small", state: VmState::Running, age-ms: 3600000, idle-ms: None, vcpus: 2, load: None, workers: 1, workers-all: 1, labels: [] }
    "#]],
    );
    let mut idle = |at_least, limit| -> Vec<String> {
        let vms = state.idle_vms("ocr".to_owned(), at_least, limit).unwrap().unwrap();
        vms.into_iter().map(|vm| vm.id).collect()
    };
    assert_eq!(idle(600_000, 10), ["vm-0000"]);
    assert_eq!(idle(600_001, 10), [""; 0]);
    assert_eq!(idle(0, 0), [""; 0]);
}

#[test]
fn every_call_is_counted_and_the_log_is_not() {
    use {log::Host as _, memory::Host as _, settings::Host as _};
    let mut state = state(snapshot(Fleet { ready: 0, idle: 1, busy: 0 }));
    let answers = [
        said(state.json()),
        said(state.enabled(log::Level::Debug)),
        said(state.enabled(log::Level::Info)),
        said(state.load()),
        said(state.store(b"after".to_vec())),
        // What is stored is not read back before the next tick.
        said(state.load()),
        said(state.write(log::Level::Debug, "below".to_owned())),
        said(state.write(log::Level::Warn, "odd".to_owned())),
        format!(
            "{} calls, {:?}, {} dropped",
            state.budget.host_calls(),
            state.log.lines,
            state.log.dropped
        ),
    ];
    check(
        &answers,
        expect![[r#"
        "{\"threshold\": 5}"
        false
        true
        Some([98, 101, 102, 111, 114, 101])
        Ok(())
        Some([98, 101, 102, 111, 114, 101])
        ()
        ()
        6 calls, [LogLine { level: Warn, text: "odd" }], 0 dropped
    "#]],
    );
}

#[test]
fn refusals_keep_their_kind() {
    use cloud::Host as _;
    let mut state = state(Arc::new(odd()));
    let why = || "why".to_owned();
    let answers = [
        said(state.launch("small".to_owned(), why())),
        said(state.launch("large".to_owned(), why())),
        said(state.resume("vm-0001".to_owned(), why())),
        said(state.resume("vm-0001".to_owned(), why())),
        said(state.resume("vm-0000".to_owned(), why())),
        said(state.suspend("vm-0002".to_owned(), why())),
        said(state.terminate("vm-9999".to_owned(), why())),
        said(state.start_worker("vm-0000".to_owned(), why())),
        said(state.stop_worker("vm-0000".to_owned(), why())),
    ];
    check(
        &answers,
        expect![[r#"
        Ok(())
        Err(Refusal::UnknownImage("the site has no image large"))
        Ok(())
        Err(Refusal::OverLimit("already asked for: resume vm-0001"))
        Err(Refusal::WrongState("vm-0000 is running, not suspended or suspending"))
        Err(Refusal::Busy("worker worker-0002 on vm-0002 is busy"))
        Err(Refusal::UnknownVm("no machine vm-9999 at this site"))
        Ok(())
        Ok(())
    "#]],
    );
    let (staged, _) = state.take_staged();
    let staged: Vec<String> = staged.iter().map(|request| request.what.to_string()).collect();
    check(
        &staged,
        expect![[r#"
        launch small
        resume vm-0001
        start a worker on vm-0000
        stop a worker on vm-0000
    "#]],
    );
}
