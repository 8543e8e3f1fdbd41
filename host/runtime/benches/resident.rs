//! What a loaded policy keeps in memory: `cargo bench -p hooke-runtime --bench
//! resident`. Copies of one policy, each with a mark of its own behind it, so
//! that none shares anything with another; beside the size of the file. It
//! asserts nothing.

use anyhow::{Context, Result};
use hooke_bundled::BUNDLED;
use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Grants, Host, HostConfig, Level, Limits, Wasi};

/// Copies that are loaded.
const COPIES: u8 = 50;
/// Loaded before, so that what is made once does not count.
const BEFORE: u8 = 5;

fn main() -> Result<()> {
    let config = HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
    let host = Host::new(config)?;
    for bundled in BUNDLED {
        let load = |mark| bound(&host, bundled.name, bundled.wasm, mark);
        let mut kept: Vec<BoundPolicy> = (0..BEFORE).map(load).collect::<Result<_>>()?;
        let before = resident()?;
        for mark in BEFORE..BEFORE + COPIES {
            kept.push(load(mark)?);
        }
        let each = resident()?.saturating_sub(before) as f64 / f64::from(COPIES);
        let size = bundled.wasm.len() as f64;
        println!(
            "{:<14} file {:>6.0} KiB, resident {:>6.0} KiB for each of {COPIES}: {:.1} times the file",
            bundled.name,
            size / 1024.0,
            each / 1024.0,
            each / size
        );
        drop(kept);
    }
    Ok(())
}

/// A copy that is another content.
fn bound(host: &Host, name: &str, wasm: &[u8], mark: u8) -> Result<BoundPolicy> {
    let marked = [wasm, &[0, 6, 4, b'm', b'a', b'r', b'k', mark]].concat();
    let policy = host.load(PolicyName::from(name), &marked)?;
    Ok(host.bind(&policy, &Grants::all(), Limits::default())?)
}

/// Bytes that the process has resident.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 =
        line.and_then(|line| line.split_whitespace().next()).context("VmRSS")?.parse()?;
    Ok(kib << 10)
}
