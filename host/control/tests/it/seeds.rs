//! Runs a simulation for each of its seeds, or for the one in `SEED`, and says
//! how to run a failed one again.

use std::ops::RangeInclusive;

/// Whether a run tells what happens in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    Nothing,
    All,
}

struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("run it alone: SEED={} cargo test -p hooke-control simulation", self.0);
        }
    }
}

pub(crate) fn each(seeds: RangeInclusive<u64>, run: impl Fn(u64, Telling)) {
    if let Some(seed) = chosen() {
        return run(seed, Telling::All);
    }
    for seed in seeds {
        let named = Named(seed);
        run(seed, Telling::Nothing);
        drop(named);
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is told its seed from outside")]
fn chosen() -> Option<u64> {
    std::env::var("SEED").ok().map(|seed| seed.parse().unwrap())
}
