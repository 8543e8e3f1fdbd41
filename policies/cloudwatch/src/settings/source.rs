//! Metrics as the API writes them: one by its name, or a list of
//! `MetricDataQuery` of which one is returned.

use hooke_policy_sdk::Table;

use crate::math::{Expression, Named, parse};
use crate::metric::{Measure, Metric, NAMESPACES};
use crate::statistic::{self, Statistic};
use crate::watch::{MathQuery, Source};

/// Metrics in one list of queries, at the most.
const METRICS_MAX: usize = 10;
/// Queries in one list, at the most.
const QUERIES_MAX: usize = 20;
const DAY_S: u64 = 86_400;

/// A metric and the queue it is asked of.
#[derive(Debug)]
pub(super) struct Asked {
    metric: Metric,
    queue: Option<String>,
}

/// Reads `Namespace`, `MetricName` and `Dimensions`.
pub(super) fn asked(table: &mut Table) -> Option<Asked> {
    if let Some(namespace) = table.text("Namespace")
        && !NAMESPACES.contains(&namespace.as_str())
    {
        let message = format!(
            "nothing of {namespace} is measured here: write one of {}",
            NAMESPACES.join(", ")
        );
        table.problem("Namespace", message);
    }
    table.pass(&["Unit"]);
    let dimensions = table.tables("Dimensions", dimension).unwrap_or_default();
    let queue = dimensions.into_iter().flatten().next();
    if !table.has("MetricName") {
        table.problem("MetricName", "missing: write the name of a metric".to_owned());
    }
    match Metric::named(&table.text("MetricName")?) {
        Ok(metric) => {
            if queue.is_some() && !metric.of_queue {
                let message = format!("{} is not of a queue: leave QueueName out", metric.name);
                table.problem("Dimensions", message);
            }
            Some(Asked { metric, queue })
        }
        Err(message) => {
            table.problem("MetricName", message);
            None
        }
    }
}

/// One dimension: a queue's name, or nothing that matters here.
fn dimension(table: &mut Table) -> Option<String> {
    let (name, value) = (table.text("Name"), table.text("Value"));
    match name.as_deref() {
        Some("QueueName" | "Queue") => value,
        Some("AutoScalingGroupName" | "Broker" | "VirtualHost") => None,
        Some(other) => {
            let message = format!(
                "no dimension {other} here: write \"QueueName\", or leave it out for all of the profile"
            );
            table.problem("Name", message);
            None
        }
        None => {
            table.problem("Name", "missing: write \"QueueName\"".to_owned());
            None
        }
    }
}

/// Reads the length of a period, into milliseconds.
pub(super) fn period(table: &mut Table, key: &'static str) -> Option<u64> {
    let seconds = table.whole(key, 1..=DAY_S)?;
    if matches!(seconds, 10 | 20 | 30) || seconds % 60 == 0 {
        return Some(seconds * 1_000);
    }
    table.problem(key, format!("found {seconds}: write 10, 20, 30 or a multiple of 60"));
    None
}

/// One statistic of a metric; what is wrong with it is a problem of `key`.
pub(super) fn measure(
    table: &mut Table,
    key: &'static str,
    asked: Option<Asked>,
    statistic: Option<Statistic>,
    period_ms: u64,
) -> Option<Measure> {
    let asked = asked?;
    match asked.metric.measure(asked.queue, statistic?, period_ms) {
        Ok(measure) => Some(measure),
        Err(message) => {
            table.problem(key, message);
            None
        }
    }
}

/// Reads a statistic by any of its names.
pub(super) fn statistic(
    table: &mut Table,
    key: &'static str,
    read: fn(&str) -> Result<Statistic, String>,
) -> Option<Statistic> {
    match read(&table.text(key)?) {
        Ok(statistic) => Some(statistic),
        Err(message) => {
            table.problem(key, message);
            None
        }
    }
}

/// One query, as read.
struct Read {
    id: String,
    label: Option<String>,
    returned: bool,
    what: What,
}

enum What {
    Metric(Option<Measure>),
    Expression(String),
    Neither,
}

/// Reads the list of queries under `key`; `period` is the one that holds where
/// none is written, and gets the one that is.
pub(super) fn queries(
    table: &mut Table,
    key: &'static str,
    period: &mut Option<u64>,
) -> Option<Source> {
    let mut reads: Vec<Read> = table.tables(key, |table| query(table, period))?;
    let metrics = reads.iter().filter(|read| matches!(read.what, What::Metric(_))).count();
    if metrics == 0 || metrics > METRICS_MAX || reads.len() > QUERIES_MAX {
        let message = format!(
            "{metrics} metrics in {} queries: write 1 to {METRICS_MAX} metrics, {QUERIES_MAX} queries at the most",
            reads.len()
        );
        table.problem(key, message);
    }
    for nth in 1..reads.len() {
        if reads[..nth].iter().any(|read| read.id == reads[nth].id) {
            let message = format!("{} is given twice: write another name", reads[nth].id);
            table.problem(&format!("{key}.{nth}.Id"), message);
        }
    }
    let mut returned = reads.iter().enumerate().filter(|(_, read)| read.returned);
    let (Some((last, read)), None) = (returned.next(), returned.next()) else {
        table.problem(key, "write ReturnData = false for all queries but one".to_owned());
        return None;
    };
    let label = read.label.clone().unwrap_or_else(|| read.id.clone());
    let parsed = expressions(table, key, &reads);
    let order = order(table, key, &parsed, last)?;
    // Each query names others by their place in the list; they move.
    let mut queries = Vec::new();
    for place in &order {
        let what = std::mem::replace(&mut reads[*place].what, What::Neither);
        queries.push(match (what, parsed.get(*place).cloned().flatten()) {
            (What::Metric(measure), _) => MathQuery::Metric(measure?),
            (What::Expression(_) | What::Neither, expression) => {
                MathQuery::Expression(expression?.moved(&order))
            }
        });
    }
    Some(Source::Math { queries, label })
}

fn query(table: &mut Table, period: &mut Option<u64>) -> Read {
    let id = super::name(table, "Id");
    let is_id = id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        && id.bytes().next().is_none_or(|c| c.is_ascii_lowercase());
    if !is_id {
        let message =
            format!("no Id {id}: begin with a small letter, go on with letters, digits, _");
        table.problem("Id", message);
    }
    if table.has("Period") {
        own_period(table, period);
    }
    let label = table.text("Label");
    let returned = table.switch("ReturnData").unwrap_or(true);
    let expression = table.text("Expression");
    let metric = table.table("MetricStat", |table| metric_stat(table, period));
    let what = match (metric, expression) {
        (Some(metric), None) => What::Metric(metric),
        (None, Some(expression)) => What::Expression(expression),
        (Some(_), Some(_)) | (None, None) => {
            table.problem("", "write either MetricStat or Expression".to_owned());
            What::Neither
        }
    };
    Read { id, label, returned, what }
}

fn metric_stat(table: &mut Table, common: &mut Option<u64>) -> Option<Measure> {
    own_period(table, common);
    table.pass(&["Unit"]);
    if !table.has("Metric") {
        table.problem(
            "Metric",
            "missing: write MetricName, and Dimensions where it has some".to_owned(),
        );
    }
    let asked = table.table("Metric", asked).flatten();
    if !table.has("Stat") {
        table.problem("Stat", "missing: write a statistic such as \"Average\"".to_owned());
    }
    let stat = statistic(table, "Stat", statistic::parse);
    measure(table, "Stat", asked, stat, (*common).unwrap_or(60_000))
}

fn own_period(table: &mut Table, common: &mut Option<u64>) {
    let Some(own) = period(table, "Period") else { return };
    if *common.get_or_insert(own) != own {
        table.problem(
            "Period",
            "not the period of the other queries: write the same for all".to_owned(),
        );
    }
}

/// Every expression of the list, read; `None` at metrics and where it is wrong.
fn expressions(table: &mut Table, key: &str, reads: &[Read]) -> Vec<Option<Expression>> {
    let named: Vec<Named<'_>> = reads
        .iter()
        .map(|read| Named { id: &read.id, is_metric: matches!(read.what, What::Metric(_)) })
        .collect();
    let mut parsed = Vec::new();
    for (nth, read) in reads.iter().enumerate() {
        let What::Expression(text) = &read.what else {
            parsed.push(None);
            continue;
        };
        let expression = parse(text, &named);
        if let Err(message) = &expression {
            table.problem(&format!("{key}.{nth}.Expression"), message.clone());
        }
        parsed.push(expression.ok());
    }
    parsed
}

/// The queries that `last` rests on, each after those it names, itself last.
fn order(
    table: &mut Table,
    key: &str,
    parsed: &[Option<Expression>],
    last: usize,
) -> Option<Vec<usize>> {
    let mut done = Vec::new();
    // A query is put off until all that it names are done; one that waits for
    // itself rests on its own result.
    let mut open = vec![last];
    while let Some(place) = open.last().copied() {
        let mut names = Vec::new();
        if let Some(Some(expression)) = parsed.get(place) {
            expression.queries(&mut names);
        }
        let Some(next) = names.into_iter().find(|name| !done.contains(name)) else {
            open.pop();
            done.push(place);
            continue;
        };
        if open.contains(&next) {
            let message = "the expressions name each other in a circle".to_owned();
            table.problem(&format!("{key}.{next}.Expression"), message);
            return None;
        }
        open.push(next);
    }
    Some(done)
}
