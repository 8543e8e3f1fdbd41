//! That the project which an author begins with, in each language, builds with
//! the tools that authors have, is a policy to the true host, and passes the
//! table of tests that comes with it.

use hooke_policy_build::Language;
use hooke_runtime::{Grant, Grants};
use hooke_trial::table::{Table, TableReport};

use crate::{guest, projects};

/// Writes a new project, builds it, loads it, asks it about settings and runs
/// its own table.
#[track_caller]
fn check(language: Language) {
    let folder = projects::new_project(language).unwrap();
    let guest = guest::build(language.name(), |_| projects::build(&folder));
    let description = guest.policy.describe();
    assert_eq!(description.name, format!("new-{language}"));
    assert!(guest.policy.imports().iter().eq([Grant::Metrics]), "{:?}", guest.policy.imports());
    assert!(guest.bind(&Grants::none(), guest::limits()).is_err());
    let bound = guest.bind(guest.policy.imports(), guest::limits()).unwrap();
    assert_eq!(bound.validate_settings("{}").unwrap(), []);
    let wrong = bound.validate_settings(r#"{"per_worker": 0, "per_wroker": 1}"#).unwrap();
    let mut paths: Vec<&str> = wrong.iter().map(|problem| problem.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["per_worker", "per_wroker"], "{wrong:?}");
    let files = Table::files(&folder).unwrap();
    let reports: Vec<TableReport> =
        files.iter().map(|file| Table::read(file).unwrap().run(&bound)).collect();
    assert!(reports.iter().map(|report| report.cases.len()).sum::<usize>() >= 10);
    for report in &reports {
        assert_eq!(report.failed(), 0, "{}", report.render());
    }
}

#[test]
fn a_new_policy_in_rust_passes_its_table() {
    check(Language::Rust);
}

#[test]
fn a_new_policy_in_python_passes_its_table() {
    check(Language::Python);
}

#[test]
fn a_new_policy_in_js_passes_its_table() {
    check(Language::Js);
}

#[test]
fn a_new_policy_in_c_passes_its_table() {
    check(Language::C);
}

#[test]
fn a_new_policy_in_go_passes_its_table() {
    check(Language::Go);
}
