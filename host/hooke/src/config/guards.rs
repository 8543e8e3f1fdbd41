//! `[site.guards]`, and `[site.profile.guards]` laid over it key by key: what
//! weakens the wishes of policies. Every value has a range; decides nothing.

use std::num::NonZeroU32;
use std::time::Duration;

use hooke_control::spec::{
    Amount, Guards, LONGEST_COOLDOWN, LONGEST_WINDOW, MOST_RATES, Metric, Pace, Percent,
    Projection, Rate, Select, Stale, Unready,
};
use toml::Spanned;

use super::limits::within;
use super::names::nearest;
use super::section::Section;
use super::value::FromZero;
use hooke_places::Problems;

/// The most that a rate limit can say in percent.
const MOST_PERCENT: u32 = 1000;

/// Reads the guards in `parent`; what is not given is as in `base`.
pub(super) fn read(parent: &mut Section<'_>, base: &Guards, problems: &mut Problems) -> Guards {
    let Some(mut table) = parent.table("guards", problems) else { return base.clone() };
    let (t, p) = (&mut table, problems);
    let guards = Guards {
        tolerance: percent(t, "tolerance_percent", base.tolerance, p),
        projection: projection(t, base.projection, p),
        unready: unready(t, base.unready, p),
        stale: stale(t, base.stale, p),
        scale_out: pace(t, "scale_out", &base.scale_out, p),
        scale_in: pace(t, "scale_in", &base.scale_in, p),
    };
    table.finish(p);
    guards
}

fn percent(
    table: &mut Section<'_>,
    key: &'static str,
    base: Percent,
    problems: &mut Problems,
) -> Percent {
    let given = table.optional::<u32>(key, problems);
    let kept = given.and_then(|given| within(table, key, given, 100, |n| n, problems));
    kept.and_then(Percent::new).unwrap_or(base)
}

fn unready(table: &mut Section<'_>, base: Unready, problems: &mut Problems) -> Unready {
    let Some(mut table) = table.table("unready", problems) else { return base };
    let unready = Unready {
        percent: percent(&mut table, "percent", base.percent, problems),
        number: table.optional("number", problems).unwrap_or(base.number),
    };
    table.finish(problems);
    unready
}

fn stale(table: &mut Section<'_>, base: Stale, problems: &mut Problems) -> Stale {
    if table.raw("stale").is_none() {
        return base;
    }
    match table.word("stale", &["scale-out", "hold"], problems) {
        Some("hold") => Stale::Hold,
        Some(_) => Stale::ScaleOut,
        None => base,
    }
}

/// A table, or the word `none` for a profile that wants none of the site's.
fn projection(
    table: &mut Section<'_>,
    base: Option<Projection>,
    problems: &mut Problems,
) -> Option<Projection> {
    let Some(given) = table.raw("projection").map(Spanned::get_ref) else { return base };
    if given.as_str() == Some("none") {
        return None;
    }
    if !given.is_table() {
        let what = format!("{}: neither a table nor \"none\"", table.path_of("projection"));
        let instead = "write { metric = \"backlog-per-worker\", below = 100 } or \"none\"";
        problems.add(table.place("projection"), what, instead);
        return base;
    }
    let mut table = table.table("projection", problems)?;
    let metric = metric(&mut table, problems);
    let below = table.required::<f64>("below", problems);
    if below == Some(0.0) {
        let what = format!("{}: nothing measured is below 0", table.path_of("below"));
        problems.add(table.place("below"), what, "write a number above 0");
    }
    table.finish(problems);
    Projection::new(metric?, below?)
}

fn metric(table: &mut Section<'_>, problems: &mut Problems) -> Option<Metric> {
    let known = Metric::ALL.map(Metric::as_str);
    let given = table.required::<&str>("metric", problems)?;
    let found = Metric::ALL.into_iter().find(|metric| metric.as_str() == given);
    if found.is_none() {
        let what = format!("{}: there is no metric {given:?}", table.path_of("metric"));
        problems.add(table.place("metric"), what, nearest(given, known.into_iter()));
    }
    found
}

fn pace(table: &mut Section<'_>, key: &'static str, base: &Pace, problems: &mut Problems) -> Pace {
    let Some(mut table) = table.table(key, problems) else { return base.clone() };
    let (t, p) = (&mut table, problems);
    let pace = Pace {
        stabilisation: span(t, "stabilisation", base.stabilisation, LONGEST_WINDOW, p),
        cooldown: span(t, "cooldown", base.cooldown, LONGEST_COOLDOWN, p),
        rates: rates(t, &base.rates, p),
        select: select(t, base.select, p),
    };
    table.finish(p);
    pace
}

fn span(
    table: &mut Section<'_>,
    key: &'static str,
    base: Duration,
    cap: Duration,
    problems: &mut Problems,
) -> Duration {
    let given = table.optional::<FromZero>(key, problems).map(|given| given.0);
    let shown = humantime::format_duration;
    given.and_then(|given| within(table, key, given, cap, shown, problems)).unwrap_or(base)
}

fn select(table: &mut Section<'_>, base: Select, problems: &mut Problems) -> Select {
    if table.raw("select").is_none() {
        return base;
    }
    match table.word("select", &["max", "min", "disabled"], problems) {
        Some("max") => Select::Max,
        Some("min") => Select::Min,
        Some(_) => Select::Disabled,
        None => base,
    }
}

fn rates(table: &mut Section<'_>, base: &[Rate], problems: &mut Problems) -> Vec<Rate> {
    if table.raw("rates").is_none() {
        return base.to_vec();
    }
    let tables = table.tables("rates", problems);
    if tables.len() > MOST_RATES {
        let what = format!("{}: {} limits are too many", table.path_of("rates"), tables.len());
        problems.add(table.place("rates"), what, format!("write {MOST_RATES} or fewer"));
    }
    tables.into_iter().filter_map(|table| rate(table, problems)).collect()
}

fn rate(mut table: Section<'_>, problems: &mut Problems) -> Option<Rate> {
    let number = amount(&mut table, "number", u32::MAX, problems);
    let percent = amount(&mut table, "percent", MOST_PERCENT, problems);
    let given = (table.has("number"), table.has("percent"));
    if given.0 == given.1 {
        let both = if given.0 { "both `number` and `percent` are" } else { "no amount is" };
        let what = format!("{}: {both} given", table.path);
        let instead = "write { number = 4, window = \"1m\" } or { percent = 10, window = \"1m\" }";
        problems.add(table.at.clone(), what, instead);
    }
    let window = table.required::<Duration>("window", problems);
    let shown = humantime::format_duration;
    let window =
        window.and_then(|window| within(&table, "window", window, LONGEST_WINDOW, shown, problems));
    table.finish(problems);
    let amount = number.map(Amount::Number).or(percent.map(Amount::Percent))?;
    Rate::new(amount, window?)
}

fn amount(
    table: &mut Section<'_>,
    key: &'static str,
    cap: u32,
    problems: &mut Problems,
) -> Option<NonZeroU32> {
    let given = table.optional::<u32>(key, problems)?;
    let kept = within(table, key, given, cap, |n| n, problems)?;
    let some = NonZeroU32::new(kept);
    if some.is_none() {
        let what = format!("{}: 0 would allow nothing", table.path_of(key));
        let instead = "write 1 or more, or select = \"disabled\" beside `rates`";
        problems.add(table.place(key), what, instead);
    }
    some
}
