//! The same small policy, which a new project begins with, in every language
//! beside a policy that does nothing: median, p99, memory, and the ratio of the
//! medians, in one run.
//!
//! `cargo bench -p hooke-tests --bench languages`

#[path = "../languages/projects.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod projects;

use std::time::Duration;

use hooke_control::ids::PolicyName;
use hooke_policy_build::Language;
use hooke_runtime::{Host, HostConfig, Level, Limits, Wasi};
use hooke_trial::bench::{BenchConfig, render_all, side_by_side};
use hooke_trial::situation::{Counts, Quiet, Situation};

/// Machines of the situation, each with a busy worker.
const MACHINES: u32 = 5;

fn main() -> anyhow::Result<()> {
    let limits = Limits::default();
    let config =
        HostConfig { limits: limits.clone(), log_from: Level::Info, wasi: Wasi::default() };
    let host = Host::new(config)?;
    let evaluation = busy().evaluation();
    let mut questions = Vec::new();
    for language in Language::ALL {
        let wasm = projects::build(&projects::new_project(language)?)?;
        let kib = wasm.len().div_ceil(1024);
        let policy = host.load(PolicyName::from(format!("{language}, {kib} KiB")), &wasm)?;
        let bound = host.bind(&policy, policy.imports(), limits.clone())?;
        questions.push((bound, evaluation.clone()));
    }
    let measured = BenchConfig { time: Duration::from_secs(60), ..BenchConfig::default() };
    let reports = side_by_side(&host, &questions, measured, &mut |_, _| ())?;
    print!("{}", render_all(&reports));
    anyhow::ensure!(reports.iter().all(|report| report.failed == 0), "some evaluations failed");
    Ok(())
}

/// More in the queue than the workers can take.
fn busy() -> Situation {
    let mut situation = Situation::default();
    let profile = situation.asked().name.clone();
    situation.employ(&profile, &Counts { busy: MACHINES, ..Counts::default() });
    for queue in situation.profiles.iter_mut().flat_map(|profile| &mut profile.queues) {
        queue.ready = Some(u64::from(MACHINES) * 100);
        queue.quiet = Quiet::Active;
    }
    situation
}
