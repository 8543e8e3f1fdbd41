//! One arrival pattern: a curve, and whether chance plays around it.

use std::time::Duration;

use super::{Rate, swinging};
use crate::chance::Probability;

/// One way for messages to arrive. Offsets are from the start of the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Curve);

#[derive(Debug, Clone, PartialEq)]
enum Curve {
    Constant { rate: f64 },
    Sine { mean: f64, swing: f64, period: f64, peak: f64 },
    Step { from: f64, to: f64, rate: f64 },
    Burst { at: f64, span: f64, count: u64 },
    Trace { scale: f64, before: Vec<u64> },
}

/// Whether the count in a slot is drawn or is what the curve says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// A Poisson process with the curve as its mean.
    Drawn,
    /// One message whenever the curve passes a whole number.
    Exact,
}

impl Pattern {
    /// The same rate for ever (Poisson).
    pub const fn constant(rate: Rate) -> Self {
        Self(Curve::Constant { rate: rate.get() })
    }

    /// A rate that swings around `mean` once every `period`, highest at `peak`;
    /// `swing` 1 reaches zero and twice the mean (Poisson). `None` if the
    /// period is zero.
    pub fn sine(mean: Rate, swing: Probability, period: Duration, peak: Duration) -> Option<Self> {
        (!period.is_zero()).then_some(Self(Curve::Sine {
            mean: mean.get(),
            swing: swing.get(),
            period: period.as_secs_f64(),
            peak: peak.as_secs_f64(),
        }))
    }

    /// A sine with a period of 24 hours.
    pub fn sine_day(mean: Rate, swing: Probability, peak: Duration) -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self::sine(mean, swing, DAY, peak).expect("a day is not zero")
    }

    /// A rate that holds between two moments (Poisson). `None` if `from` is
    /// not before `to`; `Duration::MAX` is for ever.
    pub fn step(from: Duration, to: Duration, rate: Rate) -> Option<Self> {
        let (from, to, rate) = (from.as_secs_f64(), to.as_secs_f64(), rate.get());
        (from < to).then_some(Self(Curve::Step { from, to, rate }))
    }

    /// Exactly `count` messages from `at` on, evenly over `span`, which counts
    /// as at least 1 ms.
    pub fn burst(at: Duration, span: Duration, count: u32) -> Self {
        let span = span.max(Duration::from_millis(1)).as_secs_f64();
        Self(Curve::Burst { at: at.as_secs_f64(), span, count: u64::from(count) })
    }

    /// Exactly the recorded counts, one a minute from the start, each times
    /// `scale`; fractions add up over the minutes. Nothing arrives after the
    /// last minute. `None` if the scale is not finite or is negative, or if the
    /// whole is above 2^32 messages.
    pub fn trace(counts: &[u32], scale: f64) -> Option<Self> {
        if !scale.is_finite() || scale < 0.0 {
            return None;
        }
        let mut before = Vec::with_capacity(counts.len() + 1);
        let mut sum = 0_u64;
        before.push(sum);
        for count in counts {
            sum += u64::from(*count);
            before.push(sum);
        }
        let bearable = sum as f64 * scale <= f64::from(u32::MAX);
        bearable.then_some(Self(Curve::Trace { scale, before }))
    }

    /// Messages expected until `t` seconds from the start. Never falls.
    pub(super) fn until(&self, t: f64) -> f64 {
        match &self.0 {
            Curve::Constant { rate } => rate * t,
            Curve::Sine { mean, swing, period, peak } => mean * swinging(t, *period, *peak, *swing),
            Curve::Step { from, to, rate } => rate * (t.min(*to) - from).max(0.0),
            Curve::Burst { at, span, count } => *count as f64 * ((t - at) / span).clamp(0.0, 1.0),
            Curve::Trace { scale, before } => traced(before, t) * scale,
        }
    }

    pub(super) const fn counting(&self) -> Counting {
        match self.0 {
            Curve::Constant { .. } | Curve::Sine { .. } | Curve::Step { .. } => Counting::Drawn,
            Curve::Burst { .. } | Curve::Trace { .. } => Counting::Exact,
        }
    }
}

/// Messages of a trace until `t` seconds; `before[m]` is the sum of the minutes
/// before minute `m`, so its last entry is the whole.
fn traced(before: &[u64], t: f64) -> f64 {
    let minutes = (t / 60.0).max(0.0);
    let whole = minutes as usize;
    let last = before.last().copied().unwrap_or(0);
    match (before.get(whole), before.get(whole + 1)) {
        (Some(low), Some(high)) => *low as f64 + (high - low) as f64 * minutes.fract(),
        _ => last as f64,
    }
}
