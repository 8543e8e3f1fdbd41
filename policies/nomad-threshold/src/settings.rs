//! What a site may tell the rule, in Nomad's own names. The keys, their
//! defaults and their ranges stand a second time in `settings.schema.json`; a
//! test holds them together.

use hooke_policy_sdk::metric::{Metric, statistic};
use hooke_policy_sdk::metrics::Statistic;
use hooke_policy_sdk::{Problem, Table, span};

use crate::strategy::{Strategy, read_strategy};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Time after a scaling in which nothing is evaluated, in milliseconds.
    pub cooldown_ms: u64,
    /// The same after a scale out.
    pub cooldown_on_scale_up_ms: u64,
    /// What a check without a reading does to the others.
    pub on_check_error: OnError,
    /// The checks; one at the least, no two of one name.
    pub checks: Vec<Check>,
}

/// What a check without a reading does to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// It is left out: the others may scale out, and nobody scales in.
    Ignore,
    /// Nothing is decided.
    Fail,
}

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The checks it is heard with; empty: it stands alone.
    pub group: String,
    /// What it asks.
    pub query: Metric,
    /// Which readings of it.
    pub window: Window,
    /// Its own answer to [`Settings::on_check_error`].
    pub on_error: OnError,
    /// What it makes of them.
    pub strategy: Strategy,
}

/// Which readings a check asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// That of this tick alone.
    Instant,
    /// One of each period of the past.
    Past {
        /// How many; 1 to 1440.
        count: u32,
        /// Length of each in milliseconds.
        period_ms: u64,
        /// How long ago the newest ends, in milliseconds.
        offset_ms: u64,
        /// What the readings of a period are made into.
        statistic: Statistic,
    },
}

impl Window {
    /// How many points it can have.
    pub fn points(&self) -> u32 {
        match self {
            Self::Instant => 1,
            Self::Past { count, .. } => *count,
        }
    }
}

const ON_ERROR: [(&str, OnError); 2] = [("ignore", OnError::Ignore), ("fail", OnError::Fail)];

const FIVE_MINUTES: u64 = 300_000;

const DAY_MS: u64 = 86_400_000;

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let cooldown_ms = table.span_ms("cooldown").unwrap_or(FIVE_MINUTES);
        let cooldown_on_scale_up_ms = table.span_ms("cooldown_on_scale_up").unwrap_or(cooldown_ms);
        let on_check_error = table.word("on_check_error", &ON_ERROR).unwrap_or(OnError::Ignore);
        let given = table.has("check");
        let checks = table.tables("check", |table| check(table, on_check_error));
        let checks = checks.unwrap_or_default();
        if checks.is_empty() && !given {
            table.problem("check", "missing: write one [[check]] at the least".to_owned());
        } else if checks.is_empty() {
            table.problem("check", "no check: write one at the least".to_owned());
        }
        for (nth, check) in checks.iter().enumerate() {
            if checks[..nth].iter().any(|before| before.name == check.name) {
                let message =
                    format!("\"{}\" is the name of a check before: write another", check.name);
                table.problem(&format!("check.{nth}.name"), message);
            }
        }
        Self { cooldown_ms, cooldown_on_scale_up_ms, on_check_error, checks }
    }
}

fn check(table: &mut Table, on_check_error: OnError) -> Check {
    let name = table.text("name").unwrap_or_default();
    if name.is_empty() {
        table.problem("name", "missing: write what the check is about".to_owned());
    }
    // Nomad's name of the place that is asked; here there is only the host.
    let _ = table.word("source", &[("hooke", ())]);
    let given = table.has("query");
    let query = table.word("query", &Metric::WORDS);
    if !given {
        table.problem("query", "missing: write the name of a metric, such as \"ready\"".to_owned());
    }
    let window = window(table);
    Check {
        name,
        group: table.text("group").unwrap_or_default(),
        query: query.unwrap_or(Metric::Ready),
        on_error: table.word("on_error", &ON_ERROR).unwrap_or(on_check_error),
        strategy: read_strategy(table, &window),
        window,
    }
}

fn window(table: &mut Table) -> Window {
    let given = ["query_window_offset", "period", "statistic"].map(|key| (key, table.has(key)));
    let period_ms = table.span_ms("period").unwrap_or(60_000);
    let offset_ms = table.span_ms("query_window_offset").unwrap_or(0);
    let made_into = made_into(table);
    let Some(text) = table.text("query_window") else {
        return past(table, FIVE_MINUTES, period_ms, offset_ms, made_into);
    };
    if text == "instant" {
        for (key, _) in given.into_iter().filter(|(_, given)| *given) {
            let message = "says nothing with query_window \"instant\": leave it out, or write a window such as \"5m\"";
            table.problem(key, message.to_owned());
        }
        return Window::Instant;
    }
    let window_ms = span::parse(&text).unwrap_or(0);
    if window_ms == 0 {
        let message = "write \"instant\", or a duration such as \"5m\"";
        table.problem("query_window", message.to_owned());
        return Window::Instant;
    }
    past(table, window_ms, period_ms, offset_ms, made_into)
}

fn past(
    table: &mut Table,
    window_ms: u64,
    period_ms: u64,
    offset_ms: u64,
    made_into: Statistic,
) -> Window {
    let count = window_ms / period_ms;
    if !(1..=1440).contains(&count) {
        let message = format!(
            "{} holds {count} periods of {}: write a period that fits in once, and 1440 times at the most",
            span::write(window_ms),
            span::write(period_ms)
        );
        table.problem("period", message);
    }
    let back_ms = window_ms.saturating_add(offset_ms);
    if back_ms > DAY_MS {
        let back = span::write(back_ms);
        let message = format!(
            "reaches back {back}, with its offset, and the host keeps a day at the most: write less"
        );
        table.problem("query_window", message);
    }
    let count = u32::try_from(count).unwrap_or(1).clamp(1, 1440);
    Window::Past { count, period_ms, offset_ms, statistic: made_into }
}

fn made_into(table: &mut Table) -> Statistic {
    let Some(word) = table.text("statistic") else { return Statistic::Average };
    let read = statistic(&word);
    if read.is_none() {
        let message = "unknown: write average, minimum, maximum, sum, or p1 to p100";
        table.problem("statistic", message.to_owned());
    }
    read.unwrap_or(Statistic::Average)
}
