//! What of a question about the past a site can never answer: it asks for more
//! than is kept, or for finer periods than there are ticks. A policy that waits
//! for such an answer waits for ever, so it is told. Judges no answer.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use hooke_control::ids::QueueName;
use hooke_control::units::Span;

use crate::history::Keep;
use crate::past::Asked;
use crate::series::Subject;

/// What a `keep` is rounded up to when it is proposed.
const MINUTE: u64 = 60;

/// Characters that are shown of a queue's name.
const MOST_OF_A_NAME: usize = 80;

/// One thing that was asked and that this site never has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmet {
    /// Its oldest periods lie further back than readings are kept.
    TooFar {
        /// From the start of the oldest period to the end of the newest.
        asks: Duration,
        /// How far back readings are kept.
        keep: Duration,
    },
    /// Its periods are shorter than the time between two readings, so that most
    /// of them have none.
    TooFine {
        /// The length of the shortest periods.
        period: Duration,
        /// The time between two ticks of the site.
        every: Duration,
    },
    /// No profile of the site has these queues.
    NoSuchQueue {
        /// One of them, by a name that a guest chose.
        queue: QueueName,
        /// How many more there are.
        others: usize,
    },
}

impl Asked {
    /// What of it is never met by a site that reads every so often, keeps for
    /// so long, and has these queues: each thing once, the worst of its kind.
    pub fn unmet(
        &self,
        every: Duration,
        keep: Duration,
        has: impl Fn(&QueueName) -> bool,
    ) -> Vec<Unmet> {
        let ranges = || self.ranges().map(|(_, _, range)| range);
        let asks = ranges().map(|range| range.before.since(range.from)).max();
        let period = ranges().map(|range| range.period).min();
        let mut unmet = Vec::new();
        if let Some(asks) = asks.filter(|asks| *asks > keep) {
            unmet.push(Unmet::TooFar { asks, keep });
        }
        if let Some(period) = period.filter(|period| *period < every) {
            unmet.push(Unmet::TooFine { period, every });
        }
        let queues = self.ranges().filter_map(|(subject, ..)| match subject {
            Subject::Queue(queue) => Some(queue),
            Subject::Profile(_) | Subject::Vm(_) | Subject::VmsOf(_) => None,
        });
        let strange: BTreeSet<&QueueName> = queues.filter(|queue| !has(queue)).collect();
        if let Some(queue) = strange.first() {
            let others = strange.len() - 1;
            unmet.push(Unmet::NoSuchQueue { queue: (*queue).clone(), others });
        }
        unmet
    }
}

/// What it is, and what to do.
impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFar { asks, keep } => {
                let (back, kept) = (Span(*asks), Span(*keep));
                write!(
                    f,
                    "it asks {back} back and readings are kept for {kept}, so the rest is a "
                )?;
                f.write_str("gap for ever: ")?;
                let minutes = Duration::from_secs(asks.as_secs().div_ceil(MINUTE) * MINUTE);
                if minutes > Keep::MOST_TIME {
                    write!(f, "let it ask {} back at the most", Span(Keep::MOST_TIME))
                } else {
                    write!(f, "write keep = \"{}\" in [history]", Span(minutes))
                }
            }
            Self::TooFine { period, every } => write!(
                f,
                "it asks in periods of {} and the site reads every {}, so most of them are gaps \
                 for ever: write periods of {} or more, or a shorter `every`",
                Span(*period),
                Span(*every),
                Span(*every),
            ),
            Self::NoSuchQueue { queue, others } => {
                // Escaped and cut, as the guest chose it.
                let name: String = queue.as_str().chars().take(MOST_OF_A_NAME).collect();
                write!(f, "it asks about the queue {name:?}, which no profile of the site has")?;
                if *others > 0 { write!(f, ", and {others} more such") } else { Ok(()) }
            }
        }
    }
}
