//! Every value survives the way into a row and back.

use hooke_control::action::{Action, Failure, Outcome};
use proptest::prelude::*;
use serde::de::DeserializeOwned;

use super::*;

fn action() -> impl Strategy<Value = Action> {
    let text = any::<String>;
    prop_oneof![
        text().prop_map(|image| Action::Launch { image: image.into() }),
        text().prop_map(|vm| Action::Resume { vm: vm.into() }),
        text().prop_map(|vm| Action::Suspend { vm: vm.into() }),
        text().prop_map(|vm| Action::Terminate { vm: vm.into() }),
        (text(), text()).prop_map(|(vm, profile)| Action::StartWorker {
            vm: vm.into(),
            profile: profile.into()
        }),
        (text(), text())
            .prop_map(|(vm, worker)| Action::StopWorker { vm: vm.into(), worker: worker.into() }),
    ]
}

fn failure() -> impl Strategy<Value = Failure> {
    let text = any::<String>;
    prop_oneof![
        (any::<Option<Duration>>(), text())
            .prop_map(|(retry_after, why)| Failure::Throttled { retry_after, why }),
        text().prop_map(|why| Failure::NoCapacity { why }),
        text().prop_map(|why| Failure::QuotaExceeded { why }),
        text().prop_map(|why| Failure::Unauthorized { why }),
        text().prop_map(|why| Failure::NotFound { why }),
        text().prop_map(|why| Failure::Rejected { why }),
        text().prop_map(|why| Failure::Unclear { why }),
    ]
}

fn closing() -> impl Strategy<Value = Closing> {
    let outcome = prop_oneof![
        any::<String>().prop_map(|vm| Outcome::Applied { vm: vm.into() }),
        any::<Option<String>>().prop_map(|vm| Outcome::AlreadyTrue { vm: vm.map(|vm| vm.into()) }),
    ];
    prop_oneof![
        outcome.prop_map(Closing::Done),
        failure().prop_map(Closing::Failed),
        any::<String>().prop_map(|why| Closing::Abandoned { why }),
    ]
}

fn memory() -> impl Strategy<Value = Memory> {
    let wished = (any::<u64>(), any::<u32>()).prop_map(|(at, workers)| {
        let at = Timestamp::from_millis(at);
        Wished { at, workers }
    });
    let trail = prop::collection::vec(wished, 0..5).prop_map(Trail);
    let change = (any::<u64>(), any::<i64>(), any::<Option<String>>()).prop_map(|(at, by, key)| {
        let at = Timestamp::from_millis(at);
        Change { at, by, key: key.map(Into::into) }
    });
    (trail.clone(), trail, prop::collection::vec(change, 0..5))
        .prop_map(|(highest, lowest, changes)| Memory { highest, lowest, changes })
}

/// Through the text of a column and back.
fn through<R: Serialize + DeserializeOwned>(row: R) -> R {
    from_json(&to_json(&row), "a row").unwrap()
}

proptest! {
    #[test]
    fn memories_come_back(memory in memory()) {
        prop_assert_eq!(Memory::from(through(GuardsRow::from(&memory))), memory);
    }

    #[test]
    fn actions_come_back(action in action()) {
        prop_assert_eq!(Action::from(through(ActionRow::from(&action))), action);
    }

    #[test]
    fn closings_come_back(closing in closing()) {
        prop_assert_eq!(Closing::from(through(ClosingRow::from(&closing))), closing);
    }
}

/// What is in files already written; a change here breaks them.
#[test]
fn the_text_is_frozen() {
    let vm = || hooke_control::ids::VmId::from("vm-1");
    let action = Action::StopWorker { vm: vm(), worker: "w-1".into() };
    let throttled = Failure::Throttled {
        retry_after: Some(Duration::from_millis(1500)),
        why: "slow down".to_owned(),
    };
    let closings = [
        Closing::Done(Outcome::Applied { vm: vm() }),
        Closing::Done(Outcome::AlreadyTrue { vm: None }),
        Closing::Failed(throttled),
        Closing::Failed(Failure::NoCapacity { why: "full".to_owned() }),
        Closing::Abandoned { why: "too late".to_owned() },
    ];
    let mut text = to_json(&ActionRow::from(&action));
    for closing in &closings {
        text += "\n";
        text += &to_json(&ClosingRow::from(closing));
    }
    expect_test::expect![[r#"
        {"do":"stop-worker","vm":"vm-1","worker":"w-1"}
        {"done":{"applied":{"vm":"vm-1"}}}
        {"done":{"already-true":{"vm":null}}}
        {"failed":{"kind":"throttled","retry_after":{"secs":1,"nanos":500000000},"why":"slow down"}}
        {"failed":{"kind":"no-capacity","why":"full"}}
        {"abandoned":{"why":"too late"}}"#]]
    .assert_eq(&text);
}
