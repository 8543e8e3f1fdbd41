//! Stop the world: a site of which too many machines are out of order has a
//! trouble that more or fewer machines do not mend (cluster-autoscaler).
//! Ends no machine itself.

use super::{Case, Ruling};
use crate::explain::Direction;
use crate::fleet::VmState;
use crate::snapshot::{Snapshot, count};

/// Holds while too many of the site's machines are unready; only the minimum
/// is kept up.
pub(super) fn judge(case: &Case<'_>, wanted: u32) -> Option<Ruling> {
    let limit = case.guards.unready;
    let (unready, all) = counted(case.snapshot);
    if unready <= limit.number || !limit.percent.is_exceeded_by(unready, all) {
        return None;
    }
    let kept = match case.direction(wanted) {
        Direction::Hold => return None,
        Direction::In => case.capacity,
        Direction::Out => wanted.min(case.at_least()),
    };
    if kept == wanted {
        return None;
    }
    let (percent, number) = (limit.percent.get(), limit.number);
    let why = format!(
        "{unready} of {all} machines have failed or never registered a worker, more than {percent} % and {number}: the site stands still but for workers.min (guards.unready)"
    );
    Some(case.ruling(wanted, kept, why))
}

/// The machines that are unready, and all that serve or are to.
fn counted(snapshot: &Snapshot) -> (u32, u32) {
    let unready = |state: VmState, slack: bool| match state {
        VmState::Failed => true,
        VmState::Running => slack,
        VmState::Pending
        | VmState::Booting
        | VmState::Draining
        | VmState::Suspending
        | VmState::Suspended
        | VmState::Stopped
        | VmState::Terminating => false,
    };
    let serves = |state: VmState| match state {
        VmState::Pending | VmState::Booting | VmState::Running | VmState::Failed => true,
        VmState::Draining
        | VmState::Suspending
        | VmState::Suspended
        | VmState::Stopped
        | VmState::Terminating => false,
    };
    let vms = || snapshot.vms.iter();
    let bad = vms().filter(|vm| unready(vm.state, snapshot.slackers.contains(&vm.id)));
    (count(bad), count(vms().filter(|vm| serves(vm.state))))
}
