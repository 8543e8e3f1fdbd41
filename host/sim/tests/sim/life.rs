//! The lives of machines and workers, as lines.

use expect_test::expect;
use hooke_control::action::{Action, Outcome};
use hooke_control::queue::Activity;

use crate::scene::{act, film, launch, quiet, vm, world};

#[test]
fn a_machine_boots_serves_is_suspended_and_comes_back() {
    let mut world = world(quiet());
    launch(&mut world, "both");
    let mut text = film(&mut world, &[0, 9, 10, 99, 100, 102]);
    world.publish(&"ocr".into(), 3).unwrap();
    text += &film(&mut world, &[103, 112]);
    act(&mut world, &Action::Suspend { vm: vm(1) }).unwrap();
    text += &film(&mut world, &[112, 122, 126, 127]);
    act(&mut world, &Action::Resume { vm: vm(1) }).unwrap();
    text += &film(&mut world, &[127, 146, 147, 149, 159]);
    act(&mut world, &Action::Terminate { vm: vm(1) }).unwrap();
    text += &film(&mut world, &[159, 168, 169]);
    expect![[r#"
        0ms | east-vm-1 pending
        9s | east-vm-1 pending
        10s | east-vm-1 booting
        1m39s | east-vm-1 booting
        1m40s | east-vm-1 running faces-1 ocr-2
        1m42s | east-vm-1 running faces-1 ocr-2
        1m43s ocr=2+1+0 | east-vm-1 running faces-1 ocr-2
        1m52s ocr=1+1+1 | east-vm-1 running faces-1 ocr-2
        1m52s ocr=1+1+1 | east-vm-1 suspending -ocr-2
        2m02s ocr=1+0+2 | east-vm-1 suspending
        2m06s ocr=1+0+2 | east-vm-1 suspending
        2m07s ocr=1+0+2 | east-vm-1 suspended
        2m07s ocr=1+0+2 | east-vm-1 booting
        2m26s ocr=1+0+2 | east-vm-1 booting
        2m27s ocr=1+0+2 | east-vm-1 running faces-3 ocr-4
        2m29s ocr=0+1+2 | east-vm-1 running faces-3 ocr-4
        2m39s ocr=0+0+3 | east-vm-1 running faces-3 ocr-4
        2m39s ocr=0+0+3 | east-vm-1 terminating
        2m48s ocr=0+0+3 | east-vm-1 terminating
        2m49s ocr=0+0+3
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_resume_while_workers_leave_keeps_those_that_have_not_left() {
    let mut world = world(quiet());
    launch(&mut world, "both");
    film(&mut world, &[102]);
    world.publish(&"ocr".into(), 2).unwrap();
    film(&mut world, &[105]);
    act(&mut world, &Action::Suspend { vm: vm(1) }).unwrap();
    let mut text = film(&mut world, &[105]);
    act(&mut world, &Action::Resume { vm: vm(1) }).unwrap();
    text += &film(&mut world, &[105, 112, 122]);
    expect![[r#"
        1m45s ocr=1+1+0 | east-vm-1 suspending -ocr-2
        1m45s ocr=1+1+0 | east-vm-1 running ocr-2 faces-3
        1m52s ocr=0+1+1 | east-vm-1 running ocr-2 faces-3
        2m02s ocr=0+0+2 | east-vm-1 running ocr-2 faces-3
    "#]]
    .assert_eq(&text);
}

#[test]
fn what_was_planned_for_an_earlier_state_does_not_happen() {
    let mut world = world(quiet());
    launch(&mut world, "small");
    film(&mut world, &[110]);
    act(&mut world, &Action::Suspend { vm: vm(1) }).unwrap();
    let mut text = film(&mut world, &[112]);
    // It would have been suspended at 115 s; now it runs again at 132 s.
    act(&mut world, &Action::Resume { vm: vm(1) }).unwrap();
    text += &film(&mut world, &[115, 131, 132]);
    launch(&mut world, "small");
    text += &film(&mut world, &[150]);
    // It would have run at 232 s; now it is gone at 160 s.
    act(&mut world, &Action::Terminate { vm: vm(2) }).unwrap();
    text += &film(&mut world, &[159, 160, 240]);
    expect![[r#"
        1m52s | east-vm-1 suspending
        1m55s | east-vm-1 booting
        2m11s | east-vm-1 booting
        2m12s | east-vm-1 running ocr-2
        2m30s | east-vm-1 running ocr-2 | east-vm-2 booting
        2m39s | east-vm-1 running ocr-2 | east-vm-2 terminating
        2m40s | east-vm-1 running ocr-2
        4m | east-vm-1 running ocr-2
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_worker_told_to_stop_finishes_first() {
    let mut world = world(quiet());
    launch(&mut world, "small");
    film(&mut world, &[102]);
    act(&mut world, &Action::StartWorker { vm: vm(1), profile: "ocr".into() }).unwrap();
    film(&mut world, &[104]);
    world.publish(&"ocr".into(), 4).unwrap();
    let busy = Action::StopWorker { vm: vm(1), worker: "ocr-1".into() };
    act(&mut world, &busy).unwrap();
    let again = act(&mut world, &busy).unwrap();
    assert!(matches!(again, Outcome::AlreadyTrue { .. }), "{again:?}");
    // A resume does not bring back whom the operator sent away.
    act(&mut world, &Action::Suspend { vm: vm(1) }).unwrap();
    act(&mut world, &Action::Resume { vm: vm(1) }).unwrap();
    expect![[r#"
        1m44s ocr=2+2+0 | east-vm-1 running -ocr-1 ocr-2
        1m53s ocr=2+2+0 | east-vm-1 running -ocr-1 ocr-2
        1m54s ocr=1+1+2 | east-vm-1 running ocr-2
        2m04s ocr=0+1+3 | east-vm-1 running ocr-2
        2m14s ocr=0+0+4 | east-vm-1 running ocr-2
    "#]]
    .assert_eq(&film(&mut world, &[104, 113, 114, 124, 134]));
}

#[test]
fn a_terminated_machine_lets_its_workers_finish() {
    let mut world = world(quiet());
    launch(&mut world, "small");
    film(&mut world, &[102]);
    world.publish(&"ocr".into(), 2).unwrap();
    act(&mut world, &Action::Terminate { vm: vm(1) }).unwrap();
    expect![[r#"
        1m43s ocr=1+1+0 | east-vm-1 terminating -ocr-1
        1m51s ocr=1+1+0 | east-vm-1 terminating -ocr-1
        1m52s ocr=1+0+1 | east-vm-1 terminating
        2m01s ocr=1+0+1 | east-vm-1 terminating
        2m02s ocr=1+0+1
    "#]]
    .assert_eq(&film(&mut world, &[103, 111, 112, 121, 122]));
    assert_eq!(world.totals().redelivered(), 0);
}

#[test]
fn workers_that_wait_longest_are_served_first() {
    let mut world = world(quiet());
    launch(&mut world, "small");
    film(&mut world, &[102]);
    act(&mut world, &Action::StartWorker { vm: vm(1), profile: "ocr".into() }).unwrap();
    film(&mut world, &[110]);
    let mut served = Vec::new();
    for second in [110, 130, 150, 170] {
        film(&mut world, &[second]);
        world.publish(&"ocr".into(), 1).unwrap();
        let consumers = world.reading(&["ocr".into()].into()).consumers.unwrap();
        let busy = consumers.iter().filter(|one| one.activity == Activity::Active);
        served.extend(busy.map(|one| one.port));
    }
    assert_eq!(served, [32_768, 32_769, 32_768, 32_769]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut world = world(quiet());
    let mut text = String::new();
    let mut tell = |answer: Result<Outcome, _>| {
        text += &match answer {
            Ok(outcome) => format!("{outcome:?}\n"),
            Err(failure) => format!("{failure}\n"),
        };
    };
    tell(act(&mut world, &Action::Launch { image: "huge".into() }));
    tell(act(&mut world, &Action::Suspend { vm: vm(1) }));
    tell(act(&mut world, &Action::Terminate { vm: vm(1) }));
    launch(&mut world, "small");
    tell(act(&mut world, &Action::Suspend { vm: vm(1) }));
    tell(act(&mut world, &Action::StartWorker { vm: vm(1), profile: "ocr".into() }));
    film(&mut world, &[102]);
    tell(act(&mut world, &Action::StartWorker { vm: vm(1), profile: "faces".into() }));
    tell(act(&mut world, &Action::Resume { vm: vm(1) }));
    tell(act(&mut world, &Action::StopWorker { vm: vm(1), worker: "ocr-9".into() }));
    act(&mut world, &Action::Terminate { vm: vm(1) }).unwrap();
    tell(act(&mut world, &Action::Resume { vm: vm(1) }));
    tell(act(&mut world, &Action::Terminate { vm: vm(1) }));
    film(&mut world, &[120]);
    tell(act(&mut world, &Action::Resume { vm: vm(1) }));
    tell(act(&mut world, &Action::Terminate { vm: vm(1) }));
    expect![[r#"
        rejected: no image huge in this world
        not-found: east-vm-1 is not there
        AlreadyTrue { vm: None }
        rejected: east-vm-1 is pending
        rejected: east-vm-1 is pending
        rejected: image small does not host faces
        AlreadyTrue { vm: Some(VmId("east-vm-1")) }
        AlreadyTrue { vm: Some(VmId("east-vm-1")) }
        AlreadyTrue { vm: Some(VmId("east-vm-1")) }
        AlreadyTrue { vm: Some(VmId("east-vm-1")) }
        not-found: east-vm-1 is not there
        AlreadyTrue { vm: Some(VmId("east-vm-1")) }
    "#]]
    .assert_eq(&text);
}
