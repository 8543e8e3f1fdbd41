//! `[site.cloud]`: where the machines are. Makes no driver and contacts nobody.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hooke_clouds::process;
use hooke_control::ids::SiteName;
use hooke_sim::WorldSpec;

use super::image::Image;
use super::profile::{Command, Profile};
use super::section::Section;
use super::simulated;
use super::source::{SourceConfig, SourceKind};
use hooke_places::Problems;

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
    pub(super) site: SiteName,
    pub(super) base: &'a Path,
    pub(super) store: &'a Path,
    pub(super) sources: &'a [SourceConfig],
    pub(super) images: &'a [Image],
    pub(super) profiles: &'a [Profile],
}

pub(super) fn read(
    site: &mut Section<'_>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<CloudConfig> {
    if !site.has("cloud") {
        site.raw("cloud");
        let what = format!("{}: it has no cloud to run machines on", site.path);
        problems.add(site.at.clone(), what, "write [site.cloud] with driver = \"process\"");
        return None;
    }
    let mut table = site.table("cloud", problems)?;
    let cloud = match table.word("driver", &["process", "sim"], problems)? {
        "sim" => {
            let speed = table.optional::<u32>("speed", problems).unwrap_or(1);
            if speed == 0 {
                let what =
                    format!("{}: time that stands still simulates nothing", table.path_of("speed"));
                problems.add(table.place("speed"), what, "write speed = 1 or more");
            }
            simulated::world(&mut table, around, problems)
                .map(|world| CloudConfig::Sim { world: Box::new(world), speed })
        }
        _process => Some(processes(&mut table, around, problems)),
    };
    table.finish(problems);
    cloud
}

/// What stands for a cloud that could not be read, in a config that no one gets.
pub(super) fn unread(site: SiteName) -> CloudConfig {
    CloudConfig::Process(Box::new(process::Config {
        site,
        state: PathBuf::new(),
        keeper: Vec::new(),
        images: BTreeMap::new(),
        commands: BTreeMap::new(),
        queues: BTreeMap::new(),
    }))
}

fn processes(table: &mut Section<'_>, around: &Around<'_>, problems: &mut Problems) -> CloudConfig {
    let beside = around.store.parent().unwrap_or(Path::new("/")).join("machines");
    let state = table.optional::<PathBuf>("state", problems);
    let state = state.map_or(beside, |path| around.base.join(path));
    for source in around.sources {
        if matches!(source.kind, SourceKind::Sim(_)) {
            problems.add(
                source.at.clone(),
                "simulated queues need simulated machines, and the cloud's driver is \"process\"",
                "write driver = \"sim\" in [site.cloud], or kind = \"rabbitmq\" here",
            );
        }
    }
    let mut commands = BTreeMap::new();
    let mut queues = BTreeMap::new();
    for profile in around.profiles {
        let command = startable(profile, problems);
        let Some(name) = &profile.name else { continue };
        queues
            .insert(name.clone(), profile.queues.iter().map(|(queue, _)| queue.clone()).collect());
        commands.extend(command.map(|command| (name.clone(), command)));
    }
    around.images.iter().for_each(|image| bootable(image, problems));
    let images = around.images.iter().filter_map(|image| {
        let spec = image.spec.as_ref()?;
        let (hosts, environment) = (spec.hosts.clone(), image.environment.clone());
        Some((spec.name.clone(), process::Image { hosts, environment }))
    });
    CloudConfig::Process(Box::new(process::Config {
        site: around.site.clone(),
        state,
        keeper: Vec::new(),
        images: images.collect(),
        commands,
        queues,
    }))
}

/// How a profile's workers are started, and that they can be told their queues.
fn startable(profile: &Profile, problems: &mut Problems) -> Option<Vec<String>> {
    for (queue, at) in profile.queues.iter().filter(|(queue, _)| queue.as_str().contains(',')) {
        problems.add(
            at.clone(),
            format!(
                "queue {:?} holds a comma, and HOOKE_QUEUES separates queues by commas",
                queue.as_str()
            ),
            "give the queue another name, or another driver to the cloud",
        );
    }
    match &profile.command {
        Command::Words(words) => Some(words.clone()),
        Command::Wrong => None,
        Command::Absent => {
            let name = profile.name.as_ref().map_or_else(String::new, |name| format!(" `{name}`"));
            problems.add(
                profile.at.clone(),
                format!("profile{name} has no command, and the process driver starts its workers"),
                "write command = [\"PROGRAM\", \"ARGUMENT\"] in the profile",
            );
            None
        }
    }
}

fn bootable(image: &Image, problems: &mut Problems) {
    let boots = image.hosted.iter().flatten().filter_map(|hosted| hosted.workers);
    let boots: u64 = boots.map(u64::from).sum();
    let most = process::WORKERS_PER_VM_MAX;
    if boots > u64::from(most) {
        problems.add(
            image.hosts_at.clone(),
            format!("a machine of this image starts {boots} workers, and the process driver allows {most}"),
            "lower the numbers in hosts",
        );
    }
}
