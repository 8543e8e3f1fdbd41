//! The bundled policy `cloudwatch`, a real component, over a real history: the
//! worked examples of its own table.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "policies/snapshots.rs"]
mod snapshots;

use std::sync::Arc;

use hooke_bundled::BUNDLED;
use hooke_control::answer::Verdict;
use hooke_control::ids::{PolicyName, ProfileName, QueueName};
use hooke_control::snapshot::{Snapshot, WorkerCounts};
use hooke_control::spec::{Bounds, ProfileSpec};
use hooke_control::units::Timestamp;
use hooke_history::{History, Metric, Past, Samples, Source, View};
use hooke_runtime::{BoundPolicy, Evaluation, Host, HostConfig, Level, Limits, Wasi};

use crate::snapshots::{Fleet, NOW, snapshot};

const ROWS: &str = include_str!("../../../policies/cloudwatch/tests/rows/rules.toml");

const MINUTE_MS: u64 = 60_000;

fn cloudwatch() -> BoundPolicy {
    let config = HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
    let host = Host::new(config).unwrap();
    let wasm = BUNDLED.iter().find(|bundled| bundled.name == "cloudwatch").unwrap().wasm;
    let policy = host.load(PolicyName::from("cloudwatch"), wasm).unwrap();
    host.bind(&policy, policy.imports(), Limits::default()).unwrap()
}

fn number(row: &toml::Table, key: &str, absent: u32) -> u32 {
    row.get(key).map_or(absent, |n| u32::try_from(n.as_integer().unwrap()).unwrap())
}

/// A fleet as the row says it, one worker to a machine.
fn fleet(row: &toml::Table) -> Arc<Snapshot> {
    let (capacity, booting) = (number(row, "capacity", 0), number(row, "booting", 0));
    let serving = capacity - booting;
    let mut facts = (*snapshot(Fleet { ready: 0, idle: 0, busy: serving as usize })).clone();
    let view = facts.profiles.get_mut(&ProfileName::from("ocr")).unwrap();
    let draining = number(row, "draining", 0);
    view.counts = WorkerCounts { serving, booting, draining, busy: serving, ..view.counts };
    let workers = Bounds::new(number(row, "minimum", 0), number(row, "maximum", 100)).unwrap();
    view.spec = Arc::new(ProfileSpec { workers, ..(*view.spec).clone() });
    Arc::new(facts)
}

/// An hour of readings as the row says them, one a minute.
fn past(row: &toml::Table, facts: &Arc<Snapshot>) -> View {
    let end_ms = NOW.as_millis() - NOW.as_millis() % MINUTE_MS;
    let at = |back: usize| Timestamp::from_millis(end_ms - (back as u64 + 1) * MINUTE_MS + 30_000);
    let mut past = Past { keep_ms: 7_200_000, ..Past::default() };
    past.ticks = (0..60).rev().map(at).collect();
    for (metric, points) in row["points"].as_table().unwrap() {
        let points: Vec<&str> = points.as_str().unwrap().split_whitespace().rev().collect();
        let value = |back| points.get(back).or(points.last()).unwrap().parse::<f64>();
        let readings = (0..60).rev().filter_map(|back| Some((at(back), value(back).ok()?)));
        let readings: Vec<(Timestamp, f64)> = readings.collect();
        let series = |source, vcpus, metric, readings| Samples { source, vcpus, metric, readings };
        match metric.as_str() {
            "ready" => {
                let queue = Source::Queue(QueueName::from("ocr"));
                past.series.push(series(queue, 1, Metric::Ready, readings));
            }
            "serving" => {
                let profile = Source::Profile(ProfileName::from("ocr"));
                past.series.push(series(profile, 1, Metric::Serving, readings));
            }
            _ => past.series.extend(facts.vms.iter().map(|vm| {
                let vcpus = vm.image.vcpus;
                let load =
                    |(at, percent): &(Timestamp, f64)| (*at, percent * f64::from(vcpus) / 100.0);
                let readings = readings.iter().map(load).collect();
                series(Source::Vm(vm.id.clone()), vcpus, Metric::Load, readings)
            })),
        }
    }
    let mut history = History::from(&past);
    history.observe(facts);
    View::of(history, facts)
}

#[test]
fn the_component_says_what_the_rule_says() {
    let table: toml::Table = ROWS.parse().unwrap();
    let policy = cloudwatch();
    let (mut asked, mut wrong) = (0, String::new());
    for row in table["row"].as_array().unwrap() {
        let row = row.as_table().unwrap();
        // Without a machine there is no utilization to read; so many readings a
        // minute are a matter of the pure rule.
        let is_machineless =
            number(row, "capacity", 0) == 0 && row["points"].get("utilization").is_some();
        if is_machineless || row.contains_key("samples") {
            continue;
        }
        let settings = &table["settings"][row["settings"].as_str().unwrap()];
        let settings: Arc<str> = serde_json::to_string(settings).unwrap().into();
        let problems = policy.validate_settings(&settings).unwrap();
        assert!(problems.is_empty(), "{}: {problems:?}", row["id"]);
        let facts = fleet(row);
        let evaluation = Evaluation {
            history: past(row, &facts),
            snapshot: facts,
            profile: ProfileName::from("ocr"),
            settings,
            memory: None,
        };
        let expected =
            number(row, "wanted", 0).cast_signed() - number(row, "capacity", 0).cast_signed();
        asked += 1;
        match policy.evaluate(&evaluation).answer.verdict {
            Verdict::Wish(wish) if wish.delta == expected => {}
            verdict @ (Verdict::Wish(_) | Verdict::Failed(_)) => {
                wrong += &format!("{}: {verdict:?}, {expected} expected\n", row["id"]);
            }
        }
    }
    assert!(wrong.is_empty() && asked > 30, "of {asked} rows:\n{wrong}");
}
