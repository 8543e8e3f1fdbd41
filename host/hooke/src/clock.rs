//! The one file that reads the operating system's clock.

use std::time::{Duration, Instant, SystemTime};

use hooke_control::units::Timestamp;
use hooke_sim::Scaled;

/// Where a site gets its time from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The wall clock.
    System,
    /// A simulated site's time, which passes faster.
    Scaled { scale: Scaled, started: Instant },
}

impl Clock {
    /// A clock that starts now and goes `factor` times as fast as the wall's.
    pub(crate) fn scaled(factor: u32) -> Self {
        let scale = Scaled { origin: wall(), factor };
        Self::Scaled { scale, started: Instant::now() }
    }

    /// What it shows.
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::System => wall(),
            Self::Scaled { scale, started } => scale.at(started.elapsed()),
        }
    }

    /// How long to sleep for it to show `moment`.
    pub(crate) fn until(self, moment: Timestamp) -> Duration {
        let span = moment.since(self.now());
        match self {
            Self::System => span,
            Self::Scaled { scale, .. } => scale.wait(span),
        }
    }
}

/// The wall clock; the Unix epoch if it is set before that.
pub(crate) fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(hooke_control::units::millis(since))
}
