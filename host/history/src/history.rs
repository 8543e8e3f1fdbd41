//! The series of one site. Never fills a gap, never forgets what is younger
//! than it was told to keep.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::queue::QueueFacts;
use hooke_control::snapshot::{Quality, Reading, Snapshot, WorkerCounts};
use hooke_control::units::Timestamp;

use crate::column::Slot;
use crate::dropped::{Cause, Dropped};
use crate::entity::Entity;
use crate::frame::{Chain, Frame};
use crate::series::Source;
use crate::times::Times;

/// How far the clock may be set back for its readings to be left out until it
/// has caught up: the steps of a time service. Set back further, it would leave
/// a site without readings for too long, and what lies in the future is
/// forgotten instead.
pub const SMALL_STEP: Duration = Duration::from_secs(60);

/// How often series are looked through for what is too old.
const SWEEP_EVERY: u32 = 16;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// For how long.
    pub time: Duration,
    /// How many series at the most: five for each queue, seven for each
    /// profile, one for each machine.
    pub series: usize,
}

impl Keep {
    /// For how long readings can be kept at the most: a day, which is what 1440
    /// periods of a minute come to, the most that one question may ask for.
    pub const MOST_TIME: Duration = Duration::from_secs(24 * 3600);
}

/// The series of one site.
#[derive(Debug, Clone)]
pub struct History {
    keep: Keep,
    pub(crate) times: Times,
    pub(crate) entities: Vec<Option<Entity>>,
    index: BTreeMap<Source, u32>,
    free: Vec<u32>,
    series: usize,
    dropped: Dropped,
    chain: Chain,
    ticks: u32,
}

/// What a history takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Series at hand.
    pub series: usize,
    /// Bytes of memory, as near as can be told.
    pub bytes: usize,
}

impl Default for History {
    fn default() -> Self {
        Self::new(Keep { time: Duration::ZERO, series: 0 })
    }
}

impl History {
    /// Without any reading.
    pub fn new(keep: Keep) -> Self {
        Self {
            keep,
            times: Times::default(),
            entities: Vec::new(),
            index: BTreeMap::new(),
            free: Vec::new(),
            series: 0,
            dropped: Dropped::default(),
            chain: Chain::default(),
            ticks: 0,
        }
    }

    /// What is kept.
    pub const fn keep(&self) -> Keep {
        self.keep
    }

    /// Keeps more or less from now on. Series at hand stay until they are too old.
    pub const fn keep_from_now(&mut self, keep: Keep) {
        self.keep = keep;
    }

    /// What was read and not kept, since this history was begun.
    pub const fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// What it takes. Looks at every series.
    pub fn size(&self) -> Size {
        let each = self.entities.iter().flatten().map(Entity::heap_bytes).sum::<usize>();
        let slots = self.entities.capacity() * size_of::<Option<Entity>>();
        let index = self.index.len() * (size_of::<Source>() + size_of::<u32>()) * 3 / 2;
        Size { series: self.series, bytes: each + slots + index + self.times.heap_bytes() }
    }

    /// Takes what a tick read, and says it in a frame for the store. Only what
    /// is fresh is a reading of this tick. No frame when the clock stands before
    /// the newest reading.
    pub fn observe(&mut self, snapshot: &Snapshot) -> Option<Frame> {
        self.dropped.add(Cause::NotFinite, u64::from(snapshot.refused.not_finite));
        self.dropped.add(Cause::Negative, u64::from(snapshot.refused.negative));
        let Some(slot) = self.begin(snapshot.now) else {
            each_reading(snapshot, |_, _, readings| {
                let lost = readings.iter().flatten().count() as u64;
                self.dropped.add(Cause::OutOfOrder, lost);
            });
            return None;
        };
        each_reading(snapshot, |source, vcpus, readings| self.put(slot, source, vcpus, readings));
        Some(self.end_tick(slot, snapshot.now))
    }

    /// Takes readings of one moment, each with what it is of; for pasts that are
    /// made up. The vCPUs are those of a machine. False when the moment is not
    /// later than the newest.
    pub fn take<'a>(
        &mut self,
        at: Timestamp,
        readings: impl IntoIterator<Item = (&'a Source, u32, &'a [Option<f64>])>,
    ) -> bool {
        let Some(slot) = self.begin(at) else { return false };
        for (source, vcpus, readings) in readings {
            self.put(slot, source.clone(), vcpus, readings);
        }
        self.forget(at);
        true
    }

    /// The next frame says everything, as the one before may not be in the store.
    pub fn begin_chain(&mut self) {
        self.chain = Chain::default();
    }

    /// The series of a source.
    pub(crate) fn of(&self, source: &Source) -> Option<&Entity> {
        let id = *self.index.get(source)?;
        self.entities.get(id as usize)?.as_ref()
    }

    /// Opens a tick, unless it is not later than the newest.
    fn begin(&mut self, now: Timestamp) -> Option<Slot> {
        let newest = self.times.newest();
        if newest.is_some_and(|newest| now <= newest && newest.since(now) <= SMALL_STEP) {
            return None;
        }
        Some(self.begin_again(now))
    }

    /// Opens a tick that was taken once, whatever the clock did before it.
    pub(crate) fn begin_again(&mut self, at: Timestamp) -> Slot {
        if self.times.newest().is_some_and(|newest| at <= newest) {
            self.forget_the_future(at);
        }
        self.times.push(at)
    }

    fn forget_the_future(&mut self, now: Timestamp) {
        let from = self.times.cut(now.minus(Duration::from_millis(1)));
        let gone = self.entities.iter_mut().flatten().map(|entity| entity.cut(from)).sum();
        self.dropped.add(Cause::FromTheFuture, gone);
        self.chain = Chain::default();
    }

    fn put(&mut self, slot: Slot, source: Source, vcpus: u32, readings: &[Option<f64>]) {
        if readings.iter().all(Option::is_none) {
            return;
        }
        match self.entity(source, vcpus) {
            Some(id) => {
                if let Some(Some(entity)) = self.entities.get_mut(id as usize) {
                    entity.vcpus = vcpus;
                    entity.put(slot, readings, &mut self.dropped);
                }
            }
            None => {
                self.dropped.add(Cause::OverTheLimit, readings.iter().flatten().count() as u64);
            }
        }
    }

    /// The number of a source's series; made if there is room.
    pub(crate) fn entity(&mut self, source: Source, vcpus: u32) -> Option<u32> {
        if let Some(id) = self.index.get(&source) {
            return Some(*id);
        }
        if self.series + source.kept().len() > self.keep.series {
            return None;
        }
        let entity = Entity::new(source.clone(), vcpus);
        self.series += entity.series();
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.entities.push(None);
                u32::try_from(self.entities.len() - 1).ok()?
            }
        };
        *self.entities.get_mut(id as usize)? = Some(entity);
        self.index.insert(source, id);
        Some(id)
    }

    fn end_tick(&mut self, slot: Slot, now: Timestamp) -> Frame {
        let frame = self.chain.frame(&self.entities, slot, now, self.keep.time);
        self.forget(now);
        frame
    }

    /// Forgets what is too old, the series now and then.
    fn forget(&mut self, now: Timestamp) {
        self.times.forget(now.minus(self.keep.time));
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(SWEEP_EVERY) {
            self.sweep();
        }
    }

    /// Forgets everything that is too old.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        self.forget(now);
        self.sweep();
    }

    fn sweep(&mut self) {
        let first = self.times.first();
        for (id, place) in self.entities.iter_mut().enumerate() {
            let Some(entity) = place else { continue };
            if entity.seen() > first {
                entity.forget(first);
                continue;
            }
            self.series -= entity.series();
            self.index.remove(&entity.source);
            *place = None;
            self.free.extend(u32::try_from(id));
        }
    }

    pub(crate) fn drop_one(&mut self, cause: Cause) {
        self.dropped.add(cause, 1);
    }
}

/// Every source that a tick read, with its readings in the order of its columns.
pub(crate) fn each_reading(snapshot: &Snapshot, mut each: impl FnMut(Source, u32, &[Option<f64>])) {
    for (queue, reading) in &snapshot.queues {
        if let Reading::Fresh(facts) = reading {
            each(Source::Queue(queue.clone()), 1, &of_queue(facts));
        }
    }
    if snapshot.cloud.quality() != Quality::Fresh {
        return;
    }
    for (profile, view) in &snapshot.profiles {
        let told = snapshot.consumers.is_empty();
        each(Source::Profile(profile.clone()), 1, &of_workers(view.counts, told));
    }
    for vm in &snapshot.vms {
        each(Source::Vm(vm.id.clone()), vm.image.vcpus.max(1), &[vm.load]);
    }
}

fn of_queue(facts: &QueueFacts) -> [Option<f64>; 5] {
    [
        facts.ready.map(|n| n as f64),
        facts.unacked.map(|n| n as f64),
        facts.consumers.map(f64::from),
        facts.arrival_rate,
        facts.service_rate,
    ]
}

/// Who is idle and who is busy is known only where the consumers were told:
/// none of either is then no reading.
fn of_workers(c: WorkerCounts, told: bool) -> [Option<f64>; 7] {
    let known = |count: u32| Some(f64::from(count));
    let told = |count: u32| known(count).filter(|_| told);
    [
        known(c.capacity()),
        known(c.serving),
        known(c.booting),
        known(c.draining),
        told(c.idle),
        told(c.busy),
        known(c.unknown),
    ]
}
