//! What an evaluation of `cloudwatch` costs: three policies over an hour of
//! history, in a fresh sandbox, beside an empty policy in the same run. The ratio holds
//! on any machine, the microseconds on a quiet one. It asserts nothing of time.

#[path = "../../host/runtime/tests/policies/snapshots.rs"]
mod snapshots;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooke_bundled::BUNDLED;
use hooke_control::ids::{PolicyName, ProfileName, QueueName};
use hooke_control::units::Timestamp;
use hooke_history::{History, Metric, Past, Query, Samples, Source, Statistic, Subject, View};
use hooke_runtime::{Evaluation, Host, HostConfig, Level, Limits, Wasi};
use hooke_trial::bench::{BenchConfig, bench};

use crate::snapshots::{Fleet, NOW, snapshot};

/// A step policy with two alarms, two targets; all of them at rest.
const SETTINGS: &str = r#"{
  "MetricAlarms": [
    {"AlarmName": "high", "MetricName": "ready", "Statistic": "Average", "Period": 60, "EvaluationPeriods": 3, "Threshold": 5000, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["step"]}
  ],
  "ScalingPolicies": [
    {"PolicyName": "step", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]},
    {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}},
    {"PolicyName": "backlog", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 100, "CustomizedMetricSpecification": {"Metrics": [
      {"Id": "m1", "ReturnData": false, "MetricStat": {"Metric": {"MetricName": "ready"}, "Stat": "Average"}},
      {"Id": "m2", "ReturnData": false, "MetricStat": {"Metric": {"MetricName": "serving"}, "Stat": "Average"}},
      {"Id": "e1", "Expression": "m1 / m2"}]}}}
  ]}"#;

const MACHINES: usize = 5;
const EVERY_MS: u64 = 15_000;

fn main() {
    let config = HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
    let host = Host::new(config).expect("the engine starts");
    let wasm = BUNDLED.iter().find(|bundled| bundled.name == "cloudwatch").expect("bundled").wasm;
    let policy = host.load(PolicyName::from("cloudwatch"), wasm).expect("it loads");
    let policy = host.bind(&policy, policy.imports(), Limits::default()).expect("it binds");
    println!("component: {} bytes", wasm.len());
    let first = evaluation(SETTINGS, None);
    println!("the host's own part of a new minute: {:.1} µs", asked_alone(&first.history));
    let memory = policy.evaluate(&first).answer.memory.map(Arc::from);
    let rows = [
        ("no settings", evaluation("{}", None)),
        ("three policies, a new minute", first),
        ("three policies, the same minute", evaluation(SETTINGS, memory)),
    ];
    for (name, evaluation) in rows {
        let report = bench(&host, &policy, &evaluation, BenchConfig::default(), &mut |_, _| {})
            .expect("the empty policy loads");
        assert_eq!(report.failed, 0, "{:?}", report.failure);
        println!(
            "{name:<34} {:>8.1} µs, empty {:>6.1} µs, ratio {:.2}",
            report.policy.median_ns as f64 / 1e3,
            report.empty.median_ns as f64 / 1e3,
            report.ratio.expect("no evaluation failed")
        );
    }
}

/// Microseconds of the same three questions, asked of the history natively.
fn asked_alone(history: &View) -> f64 {
    let profile = ProfileName::from("ocr");
    let of = |subject, metric, count| Query {
        subject,
        metric,
        statistic: Statistic::Average,
        period: Duration::from_secs(60),
        end: Timestamp::from_millis(NOW.as_millis() - NOW.as_millis() % 60_000),
        count,
    };
    let queries = [
        of(Subject::Profile(profile.clone()), Metric::Ready, 20),
        of(Subject::VmsOf(profile.clone()), Metric::Utilization, 20),
        of(Subject::Profile(profile), Metric::Serving, 20),
    ];
    let round = || {
        let started = Instant::now();
        for query in &queries {
            black_box(history.statistics(query).expect("known metrics"));
        }
        started.elapsed().as_secs_f64() * 1e6
    };
    (0..1_000).map(|_| round()).fold(f64::INFINITY, f64::min)
}

fn evaluation(settings: &str, memory: Option<Arc<[u8]>>) -> Evaluation {
    let facts = snapshot(Fleet { ready: 400, idle: 0, busy: MACHINES });
    let at = |back: u64| Timestamp::from_millis(NOW.as_millis() - back * EVERY_MS);
    let series = |source, vcpus, metric, value| Samples {
        source,
        vcpus,
        metric,
        readings: (1..=240).rev().map(|back| (at(back), value)).collect(),
    };
    let profile = Source::Profile(ProfileName::from("ocr"));
    let mut all: Vec<Samples> = facts
        .vms
        .iter()
        .map(|vm| {
            let vcpus = vm.image.vcpus;
            series(Source::Vm(vm.id.clone()), vcpus, Metric::Load, 0.48 * f64::from(vcpus))
        })
        .collect();
    all.push(series(Source::Queue(QueueName::from("ocr")), 1, Metric::Ready, 480.0));
    all.push(series(profile, 1, Metric::Serving, 5.0));
    let ticks = (1..=240).rev().map(at).collect();
    let past = Past { keep_ms: 7_200_000, ticks, series: all, cut: false };
    let mut history = History::from(&past);
    history.observe(&facts);
    Evaluation {
        history: View::of(history, &facts),
        snapshot: facts,
        profile: ProfileName::from("ocr"),
        settings: Arc::from(settings),
        memory,
    }
}
