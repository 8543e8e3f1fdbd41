//! One virtual machine.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use hooke_control::fleet::VmState;
use hooke_control::ids::{IntentKey, VmId};
use hooke_control::units::Timestamp;

use super::worker::WorkerNo;
use crate::chance::Stream;
use crate::spec::WorldParts;

/// A machine's number; never used again.
pub(super) type MachineNo = u32;

/// Whether the workers of a machine find the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registration {
    Works,
    /// A slacker.
    Never,
}

/// One machine.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) id: VmId,
    pub(super) key: IntentKey,
    pub(super) image: usize,
    pub(super) state: VmState,
    /// Raised with every change of state, so that what was planned for the
    /// state before does not happen.
    pub(super) epoch: u32,
    pub(super) launched_at: Timestamp,
    /// From the end of pending until it runs.
    pub(super) boot: Duration,
    pub(super) registration: Registration,
    pub(super) workers: BTreeSet<WorkerNo>,
    /// Since when it costs money without having been charged.
    pub(super) billed_since: Option<Timestamp>,
    pub(super) stream: Stream,
    pub(super) address: Ipv4Addr,
    ports: u16,
}

impl Machine {
    /// A machine as the cloud has just accepted it.
    pub(super) fn new(
        parts: &WorldParts,
        no: MachineNo,
        key: IntentKey,
        image: usize,
        now: Timestamp,
    ) -> Self {
        Self {
            id: VmId::from(format!("{}-vm-{no}", parts.site)),
            key,
            image,
            state: VmState::Pending,
            epoch: 0,
            launched_at: now,
            boot: Duration::ZERO,
            registration: Registration::Works,
            workers: BTreeSet::new(),
            billed_since: None,
            address: address(no),
            ports: 0,
            // By number: what the site is called makes no difference.
            stream: Stream::of(parts.seed, "machine", &no.to_string()),
        }
    }

    /// The next port of an outgoing connection: the range that Linux uses,
    /// over and over again.
    pub(super) const fn port(&mut self) -> u16 {
        const FIRST: u16 = 32_768;
        const COUNT: u16 = 28_232;
        let port = FIRST + self.ports % COUNT;
        self.ports = (self.ports + 1) % COUNT;
        port
    }
}

/// Machine `no` in 10.0.0.0/8. Addresses repeat after 16 million machines.
fn address(no: MachineNo) -> Ipv4Addr {
    let [_, a, b, c] = no.to_be_bytes();
    Ipv4Addr::new(10, a, b, c)
}

/// Whether a machine in this state costs money: from the moment the cloud
/// begins to build it, other than while it is suspended.
pub(super) const fn billed(state: VmState) -> bool {
    match state {
        VmState::Pending | VmState::Suspended | VmState::Stopped => false,
        VmState::Booting
        | VmState::Running
        | VmState::Draining
        | VmState::Suspending
        | VmState::Terminating
        | VmState::Failed => true,
    }
}
