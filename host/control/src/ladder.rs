//! How one more worker is found: a free slot on a running machine, a suspended
//! machine, a new machine; in this order (Brown Dog, steps 2 to 5).

use std::sync::Arc;

use crate::action::Action;
use crate::draft::{Draft, Shelf, resumable};
use crate::explain::Stage;
use crate::fleet::VmState;
use crate::ids::{ProfileName, VmId};
use crate::ledger::{Ledger, Target};
use crate::share::{Amounts, Caps};
use crate::snapshot::{Inside, ProfileView, Snapshot, Vm};
use crate::spec::ImageSpec;
use crate::staging::Staged;
use crate::units::{Span, Timestamp};

/// Machines that are named one by one when none of them could be resumed; of
/// the others only the number is told. A chain is for reading.
const PASSED_TOLD: usize = 3;

/// One rung that held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Which step of the ladder.
    pub stage: Stage,
    /// What is to be done.
    pub action: Action,
    /// What it was chosen by.
    pub text: String,
}

/// Finds one more worker for a profile, and takes it in the draft. Without one,
/// says of each step why not.
pub fn climb(
    draft: &mut Draft,
    ledger: &Ledger,
    profile: &ProfileName,
    now: Timestamp,
) -> Result<Rung, Vec<(Stage, String)>> {
    let snapshot = draft.snapshot.clone();
    let Some(view) = snapshot.profiles.get(profile) else {
        return Err(Vec::new());
    };
    let mut shelf = draft.take_shelf(view);
    let mut why_not = Vec::new();
    let found = free_slot(draft, &mut shelf, view)
        .or_else(|| suspended(draft, &mut shelf, view))
        .or_else(|| image(draft, ledger, view, &mut why_not, now));
    let found = found.ok_or_else(|| {
        let mut all = vec![(Stage::FreeSlot, no_slot(draft, &shelf))];
        all.extend(none_suspended(&shelf).into_iter().map(|why| (Stage::Resume, why)));
        all.append(&mut why_not);
        all
    });
    draft.put_back(profile, shelf);
    if let Ok(rung) = &found {
        draft.take(&rung.action);
    }
    found
}

/// Takes what a policy asked for by name, or says why it is not to be had.
pub fn honour(
    draft: &mut Draft,
    ledger: &Ledger,
    profile: &ProfileName,
    asked: &Staged,
    now: Timestamp,
) -> Result<Rung, String> {
    let snapshot = draft.snapshot.clone();
    let view =
        snapshot.profiles.get(profile).ok_or_else(|| format!("there is no profile {profile}"))?;
    let (stage, action) = match asked {
        Staged::Launch(name) => {
            let image = snapshot.image(name).filter(|image| image.hosts.contains_key(profile));
            let image = image.ok_or_else(|| format!("no image {name} hosts {profile}"))?;
            if let Some((_, why)) = obstacle(draft, ledger, view, image, now) {
                return Err(why);
            }
            (Stage::Launch, Action::Launch { image: name.clone() })
        }
        Staged::Resume(id) => {
            let vm = machine(draft, &snapshot, profile, id)?;
            if !resumable(vm.state) {
                return Err(format!("{id} is {}, not suspended", vm.state.as_str()));
            }
            if let Some(why) = draft.obstacle_to_move(id) {
                return Err(why);
            }
            fits(draft, view, &vm.image)?;
            (Stage::Resume, Action::Resume { vm: id.clone() })
        }
        Staged::StartWorker(id) => {
            let vm = machine(draft, &snapshot, profile, id)?;
            if vm.state != VmState::Running {
                return Err(format!("{id} is {}, not running", vm.state.as_str()));
            }
            if vm.inside == Inside::Hidden {
                return Err(format!("no single worker can be started on {id}"));
            }
            (Stage::FreeSlot, Action::StartWorker { vm: id.clone(), profile: profile.clone() })
        }
        Staged::Suspend(_) | Staged::Terminate(_) | Staged::StopWorker(_) => {
            return Err("more workers are wanted, not fewer".to_owned());
        }
    };
    draft.take(&action);
    Ok(Rung { stage, action, text: format!("the policy asked to {asked}") })
}

/// A machine that may be used for a profile.
fn machine<'a>(
    draft: &Draft,
    snapshot: &'a Snapshot,
    profile: &ProfileName,
    id: &VmId,
) -> Result<&'a Vm, String> {
    let vm = snapshot.vm(id).ok_or_else(|| format!("there is no machine {id}"))?;
    if !vm.hosts(profile) {
        return Err(format!("{id} does not host {profile}"));
    }
    draft.obstacle(id).map_or(Ok(vm), Err)
}

fn free_slot(draft: &Draft, shelf: &mut Shelf, view: &ProfileView) -> Option<Rung> {
    let profile = &view.spec.name;
    let (room, vm) = shelf.roomiest(draft, profile)?;
    let keep = draft.snapshot.site.cpu_buffer_room;
    let starting = f64::from(vm.image.vcpus) - keep - room - vm.load.unwrap_or_default();
    let starting =
        if starting > 0.5 { format!(" and {starting:.0} starting") } else { String::new() };
    let (id, vcpus) = (&vm.id, vm.image.vcpus);
    let load = vm.load.unwrap_or_default();
    Some(Rung {
        stage: Stage::FreeSlot,
        action: Action::StartWorker { vm: id.clone(), profile: profile.clone() },
        text: format!(
            "{id} has {vcpus} vCPUs, load {load:.2}{starting}; {keep} kept free, {room:.2} left"
        ),
    })
}

fn no_slot(draft: &Draft, shelf: &Shelf) -> String {
    let (full, unmeasured, unavailable) = (shelf.full, shelf.unmeasured, shelf.unavailable);
    if full + unmeasured + unavailable == 0 {
        return "no machine that hosts it is running".to_owned();
    }
    let keep = draft.snapshot.site.cpu_buffer_room;
    let mut parts = Vec::new();
    if full > 0 {
        parts.push(format!("{full} without a free slot (vcpus > load + {keep})"));
    }
    if unmeasured > 0 {
        parts.push(format!("{unmeasured} whose load is not known"));
    }
    if unavailable > 0 {
        parts.push(format!("{unavailable} not available now"));
    }
    format!("of the running machines that host it: {}", parts.join(", "))
}

fn suspended(draft: &Draft, shelf: &mut Shelf, view: &ProfileView) -> Option<Rung> {
    while let Some(at) = shelf.asleep.pop_front() {
        let Some(vm) = draft.snapshot.vms.get(at).filter(|vm| draft.is_free(&vm.id)) else {
            continue;
        };
        match fits(draft, view, &vm.image) {
            Err(why) => shelf.passed.push(format!("{} {why}", vm.id)),
            Ok(()) => {
                return Some(Rung {
                    stage: Stage::Resume,
                    action: Action::Resume { vm: vm.id.clone() },
                    text: format!("{} is {}", vm.id, vm.state.as_str()),
                });
            }
        }
    }
    None
}

fn none_suspended(shelf: &Shelf) -> Vec<String> {
    if shelf.passed.is_empty() {
        return vec!["no machine that hosts it is suspended".to_owned()];
    }
    let mut told: Vec<String> = shelf.passed.iter().take(PASSED_TOLD).cloned().collect();
    let more = shelf.passed.len() - told.len();
    if more > 0 {
        told.push(format!("and {more} more were passed over"));
    }
    told
}

fn image(
    draft: &Draft,
    ledger: &Ledger,
    view: &ProfileView,
    why_not: &mut Vec<(Stage, String)>,
    now: Timestamp,
) -> Option<Rung> {
    if let Some(why) = all_paused(ledger, now) {
        why_not.push((Stage::Launch, why));
        return None;
    }
    for image in draft.images_of(&view.spec.name) {
        match obstacle(draft, ledger, view, image, now) {
            Some((stage, why)) => why_not.push((stage, why)),
            None => {
                let workers = workers(image, view);
                let text = format!("image {} starts {workers} at boot", image.name);
                let action = Action::Launch { image: image.name.clone() };
                return Some(Rung { stage: Stage::Launch, action, text });
            }
        }
    }
    None
}

/// Why nothing at all is launched now.
fn all_paused(ledger: &Ledger, now: Timestamp) -> Option<String> {
    let pause = ledger.pause(&Target::Launches, now)?;
    let wait = Span(pause.until.since(now));
    Some(format!("no image is launched for {wait}: {}", pause.why))
}

/// Why an image cannot be launched for a profile now.
fn obstacle(
    draft: &Draft,
    ledger: &Ledger,
    view: &ProfileView,
    image: &ImageSpec,
    now: Timestamp,
) -> Option<(Stage, String)> {
    let name = &image.name;
    if let Some(why) = all_paused(ledger, now) {
        return Some((Stage::Launch, why));
    }
    if let Some(pause) = ledger.pause(&Target::Image(name.clone()), now) {
        let wait = Span(pause.until.since(now));
        return Some((
            Stage::Launch,
            format!("image {name} is not launched for {wait}: {}", pause.why),
        ));
    }
    if workers(image, view) == 0 {
        return Some((Stage::Launch, format!("image {name} starts none at boot")));
    }
    if let Err(why) = fits(draft, view, image) {
        return Some((Stage::Launch, format!("image {name} {why}")));
    }
    let mut usage = draft.usage;
    usage.add(image);
    // The operator's own minimum goes before any room that is kept.
    let below = draft.capacity(&view.spec.name) < view.spec.workers.min();
    let kept = || draft.kept_from(image).filter(|_| !below);
    let over = usage.over(&draft.snapshot.site.limits).or_else(kept)?;
    Some((Stage::Limits, format!("image {name}: {over}")))
}

/// The machines that limits alone keep a profile from, the one that needs the
/// least room first.
pub(crate) fn held_up(
    draft: &Draft,
    ledger: &Ledger,
    profile: &ProfileName,
    now: Timestamp,
) -> Vec<Arc<ImageSpec>> {
    let Some(view) = draft.snapshot.profiles.get(profile) else { return Vec::new() };
    let caps = Caps::of(&draft.snapshot.site.limits);
    let by_limits = |image: &&Arc<ImageSpec>| {
        obstacle(draft, ledger, view, image, now).is_some_and(|(stage, _)| stage == Stage::Limits)
    };
    let mut images: Vec<_> = draft.images_of(profile).iter().filter(by_limits).collect();
    images.sort_by_key(|image| (Amounts::of(image).dominant(&caps).0, &image.name));
    images.into_iter().map(Arc::clone).collect()
}

fn workers(image: &ImageSpec, view: &ProfileView) -> u32 {
    image.hosts.get(&view.spec.name).copied().unwrap_or(0)
}

/// Whether the workers that a machine brings stay within the profile's maximum.
/// The other profiles on it do not veto: their surplus goes by scale in.
fn fits(draft: &Draft, view: &ProfileView, image: &ImageSpec) -> Result<(), String> {
    let (brings, max) = (workers(image, view), view.spec.workers.max());
    let has = draft.capacity(&view.spec.name);
    if has.saturating_add(brings) <= max {
        return Ok(());
    }
    let would = has.saturating_add(brings);
    Err(format!("starts {brings} at boot: that would make {would}, and workers.max is {max}"))
}
