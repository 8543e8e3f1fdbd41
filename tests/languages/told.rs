//! All that a guest can be told in one evaluation, and the text that it has to
//! make of it.

use std::collections::BTreeMap;

use crate::contract::{
    BacklogSums, MetricsError, Queue, Refusal, Text, Vm, WorkerBounds, WorkerCounts, outcome,
};

/// Characters of two, three and four bytes.
pub(crate) const TEXT: &str = "é漢🦀";

/// What the two questions about idle machines are asked with.
pub(crate) const IDLE_ASKED: [(u64, u32); 2] = [(0, u32::MAX), (u64::MAX, 0)];

/// What a guest is told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) settings: String,
    /// The profile asked about.
    pub(crate) asked: String,
    /// Which levels are kept, from `debug` on.
    pub(crate) enabled: [bool; 4],
    pub(crate) memory: Option<Vec<u8>>,
    pub(crate) now_ms: u64,
    pub(crate) site: String,
    pub(crate) profiles: Vec<String>,
    /// The answers about a profile; of others nothing is known.
    pub(crate) about: BTreeMap<String, About>,
}

type Answer<T> = Result<T, MetricsError>;

/// The answers about one profile.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) bounds: Answer<WorkerBounds>,
    pub(crate) backlog: Answer<BacklogSums>,
    pub(crate) workers: Answer<WorkerCounts>,
    pub(crate) queues: Answer<Vec<Queue>>,
    pub(crate) vms: Answer<Vec<Vm>>,
    /// In the order of [`IDLE_ASKED`].
    pub(crate) idle_vms: [Answer<Vec<Vm>>; 2],
}

impl About {
    /// The answers about a profile that the site does not have.
    pub(crate) fn nobody(profile: &str) -> Self {
        let unknown = || MetricsError::UnknownProfile(profile.to_owned());
        Self {
            bounds: Err(unknown()),
            backlog: Err(unknown()),
            workers: Err(unknown()),
            queues: Err(unknown()),
            vms: Err(unknown()),
            idle_vms: [Err(unknown()), Err(unknown())],
        }
    }

    fn text(&self) -> String {
        let Self { bounds, backlog, workers, queues, vms, idle_vms: [idle_all, idle_none] } = self;
        [
            one("bounds", bounds),
            one("backlog", backlog),
            one("workers", workers),
            many("queues", queues),
            many("vms", vms),
            many("idle-vms", idle_all),
            many("idle-vms", idle_none),
        ]
        .concat()
    }
}

impl Told {
    /// The answers about a profile.
    pub(crate) fn about(&self, profile: &str) -> About {
        self.about.get(profile).cloned().unwrap_or_else(|| About::nobody(profile))
    }

    /// What the guest has to say of it.
    pub(crate) fn facts(&self) -> String {
        let [debug, info, warn, error] = self.enabled;
        let head = [
            format!("settings {}", self.settings.text()),
            format!("asked {}", self.asked.text()),
            format!("enabled debug={debug} info={info} warn={warn} error={error}"),
            match &self.memory {
                Some(bytes) => format!("memory some({})", bytes.text()),
                None => "memory none".to_owned(),
            },
            format!("now-ms {}", self.now_ms),
            format!("site {}", self.site.text()),
            format!("profiles {}", self.profiles.len()),
        ];
        let mut lines: Vec<String> = head.to_vec();
        lines.extend(self.profiles.iter().map(|name| format!("- {}", name.text())));
        let nobody = format!("nobody {TEXT}");
        lines.join("\n") + "\n" + &self.about(&self.asked).text() + &self.about(&nobody).text()
    }

    /// The calls that a guest has to make for `cloud`, in order: the function
    /// and what it is asked to do it with.
    pub(crate) fn actions(&self) -> Vec<(&'static str, String)> {
        let nobody = format!("nobody {TEXT}");
        let mut targets = vec![(nobody.clone(), nobody)];
        let vms = self.about(&self.asked).vms.unwrap_or_default();
        targets.extend(vms.into_iter().map(|vm| (vm.id, vm.image)));
        let upon_vms = ["resume", "suspend", "terminate", "start-worker", "stop-worker"];
        let calls = |(vm, image): (String, String)| {
            let rest = upon_vms.map(|name| (name, vm.clone()));
            [("launch", image)].into_iter().chain(rest)
        };
        targets.into_iter().flat_map(calls).collect()
    }
}

/// What a guest has to say of the answers of the cloud.
pub(crate) fn actions_text(
    calls: &[(&'static str, String)],
    answers: &[Result<(), Refusal>],
) -> String {
    assert_eq!(calls.len(), answers.len(), "each call has its answer");
    calls
        .iter()
        .zip(answers)
        .map(|((name, target), answer)| format!("{name} {} {}\n", target.text(), outcome(answer)))
        .collect()
}

fn one(name: &str, answer: &Answer<impl Text>) -> String {
    match answer {
        Ok(value) => format!("{name} ok {}\n", value.text()),
        Err(error) => format!("{name} err {}\n", error.text()),
    }
}

pub(crate) fn many(name: &str, answer: &Answer<Vec<impl Text>>) -> String {
    match answer {
        Ok(items) => {
            let lines: String = items.iter().map(|item| format!("- {}\n", item.text())).collect();
            format!("{name} ok {}\n{lines}", items.len())
        }
        Err(error) => format!("{name} err {}\n", error.text()),
    }
}
