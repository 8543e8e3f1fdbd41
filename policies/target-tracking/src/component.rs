//! The component: carries facts to [`crate::decide`] and the decision back.
//! Decides nothing itself.

use hooke_policy_sdk::metric::{Metric, Window};
use hooke_policy_sdk::metrics::{self, MetricsError, Statistic};
use hooke_policy_sdk::{Needs, Policy, PolicyError, Table};

use crate::decide::{self, Missing, Point, Situation};
use crate::settings::{SCHEMA, ScaleIn, Settings};

hooke_policy_sdk::export!(TargetTracking);

struct TargetTracking;

impl Policy for TargetTracking {
    const NAME: &'static str = "target-tracking";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Asks for the workers that bring a metric to its target: out after a few periods above \
         it, in after many below it (EC2 target tracking).";
    const SCHEMA: Option<&'static str> = Some(SCHEMA);
    type Settings = Settings;

    fn settings(table: &mut Table) -> Settings {
        Settings::read(table)
    }

    fn evaluate(settings: &Settings, profile: &str) -> Result<Needs, PolicyError> {
        let backlog = metrics::backlog(profile)?;
        let workers = metrics::workers(profile)?;
        let situation = Situation {
            capacity: workers.capacity,
            booting: workers.booting,
            idle: workers.idle,
            quality: backlog.quality,
            ready: backlog.ready,
            history_ms: metrics::history_ms(),
            points: points(settings, profile)?,
        };
        let decision = decide::decide(settings, &situation)
            .map_err(|Missing(what)| PolicyError::MissingData(what))?;
        Ok(Needs { delta: decision.delta, reason: decision.reason })
    }
}

/// The past with this tick's readings in it: the newest period ends behind them.
fn points(settings: &Settings, profile: &str) -> Result<Vec<Point>, MetricsError> {
    let low_periods = match settings.scale_in {
        ScaleIn::Enabled => settings.low_periods,
        ScaleIn::Disabled => 0,
    };
    let window = Window {
        statistic: settings.statistic.clone(),
        period_ms: settings.period_ms,
        count: settings.high_periods.max(low_periods),
        end_ms: metrics::now_ms().saturating_add(1),
    };
    let values = settings.metric.series(profile, &window)?;
    let average = Window { statistic: Statistic::Average, ..window };
    let serving = Metric::Serving.series(profile, &average)?;
    let point = |(metric, serving)| Point { metric, serving };
    Ok(values.into_iter().zip(serving).map(point).collect())
}
