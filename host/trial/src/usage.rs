//! What was used of each limit, as reports show it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hooke_runtime::{Limit, Limits, Spent};
use serde::Serialize;

/// What was used of one limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UseView {
    /// The limit's name.
    pub limit: &'static str,
    /// Its key in the site file.
    pub key: String,
    /// What was used: bytes, milliseconds or a count.
    pub used: u64,
    /// What is allowed.
    pub cap: u64,
    /// Both as people write them: `1.1 MiB of 64 MiB`.
    pub text: String,
}

impl UseView {
    pub(crate) fn new(limit: Limit, used: u64, limits: &Limits) -> Self {
        let cap = limit.cap(limits);
        let text = format!("{} of {}", limit.amount(used), limit.amount(cap));
        Self { limit: limit.name(), key: limit.key(limits), used, cap, text }
    }

    /// Whether more was used, or wanted, than is allowed.
    pub const fn is_over(&self) -> bool {
        self.used > self.cap
    }
}

/// The most that any of the evaluations used of each limit.
pub(crate) fn most(spent: &[Spent], limits: &Limits) -> Vec<UseView> {
    let mut most: BTreeMap<usize, u64> = BTreeMap::new();
    for used in spent.iter().flat_map(|spent| spent.uses(limits)) {
        if let Some(at) = Limit::ALL.iter().position(|limit| *limit == used.limit) {
            let known = most.entry(at).or_default();
            *known = used.used.max(*known);
        }
    }
    let view = |(at, used): (usize, u64)| Some(UseView::new(*Limit::ALL.get(at)?, used, limits));
    most.into_iter().filter_map(view).collect()
}

/// A line for each limit.
pub(crate) fn table(uses: &[UseView]) -> String {
    let mut out = String::new();
    for each in uses {
        let share = each.used as f64 * 100.0 / each.cap.max(1) as f64;
        let over =
            if each.is_over() { format!("  over: raise {}", each.key) } else { String::new() };
        writeln!(out, "  {:<18} {:>28} {share:>7.1} %{over}", each.limit, each.text)
            .expect("text can always be added to");
    }
    out
}
