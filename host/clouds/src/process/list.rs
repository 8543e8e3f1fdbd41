//! What there is: reads what keepers wrote down and what the kernel says.
//! Writes nothing and asks nobody, so that neither a suspended nor a hung
//! keeper can hold up a list.

use std::collections::BTreeMap;
use std::io;
use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hooke_control::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use hooke_control::ids::{ImageName, IntentKey, VmId, WorkerId};
use hooke_control::units::{Timestamp, millis};

use super::Inner;
use super::layout::VmDir;
use super::life::Life;
use super::proc::{Processes, Sockets};
use super::record::{FORMAT, Found, Phase, Spec, Stance, Status, WorkerRecord};
use crate::CloudError;

/// One second: the kernel counts CPU time in hundredths, so that a shorter
/// span would say more of the counting than of the load.
const LOAD_SPAN_MIN: Duration = Duration::from_secs(1);
/// A tenth of a second: how long a machine is taken to have run at the least,
/// so that what it used during its start divides to something finite.
const LIFE_MIN: Duration = Duration::from_millis(100);
/// The image of a machine whose `vm.json` cannot be read. No image has this name.
const UNKNOWN_IMAGE: &str = "(damaged)";

/// The last load of every machine, and what it was measured from.
pub(super) type Loads = BTreeMap<VmId, Load>;

/// One measured load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    at: Instant,
    cpu_seconds: f64,
    cores: f64,
}

/// How a machine stands: what its files and its lock say together.
#[derive(Debug)]
pub(super) enum Standing {
    /// Written down, but no keeper has run.
    HalfDone,
    /// A keeper lives and has not yet said anything.
    Starting,
    /// A keeper lives.
    Kept(Status),
    /// Its keeper died. The last status, unless that is damaged too.
    Dead(Option<Status>),
    /// It went while we looked.
    Gone,
}

impl Standing {
    /// Looks at one machine.
    pub(super) fn of(dir: &VmDir) -> io::Result<Self> {
        // The lock first: a keeper writes its status after it has the lock, so
        // that no lock and no status means that none ever ran.
        let taken = match Life::is_taken(dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::Gone),
            other => other?,
        };
        let status = dir.status()?;
        if !dir.is_there() {
            return Ok(Self::Gone);
        }
        Ok(match (taken, status) {
            (true, Found::Record(status)) => Self::Kept(status),
            (true, Found::Nothing | Found::Damaged(_)) => Self::Starting,
            (false, Found::Record(status)) => Self::dead(dir, Some(status))?,
            (false, Found::Damaged(_)) => Self::dead(dir, None)?,
            (false, Found::Nothing) => Self::HalfDone,
        })
    }

    /// A keeper may have started between the look at the lock and the one at
    /// the status; only a second look at the lock tells.
    fn dead(dir: &VmDir, status: Option<Status>) -> io::Result<Self> {
        if !Life::is_taken(dir)? {
            return Ok(Self::Dead(status));
        }
        Ok(status.map_or(Self::Starting, Self::Kept))
    }

    fn state(&self) -> VmState {
        match self {
            Self::HalfDone | Self::Gone => VmState::Pending,
            Self::Starting => VmState::Booting,
            Self::Dead(_) => VmState::Failed,
            Self::Kept(status) => match status.phase {
                Phase::Booting => VmState::Booting,
                Phase::Running => VmState::Running,
                Phase::Suspending => VmState::Suspending,
                Phase::Suspended => VmState::Suspended,
                Phase::Terminating => VmState::Terminating,
            },
        }
    }

    fn status(&self) -> Option<&Status> {
        match self {
            Self::Kept(status) | Self::Dead(Some(status)) => Some(status),
            Self::HalfDone | Self::Starting | Self::Dead(None) | Self::Gone => None,
        }
    }
}

/// What is known of who a machine is.
struct Identity {
    key: IntentKey,
    image: ImageName,
    launched_at: Timestamp,
}

impl Inner {
    pub(super) fn list(&self) -> Result<Vec<SeenVm>, CloudError> {
        let unclear = |e| CloudError::from_io("listing machines", e);
        let mut found = Vec::new();
        for dir in self.site.vms().map_err(unclear)? {
            // First whose it is: what is not ours is not even locked.
            let Some(identity) = self.identity(&dir)? else { continue };
            let standing = Standing::of(&dir).map_err(unclear)?;
            if !matches!(standing, Standing::Gone) {
                found.push((VmId::from(dir.name()), identity, standing));
            }
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let processes = Processes::look().map_err(unclear)?;
        let sockets = Sockets::look().map_err(unclear)?;
        self.forget_all_but(&found);
        let seen =
            |(id, identity, standing)| self.seen(id, identity, &standing, &processes, &sockets);
        Ok(found.into_iter().map(seen).collect())
    }

    /// The directory of a machine of this site.
    pub(super) fn find(&self, vm: &VmId) -> Result<Option<VmDir>, CloudError> {
        let unclear = |e| CloudError::from_io(format!("looking for {vm}"), e);
        let Some(dir) = self.site.vm(vm).map_err(unclear)? else { return Ok(None) };
        Ok(self.identity(&dir)?.map(|_ours| dir))
    }

    /// Who a machine is; `None` if it went, or belongs to somebody else. A
    /// damaged machine keeps its id and gets that for a key: it is listed, it
    /// counts, and it can be terminated.
    fn identity(&self, dir: &VmDir) -> Result<Option<Identity>, CloudError> {
        let doing = || format!("listing {}", dir.name());
        let unclear = |e| CloudError::from_io(doing(), e);
        match dir.label().map_err(unclear)? {
            Found::Record(label) if label.site != self.config.site.as_str() => return Ok(None),
            Found::Record(label) if label.format > FORMAT => {
                let why = format!("a later Hooke wrote it, in format {}", label.format);
                return Err(CloudError::Rejected { doing: doing(), why });
            }
            Found::Record(_) | Found::Damaged(_) | Found::Nothing => {}
        }
        match dir.spec().map_err(unclear)? {
            Found::Nothing => Ok(None),
            Found::Record(spec) => Ok(Some(Identity::from(&spec))),
            Found::Damaged(why) => {
                tracing::warn!(vm = dir.name(), %why, "vm.json is damaged; terminate this machine");
                let (key, image) = (IntentKey::from(dir.name()), ImageName::from(UNKNOWN_IMAGE));
                Ok(Some(Identity { key, image, launched_at: Timestamp::default() }))
            }
        }
    }

    fn seen(
        &self,
        id: VmId,
        identity: Identity,
        standing: &Standing,
        processes: &Processes,
        sockets: &Sockets,
    ) -> SeenVm {
        let Identity { key, image, launched_at } = identity;
        let damaged = image.as_str() == UNKNOWN_IMAGE && !matches!(standing, Standing::Kept(_));
        let state = if damaged { VmState::Failed } else { standing.state() };
        let session = standing.status().and_then(|status| status.session);
        let load = session.map(|session| {
            self.load(&id, processes.cpu_seconds(session), wall_clock().since(launched_at))
        });
        let records = standing.status().map_or(&[][..], |status| &status.workers);
        let alive = records.iter().filter(|worker| processes.lives(worker.process));
        let workers = alive.map(|worker| seen_worker(worker, processes, sockets)).collect();
        SeenVm { id, key, image, state, launched_at, address: None, load, workers: Some(workers) }
    }

    /// CPU cores in use since the last measurement; since the launch, at the first.
    fn load(&self, vm: &VmId, cpu_seconds: f64, age: Duration) -> f64 {
        let at = Instant::now();
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        let last = loads.get(vm).copied();
        if let Some(last) = last.filter(|last| at.duration_since(last.at) < LOAD_SPAN_MIN) {
            return last.cores;
        }
        let (before, span) = last.map_or((0.0, age.max(LIFE_MIN)), |last| {
            (last.cpu_seconds, at.duration_since(last.at))
        });
        // A process that nobody of the session waited for takes its CPU time along.
        let cores = ((cpu_seconds - before) / span.as_secs_f64()).max(0.0);
        loads.insert(vm.clone(), Load { at, cpu_seconds, cores });
        cores
    }

    fn forget_all_but(&self, found: &[(VmId, Identity, Standing)]) {
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        loads.retain(|vm, _| found.iter().any(|(id, ..)| id == vm));
    }
}

impl From<&Spec> for Identity {
    fn from(spec: &Spec) -> Self {
        Self {
            key: IntentKey::from(spec.key.as_str()),
            image: ImageName::from(spec.image.as_str()),
            launched_at: Timestamp::from_millis(spec.launched_at),
        }
    }
}

fn seen_worker(worker: &WorkerRecord, processes: &Processes, sockets: &Sockets) -> SeenWorker {
    SeenWorker {
        id: WorkerId::from(worker.id.as_str()),
        profile: worker.profile.as_str().into(),
        phase: match worker.stance {
            Stance::Serving => WorkerPhase::Running,
            Stance::Leaving => WorkerPhase::Draining,
        },
        started_at: Timestamp::from_millis(worker.started_at),
        endpoints: processes.endpoints(worker.process, sockets),
    }
}

/// The time of day. A clock before 1970 is taken for 1970.
pub(super) fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(millis(since))
}
