//! The state of an alarm: what the points of its evaluation range come to, those
//! that are missing included. Knows no metric and no time.
//!
//! The rule for missing data reproduces every cell of the tables in the guide's
//! "Configuring how CloudWatch alarms treat missing data", for every state
//! before. Its prose, taken literally, contradicts two of those cells.

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Within the threshold.
    Ok,
    /// Beyond it.
    Alarm,
    /// Nothing to judge by.
    InsufficientData,
}

impl State {
    /// As CloudWatch writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// What takes the place of a missing point (`TreatMissingData`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: without any point the alarm has insufficient data.
    Missing,
    /// The state as it is.
    Ignore,
    /// A point beyond the threshold.
    Breaching,
    /// A point within it.
    NotBreaching,
}

/// When the points of the range are an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Points looked at (`EvaluationPeriods`), 1 or more.
    pub of: u32,
    /// Points beyond the threshold that make an alarm (`DatapointsToAlarm`),
    /// 1 to `of`.
    pub datapoints: u32,
    /// Periods among which the points are looked for, `of` or more.
    pub range: u32,
    /// What takes the place of a missing point.
    pub missing: Missing,
}

/// The periods that are looked at for `of` points: AWS publishes the number for
/// 3 alone, which is 5; for others this is LocalStack's guess.
pub const fn evaluation_range(of: u32) -> u32 {
    let more = of / 3;
    of.saturating_add(if more > 2 { more } else { 2 })
}

impl Rule {
    /// The state that `points` come to, the oldest first: whether each is beyond
    /// the threshold, `None` where it is missing.
    pub fn judge(&self, before: State, points: &[Option<bool>]) -> State {
        let real: Vec<bool> = points.iter().copied().flatten().collect();
        let (of, datapoints) = (self.of as usize, self.datapoints as usize);
        let alarm = |is: bool| if is { State::Alarm } else { State::Ok };
        if real.is_empty() {
            return match self.missing {
                Missing::Missing => State::InsufficientData,
                Missing::Ignore => before,
                Missing::Breaching => State::Alarm,
                Missing::NotBreaching => State::Ok,
            };
        }
        if real.len() >= of {
            return alarm(breaching(&real[real.len() - of..]) >= datapoints);
        }
        let beyond = breaching(&real);
        let few = || match () {
            () if beyond >= datapoints => Some(State::Alarm),
            // A healthy point wins over any that is missing.
            () if beyond < real.len() => Some(State::Ok),
            () => None,
        };
        match self.missing {
            Missing::Breaching => alarm(beyond + of - real.len() >= datapoints),
            Missing::NotBreaching => alarm(beyond >= datapoints),
            Missing::Ignore => few().unwrap_or(before),
            Missing::Missing => few().unwrap_or_else(|| {
                let oldest = points.iter().position(Option::is_some).unwrap_or(points.len());
                if points.len() - oldest >= datapoints { State::Alarm } else { before }
            }),
        }
    }
}

fn breaching(real: &[bool]) -> usize {
    real.iter().filter(|beyond| **beyond).count()
}
