//! The rule itself: facts in, a decision out. Pure: it asks nobody, so that
//! `cargo test` tests it without a host.
//!
//! | backlog                         | answer                       |
//! |---------------------------------|------------------------------|
//! | missing                         | no decision: the host holds  |
//! | wants more workers than there   | the difference               |
//! | wants fewer, stale              | hold: only a fresh reading shrinks |
//! | wants fewer, fresh              | the difference               |

use hooke_policy_sdk::{Needs, PolicyError, Quality, Table, delta};

/// What a site may tell the rule. `settings.schema.json` says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Messages ready for each worker; above zero.
    pub per_worker: u64,
}

/// All that the rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// How far the backlog can be trusted.
    pub quality: Quality,
    /// Messages ready and not taken; `None` when it is not known.
    pub ready: Option<u64>,
    /// Workers that serve or will.
    pub capacity: u32,
}

impl Settings {
    /// Asks the table for each key. What is wrong the table remembers: what is
    /// returned then is not used.
    pub fn read(table: &mut Table) -> Self {
        let per_worker = table.whole("per_worker", 1..=u64::from(u32::MAX)).unwrap_or(100);
        Self { per_worker }
    }
}

/// Workers more or fewer, and why.
pub fn decide(settings: &Settings, facts: &Facts) -> Result<Needs, PolicyError> {
    let (Some(ready), Quality::Fresh | Quality::Stale) = (facts.ready, facts.quality) else {
        return Err(PolicyError::MissingData("the backlog is missing".to_owned()));
    };
    let (per_worker, capacity) = (settings.per_worker, facts.capacity);
    let wanted = ready.div_ceil(per_worker);
    let reason = format!(
        "backlog {ready} at {per_worker} for each worker wants {wanted} workers, there are {capacity}"
    );
    match delta(wanted, capacity) {
        ..0 if facts.quality == Quality::Stale => {
            Ok(Needs { delta: 0, reason: reason + ": the reading is stale, hold" })
        }
        delta => Ok(Needs { delta, reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(quality: Quality, ready: u64, capacity: u32, per_worker: u64, delta: i32) {
        let facts = Facts { quality, ready: Some(ready), capacity };
        let needs = decide(&Settings { per_worker }, &facts).expect("the facts are there");
        assert_eq!(needs.delta, delta, "{}", needs.reason);
    }

    #[test]
    fn the_backlog_is_divided_and_rounded_up() {
        check(Quality::Fresh, 950, 3, 100, 7);
        check(Quality::Fresh, 901, 10, 100, 0);
        check(Quality::Fresh, 0, 2, 100, -2);
        check(Quality::Fresh, 1, 0, 1, 1);
    }

    #[test]
    fn a_stale_reading_grows_and_never_shrinks() {
        check(Quality::Stale, 950, 3, 100, 7);
        check(Quality::Stale, 0, 2, 100, 0);
    }

    #[test]
    fn the_largest_numbers_are_answered() {
        check(Quality::Fresh, u64::MAX, 0, 1, i32::MAX);
        check(Quality::Fresh, 0, u32::MAX, 1, i32::MIN);
    }

    #[test]
    fn a_missing_backlog_is_no_decision() {
        let settings = Settings { per_worker: 100 };
        for (quality, ready) in [(Quality::Missing, Some(7)), (Quality::Fresh, None)] {
            let decided = decide(&settings, &Facts { quality, ready, capacity: 3 });
            assert!(matches!(decided, Err(PolicyError::MissingData(_))), "{decided:?}");
        }
    }

    #[test]
    fn everything_wrong_with_the_settings_is_told_at_once() {
        assert_eq!(Table::read("{}", Settings::read), Ok(Settings { per_worker: 100 }));
        let wrong = Table::read(r#"{"per_worker": true, "per_wroker": 3}"#, Settings::read);
        let paths: Vec<String> =
            wrong.expect_err("two problems").into_iter().map(|problem| problem.path).collect();
        assert_eq!(paths, ["per_worker", "per_wroker"]);
    }
}
