//! Prints what opening a shelf and replacing a policy cost, as figures for a
//! person. For the tests it is the compile worker, started with `compile-worker`,
//! and a host that fills its cache until it is killed, with `fill POLICIES CACHE`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result};
use hooke_control::units::Timestamp;
use hooke_shelf::{Compiler, Shelf, ShelfConfig};

const POLICIES: u64 = 50;
const RELOADS: u64 = 20;

fn main() -> ExitCode {
    let done = match env::args().nth(1).as_deref() {
        Some("compile-worker") => hooke_shelf::run_compile_worker().map_err(Into::into),
        Some("fill") => fill(),
        Some(_) | None => figures(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn figures() -> Result<()> {
    let (policies, place) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let cache = place.path().join("cache");
    let wasm = hooke_bundled::BUNDLED.first().context("a bundled policy")?.wasm;
    for number in 0..POLICIES {
        fs::write(policies.path().join(format!("p{number}.wasm")), marked(wasm, number))?;
    }
    println!("{POLICIES} policies of {} KiB", wasm.len() >> 10);
    let (shelf, took) = open(policies.path(), &cache)?;
    println!("start, compiling all in children: {took}, {} compiles", shelf.compiles());
    drop(shelf);
    let (shelf, took) = open(policies.path(), &cache)?;
    println!("start, all cached:                {took}, {} compiles", shelf.compiles());
    reloads(&shelf, policies.path(), wasm)
}

/// Compiles everything and throws it away, again and again.
fn fill() -> Result<()> {
    let place = |at| env::args().nth(at).context("fill POLICIES CACHE");
    let (policies, cache) = (place(2)?, place(3)?);
    loop {
        open(Path::new(&policies), Path::new(&cache))?;
        for entry in fs::read_dir(&cache)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "cwasm") {
                fs::remove_file(path)?;
            }
        }
    }
}

fn open(policies: &Path, cache: &Path) -> Result<(Shelf, String)> {
    let config = ShelfConfig {
        directory: Some(policies.to_owned()),
        cache: Some(cache.to_owned()),
        compiler: Compiler::Child {
            program: env::current_exe()?,
            args: vec!["compile-worker".into()],
        },
        ..ShelfConfig::default()
    };
    let (began, before) = (Instant::now(), on_processor()?);
    let shelf = Shelf::open(config, Timestamp::default(), Arc::new(()))?;
    let busy = on_processor()?.saturating_sub(before);
    let took = format!("{:?}, {busy:?} of it on a processor", began.elapsed());
    anyhow::ensure!(shelf.status().cache_refused.is_none(), "{}", shelf.status());
    Ok((shelf, took))
}

/// Time that this thread had a processor: what is left of a figure on a machine
/// that others use as well.
fn on_processor() -> Result<Duration> {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = schedule.split(' ').next().context("the time on a processor")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}

/// Replaces a policy by contents that only the cache has: the first round
/// compiles them, the second is measured. The settling time, which is waiting
/// and not work, is skipped.
fn reloads(shelf: &Shelf, policies: &Path, wasm: &[u8]) -> Result<()> {
    let (file, next) = (policies.join("reloaded.wasm"), policies.join("next.tmp"));
    let mut times = Vec::new();
    for number in 1..=2 * RELOADS {
        fs::write(&next, marked(wasm, 1000 + number % RELOADS))?;
        fs::rename(&next, &file)?;
        let now = |more| Timestamp::from_millis(number * 1000 + more);
        let before = (shelf.version(), shelf.compiles());
        shelf.look(now(0), &());
        let began = Instant::now();
        shelf.look(now(500), &());
        let took = began.elapsed();
        shelf.finish_compiling(now(500), &());
        anyhow::ensure!(shelf.version() > before.0, "reload {number} did not happen");
        if number > RELOADS {
            anyhow::ensure!(shelf.compiles() == before.1, "reload {number} was compiled");
            times.push(took);
        }
    }
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("cached reload:                    median {median:?}, slowest {slowest:?}");
    Ok(())
}

/// The same policy with a mark behind it, so that it is another content.
fn marked(wasm: &[u8], mark: u64) -> Vec<u8> {
    const CUSTOM: [u8; 6] = [0, 12, 3, b'm', b'r', b'k'];
    [wasm, &CUSTOM, &mark.to_le_bytes()].concat()
}
