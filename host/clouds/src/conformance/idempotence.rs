//! Cases: a key acts at most once, and doing is told apart from doing nothing.

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::fleet::VmState;
use hooke_control::ids::{ProfileName, VmId};

use super::Subject;
use super::world::{Broken, Kept, World, expect, find};
use crate::Cloud;

pub(super) async fn one_key_is_one_machine<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.applied(&w.launch(), "launch").await?;
    w.already(&w.launch(), "launch").await?;
    w.serves(&vm).await?;
    w.already(&w.launch(), "launch").await?;
    alone(w).await
}

pub(super) async fn one_key_at_the_same_time_is_one_machine<S: Subject>(w: &World<'_, S>) -> Kept {
    let (launch, key, second) = (w.launch(), w.key("launch"), w.restarted().await);
    let (a, b, c, d) = tokio::join!(
        w.cloud.apply(&launch, &key),
        second.apply(&launch, &key),
        w.cloud.apply(&launch, &key),
        second.apply(&launch, &key),
    );
    let outcomes = [a, b, c, d];
    let applied = outcomes.iter().filter(|o| matches!(o, Ok(Outcome::Applied { .. }))).count();
    let already = outcomes.iter().filter(|o| matches!(o, Ok(Outcome::AlreadyTrue { .. }))).count();
    expect((applied, already) == (1, 3), format!("expected to be applied once: {outcomes:?}"))?;
    alone(w).await
}

pub(super) async fn one_key_is_one_machine_across_restarts<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.applied(&w.launch(), "launch").await?;
    let again = w.restarted().await.apply(&w.launch(), &w.key("launch")).await;
    let same = matches!(&again, Ok(Outcome::AlreadyTrue { vm: Some(again) }) if *again == vm);
    expect(same, format!("launched {vm}, and after a restart {again:?}"))?;
    alone(w).await
}

pub(super) async fn two_keys_are_two_machines<S: Subject>(w: &World<'_, S>) -> Kept {
    let (one, two) = (w.serving("one").await?, w.serving("two").await?);
    expect(one != two, format!("both are {one}"))?;
    let list = w.list().await?;
    expect(list.len() == 2, format!("expected two machines, got {list:?}"))
}

pub(super) async fn a_key_is_spent_for_ever<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    w.applied(&Action::Terminate { vm: vm.clone() }, "terminate").await?;
    w.goes(&vm).await?;
    w.already(&w.launch(), "launch").await?;
    w.linger().await;
    let list = w.list().await?;
    expect(list.is_empty(), format!("a spent key launched {list:?}"))?;
    let next = w.serving("next").await?;
    expect(next != vm, format!("the name {vm} came back"))
}

pub(super) async fn an_old_key_does_not_act_again<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    let suspend = Action::Suspend { vm: vm.clone() };
    w.applied(&suspend, "suspend").await?;
    w.becomes(&vm, VmState::Suspended).await?;
    w.applied(&Action::Resume { vm: vm.clone() }, "resume").await?;
    w.serves(&vm).await?;
    w.already(&suspend, "suspend").await?;
    w.linger().await;
    w.serves(&vm).await.map(drop)
}

pub(super) async fn what_is_so_already_is_told_apart<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    w.already(&Action::Resume { vm: vm.clone() }, "resume of a running one").await?;
    w.applied(&Action::Suspend { vm: vm.clone() }, "suspend").await?;
    w.becomes(&vm, VmState::Suspended).await?;
    w.already(&Action::Suspend { vm: vm.clone() }, "suspend again").await?;
    w.linger().await;
    let list = w.list().await?;
    let still = find(&list, &vm).is_some_and(|vm| vm.state == VmState::Suspended);
    expect(still, format!("suspended twice and then {list:?}"))
}

pub(super) async fn what_never_was_cannot_be_acted_upon<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = VmId::from("vm-that-never-was");
    let profile = ProfileName::from("ocr");
    w.already(&Action::Terminate { vm: vm.clone() }, "terminate").await?;
    for (step, action) in [
        ("suspend", Action::Suspend { vm: vm.clone() }),
        ("resume", Action::Resume { vm: vm.clone() }),
        ("start", Action::StartWorker { vm, profile }),
    ] {
        w.fails(&action, step, "not found", |f| matches!(f, Failure::NotFound { .. })).await?;
    }
    Ok(())
}

/// Waits until one machine serves, and looks whether there is another.
async fn alone<S: Subject>(w: &World<'_, S>) -> Kept {
    w.linger().await;
    let list = w.list().await?;
    let [only] = list.as_slice() else {
        return Err(Broken(format!("expected one machine, got {list:?}")));
    };
    w.serves(&only.id).await.map(drop)
}
