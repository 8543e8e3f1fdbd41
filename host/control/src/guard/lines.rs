//! The lines of a chain before the guards: what was read, what each policy
//! said and what that comes to. Judges nothing.

use std::time::Duration;

use crate::answer::{Answer, Verdict, Wish};
use crate::explain::{AnswerLine, ReadingLine};
use crate::ids::{PolicyName, QueueName};
use crate::snapshot::{ProfileView, Quality, Reading, Snapshot};
use crate::units::Span;

pub(super) fn no_answer(policy: &PolicyName, capacity: u32) -> AnswerLine {
    AnswerLine {
        policy: policy.clone(),
        said: "no answer, counts as hold".to_owned(),
        desired: i64::from(capacity),
        reason: format!("policy {policy} did not answer"),
        remarks: Vec::new(),
        counts: false,
    }
}

pub(super) fn line(snapshot: &Snapshot, profile: &ProfileView, answer: &Answer) -> AnswerLine {
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
    let remarks = answer.remarks.clone();
    AnswerLine { policy: answer.named().clone(), said, desired, reason, remarks, counts: true }
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

pub(super) fn readings(snapshot: &Snapshot, profile: &ProfileView) -> Vec<ReadingLine> {
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
