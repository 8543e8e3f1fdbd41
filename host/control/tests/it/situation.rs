//! A site at one moment, as text. One fact a line; what is not said is the
//! ordinary case.
//!
//! ```text
//! limits vms=3 vcpus=8 mem=4096 cost=2.5
//! room 0.5
//! image small vcpus=2 mem=1024 cost=0.1 hosts=ocr:1,faces:1 when-idle=terminate
//! profile ocr 1..5 [stale | missing | uncounted] [combine=sum] [weight=3]
//! guards ocr in.stabilisation=5m (see `guard_words`)
//! backlog ocr ready=180 unacked=2 arrivals=1.5
//! vm a small running load=1.2 age=2h ocr=idle:10m ocr=busy faces=unknown
//! says ocr threshold -1 suspend:a stop:b
//! says ocr other fail
//! says ocr third by threshold +1
//! shadow ocr new +3 launch:small
//! under-way start a ocr
//! failed launch small quota
//! held-up ocr 3
//! seen-since 2h           (the same list of machines was seen so long ago)
//! cloud missing
//! consumers missing
//! ```
//!
//! The n-th worker of a machine `a` is called `a.n`. A worker is `idle:TIME`,
//! `busy`, `unknown`, `draining`, `booting` (young and not on the broker) or
//! `silent` (old and not on the broker), or `behind-nat` (on it under another address).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hooke_control::action::{Action, Intent};
use hooke_control::answer::{Absent, Answer, PolicyFailure, Verdict, Wish};
use hooke_control::combine::Combine;
use hooke_control::fleet::{SeenVm, SeenWorker, WorkerPhase};
use hooke_control::ids::{
    ImageName, IntentKey, PolicyName, ProfileName, QueueName, SiteName, VmId, WorkerId,
};
use hooke_control::ledger::Ledger;
use hooke_control::observe::{self, Observation, SourceObservation};
use hooke_control::planner::{self, Answers, Naming, Plan, Said};
use hooke_control::queue::{Activity, Consumer, Missing, QueueFacts, SourceReading};
use hooke_control::snapshot::Snapshot;
use hooke_control::spec::{
    Binding, Bounds, Guards, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle,
};
use hooke_control::units::Timestamp;

use crate::guard_words::guards;
use crate::shown::show;
use crate::words::{action, failure, pairs, request, span, state};

pub(crate) const START: Timestamp = Timestamp::from_millis(1_000_000_000);

/// A site at one moment.
pub(crate) struct Situation {
    pub(crate) site: SiteSpec,
    pub(crate) observation: Observation,
    pub(crate) answers: Answers,
    pub(crate) shadows: Answers,
    pub(crate) ledger: Ledger,
    pub(crate) now: Timestamp,
    stale: Vec<QueueName>,
    consumers: Vec<Consumer>,
    consumers_missing: bool,
    seen_since: Option<Duration>,
}

/// Reads a situation as it is at `now`.
pub(crate) fn situation(text: &str, now: Timestamp) -> Situation {
    let mut read = Situation {
        site: site(),
        observation: Observation { cloud: Ok(Vec::new()), sources: Vec::new() },
        answers: Answers::new(),
        shadows: Answers::new(),
        ledger: Ledger::default(),
        now,
        stale: Vec::new(),
        consumers: Vec::new(),
        consumers_missing: false,
        seen_since: None,
    };
    let mut queues = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "limits" => read.limits(&words[1..]),
            "room" => read.site.cpu_buffer_room = words[1].parse().unwrap(),
            "every" => read.site.every = span(words[1]),
            "drain-deadline" => read.site.drain_deadline = span(words[1]),
            "image" => read.image(&words[1..]),
            "profile" => read.profile(&words[1..], &mut queues),
            "guards" => read.guards(&words[1..]),
            "backlog" => backlog(&words[1..], &mut queues),
            "vm" => read.vm(&words[1..]),
            "says" => said(&words[1..], &mut read.answers),
            "shadow" => said(&words[1..], &mut read.shadows),
            "under-way" => read.under_way(&words[1..]),
            "failed" => read.failed(&words[1..]),
            "held-up" => read.held_up(&words[1..]),
            "seen-since" => read.seen_since = Some(span(words[1])),
            "cloud" => read.observation.cloud = Err(Missing("the cloud is out".into())),
            "consumers" => read.consumers_missing = true,
            other => panic!("what is {other}? in: {line}"),
        }
    }
    read.finish(queues)
}

fn site() -> SiteSpec {
    SiteSpec {
        name: SiteName::from("east"),
        every: Duration::from_secs(30),
        limits: Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None },
        cpu_buffer_room: 0.5,
        missing_after: Duration::from_secs(300),
        drain_deadline: Duration::from_secs(3600),
        registration_timeout: Duration::from_secs(300),
        images: BTreeMap::new(),
        profiles: BTreeMap::new(),
    }
}

impl Situation {
    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        for queue in &self.stale {
            let facts = facts(Some(0), self.now);
            let at = self.now.minus(Duration::from_secs(60));
            self.ledger.keep_reading(queue.clone(), facts, at);
        }
        let site = Arc::new(self.site.clone());
        let observation = self.observation.clone();
        Arc::new(observe::snapshot(&site, &mut self.ledger, observation, 7, self.now))
    }

    pub(crate) fn plan(&mut self) -> Plan {
        let snapshot = self.snapshot();
        let naming = Naming::new("east", "g", 7);
        planner::plan(snapshot, &self.ledger, &self.said(), naming, self.now)
    }

    pub(crate) fn said(&self) -> Said {
        Said { live: self.answers.clone(), shadows: self.shadows.clone() }
    }

    fn limits(&mut self, words: &[&str]) {
        for (key, value) in pairs(words) {
            let limits = &mut self.site.limits;
            match key {
                "vms" => limits.vms = value.parse().ok(),
                "vcpus" => limits.vcpus = value.parse().ok(),
                "mem" => limits.memory_mib = value.parse().ok(),
                "cost" => limits.cost_per_hour = value.parse().ok(),
                other => panic!("limit {other}"),
            }
        }
    }

    fn image(&mut self, words: &[&str]) {
        let name = ImageName::from(words[0]);
        let mut image = ImageSpec {
            name: name.clone(),
            vcpus: 1,
            memory_mib: 0,
            cost_per_hour: 0.0,
            hosts: BTreeMap::new(),
            when_idle: WhenIdle::Suspend,
        };
        for (key, value) in pairs(&words[1..]) {
            match key {
                "vcpus" => image.vcpus = value.parse().unwrap(),
                "mem" => image.memory_mib = value.parse().unwrap(),
                "cost" => image.cost_per_hour = value.parse().unwrap(),
                "when-idle" => image.when_idle = WhenIdle::Terminate,
                "hosts" => {
                    for hosted in value.split(',') {
                        let (profile, workers) = hosted.split_once(':').unwrap();
                        image.hosts.insert(ProfileName::from(profile), workers.parse().unwrap());
                    }
                }
                other => panic!("image {other}"),
            }
        }
        self.site.images.insert(name, Arc::new(image));
    }

    fn profile(
        &mut self,
        words: &[&str],
        queues: &mut BTreeMap<QueueName, Result<QueueFacts, Missing>>,
    ) {
        let (name, queue) = (ProfileName::from(words[0]), QueueName::from(words[0]));
        let (min, max) = words[1].split_once("..").unwrap();
        let workers = Bounds::new(min.parse().unwrap(), max.parse().unwrap()).unwrap();
        let (mut combine, mut weight) = (Combine::Max, Weight::ONE);
        let mut reading = Ok(facts(Some(0), self.now));
        for word in &words[2..] {
            match word.split_once('=') {
                Some(("combine", rule)) => combine = crate::words::combine(rule),
                Some(("weight", number)) => {
                    weight = Weight::new(number.parse().unwrap()).unwrap();
                }
                _ => reading = self.reading(word, &queue),
            }
        }
        queues.insert(queue.clone(), reading);
        let (queues, policies) = (vec![queue], Vec::new());
        let guards = Guards::default();
        let spec =
            ProfileSpec { name: name.clone(), queues, workers, policies, combine, weight, guards };
        self.site.profiles.insert(name, Arc::new(spec));
    }

    fn reading(&mut self, word: &str, queue: &QueueName) -> Result<QueueFacts, Missing> {
        match word {
            "uncounted" => Ok(facts(None, self.now)),
            "missing" => Err(Missing("the broker is out".into())),
            "stale" => {
                self.stale.push(queue.clone());
                Err(Missing("the broker is out".into()))
            }
            other => panic!("profile {other}"),
        }
    }

    /// Of one profile, whose line stands before.
    fn guards(&mut self, words: &[&str]) {
        let profile = self.site.profiles.get_mut(words[0]).expect("its line stands before");
        Arc::make_mut(profile).guards = guards(&words[1..]);
    }

    fn vm(&mut self, words: &[&str]) {
        let nth = self.observation.cloud.as_ref().map_or(0, Vec::len) as u16;
        let [low, high] = nth.to_le_bytes();
        let address = IpAddr::V4(Ipv4Addr::new(10, 0, high, low));
        let mut vm = SeenVm {
            id: VmId::from(words[0]),
            key: IntentKey::from(format!("key-{}", words[0])),
            image: ImageName::from(words[1]),
            state: state(words[2]),
            launched_at: self.now.minus(Duration::from_secs(24 * 3600)),
            address: Some(address),
            load: None,
            workers: Some(Vec::new()),
        };
        let mut workers = Vec::new();
        for word in &words[3..] {
            match word.split_once('=') {
                None if *word == "hidden" => vm.workers = None,
                Some(("load", load)) => vm.load = load.parse().ok(),
                Some(("key", key)) => vm.key = IntentKey::from(key),
                Some(("age", age)) => vm.launched_at = self.now.minus(span(age)),
                Some((profile, doing)) => {
                    let nth = workers.len() as u16 + 1;
                    let end = SocketAddr::new(address, nth);
                    workers.push(self.worker(words[0], profile, doing, end));
                }
                None => panic!("vm {word}"),
            }
        }
        vm.workers = vm.workers.map(|_| workers);
        if let Ok(vms) = &mut self.observation.cloud {
            vms.push(vm);
        }
    }

    fn worker(&mut self, vm: &str, profile: &str, doing: &str, end: SocketAddr) -> SeenWorker {
        let (doing, time) = doing.split_once(':').unwrap_or((doing, "1h"));
        let ago = |time| self.now.minus(span(time));
        let consumes = match doing {
            "idle" => Some((Some(0), Activity::IdleSince(ago(time)))),
            "draining" => Some((Some(1), Activity::Active)),
            "busy" | "behind-nat" => Some((Some(1), Activity::Active)),
            "unknown" => Some((None, Activity::Unknown)),
            "booting" | "silent" => None,
            other => panic!("worker {other}"),
        };
        let age = if doing == "booting" { "10s" } else { "2h" };
        if let Some((unacked, activity)) = consumes {
            let nat = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
            let host = if doing == "behind-nat" { nat } else { end.ip() };
            let (queue, port) = (QueueName::from(profile), end.port());
            self.consumers.push(Consumer { queue, host, port, unacked, activity });
        }
        SeenWorker {
            id: WorkerId::from(format!("{vm}.{}", end.port())),
            profile: ProfileName::from(profile),
            phase: if doing == "draining" { WorkerPhase::Draining } else { WorkerPhase::Running },
            started_at: ago(age),
            endpoints: if consumes.is_some() { vec![end] } else { Vec::new() },
        }
    }

    fn under_way(&mut self, words: &[&str]) {
        let nth = self.ledger.open().count();
        let key = IntentKey::from(format!("before-{nth}"));
        let (action, at) = (action(words), self.now.minus(Duration::from_secs(10)));
        let intent = Intent { key, action, profile: None, reason: "before".into(), at };
        if matches!(intent.action, Action::StartWorker { .. }) {
            self.ledger.begin_beside(intent, BTreeSet::new());
        } else {
            self.ledger.begin(intent);
        }
    }

    fn held_up(&mut self, words: &[&str]) {
        let mut line = self.ledger.line().clone();
        line.note(ProfileName::from(words[0]), words[1].parse().unwrap());
        self.ledger.keep_line(line);
    }

    fn failed(&mut self, words: &[&str]) {
        let (kind, what) = words.split_last().unwrap();
        let key = IntentKey::from("failed");
        let (action, at) = (action(what), self.now);
        let (profile, reason) = (None, "before".into());
        self.ledger.begin(Intent { key: key.clone(), action, profile, reason, at });
        self.ledger.failed(&key, &failure(kind), self.now);
    }

    fn finish(mut self, queues: BTreeMap<QueueName, Result<QueueFacts, Missing>>) -> Self {
        let out = || Missing("the management API is out".into());
        let missing = self.consumers_missing;
        let consumers = if missing { Err(out()) } else { Ok(std::mem::take(&mut self.consumers)) };
        self.observation.sources.push(SourceObservation {
            queues: queues.keys().cloned().collect(),
            reading: Ok(SourceReading { queues, consumers }),
        });
        if let (Some(ago), Ok(seen)) = (self.seen_since, &self.observation.cloud) {
            self.ledger.settle(seen, self.now.minus(ago));
        }
        // Every profile has the policies that answer for it, or one that does not.
        for (name, profile) in &mut self.site.profiles {
            let asked = self.answers.get(name).map_or(&[][..], Vec::as_slice);
            let asked = asked.iter().map(|answer| answer.named().clone());
            let binding = |policy| Binding { policy, settings: "{}".into() };
            Arc::make_mut(profile).policies = asked.map(binding).collect();
        }
        self
    }
}

fn backlog(words: &[&str], queues: &mut BTreeMap<QueueName, Result<QueueFacts, Missing>>) {
    let Some(Ok(facts)) = queues.get_mut(words[0]) else { panic!("backlog of {}", words[0]) };
    for (key, value) in pairs(&words[1..]) {
        match key {
            "ready" => facts.ready = value.parse().ok(),
            "unacked" => facts.unacked = value.parse().ok(),
            "arrivals" => facts.arrival_rate = value.parse().ok(),
            other => panic!("backlog {other}"),
        }
    }
}

fn facts(ready: Option<u64>, now: Timestamp) -> QueueFacts {
    QueueFacts {
        ready,
        unacked: Some(0),
        consumers: Some(0),
        arrival_rate: Some(0.0),
        service_rate: Some(0.0),
        activity: Activity::IdleSince(now.minus(Duration::from_secs(3600))),
    }
}

fn said(words: &[&str], answers: &mut Answers) {
    let wish = |delta: &str, staged: &[&str]| Wish {
        delta: delta.parse().unwrap(),
        reason: format!("{} said so", words[1]),
        staged: staged.iter().map(|word| request(word)).collect(),
    };
    let named = PolicyName::from(words[1]);
    let absent = Absent { policy: named.clone(), why: "it broke before".into() };
    let (policy, instead_of, what) = match words[2..] {
        ["by", policy, ref what @ ..] => (PolicyName::from(policy), Some(absent), what),
        ref what => (named, None, what),
    };
    let verdict = match what[0] {
        "fail" => Verdict::Failed(PolicyFailure::Trap { why: "it broke".into() }),
        delta => Verdict::Wish(wish(delta, &what[1..])),
    };
    let answer = Answer { instead_of, ..Answer::new(policy, verdict) };
    answers.entry(ProfileName::from(words[0])).or_default().push(answer);
}

/// What is planned in this situation.
pub(crate) fn planned(text: &str) -> String {
    show(&situation(text, START).plan())
}

pub(crate) fn check(text: &str, expected: expect_test::Expect) {
    expected.assert_eq(&planned(text));
}
