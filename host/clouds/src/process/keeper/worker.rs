//! One place for a worker on a machine: the process in it, or the wait for the
//! next one. Starts processes and asks them to leave; has no stronger word.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hooke_control::units::Timestamp;
use rustix::process::{Pid, Signal, kill_process};

use super::super::layout::VmDir;
use super::super::log;
use super::super::proc::ProcessId;
use super::super::record::{Spec, Stance, WorkerRecord};
use super::note;

/// One second: what ended at once may do better in a moment.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
/// One minute: what ends again and again should not keep the computer busy,
/// and should come back soon after somebody mended it.
const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// One minute: who ran that long has not failed at its start.
const STEADY_AFTER: Duration = Duration::from_secs(60);

/// A place for a worker.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) profile: String,
    pub(super) state: SlotState,
    /// Ends in a row, each soon after a start.
    failures: u32,
}

/// What is in the place.
#[derive(Debug)]
pub(super) enum SlotState {
    /// A process that we started and have not reaped: its pid is its own.
    Runs(Running),
    /// Nothing until then.
    WaitsUntil(Instant),
}

/// A worker process.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    pub(super) record: WorkerRecord,
    since: Instant,
}

impl Slot {
    /// A place whose worker is to be started at once.
    pub(super) fn new(profile: &str, now: Instant) -> Self {
        let state = SlotState::WaitsUntil(now);
        Self { profile: profile.to_owned(), state, failures: 0 }
    }

    /// When there is something to do here without anybody asking.
    pub(super) fn due(&self) -> Option<Instant> {
        match &self.state {
            SlotState::Runs(_) => None,
            SlotState::WaitsUntil(due) => Some(*due),
        }
    }

    /// Starts its worker under the given name.
    pub(super) fn start(
        &mut self,
        id: String,
        dir: &VmDir,
        spec: &Spec,
        now: Instant,
        wall: Timestamp,
    ) {
        match spawn(&id, &self.profile, dir, spec) {
            Ok((child, process)) => {
                let record = WorkerRecord {
                    id,
                    profile: self.profile.clone(),
                    process,
                    started_at: wall.as_millis(),
                    stance: Stance::Serving,
                };
                self.state = SlotState::Runs(Running { child, record, since: now });
            }
            Err(e) => {
                note(format_args!("starting {id} of {}: {e}", self.profile));
                self.back_off(now);
            }
        }
    }

    /// Takes note if its worker ended. True if there was such an end.
    pub(super) fn reap(&mut self, now: Instant) -> Option<Ended> {
        let SlotState::Runs(running) = &mut self.state else { return None };
        let status = running.child.try_wait().unwrap_or_else(|e| {
            note(format_args!("waiting for {}: {e}", running.record.id));
            None
        })?;
        let ended = match running.record.stance {
            Stance::Leaving => Ended::AsAsked,
            Stance::Serving => Ended::Unasked(status),
        };
        if now.duration_since(running.since) >= STEADY_AFTER {
            self.failures = 0;
        }
        self.back_off(now);
        Some(ended)
    }

    fn back_off(&mut self, now: Instant) {
        let factor = 2_u32.saturating_pow(self.failures);
        let wait = BACK_OFF_MIN.saturating_mul(factor).min(BACK_OFF_MAX);
        self.failures = self.failures.saturating_add(1);
        self.state = SlotState::WaitsUntil(now + wait);
    }
}

/// How a worker came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It had been told to leave.
    AsAsked,
    /// By itself, or by somebody else's hand.
    Unasked(ExitStatus),
}

impl Running {
    /// Asks the worker to finish what it has in hand and leave. Once: to many
    /// programs a second SIGTERM means "at once".
    pub(super) fn ask_to_leave(&mut self) {
        if self.record.stance == Stance::Leaving {
            return;
        }
        self.record.stance = Stance::Leaving;
        // It is our child and not reaped, so the pid cannot be another's.
        if let Some(pid) = Pid::from_raw(self.record.process.pid)
            && let Err(e) = kill_process(pid, Signal::TERM)
        {
            note(format_args!("asking {} to leave: {e}", self.record.id));
        }
    }
}

/// Starts a process in the machine's own process group, under its tag.
fn spawn(id: &str, profile: &str, dir: &VmDir, spec: &Spec) -> io::Result<(Child, ProcessId)> {
    let command = spec.commands.get(profile).and_then(|command| command.split_first());
    let (program, arguments) = command.ok_or(io::ErrorKind::InvalidInput)?;
    let log = log::open(&dir.workers_log())?;
    let mut command = Command::new(program);
    command.args(arguments).envs(&spec.environment);
    if let Some(queues) = spec.queues.get(profile).filter(|queues| !queues.is_empty()) {
        command.env("HOOKE_QUEUES", queues.join(","));
    }
    command
        .env("HOOKE_SITE", &spec.site)
        .env("HOOKE_VM", &spec.vm)
        .env("HOOKE_VM_DIR", dir.path())
        .env("HOOKE_PROFILE", profile)
        .env("HOOKE_WORKER", id)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let child = command.spawn()?;
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    // One that has ended already is still ours to reap, and then has no start.
    let process = ProcessId::of(pid).unwrap_or(ProcessId { pid, start_ticks: 0 });
    Ok((child, process))
}
