//! What a cloud driver says of its machines. Only machines that Hooke created
//! and tagged for this site are ever in it.

use std::net::{IpAddr, SocketAddr};

use crate::ids::{ImageName, IntentKey, ProfileName, VmId, WorkerId};
use crate::units::Timestamp;

/// Where a machine is in its life.
///
/// ```text
/// pending ─► booting ─► running ─► suspending ─► suspended ─► booting (resumed)
///                          │  └──► draining ─► stopped
///                          └─────► terminating ─► (gone)       failed: from anywhere
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VmState {
    /// Asked for; the cloud has not begun to build it.
    Pending,
    /// Being built, booted or resumed.
    Booting,
    /// Serving.
    Running,
    /// Taking no new work; what runs may finish.
    Draining,
    /// On its way to suspended; its workers are leaving.
    Suspending,
    /// Kept by the cloud, doing nothing, quick to bring back.
    Suspended,
    /// Shut down but kept by the cloud.
    Stopped,
    /// On its way out; its workers are leaving.
    Terminating,
    /// Broken; serves nothing and counts against the limits until gone.
    Failed,
}

impl VmState {
    /// The state as the documentation writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Booting => "booting",
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Suspending => "suspending",
            Self::Suspended => "suspended",
            Self::Stopped => "stopped",
            Self::Terminating => "terminating",
            Self::Failed => "failed",
        }
    }
}

/// Where a worker process is in its life, as its machine says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerPhase {
    /// Runs, as far as the machine can tell.
    Running,
    /// Told to leave; finishes what it has in hand.
    Draining,
}

/// One worker process, as its machine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenWorker {
    /// Its name.
    pub id: WorkerId,
    /// The profile it works for.
    pub profile: ProfileName,
    /// Whether it runs or leaves.
    pub phase: WorkerPhase,
    /// When it was started.
    pub started_at: Timestamp,
    /// The local ends of its open connections, where the driver can see them.
    pub endpoints: Vec<SocketAddr>,
}

/// One machine, as the cloud lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenVm {
    /// Its name.
    pub id: VmId,
    /// The intent that launched it.
    pub key: IntentKey,
    /// The image it was launched from.
    pub image: ImageName,
    /// Where it is in its life.
    pub state: VmState,
    /// When it was launched.
    pub launched_at: Timestamp,
    /// Its address, by which consumers are tied to it; `None` where machines
    /// share one, as on a single box.
    pub address: Option<IpAddr>,
    /// Load: CPU cores in demand, as a load average counts them. `None` when
    /// not measured. Checked where the facts of a tick come together.
    pub load: Option<f64>,
    /// The worker processes on it; `None` where the driver cannot look inside.
    pub workers: Option<Vec<SeenWorker>>,
}
