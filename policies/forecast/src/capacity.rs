//! From a load foretold to workers, as EC2's predictive scaling counts them.
//! Nothing here answers fewer than there are.

use crate::forecast::Forecast;

/// What happens when more is foretold than may be had (EC2:
/// `MaxCapacityBreachBehavior`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// The maximum holds.
    HonorMaximum,
    /// It gives way to what is foretold, and so many percent of that above it
    /// (`MaxCapacityBuffer`); 0 to 100.
    IncreaseMaximum {
        /// Percent of what is foretold.
        buffer: u8,
    },
}

/// The maximum that holds when `predicted` workers are foretold. Predicted 50,
/// maximum 40, buffer 10 %: 55. Cut, not rounded.
pub fn maximum(predicted: u32, maximum: u32, breach: Breach) -> u32 {
    match breach {
        Breach::HonorMaximum => maximum,
        Breach::IncreaseMaximum { buffer } => {
            let buffered = u64::from(predicted) * (100 + u64::from(buffer.min(100))) / 100;
            maximum.max(u32::try_from(buffered).unwrap_or(u32::MAX))
        }
    }
}

/// The load to be ready for now: the largest of the hour that runs and of those
/// that begin within `buffer_ms` (EC2: `SchedulingBufferTime`), which is how
/// long a worker takes to come. `None` where nothing is foretold. Give it to no
/// scale in: a forecast is no proof that work is done.
pub fn ahead(forecast: &Forecast, now_ms: u64, buffer_ms: u64) -> Option<f64> {
    forecast.most(now_ms, now_ms.saturating_add(buffer_ms))
}
