//! Guards that go by the facts of one tick: tolerance, projection, stale data,
//! machines that are unready.

use expect_test::expect;

use crate::script;
use crate::situation::check;

const FIVE: &str = "image small vcpus=1 hosts=ocr:1 when-idle=terminate
    vm a small running load=1 ocr=idle
    vm b small running load=1 ocr=idle
    vm c small running load=1 ocr=idle
    vm d small running load=1 ocr=idle
    vm e small running load=1 ocr=busy
    ";

#[test]
fn small_wishes_are_tolerated_in_relation_to_what_there_is() {
    check(
        &format!("{FIVE} profile ocr 0..9\n guards ocr tolerance=20\n says ocr p +1"),
        expect![[r#"
            ocr: hold at 5: 6 wanted, stays at 5: no more than 20 % of 5 away (guards.tolerance_percent)
              tolerance: 6 wanted, stays at 5: no more than 20 % of 5 away (guards.tolerance_percent)
        "#]],
    );
    check(
        &format!("{FIVE} profile ocr 0..9\n guards ocr tolerance=19\n says ocr p +1"),
        expect![[r#"
            ocr: scale out 5 -> 6: p said so
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
    check(
        "image small vcpus=1 hosts=ocr:1\n profile ocr 0..9\n guards ocr tolerance=100\n says ocr p +1",
        expect![[r#"
            ocr: scale out 0 -> 1: p said so
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
}

#[test]
fn never_to_fewer_than_are_busy_now() {
    check(
        &format!("{FIVE} profile ocr 0..9\n says ocr p -5"),
        expect![[r#"
            ocr: scale in 5 -> 1: 0 wanted, allowed 1: 1 of 5 busy now, and no work is killed (always so)
              busy: 0 wanted, allowed 1: 1 of 5 busy now, and no work is killed (always so)
              victim: a has been idle for 1h: terminate a
              victim: b has been idle for 1h: terminate b
              victim: c has been idle for 1h: terminate c
              victim: d has been idle for 1h: terminate d
            => terminate a
            => terminate b
            => terminate c
            => terminate d
        "#]],
    );
}

#[test]
fn scale_in_goes_only_to_where_the_condition_still_holds() {
    check(
        &format!(
            "{FIVE} profile ocr 0..9\n backlog ocr ready=270\n
             guards ocr below=backlog-per-worker:100\n says ocr p -5"
        ),
        expect![[r#"
            ocr: scale in 5 -> 3: 0 wanted, allowed 3: with 2 backlog-per-worker would be 135.00, and is to stay below 100 (guards.projection)
              projection: 0 wanted, allowed 3: with 2 backlog-per-worker would be 135.00, and is to stay below 100 (guards.projection)
              victim: a has been idle for 1h: terminate a
              victim: b has been idle for 1h: terminate b
            => terminate a
            => terminate b
        "#]],
    );
    check(
        &format!(
            "{FIVE} profile ocr 0..9\n backlog ocr ready=270\n
             guards ocr below=backlog-per-worker:55\n says ocr p -2"
        ),
        expect![[r#"
            ocr: hold at 5: 3 wanted, stays at 5: with 4 backlog-per-worker would be 67.50, and is to stay below 55 (guards.projection)
              projection: 3 wanted, stays at 5: with 4 backlog-per-worker would be 67.50, and is to stay below 55 (guards.projection)
        "#]],
    );
    check(
        &format!(
            "{FIVE} profile ocr 0..9\n backlog ocr ready=0 unacked=7\n
             guards ocr below=messages-per-worker:3\n says ocr p -4"
        ),
        expect![[r#"
            ocr: scale in 5 -> 3: 1 wanted, allowed 3: with 2 messages-per-worker would be 3.50, and is to stay below 3 (guards.projection)
              projection: 1 wanted, allowed 3: with 2 messages-per-worker would be 3.50, and is to stay below 3 (guards.projection)
              victim: a has been idle for 1h: terminate a
              victim: b has been idle for 1h: terminate b
            => terminate a
            => terminate b
        "#]],
    );
    check(
        &format!("{FIVE} profile ocr 0..9\n guards ocr below=busy-share:0.5\n says ocr p -4"),
        expect![[r#"
            ocr: scale in 5 -> 3: 1 wanted, allowed 3: with 2 busy-share would be 0.50, and is to stay below 0.5 (guards.projection)
              projection: 1 wanted, allowed 3: with 2 busy-share would be 0.50, and is to stay below 0.5 (guards.projection)
              victim: a has been idle for 1h: terminate a
              victim: b has been idle for 1h: terminate b
            => terminate a
            => terminate b
        "#]],
    );
    check(
        &format!(
            "{FIVE} profile ocr 0..9\n backlog ocr arrivals=7.5\n
             guards ocr below=arrivals-per-worker:2\n says ocr p -4"
        ),
        expect![[r#"
            ocr: scale in 5 -> 4: 1 wanted, allowed 4: with 3 arrivals-per-worker would be 2.50, and is to stay below 2 (guards.projection)
              projection: 1 wanted, allowed 4: with 3 arrivals-per-worker would be 2.50, and is to stay below 2 (guards.projection)
              victim: a has been idle for 1h: terminate a
            => terminate a
        "#]],
    );
}

#[test]
fn what_was_not_measured_cannot_be_projected() {
    check(
        &format!(
            "{FIVE} profile ocr 0..9\n backlog ocr arrivals=?\n
             guards ocr below=arrivals-per-worker:2\n says ocr p -4"
        ),
        expect![[r#"
            ocr: hold at 5: 1 wanted, stays at 5: arrivals-per-worker was not measured, so nobody can tell what fewer workers would have (guards.projection)
              projection: 1 wanted, stays at 5: arrivals-per-worker was not measured, so nobody can tell what fewer workers would have (guards.projection)
        "#]],
    );
    check(
        &format!(
            "{FIVE} profile ocr 0..9 stale\n guards ocr below=backlog-per-worker:9\n says ocr p -2"
        ),
        expect![[r#"
            ocr: hold at 5: 3 wanted, stays at 5: backlog-per-worker was not measured, so nobody can tell what fewer workers would have (guards.projection)
              projection: 3 wanted, stays at 5: backlog-per-worker was not measured, so nobody can tell what fewer workers would have (guards.projection)
        "#]],
    );
    check(
        &format!(
            "{FIVE} vm f small running load=1 ocr=unknown\n profile ocr 0..9\n
             guards ocr below=busy-share:0.9\n says ocr p -2"
        ),
        expect![[r#"
            ocr: hold at 6: 4 wanted, stays at 6: busy-share was not measured, so nobody can tell what fewer workers would have (guards.projection)
              projection: 4 wanted, stays at 6: busy-share was not measured, so nobody can tell what fewer workers would have (guards.projection)
        "#]],
    );
}

#[test]
fn the_maximum_is_not_projected() {
    check(
        &format!(
            "{FIVE} profile ocr 0..4\n backlog ocr ready=999\n
             guards ocr below=backlog-per-worker:9\n says ocr p 0"
        ),
        expect![[r#"
            ocr: scale in 5 -> 4: 5 wanted, 4 allowed: workers.max is 4
              bounds: 5 wanted, 4 allowed: workers.max is 4
              victim: a has been idle for 1h: terminate a
            => terminate a
        "#]],
    );
}

#[test]
fn a_careful_site_goes_by_no_stale_backlog() {
    check(
        &format!("{FIVE} profile ocr 6..9 stale\n guards ocr stale=hold\n says ocr p +3"),
        expect![[r#"
            ocr: scale out 5 -> 6: 8 wanted, allowed 6: with a stale backlog only workers.min is kept up (guards.stale): the broker is out
              quality: 8 wanted, allowed 6: with a stale backlog only workers.min is kept up (guards.stale): the broker is out
              launch: image small starts 1 at boot: launch image small
            => launch image small
        "#]],
    );
}

/// Four of eight have never registered, or failed: nothing but the minimum.
const UNREADY: &str = "image small vcpus=1 hosts=ocr:1,faces:0 when-idle=terminate
    vm a small running load=1 ocr=idle
    vm b small running load=1 ocr=idle
    vm c small running load=1 ocr=idle
    vm d small booting
    vm q small running load=1 ocr=silent
    vm r small running load=1 ocr=silent
    vm s small running hidden
    vm t small failed
    vm u small suspended
    vm v small terminating
    ";

#[test]
fn the_site_stands_still_while_too_many_machines_are_unready() {
    check(
        &format!(
            "{UNREADY} profile ocr 0..30\n profile faces 2..30\n says ocr p -2\n says faces p +9"
        ),
        expect![[r#"
            faces: wants 2, stays at 0: image small starts none at boot
              unready: 9 wanted, allowed 2: 4 of 8 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
              resume: u is suspended: resume u
              free slot: of the running machines that host it: 5 without a free slot (vcpus > load + 0.5), 1 not available now
              resume: no machine that hosts it is suspended
              launch: image small starts none at boot
            ocr: hold at 7: 5 wanted, stays at 7: 4 of 8 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
              unready: 5 wanted, stays at 7: 4 of 8 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
            => resume u
            => terminate t
        "#]],
    );
    check(
        &format!("{UNREADY} profile ocr 0..30\n says ocr p +9"),
        expect![[r#"
        ocr: hold at 7: 16 wanted, stays at 7: 4 of 8 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
          unready: 16 wanted, stays at 7: 4 of 8 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
        => terminate t
    "#]],
    );
}

#[test]
fn fewer_and_those_that_may_still_come_do_not_stop_it() {
    let healed = UNREADY.replace("vm r small running load=1 ocr=silent", "");
    check(
        &format!("{healed} profile ocr 0..8\n says ocr p +1"),
        expect![[r#"
        ocr: scale out 6 -> 7: p said so
          resume: u is suspended: resume u
        => resume u
        => terminate t
    "#]],
    );
    let young = UNREADY.replace("ocr=silent", "ocr=booting");
    check(
        &format!("{young} profile ocr 0..9\n says ocr p +1"),
        expect![[r#"
        ocr: scale out 7 -> 8: p said so
          resume: u is suspended: resume u
        => resume u
        => terminate t
    "#]],
    );
    check(
        &format!("{UNREADY} consumers missing\n profile ocr 0..9\n says ocr p +1"),
        expect![[r#"
            ocr: scale out 7 -> 8: p said so
              resume: u is suspended: resume u
            => resume u
            => terminate t
        "#]],
    );
    check(
        &format!("{UNREADY} profile ocr 0..9\n guards ocr unready=100%:0\n says ocr p +1"),
        expect![[r#"
            ocr: scale out 7 -> 8: p said so
              resume: u is suspended: resume u
            => resume u
            => terminate t
        "#]],
    );
}

/// Where the broker sees nobody's own address, nobody is proven to be missing.
#[test]
fn machines_that_cannot_be_tied_to_consumers_stop_nothing() {
    let four = |doing: &str| {
        let vms: String =
            (1..5).map(|n| format!("vm v{n} small running load=1 ocr={doing}\n")).collect();
        format!("image small vcpus=1 hosts=ocr:1\n profile ocr 0..9\n{vms} says ocr p +1")
    };
    check(
        &four("behind-nat"),
        expect![[r#"
        ocr: scale out 4 -> 5: p said so
          launch: image small starts 1 at boot: launch image small
        => launch image small
    "#]],
    );
    check(
        &four("silent"),
        expect![[r#"
        ocr: hold at 4: 5 wanted, stays at 4: 4 of 4 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
          unready: 5 wanted, stays at 4: 4 of 4 machines have failed or never registered a worker, more than 45 % and 3: the site stands still but for workers.min (guards.unready)
    "#]],
    );
}

/// What could not be written down was not done, and uses up nothing.
#[test]
fn a_tick_that_was_not_recorded_is_no_change() {
    script::check(
        "image small vcpus=1 hosts=ocr:1\n profile ocr 0..9
         guards ocr out.cooldown=10m\n says ocr p +1",
        "tick\n not-recorded\n tick\n recorded\n tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image small
            not-recorded
            tick
              tick 2 ocr: scale out 0 -> 1: p said so
              plan east-g-2-1 launch image small
            recorded
              act 1: east-g-2-1 launch image small
            tick
              tick 3 ocr: hold at 1: 2 wanted, stays at 1: the last change was 28s ago, and 10m must pass (guards.scale_out.cooldown)
        "#]],
    );
}

/// A machine that serves two profiles is a change of both.
#[test]
fn a_shared_machine_counts_for_all_it_brings_workers_to() {
    script::check(
        "image both vcpus=2 hosts=faces:1,ocr:1
         profile faces 0..9\n profile ocr 0..9
         guards faces out.cooldown=10m\n says ocr p +1\n says faces p 0",
        "tick\n recorded\n ok 1\n now says faces p +1\n now says ocr p 0\n tick",
        expect![[r#"
            tick
              tick 1 faces: hold at 0: p said so
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image both
            recorded
              act 1: east-g-1-1 launch image both
            ok 1
            now says faces p +1
            now says ocr p 0
            tick
              tick 2 faces: hold at 1: 2 wanted, stays at 1: the last change was 29s ago, and 10m must pass (guards.scale_out.cooldown)
              tick 2 ocr: hold at 1: p said so
        "#]],
    );
}

/// Of a call without a clear answer nobody knows that nothing came of it.
#[test]
fn what_may_have_been_done_counts() {
    script::check(
        "image small vcpus=1 hosts=ocr:1\n profile ocr 0..9
         guards ocr out.cooldown=30m\n says ocr p +1",
        "tick\n recorded\n unclear 1\n after 1m\n tick\n after 6m\n tick\n after 4m\n tick",
        expect![[r#"
            tick
              tick 1 ocr: scale out 0 -> 1: p said so
              plan east-g-1-1 launch image small
            recorded
              act 1: east-g-1-1 launch image small
            unclear 1
              warn: launch image small: it is not clear whether it was done, and it counts until the list of machines tells: the cloud said unclear
            after 1m
            tick
              tick 2 ocr: hold at 1: 2 wanted, stays at 1: the last change was 1m ago, and 30m must pass (guards.scale_out.cooldown)
            after 6m
            tick
              warn: launch image small: failed, unclear: the list of machines has not shown it for 5m
              close east-g-1-1: failed, unclear: the list of machines has not shown it for 5m
              tick 3 ocr: scale out 1 -> 2: p said so
              plan east-g-3-1 launch image small
            after 4m
            tick
              tick 4 ocr: hold at 1: 2 wanted, stays at 1: the last change was 4m ago, and 30m must pass (guards.scale_out.cooldown)
        "#]],
    );
}
