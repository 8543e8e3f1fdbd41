//! The policy host against real components: good ones, and every guest under
//! `tests/guests`.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

mod backtraces;
mod bundled;
mod corpus;
mod evaluating;
mod guests;
mod limits;
mod loading;
mod native;
mod snapshots;
mod wasi;
mod wasi_types;

use std::sync::{Arc, LazyLock};

use hooke_control::answer::Verdict;
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_history::View;
use hooke_runtime::{
    BoundPolicy, Evaluated, Evaluation, Grants, Host, HostConfig, Level, Limits, Wasi,
};

use crate::snapshots::{Fleet, snapshot};

/// One host for all tests, as one process has: what one guest does to it, the
/// others would feel.
static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(config()).unwrap());

fn config() -> HostConfig {
    HostConfig { limits: Limits::default(), log_from: Level::Debug, wasi: Wasi::Stub }
}

fn named(name: &str) -> PolicyName {
    PolicyName::from(name)
}

/// A guest, loaded and bound with every grant.
fn bound(name: &str, limits: Limits) -> BoundPolicy {
    let wasm = guests::guest(name).build();
    let policy = HOST.load(named(name), &wasm).unwrap();
    HOST.bind(&policy, &Grants::all(), limits).unwrap()
}

/// What is asked where it does not matter: a backlog, two idle machines, three
/// busy ones.
fn evaluation() -> Evaluation {
    Evaluation {
        snapshot: snapshot(Fleet { ready: 120, idle: 2, busy: 3 }),
        history: View::empty(),
        profile: ProfileName::from("ocr"),
        settings: Arc::from("{}"),
        memory: None,
    }
}

/// All of an evaluation that is the same on every machine, as text.
fn told(evaluated: &Evaluated) -> String {
    let mut lines = Vec::new();
    match &evaluated.answer.verdict {
        Verdict::Wish(wish) => {
            lines.push(format!("wish {:+}: {}", wish.delta, wish.reason));
            lines.extend(wish.staged.iter().map(|r| format!("staged {}: {}", r.what, r.why)));
        }
        Verdict::Failed(failure) => {
            lines.push(format!("failed, {}: {}", failure.kind(), failure.why()));
        }
    }
    lines.extend(evaluated.answer.memory.iter().map(|memory| format!("remember {memory:?}")));
    lines.extend(evaluated.log.iter().map(|line| format!("log {}: {}", line.level, line.text)));
    if evaluated.dropped_lines > 0 {
        lines.push(format!("{} log lines dropped", evaluated.dropped_lines));
    }
    lines.join("\n")
}

/// The host still serves the next policy, as if nothing had been.
#[track_caller]
fn still_serves() {
    let evaluated = bound("honest", Limits::default()).evaluate(&evaluation());
    assert_eq!(told(&evaluated), "wish +1: one more, as always");
}
