//! What a look and the readers of the shelf share: the stock, who checks, who
//! compiles, who is told. Every change of an entry is one function here.

use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hooke_bundled::{BUNDLED, Bundled};
use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::{Digest, Policy};

use crate::compiler::{Compiler, Order};
use crate::entry::{Entry, Live, Newest, Origin};
use crate::judge::{self, Judge, Refusal};
use crate::keeper::{Look, Patience};
use crate::outcome::{Event, Listener, Outcome, Progress};
use crate::stock::Stock;

/// Shared by the keeper, its compiling thread and the readers.
pub(crate) struct Shared {
    pub(crate) judge: Judge,
    pub(crate) stock: Stock,
    pub(crate) compiler: Compiler,
    pub(crate) listener: Arc<dyn Listener>,
    pub(crate) waker: Mutex<Option<Sender<()>>>,
}

/// A content on its way to be live under a name.
pub(crate) struct Candidate<'a> {
    pub(crate) name: &'a PolicyName,
    pub(crate) origin: Origin,
    pub(crate) digest: Digest,
    pub(crate) began: Instant,
}

impl Candidate<'_> {
    fn event(&self, outcome: Outcome) -> Event {
        let file = match &self.origin {
            Origin::Bundled => None,
            Origin::File(path) => Some(path.clone()),
        };
        Event {
            policy: self.name.clone(),
            file,
            digest: Some(self.digest),
            outcome,
            why: None,
            differences: Vec::new(),
            took: self.began.elapsed(),
        }
    }
}

impl Shared {
    /// Asks for a look soon.
    pub(crate) fn wake(&self) {
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waker) = &*waker {
            // Nobody watches any more.
            let _gone = waker.send(());
        }
    }

    /// The policy that is live with this content, under any name.
    pub(crate) fn live_of(&self, digest: Digest) -> Option<Policy> {
        let stock = self.stock.now();
        let mut live = stock.entries.values().filter_map(|entry| entry.policy().ok());
        live.find(|policy| policy.digest() == digest).cloned()
    }

    /// Makes a loaded policy live, if all who have a say agree.
    pub(crate) fn adopt(
        &self,
        candidate: &Candidate<'_>,
        policy: Policy,
        look: &Look<'_>,
    ) -> Outcome {
        match self.judge.accept(&policy, &self.stock.now().rules, look.users) {
            Ok(differences) => {
                let before = self.stock.entry(candidate.name.as_str());
                let outcome = match before.is_some_and(|entry| entry.live.is_ok()) {
                    true => Outcome::Swapped,
                    false => Outcome::Loaded,
                };
                self.stock.put(candidate.live(policy, look.now));
                self.tell(Event { differences, ..candidate.event(outcome) })
            }
            Err(refusal) => self.refuse(candidate, Some(candidate.digest), refusal, look.now),
        }
    }

    /// Notes a refusal beside what is live. Said once, however often it is found.
    pub(crate) fn refuse(
        &self,
        candidate: &Candidate<'_>,
        digest: Option<Digest>,
        Refusal { outcome, why }: Refusal,
        now: Timestamp,
    ) -> Outcome {
        let before = self.stock.entry(candidate.name.as_str());
        if let Some(Newest::Refused { digest: d, outcome: o, why: w, .. }) =
            before.as_ref().and_then(|entry| entry.newest.as_ref())
            && (*d, *o, w) == (digest, outcome, &why)
        {
            return outcome;
        }
        let mut entry = candidate.entry(before.as_deref(), &why);
        if entry.live.is_err() {
            entry.live = Err(why.clone());
        }
        if candidate.origin != Origin::Bundled {
            entry.newest = Some(Newest::Refused { digest, outcome, why: why.clone(), since: now });
        }
        // Whoever sees it refused finds it counted too.
        self.tell(Event { digest, why: Some(why), ..candidate.event(outcome) });
        self.stock.put(entry);
        outcome
    }

    /// Takes off what is live against its name's pin. Another host, started now,
    /// would not run it either.
    pub(crate) fn evict_unpinned(&self, now: Timestamp) {
        let stock = self.stock.now();
        for entry in stock.entries.values() {
            let Some(digest) = entry.digest() else { continue };
            let Err(refusal) = judge::pinned(&entry.name, digest, &stock.rules) else { continue };
            let Refusal { outcome, why } = refusal;
            let (name, origin) = (&entry.name, entry.origin.clone());
            let candidate = Candidate { name, origin, digest, began: Instant::now() };
            let newest = (entry.origin != Origin::Bundled).then(|| Newest::Refused {
                digest: Some(digest),
                outcome,
                why: why.clone(),
                since: now,
            });
            let live = Err(why.clone());
            self.tell(Event { why: Some(why), ..candidate.event(outcome) });
            self.stock.put(Entry { live, newest, orphaned: None, ..Entry::clone(entry) });
        }
    }

    /// Notes that a candidate is on its way to the compiler.
    pub(crate) fn compiling(&self, candidate: &Candidate<'_>, now: Timestamp) {
        let before = self.stock.entry(candidate.name.as_str());
        if let Some(Newest::Compiling { digest, .. }) =
            before.as_ref().and_then(|entry| entry.newest.as_ref())
            && *digest == candidate.digest
        {
            return;
        }
        let mut entry = candidate.entry(before.as_deref(), "it is being compiled");
        entry.newest = Some(Newest::Compiling { digest: candidate.digest, since: now });
        self.stock.put(entry);
    }

    /// Notes that the newest file is what is live.
    pub(crate) fn unchanged(&self, candidate: &Candidate<'_>) {
        self.stock.put(
            candidate
                .entry(self.stock.entry(candidate.name.as_str()).as_deref(), "it has no policy"),
        );
        self.tell(candidate.event(Outcome::Unchanged));
    }

    /// Deals with an entry that the directory holds no file of.
    pub(crate) fn file_gone(&self, entry: &Entry, look: &Look<'_>) {
        let gone = |outcome| {
            let (name, origin) = (&entry.name, entry.origin.clone());
            let digest = entry.digest().unwrap_or_else(|| Digest::of(b""));
            let candidate = Candidate { name, origin, digest, began: Instant::now() };
            Event { digest: entry.digest(), ..candidate.event(outcome) }
        };
        match &entry.origin {
            Origin::Bundled if entry.newest.is_some() => {
                self.stock.put(Entry { newest: None, ..entry.clone() });
            }
            Origin::Bundled => {}
            Origin::File(_) if entry.live.is_ok() && look.users.uses(&entry.name) => {
                if entry.orphaned.is_none() {
                    let orphaned = Some(look.now);
                    self.stock.put(Entry { newest: None, orphaned, ..entry.clone() });
                    let why = "its file is gone. It runs on until no site names it, or a file \
                               comes; it will not be there after a restart";
                    self.tell(Event { why: Some(why.into()), ..gone(Outcome::Orphaned) });
                }
            }
            Origin::File(_) => {
                self.stock.remove(&entry.name);
                self.tell(gone(Outcome::Released));
                if let Some(bundled) = BUNDLED.iter().find(|b| b.name == entry.name.as_str()) {
                    self.put_bundled(bundled, look);
                }
            }
        }
    }

    /// Puts a policy of the program on the shelf. It is trusted: it is compiled
    /// here, and is not tried first.
    pub(crate) fn put_bundled(&self, bundled: &Bundled, look: &Look<'_>) {
        let (name, digest) = (PolicyName::from(bundled.name), Digest::of(bundled.wasm));
        let candidate =
            Candidate { name: &name, origin: Origin::Bundled, digest, began: Instant::now() };
        match self.bundled(&name, bundled, look) {
            Ok(policy) => self.stock.put(candidate.live(policy, look.now)),
            Err(refusal) => {
                self.refuse(&candidate, Some(digest), refusal, look.now);
            }
        }
    }

    fn bundled(
        &self,
        name: &PolicyName,
        bundled: &Bundled,
        look: &Look<'_>,
    ) -> Result<Policy, Refusal> {
        let (digest, rules) = (Digest::of(bundled.wasm), &self.stock.now().rules);
        judge::pinned(name, digest, rules)?;
        if let Some(code) = self.judge.cached(digest) {
            return self.judge.load(name, &code, rules);
        }
        if let Patience::Opening { done, of } = look.patience {
            self.listener.progress(Progress::Compiling { policy: name, done, of });
        }
        let (limits, cancelled) = (rules.limits_of(name).clone(), Arc::default());
        let order = Order { wasm: bundled.wasm.into(), digest, limits, cancelled };
        let code = self.judge.compile(&Compiler::InProcess, &order)?;
        self.judge.load(name, &code, rules)
    }

    fn tell(&self, event: Event) -> Outcome {
        event.log();
        self.listener.happened(&event);
        event.outcome
    }
}

impl Candidate<'_> {
    /// The entry in which this candidate is live.
    fn live(&self, policy: Policy, since: Timestamp) -> Entry {
        let (name, origin) = (self.name.clone(), self.origin.clone());
        Entry { name, origin, live: Ok(Live { policy, since }), newest: None, orphaned: None }
    }

    /// The entry as it was, with its file there; a new one if there was none.
    fn entry(&self, before: Option<&Entry>, none_yet: &str) -> Entry {
        match before {
            Some(before) => Entry { newest: None, orphaned: None, ..before.clone() },
            None => Entry {
                name: self.name.clone(),
                origin: self.origin.clone(),
                live: Err(none_yet.to_owned()),
                newest: None,
                orphaned: None,
            },
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("stock", &self.stock).finish_non_exhaustive()
    }
}
