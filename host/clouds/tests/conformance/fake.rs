//! A cloud in memory, honest unless told otherwise. Everything happens at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use hooke_clouds::conformance::{Sight, Stage, Subject};
use hooke_clouds::{Cloud, CloudError, Inventory};
use hooke_control::action::{Action, Outcome};
use hooke_control::fleet::{SeenVm, SeenWorker, VmState, WorkerPhase};
use hooke_control::ids::{IntentKey, ProfileName, SiteName, VmId};
use hooke_control::units::Timestamp;

/// One way of being wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Every call does something, whatever its key.
    IgnoresKeys,
    /// The key of a terminated machine launches another.
    ForgetsKeysOfTheGone,
    /// Sites of one account share their machines.
    SeesEverySite,
    /// Takes the last worker instead of the named one.
    StopsTheWrongWorker,
    /// Suspends with the workers on board.
    FreezesWorkers,
    /// A suspended machine stays suspended.
    NeverComesBack,
    /// Doing nothing is not told apart from doing.
    AlwaysApplied,
}

/// What a fake holds.
#[derive(Debug, Default)]
struct State {
    vms: BTreeMap<VmId, (SiteName, SeenVm)>,
    keys: BTreeMap<(SiteName, IntentKey), VmId>,
    names: u32,
}

/// An account.
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    flaw: Option<Flaw>,
}

impl Fake {
    pub(crate) fn new(flaw: Option<Flaw>) -> Self {
        Self { state: Arc::default(), flaw }
    }
}

fn hosts() -> BTreeMap<ProfileName, u32> {
    BTreeMap::from([("ocr".into(), 2), ("faces".into(), 1)])
}

impl Subject for Fake {
    type Cloud = FakeCloud;
    const SETTLES_MAX: u32 = 10;

    async fn open(&self, site: &SiteName) -> FakeCloud {
        FakeCloud { state: Arc::clone(&self.state), site: site.clone(), flaw: self.flaw }
    }

    fn stage(&self) -> Stage {
        Stage { image: "small".into(), hosts: hosts(), sight: Sight::Workers }
    }

    async fn settle(&self) {}
}

/// A driver.
pub(crate) struct FakeCloud {
    state: Arc<Mutex<State>>,
    site: SiteName,
    flaw: Option<Flaw>,
}

impl Inventory for FakeCloud {
    async fn list(&self) -> Result<Vec<SeenVm>, CloudError> {
        let state = self.state.lock().unwrap();
        let mine = state.vms.values().filter(|(site, _)| self.may_see(site));
        Ok(mine.map(|(_, vm)| vm.clone()).collect())
    }
}

impl Cloud for FakeCloud {
    async fn apply(&self, action: &Action, key: &IntentKey) -> Result<Outcome, CloudError> {
        let mut state = self.state.lock().unwrap();
        let slot = (self.site.clone(), key.clone());
        let used = state.keys.get(&slot).cloned().filter(|vm| self.remembers(&state, vm));
        let outcome = match used {
            Some(vm) => Outcome::AlreadyTrue { vm: Some(vm) },
            None => self.act(&mut state, action, key)?,
        };
        if let Outcome::Applied { vm } = &outcome {
            state.keys.insert(slot, vm.clone());
        }
        Ok(match outcome {
            Outcome::AlreadyTrue { vm: Some(vm) } if self.has(Flaw::AlwaysApplied) => {
                Outcome::Applied { vm }
            }
            honest @ (Outcome::Applied { .. } | Outcome::AlreadyTrue { .. }) => honest,
        })
    }
}

impl FakeCloud {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn may_see(&self, site: &SiteName) -> bool {
        *site == self.site || self.has(Flaw::SeesEverySite)
    }

    fn remembers(&self, state: &State, vm: &VmId) -> bool {
        let forgets = self.has(Flaw::ForgetsKeysOfTheGone) && !state.vms.contains_key(vm);
        !self.has(Flaw::IgnoresKeys) && !forgets
    }

    fn act(
        &self,
        state: &mut State,
        action: &Action,
        key: &IntentKey,
    ) -> Result<Outcome, CloudError> {
        let Some(id) = action.vm().cloned() else { return self.launch(state, action, key) };
        let State { vms, names, .. } = state;
        let found = vms.get_mut(&id).filter(|(site, _)| self.may_see(site));
        let Some((_, vm)) = found else {
            if matches!(action, Action::Terminate { .. }) {
                return Ok(Outcome::AlreadyTrue { vm: Some(id) });
            }
            return Err(CloudError::NotFound { what: id.to_string() });
        };
        let workers = vm.workers.get_or_insert_default();
        match (action, vm.state) {
            (Action::Suspend { .. }, VmState::Running) => {
                vm.state = VmState::Suspended;
                if !self.has(Flaw::FreezesWorkers) {
                    workers.clear();
                }
            }
            (Action::Resume { .. }, VmState::Suspended) if self.has(Flaw::NeverComesBack) => {}
            (Action::Resume { .. }, VmState::Suspended) => {
                vm.state = VmState::Running;
                *workers = boot(names);
            }
            (Action::StartWorker { profile, .. }, VmState::Running)
                if hosts().contains_key(profile) =>
            {
                workers.push(worker(names, profile));
            }
            (Action::StartWorker { .. }, _) => {
                let (doing, why) = (action.to_string(), "not here, not now".to_owned());
                return Err(CloudError::Rejected { doing, why });
            }
            (Action::StopWorker { worker, .. }, _) => {
                let before = workers.len();
                if self.has(Flaw::StopsTheWrongWorker) {
                    workers.pop();
                } else {
                    workers.retain(|w| w.id != *worker);
                }
                if workers.len() == before {
                    return Ok(Outcome::AlreadyTrue { vm: Some(id) });
                }
            }
            (Action::Terminate { .. }, _) => {
                vms.remove(&id);
            }
            _ => return Ok(Outcome::AlreadyTrue { vm: Some(id) }),
        }
        Ok(Outcome::Applied { vm: id })
    }

    fn launch(
        &self,
        state: &mut State,
        action: &Action,
        key: &IntentKey,
    ) -> Result<Outcome, CloudError> {
        let known = BTreeSet::from([Action::Launch { image: "small".into() }]);
        if !known.contains(action) {
            let (doing, why) = (action.to_string(), "no such image".to_owned());
            return Err(CloudError::Rejected { doing, why });
        }
        state.names += 1;
        let id = VmId::from(format!("fake-{}", state.names));
        let vm = SeenVm {
            id: id.clone(),
            key: key.clone(),
            image: "small".into(),
            state: VmState::Running,
            launched_at: Timestamp::from_millis(u64::from(state.names)),
            address: None,
            load: Some(0.0),
            workers: Some(boot(&mut state.names)),
        };
        state.vms.insert(id.clone(), (self.site.clone(), vm));
        Ok(Outcome::Applied { vm: id })
    }
}

fn boot(names: &mut u32) -> Vec<SeenWorker> {
    let mut workers = Vec::new();
    for (profile, count) in hosts() {
        workers.extend((0..count).map(|_| worker(names, &profile)));
    }
    workers
}

fn worker(names: &mut u32, profile: &ProfileName) -> SeenWorker {
    *names += 1;
    SeenWorker {
        id: format!("worker-{names}").into(),
        profile: profile.clone(),
        phase: WorkerPhase::Running,
        started_at: Timestamp::default(),
        endpoints: Vec::new(),
    }
}
