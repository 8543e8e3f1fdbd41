//! The suite over the process driver, and over a fake that is honest or broken
//! in one way at a time: a suite that cannot fail proves nothing.

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
    check(Some(Flaw::IgnoresKeys), expect![[""]]).await;
    check(Some(Flaw::ForgetsKeysOfTheGone), expect![[""]]).await;
    check(Some(Flaw::SeesEverySite), expect![[""]]).await;
    check(Some(Flaw::StopsTheWrongWorker), expect![[""]]).await;
    check(Some(Flaw::FreezesWorkers), expect![[""]]).await;
    check(Some(Flaw::NeverComesBack), expect![[""]]).await;
    check(Some(Flaw::AlwaysApplied), expect![[""]]).await;
}
