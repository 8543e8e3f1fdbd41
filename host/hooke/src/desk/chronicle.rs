//! The past of one site as the host holds it: shared by a desk and the one that
//! follows it, shown to policies, and handed to the store tick by tick.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use hooke_control::snapshot::Snapshot;
use hooke_control::units::Timestamp;
use hooke_history::{Dropped, Frame, History, Keep, Size, View};
use hooke_store::HistoryRow;

/// How often the operator is told of readings that were dropped.
const TELL_EVERY: Duration = Duration::from_secs(600);

/// The past of one site.
#[derive(Debug)]
pub(crate) struct Chronicle {
    history: Arc<RwLock<History>>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// The frame of the tick under way, until the store takes it.
    frame: Option<Frame>,
    /// Whether the store did not take the last one.
    lost: bool,
    told: Dropped,
    told_at: Option<Timestamp>,
}

/// How the past of a site is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) keep: Keep,
    pub(crate) size: Size,
    pub(crate) dropped: Dropped,
}

impl Chronicle {
    /// Goes on with what was read before.
    pub(crate) fn new(history: History) -> Self {
        Self { history: Arc::new(RwLock::new(history)), held: Mutex::default() }
    }

    /// Without a past.
    pub(crate) fn empty(keep: Keep) -> Arc<Self> {
        Arc::new(Self::new(History::new(keep)))
    }

    /// Keeps so much from now on.
    pub(crate) fn keep_from_now(&self, keep: Keep) {
        self.write().keep_from_now(keep);
    }

    /// Takes what a tick read, and tells the operator of what was dropped.
    pub(super) fn observe(&self, snapshot: &Arc<Snapshot>) {
        let mut held = self.held();
        let mut history = self.write();
        if held.frame.take().is_some() {
            // The store never got it, and the next cannot follow on it.
            history.begin_chain();
        }
        held.frame = history.observe(snapshot);
        let dropped = history.dropped();
        drop(history);
        held.tell(dropped, snapshot);
    }

    /// The past as a tick knows it.
    pub(super) fn view(&self, snapshot: &Arc<Snapshot>) -> View {
        View::new(&self.history, snapshot)
    }

    /// What the store keeps of the tick under way. Once.
    pub(crate) fn take_row(&self) -> Option<HistoryRow> {
        let frame = self.held().frame.take()?;
        let keep = self.history.read().unwrap_or_else(PoisonError::into_inner).keep();
        let keep_from = frame.at.minus(keep.time);
        Some(HistoryRow { whole: frame.whole, bytes: frame.bytes, keep_from })
    }

    /// The store did not take the last one; says whether it took the one before.
    pub(crate) fn lost(&self) -> bool {
        self.write().begin_chain();
        !std::mem::replace(&mut self.held().lost, true)
    }

    /// The store took the last one.
    pub(crate) fn written(&self) {
        self.held().lost = false;
    }

    /// How it is kept.
    pub(crate) fn kept(&self) -> Kept {
        let history = self.history.read().unwrap_or_else(PoisonError::into_inner);
        Kept { keep: history.keep(), size: history.size(), dropped: history.dropped() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, History> {
        self.history.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn tell(&mut self, dropped: Dropped, snapshot: &Snapshot) {
        let now = snapshot.now;
        let lately = self.told_at.is_some_and(|at| now >= at && now.since(at) < TELL_EVERY);
        if dropped == self.told || lately {
            return;
        }
        let news: Vec<String> = dropped
            .counts()
            .zip(self.told.counts())
            .filter(|((_, now), (_, told))| now > told)
            .map(|((cause, now), (_, told))| format!("{} {}", now - told, cause.as_str()))
            .collect();
        tracing::warn!(
            site = %snapshot.site.name,
            "readings were dropped, and nothing acts on them: {}", news.join(", ")
        );
        (self.told, self.told_at) = (dropped, Some(now));
    }
}
