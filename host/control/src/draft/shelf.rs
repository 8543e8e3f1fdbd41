//! The machines that may give a profile one more worker, in the order in which
//! they are tried. Built once a plan; what has become worse since is found out
//! when it is taken, so that a plan of many steps looks at no machine twice.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

use super::Draft;
use crate::fleet::VmState;
use crate::ids::ProfileName;
use crate::snapshot::{Inside, ProfileView, Vm};

/// The candidates of one profile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    /// Running machines with a free slot, the one with the most room on top.
    slots: BinaryHeap<Slot>,
    /// Positions of suspended machines, the quickest to have back first.
    pub(crate) asleep: VecDeque<usize>,
    /// Why suspended machines were passed over.
    pub(crate) passed: Vec<String>,
    /// Running machines, by why they have no free slot; for the explanation.
    pub(crate) full: u32,
    pub(crate) unmeasured: u32,
    pub(crate) unavailable: u32,
}

/// A machine with room; more room is greater, then the earlier machine.
#[derive(Debug, Clone, Copy)]
struct Slot {
    room: f64,
    at: Reverse<usize>,
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        self.room.total_cmp(&other.room).then_with(|| self.at.cmp(&other.at))
    }
}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Slot {}

impl Shelf {
    pub(super) fn new(draft: &Draft, view: &ProfileView) -> Self {
        let mut shelf = Self::default();
        let mut asleep = Vec::new();
        for &at in &view.vms {
            let Some(vm) = draft.snapshot.vms.get(at) else { continue };
            if !vm.hosts(&view.spec.name) {
                continue;
            }
            if vm.state == VmState::Running {
                shelf.put(draft, vm, at);
            } else if super::resumable(vm.state) && !draft.is_touched(&vm.id) {
                match draft.obstacle_to_move(&vm.id) {
                    None => asleep.push((vm.state != VmState::Suspending, at)),
                    Some(why) => shelf.passed.push(why),
                }
            }
        }
        // One that is still on its way to suspension is the quickest to have back.
        asleep.sort_unstable();
        shelf.asleep = asleep.into_iter().map(|(_, at)| at).collect();
        shelf
    }

    fn put(&mut self, draft: &Draft, vm: &Vm, at: usize) {
        if vm.inside == Inside::Hidden || !draft.is_free(&vm.id) {
            self.unavailable += 1;
            return;
        }
        match draft.room(vm) {
            None => self.unmeasured += 1,
            Some(room) if room > 0.0 => self.slots.push(Slot { room, at: Reverse(at) }),
            Some(_) => self.full += 1,
        }
    }

    /// The machine with the most room now, and that room.
    pub(crate) fn roomiest<'a>(
        &mut self,
        draft: &'a Draft,
        profile: &ProfileName,
    ) -> Option<(f64, &'a Vm)> {
        while let Some(slot) = self.slots.pop() {
            let Some(vm) = draft.snapshot.vms.get(slot.at.0) else { continue };
            if !draft.is_free(&vm.id) || !vm.hosts(profile) {
                self.unavailable += 1;
                continue;
            }
            match draft.room(vm).filter(|room| *room > 0.0) {
                // Room only shrinks while a plan is made: the top of what was
                // is the top of what is if it has not changed itself.
                Some(room) => {
                    self.slots.push(Slot { room, ..slot });
                    if room.total_cmp(&slot.room) == Ordering::Equal {
                        return Some((room, vm));
                    }
                }
                None => self.full += 1,
            }
        }
        None
    }
}
