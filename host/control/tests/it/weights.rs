//! Instance weights: an image that starts six workers weighs six. What AWS does
//! with weights (ADJ-08, ADJ-09), and what is done here: a wish is never
//! exceeded, neither upwards, where `workers.max` is a promise about a bill, nor
//! downwards, where a machine may be full of work.

use expect_test::expect;

use crate::situation::check;

/// Images of 1, 4 and 6 workers, no room for one more on any machine.
const IMAGES: &str = "image one vcpus=1 cost=1 hosts=ocr:1
image four vcpus=4 cost=0.4 hosts=ocr:4
image six vcpus=6 cost=0.6 hosts=ocr:6
";

fn machine(name: &str, image: &str, workers: &str) -> String {
    format!("vm {name} {image} running load=6 {workers}\n")
}

/// AWS launches a machine of six and has 16, four above the maximum.
#[test]
fn adj_08_ten_of_at_most_twelve_and_five_more_are_twelve() {
    let six = "ocr=busy ".repeat(6);
    let four = "ocr=busy ".repeat(4);
    let fleet = machine("a", "six", &six) + &machine("b", "four", &four);
    check(
        &format!("{IMAGES}profile ocr 0..12\n{fleet}says ocr p +5"),
        expect![[r#"
            ocr: scale out 10 -> 12: 15 wanted, 12 allowed: workers.max is 12
              bounds: 15 wanted, 12 allowed: workers.max is 12
              launch: image one starts 1 at boot: launch image one (2 times)
            => launch image one
            => launch image one
        "#]],
    );
    // Where only large ones are to be had, it stays below.
    let images = "image four vcpus=4 hosts=ocr:4\nimage six vcpus=6 hosts=ocr:6\n";
    check(
        &format!("{images}profile ocr 0..12\n{fleet}says ocr p +5"),
        expect![[r#"
            ocr: wants 12, stays at 10: image six starts 6 at boot: that would make 16, and workers.max is 12
              bounds: 15 wanted, 12 allowed: workers.max is 12
              free slot: of the running machines that host it: 2 without a free slot (vcpus > load + 0.5)
              resume: no machine that hosts it is suspended
              launch: image four starts 4 at boot: that would make 14, and workers.max is 12
              launch: image six starts 6 at boot: that would make 16, and workers.max is 12
        "#]],
    );
}

/// AWS has 32 where 30 are desired, and takes one away: desired is 29, and none
/// leaves. Here no desired number is kept: one idle worker leaves, and what it
/// is on stays.
#[test]
fn adj_09_of_thirty_two_one_fewer_is_one_worker_or_none() {
    let fleet = |what: &str, kind: &str| {
        let idle = "ocr=idle:10m ".repeat(6);
        let many: String = (0..5)
            .map(|nth| machine(&format!("m{nth}"), "six", &format!("{kind} {idle}")))
            .collect();
        format!(
            "{IMAGES}profile ocr 0..40\n{many}{}{}{what}",
            machine("y", "one", &format!("{kind} ocr=busy")),
            machine("z", "one", &format!("{kind} ocr=busy"))
        )
    };
    check(
        &fleet("says ocr p -1", ""),
        expect![[r#"
        ocr: scale in 32 -> 31: p said so
          victim: m0.1 has been idle for 10m, and is not the first on its machine: stop worker m0.1 on m0
        => stop worker m0.1 on m0
    "#]],
    );
    // Machines that only leave as a whole would take six.
    check(
        &fleet("says ocr p -1", "hidden"),
        expect![[r#"
        ocr: wants 31, stays at 32: 1 more may leave, but no other is proven idle on a machine that can spare it
          victim: 1 more may leave, but no other is proven idle on a machine that can spare it
    "#]],
    );
    check(
        &fleet("says ocr p -6", "hidden"),
        expect![[r#"
        ocr: scale in 32 -> 26: p said so
          victim: m0 has been idle for 10m: suspend m0
        => suspend m0
    "#]],
    );
}
