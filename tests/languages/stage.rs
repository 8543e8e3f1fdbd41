//! A host of the contract that answers anything: what the true one never says
//! (labels, refusals of a later host) crosses into a guest too. It keeps what
//! the guest asked and said.

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Result, Store};

use crate::contract::{
    BacklogSums, Datapoint, Description, Level, MemoryError, MetricsError, Needs, PolicyError,
    Queue, Refusal, ScalingPolicy, SettingProblem, StatisticsQuery, Vm, WorkerBounds, WorkerCounts,
};
use crate::contract::{cloud, log, memory, metrics, settings, types};
use crate::told::{About, IDLE_ASKED, Told};

/// What a guest is told, and what came of it.
pub(crate) struct Stage {
    pub(crate) told: Told,
    /// What `cloud` answers, in order; then `ok`.
    pub(crate) refusals: Vec<Result<(), Refusal>>,
    /// What `statistics` answers, in order.
    pub(crate) past: Vec<Result<Vec<Datapoint>, MetricsError>>,
    /// What `statistics` was asked.
    pub(crate) queries: Vec<StatisticsQuery>,
    /// What `store` answers.
    pub(crate) kept: Result<(), MemoryError>,
    /// What `cloud` was asked: the function, the target and the reason.
    pub(crate) asked: Vec<(&'static str, String, String)>,
    /// What was stored.
    pub(crate) stored: Vec<Vec<u8>>,
    /// What was logged.
    pub(crate) logged: Vec<(Level, String)>,
}

/// A guest, compiled for this host.
pub(crate) struct Actor {
    engine: Engine,
    component: Component,
}

impl Actor {
    pub(crate) fn new(wasm: &[u8]) -> Result<Self> {
        let engine = Engine::new(&Config::new())?;
        let component = Component::from_binary(&engine, wasm)?;
        Ok(Self { engine, component })
    }

    pub(crate) fn describe(&self, stage: Stage) -> Result<Description> {
        let (policy, mut store) = self.enter(stage)?;
        policy.hooke_policy_policy().call_describe(&mut store)
    }

    pub(crate) fn validate(
        &self,
        stage: Stage,
        settings: &str,
    ) -> Result<Result<(), Vec<SettingProblem>>> {
        let (policy, mut store) = self.enter(stage)?;
        policy.hooke_policy_policy().call_validate_settings(&mut store, settings)
    }

    /// What it answers about the profile asked about, and the stage after it.
    pub(crate) fn evaluate(&self, stage: Stage) -> Result<(Result<Needs, PolicyError>, Stage)> {
        let profile = stage.told.asked.clone();
        let (policy, mut store) = self.enter(stage)?;
        let answer = policy.hooke_policy_policy().call_evaluate_needs(&mut store, &profile)?;
        Ok((answer, store.into_data()))
    }

    fn enter(&self, stage: Stage) -> Result<(ScalingPolicy, Store<Stage>)> {
        let mut linker = Linker::new(&self.engine);
        ScalingPolicy::add_to_linker::<_, HasSelf<Stage>>(&mut linker, |stage| stage)?;
        let mut store = Store::new(&self.engine, stage);
        let policy = ScalingPolicy::instantiate(&mut store, &self.component, &linker)?;
        Ok((policy, store))
    }
}

impl Stage {
    pub(crate) fn new(told: Told) -> Self {
        Self {
            told,
            refusals: Vec::new(),
            past: Vec::new(),
            queries: Vec::new(),
            kept: Ok(()),
            asked: Vec::new(),
            stored: Vec::new(),
            logged: Vec::new(),
        }
    }

    /// The one text that was stored.
    pub(crate) fn stored_text(&self) -> String {
        let [bytes] = self.stored.as_slice() else {
            panic!("stored {} times", self.stored.len());
        };
        String::from_utf8(bytes.clone()).unwrap()
    }

    fn act(&mut self, name: &'static str, target: String, reason: String) -> Result<(), Refusal> {
        let answer = self.refusals.get(self.asked.len()).cloned().unwrap_or(Ok(()));
        self.asked.push((name, target, reason));
        answer
    }

    fn about(&self, profile: &str) -> About {
        self.told.about(profile)
    }
}

impl types::Host for Stage {}

impl settings::Host for Stage {
    fn json(&mut self) -> String {
        self.told.settings.clone()
    }
}

impl log::Host for Stage {
    fn enabled(&mut self, level: Level) -> bool {
        let [debug, info, warn, error] = self.told.enabled;
        match level {
            Level::Debug => debug,
            Level::Info => info,
            Level::Warn => warn,
            Level::Error => error,
        }
    }

    fn write(&mut self, level: Level, message: String) {
        self.logged.push((level, message));
    }
}

impl memory::Host for Stage {
    fn load(&mut self) -> Option<Vec<u8>> {
        self.told.memory.clone()
    }

    fn store(&mut self, bytes: Vec<u8>) -> Result<(), MemoryError> {
        self.stored.push(bytes);
        self.kept.clone()
    }
}

impl metrics::Host for Stage {
    fn now_ms(&mut self) -> u64 {
        self.told.now_ms
    }

    fn site(&mut self) -> String {
        self.told.site.clone()
    }

    fn profiles(&mut self) -> Vec<String> {
        self.told.profiles.clone()
    }

    fn bounds(&mut self, profile: String) -> Result<WorkerBounds, MetricsError> {
        self.about(&profile).bounds
    }

    fn backlog(&mut self, profile: String) -> Result<BacklogSums, MetricsError> {
        self.about(&profile).backlog
    }

    fn workers(&mut self, profile: String) -> Result<WorkerCounts, MetricsError> {
        self.about(&profile).workers
    }

    fn queues(&mut self, profile: String) -> Result<Vec<Queue>, MetricsError> {
        self.about(&profile).queues
    }

    fn vms(&mut self, profile: String) -> Result<Vec<Vm>, MetricsError> {
        self.about(&profile).vms
    }

    fn idle_vms(
        &mut self,
        profile: String,
        idle_at_least_ms: u64,
        limit: u32,
    ) -> Result<Vec<Vm>, MetricsError> {
        let [all, none] = self.about(&profile).idle_vms;
        match IDLE_ASKED.iter().position(|asked| *asked == (idle_at_least_ms, limit)) {
            Some(0) => all,
            Some(_) => none,
            None => Err(MetricsError::Other(format!("asked for {idle_at_least_ms}, {limit}"))),
        }
    }

    fn statistics(&mut self, query: StatisticsQuery) -> Result<Vec<Datapoint>, MetricsError> {
        let answer = self.past.get(self.queries.len()).cloned();
        self.queries.push(query);
        answer.unwrap_or_else(|| Err(MetricsError::Other("asked too often".to_owned())))
    }

    fn history_ms(&mut self) -> u64 {
        self.told.now_ms
    }
}

impl cloud::Host for Stage {
    fn launch(&mut self, image: String, reason: String) -> Result<(), Refusal> {
        self.act("launch", image, reason)
    }

    fn resume(&mut self, vm: String, reason: String) -> Result<(), Refusal> {
        self.act("resume", vm, reason)
    }

    fn suspend(&mut self, vm: String, reason: String) -> Result<(), Refusal> {
        self.act("suspend", vm, reason)
    }

    fn terminate(&mut self, vm: String, reason: String) -> Result<(), Refusal> {
        self.act("terminate", vm, reason)
    }

    fn start_worker(&mut self, vm: String, reason: String) -> Result<(), Refusal> {
        self.act("start-worker", vm, reason)
    }

    fn stop_worker(&mut self, vm: String, reason: String) -> Result<(), Refusal> {
        self.act("stop-worker", vm, reason)
    }
}
