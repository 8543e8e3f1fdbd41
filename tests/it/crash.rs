//! The host is killed at every step of every kind of action, and started
//! again: no machine is lost, none is doubled, and the journal is closed in
//! the end. Survivors are counted by looking at processes.

use std::collections::BTreeSet;

use anyhow::Result;
use futures::future::try_join_all;
use hooke_tests::broker::Broker;
use hooke_tests::fleet::Fleet;
use hooke_tests::poll;
use hooke_tests::program::Program;

use crate::stage::Stage;

/// The steps on the way of an action, and whether the cloud knows of it then.
const STEPS: [(&str, Cloud); 4] = [
    ("decided", Cloud::KnowsNothing),
    ("recorded", Cloud::KnowsNothing),
    ("applied", Cloud::HasDoneIt),
    ("closed", Cloud::HasDoneIt),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cloud {
    KnowsNothing,
    HasDoneIt,
}

async fn stage(kind: &str, step: &str) -> Result<Stage> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new(&format!("{kind}-{step}"), broker, "10ms").await?;
    stage.program = Program::with_crash_points();
    Ok(stage)
}

/// Kills the host at every step of `kind`, each in a world of its own, all at
/// the same time. `begin` brings the fleet to where `kind` comes next and
/// changes the site file so that it does.
async fn check(
    kind: &str,
    begin: impl AsyncFn(&mut Stage) -> Result<()>,
    survived: impl Fn(&Fleet, &Fleet, Cloud),
    end: impl AsyncFn(&Stage) -> Result<()>,
) -> Result<()> {
    let steps = STEPS.map(|(step, cloud)| {
        let (begin, survived, end) = (&begin, &survived, &end);
        async move {
            let mut stage = stage(kind, step).await?;
            begin(&mut stage).await?;
            let before = stage.fleet()?;
            let mut host = stage.run(Some(&format!("{step}:{kind}")))?;
            host.died().await?;
            let after = stage.fleet()?;
            survived(&before, &after, cloud);
            end(&stage).await
        }
    });
    try_join_all(steps).await?;
    Ok(())
}

/// Starts the host, and waits for `workers`.
async fn settle(stage: &Stage, workers: u64) -> Result<()> {
    let mut host = stage.run(None)?;
    stage.settles(&host, workers).await?;
    host.kill().await
}

/// The machines of `before` are still led by the same processes in `after`.
fn untouched(before: &Fleet, after: &Fleet) {
    for (name, keepers) in before.keepers() {
        assert_eq!(
            after.keepers().get(name),
            Some(&keepers),
            "{name} of {before:#?} in {after:#?}"
        );
    }
}

#[tokio::test]
async fn a_launch() -> Result<()> {
    let begin = async |stage: &mut Stage| stage.bound(2, 2);
    let survived = |_: &Fleet, after: &Fleet, cloud| match cloud {
        Cloud::KnowsNothing => assert_eq!(after.ever(), 0, "{after:#?}"),
        Cloud::HasDoneIt => assert!((1..=2).contains(&after.machines.len()), "{after:#?}"),
    };
    let end = async |stage: &Stage| {
        let survivors = stage.fleet()?;
        let mut host = stage.run(None)?;
        stage.settles(&host, 2).await?;
        // A machine too many would be seen at one of these ticks at the latest.
        host.ticks(&stage.site, 3, |_| ()).await?;
        let fleet = stage.fleet()?;
        untouched(&survivors, &fleet);
        assert_eq!((fleet.machines.len(), fleet.ever()), (2, 2), "{fleet:#?}");
        host.kill().await
    };
    check("launch", begin, survived, end).await
}

/// From two workers on machines of their own to one.
async fn two_to_one(stage: &mut Stage, when_idle: &'static str) -> Result<()> {
    stage.first().when_idle = when_idle;
    stage.bound(2, 2)?;
    settle(stage, 2).await?;
    stage.bound(1, 2)
}

#[tokio::test]
async fn a_suspension() -> Result<()> {
    let begin = async |stage: &mut Stage| two_to_one(stage, "suspend").await;
    let survived = |before: &Fleet, after: &Fleet, cloud| {
        untouched(before, after);
        if cloud == Cloud::KnowsNothing {
            assert_eq!(after.workers(), before.workers());
        }
    };
    let end = async |stage: &Stage| {
        let survivors = stage.fleet()?;
        let mut host = stage.run(None)?;
        stage.settles(&host, 1).await?;
        is_suspended(stage).await;
        host.ticks(&stage.site, 3, |_| ()).await?;
        let fleet = stage.fleet()?;
        untouched(&survivors, &fleet);
        assert_eq!((fleet.running(), fleet.ever()), (1, 2), "{fleet:#?}");
        host.kill().await
    };
    check("suspend", begin, survived, end).await
}

async fn is_suspended(stage: &Stage) {
    poll::until("one of two machines is suspended", async || {
        let fleet = stage.fleet().map_err(|error| error.to_string())?;
        if fleet.running() == 1 { Ok(()) } else { Err(format!("{fleet:#?}")) }
    })
    .await;
}

#[tokio::test]
async fn a_resumption() -> Result<()> {
    let begin = async |stage: &mut Stage| {
        two_to_one(stage, "suspend").await?;
        settle(stage, 1).await?;
        is_suspended(stage).await;
        stage.bound(2, 2)
    };
    let survived = |before: &Fleet, after: &Fleet, _| untouched(before, after);
    let end = async |stage: &Stage| {
        let survivors = stage.fleet()?;
        let mut host = stage.run(None)?;
        stage.settles(&host, 2).await?;
        host.ticks(&stage.site, 3, |_| ()).await?;
        let fleet = stage.fleet()?;
        untouched(&survivors, &fleet);
        assert_eq!((fleet.running(), fleet.ever()), (2, 2), "{fleet:#?}");
        host.kill().await
    };
    check("resume", begin, survived, end).await
}

#[tokio::test]
async fn a_termination() -> Result<()> {
    let begin = async |stage: &mut Stage| two_to_one(stage, "terminate").await;
    let survived = |before: &Fleet, after: &Fleet, cloud| match cloud {
        Cloud::KnowsNothing => untouched(before, after),
        Cloud::HasDoneIt => assert!(!after.machines.is_empty(), "{after:#?}"),
    };
    let end = async |stage: &Stage| {
        let survivors = stage.fleet()?;
        let mut host = stage.run(None)?;
        stage.settles(&host, 1).await?;
        host.ticks(&stage.site, 3, |_| ()).await?;
        let fleet = stage.fleet()?;
        assert_eq!((fleet.machines.len(), fleet.ever()), (1, 2), "{fleet:#?}");
        untouched(&fleet, &survivors);
        host.kill().await
    };
    check("terminate", begin, survived, end).await
}

/// One machine, which starts this many workers at boot, with room for more.
async fn one_machine(stage: &mut Stage, boots: u32) -> Result<()> {
    let site = stage.first();
    (site.vcpus, site.buffer) = (8, 1);
    // A host that starts takes a machine with fewer workers than its boot
    // brings for one that is still booting, until this has passed.
    site.registration_timeout = "20s";
    for profile in &mut site.profiles {
        profile.boots = boots;
    }
    stage.bound(boots, 4)?;
    settle(stage, boots.into()).await
}

async fn one_machine_in_the_end(stage: &Stage, workers: u64) -> Result<()> {
    let survivors = stage.fleet()?;
    let mut host = stage.run(None)?;
    stage.settles(&host, workers).await?;
    host.ticks(&stage.site, 3, |_| ()).await?;
    let fleet = stage.fleet()?;
    untouched(&survivors, &fleet);
    assert_eq!((fleet.workers().len() as u64, fleet.ever()), (workers, 1), "{fleet:#?}");
    host.kill().await
}

#[tokio::test]
async fn the_start_of_a_worker() -> Result<()> {
    let begin = async |stage: &mut Stage| {
        one_machine(stage, 1).await?;
        stage.bound(2, 4)
    };
    let survived = |before: &Fleet, after: &Fleet, _| untouched(before, after);
    let end = async |stage: &Stage| one_machine_in_the_end(stage, 2).await;
    check("start-worker", begin, survived, end).await
}

#[tokio::test]
async fn the_stop_of_a_worker() -> Result<()> {
    let begin = async |stage: &mut Stage| {
        one_machine(stage, 2).await?;
        stage.bound(1, 4)
    };
    let survived = |before: &Fleet, after: &Fleet, _| untouched(before, after);
    let end = async |stage: &Stage| one_machine_in_the_end(stage, 1).await;
    check("stop-worker", begin, survived, end).await
}

/// Not at a step that somebody thought of: whenever a new machine appears, and
/// once more between.
#[tokio::test]
async fn again_and_again() -> Result<()> {
    let broker = Broker::shared().await?;
    let mut stage = Stage::new("again-and-again", broker, "10ms").await?;
    stage.bound(1, 6)?;
    let mut made: BTreeSet<String> = BTreeSet::new();
    for min in 1..=6 {
        stage.bound(min, 6)?;
        let mut host = stage.run(None)?;
        let before = made.len();
        made = poll::until("a new machine appears", async || {
            let fleet = stage.fleet().map_err(|error| error.to_string())?;
            let now: BTreeSet<String> = fleet.machines.keys().cloned().collect();
            if now.len() > before { Ok(now) } else { Err(format!("{fleet:#?}")) }
        })
        .await;
        host.kill().await?;
        let mut host = stage.run(None)?;
        poll::until("it listens", async || {
            host.status().await.map(drop).map_err(|error| error.to_string())
        })
        .await;
        host.kill().await?;
    }
    let mut host = stage.run(None)?;
    stage.settles(&host, 6).await?;
    host.ticks(&stage.site, 3, |_| ()).await?;
    let fleet = stage.fleet()?;
    assert_eq!((fleet.machines.len(), fleet.ever()), (6, 6), "{fleet:#?}");
    host.kill().await
}
