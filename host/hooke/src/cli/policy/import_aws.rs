//! `hooke policy import-aws`: JSON that the AWS command line reads or writes,
//! into settings of the policy `cloudwatch`. What it cannot convert it names;
//! what it prints the policy has accepted.

mod bare;
mod convert;
mod document;
mod keys;
mod link;
mod told;
mod toml_text;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use hooke_runtime::BoundPolicy;
use serde::Serialize;
use serde_json::Value;

use super::super::{Ended, Format, print, print_json, wrong_usage};
use super::Place;
use convert::Converted;
use document::Document;
use told::{Told, Weight};

/// The policy that the settings are for.
const POLICY: &str = "cloudwatch";

/// Rounds of leaving out what the policy refuses; what is left after one may be
/// refused for what is gone, and nothing rests on more than two others.
const ROUNDS: usize = 4;

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportAws {
    /// JSON as `put-scaling-policy`, `put-metric-alarm` and
    /// `put-scheduled-update-group-action` take it, or as `describe-policies`,
    /// `describe-alarms`, `describe-scheduled-actions` and
    /// `describe-auto-scaling-groups` print it. Give all of one group at once.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The profile that the settings are for: prints its whole section.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The Auto Scaling group that is meant, if the files are of several.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Serialize)]
struct View<'a> {
    profile: Option<&'a str>,
    settings: &'a Value,
    told: &'a [Told],
}

impl ImportAws {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let mut documents = Vec::new();
        let mut told = Vec::new();
        for file in &self.files {
            read(file, &mut documents, &mut told)?;
        }
        self.of_one_group(&mut documents)?;
        let mut converted = Converted::new(documents, &mut told);
        let policy = self.place.bound(Path::new(POLICY))?;
        accepted(&policy, &mut converted, &mut told)?;
        converted.tell(&mut told);
        let settings = converted.settings();
        let profile = self.profile.as_deref();
        if self.place.print.format == Format::Json {
            print_json(&View { profile, settings: &settings, told: &told });
        } else {
            print(&toml_text::section(&converted, profile));
            let mut err = std::io::stderr();
            for Told { what, why, weight } in &told {
                let _ = writeln!(err, "{}: {what}: {why}", weight.as_str());
            }
        }
        let is_whole = told.iter().all(|told| told.weight != Weight::Lost);
        Ok(if is_whole { Ended::Done } else { Ended::Failed })
    }
}

impl ImportAws {
    /// A profile is one group: of several the one that is asked for.
    fn of_one_group(&self, documents: &mut Vec<Document>) -> anyhow::Result<()> {
        let groups: BTreeSet<String> = documents.iter().filter_map(Document::group).collect();
        let all = || groups.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        match &self.group {
            Some(group) if !groups.contains(group) => {
                Err(wrong_usage(format!("no group {group} is in the files; there are: {}", all())))
            }
            Some(group) => {
                documents.retain(|document| document.group().is_none_or(|of| of == *group));
                Ok(())
            }
            None if groups.len() > 1 => Err(wrong_usage(format!(
                "the files are of several Auto Scaling groups ({}), and a profile is one: say \
                 which with --group NAME",
                all()
            ))),
            None => Ok(()),
        }
    }
}

fn read(file: &Path, documents: &mut Vec<Document>, told: &mut Vec<Told>) -> anyhow::Result<()> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let json: Value = serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    document::read(&name.to_string(), json, documents, told);
    Ok(())
}

/// Has the policy check the settings; leaves out what it refuses, and tells why.
fn accepted(
    policy: &BoundPolicy,
    converted: &mut Converted,
    told: &mut Vec<Told>,
) -> anyhow::Result<()> {
    for _ in 0..ROUNDS {
        let settings = converted.settings().to_string();
        let problems = policy.validate_settings(&settings).map_err(|failure| {
            anyhow::anyhow!("{POLICY} failed while it checked the settings: {failure:?}")
        })?;
        if problems.is_empty() {
            return Ok(());
        }
        let places =
            problems.iter().map(|problem| (problem.path.as_str(), problem.message.as_str()));
        if !converted.drop_refused(places, told) {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            bail!("{POLICY} refuses the settings: {}", lines.join("; "));
        }
    }
    bail!("{POLICY} refuses the settings whatever is left out of them")
}
