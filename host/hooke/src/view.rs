//! How decisions look outside: as stored, as JSON, as text. The core's types
//! are not serialised; these are, and may only grow.

use std::fmt::Write as _;

use hooke_control::explain::{AnswerLine, Chain, ReadingLine, ShadowLine, Step};
use hooke_control::units::{Span, Timestamp, millis};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// One decision, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainView {
    pub(crate) profile: String,
    pub(crate) tick: u64,
    pub(crate) at_ms: u64,
    pub(crate) verdict: String,
    pub(crate) capacity: u32,
    pub(crate) desired: u32,
    pub(crate) planned: u32,
    pub(crate) readings: Vec<ReadingView>,
    /// How several answers became one; absent where there are not several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) combine: Option<String>,
    pub(crate) answers: Vec<AnswerView>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shadows: Vec<ShadowView>,
    pub(crate) steps: Vec<StepView>,
    pub(crate) intents: Vec<String>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadingView {
    pub(crate) what: String,
    pub(crate) value: String,
    pub(crate) age_ms: u64,
    pub(crate) quality: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trouble: Option<String>,
}

/// One policy's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswerView {
    pub(crate) policy: String,
    pub(crate) said: String,
    pub(crate) desired: i64,
    pub(crate) reason: String,
    /// What the host noticed about the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) remarks: Vec<String>,
}

/// What a shadow said, and what would have come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShadowView {
    #[serde(flatten)]
    pub(crate) answer: AnswerView,
    /// Workers wanted after the guards, had it been the only one asked.
    pub(crate) would_want: u32,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepView {
    pub(crate) stage: String,
    pub(crate) text: String,
    pub(crate) times: u32,
}

impl From<&Chain> for ChainView {
    fn from(chain: &Chain) -> Self {
        Self {
            profile: chain.profile.to_string(),
            tick: chain.tick,
            at_ms: chain.at.as_millis(),
            verdict: chain.direction().as_str().to_owned(),
            capacity: chain.capacity,
            desired: chain.desired,
            planned: chain.planned,
            readings: chain.readings.iter().map(Into::into).collect(),
            combine: (chain.answers.len() > 1).then(|| chain.combine.as_str().to_owned()),
            answers: chain.answers.iter().map(Into::into).collect(),
            shadows: chain.shadows.iter().map(Into::into).collect(),
            steps: chain.steps.iter().map(Into::into).collect(),
            intents: chain.intents.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&ReadingLine> for ReadingView {
    fn from(line: &ReadingLine) -> Self {
        Self {
            what: line.what.clone(),
            value: line.value.clone(),
            age_ms: millis(line.age),
            quality: line.quality.as_str().to_owned(),
            trouble: line.trouble.clone(),
        }
    }
}

impl From<&AnswerLine> for AnswerView {
    fn from(line: &AnswerLine) -> Self {
        Self {
            policy: line.policy.to_string(),
            said: line.said.clone(),
            desired: line.desired,
            reason: line.reason.clone(),
            remarks: line.remarks.clone(),
        }
    }
}

impl From<&ShadowLine> for ShadowView {
    fn from(line: &ShadowLine) -> Self {
        Self { answer: (&line.answer).into(), would_want: line.desired }
    }
}

impl From<&Step> for StepView {
    fn from(step: &Step) -> Self {
        Self { stage: step.stage.as_str().to_owned(), text: step.text.clone(), times: step.times }
    }
}

impl ChainView {
    /// The chain down to the intents, as `why` prints it.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let at = moment(Timestamp::from_millis(self.at_ms));
        let _ = writeln!(out, "{}  tick {}  {at}", self.profile, self.tick);
        let _ = writeln!(out, "  readings");
        for reading in &self.readings {
            let age = Span(std::time::Duration::from_millis(reading.age_ms));
            let _ = write!(out, "    {:<22} {}  [{}", reading.what, reading.value, reading.quality);
            let _ =
                if reading.age_ms == 0 { write!(out, "]") } else { write!(out, ", {age} old]") };
            match &reading.trouble {
                Some(trouble) => writeln!(out, "\n    {:<22} {trouble}", ""),
                None => writeln!(out),
            }
            .unwrap_or_default();
        }
        let combine = self.combine.as_ref().map_or(String::new(), |c| format!(", combine = {c}"));
        let _ = writeln!(out, "  policies{combine}");
        for answer in &self.answers {
            let _ = writeln!(
                out,
                "    {:<22} {}, so {}: {}",
                answer.policy, answer.said, answer.desired, answer.reason
            );
            answer.remarks.iter().for_each(|remark| out.push_str(&beneath(remark)));
        }
        if !self.shadows.is_empty() {
            let _ = writeln!(out, "  shadows, which never act");
        }
        for shadow in &self.shadows {
            let ShadowView { answer, would_want } = shadow;
            let differs = if *would_want == self.desired { "as decided" } else { "otherwise" };
            let _ = writeln!(
                out,
                "    {:<22} {}, would want {would_want}, {differs}: {}",
                answer.policy, answer.said, answer.reason
            );
            answer.remarks.iter().for_each(|remark| out.push_str(&beneath(remark)));
        }
        let _ = writeln!(out, "  decision");
        for step in &self.steps {
            let _ = write!(out, "    {:<22} {}", step.stage, step.text);
            let _ = if step.times > 1 {
                writeln!(out, " ({} times)", step.times)
            } else {
                writeln!(out)
            };
        }
        let _ = write!(out, "    {:<22} {} -> {}", self.verdict, self.capacity, self.planned);
        let _ = if self.planned == self.desired {
            writeln!(out)
        } else {
            writeln!(out, ", wants {}", self.desired)
        };
        out
    }
}

/// What the host noticed, under the answer that it is about.
fn beneath(remark: &str) -> String {
    format!("    {:<22} note: {remark}\n", "")
}

/// A moment as people read it, in UTC to the second.
pub(crate) fn moment(at: Timestamp) -> String {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(moment) => moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        Err(_) => format!("{millis} ms"),
    }
}
