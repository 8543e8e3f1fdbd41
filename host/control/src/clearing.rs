//! Machines that are of no use to anybody: failed ones, and suspended ones that
//! stand in the way of a launch. No worker serves on them, so nobody's work is
//! touched; what may still run there is asked to leave first, as ever.

use crate::draft::Draft;
use crate::fleet::VmState;
use crate::ids::{ProfileName, VmId};
use crate::snapshot::{Occupancy, Vm, Worker};

/// The failed machines, in order of id. They count against the limits until
/// they are gone, and nothing else ever takes them away: after a power cut all
/// of a fleet may be among them. One with a worker that may still have work in
/// hand waits until that is proven idle or gone.
pub fn failed(draft: &Draft) -> Vec<VmId> {
    let idle = |worker: &Worker| matches!(worker.occupancy, Occupancy::Idle { .. });
    let gone = free(draft)
        .filter(|vm| vm.state == VmState::Failed)
        .filter(|vm| vm.workers.iter().all(idle));
    gone.map(|vm| vm.id.clone()).collect()
}

/// A suspended machine whose end makes room for a launch: the one launched
/// first of those that host none of the profiles in need.
pub fn in_the_way(draft: &Draft, needy: &[ProfileName]) -> Option<VmId> {
    free(draft)
        .filter(|vm| vm.state == VmState::Suspended && vm.workers.is_empty())
        .filter(|vm| needy.iter().all(|profile| !vm.image.hosts.contains_key(profile)))
        .min_by(|a, b| a.launched_at.cmp(&b.launched_at).then_with(|| a.id.cmp(&b.id)))
        .map(|vm| vm.id.clone())
}

/// Machines that nothing is under way for, and that are not left alone.
fn free(draft: &Draft) -> impl Iterator<Item = &Vm> {
    draft.snapshot.vms.iter().filter(|vm| draft.obstacle_to_move(&vm.id).is_none())
}
