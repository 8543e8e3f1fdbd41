//! The words of the texts: times, states, actions, failures.

use std::time::Duration;

use hooke_control::action::{Action, Failure};
use hooke_control::combine::Combine;
use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, ProfileName, VmId, WorkerId};
use hooke_control::staging::{Request, Staged};

pub(crate) fn pairs<'a>(words: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    words.iter().map(|word| word.split_once('=').unwrap_or_else(|| panic!("{word}")))
}

/// `450ms`, `30s`, `10m` or `2h`.
pub(crate) fn span(text: &str) -> Duration {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().unwrap();
    match &text[digits.len()..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        "h" => Duration::from_secs(number * 3600),
        other => panic!("unit {other}"),
    }
}

pub(crate) fn state(text: &str) -> VmState {
    let all = [
        VmState::Pending,
        VmState::Booting,
        VmState::Running,
        VmState::Draining,
        VmState::Suspending,
        VmState::Suspended,
        VmState::Stopped,
        VmState::Terminating,
        VmState::Failed,
    ];
    all.into_iter().find(|state| state.as_str() == text).unwrap_or_else(|| panic!("{text}"))
}

pub(crate) fn combine(text: &str) -> Combine {
    let rule = Combine::ALL.into_iter().find(|rule| rule.as_str() == text);
    rule.unwrap_or_else(|| panic!("{text}"))
}

pub(crate) fn request(text: &str) -> Request {
    let (verb, name) = text.split_once(':').unwrap();
    let what = match verb {
        "launch" => Staged::Launch(ImageName::from(name)),
        "resume" => Staged::Resume(VmId::from(name)),
        "suspend" => Staged::Suspend(VmId::from(name)),
        "terminate" => Staged::Terminate(VmId::from(name)),
        "start" => Staged::StartWorker(VmId::from(name)),
        "stop" => Staged::StopWorker(VmId::from(name)),
        other => panic!("request {other}"),
    };
    Request { what, why: "it asked".into() }
}

pub(crate) fn action(words: &[&str]) -> Action {
    let vm = || VmId::from(words[1]);
    match words[0] {
        "launch" => Action::Launch { image: ImageName::from(words[1]) },
        "resume" => Action::Resume { vm: vm() },
        "suspend" => Action::Suspend { vm: vm() },
        "terminate" => Action::Terminate { vm: vm() },
        "start" => Action::StartWorker { vm: vm(), profile: ProfileName::from(words[2]) },
        "stop" => Action::StopWorker { vm: vm(), worker: WorkerId::from(words[2]) },
        other => panic!("action {other}"),
    }
}

pub(crate) fn failure(kind: &str) -> Failure {
    let why = format!("the cloud said {kind}");
    match kind {
        "throttled" => Failure::Throttled { retry_after: None, why },
        "no-capacity" => Failure::NoCapacity { why },
        "quota" => Failure::QuotaExceeded { why },
        "unauthorized" => Failure::Unauthorized { why },
        "not-found" => Failure::NotFound { why },
        "rejected" => Failure::Rejected { why },
        "unclear" => Failure::Unclear { why },
        other => panic!("failure {other}"),
    }
}
