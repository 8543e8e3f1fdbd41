//! The facts of a tick as a recording has them: everything that any import can
//! read, and what staging is checked against. What no import reads (prices,
//! deadlines, keys) is not kept, and has a stand-in when it is read back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::combine::Combine;
use hooke_control::fleet::VmState;
use hooke_control::ids::{ImageName, IntentKey, PolicyName, ProfileName, QueueName, SiteName};
use hooke_control::ids::{VmId, WorkerId};
use hooke_control::queue::{Activity, Missing, QueueFacts};
use hooke_control::snapshot::{
    Backlog, Inside, Occupancy, ProfileView, Quality, Reading, Refused, Snapshot, Stage, Vm,
    Worker, WorkerCounts,
};
use hooke_control::spec::{
    Binding, Bounds, ImageSpec, Limits, ProfileSpec, SiteSpec, Weight, WhenIdle,
};
use hooke_control::units::Timestamp;
use serde::{Deserialize, Serialize};

/// A number, written so that it reads back to the same bits.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct Exact(pub(super) f64);

impl From<Exact> for String {
    fn from(number: Exact) -> Self {
        // The shortest text that reads back to the same number.
        format!("{:?}", number.0)
    }
}

impl TryFrom<String> for Exact {
    type Error = std::num::ParseFloatError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) site: String,
    pub(super) tick: u64,
    pub(super) now: u64,
    /// Why there is no list of machines; absent when there is one.
    cloud: Trust,
    consumers: Vec<String>,
    images: Vec<Image>,
    profiles: Vec<Profile>,
    queues: BTreeMap<String, QueueLine>,
    vms: Vec<Machine>,
}

/// How far a reading can be trusted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Trust {
    Fresh,
    Stale { at: u64, why: String },
    Missing { why: String },
}

#[derive(Debug, Serialize, Deserialize)]
struct Image {
    name: String,
    vcpus: u32,
    hosts: BTreeMap<String, u32>,
    /// The site file names it no more; only machines do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    retired: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Profile {
    name: String,
    queues: Vec<String>,
    min: u32,
    max: u32,
    policies: Vec<String>,
    quality: String,
    age_us: u64,
    sum: Sums,
    /// Serving, booting, draining, idle, busy, unknown, idle beyond the first.
    counts: [u32; 7],
    vms: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sums {
    ready: Option<u64>,
    unacked: Option<u64>,
    consumers: Option<u32>,
    arrival_rate: Option<Exact>,
    service_rate: Option<Exact>,
    activity: Act,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Active,
    Unknown,
    IdleSince(u64),
}

#[derive(Debug, Serialize, Deserialize)]
struct QueueLine {
    trust: Trust,
    values: Option<Sums>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Machine {
    id: String,
    /// Its position in the list of images.
    image: usize,
    state: String,
    hidden: bool,
    launched_at: u64,
    load: Option<Exact>,
    workers: Vec<Hand>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Hand {
    id: String,
    profile: String,
    stage: StageName,
    doing: Doing,
    started_at: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StageName {
    Booting,
    Serving,
    Draining,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Doing {
    Busy,
    Unknown,
    IdleSince(u64),
}

mod read;
mod write;
