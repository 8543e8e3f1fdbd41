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
        let file = folder(bundled.name).join("tests/table.toml");
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
        let report = grid::check(&bind(bundled.name, bundled.wasm), &settings(bundled.name));
        assert_eq!(report.count(Severity::Refuse), 0, "{}: {}", bundled.name, report.render());
        assert!(
            matches!(report.outcome, Outcome::Ran { .. }),
            "{}: {}",
            bundled.name,
            report.render()
        );
    }
}

/// Settings as a site would write them, for those that say so.
fn settings(name: &str) -> String {
    let file = folder(name).join("tests/typical.json");
    if file.exists() { std::fs::read_to_string(file).unwrap() } else { "{}".to_owned() }
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies").join(name)
}
