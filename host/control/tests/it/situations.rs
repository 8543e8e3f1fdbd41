//! Situations at random: sensible and senseless ones.

use proptest::prelude::*;

const PROFILES: [&str; 3] = ["aa", "bb", "cc"];
const IMAGES: [&str; 3] = ["one", "two", "three"];
const MACHINES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

fn image(name: &'static str) -> impl Strategy<Value = String> {
    let hosts = prop::sample::subsequence(PROFILES.to_vec(), 1..=2);
    (hosts, 1..3u32, 1..6u32, 0..4u32, any::<bool>()).prop_map(
        move |(hosts, boots, vcpus, cost, ends)| {
            let hosts: Vec<String> = hosts.iter().map(|p| format!("{p}:{boots}")).collect();
            let ends = if ends { " when-idle=terminate" } else { "" };
            let mem = vcpus * 512;
            format!(
                "image {name} vcpus={vcpus} mem={mem} cost=0.{cost} hosts={}{ends}",
                hosts.join(",")
            )
        },
    )
}

fn profile(name: &'static str) -> impl Strategy<Value = String> {
    let quality = prop::sample::select(vec!["", "", "", "", "stale", "missing", "uncounted"]);
    let weight = prop::sample::select(vec!["", "", " weight=3"]);
    let combine =
        prop::sample::select(vec!["", " combine=min", " combine=sum", " combine=first-ok"]);
    (0..4u32, 0..6u32, quality, weight, combine).prop_map(
        move |(min, more, quality, weight, combine)| {
            format!("profile {name} {min}..{} {quality}{weight}{combine}", min + more)
        },
    )
}

fn machine(name: &'static str) -> impl Strategy<Value = String> {
    let states = [
        "running",
        "running",
        "running",
        "running",
        "running",
        "suspended",
        "suspended",
        "suspending",
        "booting",
        "pending",
        "stopped",
        "terminating",
        "draining",
        "failed",
    ];
    let doing =
        ["idle:9m", "idle:5m", "idle:5m", "busy", "unknown", "booting", "silent", "draining"];
    let worker = (prop::sample::select(PROFILES.to_vec()), prop::sample::select(doing.to_vec()));
    let workers = prop::collection::vec(worker, 0..4);
    let load = prop::sample::select(vec!["", " load=0", " load=0.7", " load=1.5", " load=9"]);
    let extra = prop::sample::select(vec!["", "", "", " age=1m", " hidden"]);
    let image = prop::sample::select(vec!["one", "two", "three", "three", "retired"]);
    let state = prop::sample::select(states.to_vec());
    (image, state, load, extra, workers).prop_map(move |(image, state, load, extra, workers)| {
        let workers: Vec<String> =
            workers.iter().map(|(p, doing)| format!(" {p}={doing}")).collect();
        format!("vm {name} {image} {state}{load}{extra}{}", workers.concat())
    })
}

fn answer() -> impl Strategy<Value = String> {
    let verb = prop::sample::select(vec!["suspend", "terminate", "stop", "start", "resume"]);
    let about = prop::sample::select(MACHINES.to_vec());
    let on_machine = (verb, about).prop_map(|(verb, vm)| format!(" {verb}:{vm}"));
    let launch = prop::sample::select(IMAGES.to_vec()).prop_map(|image| format!(" launch:{image}"));
    let asked = prop::collection::vec(prop_oneof![4 => on_machine, 1 => launch], 0..4);
    let profile = prop::sample::select(PROFILES.to_vec());
    let policy = prop::sample::select(vec!["p", "q"]);
    (profile, policy, -5..6i32, asked, 0..12u8).prop_map(
        |(profile, policy, delta, asked, fails)| match fails {
            0 => format!("says {profile} {policy} fail"),
            _ => format!("says {profile} {policy} {delta:+}{}", asked.concat()),
        },
    )
}

/// Lines of shadows, of a policy that no profile asks live.
pub(crate) fn shadows() -> impl Strategy<Value = String> {
    prop::collection::vec(answer(), 1..4).prop_map(|answers| {
        let lines = answers.iter().map(|line| line.replacen("says", "shadow", 1));
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn held_up() -> impl Strategy<Value = String> {
    let profile = prop::sample::select(PROFILES.to_vec());
    (profile, 1..9u32).prop_map(|(profile, ticks)| format!("held-up {profile} {ticks}"))
}

fn under_way() -> impl Strategy<Value = String> {
    let verb = prop::sample::select(vec!["resume", "suspend", "terminate"]);
    let vm = || prop::sample::select(MACHINES.to_vec());
    let start = (vm(), prop::sample::select(PROFILES.to_vec()));
    prop_oneof![
        prop::sample::select(IMAGES.to_vec()).prop_map(|image| format!("under-way launch {image}")),
        (verb, vm()).prop_map(|(verb, vm)| format!("under-way {verb} {vm}")),
        start.prop_map(|(vm, profile)| format!("under-way start {vm} {profile}")),
        vm().prop_map(|vm| format!("under-way stop {vm} {vm}.1")),
        vm().prop_map(|vm| format!("failed suspend {vm} rejected")),
        vm().prop_map(|vm| format!("failed resume {vm} unclear")),
        prop::sample::select(IMAGES.to_vec())
            .prop_map(|image| format!("failed launch {image} no-capacity")),
    ]
}

fn limits() -> impl Strategy<Value = String> {
    (2..12u32, 4..40u32, 1..20u32, 0..8u8).prop_map(|(vms, vcpus, mem, which)| {
        let mut line = "limits".to_owned();
        if which & 1 == 0 {
            line.push_str(&format!(" vms={vms}"));
        }
        if which & 2 == 0 {
            line.push_str(&format!(" vcpus={vcpus}"));
        }
        if which & 4 == 0 {
            line.push_str(&format!(" mem={} cost=0.{mem}", mem * 1024));
        }
        line
    })
}

prop_compose! {
    pub(crate) fn text()(
        limits in limits(),
        images in (image("one"), image("two"), image("three")),
        profiles in (profile("aa"), profile("bb"), profile("cc")),
        machines in prop::sample::subsequence(MACHINES.to_vec(), 0..=7)
            .prop_flat_map(|names| names.into_iter().map(machine).collect::<Vec<_>>()),
        answers in prop::collection::vec(answer(), 0..6),
        under_way in prop::collection::vec(under_way(), 0..4),
        held_up in prop::collection::vec(held_up(), 0..3),
        out in prop::sample::select(vec!["", "", "", "", "", "", "cloud missing", "consumers missing"]),
    ) -> String {
        let mut lines = vec![limits, images.0, images.1, images.2, profiles.0, profiles.1, profiles.2];
        lines.extend(machines);
        lines.extend(answers);
        lines.extend(under_way);
        lines.extend(held_up);
        lines.push(out.to_owned());
        lines.join("\n")
    }
}
