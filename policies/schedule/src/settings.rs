//! What a site may tell the policy. The keys, their defaults and their ranges
//! stand a second time in `settings.schema.json`; a test holds them together.

use std::num::NonZeroU64;

use hooke_policy_sdk::{Problem, Table, span};
use hooke_timetable::{Cron, Days, Moment, Skipped, Until, Window, Zone};

/// JSON Schema (draft 2020-12) of the settings.
pub const SCHEMA: &str = include_str!("../settings.schema.json");

/// As many windows as an EC2 Auto Scaling group may have scheduled actions.
const WINDOWS_MOST: usize = 125;

/// From when on a window is to open once: 2026.
const THEN_MS: u64 = 1_767_225_600_000;

/// The longest that a floor may hold ahead: a week.
const AHEAD_MOST_MS: u64 = 604_800_000;

/// The settings, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// When what holds; one at the least.
    pub rules: Vec<Rule>,
    /// How long before a window opens its floor holds, in milliseconds.
    pub ahead_ms: u64,
    /// What becomes of workers that no window says anything of.
    pub surplus: Surplus,
}

/// One window, with what holds in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What reasons call it.
    pub name: String,
    /// When it is open.
    pub window: Window,
    /// The fewest workers.
    pub floor: u32,
    /// The most workers, if it says so; not below the floor.
    pub ceiling: Option<u32>,
}

/// Workers above every floor and below every ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surplus {
    /// They stay.
    Hold,
    /// They could go: the largest wish wins, and another policy has a smaller
    /// one or none.
    Release,
}

impl Settings {
    /// Reads one JSON object; all problems at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Table::read(json, Self::read)
    }

    pub(crate) fn read(table: &mut Table) -> Self {
        let zone = zone(table).unwrap_or_else(Zone::utc);
        let ahead_ms = table.span_ms("ahead").unwrap_or(0);
        if ahead_ms > AHEAD_MOST_MS {
            let found = span::write(ahead_ms);
            let message = format!(
                "found {found}, so that floors hold nearly always: write a week or less, such as \"10m\""
            );
            table.problem("ahead", message);
        }
        let surplus = match table.switch("release") {
            Some(true) => Surplus::Release,
            Some(false) | None => Surplus::Hold,
        };
        let given = table.has("window");
        let mut nth = 0;
        let rules = table.tables("window", |table| {
            nth += 1;
            rule(table, zone, nth)
        });
        match nth {
            0 if !given || rules.is_some() => {
                table.problem("window", "no window: write one at the least".to_owned());
            }
            _ if nth > WINDOWS_MOST => {
                table.problem("window", format!("{nth} windows: write {WINDOWS_MOST} at the most"));
            }
            _ => {}
        }
        Self { rules: rules.unwrap_or_default().into_iter().flatten().collect(), ahead_ms, surplus }
    }
}

/// One window; `None` if something is wrong with it, which the table knows.
fn rule(table: &mut Table, zone_of_all: Zone, nth: usize) -> Option<Rule> {
    let name = table.text("name").unwrap_or_else(|| format!("window {nth}"));
    let zone = zone(table).unwrap_or(zone_of_all);
    let start = start(table);
    let until = until(table);
    let limits = limits(table);
    let (floor, ceiling) = limits?;
    Some(Rule { name, window: Window { zone, start: start?, until: until? }, floor, ceiling })
}

fn zone(table: &mut Table) -> Option<Zone> {
    let name = table.text("zone")?;
    Zone::named(&name).map_err(|unknown| table.problem("zone", unknown.to_string())).ok()
}

fn cron(table: &mut Table, key: &'static str) -> Option<Cron> {
    let text = table.text(key)?;
    Cron::parse(&text).map_err(|error| table.problem(key, error.to_string())).ok()
}

fn start(table: &mut Table) -> Option<Cron> {
    if !table.has("start") {
        let message = "missing: write when it opens, such as \"0 8 * * mon-fri\"".to_owned();
        table.problem("start", message);
    }
    let start = cron(table, "start");
    let days = match table.text("days") {
        Some(text) => {
            Days::parse(&text).map_err(|error| table.problem("days", error.to_string())).ok()?
        }
        None => Days::ALL,
    };
    let start = start?.only_on(days);
    let opens = start.next_after(Zone::utc(), Skipped::AtTheChange, Moment::from_ms(THEN_MS));
    if opens.is_none() {
        let message = "never opens: no day that start names is one of days";
        table.problem("days", message.to_owned());
        return None;
    }
    Some(start)
}

fn until(table: &mut Table) -> Option<Until> {
    let (lasts, ends) = (table.has("duration"), table.has("end"));
    let duration = table.span_ms("duration").and_then(NonZeroU64::new).map(Until::Lasted);
    let end = cron(table, "end").map(Until::Cron);
    match (lasts, ends) {
        (true, true) => {
            table.problem("end", "beside duration: write one of the two".to_owned());
            None
        }
        (false, false) => {
            let message =
                "neither duration nor end: write when it closes, such as duration = \"8h\"";
            table.problem("", message.to_owned());
            None
        }
        (true, false) => duration,
        (false, true) => end,
    }
}

/// The floor and the ceiling.
fn limits(table: &mut Table) -> Option<(u32, Option<u32>)> {
    let given = ["minimum", "maximum", "capacity"].map(|key| table.has(key));
    let minimum = workers(table, "minimum");
    let maximum = workers(table, "maximum");
    let capacity = workers(table, "capacity");
    match given {
        [false, false, false] => {
            let message = "sets nothing: write minimum, maximum, both, or capacity".to_owned();
            table.problem("", message);
            None
        }
        [false, false, true] => Some((capacity?, capacity)),
        [_, _, true] => {
            let message =
                "beside minimum or maximum: it is both of them, write it alone".to_owned();
            table.problem("capacity", message);
            None
        }
        [_, _, false] => match (minimum, maximum) {
            (Some(minimum), Some(maximum)) if minimum > maximum => {
                let message = format!(
                    "found {minimum}, above the maximum {maximum}: write {maximum} or less"
                );
                table.problem("minimum", message);
                None
            }
            (minimum, maximum) => Some((minimum.unwrap_or(0), maximum)),
        },
    }
}

fn workers(table: &mut Table, key: &'static str) -> Option<u32> {
    table.whole(key, 0..=u64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok())
}
