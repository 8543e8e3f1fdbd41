//! That the project which an author in Rust begins with builds, and is asked
//! and answers in the true host. Its own tests run with those of the SDK.

use std::sync::Arc;

use expect_test::expect;
use hooke_control::answer::Verdict;
use hooke_runtime::Evaluation;

use crate::snapshots::scenes;
use crate::{guest, projects};

#[test]
fn the_rust_template_builds_and_answers() {
    let guest = guest::build("rust", projects::rust_template);
    let described = guest.policy.describe();
    let mut said = format!("{} imports {}\n", described.name, guest.policy.imports());
    let bound = guest.bound();
    for problem in bound.validate_settings(r#"{"per_worker": 0, "per_wroker": 1}"#).unwrap() {
        said += &format!("{problem}\n");
    }
    for scene in scenes().into_iter().filter(|scene| scene.profile.as_str().len() < 100) {
        let verdict = bound
            .evaluate(&Evaluation {
                snapshot: scene.snapshot,
                profile: scene.profile,
                settings: Arc::from(r#"{"per_worker": 10}"#),
                memory: None,
            })
            .answer
            .verdict;
        said += &match verdict {
            Verdict::Wish(wish) => format!("{}: {}: {}\n", scene.name, wish.delta, wish.reason),
            Verdict::Failed(failure) => {
                format!("{}: {}: {}\n", scene.name, failure.kind(), failure.why())
            }
        };
    }
    expect![[r#"
        my-policy imports ["metrics"]
        per_worker: found 0: write a whole number, 1 or more
        per_wroker: unknown setting: write one of per_worker
        nothing is known: missing-data: the backlog is missing
        all is idle: -20: backlog 0 at 10 for each worker wants 0 workers, there are 20
        every case: missing-data: the backlog is missing
        a thousand machines: missing-data: the backlog is missing
    "#]]
    .assert_eq(&said);
}
