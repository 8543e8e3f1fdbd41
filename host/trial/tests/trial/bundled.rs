//! The tables of the policies that ship in the program, each asked of the
//! component itself. Found by folder: one more policy needs no line here.

use std::path::PathBuf;

use hooke_bundled::BUNDLED;
use hooke_trial::grid::{self, Outcome, Severity};
use hooke_trial::table::{Table, TableError};

use crate::bind;

#[test]
fn every_bundled_policy_answers_its_table() {
    let mut failed = String::new();
    for bundled in BUNDLED {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let file = folder.join(bundled.name).join("tests/table.toml");
        let table = match Table::read(&file) {
            Ok(table) => table,
            Err(TableError::Mistakes(problems)) => panic!("{:#?}", problems.views()),
            Err(error) => panic!("{error}"),
        };
        let report = table.run(&bind(bundled.name, bundled.wasm));
        assert!(!report.cases.is_empty(), "{} has no case", file.display());
        if !report.passed() {
            failed += &report.render();
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn every_bundled_policy_comes_through_the_grid() {
    for bundled in BUNDLED {
        let report = grid::check(&bind(bundled.name, bundled.wasm), settings(bundled.name));
        assert_eq!(report.count(Severity::Refuse), 0, "{}: {}", bundled.name, report.render());
        assert!(
            matches!(report.outcome, Outcome::Ran { .. }),
            "{}: {}",
            bundled.name,
            report.render()
        );
    }
}

/// Settings for those that cannot do without.
fn settings(name: &str) -> &'static str {
    match name {
        "nomad-threshold" => {
            r#"{"check": [
                {"name": "a", "query": "ready", "query_window": "instant",
                 "strategy": {"threshold": {"lower_bound": 10, "delta": 1, "within_bounds_trigger": 1}}},
                {"name": "b", "query": "busy-share", "query_window": "instant",
                 "strategy": {"target-value": {"target": 70}}}
            ]}"#
        }
        "latency-goal" => r#"{"start_within": "30s"}"#,
        "schedule" => {
            r#"{"window": [{"start": "0 0 * * *", "duration": "24h", "minimum": 2, "maximum": 5}]}"#
        }
        _ => "{}",
    }
}
