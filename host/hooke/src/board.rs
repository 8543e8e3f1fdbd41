//! What the host shows of itself: the latest of every site, in one place for
//! `/status`, `/metrics` and the log. It is written by the loops and read by
//! anybody; nothing is decided by it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hooke_control::explain::Chain;
use hooke_control::fleet::VmState;
use hooke_control::ids::{SiteName, VmId};
use hooke_control::snapshot::{Occupancy, Quality, Snapshot, Stage, Vm};
use hooke_control::units::{Span, Timestamp, millis};
use serde::{Deserialize, Serialize};

mod policies;

use crate::desk::{Kept, SeatState};
use crate::shelf::Shelf;
pub(crate) use policies::{PoliciesView, PolicyView, SeatView};

/// The whole host.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StatusView {
    /// When the host started, in ms since the Unix epoch.
    pub(crate) started_at_ms: u64,
    /// The sites, by name.
    pub(crate) sites: BTreeMap<String, SiteView>,
    /// Why the last reload of the site file was refused; empty if it was not.
    #[serde(default)]
    pub(crate) reload_refused: String,
    /// The policies at hand.
    #[serde(default)]
    pub(crate) policies: PoliciesView,
}

/// One site.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SiteView {
    /// The last tick.
    pub(crate) tick: u64,
    /// Its time, in ms since the Unix epoch; the site's own clock.
    pub(crate) at_ms: u64,
    /// Time between ticks in ms.
    pub(crate) every_ms: u64,
    /// Whether the list of machines was complete.
    pub(crate) cloud: String,
    /// Why something could not be read or written.
    pub(crate) trouble: Vec<String>,
    /// The profiles, by name.
    pub(crate) profiles: BTreeMap<String, ProfileView>,
    /// Who is asked, and how they fare.
    #[serde(default)]
    pub(crate) policies: Vec<SeatView>,
    /// The machines.
    pub(crate) vms: Vec<VmView>,
    /// What was read before.
    #[serde(default)]
    pub(crate) history: HistoryView,
}

/// What is kept of a site's readings.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct HistoryView {
    /// How far back, in ms.
    pub(crate) keep_ms: u64,
    /// Series at hand, and how many there may be.
    pub(crate) series: usize,
    pub(crate) series_limit: usize,
    /// Bytes of memory.
    pub(crate) bytes: usize,
    /// Readings that were dropped since the host started, by cause.
    pub(crate) dropped: BTreeMap<String, u64>,
}

/// One profile.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProfileView {
    pub(crate) ready: Option<u64>,
    pub(crate) unacked: Option<u64>,
    pub(crate) quality: String,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Its part of the site's limits against the other profiles'.
    #[serde(default)]
    pub(crate) weight: u32,
    /// How the wishes of its policies become one; absent if it has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) combine: Option<String>,
    pub(crate) serving: u32,
    pub(crate) booting: u32,
    pub(crate) draining: u32,
    pub(crate) idle: u32,
    pub(crate) busy: u32,
    pub(crate) unknown: u32,
    pub(crate) desired: u32,
    pub(crate) decision: String,
}

/// One machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VmView {
    pub(crate) id: String,
    pub(crate) image: String,
    pub(crate) state: String,
    pub(crate) age_ms: u64,
    pub(crate) idle_ms: Option<u64>,
    pub(crate) load: Option<f64>,
    pub(crate) workers: Vec<WorkerView>,
}

/// One worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkerView {
    pub(crate) id: String,
    pub(crate) profile: String,
    pub(crate) stage: String,
    pub(crate) occupancy: String,
}

/// The latest of every site.
#[derive(Debug, Default)]
pub(crate) struct Board {
    status: Mutex<StatusView>,
    shelf: Mutex<Option<Arc<Shelf>>>,
}

impl Board {
    /// An empty board of a host that started at `now`.
    pub(crate) fn new(now: Timestamp) -> Self {
        let status = StatusView { started_at_ms: now.as_millis(), ..StatusView::default() };
        Self { status: Mutex::new(status), shelf: Mutex::default() }
    }

    /// A copy of everything.
    pub(crate) fn read(&self) -> StatusView {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let policies = shelf.map(|shelf| PoliciesView::of(&shelf.status())).unwrap_or_default();
        StatusView { policies, ..self.lock().clone() }
    }

    /// Shows the policies of this shelf from now on.
    pub(crate) fn show_policies_of(&self, shelf: &Arc<Shelf>) {
        let mut shown = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        *shown = Some(Arc::clone(shelf));
    }

    /// Shows how the policies of a site fare.
    pub(crate) fn evaluated(&self, site: &SiteName, seats: &[SeatState]) {
        if let Some(site) = self.lock().sites.get_mut(site.as_str()) {
            site.policies = seats.iter().map(SeatView::of).collect();
        }
    }

    /// Shows a site that has had no tick yet, unless it is shown already.
    pub(crate) fn expect(&self, site: &SiteName) {
        self.lock().sites.entry(site.to_string()).or_default();
    }

    /// Shows a tick's facts.
    pub(crate) fn observed(&self, snapshot: &Snapshot) {
        let name = snapshot.site.name.to_string();
        let mut all = self.lock();
        let site = all.sites.entry(name).or_default();
        let decisions: BTreeMap<String, (u32, String)> = std::mem::take(&mut site.profiles)
            .into_iter()
            .map(|(name, profile)| (name, (profile.desired, profile.decision)))
            .collect();
        let policies = std::mem::take(&mut site.policies);
        let history = std::mem::take(&mut site.history);
        *site = SiteView { policies, history, ..facts(snapshot) };
        for (name, (desired, decision)) in decisions {
            if let Some(profile) = site.profiles.get_mut(&name) {
                (profile.desired, profile.decision) = (desired, decision);
            }
        }
    }

    /// Shows how a site's readings are kept.
    pub(crate) fn remembers(&self, site: &SiteName, kept: &Kept) {
        let mut all = self.lock();
        let Some(site) = all.sites.get_mut(site.as_str()) else { return };
        let dropped = kept.dropped.counts();
        site.history = HistoryView {
            keep_ms: millis(kept.keep.time),
            series: kept.size.series,
            series_limit: kept.keep.series,
            bytes: kept.size.bytes,
            dropped: dropped.map(|(cause, n)| (cause.as_str().to_owned(), n)).collect(),
        };
    }

    /// Shows a tick's decisions.
    pub(crate) fn decided(&self, site: &SiteName, chains: &[Chain]) {
        let mut all = self.lock();
        let Some(site) = all.sites.get_mut(site.as_str()) else { return };
        for chain in chains {
            if let Some(profile) = site.profiles.get_mut(chain.profile.as_str()) {
                profile.desired = chain.desired;
                profile.decision = chain.headline();
            }
        }
    }

    /// Shows that something could not be read or written.
    pub(crate) fn troubled(&self, site: &SiteName, trouble: String) {
        let mut all = self.lock();
        let site = all.sites.entry(site.to_string()).or_default();
        if site.trouble.len() < 20 {
            site.trouble.push(trouble);
        }
    }

    /// Shows how the last reload went: why it was refused, or that it was not.
    pub(crate) fn reloaded(&self, refused: Option<String>) {
        self.lock().reload_refused = refused.unwrap_or_default();
    }

    /// Takes a site away that the site file no longer has.
    pub(crate) fn remove(&self, site: &SiteName) {
        self.lock().sites.remove(site.as_str());
    }

    fn lock(&self) -> MutexGuard<'_, StatusView> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn facts(snapshot: &Snapshot) -> SiteView {
    let mut trouble: Vec<String> = Vec::new();
    if let Some(why) = snapshot.cloud.trouble() {
        trouble.push(format!("machines: {}", why.0));
    }
    trouble.extend(snapshot.consumers.iter().map(|why| why.0.clone()));
    for (queue, reading) in &snapshot.queues {
        match reading.trouble() {
            Some(why) if !trouble.contains(&why.0) => {
                trouble.push(format!("queue {queue}: {}", why.0))
            }
            Some(_) | None => {}
        }
    }
    trouble.extend(snapshot.late.iter().map(|(vm, since)| late(vm, *since, snapshot)));
    trouble.extend(snapshot.vms.iter().filter_map(|vm| deserted(vm, snapshot)));
    trouble.truncate(20);
    SiteView {
        tick: snapshot.tick,
        at_ms: snapshot.now.as_millis(),
        every_ms: millis(snapshot.site.every),
        cloud: snapshot.cloud.quality().as_str().to_owned(),
        trouble,
        profiles: snapshot
            .profiles
            .iter()
            .map(|(name, p)| (name.to_string(), profile(p)))
            .collect(),
        policies: Vec::new(),
        history: HistoryView::default(),
        vms: snapshot.vms.iter().map(|v| vm(v, snapshot.now)).collect(),
    }
}

/// A machine that should have gone by now.
fn late(vm: &VmId, since: Duration, snapshot: &Snapshot) -> String {
    let state = snapshot.vm(vm).map_or("gone", |vm| vm.state.as_str());
    let (since, deadline) = (Span(since), Span(snapshot.site.drain_deadline));
    format!(
        "machine {vm} has been {state} for {since}, longer than drain_deadline ({deadline}): look at it, nobody counts on its room"
    )
}

/// A machine that runs and whose workers never came, or have all gone: most
/// often a command that cannot start.
fn deserted(vm: &Vm, snapshot: &Snapshot) -> Option<String> {
    let age = snapshot.now.since(vm.launched_at);
    let due = vm.state == VmState::Running && age > snapshot.site.registration_timeout;
    (due && vm.workers.is_empty() && !vm.image.hosts.is_empty()).then(|| {
        format!("machine {} runs since {} and has no worker: its log says why", vm.id, Span(age))
    })
}

fn profile(view: &hooke_control::snapshot::ProfileView) -> ProfileView {
    let (counts, bounds) = (view.counts, view.spec.workers);
    ProfileView {
        ready: view.backlog.ready,
        unacked: view.backlog.unacked,
        quality: view.backlog.quality.as_str().to_owned(),
        min: bounds.min(),
        max: bounds.max(),
        weight: view.spec.weight.get(),
        combine: (view.spec.policies.len() > 1).then(|| view.spec.combine.as_str().to_owned()),
        serving: counts.serving,
        booting: counts.booting,
        draining: counts.draining,
        idle: counts.idle,
        busy: counts.busy,
        unknown: counts.unknown,
        desired: counts.capacity(),
        decision: String::new(),
    }
}

fn vm(vm: &Vm, now: Timestamp) -> VmView {
    VmView {
        id: vm.id.to_string(),
        image: vm.image.name.to_string(),
        state: vm.state.as_str().to_owned(),
        age_ms: millis(now.since(vm.launched_at)),
        // A machine without workers is not idle, it is empty.
        idle_ms: vm.activity().idle_for(now).filter(|_| !vm.workers.is_empty()).map(millis),
        load: vm.load,
        workers: vm
            .workers
            .iter()
            .map(|worker| WorkerView {
                id: worker.id.to_string(),
                profile: worker.profile.to_string(),
                stage: match worker.stage {
                    Stage::Booting => "booting",
                    Stage::Serving => "serving",
                    Stage::Draining => "draining",
                }
                .to_owned(),
                occupancy: match worker.occupancy {
                    Occupancy::Busy => "busy",
                    Occupancy::Idle { .. } => "idle",
                    Occupancy::Unknown => "unknown",
                }
                .to_owned(),
            })
            .collect(),
    }
}

impl StatusView {
    /// Whether every site's last look at its machines was complete; a site
    /// that had none yet is not healthy.
    pub(crate) fn is_healthy(&self) -> bool {
        let fresh = Quality::Fresh.as_str();
        self.sites.values().all(|site| site.tick > 0 && site.cloud == fresh)
    }
}

#[cfg(test)]
mod tests;
