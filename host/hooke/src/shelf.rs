//! The policies at hand: those in the program and those in the policies
//! directory. A file that cannot be used is kept with the reason, and stops
//! nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hooke_bundled::BUNDLED;
use hooke_control::answer::PolicyFailure;
use hooke_control::ids::PolicyName;
use hooke_runtime::{
    BoundPolicy, Grants, Host, HostConfig, HostError, Level, Limits, Policy, Wasi,
};

use crate::config::{BindingConfig, Problems, SiteConfig, nearest};

/// Where a policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The hooke program.
    Bundled,
    /// A file.
    File(PathBuf),
}

/// A policy, or why it is none.
#[derive(Debug, Clone)]
pub(crate) struct Shelved {
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// The policy; if it cannot be used, why, for the operator.
    pub(crate) policy: Result<Policy, String>,
}

/// Every policy at hand.
#[derive(Debug)]
pub(crate) struct Shelf {
    host: Host,
    limits: Limits,
    policies: BTreeMap<PolicyName, Shelved>,
}

/// Why there is no shelf.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    /// The engine did not start.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The policies directory could not be read.
    #[error("cannot read the policies directory {directory} (create it, or remove [policies] from the site file)", directory = directory.display())]
    Directory { directory: PathBuf, source: io::Error },
}

impl Shelf {
    /// Loads the bundled policies and every `*.wasm` file of the directory. A
    /// file with a bundled policy's name takes its place.
    pub(crate) fn open(directory: Option<&Path>, limits: Limits) -> Result<Self, ShelfError> {
        let host = Host::new(HostConfig {
            limits: limits.clone(),
            log_from: Level::Info,
            wasi: Wasi::Stub,
        })?;
        let mut policies = BTreeMap::new();
        for bundled in BUNDLED {
            let name = PolicyName::from(bundled.name);
            let policy = host.load(name.clone(), bundled.wasm).map_err(|error| chain(&error));
            policies.insert(name, Shelved { origin: Origin::Bundled, policy });
        }
        let mut shelf = Self { host, limits, policies };
        if let Some(directory) = directory {
            shelf.add_directory(directory)?;
        }
        Ok(shelf)
    }

    /// Loads one file that is on no shelf, as `policy inspect FILE` does.
    pub(crate) fn load_file(&self, path: &Path) -> Shelved {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("policy");
        let policy = fs::read(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
            .and_then(|wasm| {
                self.host.load(PolicyName::from(name), &wasm).map_err(|error| chain(&error))
            });
        Shelved { origin: Origin::File(path.to_owned()), policy }
    }

    /// Every policy, in order of name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PolicyName, &Shelved)> {
        self.policies.iter()
    }

    /// The policy of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Shelved> {
        self.policies.get(name)
    }

    /// Links a policy for a site. Bundled ones are ours and get what they
    /// import; what is dropped in gets what the site grants.
    pub(crate) fn bind(
        &self,
        name: &PolicyName,
        granted: &Grants,
    ) -> Result<BoundPolicy, PolicyFailure> {
        let unavailable = |why: String| PolicyFailure::Unavailable { why };
        let shelved = self
            .policies
            .get(name)
            .ok_or_else(|| unavailable(format!("there is no policy {name}")))?;
        let policy = shelved.policy.as_ref().map_err(|why| unavailable(why.clone()))?;
        let grants = match &shelved.origin {
            Origin::Bundled => Grants::all(),
            Origin::File(_) => granted.clone(),
        };
        self.host
            .bind(policy, &grants, self.limits.clone())
            .map_err(|error| unavailable(chain(&error)))
    }

    /// Makes a problem of every policy that a site names and that does not
    /// exist, and of every setting that a policy refuses. A policy that exists
    /// and cannot be used is no problem of the site file: the profile holds.
    pub(crate) fn check(&self, site: &SiteConfig, problems: &mut Problems) {
        for binding in &site.bindings {
            if self.policies.contains_key(&binding.policy) {
                self.check_settings(site, binding, problems);
                continue;
            }
            let policy = &binding.policy;
            let known = nearest(policy.as_str(), self.policies.keys().map(PolicyName::as_str));
            let instead =
                format!("{known} (or put {policy}.wasm into the directory of [policies])");
            problems.add(binding.at.clone(), format!("there is no policy `{policy}`"), instead);
        }
    }

    fn check_settings(&self, site: &SiteConfig, binding: &BindingConfig, problems: &mut Problems) {
        let Ok(bound) = self.bind(&binding.policy, &site.grants) else { return };
        let (policy, settings) = (&binding.policy, &binding.settings);
        match bound.validate_settings(&settings.json()) {
            Ok(found) => {
                for problem in found {
                    let what = match problem.path.as_str() {
                        "" => format!("policy `{policy}` refuses its settings"),
                        path => format!("policy `{policy}` refuses its setting `{path}`"),
                    };
                    problems.add(settings.place(&problem.path), what, problem.message);
                }
            }
            Err(failure) => problems.add(
                binding.at.clone(),
                format!(
                    "policy `{policy}` failed while it checked its settings: {}",
                    failure.why()
                ),
                "use another policy, or mend this one",
            ),
        }
    }

    fn add_directory(&mut self, directory: &Path) -> Result<(), ShelfError> {
        let failed = |source| ShelfError::Directory { directory: directory.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            if path.extension().is_some_and(|extension| extension == "wasm") && !hidden {
                files.push(path);
            }
        }
        files.sort();
        for path in files {
            let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            let shelved = self.load_file(&path);
            if let Err(why) = &shelved.policy {
                tracing::warn!(file = %path.display(), "policy file refused: {why}");
            }
            self.policies.insert(PolicyName::from(name), shelved);
        }
        Ok(())
    }
}

/// An error with all its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
