//! What the scaler measures: a figure, and whether it is activity. Pure. What
//! is missing is named, and never a zero.

pub use hooke_policy_sdk::Quality;

use crate::settings::{Length, Mode, Settings};

/// A profile's queues, summed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backlog {
    /// How far the sum can be trusted.
    pub quality: Quality,
    /// Messages ready and not taken.
    pub ready: Option<u64>,
    /// Messages taken and not finished.
    pub unacked: Option<u64>,
    /// Messages a second coming in.
    pub arrival_rate: Option<f64>,
    /// Messages a second finished.
    pub service_rate: Option<f64>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The metric; not negative, and infinite if a queue never drains.
    pub metric: f64,
    /// Whether the profile is to have workers.
    pub activity: Activity,
}

/// Whether the profile is to have workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// The metric is above the activation value.
    Active,
    /// It is not.
    Inactive,
}

/// What the rule needs and was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(pub &'static str);

/// Measures, as the scaler's `GetMetricsAndActivity` does.
pub fn measure(settings: &Settings, backlog: &Backlog) -> Result<Reading, Missing> {
    if backlog.quality == Quality::Missing {
        return Err(Missing("the backlog"));
    }
    let least = settings.activation_value;
    let rate = |rate: Option<f64>, what| {
        rate.filter(|rate| rate.is_finite() && *rate >= 0.0).ok_or(Missing(what))
    };
    let arrivals = || rate(backlog.arrival_rate, "the arrival rate");
    let service = || rate(backlog.service_rate, "the service rate");
    // Rates alone would leave messages lying once nothing moves.
    let waiting = length(settings, backlog).is_ok_and(|messages| messages > least);
    let (metric, active) = match settings.mode {
        Mode::QueueLength => {
            let messages = length(settings, backlog)?;
            (messages, messages > least)
        }
        Mode::MessageRate => {
            let arrivals = arrivals()?;
            (arrivals, arrivals > least || waiting)
        }
        Mode::DeliverGetRate => {
            let service = service()?;
            (service, service > least || waiting)
        }
        Mode::PublishedToDeliveredRatio => {
            let (metric, active) = ratio(arrivals()?, service()?, least);
            (metric, active || waiting)
        }
        Mode::ExpectedQueueConsumptionTime => {
            consumption_time(length(settings, backlog)?, arrivals()?, service()?, least)
        }
        Mode::DrainTime => {
            let (arrivals, service) = (arrivals()?, service()?);
            let seconds = drain_time(ready(backlog)?, arrivals, service);
            // A message in work does not wait, and is activity all the same.
            let all = drain_time(length(settings, backlog)?, arrivals, service);
            (seconds, all > least)
        }
    };
    let activity = if active { Activity::Active } else { Activity::Inactive };
    Ok(Reading { metric: metric.max(0.0), activity })
}

/// The messages that nobody has taken.
fn ready(backlog: &Backlog) -> Result<f64, Missing> {
    Ok(backlog.ready.ok_or(Missing("the number of messages ready"))? as f64)
}

/// The messages that count.
fn length(settings: &Settings, backlog: &Backlog) -> Result<f64, Missing> {
    let ready = ready(backlog)?;
    let unacked = match settings.length {
        Length::Ready => 0.0,
        Length::WithUnacknowledged => {
            backlog.unacked.ok_or(Missing("the number of messages in work"))? as f64
        }
    };
    Ok(ready + unacked)
}

/// With messages coming in and none going out it is the activation value, and
/// active all the same.
fn ratio(arrivals: f64, service: f64, least: f64) -> (f64, bool) {
    match (arrivals > 0.0, service > 0.0) {
        (true, false) => (least, true),
        (true, true) => (arrivals / service, arrivals / service > least),
        (false, _) => (0.0, 0.0 > least),
    }
}

/// KEDA's figure: a ratio added to seconds, so no time (KD-04: a queue that
/// never drains is 101).
fn consumption_time(messages: f64, arrivals: f64, service: f64, least: f64) -> (f64, bool) {
    if messages == 0.0 {
        return (0.0, false);
    }
    if service == 0.0 {
        return (least, true);
    }
    let time = (arrivals - service) / service + messages / service;
    (time, time > least)
}

/// Seconds until no message waits; infinite while as many come as go.
fn drain_time(messages: f64, arrivals: f64, service: f64) -> f64 {
    match (messages, service - arrivals) {
        (0.0, _) => 0.0,
        (_, net) if net > 0.0 => messages / net,
        _ => f64::INFINITY,
    }
}
