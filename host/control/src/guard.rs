//! From the wishes of a profile's policies to one bounded number. A guard may
//! weaken a wish; the only thing it raises is a profile below the operator's
//! own minimum. Each that changes anything leaves a step that says so.

use std::time::Duration;

use crate::answer::{Answer, Verdict, Wish};
use crate::combine::{self, Combine, Member};
use crate::explain::{AnswerLine, Chain, Direction, ReadingLine, ShadowLine, Stage};
use crate::ids::{PolicyName, QueueName};
use crate::snapshot::{ProfileView, Quality, Reading, Snapshot};
use crate::units::Span;

/// Takes a profile's answers through combination and guards. The chain that
/// comes back has readings, answers and steps, and the bounded number.
pub fn bounded(snapshot: &Snapshot, profile: &ProfileView, answers: &[Answer]) -> Chain {
    let members = combine::members(&profile.spec, answers);
    guarded(snapshot, profile, profile.spec.combine, &members)
}

/// What would have come of a shadow's answer, had it been the only one. It
/// changes nothing.
pub fn shadowed(snapshot: &Snapshot, profile: &ProfileView, answer: &Answer) -> ShadowLine {
    let chain = guarded(snapshot, profile, Combine::Max, &[Member::Said(answer)]);
    ShadowLine { answer: line(snapshot, profile, answer), desired: chain.desired }
}

fn guarded(
    snapshot: &Snapshot,
    profile: &ProfileView,
    rule: Combine,
    members: &[Member<'_>],
) -> Chain {
    let capacity = profile.counts.capacity();
    let mut lines: Vec<AnswerLine> = members
        .iter()
        .map(|member| match member {
            Member::Said(answer) => line(snapshot, profile, answer),
            Member::Silent(policy) => no_answer(policy, capacity),
        })
        .collect();
    let combined = combine::combine(rule, capacity, members, &mut lines);
    let mut chain = Chain {
        profile: profile.spec.name.clone(),
        tick: snapshot.tick,
        at: snapshot.now,
        capacity,
        desired: capacity,
        planned: capacity,
        readings: readings(snapshot, profile),
        combine: rule,
        answers: lines,
        shadows: Vec::new(),
        steps: Vec::new(),
        intents: Vec::new(),
    };
    if let Some(told) = combined.told {
        chain.step(Stage::Combine, told);
    }
    let wanted = bounds(&mut chain, profile, combined.broken, combined.wanted);
    chain.desired = quality(&mut chain, snapshot, profile, wanted);
    chain
}

fn bounds(chain: &mut Chain, profile: &ProfileView, broken: bool, wanted: i64) -> u32 {
    let (bounds, capacity) = (profile.spec.workers, chain.capacity);
    let (min, max) = (bounds.min(), bounds.max());
    let kept = bounds.clamp(wanted);
    if kept < capacity && broken {
        let text = format!(
            "stays at {capacity}, above workers.max {max}: a policy that fails never shrinks a profile"
        );
        chain.step(Stage::Bounds, text);
        return capacity;
    }
    if wanted < i64::from(min) {
        chain.step(Stage::Bounds, format!("{wanted} wanted, {kept} needed: workers.min is {min}"));
    } else if wanted > i64::from(max) {
        chain.step(Stage::Bounds, format!("{wanted} wanted, {kept} allowed: workers.max is {max}"));
    }
    kept
}

/// Scale in needs fresh, complete data; scale out may use stale data, and with
/// none goes no further than the minimum.
fn quality(chain: &mut Chain, snapshot: &Snapshot, profile: &ProfileView, wanted: u32) -> u32 {
    let capacity = chain.capacity;
    let (kept, why) = match Direction::between(i64::from(capacity), i64::from(wanted)) {
        Direction::Hold => return wanted,
        Direction::Out | Direction::In if snapshot.cloud.quality() != Quality::Fresh => {
            let why = snapshot.cloud.trouble().map_or("", |why| &why.0);
            (capacity, format!("without the list of machines nothing is done: {why}"))
        }
        Direction::Out if profile.backlog.quality == Quality::Missing => {
            let floor = profile.spec.workers.min().max(capacity);
            let why = backlog_trouble(snapshot, profile);
            (wanted.min(floor), format!("without the backlog only workers.min is kept up: {why}"))
        }
        Direction::Out => return wanted,
        Direction::In => match doubt(snapshot, profile) {
            Some(why) => (capacity, why),
            None => return wanted,
        },
    };
    if kept != wanted {
        let given = if kept == capacity { "stays at" } else { "allowed" };
        chain.step(Stage::Quality, format!("{wanted} wanted, {given} {kept}: {why}"));
    }
    kept
}

/// Why nothing of the profile may be taken away: something that should be
/// known is not, or not of this tick.
pub(crate) fn doubt(snapshot: &Snapshot, profile: &ProfileView) -> Option<String> {
    let backlog = &profile.backlog;
    match backlog.quality {
        Quality::Stale | Quality::Missing => {
            let (quality, why) = (backlog.quality.as_str(), backlog_trouble(snapshot, profile));
            return Some(format!(
                "the backlog is {quality}, and scale in needs a fresh one: {why}"
            ));
        }
        Quality::Fresh if backlog.ready.is_none() || backlog.unacked.is_none() => {
            return Some(
                "the source did not count every message, and scale in needs that".to_owned(),
            );
        }
        Quality::Fresh => {}
    }
    let why = snapshot.consumers.first()?;
    Some(format!("no worker is proven idle, as the consumers could not be read: {}", why.0))
}

/// The worst thing that is the matter with a profile's queues.
fn backlog_trouble<'a>(snapshot: &'a Snapshot, profile: &ProfileView) -> &'a str {
    let readings = profile.spec.queues.iter().filter_map(|queue| snapshot.queues.get(queue));
    let worst = readings.max_by_key(|reading| reading.quality());
    worst.and_then(Reading::trouble).map_or("no source reads it", |why| &why.0)
}

fn no_answer(policy: &PolicyName, capacity: u32) -> AnswerLine {
    AnswerLine {
        policy: policy.clone(),
        said: "no answer, counts as hold".to_owned(),
        desired: i64::from(capacity),
        reason: format!("policy {policy} did not answer"),
        counts: false,
    }
}

fn line(snapshot: &Snapshot, profile: &ProfileView, answer: &Answer) -> AnswerLine {
    let capacity = profile.counts.capacity();
    let (mut said, desired, mut reason) = match &answer.verdict {
        Verdict::Failed(failure) => (
            format!("failed ({}), counts as hold", failure.kind()),
            i64::from(capacity),
            failure.why().to_owned(),
        ),
        Verdict::Wish(wish) => {
            let (said, desired) = comes_to(snapshot, profile, wish);
            (said, desired, wish.reason.clone())
        }
    };
    if let Some(absent) = &answer.instead_of {
        said.push_str(&format!(" by {} in its place", answer.policy));
        reason.push_str(&format!(" ({} is not asked: {})", absent.policy, absent.why));
    }
    AnswerLine { policy: answer.named().clone(), said, desired, reason, counts: true }
}

/// A wish as the operator reads it, and the workers that it comes to.
fn comes_to(snapshot: &Snapshot, profile: &ProfileView, wish: &Wish) -> (String, i64) {
    let name = &profile.spec.name;
    let staged: i64 = wish.staged.iter().map(|r| r.what.change(name, snapshot)).sum();
    let change = i64::from(wish.delta) + staged;
    let mut said = if change == 0 { "hold".to_owned() } else { format!("{change:+}") };
    if let Some(first) = wish.staged.first() {
        said.push_str(&format!(" (asks to {}", first.what));
        match wish.staged.len() - 1 {
            0 => said.push(')'),
            more => said.push_str(&format!(", and {more} more)")),
        }
    }
    (said, (i64::from(profile.counts.capacity()) + change).max(0))
}

fn readings(snapshot: &Snapshot, profile: &ProfileView) -> Vec<ReadingLine> {
    let mut lines: Vec<ReadingLine> =
        profile.spec.queues.iter().map(|queue| queue_line(snapshot, queue)).collect();
    let c = profile.counts;
    lines.push(ReadingLine {
        what: "workers".to_owned(),
        value: format!(
            "{} serving ({} busy, {} idle, {} unknown), {} booting, {} draining",
            c.serving, c.busy, c.idle, c.unknown, c.booting, c.draining
        ),
        age: Duration::ZERO,
        quality: snapshot.cloud.quality(),
        trouble: snapshot.cloud.trouble().map(|why| why.0.clone()),
    });
    if let Some(why) = snapshot.consumers.first() {
        lines.push(ReadingLine {
            what: "consumers".to_owned(),
            value: "unknown".to_owned(),
            age: Duration::ZERO,
            quality: Quality::Missing,
            trouble: Some(why.0.clone()),
        });
    }
    lines
}

fn queue_line(snapshot: &Snapshot, queue: &QueueName) -> ReadingLine {
    let reading = snapshot.queues.get(queue);
    let show = |n: Option<u64>| n.map_or("?".to_owned(), |n| n.to_string());
    let value = match reading.and_then(Reading::value) {
        None => "missing".to_owned(),
        Some(facts) => {
            let idle = match facts.activity.idle_for(snapshot.now) {
                Some(idle) => format!(", idle for {}", Span(idle)),
                None => String::new(),
            };
            let rate = |r: Option<f64>| r.map_or("?".to_owned(), |r| format!("{r:.1}"));
            format!(
                "{} ready, {} unacked, {} consumers, {}/s in, {}/s out{idle}",
                show(facts.ready),
                show(facts.unacked),
                show(facts.consumers.map(u64::from)),
                rate(facts.arrival_rate),
                rate(facts.service_rate),
            )
        }
    };
    ReadingLine {
        what: format!("queue {queue}"),
        value,
        age: snapshot.read_at(queue).map_or(Duration::ZERO, |at| snapshot.now.since(at)),
        quality: reading.map_or(Quality::Missing, Reading::quality),
        trouble: reading.and_then(Reading::trouble).map(|why| why.0.clone()),
    }
}
