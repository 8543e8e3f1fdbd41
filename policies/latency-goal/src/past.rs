//! What was read in the last minutes, one value a minute, the oldest first; a
//! minute without a reading has none.

/// How far back a busy time is looked for: long enough that the counters of a
/// broker, and workers caught in the act, even out.
pub const SERVICE_MINUTES: u32 = 10;

/// How far back a peak counts before workers are given up.
pub const PEAK_MINUTES: u32 = 15;

/// How far back workers coming up are looked for.
pub const BOOT_MINUTES: u32 = 60;

/// About as many: the share by which two minutes may differ, or one worker.
const STEADY: f64 = 0.25;

/// Minutes with messages finished before a measure is more than a first one.
pub const FIRST_MINUTES: u8 = 3;

/// The readings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// Messages a second that came, of [`PEAK_MINUTES`].
    pub arrival_rate: Vec<Option<f64>>,
    /// The most messages ready, of [`PEAK_MINUTES`].
    pub ready_most: Vec<Option<f64>>,
    /// Messages a second finished, of [`SERVICE_MINUTES`].
    pub service_rate: Vec<Option<f64>>,
    /// Workers at work, of [`SERVICE_MINUTES`]; see [`at_work`].
    pub busy: Vec<Option<f64>>,
    /// Workers still to come, of [`BOOT_MINUTES`].
    pub booting: Vec<Option<f64>>,
    /// Workers that serve, of [`BOOT_MINUTES`].
    pub serving: Vec<Option<f64>>,
}

impl Past {
    /// Seconds that a message takes a worker: by Little's law the mean number
    /// at work over the rate at which they finish. The law is one of steady
    /// states: it is asked of the minutes in which about as many were at work
    /// as in the one before. `None` if nothing was finished in them.
    pub fn service_s(&self) -> Option<f64> {
        let both = self.busy.iter().zip(&self.service_rate);
        let both: Vec<(f64, f64)> = both.filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect();
        if let [(busy, finished)] = both[..] {
            // A new site is to learn within a minute.
            return measure(busy / finished);
        }
        let steady = both.windows(2).filter(|pair| {
            let (before, now) = (pair[0].0, pair[1].0);
            (now - before).abs() <= 1.0_f64.max(before.max(now) * STEADY)
        });
        let (busy, finished) =
            steady.fold((0.0, 0.0), |(a, b), pair| (a + pair[1].0, b + pair[1].1));
        measure(busy / finished)
    }

    /// Minutes with messages finished, [`FIRST_MINUTES`] at the most.
    pub fn finishing_minutes(&self) -> u8 {
        let minutes = self.finishing().filter(|finishing| *finishing);
        minutes.take(usize::from(FIRST_MINUTES)).fold(0, |count, _| count + 1)
    }

    /// Whether messages were finished in the newest minute.
    pub fn is_finishing(&self) -> bool {
        self.finishing().last().unwrap_or(false)
    }

    fn finishing(&self) -> impl Iterator<Item = bool> {
        let both = self.busy.iter().zip(&self.service_rate);
        both.map(|(busy, rate)| busy.is_some() && rate.is_some_and(|rate| rate > 0.0))
    }

    /// Whether the measure of a message's time is of so few minutes that it may
    /// be far too long: those who began were counted as at work, and few had
    /// finished.
    pub fn is_first_measure(&self) -> bool {
        (1..FIRST_MINUTES).contains(&self.finishing_minutes())
    }

    /// Seconds that a new worker takes to serve: by Little's law again, the
    /// mean number that boot over the rate at which they come up. `None` as
    /// long as more boot than have come, of which it is not known how long.
    pub fn boot_s(&self) -> Option<f64> {
        let serving: Vec<f64> = self.serving.iter().flatten().copied().collect();
        let came: f64 = serving.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).sum();
        let booting: Vec<f64> = self.booting.iter().flatten().copied().collect();
        // A minute's mean of one that came and one that went is no newcomer.
        if came < 0.5 || *booting.last()? >= came {
            return None;
        }
        let first = self.booting.iter().position(Option::is_some)?;
        let seconds = 60.0 * (self.booting.len() - first) as f64;
        let mean = booting.iter().sum::<f64>() / booting.len() as f64;
        measure(mean * seconds / came)
    }

    /// The rate at which messages come: that of the newest minute.
    pub fn arriving(&self) -> Option<f64> {
        let newest = self.arrival_rate.iter().rev().flatten().next()?;
        Some(*newest).filter(|rate| rate.is_finite() && *rate >= 0.0)
    }

    /// The highest rate of the peak minutes.
    pub fn arriving_most(&self) -> Option<f64> {
        most(&self.arrival_rate)
    }

    /// The most messages ready in the peak minutes.
    pub fn waiting_most(&self) -> Option<f64> {
        most(&self.ready_most)
    }

    /// Whether there are readings in each third of the peak minutes: without
    /// them it is no proof that there was no peak.
    pub fn complete(&self) -> bool {
        let third = PEAK_MINUTES as usize / 3;
        let thirds = |values: &[Option<f64>]| {
            values.len() >= 3 * third
                && values.chunks(third).all(|third| third.iter().any(Option::is_some))
        };
        thirds(&self.arrival_rate) && thirds(&self.ready_most)
    }
}

/// Workers at work in each minute: those proven busy, and of those of which
/// nothing is proven as many as the messages taken account for.
pub fn at_work(
    busy: &[Option<f64>],
    unknown: &[Option<f64>],
    unacked: &[Option<f64>],
) -> Vec<Option<f64>> {
    let minute = |((busy, unknown), unacked): ((&Option<f64>, &Option<f64>), &Option<f64>)| {
        let (busy, unknown) = ((*busy)?, (*unknown)?);
        match unacked {
            Some(unacked) => Some(busy + unknown.min((unacked - busy).max(0.0))),
            None if unknown > 0.0 => None,
            None => Some(busy),
        }
    };
    busy.iter().zip(unknown).zip(unacked).map(minute).collect()
}

fn most(values: &[Option<f64>]) -> Option<f64> {
    values
        .iter()
        .flatten()
        .copied()
        .reduce(f64::max)
        .filter(|most| most.is_finite() && *most >= 0.0)
}

/// A time that was measured: a number, and no less than a microsecond, with
/// which every quotient of times is finite.
pub(crate) fn measure(seconds: f64) -> Option<f64> {
    (seconds.is_finite() && seconds >= 1e-6).then_some(seconds)
}
