//! From a line to the snapshot it was. What does not fit together is told, not
//! mended.

use super::*;

const STATES: [VmState; 9] = [
    VmState::Pending,
    VmState::Booting,
    VmState::Running,
    VmState::Draining,
    VmState::Suspending,
    VmState::Suspended,
    VmState::Stopped,
    VmState::Terminating,
    VmState::Failed,
];

const QUALITIES: [Quality; 3] = [Quality::Fresh, Quality::Stale, Quality::Missing];

impl TryFrom<Facts> for Snapshot {
    type Error = String;

    fn try_from(facts: Facts) -> Result<Self, String> {
        let (retired, images): (Vec<bool>, Vec<Arc<ImageSpec>>) =
            facts.images.into_iter().map(|image| (image.retired, Arc::new(spec(image)))).unzip();
        let vms: Vec<Vm> =
            facts.vms.into_iter().map(|vm| machine(vm, &images)).collect::<Result<_, _>>()?;
        let views: Vec<ProfileView> =
            facts.profiles.into_iter().map(|p| profile(p, vms.len())).collect::<Result<_, _>>()?;
        let known = images.iter().zip(retired).filter(|(_, retired)| !retired);
        let specs = views.iter().map(|view| (view.spec.name.clone(), Arc::clone(&view.spec)));
        let site = SiteSpec {
            name: SiteName::from(facts.site),
            every: Duration::from_secs(30),
            limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
            cpu_buffer_room: 0.5,
            missing_after: Duration::from_secs(300),
            drain_deadline: Duration::from_secs(600),
            registration_timeout: Duration::from_secs(300),
            images: known.map(|(image, _)| (image.name.clone(), Arc::clone(image))).collect(),
            profiles: specs.collect(),
        };
        let queue = |(name, line): (String, QueueLine)| {
            let values = line.values.map(QueueFacts::from);
            Ok((QueueName::from(name), line.trust.reading(values)?))
        };
        Ok(Self {
            site: Arc::new(site),
            tick: facts.tick,
            now: Timestamp::from_millis(facts.now),
            cloud: facts.cloud.reading(Some(()))?,
            consumers: facts.consumers.into_iter().map(Missing).collect(),
            vms,
            // No policy is told of them.
            slackers: Default::default(),
            late: Default::default(),
            profiles: views.into_iter().map(|view| (view.spec.name.clone(), view)).collect(),
            queues: facts.queues.into_iter().map(queue).collect::<Result<_, String>>()?,
            refused: Refused::default(),
        })
    }
}

impl Trust {
    fn reading<T>(self, value: Option<T>) -> Result<Reading<T>, String> {
        match (self, value) {
            (Self::Fresh, Some(value)) => Ok(Reading::Fresh(value)),
            (Self::Stale { at, why }, Some(value)) => {
                Ok(Reading::Stale(value, Timestamp::from_millis(at), Missing(why)))
            }
            (Self::Missing { why }, _) => Ok(Reading::Missing(Missing(why))),
            (Self::Fresh | Self::Stale { .. }, None) => Err("a reading without values".to_owned()),
        }
    }
}

impl From<Act> for Activity {
    fn from(act: Act) -> Self {
        match act {
            Act::Active => Self::Active,
            Act::Unknown => Self::Unknown,
            Act::IdleSince(at) => Self::IdleSince(Timestamp::from_millis(at)),
        }
    }
}

impl From<Sums> for QueueFacts {
    fn from(sums: Sums) -> Self {
        Self {
            ready: sums.ready,
            unacked: sums.unacked,
            consumers: sums.consumers,
            arrival_rate: sums.arrival_rate.map(|rate| rate.0),
            service_rate: sums.service_rate.map(|rate| rate.0),
            activity: sums.activity.into(),
        }
    }
}

fn spec(image: Image) -> ImageSpec {
    ImageSpec {
        name: ImageName::from(image.name),
        vcpus: image.vcpus,
        memory_mib: 0,
        cost_per_hour: 0.0,
        hosts: image.hosts.into_iter().map(|(name, n)| (ProfileName::from(name), n)).collect(),
        when_idle: WhenIdle::Suspend,
    }
}

fn profile(line: Profile, machines: usize) -> Result<ProfileView, String> {
    let name = ProfileName::from(line.name);
    let workers = Bounds::new(line.min, line.max)
        .ok_or_else(|| format!("profile {name} has a least number above the most"))?;
    if line.vms.iter().any(|at| *at >= machines) {
        return Err(format!("profile {name} has a machine that is not in the list"));
    }
    let quality = QUALITIES.into_iter().find(|quality| quality.as_str() == line.quality);
    let QueueFacts { ready, unacked, consumers, arrival_rate, service_rate, activity } =
        QueueFacts::from(line.sum);
    let backlog = Backlog {
        quality: quality.ok_or_else(|| format!("there is no quality {:?}", line.quality))?,
        age: Duration::from_micros(line.age_us),
        ready,
        unacked,
        consumers,
        arrival_rate,
        service_rate,
        activity,
    };
    let [serving, booting, draining, idle, busy, unknown, idle_beyond_first] = line.counts;
    let binding =
        |policy: String| Binding { policy: PolicyName::from(policy), settings: "{}".to_owned() };
    let spec = ProfileSpec {
        name,
        queues: line.queues.into_iter().map(QueueName::from).collect(),
        workers,
        policies: line.policies.into_iter().map(binding).collect(),
        // Neither is shown to a policy.
        combine: Combine::Max,
        weight: Weight::ONE,
        guards: Default::default(),
    };
    let counts =
        WorkerCounts { serving, booting, draining, idle, busy, unknown, idle_beyond_first };
    Ok(ProfileView { spec: Arc::new(spec), backlog, counts, vms: line.vms })
}

fn machine(line: Machine, images: &[Arc<ImageSpec>]) -> Result<Vm, String> {
    let state = STATES.into_iter().find(|state| state.as_str() == line.state);
    let image = images.get(line.image);
    Ok(Vm {
        key: IntentKey::from(line.id.as_str()),
        image: Arc::clone(image.ok_or_else(|| format!("machine {} has no image", line.id))?),
        state: state.ok_or_else(|| format!("there is no state {:?}", line.state))?,
        id: VmId::from(line.id),
        inside: if line.hidden { Inside::Hidden } else { Inside::Visible },
        launched_at: Timestamp::from_millis(line.launched_at),
        load: line.load.map(|load| load.0),
        workers: line.workers.into_iter().map(worker).collect(),
    })
}

fn worker(line: Hand) -> Worker {
    Worker {
        id: WorkerId::from(line.id),
        profile: ProfileName::from(line.profile),
        stage: match line.stage {
            StageName::Booting => Stage::Booting,
            StageName::Serving => Stage::Serving,
            StageName::Draining => Stage::Draining,
        },
        occupancy: match line.doing {
            Doing::Busy => Occupancy::Busy,
            Doing::Unknown => Occupancy::Unknown,
            Doing::IdleSince(since) => Occupancy::Idle { since: Timestamp::from_millis(since) },
        },
        started_at: Timestamp::from_millis(line.started_at),
    }
}
