//! Keeps the shelf in step with the directory, one look at a time. A look is
//! what the directory holds now; events only say when to look. Alone it writes
//! the stock.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Instant;

use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::{Digest, Form, Limit, LoadProblem, NativeCode, Policy, Used};

use crate::compiler::{NotCompiled, Order};
use crate::entry::Origin;
use crate::folder::{self, Folder, Found, FoundForm, Listing, Unread};
use crate::judge::{self, Refusal};
use crate::outcome::{Outcome, Progress};
use crate::seen::{SETTLE, Seen, Step};
use crate::shared::{Candidate, Shared};
use crate::status::DirectoryState;
use crate::users::Users;

/// What a look is made with.
pub(crate) struct Look<'a> {
    pub(crate) now: Timestamp,
    pub(crate) users: &'a dyn Users,
    pub(crate) patience: Patience,
}

/// Whether a look waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// The shelf is being opened: every file is judged at once, and compiling is
    /// waited for. The counts are those of the progress.
    Opening { done: usize, of: usize },
    /// Files settle first, and compiling goes on beside.
    Running,
}

/// Keeps the shelf in step.
#[derive(Debug)]
pub(crate) struct Keeper {
    folder: Option<Folder>,
    seen: BTreeMap<PolicyName, Seen>,
    compiling: Option<Compiling>,
    nameless: Vec<String>,
}

/// The one compile that is under way.
#[derive(Debug)]
struct Compiling {
    order: Order,
    began: Instant,
    result: Receiver<Result<NativeCode, NotCompiled>>,
}

impl Keeper {
    pub(crate) const fn new(folder: Option<Folder>) -> Self {
        Self { folder, seen: BTreeMap::new(), compiling: None, nameless: Vec::new() }
    }

    /// Whether the next look should come soon.
    pub(crate) fn is_busy(&self) -> bool {
        self.seen.values().any(|seen| match seen.step {
            Step::Settling | Step::Unsettled => true,
            Step::Waiting | Step::Compiling(_) | Step::Judged | Step::Later => false,
        })
    }

    pub(crate) fn directory(&self) -> Option<&Path> {
        self.folder.as_ref().map(Folder::path)
    }

    /// Has every file judged again, as under new rules. What is being compiled
    /// goes on: the next look gives it up unless a file still waits for it.
    pub(crate) fn judge_again(&mut self, now: Timestamp) {
        for seen in self.seen.values_mut() {
            (seen.step, seen.due) = (Step::Settling, now);
        }
    }

    /// Gives up what is being compiled.
    pub(crate) fn stop(&mut self) {
        if let Some(compiling) = &self.compiling {
            compiling.order.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Looks at the directory once, and does what is due.
    pub(crate) fn look(&mut self, shared: &Arc<Shared>, look: &mut Look<'_>) {
        self.collect(shared, look);
        let Some(listing) = self.list(shared, look.now) else { return };
        self.forget_gone(shared, &listing, look);
        if let Patience::Opening { of, .. } = &mut look.patience {
            *of += listing.files.len();
        }
        for (name, found) in listing.files {
            self.visit(shared, &name, found, look);
            if let Patience::Opening { done, of } = &mut look.patience {
                *done += 1;
                shared.listener.progress(Progress::Done { policy: &name, done: *done, of: *of });
            }
        }
        self.give_up_unwanted();
    }

    /// Waits until nothing is being compiled, and looks at what came of it.
    pub(crate) fn finish(&mut self, shared: &Arc<Shared>, look: &mut Look<'_>) {
        while let Some(compiling) = self.compiling.take() {
            let result = compiling.result.recv();
            self.compiled(shared, &compiling, result.unwrap_or_else(|_| Err(died())), look);
            self.look(shared, look);
        }
    }

    fn list(&mut self, shared: &Shared, now: Timestamp) -> Option<Listing> {
        let folder = self.folder.as_ref()?;
        let before = &shared.stock.now().directory;
        match folder.list() {
            Ok(listing) => {
                let state = DirectoryState::Readable(folder.path().to_owned());
                if *before != state {
                    tracing::info!("{state}");
                    shared.stock.set_directory(state);
                }
                if listing.nameless != self.nameless {
                    self.nameless.clone_from(&listing.nameless);
                    for name in &self.nameless {
                        tracing::warn!(
                            "no site can name the policy file {name:?}: rename it to letters, \
                             digits, `-`, `_` and `.`, 63 at the most"
                        );
                    }
                }
                Some(listing)
            }
            Err(error) => {
                let (path, why) = (folder.path().to_owned(), error.to_string());
                let said = matches!(before, DirectoryState::Unreadable { why: w, .. } if *w == why);
                if !said {
                    let state = DirectoryState::Unreadable { path, why, since: now };
                    tracing::warn!("{state}");
                    shared.stock.set_directory(state);
                }
                None
            }
        }
    }

    /// Deals with the names whose files are gone.
    fn forget_gone(&mut self, shared: &Shared, listing: &Listing, look: &Look<'_>) {
        self.seen.retain(|name, _| listing.files.contains_key(name));
        for entry in shared.stock.now().entries.values() {
            if !listing.files.contains_key(&entry.name) {
                shared.file_gone(entry, look);
            }
        }
    }

    fn visit(&mut self, shared: &Arc<Shared>, name: &PolicyName, found: Found, look: &Look<'_>) {
        let now = look.now;
        let seen = match self.seen.get_mut(name) {
            Some(seen) if seen.found == found => seen,
            Some(_) | None => {
                let due = match look.patience {
                    Patience::Opening { .. } => now,
                    Patience::Running => now.plus(SETTLE),
                };
                self.seen.insert(name.clone(), Seen { found, due, step: Step::Settling });
                self.seen.get_mut(name).expect("it was inserted just now")
            }
        };
        if !seen.is_due(now, self.compiling.is_none()) {
            return;
        }
        let found = seen.found.clone();
        let step = self.judge(shared, name, &found, look);
        if let Some(seen) = self.seen.get_mut(name) {
            seen.came_to(step, now);
        }
    }

    /// Takes a file as far as it comes.
    fn judge(
        &mut self,
        shared: &Arc<Shared>,
        name: &PolicyName,
        found: &Found,
        look: &Look<'_>,
    ) -> Step {
        let began = Instant::now();
        let mut candidate = Candidate {
            name,
            origin: Origin::File(found.path.clone()),
            digest: Digest::of(b""),
            began,
        };
        let wasm = match read(shared, name, found) {
            Ok(wasm) => wasm,
            Err(Unfit::Changed) => return Step::Unsettled,
            Err(Unfit::Refused(refusal)) => {
                return Step::after(shared.refuse(&candidate, None, refusal, look.now));
            }
        };
        candidate.digest = Digest::of(&wasm);
        match self.obtain(shared, &candidate, wasm, look) {
            Ok(Obtained::Step(step)) => step,
            Ok(Obtained::Policy(policy)) => Step::after(shared.adopt(&candidate, policy, look)),
            Err(refusal) => {
                let digest = Some(candidate.digest);
                Step::after(shared.refuse(&candidate, digest, refusal, look.now))
            }
        }
    }

    /// Gets the policy of a content: from what is live, from the cache, or from
    /// the compiler.
    fn obtain(
        &mut self,
        shared: &Arc<Shared>,
        candidate: &Candidate<'_>,
        wasm: Vec<u8>,
        look: &Look<'_>,
    ) -> Result<Obtained, Refusal> {
        let (name, digest, stock) = (candidate.name, candidate.digest, shared.stock.now());
        judge::pinned(name, digest, &stock.rules)?;
        if stock.entries.get(name).is_some_and(|entry| entry.digest() == Some(digest)) {
            shared.unchanged(candidate);
            return Ok(Obtained::Step(Step::Judged));
        }
        let form = Form::of(&wasm);
        if form != Form::Component {
            let problem = LoadProblem::NotAComponent(form);
            return Err(Refusal::new(Outcome::RefusedForm, problem.to_string()));
        }
        if let Some(policy) = shared.live_of(digest) {
            return Ok(Obtained::Policy(policy.renamed(name.clone())));
        }
        if let Some(code) = shared.judge.cached(digest) {
            return Ok(Obtained::Policy(shared.judge.load(name, &code, &stock.rules)?));
        }
        let limits = stock.rules.limits_of(name).clone();
        let order = Order { wasm: wasm.into(), digest, limits, cancelled: Arc::default() };
        if let Patience::Opening { done, of } = look.patience {
            shared.listener.progress(Progress::Compiling { policy: name, done, of });
            let code = shared.judge.compile(&shared.compiler, &order)?;
            return Ok(Obtained::Policy(shared.judge.load(name, &code, &stock.rules)?));
        }
        shared.compiling(candidate, look.now);
        Ok(Obtained::Step(self.start(shared, order).map_err(|error| judge::failed(&error))?))
    }

    /// Starts to compile beside the looks, unless something else is compiled.
    fn start(&mut self, shared: &Arc<Shared>, order: Order) -> std::io::Result<Step> {
        if let Some(compiling) = &self.compiling {
            let comes = compiling.order.serves(&order);
            return Ok(if comes { Step::Compiling(order.digest) } else { Step::Waiting });
        }
        let (tell, result) = mpsc::sync_channel(1);
        let (beside, ordered) = (Arc::clone(shared), order.clone());
        thread::Builder::new().name("policy-compile".into()).spawn(move || {
            let made = beside.judge.compile(&beside.compiler, &ordered);
            // Nobody listens any more if the shelf is gone.
            let _gone = tell.send(made);
            beside.wake();
        })?;
        let step = Step::Compiling(order.digest);
        self.compiling = Some(Compiling { order, began: Instant::now(), result });
        Ok(step)
    }

    /// Takes what the compiler has finished.
    fn collect(&mut self, shared: &Arc<Shared>, look: &Look<'_>) {
        let Some(compiling) = self.compiling.take() else { return };
        match compiling.result.try_recv() {
            Ok(result) => self.compiled(shared, &compiling, result, look),
            Err(TryRecvError::Empty) => self.compiling = Some(compiling),
            Err(TryRecvError::Disconnected) => self.compiled(shared, &compiling, Err(died()), look),
        }
    }

    fn compiled(
        &mut self,
        shared: &Arc<Shared>,
        compiling: &Compiling,
        result: Result<NativeCode, NotCompiled>,
        look: &Look<'_>,
    ) {
        let digest = compiling.order.digest;
        for (name, seen) in &mut self.seen {
            if seen.step != Step::Compiling(digest) {
                continue;
            }
            if matches!(result, Err(NotCompiled::Cancelled)) {
                // It says nothing of the file, which somebody wants again.
                seen.came_to(Step::Waiting, look.now);
                continue;
            }
            let origin = Origin::File(seen.found.path.clone());
            let candidate = Candidate { name, origin, digest, began: compiling.began };
            let policy = match (&result, shared.live_of(digest)) {
                (Ok(_), Some(live)) => Ok(live.renamed(name.clone())),
                (Ok(code), None) => shared.judge.load(name, code, &shared.stock.now().rules),
                (Err(why), _) => Err(why.clone().into()),
            };
            let outcome = match policy {
                Ok(policy) => shared.adopt(&candidate, policy, look),
                Err(refusal) => shared.refuse(&candidate, Some(digest), refusal, look.now),
            };
            seen.came_to(Step::after(outcome), look.now);
        }
    }

    /// Stops compiling what no file holds any more.
    fn give_up_unwanted(&mut self) {
        if let Some(compiling) = &self.compiling {
            let wanted = Step::Compiling(compiling.order.digest);
            if !self.seen.values().any(|seen| seen.step == wanted) {
                compiling.order.cancelled.store(true, Ordering::Relaxed);
            }
        }
    }
}

enum Obtained {
    Policy(Policy),
    Step(Step),
}

enum Unfit {
    Changed,
    Refused(Refusal),
}

fn died() -> NotCompiled {
    NotCompiled::Broken("the thread that compiled it ended".to_owned())
}

/// The bytes of a file that may be read.
fn read(shared: &Shared, name: &PolicyName, found: &Found) -> Result<Vec<u8>, Unfit> {
    let refused = |outcome, why: String| Unfit::Refused(Refusal::new(outcome, why));
    let (real, stamp) = match &found.form {
        FoundForm::File { real, stamp } => (real, *stamp),
        FoundForm::Barred(why) => return Err(refused(Outcome::RefusedFile, why.clone())),
    };
    let stock = shared.stock.now();
    let limits = stock.rules.limits_of(name);
    let cap = Limit::FileBytes.cap(limits);
    if stamp.size() > cap {
        let hit = Limit::FileBytes.hit(Used::Exactly(stamp.size()), limits);
        return Err(refused(Outcome::RefusedLimit, LoadProblem::OverLimit(hit).to_string()));
    }
    folder::read(real, stamp, cap).map_err(|unread| match unread {
        Unread::Changed => Unfit::Changed,
        Unread::Failed(error) => refused(
            Outcome::RefusedFile,
            format!("it cannot be read: {error}. Let the host read it"),
        ),
    })
}
