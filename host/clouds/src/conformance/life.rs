//! Cases: the life of a machine, and who may see it.

use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::fleet::{SeenVm, VmState};
use hooke_control::ids::SiteName;

use super::Subject;
use super::world::{Kept, World, expect, find, running};
use crate::{Cloud, Inventory};

pub(super) async fn nothing_is_there_at_first<S: Subject>(w: &World<'_, S>) -> Kept {
    let list = w.list().await?;
    expect(list.is_empty(), format!("expected an empty list, got {list:?}"))
}

pub(super) async fn a_launched_machine_comes_to_run<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.applied(&w.launch(), "launch").await?;
    w.until("the machine to be listed", |list| find(list, &vm).is_some()).await?;
    let seen = w.serves(&vm).await?;
    expect(seen.key == w.key("launch"), format!("listed under the key {}", seen.key))?;
    expect(seen.image == w.stage.image, format!("listed with the image {}", seen.image))?;
    expect(seen.workers.is_some() == w.sees_workers(), "workers are listed if they can be seen")
}

pub(super) async fn an_unknown_image_is_refused<S: Subject>(w: &World<'_, S>) -> Kept {
    let action = World::<S>::unknown_image();
    w.fails(&action, "launch", "rejected", |f| matches!(f, Failure::Rejected { .. })).await?;
    w.linger().await;
    let list = w.list().await?;
    expect(list.is_empty(), format!("a refused launch left {list:?}"))
}

pub(super) async fn a_suspended_machine_serves_nothing<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    w.applied(&Action::Suspend { vm: vm.clone() }, "suspend").await?;
    let seen = w.becomes(&vm, VmState::Suspended).await?;
    expect(running(&seen).count() == 0, format!("suspended with workers: {:?}", seen.workers))
}

pub(super) async fn a_resumed_machine_serves_again<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    let before = w.serves(&vm).await?;
    w.applied(&Action::Suspend { vm: vm.clone() }, "suspend").await?;
    w.becomes(&vm, VmState::Suspended).await?;
    w.applied(&Action::Resume { vm: vm.clone() }, "resume").await?;
    let after = w.serves(&vm).await?;
    expect(before.launched_at == after.launched_at, "a resumed machine was launched anew")?;
    let reused = running(&after).any(|new| running(&before).any(|old| old.id == new.id));
    expect(!reused, "a worker's name came back with another process")
}

pub(super) async fn resume_while_suspending_is_the_way_back<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    w.applied(&Action::Suspend { vm: vm.clone() }, "suspend").await?;
    w.applied(&Action::Resume { vm: vm.clone() }, "resume").await?;
    w.serves(&vm).await?;
    w.linger().await;
    w.serves(&vm).await.map(drop)
}

pub(super) async fn a_terminated_machine_goes<S: Subject>(w: &World<'_, S>) -> Kept {
    let (vm, stays) = (w.serving("launch").await?, w.serving("stays").await?);
    w.applied(&Action::Terminate { vm: vm.clone() }, "terminate").await?;
    w.goes(&vm).await?;
    w.already(&Action::Terminate { vm }, "again").await?;
    w.serves(&stays).await.map(drop)
}

pub(super) async fn a_suspended_machine_can_be_terminated<S: Subject>(w: &World<'_, S>) -> Kept {
    let vm = w.serving("launch").await?;
    w.applied(&Action::Suspend { vm: vm.clone() }, "suspend").await?;
    w.becomes(&vm, VmState::Suspended).await?;
    w.applied(&Action::Terminate { vm: vm.clone() }, "terminate").await?;
    w.goes(&vm).await
}

pub(super) async fn a_restarted_host_finds_its_machines_and_can_act<S: Subject>(
    w: &World<'_, S>,
) -> Kept {
    let (one, two) = (w.serving("one").await?, w.serving("two").await?);
    let (before, restarted) = (w.list().await?, w.restarted().await);
    let after = restarted.list().await.unwrap_or_default();
    for vm in [&one, &two] {
        let named = |list: &[SeenVm]| {
            find(list, vm).map(|vm| (vm.key.clone(), vm.launched_at, vm.image.clone()))
        };
        let (was, is) = (named(&before), named(&after));
        expect(was == is, format!("{vm} was {was:?} and after a restart {is:?}"))?;
    }
    expect(after.len() == 2, format!("after a restart there are {after:?}"))?;
    let outcome = restarted.apply(&Action::Terminate { vm: one.clone() }, &w.key("end")).await;
    let done = matches!(&outcome, Ok(Outcome::Applied { vm }) if *vm == one);
    expect(done, format!("after a restart, terminate {one}: {outcome:?}"))?;
    w.goes(&one).await?;
    w.serves(&two).await.map(drop)
}

pub(super) async fn another_site_is_neither_seen_nor_touched<S: Subject>(w: &World<'_, S>) -> Kept {
    let mine = w.serving("launch").await?;
    let other = w.subject.open(&SiteName::from("second")).await;
    let seen = other.list().await;
    let none = matches!(&seen, Ok(list) if list.is_empty());
    expect(none, format!("another site sees {seen:?}"))?;
    let suspended = other.apply(&Action::Suspend { vm: mine.clone() }, &w.key("theirs")).await;
    let refused = matches!(&suspended, Err(e) if matches!(e.failure(), Failure::NotFound { .. }));
    expect(refused, format!("another site suspends {mine}: {suspended:?}"))?;
    let ended = other.apply(&Action::Terminate { vm: mine.clone() }, &w.key("theirs too")).await;
    let nothing = matches!(&ended, Ok(Outcome::AlreadyTrue { .. }));
    expect(nothing, format!("another site terminates {mine}: {ended:?}"))?;
    let launched = other.apply(&w.launch(), &w.key("launch")).await;
    let own = matches!(&launched, Ok(Outcome::Applied { vm }) if *vm != mine);
    expect(own, format!("another site launches under the same key: {launched:?}"))?;
    w.linger().await;
    w.serves(&mine).await?;
    let list = w.list().await?;
    expect(list.len() == 1, format!("the first site sees {list:?}"))
}
