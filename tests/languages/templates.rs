//! That the project which an author begins with, in each language, builds with
//! the tools that authors have and is a policy to the true host.

use hooke_policy_build::Language;
use hooke_runtime::{Grant, Grants};

use crate::{guest, projects};

/// Writes a new project, builds it, loads it, and asks it about settings.
#[track_caller]
fn check(language: Language) {
    let guest = guest::build(language.name(), |_| projects::new_project(language));
    let description = guest.policy.describe();
    assert_eq!(description.name, format!("new-{language}"));
    assert!(guest.policy.imports().iter().eq([Grant::Metrics]), "{:?}", guest.policy.imports());
    let bound = guest.bind(guest.policy.imports(), guest::limits()).unwrap();
    assert_eq!(bound.validate_settings("{}").unwrap(), []);
    let wrong = bound.validate_settings(r#"{"per_worker": 0, "per_wroker": 1}"#).unwrap();
    let mut paths: Vec<&str> = wrong.iter().map(|problem| problem.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["per_worker", "per_wroker"], "{wrong:?}");
    assert!(guest.bind(&Grants::none(), guest::limits()).is_err());
}

#[test]
fn a_new_policy_in_python_loads() {
    check(Language::Python);
}

#[test]
fn a_new_policy_in_js_loads() {
    check(Language::Js);
}
