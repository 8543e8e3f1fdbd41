//! What had better not be tried again yet. Knows failures; decides nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::action::{Action, Failure};
use crate::ids::{ImageName, VmId};
use crate::units::Timestamp;

/// The first pause after a failure; doubled with each further one.
const BACK_OFF_FIRST: Duration = Duration::from_secs(30);

/// The longest pause of our own: a quarter of an hour costs little waiting once
/// a cloud is well again, and 96 calls a day bother nobody.
const BACK_OFF_LONGEST: Duration = Duration::from_secs(900);

/// The longest pause that a cloud may ask for. Clouds ask for seconds to
/// minutes; more is a mistake of theirs, or a clock that was set back.
const PAUSE_LONGEST: Duration = Duration::from_secs(3600);

/// What a failure makes us stay away from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Launching this image.
    Image(ImageName),
    /// Launching anything at the site.
    Launches,
    /// Doing anything with this machine.
    Vm(VmId),
}

/// A pause after failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackOff {
    /// How often it failed in a row, failures during one pause counted once.
    pub failures: u32,
    /// When it may be tried again.
    pub until: Timestamp,
    /// What the cloud said last.
    pub why: String,
}

impl BackOff {
    fn holds(&self, now: Timestamp) -> bool {
        self.until > now && self.until.since(now) <= PAUSE_LONGEST
    }
}

/// Every pause.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackOffs(BTreeMap<Target, BackOff>);

impl BackOffs {
    pub(crate) fn pause(&self, target: &Target, now: Timestamp) -> Option<&BackOff> {
        self.0.get(target).filter(|pause| pause.holds(now))
    }

    pub(crate) fn pauses(&self, now: Timestamp) -> impl Iterator<Item = (&Target, &BackOff)> {
        self.0.iter().filter(move |(_, pause)| pause.holds(now))
    }

    pub(crate) fn succeeded(&mut self, action: &Action) {
        self.0.remove(&target(action));
        if matches!(action, Action::Launch { .. }) {
            self.0.remove(&Target::Launches);
        }
    }

    pub(crate) fn failed(&mut self, action: &Action, failure: &Failure, now: Timestamp) {
        let Some(target) = target_of(action, failure) else { return };
        // What failed last so long ago says nothing of today.
        self.0.retain(|_, pause| now.since(pause.until) < PAUSE_LONGEST);
        let before = self.0.get(&target);
        let why = failure.to_string();
        let asked = now.plus(asked_for(failure));
        let pause = match before {
            // Calls made together fail together: that is one failure.
            Some(pause) if pause.holds(now) => {
                BackOff { failures: pause.failures, until: pause.until.max(asked), why }
            }
            Some(_) | None => {
                let failures = before.map_or(0, |pause| pause.failures).saturating_add(1);
                let until = now.plus(pause_after(failures)).max(asked);
                BackOff { failures, until, why }
            }
        };
        self.0.insert(target, pause);
    }
}

/// How long to wait once something was of no avail so often; at least once.
pub(crate) fn pause_after(failures: u32) -> Duration {
    let doubled = BACK_OFF_FIRST.saturating_mul(1_u32 << failures.saturating_sub(1).min(10));
    doubled.min(BACK_OFF_LONGEST)
}

fn asked_for(failure: &Failure) -> Duration {
    match failure {
        Failure::Throttled { retry_after, .. } => {
            retry_after.unwrap_or_default().min(PAUSE_LONGEST)
        }
        Failure::NoCapacity { .. }
        | Failure::QuotaExceeded { .. }
        | Failure::Unauthorized { .. }
        | Failure::NotFound { .. }
        | Failure::Rejected { .. }
        | Failure::Unclear { .. } => Duration::ZERO,
    }
}

fn target(action: &Action) -> Target {
    match action {
        Action::Launch { image } => Target::Image(image.clone()),
        Action::Resume { vm }
        | Action::Suspend { vm }
        | Action::Terminate { vm }
        | Action::StartWorker { vm, .. }
        | Action::StopWorker { vm, .. } => Target::Vm(vm.clone()),
    }
}

/// A used-up quota or refused credentials stop every launch of the site; other
/// failures only what failed. What is gone needs no pause.
fn target_of(action: &Action, failure: &Failure) -> Option<Target> {
    let launch = matches!(action, Action::Launch { .. });
    match failure {
        Failure::QuotaExceeded { .. }
        | Failure::Unauthorized { .. }
        | Failure::Throttled { .. }
            if launch =>
        {
            Some(Target::Launches)
        }
        Failure::NotFound { .. } if !launch => None,
        Failure::NotFound { .. }
        | Failure::Throttled { .. }
        | Failure::NoCapacity { .. }
        | Failure::QuotaExceeded { .. }
        | Failure::Unauthorized { .. }
        | Failure::Rejected { .. }
        | Failure::Unclear { .. } => Some(target(action)),
    }
}
