//! What can be done to a fleet, and how it went. An action names its machine:
//! whoever carries it out has nothing left to choose.

use std::fmt;
use std::time::Duration;

use crate::ids::{ImageName, IntentKey, ProfileName, VmId, WorkerId};
use crate::units::Timestamp;

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Make one machine of this image, with the workers it starts at boot.
    Launch { image: ImageName },
    /// Bring a suspended (or suspending) machine back, with its workers.
    Resume { vm: VmId },
    /// Let the workers of a running machine leave, then suspend it.
    Suspend { vm: VmId },
    /// Let the workers of a machine leave, then end it for good.
    Terminate { vm: VmId },
    /// Start one more worker on a running machine.
    StartWorker { vm: VmId, profile: ProfileName },
    /// Let one worker finish what it has in hand and leave.
    StopWorker { vm: VmId, worker: WorkerId },
}

impl Action {
    /// The action's kind, as metrics and the journal name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Launch { .. } => "launch",
            Self::Resume { .. } => "resume",
            Self::Suspend { .. } => "suspend",
            Self::Terminate { .. } => "terminate",
            Self::StartWorker { .. } => "start-worker",
            Self::StopWorker { .. } => "stop-worker",
        }
    }

    /// The machine that exists already and is acted upon.
    pub const fn vm(&self) -> Option<&VmId> {
        match self {
            Self::Launch { .. } => None,
            Self::Resume { vm }
            | Self::Suspend { vm }
            | Self::Terminate { vm }
            | Self::StartWorker { vm, .. }
            | Self::StopWorker { vm, .. } => Some(vm),
        }
    }

    /// Whether it takes workers away.
    pub const fn removes(&self) -> bool {
        match self {
            Self::Suspend { .. } | Self::Terminate { .. } | Self::StopWorker { .. } => true,
            Self::Launch { .. } | Self::Resume { .. } | Self::StartWorker { .. } => false,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launch { image } => write!(f, "launch image {image}"),
            Self::Resume { vm } => write!(f, "resume {vm}"),
            Self::Suspend { vm } => write!(f, "suspend {vm}"),
            Self::Terminate { vm } => write!(f, "terminate {vm}"),
            Self::StartWorker { vm, profile } => write!(f, "start a worker of {profile} on {vm}"),
            Self::StopWorker { vm, worker } => write!(f, "stop worker {worker} on {vm}"),
        }
    }
}

/// An action with its name, on disk before the cloud is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Names it for ever; the cloud driver's idempotency token.
    pub key: IntentKey,
    /// What is to be done.
    pub action: Action,
    /// The profile whose need it meets, where one need is met.
    pub profile: Option<ProfileName>,
    /// Why, in one sentence.
    pub reason: String,
    /// The tick's time.
    pub at: Timestamp,
}

/// How a call to the cloud went well. Doing nothing is told apart from doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or accepted by the cloud. Names the machine or worker it is about.
    Applied { vm: VmId },
    /// The world already was so: the key was used before, or what was to go is gone.
    AlreadyTrue { vm: Option<VmId> },
}

/// How a call to the cloud went wrong, by what the caller does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Wait, then try again.
    Throttled { retry_after: Option<Duration>, why: String },
    /// The cloud has no room for this now: try another image or machine.
    NoCapacity { why: String },
    /// The account's quota is used up: launch nothing until it changes.
    QuotaExceeded { why: String },
    /// The credentials do not allow it: an operator has to act.
    Unauthorized { why: String },
    /// What was to be acted upon is not there.
    NotFound { why: String },
    /// The cloud understood and said no: the same again will not help.
    Rejected { why: String },
    /// It may or may not have been done: look before trying again.
    Unclear { why: String },
}

impl Failure {
    /// The failure's kind, as metrics and the journal name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::NoCapacity { .. } => "no-capacity",
            Self::QuotaExceeded { .. } => "quota-exceeded",
            Self::Unauthorized { .. } => "unauthorized",
            Self::NotFound { .. } => "not-found",
            Self::Rejected { .. } => "rejected",
            Self::Unclear { .. } => "unclear",
        }
    }

    /// The sentence for the operator.
    pub fn why(&self) -> &str {
        match self {
            Self::Throttled { why, .. }
            | Self::NoCapacity { why }
            | Self::QuotaExceeded { why }
            | Self::Unauthorized { why }
            | Self::NotFound { why }
            | Self::Rejected { why }
            | Self::Unclear { why } => why,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind(), self.why())
    }
}
