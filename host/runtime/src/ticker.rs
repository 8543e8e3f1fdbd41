//! The clock that running policies are stopped by: one thread per engine, for
//! as long as the engine lives, whatever is configured.

use std::time::Duration;

use wasmtime::Engine;

/// Time between two ticks; the grain of [`crate::limits::Limits::wall_time`].
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Starts the thread. It holds the engine weakly and ends within a tick of the
/// engine's last user.
pub(crate) fn start(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new().name("hooke-epoch".to_owned()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    })?;
    Ok(())
}

/// The ticks that are sure to last at least `span`: one more than it takes, as
/// the first may end at once.
pub(crate) fn ticks(span: Duration) -> u64 {
    let whole = span.as_nanos().div_ceil(TICK.as_nanos());
    u64::try_from(whole).unwrap_or(u64::MAX / 2).min(u64::MAX / 2) + 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ticks;

    #[test]
    fn a_deadline_never_fires_early() {
        assert_eq!(ticks(Duration::ZERO), 1);
        assert_eq!(ticks(Duration::from_millis(1)), 2);
        assert_eq!(ticks(Duration::from_millis(10)), 2);
        assert_eq!(ticks(Duration::from_millis(11)), 3);
        assert_eq!(ticks(Duration::from_secs(1)), 101);
        assert!(ticks(Duration::MAX) > u64::from(u32::MAX));
    }
}
