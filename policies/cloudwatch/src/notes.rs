//! What an operator has to know of settings although AWS allows them: what can
//! never act, what cannot be measured, what cannot be judged. Changes no wish.

use crate::alarm::Missing;
use crate::decide::Situation;
use crate::metric::Subject;
use crate::settings::{Kind, Policy, Settings};
use crate::watch::{MathQuery, Source, Watch};

/// Names in one note, at the most.
const NAMED_MAX: usize = 4;

/// What is said with every reason, as it holds until the settings are changed;
/// empty where there is nothing.
pub(crate) fn notes(settings: &Settings, situation: &Situation) -> String {
    let mut notes = String::new();
    let mut note = |names: Vec<&str>, what: &str| {
        if !names.is_empty() {
            notes += "; ";
            notes += what;
            notes += &listed(&names);
        }
    };
    let is_strange = |queue: &&str| !situation.queues.iter().any(|own| own == queue);
    let strange = queues(settings).into_iter().filter(is_strange).collect();
    note(strange, "no queue of this profile, so without data: QueueName ");
    let long = longer_than(settings, situation.kept_ms);
    note(long, "looks further back than readings are kept ([history] keep): ");
    let silent = shrinking_by_silence(settings).map(|(alarm, _)| alarm).collect();
    note(silent, "TreatMissingData = \"breaching\" makes no fewer workers of silence: alarm ");
    note(uncalled(settings), "called for by no alarm, so never acting: policy ");
    let calls_nobody = settings.alarms.iter().filter(|alarm| alarm.actions.is_empty());
    note(calls_nobody.map(|alarm| alarm.name.as_str()).collect(), "calls for no policy: alarm ");
    notes
}

fn listed(names: &[&str]) -> String {
    let mut text = names.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = names.len().checked_sub(NAMED_MAX) {
        text += &format!(" and {more} more");
    }
    text
}

/// Every queue that a policy or an alarm names, once.
pub(crate) fn queues(settings: &Settings) -> Vec<&str> {
    let mut named: Vec<&str> = Vec::new();
    for source in sources(settings) {
        let measures = match source {
            Source::Metric(measure) => vec![measure],
            Source::Math { queries, .. } => queries
                .iter()
                .filter_map(|query| match query {
                    MathQuery::Metric(measure) => Some(measure),
                    MathQuery::Expression(_) => None,
                })
                .collect(),
        };
        for measure in measures {
            if let Subject::Queue(queue) = &measure.subject
                && !named.contains(&queue.as_str())
            {
                named.push(queue);
            }
        }
    }
    named
}

fn sources(settings: &Settings) -> impl Iterator<Item = &Source> {
    let enabled = settings.policies.iter().filter(|policy| policy.enabled);
    let of_policies = enabled.filter_map(|policy| match &policy.kind {
        Kind::Track(track) => Some(&track.high.source),
        Kind::Predict(predict) => Some(&predict.load),
        Kind::Simple(_) | Kind::Step(_) | Kind::Refused => None,
    });
    settings.alarms.iter().map(|alarm| &alarm.watch.source).chain(of_policies)
}

/// Alarms, and policies by their own, of which no evaluation has all points.
fn longer_than(settings: &Settings, kept_ms: u64) -> Vec<&str> {
    let longer = |watch: &Watch| watch.is_longer_than(kept_ms);
    let alarms = settings.alarms.iter().filter(|alarm| longer(&alarm.watch));
    let tracking = settings.policies.iter().filter(|policy| match &policy.kind {
        Kind::Track(track) => policy.enabled && (longer(&track.high) || longer(&track.low)),
        Kind::Simple(_) | Kind::Step(_) | Kind::Predict(_) | Kind::Refused => false,
    });
    alarms.map(|alarm| alarm.name.as_str()).chain(tracking.map(|p| p.name.as_str())).collect()
}

/// Policies that wait for an alarm that there is not.
fn uncalled(settings: &Settings) -> Vec<&str> {
    let called = |place: usize| {
        settings.alarms.iter().any(|alarm| alarm.actions.iter().any(|(_, to)| *to == place))
    };
    let policies = settings.policies.iter().enumerate();
    let waits =
        policies.filter(|(place, policy)| policy.enabled && policy.is_called() && !called(*place));
    waits.map(|(_, policy)| policy.name.as_str()).collect()
}

/// Alarms that take silence for little to do, and the policy of each that would
/// take workers away for it.
fn shrinking_by_silence(settings: &Settings) -> impl Iterator<Item = (&str, &str)> {
    settings.alarms.iter().filter_map(|alarm| {
        let by_silence = alarm.watch.rule.missing == Missing::Breaching;
        let mut called = alarm.actions.iter().filter_map(|(_, to)| settings.policies.get(*to));
        let policy = called.find(|policy| by_silence && policy.may_shrink())?;
        Some((alarm.name.as_str(), policy.name.as_str()))
    })
}

/// What is told once, where the settings are new.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let breaching = shrinking_by_silence(settings).map(|(alarm, policy)| {
        format!(
            "alarm {alarm} has TreatMissingData = \"breaching\" and calls for policy {policy}, which \
             scales in: silence would be a reason for fewer workers. Such a wish is held back here; \
             write \"missing\""
        )
    });
    let increases = settings.policies.iter().filter(|policy| increases(policy)).map(|policy| {
        format!(
            "policy {} may go above a MaxSize, as MaxCapacityBreachBehavior says, and never above \
             workers.max of the profile: that is the bill's",
            policy.name
        )
    });
    breaching.chain(increases).collect()
}

fn increases(policy: &Policy) -> bool {
    match &policy.kind {
        Kind::Predict(predict) => {
            matches!(predict.breach, hooke_forecast::Breach::IncreaseMaximum { .. })
        }
        Kind::Simple(_) | Kind::Step(_) | Kind::Track(_) | Kind::Refused => false,
    }
}
