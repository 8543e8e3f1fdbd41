//! The suite over the process driver, and over a fake that is honest or broken
//! in one way at a time: a suite that cannot fail proves nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

use expect_test::{Expect, expect};
use hooke_clouds::conformance;

mod fake;
#[path = "../rig/mod.rs"]
mod rig;

use fake::{Fake, Flaw};
use rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn the_process_driver_conforms() {
    let result = conformance::check(async || Rig::new()).await;
    if let Err(breaches) = result {
        panic!("{breaches}");
    }
}

/// Which cases find a flaw.
async fn check(flaw: Option<Flaw>, expected: Expect) {
    let found = conformance::check(async || Fake::new(flaw)).await;
    let cases: Vec<_> = found
        .err()
        .map_or(Vec::new(), |breaches| breaches.0.into_iter().map(|breach| breach.case).collect());
    expected.assert_eq(&cases.join("\n"));
}

#[tokio::test]
async fn an_honest_fake_conforms() {
    check(None, expect![[""]]).await;
}

#[tokio::test]
async fn every_flaw_is_found() {
    check(
        Some(Flaw::IgnoresKeys),
        expect![[r#"
        one_key_is_one_machine
        one_key_at_the_same_time_is_one_machine
        one_key_is_one_machine_across_restarts
        a_key_is_spent_for_ever
        an_old_key_does_not_act_again
        one_key_is_one_worker"#]],
    )
    .await;
    check(Some(Flaw::ForgetsKeysOfTheGone), expect!["a_key_is_spent_for_ever"]).await;
    check(Some(Flaw::SeesEverySite), expect!["another_site_is_neither_seen_nor_touched"]).await;
    check(Some(Flaw::StopsTheWrongWorker), expect!["a_stopped_worker_is_that_one"]).await;
    check(
        Some(Flaw::FreezesWorkers),
        expect![[r#"
        a_suspended_machine_serves_nothing
        a_suspended_machine_starts_no_worker"#]],
    )
    .await;
    check(
        Some(Flaw::NeverComesBack),
        expect![[r#"
        a_resumed_machine_serves_again
        resume_while_suspending_is_the_way_back
        an_old_key_does_not_act_again"#]],
    )
    .await;
    check(
        Some(Flaw::AlwaysApplied),
        expect![[r#"
        a_terminated_machine_goes
        another_site_is_neither_seen_nor_touched
        one_key_is_one_machine
        one_key_at_the_same_time_is_one_machine
        one_key_is_one_machine_across_restarts
        a_key_is_spent_for_ever
        an_old_key_does_not_act_again
        what_is_so_already_is_told_apart
        what_never_was_cannot_be_acted_upon
        one_key_is_one_worker
        a_stopped_worker_is_that_one"#]],
    )
    .await;
}
