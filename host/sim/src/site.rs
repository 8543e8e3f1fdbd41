//! A world that several parts share, with the clock by which it goes. Whoever
//! looks at it or acts on it first brings it up to the present.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hooke_control::units::{Timestamp, millis};

use crate::world::World;

/// A shared world. Clones are handles to the same one.
#[derive(Clone)]
pub struct Site {
    world: Arc<Mutex<World>>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Site {
    /// Shares `world`, which goes by `now`: a [`ManualClock`], or
    /// [`Scaled::at`] over the caller's own clock. Must be the clock by which
    /// the host that drives the site tells its ticks.
    pub fn new(world: World, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { world: Arc::new(Mutex::new(world)), now: Arc::new(now) }
    }

    /// Brings the world up to the present and gives it to `act`.
    pub fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        // A panic in a test's closure leaves the world whole: it changes only
        // inside its own methods.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.now)();
        world.advance_to(now);
        act(&mut world)
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("now", &(self.now)()).finish_non_exhaustive()
    }
}

/// A clock that goes when it is told to, and never back. Clones are the same
/// clock.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(start.as_millis())))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Lets it go on by `span`; returns what it then shows.
    pub fn advance(&self, span: Duration) -> Timestamp {
        let before = self.0.fetch_add(millis(span), Ordering::SeqCst);
        Timestamp::from_millis(before).plus(span)
    }

    /// Lets it go on to `moment`, unless it is past that already.
    pub fn advance_to(&self, moment: Timestamp) {
        self.0.fetch_max(moment.as_millis(), Ordering::SeqCst);
    }

    /// The same as a function, for [`Site::new`].
    pub fn reader(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let clock = self.clone();
        move || clock.now()
    }
}

/// Time that goes `factor` times as fast as the caller's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled {
    /// What it shows when no time has passed.
    pub origin: Timestamp,
    /// Virtual seconds to one of the caller's; 1 is real time.
    pub factor: u32,
}

impl Scaled {
    /// What it shows when `elapsed` has passed on the caller's clock; stops at
    /// the end of time instead of wrapping.
    pub fn at(self, elapsed: Duration) -> Timestamp {
        self.origin.plus(elapsed.saturating_mul(self.factor))
    }

    /// How long the caller has to wait for `span` of virtual time.
    pub fn wait(self, span: Duration) -> Duration {
        span / self.factor.max(1)
    }
}
