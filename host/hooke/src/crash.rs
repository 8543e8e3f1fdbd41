//! Places where a test lets the host die, to show that a crash anywhere
//! between a decision and its outcome neither loses nor doubles a machine.
//! Compiled to nothing without the feature `crash-points`.

use hooke_control::action::Action;

/// A step on the way of an action.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Decided; nothing is on disk.
    Decided,
    /// The intent is on disk; the cloud knows nothing.
    Recorded,
    /// The cloud has answered; the outcome is not on disk.
    Applied,
    /// The outcome is on disk.
    Closed,
}

/// Dies by SIGKILL if `HOOKE_CRASH_AT` names this step of this kind of action,
/// as `recorded:launch` does.
#[cfg(feature = "crash-points")]
pub(crate) fn point(step: Step, action: &Action) {
    let name = match step {
        Step::Decided => "decided",
        Step::Recorded => "recorded",
        Step::Applied => "applied",
        Step::Closed => "closed",
    };
    if std::env::var("HOOKE_CRASH_AT").is_ok_and(|at| at == format!("{name}:{}", action.kind())) {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Does nothing.
#[cfg(not(feature = "crash-points"))]
pub(crate) const fn point(_: Step, _: &Action) {}
