//! What a host does with a file that was dropped in: load it, give it settings,
//! ask it. It asserts what holds of every file.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hooke_control::answer::Verdict;
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::snapshot::{Reading, Refused, Snapshot};
use hooke_control::spec::{self, SiteSpec};
use hooke_control::units::Timestamp;
use hooke_history::View;
use hooke_runtime::{Evaluation, Grants, Host, HostConfig, Level, Limits, Wasi};

static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(HostConfig { limits: limits(), log_from: Level::Debug, wasi: Wasi::Stub }).expect("the engine starts")
});

/// Tiny, so that a run sees many files.
fn limits() -> Limits {
    Limits {
        wall_time: Duration::from_millis(50),
        memory: 4 << 20,
        host_calls: 200,
        value_bytes: 64 << 10,
        ..Limits::DEFAULT
    }
}

/// Loads a file and asks it everything.
pub fn visit(wasm: &[u8]) {
    let policy = match HOST.load(PolicyName::from("fuzzed"), wasm) {
        Ok(policy) => policy,
        Err(refused) => return clean(&refused.to_string()),
    };
    clean(&policy.describe().name);
    clean(&policy.describe().summary);
    let bound = match HOST.bind(&policy, &Grants::all(), limits()) {
        Ok(bound) => bound,
        Err(refused) => return clean(&refused.to_string()),
    };
    match bound.validate_settings("{}") {
        Ok(problems) => problems.iter().for_each(|problem| clean(&problem.to_string())),
        Err(failure) => clean(failure.why()),
    }
    let evaluated = bound.evaluate(&evaluation());
    evaluated.log.iter().for_each(|line| clean(&line.text));
    match evaluated.answer.verdict {
        Verdict::Wish(wish) => clean(&wish.reason),
        Verdict::Failed(failure) => clean(failure.why()),
    }
}

/// One line that shows as it reads.
fn clean(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// A site with nothing in it.
fn evaluation() -> Evaluation {
    let site = SiteSpec {
        name: SiteName::from("empty"),
        every: Duration::from_secs(30),
        limits: spec::Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(600),
        registration_timeout: Duration::from_secs(300),
        images: BTreeMap::new(),
        profiles: BTreeMap::new(),
    };
    let snapshot = Snapshot {
        site: Arc::new(site),
        tick: 1,
        now: Timestamp::from_millis(1_700_000_000_000),
        cloud: Reading::Fresh(()),
        consumers: Vec::new(),
        vms: Vec::new(),
        slackers: Default::default(),
        late: Default::default(),
        profiles: BTreeMap::new(),
        queues: BTreeMap::new(),
        refused: Refused::default(),
    };
    Evaluation {
        snapshot: Arc::new(snapshot),
        history: View::empty(),
        profile: ProfileName::from("ocr"),
        settings: Arc::from("{}"),
        memory: None,
    }
}
