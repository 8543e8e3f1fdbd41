//! Predictive scaling, by the fields of `PredictiveScalingConfiguration`.
//!
//! The load of the group and the load that one worker is to have are what it
//! rests on: workers are the one divided by the other. The scaling metric, from
//! which AWS learns that ratio, is passed over.

use hooke_forecast::Breach;
use hooke_policy_sdk::Table;

use super::source;
use crate::math::{Expression, Operator};
use crate::metric::Metric;
use crate::predict::Predict;
use crate::statistic::Statistic;
use crate::watch::{MathQuery, Source};

const MINUTE_MS: u64 = 60_000;
const HOUR_S: u64 = 3_600;
/// `SchedulingBufferTime` where nothing is said.
const BUFFER_S: u64 = 300;

pub(super) fn read(table: &mut Table) -> Option<Predict> {
    let key = "PredictiveScalingConfiguration";
    if !table.has(key) {
        table.problem(key, "missing: write MetricSpecifications".to_owned());
    }
    table.table(key, configuration).flatten()
}

fn configuration(table: &mut Table) -> Option<Predict> {
    let scales = table.word("Mode", &[("ForecastOnly", false), ("ForecastAndScale", true)]);
    let buffer_s = table.whole("SchedulingBufferTime", 0..=HOUR_S).unwrap_or(BUFFER_S);
    let key = "MaxCapacityBuffer";
    let buffer = table.whole(key, 0..=100).and_then(|n| u8::try_from(n).ok());
    let behavior = "MaxCapacityBreachBehavior";
    let increases = table
        .word(behavior, &[("HonorMaxCapacity", false), ("IncreaseMaxCapacity", true)])
        .unwrap_or(false);
    if buffer.is_some() && !increases {
        let message = format!("only with {behavior} = \"IncreaseMaxCapacity\": leave it out");
        table.problem(key, message);
    }
    let breach = match increases {
        true => Breach::IncreaseMaximum { buffer: buffer.unwrap_or(0) },
        false => Breach::HonorMaximum,
    };
    let key = "MetricSpecifications";
    if !table.has(key) {
        table.problem(key, "missing: write one with TargetValue and a load".to_owned());
    }
    let mut found = table.tables(key, specification)?;
    if found.len() != 1 {
        table.problem(key, format!("{} specifications: write one", found.len()));
    }
    let (target, load, period_ms) = found.pop().flatten()?;
    let buffer_ms = buffer_s * 1_000;
    Some(Predict { load, period_ms, target, scales: scales.unwrap_or(false), buffer_ms, breach })
}

fn specification(table: &mut Table) -> Option<(f64, Source, u64)> {
    let key = "TargetValue";
    if !table.has(key) {
        table.problem(key, "missing: write a number above zero".to_owned());
    }
    let target = table.number(key, -1e15..=1e15);
    if target.is_some_and(|target| target <= 0.0) {
        table.problem(key, "a target of zero or less: write a number above zero".to_owned());
    }
    table.pass(&[
        "PredefinedScalingMetricSpecification",
        "CustomizedScalingMetricSpecification",
        "CustomizedCapacityMetricSpecification",
    ]);
    let (pair, total, own) = (
        "PredefinedMetricPairSpecification",
        "PredefinedLoadMetricSpecification",
        "CustomizedLoadMetricSpecification",
    );
    let given = [pair, total, own].into_iter().filter(|key| table.has(key)).count();
    if given != 1 {
        table.problem("", format!("write one of {pair}, {total}, {own}"));
    }
    let words = &[("ASGCPUUtilization", ()), ("ASGTotalCPUUtilization", ())];
    let by_name = |table: &mut Table| {
        table.pass(&["ResourceLabel"]);
        table.word("PredefinedMetricType", words).and_then(|()| total_cpu())
    };
    let predefined = table.table(pair, by_name).flatten();
    let predefined = predefined.or(table.table(total, by_name).flatten());
    let mut period_ms = None;
    let customized = table
        .table(own, |table| source::queries(table, "MetricDataQueries", &mut period_ms))
        .flatten();
    if period_ms.is_some_and(|period_ms| !(HOUR_S * 1_000).is_multiple_of(period_ms)) {
        let message = "its period is no part of an hour: write 60, 300 or 3600".to_owned();
        table.problem(own, message);
    }
    Some((target?, predefined.or(customized)?, period_ms.unwrap_or(MINUTE_MS)))
}

/// `ASGTotalCPUUtilization`: the mean utilization times the workers that serve.
fn total_cpu() -> Option<Source> {
    let measure = |name| {
        let metric = Metric::named(name).ok()?;
        Some(MathQuery::Metric(metric.measure(None, Statistic::Average, MINUTE_MS).ok()?))
    };
    let sides = Box::new((Expression::Query(0), Expression::Query(1)));
    let product = MathQuery::Expression(Expression::Binary(Operator::Multiply, sides));
    let queries = vec![measure("utilization")?, measure("serving")?, product];
    Some(Source::Math { queries, label: "ASGTotalCPUUtilization".to_owned() })
}
