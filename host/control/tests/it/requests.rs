//! What policies ask for by name: done, or refused with a reason; never lost.

use expect_test::{Expect, expect};
use hooke_control::staging;

use crate::situation::{START, check, situation};

#[test]
fn additions_are_honoured_before_the_ladder() {
    check(
        "image a vcpus=2 cost=0.1 hosts=ocr:1
         image b vcpus=2 cost=0.9 hosts=ocr:1
         profile ocr 0..9
         vm r a running load=0 ocr=idle
         vm s a suspended
         vm t a suspended
         says ocr p +1 launch:b resume:t start:r",
        expect![[r#"
            ocr: scale out 1 -> 5: p said so
              launch: the policy asked to launch b: launch image b
              resume: the policy asked to resume t: resume t
              free slot: the policy asked to start a worker on r: start a worker of ocr on r
              free slot: r has 2 vCPUs, load 0.00 and 1 starting; 0.5 kept free, 0.50 left: start a worker of ocr on r
            => launch image b
            => resume t
            => start a worker of ocr on r
            => start a worker of ocr on r
        "#]],
    );
}

#[test]
fn additions_that_cannot_be_had_are_refused_and_the_ladder_finds_others() {
    check(
        "image a vcpus=2 hosts=ocr:1
         image b vcpus=9 hosts=faces:1
         limits vcpus=12
         profile faces 0..9
         profile ocr 0..9
         vm r a running load=0 ocr=idle
         vm s a suspended
         vm x b suspended
         failed resume s rejected
         says ocr p +5 launch:b launch:nope resume:s resume:x resume:r start:s start:x start:nope
         says faces p 0",
        expect![[r#"
            faces: hold at 0: p said so
            ocr: scale out 1 -> 3, wants 9: x is suspended, cannot serve ocr, and makes room: terminate x
              bounds: 11 wanted, 9 allowed: workers.max is 9
              request: asked to launch b, not done: no image b hosts ocr
              request: asked to launch nope, not done: no image nope hosts ocr
              request: asked to resume s, not done: s is left alone for 30s: rejected: the cloud said rejected
              request: asked to resume x, not done: x does not host ocr
              request: asked to resume r, not done: r is running, not suspended
              request: asked to start a worker on s, not done: s is left alone for 30s: rejected: the cloud said rejected
              request: asked to start a worker on x, not done: x does not host ocr
              request: asked to start a worker on nope, not done: there is no machine nope
              free slot: r has 2 vCPUs, load 0.00; 0.5 kept free, 1.50 left: start a worker of ocr on r
              free slot: r has 2 vCPUs, load 0.00 and 1 starting; 0.5 kept free, 0.50 left: start a worker of ocr on r
              free slot: of the running machines that host it: 1 without a free slot (vcpus > load + 0.5)
              resume: s is left alone for 30s: rejected: the cloud said rejected
              limits: image a: the site would use 15 vcpus, and limits.vcpus is 12
              share: holds 4 of 12 vcpus, fair share 6 (weight 1 of 2), 2 lent to faces; faces holds 9
              limits: x is suspended, cannot serve ocr, and makes room: terminate x
            => start a worker of ocr on r
            => start a worker of ocr on r
            => terminate x
        "#]],
    );
}

#[test]
fn requests_against_the_decision_are_refused() {
    check(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm r a running load=0 ocr=idle
         vm s a suspended
         says ocr p 0 resume:s suspend:r",
        expect![[r#"
            ocr: hold at 1: p said so
              request: asked to suspend r, not done: the decision is to hold at 1
              request: asked to resume s, not done: the decision is to hold at 1
        "#]],
    );
    check(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm q a running load=0 ocr=idle
         vm r a running load=0 ocr=idle
         vm s a suspended
         says ocr p -2 resume:s suspend:r",
        expect![[r#"
            ocr: scale in 2 -> 0: p said so
              victim: r has been idle for 1h: suspend r
              victim: q has been idle for 1h: suspend q
              request: asked to resume s, not done: the decision is to scale in to 0
            => suspend r
            => suspend q
        "#]],
    );
    check(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm r a running load=0 ocr=idle
         vm s a suspended
         says ocr p +2 suspend:r",
        expect![[r#"
            ocr: scale out 1 -> 2: p said so
              free slot: r has 2 vCPUs, load 0.00; 0.5 kept free, 1.50 left: start a worker of ocr on r
              request: asked to suspend r, not done: the decision is to scale out to 2
            => start a worker of ocr on r
        "#]],
    );
}

#[test]
fn a_need_that_others_meet_is_told_to_those_who_asked() {
    check(
        "image both vcpus=2 hosts=aaa:1,ocr:1
         profile aaa 0..9
         profile ocr 0..9
         says aaa p +1
         says ocr p 0 launch:both",
        expect![[r#"
            aaa: scale out 0 -> 1: p said so
              launch: image both starts 1 at boot: launch image both
            ocr: scale out 0 -> 1: p said so
              shared: +1 from machines launched or resumed for other profiles
              request: asked to launch both, not done: others meet the need already
            => launch image both
        "#]],
    );
}

#[test]
fn removals_are_honoured_before_victims_are_chosen() {
    check(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm q a running load=0 ocr=idle:50m
         vm r a running load=0 ocr=idle:5m ocr=idle:6m ocr=idle:7m
         vm s a running load=0 ocr=idle:1m
         says ocr p 0 stop:r stop:r suspend:s",
        expect![[r#"
            ocr: scale in 5 -> 2: p said so
              victim: r.1 has been idle for 5m, and the policy asked for it: stop worker r.1 on r
              victim: r.2 has been idle for 6m, and the policy asked for it: stop worker r.2 on r
              victim: s has been idle for 1m: suspend s
            => stop worker r.1 on r
            => stop worker r.2 on r
            => suspend s
        "#]],
    );
}

#[test]
fn removals_that_cannot_be_had_are_refused() {
    check(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 1..9
         vm q a running load=0 ocr=busy
         vm r a running load=0 ocr=idle:5m
         vm s a booting
         says ocr p -1 suspend:q stop:q suspend:s terminate:nope suspend:r terminate:r",
        expect![[r#"
            ocr: scale in 3 -> 2, wants 1: of 3 workers 1 are still starting: only 1 may leave now
              busy: 0 wanted, allowed 1: 1 of 3 busy now, and no work is killed (always so)
              request: asked to suspend q, not done: not every worker on q is proven idle
              request: asked to stop a worker on q, not done: no worker of ocr on q is proven idle
              request: asked to suspend s, not done: s is booting
              request: asked to terminate nope, not done: there is no machine nope
              victim: r has been idle for 5m: suspend r
              request: asked to terminate r, not done: r is in this plan already
              victim: of 3 workers 1 are still starting: only 1 may leave now
            => suspend r
        "#]],
    );
}

#[test]
fn a_machine_without_workers_can_be_terminated_though_nothing_shrinks() {
    check(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm q a suspended
         vm r a failed
         vm s a stopped
         vm t a running load=0 ocr=idle
         vm u a failed ocr=idle
         says ocr p 0 terminate:q terminate:r terminate:s terminate:u",
        expect![[r#"
            ocr: hold at 1: p said so
              victim: q is suspended and has no worker: terminate q
              victim: r is failed and has no worker: terminate r
              victim: s is stopped and has no worker: terminate s
              request: asked to terminate u, not done: not every worker on u is proven idle
            => terminate q
            => terminate r
            => terminate s
            => terminate u
        "#]],
    );
}

#[test]
fn a_machine_without_workers_stays_while_anything_is_in_doubt_or_needs_it() {
    let vms = "image a vcpus=2 hosts=faces:1,ocr:1\n vm q a suspended\n says ocr p 0 terminate:q\n";
    check(
        &format!("{vms} profile ocr 0..9 stale\n profile faces 0..9\n says faces p 0"),
        expect![[r#"
            faces: hold at 0: p said so
            ocr: hold at 0: p said so
              request: asked to terminate q, not done: the decision is to hold at 0
        "#]],
    );
    check(
        &format!("{vms} profile ocr 0..9\n profile faces 0..9\n says faces p 0\n says ocr q fail"),
        expect![[r#"
            faces: hold at 0: p said so
            ocr: hold at 0: p said so
              request: asked to terminate q, not done: the decision is to hold at 0
        "#]],
    );
    check(
        &format!("{vms} profile ocr 0..9\n profile faces 0..9\n says faces p +1"),
        expect![[r#"
            faces: scale out 0 -> 1: p said so
              resume: q is suspended: resume q
            ocr: hold at 0: p said so
              request: asked to terminate q, not done: faces needs more workers, and q can host it
            => resume q
        "#]],
    );
}

/// What the host answers to each request of a policy, in order.
fn check_staging(text: &str, expected: Expect) {
    let mut read = situation(text, START);
    let snapshot = read.snapshot();
    let mut out = String::new();
    for (profile, answers) in &read.answers {
        let mut before = Vec::new();
        for answer in answers {
            let Some(wish) = answer.verdict.wish() else { continue };
            for request in &wish.staged {
                match staging::check(&snapshot, profile, &before, &request.what) {
                    Ok(()) => {
                        out.push_str(&format!("{}: accepted\n", request.what));
                        before.push(request.clone());
                    }
                    Err(refusal) => out.push_str(&format!("{}: {refusal:?}\n", request.what)),
                }
            }
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn requests_are_checked_against_the_facts() {
    check_staging(
        "image a vcpus=2 hosts=ocr:1
         image b vcpus=2 hosts=faces:1
         profile faces 0..9
         profile ocr 0..9
         vm idle a running ocr=idle ocr=idle ocr=draining
         vm busy a running ocr=idle ocr=busy
         vm dark a running ocr=unknown
         vm boot a booting
         vm asleep a suspended
         vm other b suspended
         vm closed a running hidden ocr=idle
         says ocr p 0 launch:a launch:a launch:b launch:nope resume:asleep resume:asleep resume:idle resume:other start:busy start:asleep start:closed stop:idle stop:idle stop:idle suspend:idle suspend:busy suspend:dark suspend:boot terminate:asleep terminate:closed stop:closed stop:nope",
        expect![[r#"
            launch a: accepted
            launch a: accepted
            launch b: UnknownImage("image b does not host ocr")
            launch nope: UnknownImage("the site has no image nope")
            resume asleep: accepted
            resume asleep: Twice("already asked for: resume asleep")
            resume idle: WrongState("idle is running, not suspended or suspending")
            resume other: UnknownImage("image b does not host ocr")
            start a worker on busy: accepted
            start a worker on asleep: Twice("already asked for: resume asleep")
            start a worker on closed: WrongState("the driver of closed cannot start or stop single workers")
            stop a worker on idle: accepted
            stop a worker on idle: accepted
            stop a worker on idle: Busy("idle has 2 idle workers of ocr, all asked for")
            suspend idle: Twice("already asked for: stop a worker on idle")
            suspend busy: Twice("already asked for: start a worker on busy")
            suspend dark: Busy("worker dark.1 on dark is not proven idle")
            suspend boot: WrongState("boot is booting, not running")
            terminate asleep: Twice("already asked for: resume asleep")
            terminate closed: accepted
            stop a worker on closed: Twice("already asked for: terminate closed")
            stop a worker on nope: UnknownVm("no machine nope at this site")
        "#]],
    );
}

#[test]
fn one_machine_is_not_asked_for_in_two_ways() {
    check_staging(
        "image a vcpus=2 hosts=ocr:1
         profile ocr 0..9
         vm x a running ocr=idle ocr=idle
         vm y a running ocr=idle
         says ocr p 0 stop:x suspend:x terminate:x suspend:y stop:y start:y terminate:y",
        expect![[r#"
            stop a worker on x: accepted
            suspend x: Twice("already asked for: stop a worker on x")
            terminate x: Twice("already asked for: stop a worker on x")
            suspend y: accepted
            stop a worker on y: Twice("already asked for: suspend y")
            start a worker on y: Twice("already asked for: suspend y")
            terminate y: Twice("already asked for: suspend y")
        "#]],
    );
}
