//! How the wishes of several policies become one. Whatever the rule, a policy
//! that fails never shrinks a profile: it counts as hold, and what it might
//! have stood against is not done. Knows no bound, limit or reading.
//!
//! | rule | several wishes | with failures among them |
//! |---|---|---|
//! | `max` | the largest number of workers | a failure is a hold: never less than there are |
//! | `min` | the smallest | a failure is a hold: never more than there are, and never less either |
//! | `sum` | all changes added up, of each no more taken away than there is | a failure adds nothing; the sum may scale out, not in |
//! | `first-ok` | the first in the list that answered | after a failure it may scale out, not in |

use crate::answer::Answer;
use crate::explain::AnswerLine;
use crate::ids::PolicyName;
use crate::spec::ProfileSpec;

/// The rule by which several wishes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combine {
    /// The largest: scale out beats hold beats scale in.
    #[default]
    Max,
    /// The smallest: scale in beats hold beats scale out.
    Min,
    /// All changes added up.
    Sum,
    /// The first of the list that answered; the others stand in for it.
    FirstOk,
}

impl Combine {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::Max, Self::Min, Self::Sum, Self::FirstOk];

    /// The rule as the site file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Min => "min",
            Self::Sum => "sum",
            Self::FirstOk => "first-ok",
        }
    }
}

/// One policy of the list, and what came of asking it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Member<'a> {
    /// It said something, if only that it failed.
    Said(&'a Answer),
    /// Nothing came back. That counts as failed.
    Silent(&'a PolicyName),
}

impl Member<'_> {
    fn answered(self) -> bool {
        match self {
            Self::Said(answer) => answer.verdict.wish().is_some(),
            Self::Silent(_) => false,
        }
    }
}

/// One number for all.
pub(crate) struct Combined {
    /// The workers wanted.
    pub(crate) wanted: i64,
    /// Whether nothing of the profile may be taken away, as somebody failed.
    pub(crate) broken: bool,
    /// Which rule chose what; `None` if all want the same.
    pub(crate) told: Option<String>,
}

/// Everybody who was to be asked, in the order of the list; then answers of
/// policies that are not in it.
pub(crate) fn members<'a>(spec: &'a ProfileSpec, answers: &'a [Answer]) -> Vec<Member<'a>> {
    let asked = spec.policies.iter().map(|binding| &binding.policy);
    let silent = asked.filter(|policy| answers.iter().all(|answer| answer.named() != *policy));
    let mut members: Vec<Member<'a>> = answers.iter().map(Member::Said).collect();
    members.extend(silent.map(Member::Silent));
    let place = |member: &Member<'_>| {
        let name = match member {
            Member::Said(answer) => answer.named(),
            Member::Silent(policy) => policy,
        };
        let at = spec.policies.iter().position(|binding| binding.policy == *name);
        at.unwrap_or(usize::MAX)
    };
    if spec.policies.len() > 1 {
        members.sort_by_key(place);
    }
    members
}

/// Whether nothing of the profile may be taken away: a policy failed that the
/// rule would have heard.
pub(crate) fn is_broken(spec: &ProfileSpec, answers: &[Answer]) -> bool {
    broken(spec.combine, &members(spec, answers))
}

/// With `first-ok` the policies after the one that answered are not heard, so
/// that it makes no difference whether they fail.
fn broken(rule: Combine, members: &[Member<'_>]) -> bool {
    match rule {
        Combine::FirstOk => !members.first().is_some_and(|first| first.answered()),
        Combine::Max | Combine::Min | Combine::Sum => {
            members.is_empty() || members.iter().any(|member| !member.answered())
        }
    }
}

/// Makes one wish of what `lines` come to, which are those of `members`, and
/// marks the lines that made it.
pub(crate) fn combine(
    rule: Combine,
    capacity: u32,
    members: &[Member<'_>],
    lines: &mut [AnswerLine],
) -> Combined {
    let hold = i64::from(capacity);
    let broken = broken(rule, members);
    let wanted = match rule {
        Combine::Max => lines.iter().map(|line| line.desired).max(),
        Combine::Min => lines.iter().map(|line| line.desired).min(),
        Combine::Sum => Some(lines.iter().map(|line| line.desired - hold).sum::<i64>() + hold),
        Combine::FirstOk => decider(members).and_then(|at| lines.get(at)).map(|line| line.desired),
    };
    let wanted = wanted.unwrap_or(hold).max(0);
    let held = broken && wanted < hold;
    let kept = if held { hold } else { wanted };
    let told = lines.iter().any(|line| line.desired != kept).then(|| {
        let all: Vec<String> =
            lines.iter().map(|line| format!("{} wants {}", line.policy, line.desired)).collect();
        let mut text = format!("{}: {}", all.join(", "), chosen(rule, wanted, members, lines));
        if held {
            text.push_str(&format!(
                "; it stays at {hold}, as a policy that fails never shrinks a profile"
            ));
        }
        text
    });
    mark(rule, hold, kept, members, lines);
    Combined { wanted: kept, broken, told }
}

fn chosen(rule: Combine, wanted: i64, members: &[Member<'_>], lines: &[AnswerLine]) -> String {
    match rule {
        Combine::Max => format!("the largest counts, {wanted}"),
        Combine::Min => format!("the smallest counts, {wanted}"),
        Combine::Sum => format!("the changes are added up, {wanted}"),
        Combine::FirstOk => match decider(members).and_then(|at| lines.get(at)) {
            Some(line) => format!("the first that answers counts, {} with {wanted}", line.policy),
            None => format!("none of them answers, {wanted}"),
        },
    }
}

fn decider(members: &[Member<'_>]) -> Option<usize> {
    members.iter().position(|member| member.answered())
}

/// Marks the lines whose reasons are those of the decision.
fn mark(rule: Combine, hold: i64, kept: i64, members: &[Member<'_>], lines: &mut [AnswerLine]) {
    let one = match rule {
        Combine::Max | Combine::Min => lines.iter().position(|line| line.desired == kept),
        Combine::Sum => None,
        Combine::FirstOk => {
            decider(members).filter(|at| lines.get(*at).is_some_and(|line| line.desired == kept))
        }
    };
    let failed = || members.iter().position(|member| !member.answered());
    let changes = |line: &AnswerLine| line.desired != hold;
    let all = rule == Combine::Sum && kept != hold;
    let one = one.or_else(failed).or((!lines.is_empty()).then_some(0));
    for (at, line) in lines.iter_mut().enumerate() {
        line.counts = if all { changes(line) } else { Some(at) == one };
    }
}

/// Each answer, and whether what it asks for by name is looked at: with
/// `first-ok` only what the deciding policy asks for. Otherwise all requests
/// are means to the one number, whoever's it is: none goes beyond it.
pub(crate) fn heard<'a>(spec: &ProfileSpec, answers: &'a [Answer]) -> Vec<(&'a Answer, bool)> {
    let members = members(spec, answers);
    let decider = decider(&members).and_then(|at| members.get(at));
    let hears = |answer: &Answer| match (spec.combine, decider) {
        (Combine::Max | Combine::Min | Combine::Sum, _) => true,
        (Combine::FirstOk, Some(Member::Said(first))) => first.named() == answer.named(),
        (Combine::FirstOk, Some(Member::Silent(_)) | None) => false,
    };
    answers.iter().map(|answer| (answer, hears(answer))).collect()
}
