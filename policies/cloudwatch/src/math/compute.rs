//! What an expression comes to, period by period. A point that cannot be
//! computed is missing, never zero.

use super::{Expression, Filling, Fold, Operator};

/// How far a point can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// It was put where none was read. Never a reason for fewer workers.
    Filled,
    /// A percentile of fewer readings than it needs.
    Few,
    /// It was read.
    Read,
}

/// One point of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Always finite.
    pub value: f64,
    /// The least trusted of what it is made of.
    pub trust: Trust,
}

/// A point for each period, the oldest first; `None` where it is missing.
pub type Series = Vec<Option<Reading>>;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One number.
    Number(f64),
    /// A point for each period.
    Series(Series),
    /// Several series.
    List(Vec<Series>),
}

impl Expression {
    /// What it comes to, where `queries` are the results of the queries before
    /// it and every series has `count` points, `period_ms` apart.
    pub fn compute(&self, queries: &[Series], count: usize, period_ms: u64) -> Value {
        let inside = |inner: &Self| inner.compute(queries, count, period_ms);
        match self {
            Self::Constant(number) => Value::Number(*number),
            Self::Period => Value::Number(period_ms as f64 / 1_000.0),
            Self::Query(place) => {
                Value::Series(queries.get(*place).cloned().unwrap_or_else(|| vec![None; count]))
            }
            Self::Negative(inner) => each(inside(inner), |value| -value),
            Self::Binary(operator, sides) => {
                binary(*operator, inside(&sides.0), inside(&sides.1), count)
            }
            Self::List(items) => {
                Value::List(items.iter().map(|item| series(inside(item), count)).collect())
            }
            Self::Fill(inner, filling) => map(inside(inner), |series| fill(series, *filling)),
            Self::Rate(inner) => map(inside(inner), |series| rate(series, period_ms)),
            Self::Fold(fold, inner) => {
                let lists = match inside(inner) {
                    Value::List(lists) => lists,
                    one @ (Value::Number(_) | Value::Series(_)) => vec![series(one, count)],
                };
                let at = |nth: usize| {
                    let points: Option<Vec<Reading>> =
                        lists.iter().map(|series| series.get(nth).copied().flatten()).collect();
                    points.and_then(|points| folded(*fold, &points))
                };
                Value::Series((0..count).map(at).collect())
            }
        }
    }
}

/// A value as a series: a number is the same at all times.
pub(crate) fn series(value: Value, count: usize) -> Series {
    match value {
        Value::Series(series) => series,
        Value::Number(value) => vec![finite(value, Trust::Read); count],
        Value::List(_) => vec![None; count],
    }
}

fn finite(value: f64, trust: Trust) -> Option<Reading> {
    value.is_finite().then_some(Reading { value, trust })
}

fn map(value: Value, made: impl Fn(Series) -> Series) -> Value {
    match value {
        Value::Number(number) => Value::Number(number),
        Value::Series(series) => Value::Series(made(series)),
        Value::List(lists) => Value::List(lists.into_iter().map(made).collect()),
    }
}

fn each(value: Value, made: fn(f64) -> f64) -> Value {
    match value {
        Value::Number(number) => Value::Number(made(number)),
        other @ (Value::Series(_) | Value::List(_)) => map(other, |series| {
            let one = |point: Option<Reading>| point.map(|r| Reading { value: made(r.value), ..r });
            series.into_iter().map(one).collect()
        }),
    }
}

fn binary(operator: Operator, left: Value, right: Value, count: usize) -> Value {
    let of = |a: f64, b: f64| match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        // What has no quotient is no finite number, and so a missing point.
        Operator::Divide => a / b,
    };
    if let (Value::Number(a), Value::Number(b)) = (&left, &right) {
        return Value::Number(of(*a, *b));
    }
    let pairs = series(left, count).into_iter().zip(series(right, count));
    let point = |(a, b): (Option<Reading>, Option<Reading>)| {
        let (a, b) = (a?, b?);
        finite(of(a.value, b.value), a.trust.min(b.trust))
    };
    Value::Series(pairs.map(point).collect())
}

fn folded(fold: Fold, points: &[Reading]) -> Option<Reading> {
    let trust = points.iter().map(|point| point.trust).min()?;
    let values = points.iter().map(|point| point.value);
    let value = match fold {
        Fold::Sum => values.sum(),
        Fold::Average => values.sum::<f64>() / points.len() as f64,
        Fold::Max => values.fold(f64::NEG_INFINITY, f64::max),
        Fold::Min => values.fold(f64::INFINITY, f64::min),
    };
    finite(value, trust)
}

/// The change a second from the point before, however long ago that was.
fn rate(series: Series, period_ms: u64) -> Series {
    let mut before: Option<(usize, Reading)> = None;
    let mut changes = Vec::with_capacity(series.len());
    for (nth, point) in series.into_iter().enumerate() {
        changes.push(before.zip(point).and_then(|((then, old), new)| {
            let seconds = (nth - then) as f64 * period_ms as f64 / 1_000.0;
            finite((new.value - old.value) / seconds, new.trust.min(old.trust))
        }));
        before = point.map(|point| (nth, point)).or(before);
    }
    changes
}

/// Points where there were none. What has no point before it (or, for a line,
/// none after it) stays missing.
fn fill(series: Series, filling: Filling) -> Series {
    let filled = |value: f64| Some(Reading { value, trust: Trust::Filled });
    let mut made = series.clone();
    let mut before: Option<(usize, f64)> = None;
    for (nth, point) in series.iter().enumerate() {
        if let Some(point) = point {
            before = Some((nth, point.value));
            continue;
        }
        made[nth] = match filling {
            Filling::Value(value) => filled(value),
            Filling::Repeat => before.and_then(|(_, value)| filled(value)),
            Filling::Linear => {
                let after =
                    series.iter().enumerate().skip(nth).find_map(|(at, p)| Some((at, (*p)?)));
                before.zip(after).and_then(|((start, from), (end, to))| {
                    let part = (nth - start) as f64 / (end - start) as f64;
                    filled(from + (to.value - from) * part)
                })
            }
        };
    }
    made
}
