//! What the grid found: a value, and its text.

use std::fmt::Write as _;

use serde::Serialize;

/// What came of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GridReport {
    /// Situations there are.
    pub situations: usize,
    /// The settings of all of them, a JSON object.
    pub settings: String,
    /// How many of them were asked.
    pub outcome: Outcome,
    /// What was found, the worst first; one for each rule.
    pub findings: Vec<Finding>,
}

/// How far the grid came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// So many situations were asked; fewer than all when time was up.
    Ran {
        /// How many.
        situations: usize,
    },
    /// None was.
    Skipped {
        /// Why.
        why: String,
    },
}

/// A rule of the grid. The order is that of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// It trapped.
    Broke,
    /// It ran into a limit.
    OverLimit,
    /// The same question had two answers.
    Unstable,
    /// A text of the answer has a NaN or an infinity in it.
    NotFinite,
    /// The host's guards left a number out of bounds: a fault of the host.
    OutOfBounds,
    /// Fewer workers while none is idle.
    ScaleInBusy,
    /// Fewer workers on data that are stale or missing.
    ScaleInBlind,
    /// Fewer than none, or more than anybody has.
    Extreme,
    /// The policy calls it a fault of its own, or refuses its settings.
    Fault,
    /// A line of its log has a NaN or an infinity in it.
    LogNotFinite,
    /// An answer without a reason.
    NoReason,
    /// It never answered.
    OnlyDeclines,
}

/// What a finding is worth; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The policy is not to be used.
    Refuse,
    /// The author should know; the host makes it harmless.
    Note,
}

/// A breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it is worth.
    pub severity: Severity,
    /// What is wrong.
    pub problem: &'static str,
    /// What to do about it.
    pub cure: &'static str,
    /// In how many questions.
    pub times: usize,
    /// The first situation in which it was found.
    pub situation: String,
    /// What the policy said there.
    pub said: String,
}

impl Rule {
    pub(super) const fn severity(self, scale_in: Severity) -> Severity {
        match self {
            Self::Broke
            | Self::OverLimit
            | Self::Unstable
            | Self::NotFinite
            | Self::OutOfBounds => Severity::Refuse,
            Self::ScaleInBusy | Self::ScaleInBlind => scale_in,
            Self::Extreme
            | Self::Fault
            | Self::LogNotFinite
            | Self::NoReason
            | Self::OnlyDeclines => Severity::Note,
        }
    }

    pub(super) const fn problem(self) -> &'static str {
        match self {
            Self::Broke => "it broke",
            Self::OverLimit => "it ran into a limit",
            Self::Unstable => "the same question had two answers",
            Self::NotFinite => "a reason has a number in it that is none",
            Self::OutOfBounds => "the bounded answer is out of bounds",
            Self::ScaleInBusy => "it wants fewer workers while none is idle",
            Self::ScaleInBlind => "it wants fewer workers on data that are not fresh",
            Self::Extreme => "it asks for fewer workers than there are, or more than anybody has",
            Self::Fault => "it says that it is at fault itself",
            Self::LogNotFinite => "its log has a number in it that is none",
            Self::NoReason => "it gives no reason",
            Self::OnlyDeclines => "it answered in no situation, so that little was checked",
        }
    }

    pub(super) const fn cure(self) -> &'static str {
        match self {
            Self::Broke => "give an error such as missing-data where a fact is absent or 0",
            Self::OverLimit => "do less for each machine, or ask for the counts and not the list",
            Self::Unstable => "decide by the facts alone: no global state, addresses or hash order",
            Self::NotFinite => "a rate may be absent, 0 or very large: look before you divide",
            Self::OutOfBounds => "report it with this text: it is a fault of the host",
            Self::ScaleInBusy => "ask for no more to go than `workers` says are idle",
            Self::ScaleInBlind => "hold while the quality of the backlog is not fresh",
            Self::Extreme => "keep the delta between minus the capacity and what the bounds allow",
            Self::Fault => "say missing-data or unsupported if the situation is at fault",
            Self::LogNotFinite => "a rate may be absent, 0 or very large: look before you divide",
            Self::NoReason => "say in one sentence which figure stood against which setting",
            Self::OnlyDeclines => "check it with settings under which it answers",
        }
    }
}

impl GridReport {
    /// Findings of this weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether the policy is not to be used.
    pub fn refuses(&self) -> bool {
        self.count(Severity::Refuse) > 0
    }

    /// In one line: `372 situations with the settings {}, 0 refused, 2 notes`.
    pub fn summary(&self) -> String {
        let ran = match &self.outcome {
            Outcome::Skipped { why } => return format!("not run: {why}"),
            Outcome::Ran { situations } if *situations < self.situations => {
                format!("{situations} of {} situations (time was up)", self.situations)
            }
            Outcome::Ran { situations } => format!("{situations} situations"),
        };
        let (refused, notes) = (self.count(Severity::Refuse), self.count(Severity::Note));
        let s = if notes == 1 { "" } else { "s" };
        let settings = &self.settings;
        format!("{ran} with the settings {settings}, {refused} refused, {notes} note{s}")
    }

    /// For people.
    pub fn render(&self) -> String {
        let mut out = format!("{}\n", self.summary());
        for finding in &self.findings {
            finding.render(&mut out);
        }
        out
    }
}

impl Finding {
    fn render(&self, out: &mut String) {
        let weight = match self.severity {
            Severity::Refuse => "refused",
            Severity::Note => "note",
        };
        let times =
            if self.times == 1 { "once".to_owned() } else { format!("{} times", self.times) };
        let Self { problem, cure, situation, said, .. } = self;
        write!(
            out,
            "  {weight}: {problem}, {times}\n    first in: {situation}\n    it said:  {said}\n    cure:     {cure}\n"
        )
        .expect("text can always be added to");
    }
}
