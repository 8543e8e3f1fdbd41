//! Everything there is to know of a policy's file before a site uses it: what
//! it imports and exports, what it needs, how it comes through the grid, and
//! each problem with its cure.

mod anatomy;
mod schema;

use std::fmt::Write as _;

use hooke_control::answer::{PolicyFailure, Verdict};
use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, CONTRACT_VERSION, Digest, Grants, Host, Limits, Policy, Schema};
use serde::Serialize;

pub use anatomy::{Given, Import};

use crate::grid::{self, GridConfig, GridReport};
use crate::situation::Situation;
use crate::usage::{UseView, most, table};
use anatomy::Anatomy;

/// What a policy is checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckConfig {
    /// What an evaluation may use.
    pub limits: Limits,
    /// The settings: one JSON object. Without them, what the policy does with
    /// none, else what its schema gives.
    pub settings: Option<String>,
    /// How far the grid goes; `None` leaves it out.
    pub grid: Option<GridConfig>,
}

impl Default for CheckConfig {
    fn default() -> Self {
        Self { limits: Limits::default(), settings: None, grid: Some(GridConfig::default()) }
    }
}

/// What was found out about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Its name.
    pub policy: String,
    /// Bytes of its file.
    pub size: usize,
    /// What names its exact bytes.
    pub sha256: String,
    /// The version of the contract that this host carries.
    pub contract: &'static str,
    /// What it says of itself: name, version, a sentence. Absent if it does
    /// not load.
    pub described: Option<[String; 3]>,
    /// What it imports.
    pub imports: Vec<Import>,
    /// What it exports.
    pub exports: Vec<String>,
    /// What it needs of the limits before it runs.
    pub needs: Vec<UseView>,
    /// What an evaluation of a quiet site used of each limit.
    pub uses: Vec<UseView>,
    /// The settings that its schema names.
    pub settings: Vec<String>,
    /// How it came through the grid; absent if it was left out, or there were
    /// no settings to run it with: see the problems.
    pub grid: Option<GridReport>,
    /// What is the matter with it, the worst first.
    pub problems: Vec<Problem>,
}

/// One thing that is the matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is worth.
    pub weight: Weight,
    /// What is wrong.
    pub what: String,
    /// Where the grid met it first, and what the policy said there.
    pub example: Option<String>,
    /// What to do about it; absent where `what` says it.
    pub cure: Option<String>,
}

/// What a problem is worth; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It cannot or may not be used.
    Wrong,
    /// It can; its author should know.
    Note,
}

impl Problem {
    fn new(weight: Weight, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { weight, what: what.into(), example: None, cure: Some(cure.into()) }
    }
}

/// Checks the bytes of a file. Loads it, which takes seconds for a large one.
pub fn check(host: &Host, name: &PolicyName, wasm: &[u8], config: &CheckConfig) -> CheckReport {
    let mut report = of_file(name, wasm, &config.limits);
    match host.load_within(name.clone(), wasm, &config.limits) {
        Ok(policy) => of_policy(host, &policy, config, &mut report),
        Err(error) => report.refuse(error.why.to_string()),
    }
    report.problems.sort_by_key(|problem| problem.weight);
    report
}

/// Checks a policy that is loaded already, and its file's bytes.
pub fn check_loaded(
    host: &Host,
    policy: &Policy,
    wasm: &[u8],
    config: &CheckConfig,
) -> CheckReport {
    let mut report = of_file(policy.name(), wasm, &config.limits);
    of_policy(host, policy, config, &mut report);
    report.problems.sort_by_key(|problem| problem.weight);
    report
}

fn of_file(name: &PolicyName, wasm: &[u8], limits: &Limits) -> CheckReport {
    let anatomy = Anatomy::of(wasm);
    CheckReport {
        policy: name.as_str().to_owned(),
        size: wasm.len(),
        sha256: Digest::of(wasm).to_string(),
        contract: CONTRACT_VERSION,
        described: None,
        needs: anatomy.needs(wasm.len(), limits),
        imports: anatomy.imports,
        exports: anatomy.exports,
        uses: Vec::new(),
        settings: Vec::new(),
        grid: None,
        problems: Vec::new(),
    }
}

fn of_policy(host: &Host, policy: &Policy, config: &CheckConfig, report: &mut CheckReport) {
    let description = policy.describe();
    let schema = description.settings_schema.as_ref().map(Schema::as_json);
    report.described =
        Some([&description.name, &description.version, &description.summary].map(Clone::clone));
    let properties = schema.and_then(|schema| schema.get("properties")?.as_object());
    report.settings = properties.into_iter().flatten().map(|(name, _)| name.clone()).collect();
    for import in &mut report.imports {
        if policy.stubbed().contains(&import.name) {
            import.given = Given::Stub;
        }
    }
    match host.bind(policy, &Grants::all(), config.limits.clone()) {
        Ok(bound) => of_bound(&bound, config, report),
        Err(error) => report.refuse(error.why.to_string()),
    }
}

fn of_bound(policy: &BoundPolicy, config: &CheckConfig, report: &mut CheckReport) {
    let schema = policy.policy().describe().settings_schema.as_ref().map(Schema::as_json);
    report.problems.extend(schema::problems(policy, schema));
    let Some(settings) = of_settings(policy, config, report) else { return };
    let quiet = Situation { settings: settings.as_str().into(), ..Situation::default() };
    let evaluated = policy.evaluate(&quiet.evaluation());
    report.uses = most(&[evaluated.spent], policy.limits());
    // The grid finds this, and more.
    if config.grid.is_none() {
        report.problems.extend(broke(&evaluated.answer.verdict));
    }
    if let Some(grid) = config.grid {
        let found = grid::check_within(policy, &settings, grid);
        for finding in &found.findings {
            let weight = match finding.severity {
                grid::Severity::Refuse => Weight::Wrong,
                grid::Severity::Note => Weight::Note,
            };
            let example = format!("{}; it said: {}", finding.situation, finding.said);
            let problem = Problem::new(weight, finding.problem, finding.cure);
            report.problems.push(Problem { example: Some(example), ..problem });
        }
        report.grid = Some(found);
    }
}

/// The settings that it is tried with; a problem for each that it refuses.
fn of_settings(
    policy: &BoundPolicy,
    config: &CheckConfig,
    report: &mut CheckReport,
) -> Option<String> {
    let Some(given) = &config.settings else {
        return match grid::choose(policy, &[]) {
            Ok(chosen) => chosen.settings.into_iter().next(),
            Err(why) => {
                let cure = "give settings that it takes: --settings '{…}'";
                let what = format!("it was asked nothing, as there were no settings for it: {why}");
                report.problems.push(Problem::new(Weight::Note, what, cure));
                None
            }
        };
    };
    let refused = match policy.validate_settings(given) {
        Ok(problems) => problems,
        Err(failure) => {
            let what = format!("asked to check its settings it broke: {}", failure.why());
            report.refuse(what);
            return None;
        }
    };
    for problem in &refused {
        let what = match problem.path.as_str() {
            "" => format!("it refuses the settings {given}"),
            path => format!("it refuses its setting `{path}`, in the settings {given}"),
        };
        report.problems.push(Problem::new(Weight::Wrong, what, problem.message.as_str()));
    }
    refused.is_empty().then(|| given.clone())
}

/// That it broke where nothing is out of the ordinary. To decline is no fault.
fn broke(verdict: &Verdict) -> Option<Problem> {
    let failure = match verdict {
        Verdict::Wish(_) | Verdict::Failed(PolicyFailure::Declined { .. }) => return None,
        Verdict::Failed(failure) => failure,
    };
    let what = format!("asked about a quiet site it failed, {}: {}", failure.kind(), failure.why());
    Some(Problem::new(Weight::Wrong, what, "run its tests: `hooke policy test`"))
}

impl CheckReport {
    /// Whether it can be used.
    pub fn is_good(&self) -> bool {
        self.problems.iter().all(|problem| problem.weight == Weight::Note)
    }

    /// The grants that a site has to give it.
    pub fn grants(&self) -> Vec<&'static str> {
        let grant = |import: &Import| match import.given {
            Given::Grant(name) => Some(name),
            Given::Always | Given::Stub | Given::Elsewhere => None,
        };
        self.imports.iter().filter_map(grant).collect()
    }

    /// A problem that the host words with its cure.
    fn refuse(&mut self, what: String) {
        self.problems.push(Problem { weight: Weight::Wrong, what, example: None, cure: None });
    }

    /// For people.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, text: &str| {
            writeln!(out, "{name:<10} {text}").expect("text can always be added to");
        };
        line("policy", &self.policy);
        line("file", &format!("{} bytes, sha256 {}", self.size, self.sha256));
        if let Some([name, version, summary]) = &self.described {
            line("says", &format!("{name} {version}: {summary}"));
        }
        line("contract", &format!("hooke:policy@{}", self.contract));
        for import in &self.imports {
            let given = match import.given {
                Given::Always => String::new(),
                Given::Grant(name) => format!(" (grant: {name})"),
                Given::Stub => " (a stub that reaches nothing)".to_owned(),
                Given::Elsewhere => " (not offered as it is)".to_owned(),
            };
            line("imports", &format!("{}{given}", import.name));
        }
        for export in &self.exports {
            line("exports", &export.escape_debug().to_string());
        }
        if !self.settings.is_empty() {
            line("settings", &self.settings.join(", "));
        }
        if let Some(grid) = &self.grid {
            line("grid", &grid.summary());
        }
        line("needs", "before it runs, of each limit:");
        out += &table(&self.needs);
        if !self.uses.is_empty() {
            out += "uses       at a quiet site, of each limit:\n";
            out += &table(&self.uses);
        }
        for problem in &self.problems {
            problem.render(&mut out);
        }
        out += match (self.is_good(), self.problems.is_empty()) {
            (true, true) => "good\n",
            (true, false) => "good, with notes for its author; the host makes them harmless\n",
            (false, _) => "not to be used\n",
        };
        out
    }
}

impl Problem {
    fn render(&self, out: &mut String) {
        let weight = match self.weight {
            Weight::Wrong => "wrong",
            Weight::Note => "note",
        };
        writeln!(out, "{weight:<10} {}", self.what).expect("text can always be added to");
        for (name, text) in [("first in", &self.example), ("cure", &self.cure)] {
            if let Some(text) = text {
                writeln!(out, "           {name}: {text}").expect("text can always be added to");
            }
        }
    }
}
