//! From numbers of workers to machines that have them. Spreads; knows nothing
//! of queues.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, ProfileName, VmId};

use super::{Crew, Doing, Image, Machine, Situation};

/// The workers of a profile, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Serving, proven to do nothing.
    pub idle: u32,
    /// Serving, with work in hand.
    pub busy: u32,
    /// Serving, neither proven.
    pub unknown: u32,
    /// Still to come.
    pub booting: u32,
    /// Leaving.
    pub draining: u32,
    /// Workers on one machine, the last excepted; at least one.
    pub per_machine: u32,
    /// How long the idle ones have been so.
    pub idle_for: Duration,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            idle: 0,
            busy: 0,
            unknown: 0,
            booting: 0,
            draining: 0,
            per_machine: 1,
            idle_for: Situation::IDLE,
        }
    }
}

/// Idle workers share machines with idle ones as far as they go, so that whole
/// machines are idle; booting ones come with booting machines, and what does
/// not fill one starts on a machine that runs.
pub(super) fn employ(situation: &mut Situation, profile: &ProfileName, counts: &Counts) {
    let per_machine = counts.per_machine.max(1);
    let image = image(situation, profile, per_machine);
    let mut add = |state: VmState, crew: Vec<Crew>| {
        let nth = situation.machines.len() + 1;
        let id = VmId::from(format!("vm-{nth:04}"));
        let age = Situation::AGE.max(counts.idle_for);
        let load = measured(state, &crew);
        situation.machines.push(Machine { id, image: image.clone(), state, age, load, crew });
    };
    let crew = |workers, doing| Crew { profile: profile.clone(), workers, doing };
    let serving = [
        crew(counts.idle, Doing::Idle(counts.idle_for)),
        crew(counts.unknown, Doing::Unknown),
        crew(counts.busy, Doing::Busy),
    ];
    let leaving = crew(counts.draining, Doing::Draining);
    let rest = crew(counts.booting % per_machine, Doing::Booting);
    for machine in packed(&serving, per_machine)
        .into_iter()
        .chain(packed(&[leaving], per_machine))
        .chain(packed(&[rest], per_machine))
    {
        add(VmState::Running, machine);
    }
    for _ in 0..counts.booting / per_machine {
        add(VmState::Booting, Vec::new());
    }
}

/// The load that busy workers make: one CPU each. Measured of what runs.
pub(crate) fn measured(state: VmState, crew: &[Crew]) -> Option<f64> {
    let busy = crew.iter().filter(|crew| crew.doing == Doing::Busy).map(|crew| crew.workers);
    (state == VmState::Running).then(|| busy.map(f64::from).sum())
}

/// The workers in order, so many on each machine.
fn packed(crews: &[Crew], per_machine: u32) -> Vec<Vec<Crew>> {
    let mut machines: Vec<Vec<Crew>> = Vec::new();
    let mut room = 0;
    for crew in crews {
        let mut left = crew.workers;
        while left > 0 {
            if room == 0 {
                machines.push(Vec::new());
                room = per_machine;
            }
            let taken = left.min(room);
            if let Some(machine) = machines.last_mut() {
                machine.push(Crew { workers: taken, ..crew.clone() });
            }
            left -= taken;
            room -= taken;
        }
    }
    machines
}

/// The image `small`, of which one machine starts so many workers of the
/// asked profile; for another profile `small-` and its name.
fn image(situation: &mut Situation, profile: &ProfileName, per_machine: u32) -> ImageName {
    let name = if situation.asked().name == *profile {
        ImageName::from("small")
    } else {
        ImageName::from(format!("small-{profile}"))
    };
    if situation.images.iter().all(|image| image.name != name) {
        let hosts = BTreeMap::from([(profile.clone(), per_machine)]);
        situation.images.push(Image { name: name.clone(), vcpus: 2, hosts });
    }
    name
}
