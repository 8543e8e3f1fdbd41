//! Checks in the true host, with snapshots as the core makes them.

use std::sync::Arc;

use expect_test::expect;
use hooke_control::answer::Verdict;
use hooke_control::ids::{ImageName, VmId};
use hooke_control::staging::{self, Refusal as Refused, Request, Staged};
use hooke_history::View;
use hooke_runtime::{BoundPolicy, Evaluated, Evaluation, Grants, Limit, Limits, Used};

use crate::contract::Refusal;
use crate::guest::{Guest, limits, same};
use crate::snapshots::{Scene, scenes};
use crate::telling::told;
use crate::told::{TEXT, actions_text};

fn settings(mode: &str) -> String {
    format!(r#"{{"mode":"{mode}","text":"{TEXT}"}}"#)
}

fn ask(policy: &BoundPolicy, scene: &Scene, settings: &str, memory: Option<&[u8]>) -> Evaluated {
    policy.evaluate(&Evaluation {
        snapshot: Arc::clone(&scene.snapshot),
        history: View::empty(),
        profile: scene.profile.clone(),
        settings: Arc::from(settings),
        memory: memory.map(Arc::from),
    })
}

/// Asks about the past.
pub(crate) fn ask_past(policy: &BoundPolicy, scene: &Scene, history: View) -> Evaluated {
    policy.evaluate(&Evaluation {
        snapshot: Arc::clone(&scene.snapshot),
        history,
        profile: scene.profile.clone(),
        settings: Arc::from(settings("past")),
        memory: None,
    })
}

/// What was answered, in one line.
fn said(evaluated: &Evaluated) -> String {
    let kept = match &evaluated.answer.memory {
        Some(bytes) => format!("; {} bytes stored", bytes.len()),
        None => String::new(),
    };
    match &evaluated.answer.verdict {
        Verdict::Wish(wish) => {
            format!("{}: {}; {} staged{kept}", wish.delta, wish.reason, wish.staged.len())
        }
        Verdict::Failed(failure) => format!("{}: {}{kept}", failure.kind(), failure.why()),
    }
}

/// The text that was stored beside an answer with this reason.
#[track_caller]
pub(crate) fn stored(evaluated: &Evaluated, reason: &str) -> String {
    match &evaluated.answer.verdict {
        Verdict::Wish(wish) if wish.reason == reason => {}
        Verdict::Wish(_) | Verdict::Failed(_) => panic!("answered {}", said(evaluated)),
    }
    let bytes = evaluated.answer.memory.clone().expect("an answer with a text");
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn describes(guest: &Guest) {
    let described = guest.policy.describe();
    let schema = described.settings_schema.as_ref().expect("it has a schema").as_json();
    expect![[r#"
        conformance é漢🦀
        0.1.0+é漢🦀
        Says back what it is told: é漢🦀.
        {"title":"é漢🦀","type":"object"}
    "#]]
    .assert_eq(&format!(
        "{}\n{}\n{}\n{schema}\n",
        described.name, described.version, described.summary
    ));
    let bound = guest.bound();
    let problems: String = bound
        .validate_settings(&settings("problems"))
        .unwrap()
        .iter()
        .map(|problem| format!("[{}] {}\n", problem.path, problem.message))
        .collect();
    expect![[r#"
        [] whole: é漢🦀
        [mode] {"mode":"problems","text":"é漢🦀"}
        [a.é漢🦀] 
    "#]]
    .assert_eq(&problems);
    assert_eq!(bound.validate_settings(&settings("facts")).unwrap(), []);
    assert_eq!(bound.validate_settings(&settings("no-problems")).unwrap().len(), 1);
}

/// That a world is what a guest asks for: all of it, and nothing beside it.
pub(crate) fn grants(full: &Guest, base: &Guest) {
    assert_eq!(*full.policy.imports(), Grants::all());
    full.bind(&Grants::none(), limits()).unwrap_err();
    assert_eq!(*base.policy.imports(), Grants::none());
    assert_eq!(base.policy.describe().name, "conformance-base");
    assert_eq!(base.policy.describe().settings_schema, None);
    let bound = base.bind(&Grants::none(), limits()).unwrap();
    assert_eq!(bound.validate_settings(&settings("facts")).unwrap(), []);
    for scene in scenes() {
        let evaluated = ask(&bound, &scene, &settings("é漢🦀"), None);
        assert_eq!(said(&evaluated), format!("0: {}; 0 staged", settings("é漢🦀")));
        let [line] = evaluated.log.as_slice() else { panic!("{:?}", evaluated.log) };
        assert!(scene.profile.as_str().starts_with(line.text.trim_end_matches('…')));
    }
}

pub(crate) fn facts(guest: &Guest) {
    let bound = guest.bound_with_room();
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    let memories = [None, Some([].as_slice()), Some(bytes.as_slice())];
    for (scene, memory) in scenes().iter().zip(memories.into_iter().cycle()) {
        let settings = settings("facts");
        let evaluated = ask(&bound, scene, &settings, memory);
        let want = told(scene, &settings, memory).facts();
        same(&stored(&evaluated, "facts"), &want, scene.name);
    }
}

pub(crate) fn actions(guest: &Guest) {
    let bound = guest.bound_with_room();
    let limits = bound.limits();
    for scene in scenes() {
        let calls = told(&scene, "", None).actions();
        let mut staged: Vec<Request> = Vec::new();
        let mut answers = Vec::new();
        let mut wanted = 0;
        for (name, target) in &calls {
            if staged.len() >= limits.staged_actions {
                wanted = staged.len().max(wanted) + 1;
                answers.push(Err(too_many(wanted, limits)));
            } else {
                answers.push(stage(&scene, &mut staged, name, target));
            }
        }
        let evaluated = ask(&bound, &scene, &settings("cloud"), None);
        same(&stored(&evaluated, "cloud"), &actions_text(&calls, &answers), scene.name);
        let Verdict::Wish(wish) = evaluated.answer.verdict else { panic!("no wish") };
        assert!(wish.staged == staged, "what was staged in {}", scene.name);
    }
}

/// What the host has to answer to an action beyond all that may be staged.
fn too_many(wanted: usize, limits: &Limits) -> Refusal {
    let (limit, used) = (Limit::StagedActions, Used::Exactly(wanted as u64));
    Refusal::OverLimit(limit.hit(used, limits).to_string())
}

/// What the host has to answer to one action.
fn stage(
    scene: &Scene,
    staged: &mut Vec<Request>,
    name: &str,
    target: &str,
) -> Result<(), Refusal> {
    let (vm, why) = (VmId::from(target), format!("why {TEXT}"));
    let what = match name {
        "launch" => Staged::Launch(ImageName::from(target)),
        "resume" => Staged::Resume(vm),
        "suspend" => Staged::Suspend(vm),
        "terminate" => Staged::Terminate(vm),
        "start-worker" => Staged::StartWorker(vm),
        "stop-worker" => Staged::StopWorker(vm),
        other => panic!("no action is called {other}"),
    };
    match staging::check(&scene.snapshot, &scene.profile, staged, &what) {
        Ok(()) => {
            staged.push(Request { what, why });
            Ok(())
        }
        Err(Refused::UnknownVm(why)) => Err(Refusal::UnknownVm(why)),
        Err(Refused::UnknownImage(why)) => Err(Refusal::UnknownImage(why)),
        Err(Refused::WrongState(why)) => Err(Refusal::WrongState(why)),
        Err(Refused::Busy(why)) => Err(Refusal::Busy(why)),
        Err(Refused::Twice(why)) => Err(Refusal::OverLimit(why)),
    }
}

pub(crate) fn answers(guest: &Guest) {
    let bound = guest.bound();
    let scene = scenes().into_iter().next_back().unwrap();
    let modes = [
        "low",
        "invalid-settings",
        "missing-data",
        "unsupported",
        "internal",
        "other",
        "store",
        "store-max",
        "no such mode",
    ];
    let lines: String = modes
        .iter()
        .map(|mode| format!("{mode} = {}\n", said(&ask(&bound, &scene, &settings(mode), None))))
        .collect();
    expect![[r#"
        low = -2147483648: ; 0 staged
        invalid-settings = invalid-settings: invalid-settings: é漢🦀
        missing-data = missing-data: missing-data: é漢🦀
        unsupported = unsupported: unsupported: é漢🦀
        internal = internal: internal: é漢🦀
        other = other: other: é漢🦀
        store = 0: ok; 0 staged; 0 bytes stored
        store-max = 0: err too-large(65536), ok; 0 staged; 65536 bytes stored
        no such mode = unsupported: no mode
    "#]]
    .assert_eq(&lines);
    let high = ask(&bound, &scene, &settings("high"), None);
    assert_eq!(said(&high), format!("2147483647: {}…; 0 staged", "🦀".repeat(255)));
    let most = ask(&bound, &scene, &settings("store-max"), None).answer.memory.unwrap();
    assert!(most.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 256));
}

pub(crate) fn log(guest: &Guest) {
    let bound = guest.bound();
    let scene = scenes().into_iter().next().unwrap();
    let evaluated = ask(&bound, &scene, &settings("log"), None);
    let lines: String =
        evaluated.log.iter().map(|line| format!("{}: {}\n", line.level, line.text)).collect();
    expect![[r#"
        info: info: é漢🦀
        warn: warn: é漢🦀
        error: error: é漢🦀
        info: 
    "#]]
    .assert_eq(&lines);
    let evaluated = ask(&bound, &scene, &settings("panic"), None);
    let Verdict::Failed(failure) = &evaluated.answer.verdict else {
        panic!("answered {}", said(&evaluated));
    };
    assert_eq!(failure.kind(), "trap");
    let told = evaluated.log.iter().any(|line| {
        line.level == hooke_runtime::Level::Error && line.text.contains(&format!("panic: {TEXT}"))
    });
    assert!(told, "the log says nothing of the panic: {:?}", evaluated.log);
}
