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
    check_objection(Objection::Grants(because("not granted")), expect![[r#""#]]);
    check_objection(Objection::Settings(because("`ready` is no number")), expect![[r#""#]]);
    check_objection(Objection::Trial(because("it trapped")), expect![[r#""#]]);
}

#[test]
fn another_answer_is_told_and_not_refused() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let told = vec!["site east, profile ocr: +1 before, +2 now".to_owned()];
    *scene.sites.answer.lock().unwrap() = Some(Ok(told));
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#""#]]);
}

#[test]
fn conformance_is_a_check_like_the_others() {
    let run = |bound: &hooke_runtime::BoundPolicy| {
        let big = bound.policy().size() > HONEST.len();
        if big { Err("it answers with a shrink when nothing is known".to_owned()) } else { Ok(()) }
    };
    let mut scene = Scene::with(|config| config.conformance = Conformance::On(Arc::new(run)));
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#""#]]);
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#""#]]);
}

#[test]
fn a_pin_admits_one_content() {
    let pin = |wasm: &[u8]| Rules { pins: [(mine(), Digest::of(wasm))].into(), ..Rules::default() };
    let mut scene = Scene::with(|config| config.rules = pin(&HONEST));
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#""#]]);
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#""#]]);
    scene.put("mine.wasm", &marked(1));
    scene.settle();
    assert_eq!(scene.live("mine"), "honest");
    scene.shelf.set_rules(pin(&marked(1)), scene.now);
    scene.then(expect![[r#""#]]);
    scene.shelf.set_rules(pin(&HONEST), scene.now);
    scene.then(expect![[r#""#]]);
}

#[test]
fn a_bundled_policy_can_be_pinned_away() {
    let pins = [(PolicyName::from("threshold"), Digest::of(&HONEST))].into();
    let mut scene = Scene::with(|config| config.rules.pins = pins);
    scene.check(expect![[r#""#]]);
    scene.put("threshold.wasm", &HONEST);
    scene.then(expect![[r#""#]]);
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
    scene.then(expect![[r#""#]]);
    zeros.set_len((64 << 20) + 1).unwrap();
    scene.then(expect![[r#""#]]);
}

#[test]
fn a_name_has_limits_of_its_own() {
    let tight = Limits { memories: 0, ..Limits::DEFAULT };
    let mut scene = Scene::with(|config| config.rules.limits_of = [(mine(), tight)].into());
    scene.put("mine.wasm", &HONEST);
    scene.put("yours.wasm", &HONEST);
    scene.then(expect![[r#""#]]);
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
    expect![[r#""#]].assert_eq(&said.join("\n"));
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
    scene.then(expect![[r#""#]]);
}
