//! The policies at hand, as a site file asks for them: opened, and held against
//! what the sites say. Watching and swapping them is `hooke_shelf`'s.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hooke_control::ids::PolicyName;
use hooke_runtime::BoundPolicy;
pub(crate) use hooke_shelf::Shelf;
use hooke_shelf::{
    Cache, Compiler, Conformance, Event, Listener, Progress, Rules, ShelfConfig, ShelfError,
};
use hooke_trial::grid::{self, GridConfig, GridReport, Severity};
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock;
use crate::config::{
    Asked, BindingConfig, PoliciesConfig, Problems, SiteConfig, UsedSettings, nearest,
};
use crate::metrics::Metrics;

/// The first argument of the process that compiles policy files.
pub(crate) const COMPILE_COMMAND: &str = "compile-policy";

/// Whether a cache that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheUse {
    /// It is: by the host.
    Make,
    /// It is not: by commands that only look.
    IfThere,
}

/// Opens the shelf that a site file asks for. Shows a line on the terminal
/// while something is compiled.
pub(crate) fn open(
    config: &PoliciesConfig,
    cache: CacheUse,
    metrics: Option<Arc<Metrics>>,
) -> Result<Shelf, ShelfError> {
    let there = cache == CacheUse::Make || config.cache.is_dir();
    let shelf = ShelfConfig {
        directory: config.directory.clone(),
        cache: Some(config.cache.clone()).filter(|_| there),
        cache_bytes: Cache::MOST_BYTES,
        rules: rules(config),
        wasi: config.wasi,
        conformance: conformance(config),
        compiler: compiler(),
    };
    Shelf::open(shelf, clock::wall(), Arc::new(Told { metrics, bar: Mutex::new(None) }))
}

/// What the site file allows to policies.
pub(crate) fn rules(config: &PoliciesConfig) -> Rules {
    let named = || config.named.iter();
    Rules {
        pins: named().filter_map(|(name, policy)| Some((name.clone(), policy.pin?))).collect(),
        limits: config.limits.clone(),
        limits_of: named().map(|(name, policy)| (name.clone(), policy.limits.clone())).collect(),
    }
}

fn conformance(config: &PoliciesConfig) -> Conformance {
    if !config.conformance {
        return Conformance::Off;
    }
    let used = config.used.clone();
    Conformance::On(Arc::new(move |bound| conforms(bound, &used)))
}

/// Holds a policy against the grid, with the settings of the sites that use it,
/// else with what it takes by itself. Where there are none it is not asked, and
/// the log says so.
fn conforms(bound: &BoundPolicy, used: &UsedSettings) -> Result<(), String> {
    let policy = bound.policy().name();
    let chosen = match grid::choose(bound, &used.of_policy(policy)) {
        Ok(chosen) => chosen,
        Err(why) => {
            tracing::warn!(%policy, "the policy was not held against the grid: {why}");
            return Ok(());
        }
    };
    let from = match chosen.source {
        grid::Source::Given => "of the sites",
        grid::Source::Defaults => "none are needed",
        grid::Source::Schema => "of its schema",
    };
    for report in grid::check_chosen(bound, &chosen, GridConfig::default()) {
        let summary = report.summary();
        tracing::info!(%policy, settings = from, "the policy came through the grid: {summary}");
        if report.refuses() {
            return Err(format!("{summary}: {}", refusals(&report)));
        }
    }
    Ok(())
}

fn refusals(report: &GridReport) -> String {
    let refused = report.findings.iter().filter(|f| f.severity == Severity::Refuse);
    let told: Vec<String> = refused
        .map(|f| format!("{} (in {}: {}); {}", f.problem, f.situation, f.said, f.cure))
        .collect();
    told.join("; ")
}

/// A file of the policies directory is compiled by this program in a process of
/// its own, which can be stopped.
fn compiler() -> Compiler {
    // Not its path: that may be another version by now.
    Compiler::Child { program: "/proc/self/exe".into(), args: vec![COMPILE_COMMAND.into()] }
}

/// Makes a problem of every policy that a site names and that does not exist,
/// and of every setting that a policy refuses. A policy that exists and cannot
/// be used is no problem of the site file: the profile holds.
pub(crate) fn check(shelf: &Shelf, site: &SiteConfig, problems: &mut Problems) {
    for asked in site.bindings.iter().flat_map(BindingConfig::asked) {
        if shelf.get(asked.policy.as_str()).is_some() {
            check_settings(shelf, site, asked, problems);
            continue;
        }
        let policy = asked.policy;
        let known: Vec<PolicyName> = shelf.entries().iter().map(|e| e.name.clone()).collect();
        let known = nearest(policy.as_str(), known.iter().map(PolicyName::as_str));
        let instead = format!("{known} (or put {policy}.wasm into the directory of [policies])");
        problems.add(asked.at.clone(), format!("there is no policy `{policy}`"), instead);
    }
}

fn check_settings(shelf: &Shelf, site: &SiteConfig, asked: Asked<'_>, problems: &mut Problems) {
    let Ok(bound) = shelf.bind(asked.policy, &site.grants) else { return };
    let (policy, settings) = (asked.policy, asked.settings);
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
            asked.at.clone(),
            format!("policy `{policy}` failed while it checked its settings: {}", failure.why()),
            "use another policy, or mend this one",
        ),
    }
}

/// Passes on what happens on the shelf: to the metrics, and to a person who
/// waits for it to open.
struct Told {
    metrics: Option<Arc<Metrics>>,
    bar: Mutex<Option<ProgressBar>>,
}

impl Listener for Told {
    fn progress(&self, progress: Progress<'_>) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Compiling { policy, .. } => {
                if std::io::stderr().is_terminal() {
                    let bar = bar.insert(ProgressBar::new_spinner());
                    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                    bar.set_message(format!("compiling policy {policy}"));
                    bar.enable_steady_tick(Duration::from_millis(120));
                }
            }
            Progress::Done { .. } => {
                if let Some(bar) = bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }

    fn happened(&self, event: &Event) {
        if let Some(metrics) = &self.metrics {
            metrics.policies.happened(event.outcome);
        }
    }
}

/// A directory that a compile cache may be in without a site file.
pub(crate) fn users_cache() -> PathBuf {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    base.unwrap_or_else(std::env::temp_dir).join("hooke").join("policies")
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
