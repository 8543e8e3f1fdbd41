//! What a site file can call a metric, and its past as one series. Asks the
//! host (grant `metrics`); judges nothing, and fills no gap.

use crate::VmState;
use crate::metrics::{self, MetricsError, Statistic, StatisticsQuery, Subject, Vm, WorkerCounts};

/// A metric of a profile, by the name that a site file gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Messages ready and not taken.
    Ready,
    /// Messages taken and not finished.
    Unacked,
    /// Consumers that the broker knows.
    Consumers,
    /// Messages a second coming in.
    ArrivalRate,
    /// Messages a second finished.
    ServiceRate,
    /// Workers that serve or will.
    Capacity,
    /// Workers that serve.
    Serving,
    /// Workers still to come.
    Booting,
    /// Serving workers proven idle.
    Idle,
    /// Serving workers with work in hand.
    Busy,
    /// Busy workers in percent of those that serve; 0 when none serves.
    BusyShare,
    /// Processes running or waiting, of the machines that can host the profile.
    Load,
    /// Their load in percent of their vCPUs.
    Utilization,
}

/// Which part of the past is wanted, and made into what.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// What the readings of a period are made into.
    pub statistic: Statistic,
    /// Length of a period in milliseconds; above zero.
    pub period_ms: u64,
    /// How many periods; 1 to 1440.
    pub count: u32,
    /// When the newest ends; a reading at this very moment is not in it.
    pub end_ms: u64,
}

impl Metric {
    /// Every metric with its name.
    pub const WORDS: [(&'static str, Self); 13] = [
        ("ready", Self::Ready),
        ("unacked", Self::Unacked),
        ("consumers", Self::Consumers),
        ("arrival-rate", Self::ArrivalRate),
        ("service-rate", Self::ServiceRate),
        ("capacity", Self::Capacity),
        ("serving", Self::Serving),
        ("booting", Self::Booting),
        ("idle", Self::Idle),
        ("busy", Self::Busy),
        ("busy-share", Self::BusyShare),
        ("load", Self::Load),
        ("utilization", Self::Utilization),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, metric)| *metric == self);
        found.map_or("", |(name, _)| name)
    }

    /// Whether the machines are measured, and not the queues or workers.
    pub fn is_of_machines(self) -> bool {
        matches!(self, Self::Load | Self::Utilization)
    }

    /// One value a period, the oldest first; `None` where nothing was read.
    pub fn series(self, profile: &str, window: &Window) -> Result<Vec<Option<f64>>, MetricsError> {
        if self != Self::BusyShare {
            return self.read(profile, window);
        }
        let busy = Self::Busy.read(profile, window)?;
        let average = Window { statistic: Statistic::Average, ..window.clone() };
        let serving = Self::Serving.read(profile, &average)?;
        let unknown = read(Subject::Profile(profile.to_owned()), "unknown", &average)?;
        let share = |((busy, serving), unknown): ((Option<f64>, Option<f64>), Option<f64>)| {
            match (busy?, serving?, unknown?) {
                // Of those of whom nothing is proven nobody knows whose share they are.
                (_, _, unknown) if unknown > 0.0 => None,
                (_, 0.0, _) => Some(0.0),
                (busy, serving, _) => Some(busy * 100.0 / serving),
            }
        };
        Ok(busy.into_iter().zip(serving).zip(unknown).map(share).collect())
    }

    /// Its value in this tick; `None` if it is missing, or not known of every
    /// running machine.
    pub fn now(self, profile: &str) -> Result<Option<f64>, MetricsError> {
        let queues = || metrics::backlog(profile);
        let workers = |count: fn(&WorkerCounts) -> u32| {
            metrics::workers(profile).map(|counts| Some(f64::from(count(&counts))))
        };
        match self {
            Self::Ready => queues().map(|sums| sums.ready.map(|count| count as f64)),
            Self::Unacked => queues().map(|sums| sums.unacked.map(|count| count as f64)),
            Self::Consumers => queues().map(|sums| sums.consumers.map(f64::from)),
            Self::ArrivalRate => queues().map(|sums| sums.arrival_rate),
            Self::ServiceRate => queues().map(|sums| sums.service_rate),
            Self::Capacity => workers(|counts| counts.capacity),
            Self::Serving => workers(|counts| counts.serving),
            Self::Booting => workers(|counts| counts.booting),
            Self::Idle => workers(|counts| counts.idle),
            Self::Busy => workers(|counts| counts.busy),
            Self::BusyShare => {
                metrics::workers(profile).map(|counts| match (counts.serving, counts.unknown) {
                    (0, _) => Some(0.0),
                    (serving, 0) => Some(f64::from(counts.busy) * 100.0 / f64::from(serving)),
                    (_, _) => None,
                })
            }
            Self::Load => of_machines(profile, |_, load| load),
            Self::Utilization => {
                of_machines(profile, |vm, load| load * 100.0 / f64::from(vm.vcpus.max(1)))
            }
        }
    }

    fn read(self, profile: &str, window: &Window) -> Result<Vec<Option<f64>>, MetricsError> {
        let profile = profile.to_owned();
        let subject = match self.is_of_machines() {
            true => Subject::VmsOf(profile),
            false => Subject::Profile(profile),
        };
        read(subject, self.name(), window)
    }
}

fn read(subject: Subject, metric: &str, window: &Window) -> Result<Vec<Option<f64>>, MetricsError> {
    let points = metrics::statistics(&StatisticsQuery {
        subject,
        metric: metric.to_owned(),
        statistic: window.statistic.clone(),
        period_ms: window.period_ms,
        end_ms: window.end_ms,
        count: window.count,
    })?;
    Ok(points.into_iter().map(|point| point.value).collect())
}

/// The mean of a figure of the running machines.
fn of_machines(profile: &str, figure: fn(&Vm, f64) -> f64) -> Result<Option<f64>, MetricsError> {
    let mut running = metrics::vms(profile)?;
    running.retain(|vm| matches!(vm.state, VmState::Running));
    let figures: Option<Vec<f64>> =
        running.iter().map(|vm| vm.load.map(|load| figure(vm, load))).collect();
    Ok(figures.filter(|all| !all.is_empty()).map(|all| all.iter().sum::<f64>() / all.len() as f64))
}

/// The statistic that a site file calls `word`: `average`, `minimum`,
/// `maximum`, `sum`, or a percentile `p1` to `p100`.
pub fn statistic(word: &str) -> Option<Statistic> {
    Some(match word {
        "average" => Statistic::Average,
        "minimum" => Statistic::Minimum,
        "maximum" => Statistic::Maximum,
        "sum" => Statistic::Sum,
        _ => {
            let percent = word.strip_prefix('p')?.parse::<u32>().ok()?;
            let sane = (1..=100).contains(&percent);
            sane.then_some(Statistic::Percentile(f64::from(percent)))?
        }
    })
}
