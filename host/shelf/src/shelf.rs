//! The shelf, as the rest of the host sees it: readers take what is live
//! without waiting, and one at a time keeps it in step with the directory.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hooke_bundled::BUNDLED;
use hooke_control::answer::PolicyFailure;
use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::{BoundPolicy, Digest, Grants, Host, HostConfig, HostError, Level, Policy};

use crate::cache::{self, Cache};
use crate::chain;
use crate::compiler::Order;
use crate::config::{Rules, ShelfConfig};
use crate::entry::{Entry, Live, Origin};
use crate::folder::Folder;
use crate::judge::{self, Judge, Refusal};
use crate::keeper::{Keeper, Look, Patience};
use crate::outcome::{Listener, Progress};
use crate::policy_file;
use crate::shared::Shared;
use crate::status::{DirectoryState, Status};
use crate::stock::Stock;
use crate::users::Users;

/// Why there is no shelf. No file and no directory is a reason.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The engine did not start.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// Every policy at hand. Shared by all threads.
#[derive(Debug)]
pub struct Shelf {
    pub(crate) shared: Arc<Shared>,
    keeper: Mutex<Keeper>,
    cache_refused: Option<String>,
}

impl Shelf {
    /// Loads the bundled policies and every `*.wasm` file of the directory. A
    /// file with a bundled policy's name takes its place, unless it is refused.
    /// Takes as long as compiling takes, and tells the listener of each step.
    ///
    /// A directory that cannot be read and a cache that cannot be used are in
    /// the [`status`](Self::status); they are no errors.
    pub fn open(
        config: ShelfConfig,
        now: Timestamp,
        listener: Arc<dyn Listener>,
    ) -> Result<Self, ShelfError> {
        let limits = config.rules.limits.clone();
        let host = Host::new(HostConfig { limits, log_from: Level::Info, wasi: config.wasi })?;
        let (cache, cache_refused) = match open_cache(&config) {
            Ok(cache) => (cache, None),
            Err(why) => {
                tracing::warn!("policies are compiled anew at each start: {why}");
                (None, Some(why))
            }
        };
        let conformance = config.conformance;
        let shared = Arc::new(Shared {
            judge: Judge { host, cache, conformance, compiles: AtomicU64::new(0) },
            stock: Stock::new(config.rules, DirectoryState::None),
            compiler: config.compiler,
            listener,
            waker: Mutex::new(None),
        });
        let mut keeper = Keeper::new(config.directory.map(Folder::new));
        let patience = Patience::Opening { done: 0, of: BUNDLED.len() };
        fill(&shared, &mut keeper, &mut Look { now, users: &(), patience });
        Ok(Self { shared, keeper: Mutex::new(keeper), cache_refused })
    }

    /// What is under this name now. Later changes make another entry.
    pub fn get(&self, name: &str) -> Option<Arc<Entry>> {
        self.shared.stock.entry(name)
    }

    /// Every name, in order, as of one moment.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        self.shared.stock.now().entries.values().cloned().collect()
    }

    /// Counts the changes of what is live and of the rules. Whoever keeps a
    /// bound policy binds it again when this is another number than it was
    /// before the binding.
    pub fn version(&self) -> u64 {
        self.shared.stock.now().version
    }

    /// Links what is live under this name for a site. Bundled policies are ours
    /// and get what they import; what is dropped in gets what the site grants.
    pub fn bind(&self, name: &PolicyName, granted: &Grants) -> Result<BoundPolicy, PolicyFailure> {
        let unavailable = |why: String| PolicyFailure::Unavailable { why };
        let now = self.shared.stock.now();
        let entry = now
            .entries
            .get(name)
            .ok_or_else(|| unavailable(format!("there is no policy {name}")))?;
        let policy = entry.policy().map_err(|why| unavailable(why.to_owned()))?;
        let grants = match entry.origin {
            Origin::Bundled => Grants::all(),
            Origin::File(_) => granted.clone(),
        };
        self.shared
            .judge
            .host
            .bind(policy, &grants, now.rules.limits_of(name).clone())
            .map_err(|error| unavailable(chain(&error)))
    }

    /// What the operator is shown.
    pub fn status(&self) -> Status {
        let now = self.shared.stock.now();
        Status {
            directory: now.directory.clone(),
            cache_refused: self.cache_refused.clone(),
            policies: now.entries.values().map(|entry| entry.as_ref().into()).collect(),
        }
    }

    /// Sets other pins and limits. What is live stays live, under the new
    /// limits, unless its name is pinned to another content: that is live no
    /// more. Every file is judged again at the next look.
    pub fn set_rules(&self, rules: Rules, now: Timestamp) {
        let mut keeper = self.keeper();
        if *self.shared.stock.now().rules != rules {
            self.shared.stock.set_rules(rules);
            self.shared.evict_unpinned(now);
            self.put_bundled_again(now);
            keeper.judge_again(now);
            self.shared.wake();
        }
    }

    /// Has every file judged again at the next look, and every bundled policy
    /// that is not live: what its users grant and set may have changed.
    pub fn judge_again(&self, now: Timestamp) {
        let mut keeper = self.keeper();
        self.put_bundled_again(now);
        keeper.judge_again(now);
        self.shared.wake();
    }

    /// Puts every bundled policy back whose name has none, and may have it.
    fn put_bundled_again(&self, now: Timestamp) {
        let users: &dyn Users = &();
        let look = Look { now, users, patience: Patience::Running };
        for bundled in BUNDLED {
            let (name, digest) = (PolicyName::from(bundled.name), Digest::of(bundled.wasm));
            let dead = self.shared.stock.entry(bundled.name).is_some_and(|it| it.live.is_err());
            if dead && judge::pinned(&name, digest, &self.shared.stock.now().rules).is_ok() {
                self.shared.put_bundled(bundled, &look);
            }
        }
    }

    /// Looks at the directory once: notes what is new, and judges what has been
    /// as it is for 300 ms. Says whether another look should come within 100 ms.
    /// Compiling goes on beside; the look after it takes what came of it.
    /// [`watch`](Self::watch) calls this; tests do, by hand. `users` must not
    /// call it.
    pub fn look(&self, now: Timestamp, users: &dyn Users) -> bool {
        let mut keeper = self.keeper();
        keeper.look(&self.shared, &mut Look { now, users, patience: Patience::Running });
        keeper.is_busy()
    }

    /// Waits for all compiling, and takes what came of it.
    pub fn finish_compiling(&self, now: Timestamp, users: &dyn Users) {
        let mut look = Look { now, users, patience: Patience::Running };
        self.keeper().finish(&self.shared, &mut look);
    }

    /// The policy host that everything here was loaded by.
    pub fn host(&self) -> &Host {
        &self.shared.judge.host
    }

    /// How many compiles were begun since the shelf was opened.
    pub fn compiles(&self) -> u64 {
        self.shared.judge.compiles.load(Ordering::Relaxed)
    }

    /// Loads one file that is on no shelf under a name, as `policy inspect FILE`
    /// does.
    pub fn inspect(&self, name: PolicyName, path: &Path, now: Timestamp) -> Entry {
        let live = self.load(&name, path).map(|policy| Live { policy, since: now });
        let live = live.map_err(|refusal| refusal.why);
        Entry { name, origin: Origin::File(path.to_owned()), live, newest: None, orphaned: None }
    }

    fn load(&self, name: &PolicyName, path: &Path) -> Result<Policy, Refusal> {
        let rules = &self.shared.stock.now().rules;
        let limits = rules.limits_of(name);
        let wasm = policy_file::read(path, limits)?;
        let digest = Digest::of(&wasm);
        let code = match self.shared.judge.cached(digest) {
            Some(code) => code,
            None => {
                let progress = Progress::Compiling { policy: name, done: 0, of: 1 };
                self.shared.listener.progress(progress);
                let (limits, cancelled) = (limits.clone(), Arc::default());
                let order = Order { wasm: wasm.into(), digest, limits, cancelled };
                self.shared.judge.compile(&self.shared.compiler, &order)?
            }
        };
        let policy = self.shared.judge.load(name, &code, rules)?;
        self.shared.judge.accept(&policy, rules, &())?;
        Ok(policy)
    }

    pub(crate) fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shelf {
    /// A compile that is under way is of use to nobody.
    fn drop(&mut self) {
        self.keeper().stop();
    }
}

fn fill(shared: &Arc<Shared>, keeper: &mut Keeper, look: &mut Look<'_>) {
    for bundled in BUNDLED {
        shared.put_bundled(bundled, look);
        if let Patience::Opening { done, of } = &mut look.patience {
            *done += 1;
            let policy = &PolicyName::from(bundled.name);
            shared.listener.progress(Progress::Done { policy, done: *done, of: *of });
        }
    }
    keeper.look(shared, look);
}

fn open_cache(config: &ShelfConfig) -> Result<Option<Cache>, String> {
    let Some(path) = &config.cache else { return Ok(None) };
    if let Some(policies) = &config.directory
        && cache::is_within(path, policies)
    {
        return Err(format!(
            "the cache directory {} is within the policies directory, where others write: name \
             another one",
            path.display()
        ));
    }
    Cache::open(path, config.cache_bytes).map(Some).map_err(|error| chain(&error))
}
