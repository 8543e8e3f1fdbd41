//! What the operator asked of a profile's guards, already checked: no value
//! here is one that a guard could not act on. Decides nothing.

use std::num::NonZeroU32;
use std::time::Duration;

/// The longest stabilisation window and the longest window of a rate limit: an
/// hour, as in Kubernetes. What is remembered is bounded by it.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(3600);

/// The longest cooldown.
pub const LONGEST_COOLDOWN: Duration = Duration::from_secs(24 * 3600);

/// The most rate limits of one direction.
pub const MOST_RATES: usize = 10;

/// The guards of one profile. The default lets every wish pass that kills no
/// work, but while too many machines are unready.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Guards {
    /// Wishes that differ from the capacity by no more than this are no wishes.
    pub tolerance: Percent,
    /// How the load must look after a scale in.
    pub projection: Option<Projection>,
    /// When the whole site stands still.
    pub unready: Unready,
    /// What a backlog that is not of this tick is good for.
    pub stale: Stale,
    /// What holds for scale out.
    pub scale_out: Pace,
    /// What holds for scale in.
    pub scale_in: Pace,
}

/// How fast a profile may go one way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pace {
    /// Scale out goes to the lowest wish of this time only, scale in to the
    /// highest; zero for the wish of this tick. At most [`LONGEST_WINDOW`].
    pub stabilisation: Duration,
    /// The time to let pass after a change: before scale out after a scale out,
    /// before scale in after any. At most [`LONGEST_COOLDOWN`].
    pub cooldown: Duration,
    /// Limits in workers per window; none if empty. At most [`MOST_RATES`].
    pub rates: Vec<Rate>,
    /// Which of the limits counts.
    pub select: Select,
}

/// Which of several limits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Select {
    /// The one that allows the most.
    #[default]
    Max,
    /// The one that allows the least.
    Min,
    /// None: the profile never goes that way.
    Disabled,
}

/// One limit: so many workers in any span of time as long as the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    amount: Amount,
    window: Duration,
}

/// How many workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Number(NonZeroU32),
    /// So many of a hundred that there were when the window began, rounded up.
    Percent(NonZeroU32),
}

impl Rate {
    /// A limit; `None` if the window is zero or longer than [`LONGEST_WINDOW`].
    pub fn new(amount: Amount, window: Duration) -> Option<Self> {
        let fits = !window.is_zero() && window <= LONGEST_WINDOW;
        fits.then_some(Self { amount, window })
    }

    /// How many workers.
    pub const fn amount(self) -> Amount {
        self.amount
    }

    /// In which time.
    pub const fn window(self) -> Duration {
        self.window
    }
}

/// A share from 0 to 100 percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Percent(u32);

impl Percent {
    /// A share; `None` above 100.
    pub const fn new(percent: u32) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// The number of percent.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether `part` is more than this share of `whole`. Exact.
    pub fn is_exceeded_by(self, part: u32, whole: u32) -> bool {
        u64::from(part) * 100 > u64::from(whole) * u64::from(self.0)
    }
}

/// The condition that a scale in must not bring about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projection {
    metric: Metric,
    below: f64,
}

impl Projection {
    /// A condition; `None` unless `below` is finite and above zero.
    pub fn new(metric: Metric, below: f64) -> Option<Self> {
        (below.is_finite() && below > 0.0).then_some(Self { metric, below })
    }

    /// What is projected.
    pub const fn metric(self) -> Metric {
        self.metric
    }

    /// What it must stay below.
    pub const fn below(self) -> f64 {
        self.below
    }
}

/// Something measured that spreads over the workers of a profile: with fewer of
/// them each has more of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Messages ready, a worker.
    BacklogPerWorker,
    /// Messages ready or taken, a worker.
    MessagesPerWorker,
    /// Messages coming in a second, a worker.
    ArrivalsPerWorker,
    /// Workers at work, of all; from 0 to 1 and above.
    BusyShare,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 4] =
        [Self::BacklogPerWorker, Self::MessagesPerWorker, Self::ArrivalsPerWorker, Self::BusyShare];

    /// The metric as the site file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BacklogPerWorker => "backlog-per-worker",
            Self::MessagesPerWorker => "messages-per-worker",
            Self::ArrivalsPerWorker => "arrivals-per-worker",
            Self::BusyShare => "busy-share",
        }
    }
}

/// How many machines may be unready: more than both, and the site stands still
/// (Kubernetes cluster-autoscaler: 45 percent and 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unready {
    /// Of all machines that serve or are to; 100 is never exceeded.
    pub percent: Percent,
    /// In number.
    pub number: u32,
}

impl Default for Unready {
    fn default() -> Self {
        Self { percent: Percent(45), number: 3 }
    }
}

/// What a backlog that is not of this tick, and not yet missing, is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stale {
    /// Scale out may go by it; scale in never does.
    #[default]
    ScaleOut,
    /// Nothing: only the minimum is kept up.
    Hold,
}
