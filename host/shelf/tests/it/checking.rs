//! What a candidate has to pass after it was read.

use std::fs;
use std::sync::Arc;

use expect_test::{Expect, expect};
use hooke_control::ids::PolicyName;
use hooke_runtime::{Digest, Grant, Grants, Limits};
use hooke_shelf::{Conformance, Objection, Rules};

use crate::guests::guest;
use crate::scene::{HONEST, Scene, marked};

fn mine() -> PolicyName {
    PolicyName::from("mine")
}

#[track_caller]
fn check_objection(objection: Objection, want: Expect) {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    *scene.sites.answer.lock().unwrap() = Some(Err(objection));
    scene.put("mine.wasm", &marked(1));
    scene.settle();
    scene.check(want);
}

#[test]
fn the_users_of_a_policy_have_a_say() {
    let because = |why: &str| format!("site east: {why}");
    check_objection(
        Objection::Grants(because("not granted")),
        expect![[r#"
        - mine swapped honest
        - mine refused-grants first
        mine: live honest, from its file; refused-grants first: site east: not granted
    "#]],
    );
    check_objection(
        Objection::Settings(because("`ready` is no number")),
        expect![[r#"
        - mine swapped honest
        - mine refused-settings first
        mine: live honest, from its file; refused-settings first: site east: `ready` is no number
    "#]],
    );
    check_objection(
        Objection::Trial(because("it trapped")),
        expect![[r#"
        - mine swapped honest
        - mine refused-trial first
        mine: live honest, from its file; refused-trial first: site east: it trapped
    "#]],
    );
}

#[test]
fn another_answer_is_told_and_not_refused() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let told = vec!["site east, profile ocr: +1 before, +2 now".to_owned()];
    *scene.sites.answer.lock().unwrap() = Some(Ok(told));
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#"
        - mine swapped honest
        - mine swapped first
          site east, profile ocr: +1 before, +2 now
        mine: live first, from its file
    "#]]);
}

#[test]
fn conformance_is_a_check_like_the_others() {
    let run = |bound: &hooke_runtime::BoundPolicy| {
        let big = bound.policy().size() > HONEST.len();
        if big { Err("it answers with a shrink when nothing is known".to_owned()) } else { Ok(()) }
    };
    let mut scene = Scene::with(|config| config.conformance = Conformance::On(Arc::new(run)));
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine swapped honest
        mine: live honest, from its file
    "#]]);
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#"
        - mine refused-conformance first
        mine: live honest, from its file; refused-conformance first: it answers with a shrink when nothing is known
    "#]]);
}

#[test]
fn a_pin_admits_one_content() {
    let pin = |wasm: &[u8]| Rules { pins: [(mine(), Digest::of(wasm))].into(), ..Rules::default() };
    let mut scene = Scene::with(|config| config.rules = pin(&HONEST));
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#"
        - mine refused-pin first
        mine: none, from its file; refused-pin first: its sha256 is first, and the site file pins honest. Put the pinned file there, or change the pin; the key is policy.mine.sha256
    "#]]);
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine swapped honest
        mine: live honest, from its file
    "#]]);
    scene.put("mine.wasm", &marked(1));
    scene.settle();
    assert_eq!(scene.live("mine"), "honest");
    scene.shelf.set_rules(pin(&marked(1)), scene.now);
    scene.then(expect![[r#"
        - mine refused-pin first
        - mine swapped first
        mine: live first, from its file
    "#]]);
    scene.shelf.set_rules(pin(&HONEST), scene.now);
    scene.then(expect![[r#"
        - mine refused-pin first
        mine: live first, from its file; refused-pin first: its sha256 is first, and the site file pins honest. Put the pinned file there, or change the pin; the key is policy.mine.sha256
    "#]]);
}

#[test]
fn a_bundled_policy_can_be_pinned_away() {
    let pins = [(PolicyName::from("threshold"), Digest::of(&HONEST))].into();
    let mut scene = Scene::with(|config| config.rules.pins = pins);
    scene.check(expect![[r#"
        - threshold refused-pin threshold
        threshold: none, bundled; its sha256 is threshold, and the site file pins honest. Put the pinned file there, or change the pin; the key is policy.threshold.sha256
    "#]]);
    scene.put("threshold.wasm", &HONEST);
    scene.then(expect![[r#"
        - threshold swapped honest
        threshold: live honest, from its file
    "#]]);
}

#[test]
fn a_file_over_the_limit_is_not_even_read() {
    let mut scene = Scene::with(|config| {
        let small = Limits { file_bytes: 1000, ..Limits::DEFAULT };
        config.rules.limits_of = [(mine(), small)].into();
    });
    scene.put("mine.wasm", &HONEST);
    scene.put("yours.wasm", &HONEST);
    scene.settle();
    let zeros = fs::File::create(scene.at("zeros.wasm")).unwrap();
    zeros.set_len(64 << 20).unwrap();
    scene.name("zeros", &vec![0; 64 << 20]);
    scene.then(expect![[r#"
        - mine refused-limit
        - yours swapped honest
        - zeros refused-form zeros
        mine: none, from its file; refused-limit: over the limit file-bytes: 2.9 KiB used, 1000 bytes allowed; the key is policies.limits.file_bytes. Raise the limit, or build the policy smaller
        yours: live honest, from its file
        zeros: none, from its file; refused-form zeros: it is no WebAssembly (it begins with 00 00 00 00). A policy is a WebAssembly component
    "#]]);
    zeros.set_len((64 << 20) + 1).unwrap();
    scene.then(expect![[r#"
        - zeros refused-limit
        mine: none, from its file; refused-limit: over the limit file-bytes: 2.9 KiB used, 1000 bytes allowed; the key is policies.limits.file_bytes. Raise the limit, or build the policy smaller
        yours: live honest, from its file
        zeros: none, from its file; refused-limit: over the limit file-bytes: 64.1 MiB used, 64 MiB allowed; the key is policies.limits.file_bytes. Raise the limit, or build the policy smaller
    "#]]);
}

#[test]
fn a_name_has_limits_of_its_own() {
    let tight = Limits { memories: 0, ..Limits::DEFAULT };
    let mut scene = Scene::with(|config| config.rules.limits_of = [(mine(), tight)].into());
    scene.put("mine.wasm", &HONEST);
    scene.put("yours.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine refused-limit honest
        - yours swapped honest
        mine: none, from its file; refused-limit honest: over the limit memories: 1 used, 0 allowed; the key is policies.limits.memories. Raise the limit, or build the policy smaller
        yours: live honest, from its file
    "#]]);
}

#[test]
fn a_file_gets_what_the_site_grants_and_a_bundled_policy_what_it_imports() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &guest("declines").build());
    scene.settle();
    let bind = |name: &str, grants: &Grants| match scene.shelf.bind(&name.into(), grants) {
        Ok(bound) => format!("{} is bound", bound.policy().name()),
        Err(failure) => failure.why().to_owned(),
    };
    let some: Grants = [Grant::Cloud, Grant::Memory].into_iter().collect();
    let said = [
        bind("mine", &Grants::none()),
        bind("mine", &some),
        bind("threshold", &Grants::none()),
        bind("nobody", &Grants::all()),
    ];
    expect![[r#"
        policy mine: it imports hooke:policy/cloud@0.1.0, hooke:policy/memory@0.1.0, which this binding does not grant. If it may have that, write in the site file: grants = ["cloud", "memory"]
        mine is bound
        threshold is bound
        there is no policy nobody"#]].assert_eq(&said.join("\n"));
}

#[test]
fn precompiled_code_is_never_taken_from_the_directory() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let cached = fs::read_dir(&scene.cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains(&Digest::of(&HONEST).to_string()))
        .unwrap();
    let native = fs::read(cached).unwrap();
    scene.name("native", &native);
    scene.put("mine.wasm", &native);
    scene.put("yours.wasm", b"\x7fELF\x02\x01\x01\0");
    scene.name("elf", b"\x7fELF\x02\x01\x01\0");
    scene.then(expect![[r#"
        - mine swapped honest
        - mine refused-form native
        - yours refused-form elf
        mine: live honest, from its file; refused-form native: it is no WebAssembly (it begins with 68 6f 6f 6b). A policy is a WebAssembly component
        yours: none, from its file; refused-form elf: it is native code, compiled ahead of time (.cwasm or ELF), which this host never takes: nothing would confine it. Give it the .wasm it was made from
    "#]]);
}

/// The bundled policies are larger than this.
#[test]
fn limits_that_are_raised_let_everything_in_that_they_kept_out() {
    let with = |file_bytes| {
        let limits = Limits { file_bytes, ..Limits::DEFAULT };
        Rules { limits, ..Rules::default() }
    };
    let mut scene = Scene::with(|config| config.rules = with(100));
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let live = |scene: &Scene| {
        let entries = scene.shelf.entries();
        let live = entries.iter().filter(|entry| entry.live.is_ok());
        live.map(|entry| entry.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(live(&scene), Vec::<String>::new());
    scene.shelf.set_rules(with(64 << 20), scene.now);
    scene.shelf.judge_again(scene.now);
    scene.settle();
    assert_eq!(
        live(&scene),
        ["cloudwatch", "latency-goal", "min-instance", "mine", "schedule", "threshold"]
    );
}

#[test]
fn what_a_site_refused_is_judged_again_when_the_site_has_changed() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    *scene.sites.answer.lock().unwrap() = Some(Err(Objection::Grants("no cloud".to_owned())));
    scene.put("mine.wasm", &marked(1));
    scene.settle();
    scene.settle();
    assert_eq!(scene.live("mine"), "honest", "nothing but a change has it judged again");
    scene.shelf.judge_again(scene.now);
    scene.settle();
    assert_eq!(scene.live("mine"), "first");
}
