//! Predictive scaling: the load of the hours to come, and the workers that it
//! takes. Asks for more workers ahead of it, never for fewer.

use hooke_forecast::{Breach, History, ahead};
use hooke_policy_sdk::workers_for;

use crate::math::Trust;
use crate::watch::{Point, Query, Source};

/// A predictive policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Predict {
    /// The load of the whole group.
    pub load: Source,
    /// Length of its periods in milliseconds.
    pub period_ms: u64,
    /// The load that one worker is to have; above zero.
    pub target: f64,
    /// Whether it scales, or only says what it would.
    pub scales: bool,
    /// How long before an hour its workers are to be there, in milliseconds.
    pub buffer_ms: u64,
    /// What happens to the maximum.
    pub breach: Breach,
}

/// What is remembered of a load.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// Where the newest period ended that was taken in.
    pub taken_ms: u64,
    /// Its hours.
    pub history: History,
}

const DAY_MS: u64 = 86_400_000;

impl Predict {
    /// Takes in the period that has ended, and says how many workers the load
    /// to come needs; the error says why that is not known.
    pub fn foretell<E>(
        &self,
        load: &mut Load,
        now_ms: u64,
        ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    ) -> Result<Result<u32, String>, E> {
        if load.taken_ms > now_ms.saturating_add(DAY_MS) {
            // A clock that was wrong told it. It could go on only when that time
            // has come; a new one takes a day.
            *load = Load::default();
        }
        let end_ms = now_ms - now_ms % self.period_ms;
        if load.taken_ms != end_ms {
            let newest = self.load.newest(self.period_ms, end_ms, ask)?;
            // What was filled in where nothing was read is no load.
            if let Some(reading) = newest.filter(|reading| reading.trust == Trust::Read) {
                load.history.record(end_ms - self.period_ms, reading.value);
            }
            load.taken_ms = end_ms;
        }
        let forecast = match load.history.forecast(now_ms) {
            Ok(forecast) => forecast,
            Err(too_little) => return Ok(Err(too_little.to_string())),
        };
        let workers = ahead(&forecast, now_ms, self.buffer_ms)
            .and_then(|load| workers_for(1, load, self.target));
        Ok(workers.ok_or_else(|| "nothing is foretold for this hour".to_owned()))
    }
}
