//! Asks recorded evaluations again, in the real host, and says where the
//! answers differ: in what is needed, or only in what is remembered or said of
//! it. The same module gives the same answer, bit for bit; only running out of
//! time depends on the machine, and is told apart.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::{BoundPolicy, Grants, Host, Limits, Policy};
use serde::Serialize;

use crate::record::{Item, Mode, Recorded, Recording, Said};

/// Differences of each kind that are kept; the rest is counted.
const KEPT: usize = 1_000;
/// Differences of each kind that the text shows.
const SHOWN: usize = 20;

/// Gives the policy of a SHA-256 (in hex digits) and a name, if it is at hand.
pub type Find<'a> = dyn FnMut(&str, &PolicyName) -> Option<Policy> + 'a;

/// Whom a replay asks, and what it keeps.
#[derive(Debug, Clone, Default)]
pub struct ReplayConfig {
    /// Asked in place of what was recorded.
    pub against: Option<Against>,
    /// Whether answers of which only the reason differs are kept, and not
    /// counted alone.
    pub reasons: bool,
}

/// A policy that is asked in place of those that were recorded.
#[derive(Debug, Clone)]
pub struct Against {
    /// Who is asked.
    pub policy: Policy,
    /// In whose place; in everybody's if none is named.
    pub in_place_of: Option<PolicyName>,
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReplayReport {
    /// Whether another policy was asked than those that were recorded.
    pub against: bool,
    /// Evaluations that were asked again.
    pub asked: usize,
    /// Of them, those with the same answer.
    pub same: usize,
    /// Of them, those that ran out of time now or then, and otherwise might
    /// be the same: a machine is not always as fast.
    pub late: usize,
    /// Of them, those that need something else: another delta or action, or
    /// no answer in place of one.
    pub different: usize,
    /// Of them, those with the same needs that remember something else.
    pub memory_only: usize,
    /// Of them, those of which only the reasons differ.
    pub reasons_only: usize,
    /// The first thousand of each kind; reasons if they were asked for.
    pub differences: Vec<Difference>,
    /// Of them, those in which another policy than the recorded one asked about
    /// the past, of which a recording has only what the recorded one asked.
    pub past_in_part: usize,
    /// Evaluations of other policies than the one that is replaced, by name.
    pub other_policies: BTreeMap<String, usize>,
    /// Evaluations that could not be asked, by why.
    pub left_out: BTreeMap<String, usize>,
    /// Evaluations that the recording says were dropped.
    pub dropped: u64,
    /// Lines that could not be used, with their places.
    pub troubles: Vec<String>,
}

/// One evaluation with another answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The time of its tick, in milliseconds since 1970.
    pub at_ms: u64,
    /// The site.
    pub site: String,
    /// The profile.
    pub profile: String,
    /// The policy that was recorded.
    pub policy: String,
    /// Whether that answer counted.
    pub mode: Mode,
    /// The gravest part that differs.
    pub kind: Kind,
    /// What differs.
    pub changes: Vec<Change>,
}

/// What differs between two answers; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What is needed: the delta, the actions, or whether there is an answer.
    Needs,
    /// What is remembered.
    Memory,
    /// Only the words.
    Reason,
}

/// One part of an answer that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `delta`, `reason`, `staged`, `memory` or `failure`.
    pub part: &'static str,
    /// As recorded.
    pub recorded: String,
    /// As answered now.
    pub now: String,
}

/// Asks everything that a recording has again: of the policy that `find` gives
/// for the recorded digest, or of another one in place of it.
pub fn replay(
    host: &Host,
    recording: Recording,
    find: &mut Find<'_>,
    config: &ReplayConfig,
) -> ReplayReport {
    let against = config.against.as_ref();
    let mut report = ReplayReport { against: against.is_some(), ..ReplayReport::default() };
    let place = against.and_then(|against| against.in_place_of.as_ref());
    let against = against.map(|against| &against.policy);
    let mut asked = Asked { host, find, against, bound: Vec::new() };
    for item in recording {
        match item {
            Ok(Item::Evaluation(recorded)) if place.is_some_and(|of| *of != recorded.policy) => {
                *report.other_policies.entry(recorded.policy.to_string()).or_default() += 1;
            }
            Ok(Item::Evaluation(recorded)) => match asked.bound(&recorded) {
                Ok(policy) => report.ask(&recorded, policy, config.reasons),
                Err(why) => *report.left_out.entry(why).or_default() += 1,
            },
            Ok(Item::Decision(_)) => {}
            Ok(Item::Gap { dropped }) => report.dropped += dropped,
            Err(trouble) => report.troubles.push(trouble.to_string()),
        }
    }
    report
}

/// The policies of a replay, each bound once for what it is granted.
struct Asked<'a, 'f> {
    host: &'a Host,
    find: &'a mut Find<'f>,
    against: Option<&'a Policy>,
    bound: Vec<(Key, Result<BoundPolicy, String>)>,
}

#[derive(PartialEq)]
struct Key {
    sha256: String,
    policy: PolicyName,
    grants: Grants,
    limits: Limits,
}

impl Asked<'_, '_> {
    fn bound(&mut self, recorded: &Recorded) -> Result<&BoundPolicy, String> {
        let same = |(key, _): &(Key, _)| {
            key.sha256 == recorded.sha256
                && key.policy == recorded.policy
                && key.grants == recorded.grants
                && key.limits == recorded.limits
        };
        let at = match self.bound.iter().position(same) {
            Some(at) => at,
            None => {
                let key = Key {
                    sha256: recorded.sha256.clone(),
                    policy: recorded.policy.clone(),
                    grants: recorded.grants.clone(),
                    limits: recorded.limits.clone(),
                };
                let bound = self.bind(&key);
                self.bound.push((key, bound));
                self.bound.len() - 1
            }
        };
        let (_, bound) = self.bound.get(at).expect("it is there or was just added");
        bound.as_ref().map_err(Clone::clone)
    }

    fn bind(&mut self, key: &Key) -> Result<BoundPolicy, String> {
        let (policy, grants) = match self.against {
            // Another module may need more; nothing is done with its answers.
            Some(other) => (other.clone(), key.grants.and(other.imports())),
            None => {
                let found = (self.find)(&key.sha256, &key.policy);
                let policy = found.ok_or_else(|| {
                    let short: String = key.sha256.chars().take(12).collect();
                    format!(
                        "policy {} ({short}) is not at hand: name its file with --policy",
                        key.policy
                    )
                })?;
                (policy, key.grants.clone())
            }
        };
        self.host.bind(&policy, &grants, key.limits.clone()).map_err(|error| error.to_string())
    }
}

impl ReplayReport {
    /// Whether every evaluation could be asked and needs the same, as far as it
    /// was in time: exit status 0, else 1. The recorded policies themselves
    /// must also remember and say the same; nothing that could be asked of
    /// another policy is no likeness either.
    pub fn is_same(&self) -> bool {
        let words = self.against || self.memory_only + self.reasons_only == 0;
        let compared = self.asked > 0 || self.other_policies.is_empty();
        let whole = self.left_out.is_empty() && self.troubles.is_empty();
        self.different == 0 && words && compared && whole
    }

    fn ask(&mut self, recorded: &Recorded, policy: &BoundPolicy, reasons: bool) {
        self.asked += 1;
        let evaluated = policy.evaluate(&recorded.evaluation);
        let other = policy.policy().digest().to_string() != recorded.sha256;
        self.past_in_part += usize::from(other && !evaluated.asked.is_empty());
        let mut now = Said::of(&evaluated.answer);
        if now != recorded.said && now.is_late() {
            now = Said::of(&policy.evaluate(&recorded.evaluation).answer);
        }
        if now == recorded.said {
            self.same += 1;
        } else if now.is_late() || recorded.said.is_late() {
            self.late += 1;
        } else {
            let difference = Difference::between(recorded, &now);
            let (count, kept) = match difference.kind {
                Kind::Needs => (&mut self.different, true),
                Kind::Memory => (&mut self.memory_only, true),
                Kind::Reason => (&mut self.reasons_only, reasons),
            };
            *count += 1;
            if kept && *count <= KEPT {
                self.differences.push(difference);
            }
        }
    }

    const fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Needs => self.different,
            Kind::Memory => self.memory_only,
            Kind::Reason => self.reasons_only,
        }
    }

    /// For people: what differs, and a line that sums it up.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for kind in [Kind::Needs, Kind::Memory, Kind::Reason] {
            let mut of_kind = self.differences.iter().filter(|one| one.kind == kind).peekable();
            let shown = of_kind.peek().is_some();
            of_kind.take(SHOWN).for_each(|difference| difference.render(&mut out));
            let more = self.count(kind).saturating_sub(SHOWN);
            if shown && more > 0 {
                line(&mut out, &format!("… and {more} more that {}", kind.differ()));
            }
        }
        for trouble in &self.troubles {
            line(&mut out, trouble);
        }
        for (why, times) in &self.left_out {
            line(&mut out, &format!("{times} not asked: {why}"));
        }
        if self.dropped > 0 {
            let dropped = self.dropped;
            line(&mut out, &format!("{dropped} were dropped when this was recorded"));
        }
        self.summary(&mut out);
        out
    }

    fn summary(&self, out: &mut String) {
        if !self.other_policies.is_empty() {
            let others: Vec<String> =
                self.other_policies.iter().map(|(name, n)| format!("{n} of {name}")).collect();
            let others = others.join(", ");
            line(out, &format!("left out, as other policies gave them: {others} (--as, --all)"));
        }
        if self.past_in_part > 0 {
            let asked = self.past_in_part;
            line(
                out,
                &format!(
                    "{asked} asked about the past: a recording has only what the recorded policy asked of it"
                ),
            );
        }
        let Self { asked, same, different, late, .. } = self;
        let mut text = format!("{asked} asked again: {same} the same, {different} need otherwise");
        let more = [
            (self.memory_only, "remember otherwise"),
            (self.reasons_only, "differ in the reason only"),
            (*late, "out of time"),
        ];
        for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
            text += &format!(", {count} {what}");
        }
        line(out, &text);
    }
}

impl Kind {
    const fn differ(self) -> &'static str {
        match self {
            Self::Needs => "need otherwise",
            Self::Memory => "remember otherwise",
            Self::Reason => "differ in the reason only",
        }
    }

    fn of(recorded: &Said, now: &Said) -> Self {
        if !recorded.needs_the_same_as(now) {
            Self::Needs
        } else if !recorded.stores_the_same_as(now) {
            Self::Memory
        } else {
            Self::Reason
        }
    }
}

impl Difference {
    fn between(recorded: &Recorded, now: &Said) -> Self {
        let snapshot = &recorded.evaluation.snapshot;
        let parts = recorded.said.parts().into_iter().zip(now.parts());
        let changed = parts.filter(|((_, was), (_, is))| was != is);
        Self {
            at_ms: snapshot.now.as_millis(),
            site: snapshot.site.name.as_str().to_owned(),
            profile: recorded.evaluation.profile.as_str().to_owned(),
            policy: recorded.policy.as_str().to_owned(),
            mode: recorded.mode,
            kind: Kind::of(&recorded.said, now),
            changes: changed
                .map(|((part, recorded), (_, now))| Change { part, recorded, now })
                .collect(),
        }
    }

    fn render(&self, out: &mut String) {
        let Self { at_ms, site, profile, policy, mode, kind: _, changes } = self;
        let at = moment(Timestamp::from_millis(*at_ms));
        line(out, &format!("{at} {site}/{profile}, {policy} ({}):", mode.as_str()));
        for Change { part, recorded, now } in changes {
            line(out, &format!("  {part:<8} {recorded}"));
            line(out, &format!("  {:<8} {now}", "now"));
        }
    }
}

fn moment(at: Timestamp) -> String {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(moment) => moment.to_string(),
        Err(_) => format!("{millis} ms"),
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("text can always be added to");
}
