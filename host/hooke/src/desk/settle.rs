//! What is done with an evaluation: its memory kept, its failures counted, its
//! words passed on to the log. Decides nothing about the fleet.

use hooke_control::answer::{Absent, Answer, Verdict};
use hooke_control::ids::{PolicyName, ProfileName};
use hooke_control::snapshot::Snapshot;
use hooke_history::Unmet;
use hooke_runtime::{Digest, Evaluated, Evaluation, Grants, Level};
use hooke_trial::record::{self, Entry};

use super::{Asking, Desk, Held, Said, Spent};
use crate::config::Mode;

/// One evaluation whose consequences are still to be drawn.
pub(super) struct Settling {
    seat: usize,
    evaluation: Evaluation,
    digest: Digest,
    evaluated: Evaluated,
    instead: Option<String>,
    limits: hooke_runtime::Limits,
    /// What is linked: no more than it imports, however much is granted.
    grants: Grants,
}

impl Settling {
    pub(super) fn of(asking: &Asking<'_>, evaluation: Evaluation, evaluated: Evaluated) -> Self {
        Self {
            seat: asking.seat,
            evaluation,
            digest: asking.bound.policy().digest(),
            evaluated,
            instead: asking.instead.clone(),
            limits: asking.bound.limits().clone(),
            grants: asking.bound.policy().imports().clone(),
        }
    }

    pub(super) fn settle(self, desk: &Desk, held: &mut Held, snapshot: &Snapshot, said: &mut Said) {
        let rule = desk.rule;
        let Self { seat, evaluation, digest, evaluated, instead, limits, grants } = self;
        let Held { seats, memory, .. } = held;
        let Some(seat) = seats.get_mut(seat) else { return };
        let asked = evaluated.answer.policy.clone();
        let unmet =
            evaluated.asked.unmet(snapshot.site.every, evaluation.history.keep(), |queue| {
                snapshot.queues.contains_key(queue)
            });
        let news: Vec<&Unmet> = unmet.iter().filter(|unmet| seat.tells(unmet)).collect();
        let told =
            About { site: snapshot, profile: &seat.profile, policy: &asked, mode: seat.mode };
        told.tell(&evaluated);
        news.iter().for_each(|unmet| told.remarked(unmet));
        let remarks: Vec<String> = unmet.iter().map(ToString::to_string).collect();
        if let Some(bytes) = &evaluated.answer.memory {
            memory.insert((seat.profile.clone(), asked.clone()), bytes.as_slice().into());
        }
        if let Some(recorder) = &desk.recorder {
            let past = evaluation.history.past(&evaluated.asked, record::MOST_READINGS);
            recorder.evaluated(Entry {
                evaluation,
                policy: asked.clone(),
                digest,
                mode: match seat.mode {
                    Mode::Live => record::Mode::Live,
                    Mode::Shadow => record::Mode::Shadow,
                },
                grants,
                limits: limits.clone(),
                answer: evaluated.answer.clone(),
                past,
            });
        }
        said.spent.push(Spent { policy: asked.clone(), spent: evaluated.spent, limits });
        let answer = match instead {
            Some(why) => {
                let absent = Absent { policy: seat.own.policy.clone(), why };
                Answer { instead_of: Some(absent), remarks, ..evaluated.answer }
            }
            None => {
                match &evaluated.answer.verdict {
                    Verdict::Failed(failure) => {
                        let entered = seat.quarantine.failed(failure, rule, snapshot.now);
                        let fallback = seat.fallback.as_ref().map(|f| f.policy.as_str());
                        entered.iter().for_each(|why| told.entered(why, fallback));
                    }
                    Verdict::Wish(_) => {
                        let left = seat.quarantine.succeeded();
                        left.iter().for_each(|why| told.left(why));
                    }
                }
                Answer { remarks, ..evaluated.answer }
            }
        };
        seat.answers(&mut said.answers).push(answer);
    }
}

/// Whose words are passed on.
struct About<'a> {
    site: &'a Snapshot,
    profile: &'a ProfileName,
    policy: &'a PolicyName,
    mode: Mode,
}

impl About<'_> {
    /// Passes a policy's log lines and its failure on to the operator's log.
    fn tell(&self, evaluated: &Evaluated) {
        let Self { site, profile, policy, mode } = self;
        let (site, mode) = (&site.site.name, mode.as_str());
        for line in &evaluated.log {
            let text = &line.text;
            match line.level {
                Level::Debug => tracing::debug!(%site, %profile, %policy, mode, "{text}"),
                Level::Info => tracing::info!(%site, %profile, %policy, mode, "{text}"),
                Level::Warn => tracing::warn!(%site, %profile, %policy, mode, "{text}"),
                Level::Error => tracing::error!(%site, %profile, %policy, mode, "{text}"),
            }
        }
        if evaluated.dropped_lines > 0 {
            let dropped = evaluated.dropped_lines;
            tracing::warn!(%site, %profile, %policy, mode, "{dropped} log lines of the policy dropped");
        }
        if let Verdict::Failed(failure) = &evaluated.answer.verdict {
            let (kind, why) = (failure.kind(), failure.why());
            let then = match self.mode {
                Mode::Live => "the profile holds",
                Mode::Shadow => "nothing depends on it",
            };
            tracing::warn!(%site, %profile, %policy, mode, kind, "the policy failed, {then}: {why}");
        }
    }

    /// What of its questions this site can never answer. Once, until it changes.
    fn remarked(&self, unmet: &Unmet) {
        let Self { site, profile, policy, mode } = self;
        let (site, mode) = (&site.site.name, mode.as_str());
        tracing::warn!(%site, %profile, %policy, mode, "the policy will never be answered in full: {unmet}");
    }

    fn entered(&self, why: &str, fallback: Option<&str>) {
        let Self { site, profile, policy, mode } = self;
        let (site, mode) = (&site.site.name, mode.as_str());
        let then = fallback.map_or_else(String::new, |by| format!("; {by} is asked in its place"));
        tracing::error!(%site, %profile, %policy, mode, "in quarantine: it {why}{then}");
    }

    fn left(&self, why: &str) {
        let Self { site, profile, policy, mode } = self;
        let (site, mode) = (&site.site.name, mode.as_str());
        tracing::info!(%site, %profile, %policy, mode, "out of quarantine: {why}");
    }
}
