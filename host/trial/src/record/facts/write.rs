//! From a snapshot to its line.

use super::*;

impl From<&Snapshot> for Facts {
    fn from(snapshot: &Snapshot) -> Self {
        let mut images: Vec<&Arc<ImageSpec>> = snapshot.site.images.values().collect();
        let known = images.len();
        let mut vms = Vec::with_capacity(snapshot.vms.len());
        for vm in &snapshot.vms {
            let same = |image: &&Arc<ImageSpec>| image.name == vm.image.name;
            let image = images.iter().position(same).unwrap_or_else(|| {
                images.push(&vm.image);
                images.len() - 1
            });
            vms.push(machine(vm, image));
        }
        let image = |(nth, image): (usize, &&Arc<ImageSpec>)| Image {
            name: image.name.as_str().to_owned(),
            vcpus: image.vcpus,
            hosts: image.hosts.iter().map(|(p, n)| (p.as_str().to_owned(), *n)).collect(),
            retired: nth >= known,
        };
        let queue = |(name, reading): (&QueueName, &Reading<QueueFacts>)| {
            let values = reading.value().map(Sums::from);
            (name.as_str().to_owned(), QueueLine { trust: Trust::of(reading), values })
        };
        Self {
            site: snapshot.site.name.as_str().to_owned(),
            tick: snapshot.tick,
            now: snapshot.now.as_millis(),
            cloud: Trust::of(&snapshot.cloud),
            consumers: snapshot.consumers.iter().map(|why| why.0.clone()).collect(),
            images: images.iter().enumerate().map(image).collect(),
            profiles: snapshot.profiles.values().map(profile).collect(),
            queues: snapshot.queues.iter().map(queue).collect(),
            vms,
        }
    }
}

impl Trust {
    fn of<T>(reading: &Reading<T>) -> Self {
        match reading {
            Reading::Fresh(_) => Self::Fresh,
            Reading::Stale(_, at, why) => Self::Stale { at: at.as_millis(), why: why.0.clone() },
            Reading::Missing(why) => Self::Missing { why: why.0.clone() },
        }
    }
}

impl From<Activity> for Act {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Active => Self::Active,
            Activity::Unknown => Self::Unknown,
            Activity::IdleSince(at) => Self::IdleSince(at.as_millis()),
        }
    }
}

impl From<&QueueFacts> for Sums {
    fn from(facts: &QueueFacts) -> Self {
        Self {
            ready: facts.ready,
            unacked: facts.unacked,
            consumers: facts.consumers,
            arrival_rate: facts.arrival_rate.map(Exact),
            service_rate: facts.service_rate.map(Exact),
            activity: facts.activity.into(),
        }
    }
}

fn profile(view: &ProfileView) -> Profile {
    let (spec, sum, c) = (&view.spec, &view.backlog, view.counts);
    let values = QueueFacts {
        ready: sum.ready,
        unacked: sum.unacked,
        consumers: sum.consumers,
        arrival_rate: sum.arrival_rate,
        service_rate: sum.service_rate,
        activity: sum.activity,
    };
    Profile {
        name: spec.name.as_str().to_owned(),
        queues: spec.queues.iter().map(|queue| queue.as_str().to_owned()).collect(),
        min: spec.workers.min(),
        max: spec.workers.max(),
        policies: spec.policies.iter().map(|b| b.policy.as_str().to_owned()).collect(),
        quality: sum.quality.as_str().to_owned(),
        age_us: u64::try_from(sum.age.as_micros()).unwrap_or(u64::MAX),
        sum: Sums::from(&values),
        counts: [c.serving, c.booting, c.draining, c.idle, c.busy, c.unknown, c.idle_beyond_first],
        vms: view.vms.clone(),
    }
}

fn machine(vm: &Vm, image: usize) -> Machine {
    Machine {
        id: vm.id.as_str().to_owned(),
        image,
        state: vm.state.as_str().to_owned(),
        hidden: vm.inside == Inside::Hidden,
        launched_at: vm.launched_at.as_millis(),
        load: vm.load.map(Exact),
        workers: vm.workers.iter().map(hand).collect(),
    }
}

fn hand(worker: &Worker) -> Hand {
    Hand {
        id: worker.id.as_str().to_owned(),
        profile: worker.profile.as_str().to_owned(),
        stage: match worker.stage {
            Stage::Booting => StageName::Booting,
            Stage::Serving => StageName::Serving,
            Stage::Draining => StageName::Draining,
        },
        doing: match worker.occupancy {
            Occupancy::Busy => Doing::Busy,
            Occupancy::Unknown => Doing::Unknown,
            Occupancy::Idle { since } => Doing::IdleSince(since.as_millis()),
        },
        started_at: worker.started_at.as_millis(),
    }
}
