//! One whole tick of a large simulated site, from the snapshot given to the
//! plan on disk: policies in their sandboxes, guards, ladder, journal.
//!
//! `cargo bench -p hooke-tests --bench tick`

use std::fmt::Write as _;
use std::time::Duration;

use hooke::bench::{Bench, Tick};

/// Ticks that are measured, once every machine runs.
const MEASURED: usize = 5;

fn main() -> anyhow::Result<()> {
    let mut first = None;
    println!(
        "{:>9} {:>9} {:>12} {:>8} {:>14} {:>14}",
        "profiles", "machines", "median ms", "ratio", "per profile", "resident MiB"
    );
    for size in [100, 1_000, 10_000] {
        let median = measure(size)?;
        let base = *first.get_or_insert(median);
        println!(
            "{size:>9} {size:>9} {:>12.1} {:>8.1} {:>11.1} µs {:>14.0}",
            median.as_secs_f64() * 1e3,
            median.as_secs_f64() / base.as_secs_f64(),
            median.as_secs_f64() * 1e6 / f64::from(u32::try_from(size)?),
            resident_mib()?
        );
    }
    Ok(())
}

/// The median of the ticks after the fleet has come up.
fn measure(size: usize) -> anyhow::Result<Duration> {
    let directory = tempfile::tempdir()?;
    let mut bench = Bench::new(&site(size), &directory.path().join("bench.db"))?;
    let mut launched = 0;
    while launched < size {
        launched += bench.tick()?.intents;
    }
    let settle = |bench: &mut Bench| -> anyhow::Result<Tick> { bench.tick() };
    for _ in 0..3 {
        settle(&mut bench)?;
    }
    let mut times = Vec::new();
    for _ in 0..MEASURED {
        let tick = bench.tick()?;
        anyhow::ensure!(tick.decisions == size, "{} decisions of {size}", tick.decisions);
        times.push(tick.decided_in);
    }
    times.sort();
    Ok(times[MEASURED / 2])
}

/// A site with `size` profiles, each on one machine of its own, each with a
/// trickle of messages, so that no two ticks are quite the same.
fn site(size: usize) -> String {
    let mut text = String::from(
        "[[site]]\nname = \"bench\"\nevery = \"60s\"\npolicy = \"threshold\"\n\
         [site.cloud]\ndriver = \"sim\"\nboot = \"20s\"\n[[site.source]]\nkind = \"sim\"\n",
    );
    for n in 0..size {
        let _ = write!(
            text,
            "[[site.source.queue]]\nname = \"q{n}\"\nper_hour = 30\nservice_time = \"10s\"\n\
             [[site.image]]\nname = \"i{n}\"\nvcpus = 2\nhosts = {{ p{n} = 1 }}\n\
             [[site.profile]]\nname = \"p{n}\"\nqueue = \"q{n}\"\nworkers = {{ min = 1, max = 4 }}\n"
        );
    }
    text
}

/// The memory this process has resident now, in MiB.
fn resident_mib() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    let kib: u32 = line.split_whitespace().nth(1).unwrap_or_default().parse()?;
    Ok(f64::from(kib) / 1024.0)
}
