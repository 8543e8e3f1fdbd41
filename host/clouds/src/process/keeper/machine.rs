//! A living machine: one loop that starts, reaps and dismisses workers, carries
//! out orders once for each key, and writes down every change before it
//! answers. Alone signals workers, and only those it has not reaped.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Signal as UnixSignal, kill_current_process_group};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep_until};

use super::super::config::WORKERS_PER_VM_MAX;
use super::super::control::{Order, Reply, Request};
use super::super::layout::VmDir;
use super::super::list::wall_clock;
use super::super::proc::ProcessId;
use super::super::record::{self, Keep, Phase, Spec, Stance, Status};
use super::decide::{Decision, decide};
use super::listen::{Asked, Ear};
use super::worker::{Ended, Slot, SlotState};
use super::{KeeperError, note, say_ready, trim_logs};

/// 4096 keys of orders that were carried out: a host repeats an order within
/// moments of its restart, if at all, and not after thousands of others.
const KEYS_KEPT_MAX: usize = 4096;
/// A quarter of a second between the last order and SIGSTOP, so that a host
/// that woke us finds us awake.
const STOP_AFTER: Duration = Duration::from_millis(250);
/// Five seconds: how soon a keeper notices that its directory was taken away,
/// or that a log grew too long.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A machine, in the hands of its keeper.
struct Machine {
    dir: VmDir,
    inode: u64,
    spec: Spec,
    keeper: ProcessId,
    phase: Phase,
    slots: Vec<Slot>,
    /// Workers started so far; names the next one.
    started: u64,
    exits_unasked: u64,
    keys: VecDeque<String>,
    written: Option<Status>,
}

/// What a keeper waits for.
enum Event {
    Asked(Asked),
    ChildEnded,
    /// SIGTERM: somebody shuts the computer down, or wants us gone.
    Dismissed,
    Look,
    Due,
}

struct Ways {
    ear: Ear,
    children: Signal,
    dismissal: Signal,
    look: Interval,
}

/// Leads a machine until it is terminated. The caller holds its lock.
pub(super) async fn lead(dir: VmDir, spec: Spec, session: i32) -> Result<(), KeeperError> {
    let system = KeeperError::system;
    let children = signal(SignalKind::child()).map_err(system("listening for children"))?;
    let dismissal = signal(SignalKind::terminate()).map_err(system("listening for SIGTERM"))?;
    let ear = Ear::open(&dir).map_err(system("opening the control socket"))?;
    let mut look = interval(LOOK_EVERY);
    // A suspended machine need not make up for the looks that it missed.
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ways = Ways { ear, children, dismissal, look };
    let mut machine = Machine::new(dir, spec, session).map_err(system("looking at itself"))?;
    machine.save().map_err(system("writing the status"))?;
    say_ready();
    machine.boot();
    while machine.goes_on() {
        machine.save_or_note();
        let event = ways.next(machine.next_due()).await;
        machine.handle(event);
    }
    machine.end();
    ways.ear.close().await;
    Ok(())
}

impl Ways {
    async fn next(&mut self, due: Option<Instant>) -> Event {
        let due = async {
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => pending().await,
            }
        };
        tokio::select! {
            Some(asked) = self.ear.asked.recv() => Event::Asked(asked),
            _ = self.children.recv() => Event::ChildEnded,
            _ = self.dismissal.recv() => Event::Dismissed,
            _ = self.look.tick() => Event::Look,
            () = due => Event::Due,
        }
    }
}

impl Machine {
    fn new(dir: VmDir, spec: Spec, session: i32) -> io::Result<Self> {
        let keeper = ProcessId::of(session).ok_or(io::ErrorKind::NotFound)?;
        let inode = dir.inode()?;
        Ok(Self {
            dir,
            inode,
            spec,
            keeper,
            phase: Phase::Booting,
            slots: Vec::new(),
            started: 0,
            exits_unasked: 0,
            keys: VecDeque::new(),
            written: None,
        })
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Asked((request, reply)) => {
                let answer = self.carry_out(&request);
                // The host may have died since: it will ask again, by key.
                let _unheard = reply.send(answer);
            }
            Event::ChildEnded => {}
            Event::Dismissed => self.dismiss(Phase::Terminating),
            Event::Look => self.look(),
            Event::Due => self.stop_if_suspended(),
        }
        // SIGCHLD is one for many, and none is lost by looking too often.
        self.reap();
        self.start_due();
        if self.phase == Phase::Suspending && self.slots.is_empty() {
            self.phase = Phase::Suspended;
        }
    }

    /// Carries out an order, unless its key was used.
    fn carry_out(&mut self, request: &Request) -> Reply {
        if self.keys.contains(&request.key) {
            return Reply::AlreadyTrue;
        }
        let reply = match decide(self.phase, &request.order) {
            Decision::Do => self.do_order(&request.order),
            Decision::Nothing => Reply::AlreadyTrue,
            Decision::Refuse(why) => Reply::Refused { why: why.to_owned() },
        };
        if reply != Reply::Applied {
            return reply;
        }
        if self.keys.len() >= KEYS_KEPT_MAX {
            self.keys.pop_front();
        }
        self.keys.push_back(request.key.clone());
        match self.save() {
            Ok(()) => Reply::Applied,
            Err(e) => Reply::Unclear { why: format!("it was done, but not written down: {e}") },
        }
    }

    fn do_order(&mut self, order: &Order) -> Reply {
        match order {
            Order::Suspend => self.dismiss(Phase::Suspending),
            Order::Terminate => self.dismiss(Phase::Terminating),
            Order::Resume => self.boot(),
            Order::StartWorker { profile } => return self.add_worker(profile),
            Order::StopWorker { worker } => return self.dismiss_worker(worker),
        }
        Reply::Applied
    }

    /// Starts the workers of the boot, as far as there is room beside those
    /// that are still leaving.
    fn boot(&mut self) {
        self.phase = Phase::Booting;
        let now = Instant::now();
        for (profile, count) in &self.spec.hosts {
            let room = usize::try_from(WORKERS_PER_VM_MAX).unwrap_or(usize::MAX);
            let room = room.saturating_sub(self.slots.len());
            self.slots.extend((0..*count).map(|_| Slot::new(profile, now)).take(room));
        }
        self.start_due();
        self.phase = Phase::Running;
    }

    fn add_worker(&mut self, profile: &str) -> Reply {
        if !self.spec.hosts.contains_key(profile) {
            return Reply::Refused { why: format!("its image does not host {profile}") };
        }
        if u32::try_from(self.slots.len()).is_ok_and(|slots| slots >= WORKERS_PER_VM_MAX) {
            let why = format!("it has {} workers, {WORKERS_PER_VM_MAX} allowed", self.slots.len());
            return Reply::Refused { why };
        }
        self.slots.push(Slot::new(profile, Instant::now()));
        self.start_due();
        Reply::Applied
    }

    fn dismiss_worker(&mut self, worker: &str) -> Reply {
        for slot in &mut self.slots {
            if let SlotState::Runs(running) = &mut slot.state
                && running.record.id == worker
                && running.record.stance == Stance::Serving
            {
                running.ask_to_leave();
                return Reply::Applied;
            }
        }
        Reply::AlreadyTrue
    }

    /// Tells every worker to leave and starts none until further notice.
    fn dismiss(&mut self, phase: Phase) {
        self.phase = phase;
        self.slots.retain_mut(|slot| match &mut slot.state {
            SlotState::Runs(running) => {
                running.ask_to_leave();
                true
            }
            SlotState::WaitsUntil(_) => false,
        });
    }

    /// Takes note of workers that ended. Who was told to leave leaves a free
    /// place; who was not is started again.
    fn reap(&mut self) {
        let now = Instant::now();
        let unasked = &mut self.exits_unasked;
        self.slots.retain_mut(|slot| match slot.reap(now) {
            None => true,
            Some(Ended::AsAsked) => false,
            Some(Ended::Unasked(status)) => {
                note(format_args!("a worker of {} ended unasked: {status}", slot.profile));
                *unasked = unasked.saturating_add(1);
                true
            }
        });
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        for slot in &mut self.slots {
            if slot.due().is_some_and(|due| due <= now) {
                self.started += 1;
                let id = format!("{}.{}", self.spec.vm, self.started);
                slot.start(id, &self.dir, &self.spec, now, wall_clock());
            }
        }
    }

    /// When to go on if nothing happens.
    fn next_due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Suspended => Some(Instant::now() + STOP_AFTER),
            Phase::Booting | Phase::Running | Phase::Suspending | Phase::Terminating => {
                self.slots.iter().filter_map(Slot::due).min()
            }
        }
    }

    /// Stops the whole group, this process with it, until somebody sends
    /// SIGCONT. Whoever it was, an order must follow, or we stop again. Never
    /// before the suspension is written down: a host wakes only whom it finds
    /// suspended, so that nobody would wake us.
    fn stop_if_suspended(&self) {
        if self.phase != Phase::Suspended {
            return;
        }
        if self.written.as_ref().is_none_or(|written| written.phase != Phase::Suspended) {
            return note(format_args!("not stopping: the suspension is not written down"));
        }
        if let Err(e) = kill_current_process_group(UnixSignal::STOP) {
            note(format_args!("stopping: {e}"));
        }
    }

    /// Looks after what nobody reports: the logs, and the directory, without
    /// which nobody can find this machine or tell it anything.
    fn look(&mut self) {
        trim_logs(&self.dir);
        if !self.dir.inode().is_ok_and(|inode| inode == self.inode) {
            self.dismiss(Phase::Terminating);
        }
    }

    fn goes_on(&self) -> bool {
        self.phase != Phase::Terminating || !self.slots.is_empty()
    }

    fn end(&self) {
        if let Err(e) = self.dir.bury() {
            note(format_args!("taking the directory away: {e}"));
        }
    }

    fn save_or_note(&mut self) {
        if let Err(e) = self.save() {
            note(format_args!("writing the status: {e}"));
        }
    }

    /// Writes the status, if it changed.
    fn save(&mut self) -> io::Result<()> {
        let status = self.status();
        if self.written.as_ref() == Some(&status) {
            return Ok(());
        }
        record::write(&self.dir.status_path(), &status, Keep::WhileUp)?;
        self.written = Some(status);
        Ok(())
    }

    fn status(&self) -> Status {
        let running = self.slots.iter().filter_map(|slot| match &slot.state {
            SlotState::Runs(running) => Some(running.record.clone()),
            SlotState::WaitsUntil(_) => None,
        });
        Status {
            keeper: self.keeper,
            session: Some(self.keeper.pid),
            phase: self.phase,
            workers: running.collect(),
            exits_unasked: self.exits_unasked,
        }
    }
}
