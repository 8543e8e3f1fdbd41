//! Waiting for what comes about by itself: asks until it is so, up to a
//! deadline. Never waits for a fixed time.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Long enough for a loaded machine; nothing waits for it when all is well.
pub const WITHIN: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(100);

/// Tries until it succeeds.
///
/// # Panics
/// With the last failure, when [`WITHIN`] is over.
pub async fn until<T, F: Future<Output = Result<T, String>>>(
    what: &str,
    mut attempt: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + WITHIN;
    loop {
        let failure = match attempt().await {
            Ok(value) => return value,
            Err(failure) => failure,
        };
        assert!(Instant::now() < deadline, "not within {WITHIN:?}: {what}; last: {failure}");
        sleep(PAUSE).await;
    }
}
