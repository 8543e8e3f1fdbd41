//! Checks in the host that answers anything.

use crate::contract::{Level, MemoryError, Needs, PolicyError, SettingProblem, outcome};
use crate::extremes;
use crate::guest::{Guest, same};
use crate::stage::Stage;
use crate::told::{TEXT, Told, actions_text};

/// The first of what may be told, with other settings.
fn stage(mode: &str) -> Stage {
    let told = extremes::all().into_iter().next().unwrap();
    Stage::new(Told { settings: format!(r#"{{"mode":"{mode}"}}"#), ..told })
}

fn evaluate(guest: &Guest, stage: Stage) -> (Result<Needs, PolicyError>, Stage) {
    guest.actor().evaluate(stage).unwrap()
}

fn needs(delta: i32, reason: &str) -> String {
    format!("{:?}", Ok::<_, PolicyError>(Needs { delta, reason: reason.to_owned() }))
}

pub(crate) fn facts(guest: &Guest) {
    for (at, told) in extremes::all().into_iter().enumerate() {
        let want = told.facts();
        let (answer, stage) = evaluate(guest, Stage::new(told));
        assert_eq!(format!("{answer:?}"), needs(0, "facts"));
        same(&stage.stored_text(), &want, &format!("extremes {at}"));
    }
}

/// Every answer of an import that is an outcome.
pub(crate) fn outcomes(guest: &Guest) {
    let mut acting = stage("cloud");
    acting.refusals = extremes::refusals();
    let calls = acting.told.actions();
    let mut answers = acting.refusals.clone();
    assert!(answers.len() < calls.len(), "every refusal is met");
    answers.resize(calls.len(), Ok(()));
    let (answer, acted) = evaluate(guest, acting);
    assert_eq!(format!("{answer:?}"), needs(0, "cloud"));
    same(&acted.stored_text(), &actions_text(&calls, &answers), "cloud");
    let why = format!("why {TEXT}");
    let want: Vec<_> =
        calls.into_iter().map(|(name, target)| (name, target, why.clone())).collect();
    assert!(acted.asked == want, "what was asked of the cloud");

    let mut answers: Vec<Result<(), MemoryError>> =
        vec![Ok(()), Err(MemoryError::TooLarge(0)), Err(MemoryError::TooLarge(u64::MAX))];
    answers.extend(extremes::texts().into_iter().map(|text| Err(MemoryError::Other(text))));
    for kept in answers {
        let (answer, after) = evaluate(guest, Stage { kept: kept.clone(), ..stage("store") });
        assert_eq!(format!("{answer:?}"), needs(0, &outcome(&kept)));
        assert_eq!(after.stored, [Vec::<u8>::new()]);
    }
}

/// Every text of an export, not cut or cleaned by any host.
pub(crate) fn texts(guest: &Guest) {
    let described = guest.actor().describe(stage("")).unwrap();
    assert_eq!(described.name, format!("conformance {TEXT}"));
    assert_eq!(described.version, format!("0.1.0+{TEXT}"));
    assert_eq!(described.summary, format!("Says back what it is told: {TEXT}."));
    let schema = format!(r#"{{"title":"{TEXT}","type":"object"}}"#);
    assert_eq!(described.settings_schema, Some(schema));

    let validate = |settings: &str| guest.actor().validate(stage(""), settings).unwrap();
    for text in extremes::texts() {
        let settings = format!(r#"{{"mode":"problems","text":"{text}"}}"#);
        let problem = |path: &str, message: &str| SettingProblem {
            path: path.to_owned(),
            message: message.to_owned(),
        };
        let want = [
            problem("", &format!("whole: {TEXT}")),
            problem("mode", &settings),
            problem(&format!("a.{TEXT}"), ""),
        ];
        assert_eq!(format!("{:?}", validate(&settings).unwrap_err()), format!("{want:?}"));
    }
    assert!(validate(r#"{"mode":"no-problems"}"#).unwrap_err().is_empty());
    validate("{}").unwrap();

    let answered = |mode: &str| evaluate(guest, stage(mode));
    assert_eq!(format!("{:?}", answered("low").0), needs(i32::MIN, ""));
    assert_eq!(format!("{:?}", answered("high").0), needs(i32::MAX, &"🦀".repeat(1000)));
    let logged = answered("log").1.logged;
    let want = [
        (Level::Debug, format!("debug: {TEXT}")),
        (Level::Info, format!("info: {TEXT}")),
        (Level::Warn, format!("warn: {TEXT}")),
        (Level::Error, format!("error: {TEXT}")),
        (Level::Info, String::new()),
    ];
    assert_eq!(format!("{logged:?}"), format!("{want:?}"));
}
