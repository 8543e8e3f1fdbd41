//! `[site.cloud]`: where the machines are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hooke_clouds::process;
use hooke_control::ids::{ImageName, ProfileName, SiteName};
use hooke_sim::WorldSpec;

use super::image::Image;
use super::names::nearest;
use super::problem::Problems;
use super::profile::Profile;
use super::section::Section;
use super::simulated;
use super::source::{SourceConfig, SourceKind};
use super::value::Name;

/// The clouds there are.
#[derive(Debug, Clone)]
pub(crate) enum CloudConfig {
    /// Process groups on this machine. The program that keeps them is filled
    /// in by whoever builds the driver.
    Process(Box<process::Config>),
    /// The simulated site, and how many times as fast as the wall clock it goes.
    Sim { world: Box<WorldSpec>, speed: u32 },
}

/// What the cloud's section rests on.
pub(super) struct Around<'a> {
    pub(super) base: &'a Path,
    pub(super) store: &'a Path,
    pub(super) images: &'a [Image],
    pub(super) profiles: &'a [Profile],
}

pub(super) fn read(
    site: &mut Section<'_>,
    name: Option<&Name>,
    sources: &[SourceConfig],
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<CloudConfig> {
    let Some(mut table) = site.table("cloud", problems) else {
        if site.raw("cloud").is_none() {
            let what = format!("{}: it has no cloud to run machines on", site.path);
            problems.add(site.at.clone(), what, format!("write [{}.cloud] with driver = \"process\"", site.path));
        }
        return None;
    };
    let driver = table.required::<&str>("driver", problems)?;
    let site = SiteName::from(name?.0.as_str());
    let cloud = match driver {
        "process" => processes(&mut table, site, around, problems),
        "sim" => {
            let simulated = sources.iter().find_map(|source| match &source.kind {
                SourceKind::Sim(config) => Some(config),
                SourceKind::RabbitMq(_) => None,
            });
            let speed = table.optional::<u32>("speed", problems).unwrap_or(1).max(1);
            simulated::world(&mut table, site, simulated, around, problems)
                .map(|world| CloudConfig::Sim { world: Box::new(world), speed })
        }
        other => {
            let known = ["process", "sim"].into_iter();
            problems.add(table.place("driver"), format!("there is no cloud driver {other:?}"), nearest(other, known));
            return None;
        }
    };
    table.finish(problems);
    cloud
}

fn processes(
    table: &mut Section<'_>,
    site: SiteName,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<CloudConfig> {
    let beside = around.store.parent().unwrap_or(Path::new("/")).join("machines");
    let state = table.optional::<PathBuf>("state", problems);
    let state = state.map_or(beside, |path| around.base.join(path));
    let mut commands: BTreeMap<ProfileName, Vec<String>> = BTreeMap::new();
    for profile in around.profiles {
        match &profile.command {
            Some(command) => {
                commands.insert(profile.spec.name.clone(), command.clone());
            }
            None => problems.add(
                profile.at.clone(),
                format!("profile `{}` has no command, and the process driver starts its workers", profile.spec.name),
                "write command = [\"PROGRAM\", \"ARGUMENT\"] in the profile",
            ),
        }
    }
    let image = |image: &Image| {
        let hosts = image.spec.hosts.clone();
        let driven = process::Image { hosts, environment: image.environment.clone() };
        (ImageName::from(image.spec.name.as_str()), driven)
    };
    let queues = |profile: &Profile| (profile.spec.name.clone(), profile.spec.queues.clone());
    Some(CloudConfig::Process(Box::new(process::Config {
        site,
        state,
        keeper: Vec::new(),
        images: around.images.iter().map(image).collect(),
        commands,
        queues: around.profiles.iter().map(queues).collect(),
    })))
}
