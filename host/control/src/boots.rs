//! Which machines have come up with all that they start at boot. A cloud calls
//! a machine running long before its workers are; until they are seen, or the
//! registration timeout has passed, it counts as booting, or the same need
//! would be met twice.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::fleet::VmState;
use crate::ids::VmId;
use crate::units::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boot {
    /// It may be on its way; waited for since this moment.
    Since(Timestamp),
    /// It was seen with all its workers, or they were waited for long enough.
    Over,
}

/// Whether the workers of a machine's boot are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crew {
    Complete,
    Incomplete,
}

/// The boots of all machines of a site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Boots(BTreeMap<VmId, Boot>);

impl Boots {
    /// The state to decide by of a machine that is listed as `state`.
    pub(crate) fn state(
        &mut self,
        vm: &VmId,
        (state, launched_at): (VmState, Timestamp),
        crew: Crew,
        timeout: Duration,
        now: Timestamp,
    ) -> VmState {
        let boot = match state {
            VmState::Pending | VmState::Booting | VmState::Suspending | VmState::Suspended => {
                Boot::Since(now)
            }
            VmState::Running => match self.0.get(vm).copied().unwrap_or(Boot::Since(launched_at)) {
                Boot::Since(at) if crew == Crew::Incomplete && now.since(at) < timeout => {
                    Boot::Since(at)
                }
                Boot::Since(_) | Boot::Over => Boot::Over,
            },
            VmState::Draining | VmState::Stopped | VmState::Terminating | VmState::Failed => {
                Boot::Over
            }
        };
        match self.0.get_mut(vm) {
            Some(known) => *known = boot,
            None => {
                self.0.insert(vm.clone(), boot);
            }
        }
        match (state, boot) {
            (VmState::Running, Boot::Since(_)) => VmState::Booting,
            (state, Boot::Since(_) | Boot::Over) => state,
        }
    }

    /// Forgets machines that are gone, once there are more of them than not.
    pub(crate) fn forget_gone(&mut self, machines: usize, listed: impl Fn(&VmId) -> bool) {
        if self.0.len() > machines {
            self.0.retain(|vm, _| listed(vm));
        }
    }
}
