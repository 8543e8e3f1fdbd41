//! What a world is made of, checked once: a [`WorldSpec`] that exists can be
//! run. Holds no state.

use std::collections::BTreeMap;
use std::time::Duration;

use hooke_control::ids::{ImageName, ProfileName, QueueName, SiteName};
use hooke_control::spec::ImageSpec;

use crate::chance::{Between, Probability, ServiceTime};
use crate::faults::Faults;
use crate::workload::Workload;

/// What machines of one image are like.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageModel {
    /// Virtual CPUs of one machine; at least 1.
    pub vcpus: u32,
    /// Memory of one machine in MiB; 0 when it does not matter.
    pub memory_mib: u64,
    /// What one machine costs an hour; finite, not negative.
    pub cost_per_hour: f64,
    /// The profiles that run on it, and the workers of each that start at boot.
    pub hosts: BTreeMap<ProfileName, u32>,
    /// From the call that launches until the machine runs. The first tenth of
    /// it the machine is pending.
    pub boot_time: Between,
    /// From the call that resumes until the machine runs.
    pub resume_time: Duration,
    /// How likely a launch is refused for want of capacity.
    pub launch_failure_rate: Probability,
}

impl ImageModel {
    /// The model of an image that a site file describes.
    pub fn of(spec: &ImageSpec, boot_time: Between, resume_time: Duration) -> Self {
        Self {
            vcpus: spec.vcpus,
            memory_mib: spec.memory_mib,
            cost_per_hour: spec.cost_per_hour,
            hosts: spec.hosts.clone(),
            boot_time,
            resume_time,
            launch_failure_rate: Probability::NEVER,
        }
    }
}

/// What comes to one queue, and how long each message takes a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueModel {
    /// What arrives.
    pub workload: Workload,
    /// How long a worker has a message in hand. Drawn when the message
    /// arrives, so that two policies face the same work.
    pub service_time: ServiceTime,
}

/// The parts of a world, before they are checked against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldParts {
    /// Whose world it is: the names of its machines begin with it, so that two
    /// sites never have a machine of the same name.
    pub site: SiteName,
    /// Everything that is drawn, is drawn from this.
    pub seed: u64,
    /// The queues.
    pub queues: BTreeMap<QueueName, QueueModel>,
    /// Which queues the workers of a profile take from; at least one.
    pub profiles: BTreeMap<ProfileName, Vec<QueueName>>,
    /// What machines are launched from.
    pub images: BTreeMap<ImageName, ImageModel>,
    /// The most machines that may exist, in whatever state.
    pub quota_vms: Option<u32>,
    /// From a worker's start until it is connected to the broker.
    pub registration_time: Between,
    /// What the source says is up to this old, as a broker's statistics are
    /// (5 s for RabbitMQ); zero is always up to date. At least 1 s otherwise.
    pub source_lag: Duration,
    /// Time between two points of the series; at least 1 s.
    pub sample_every: Duration,
    /// What goes wrong.
    pub faults: Faults,
}

impl WorldParts {
    /// No queues, profiles or images yet; no quota, no lag, no faults; workers
    /// register within 1 to 3 s; one sample a minute.
    pub fn new(site: SiteName, seed: u64) -> Self {
        Self {
            site,
            seed,
            queues: BTreeMap::new(),
            profiles: BTreeMap::new(),
            images: BTreeMap::new(),
            quota_vms: None,
            registration_time: Between::new(Duration::from_secs(1), Duration::from_secs(3))
                .expect("one is not above three"),
            source_lag: Duration::ZERO,
            sample_every: Duration::from_mins(1),
            faults: Faults::NONE,
        }
    }
}

/// A world that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldSpec(WorldParts);

impl WorldSpec {
    /// Checks the parts.
    ///
    /// # Errors
    ///
    /// Every problem there is, not only the first.
    pub fn new(parts: WorldParts) -> Result<Self, SpecError> {
        let mut problems = Vec::new();
        check_profiles(&parts, &mut problems);
        check_images(&parts, &mut problems);
        check_times(&parts, &mut problems);
        if problems.is_empty() { Ok(Self(parts)) } else { Err(SpecError { problems }) }
    }

    /// What it was made of.
    pub const fn parts(&self) -> &WorldParts {
        &self.0
    }
}

/// Why some parts do not make a world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a world: {}", problems.join("; "))]
pub struct SpecError {
    /// One sentence each.
    pub problems: Vec<String>,
}

fn check_profiles(parts: &WorldParts, problems: &mut Vec<String>) {
    for (profile, queues) in &parts.profiles {
        if queues.is_empty() {
            problems.push(format!("profile {profile} serves no queue"));
        }
        for queue in queues.iter().filter(|queue| !parts.queues.contains_key(*queue)) {
            problems.push(format!("profile {profile} serves queue {queue}, which is not there"));
        }
    }
}

fn check_images(parts: &WorldParts, problems: &mut Vec<String>) {
    for (name, image) in &parts.images {
        if image.vcpus == 0 {
            problems.push(format!("image {name} has no vCPU"));
        }
        if !image.cost_per_hour.is_finite() || image.cost_per_hour < 0.0 {
            problems.push(format!("image {name} costs {} an hour", image.cost_per_hour));
        }
        for profile in image.hosts.keys().filter(|name| !parts.profiles.contains_key(*name)) {
            problems.push(format!("image {name} hosts profile {profile}, which is not there"));
        }
    }
}

fn check_times(parts: &WorldParts, problems: &mut Vec<String>) {
    const SECOND: Duration = Duration::from_secs(1);
    let crashes = parts.faults.worker_crashes_per_hour;
    if !crashes.is_finite() || crashes < 0.0 {
        problems.push(format!("workers crash {crashes} times an hour"));
    }
    if parts.sample_every < SECOND {
        problems.push("samples are less than 1 s apart".to_owned());
    }
    if !parts.source_lag.is_zero() && parts.source_lag < SECOND {
        problems.push("the source lags by less than 1 s, and not by zero".to_owned());
    }
    if parts.faults.slow_boots.factor == 0 {
        problems.push("a slow boot takes no time at all".to_owned());
    }
}
