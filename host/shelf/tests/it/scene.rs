//! A policies directory, a shelf on it, and all that is told of it as text, in
//! which contents have names instead of digests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use expect_test::Expect;
use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::{Digest, Policy};
use hooke_shelf::{
    Bind, Compiler, DirectoryState, Event, Listener, Objection, Origin, Shelf, ShelfConfig, Users,
};
use tempfile::TempDir;

use crate::guests::guest;

/// The simplest policy there is.
pub(crate) static HONEST: LazyLock<Vec<u8>> = LazyLock::new(|| guest("honest").build());

/// The same policy with a mark behind it: another content that does the same.
pub(crate) fn marked(mark: u8) -> Vec<u8> {
    // A custom section of `mark` zeros more, so that sizes differ as well.
    let mut wasm = HONEST.clone();
    wasm.extend([0, 5 + mark, 4, b'm', b'a', b'r', b'k']);
    wasm.extend(vec![0; usize::from(mark)]);
    wasm
}

/// The program of the tests, built with them.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples/times")
}

/// It, as the compiler.
pub(crate) fn worker() -> Compiler {
    Compiler::Child { program: program(), args: vec!["compile-worker".into()] }
}

/// Who listens and who uses the policies, in one.
#[derive(Default)]
pub(crate) struct Sites {
    pub(crate) used: Mutex<Vec<&'static str>>,
    /// What they say of the next candidate.
    pub(crate) answer: Mutex<Option<Result<Vec<String>, Objection>>>,
    pub(crate) heard: Mutex<Vec<Event>>,
}

impl Listener for Sites {
    fn happened(&self, event: &Event) {
        self.heard.lock().unwrap().push(event.clone());
    }
}

impl Users for Sites {
    fn uses(&self, policy: &PolicyName) -> bool {
        self.used.lock().unwrap().contains(&policy.as_str())
    }

    fn accept(&self, candidate: &Policy, bind: &Bind<'_>) -> Result<Vec<String>, Objection> {
        bind(candidate.imports()).map_err(|error| Objection::Grants(error.to_string()))?;
        self.answer.lock().unwrap().take().unwrap_or(Ok(Vec::new()))
    }
}

/// A policies directory and a shelf on it.
pub(crate) struct Scene {
    pub(crate) directory: PathBuf,
    pub(crate) cache: PathBuf,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) sites: Arc<Sites>,
    pub(crate) now: Timestamp,
    names: BTreeMap<String, &'static str>,
    _place: TempDir,
}

impl Scene {
    /// An empty directory, a cache, and every policy named `mine` or `yours` in
    /// use.
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut ShelfConfig)) -> Self {
        Self::after(|_| (), change)
    }

    /// A directory in which something was before the shelf was opened.
    pub(crate) fn after(before: impl FnOnce(&Path), change: impl FnOnce(&mut ShelfConfig)) -> Self {
        let place = tempfile::tempdir().unwrap();
        let (directory, cache) = (place.path().join("policies"), place.path().join("cache"));
        fs::create_dir(&directory).unwrap();
        before(&directory);
        let mut config = ShelfConfig {
            directory: Some(directory.clone()),
            cache: Some(cache.clone()),
            ..ShelfConfig::default()
        };
        change(&mut config);
        let sites = Arc::new(Sites::default());
        *sites.used.lock().unwrap() = vec!["mine", "yours", "threshold"];
        let now = Timestamp::from_millis(1_000_000);
        let shelf = Shelf::open(config, now, Arc::<Sites>::clone(&sites)).unwrap();
        let mut scene = Self {
            directory,
            cache,
            shelf: Arc::new(shelf),
            sites,
            now,
            names: BTreeMap::new(),
            _place: place,
        };
        scene.name("honest", &HONEST);
        for (name, mark) in [("first", 1), ("second", 2), ("third", 3)] {
            scene.name(name, &marked(mark));
        }
        for bundled in hooke_bundled::BUNDLED {
            scene.name(bundled.name, bundled.wasm);
        }
        scene
    }

    /// Gives a content a name in what is told.
    pub(crate) fn name(&mut self, name: &'static str, wasm: &[u8]) {
        self.names.insert(Digest::of(wasm).to_string(), name);
    }

    pub(crate) fn at(&self, file: &str) -> PathBuf {
        self.directory.join(file)
    }

    /// Writes a file in place, as `cp` does.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.at(file), bytes).unwrap();
    }

    /// Writes a file beside and renames it into place, as it should be done.
    pub(crate) fn put(&self, file: &str, bytes: &[u8]) {
        fs::write(self.at("next.tmp"), bytes).unwrap();
        fs::rename(self.at("next.tmp"), self.at(file)).unwrap();
    }

    /// One look, 150 ms after the last.
    pub(crate) fn look(&mut self) {
        self.now = Timestamp::from_millis(self.now.as_millis() + 150);
        self.shelf.look(self.now, &*self.sites);
    }

    /// Looks until what is there now has been dealt with.
    pub(crate) fn settle(&mut self) {
        for _look in 0..4 {
            self.look();
        }
        self.shelf.finish_compiling(self.now, &*self.sites);
    }

    /// The digest of what is live under a name, by the content's name.
    pub(crate) fn live(&self, name: &str) -> String {
        let digest = self.shelf.get(name).and_then(|entry| entry.digest());
        digest.map_or("none".to_owned(), |digest| self.known(&digest.to_string()))
    }

    /// What happened since this was last asked, and what the shelf shows now.
    #[track_caller]
    pub(crate) fn check(&self, want: Expect) {
        want.assert_eq(&self.told());
    }

    /// Settles, and checks.
    #[track_caller]
    pub(crate) fn then(&mut self, want: Expect) {
        self.settle();
        self.check(want);
    }

    fn told(&self) -> String {
        let mut text = String::new();
        for event in self.sites.heard.lock().unwrap().drain(..) {
            let digest = event.digest.map(|d| format!(" {d}")).unwrap_or_default();
            text.push_str(&format!("- {} {}{digest}\n", event.policy, event.outcome));
            for difference in event.differences {
                text.push_str(&format!("  {difference}\n"));
            }
        }
        let status = self.shelf.status();
        if let DirectoryState::Unreadable { .. } = status.directory {
            text.push_str(&format!("{}\n", status.directory));
        }
        text.extend(status.cache_refused.map(|why| format!("no cache: {why}\n")));
        let shown = |p: &&hooke_shelf::PolicyStatus| {
            p.origin != Origin::Bundled || p.newest.is_some() || p.live.is_err()
        };
        for policy in status.policies.iter().filter(shown) {
            text.push_str(&format!("{policy}\n"));
        }
        self.known(&text)
    }

    fn known(&self, text: &str) -> String {
        let mut text = text.replace(&self.directory.display().to_string(), "DIR");
        text = text.replace(&self.cache.display().to_string(), "CACHE");
        for (digest, name) in &self.names {
            text = text.replace(digest, name).replace(&digest[..12], name);
        }
        text
    }
}
