//! One `[[site]]`.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::spec::{Limits, SiteSpec};
use hooke_runtime::{Grant, Grants};

use super::cloud::{self, CloudConfig};
use crate::clock::Clock;
use super::image::{self, Image};
use super::names::{duplicates, nearest};
use super::problem::Problems;
use super::profile::{self, Profile};
use super::section::Section;
use super::settings::SettingsPlace;
use super::source::{self, SourceConfig};
use super::value::{Name, OneOrMany};

/// The defaults of a site, each as the documentation gives it.
const EVERY: Duration = Duration::from_secs(30);
const CPU_BUFFER_ROOM: f64 = 0.5;
const DRAIN_DEADLINE: Duration = Duration::from_secs(3600);
const REGISTRATION_TIMEOUT: Duration = Duration::from_secs(300);

/// One site, ready to be built.
#[derive(Debug, Clone)]
pub(crate) struct SiteConfig {
    /// What the core is told.
    pub(crate) spec: Arc<SiteSpec>,
    /// What dropped-in policies may reach; bundled ones may reach all.
    pub(crate) grants: Grants,
    /// Where its machines are.
    pub(crate) cloud: CloudConfig,
    /// Where its backlogs are read.
    pub(crate) sources: Vec<SourceConfig>,
    /// Where each binding stands in the file.
    pub(crate) bindings: Vec<BindingConfig>,
}

impl SiteConfig {
    /// The clock that the site goes by.
    pub(crate) fn clock(&self) -> Clock {
        match &self.cloud {
            CloudConfig::Process(_) => Clock::System,
            CloudConfig::Sim { speed: 1, .. } => Clock::System,
            CloudConfig::Sim { speed, .. } => Clock::scaled(*speed),
        }
    }
}

/// One policy of one profile, with its places in the file.
#[derive(Debug, Clone)]
pub(crate) struct BindingConfig {
    /// The profile.
    pub(crate) profile: ProfileName,
    /// The policy.
    pub(crate) policy: PolicyName,
    /// Where it is named.
    pub(crate) at: Range<usize>,
    /// Its settings.
    pub(crate) settings: SettingsPlace,
}

/// Reads one site. `None` if too little of it can be read to go on.
pub(super) fn read(
    mut section: Section<'_>,
    base: &Path,
    store: &Path,
    problems: &mut Problems,
) -> Option<SiteConfig> {
    let name = section.required::<Name>("name", problems);
    let every = section.optional("every", problems).unwrap_or(EVERY);
    let policies = section.optional::<OneOrMany<Name>>("policy", problems);
    let settings = section.table("settings", problems);
    let limits = limits(&mut section, problems);
    let images = image::read_all(&mut section, problems);
    let sources = source::read_all(&mut section, base, problems);
    let profiles = profile::read_all(&mut section, policies, settings, &sources, problems);
    cross_check(&section, &images, &profiles, problems);
    let around = cloud::Around { base, store, images: &images, profiles: &profiles };
    let cloud = cloud::read(&mut section, name.as_ref(), &sources, &around, problems);
    let spec = SiteSpec {
        name: SiteName::from(name?.0),
        every,
        limits,
        cpu_buffer_room: section.optional("cpu_buffer_room", problems).unwrap_or(CPU_BUFFER_ROOM),
        missing_after: section.optional("missing_after", problems).unwrap_or(every * 10),
        drain_deadline: section.optional("drain_deadline", problems).unwrap_or(DRAIN_DEADLINE),
        registration_timeout: section
            .optional("registration_timeout", problems)
            .unwrap_or(REGISTRATION_TIMEOUT),
        images: images.iter().map(|i| (i.spec.name.clone(), Arc::clone(&i.spec))).collect(),
        profiles: profiles.iter().map(|p| (p.spec.name.clone(), Arc::clone(&p.spec))).collect(),
    };
    let grants = grants(&mut section, problems);
    section.finish(problems);
    let sources = sources.into_iter().map(|s| s.with_queues_of(&profiles)).collect();
    let bindings = profiles.into_iter().flat_map(|profile| profile.bindings).collect();
    Some(SiteConfig { spec: Arc::new(spec), grants, cloud: cloud?, sources, bindings })
}

fn limits(section: &mut Section<'_>, problems: &mut Problems) -> Limits {
    let none = Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None };
    let Some(mut table) = section.table("limits", problems) else { return none };
    let limits = Limits {
        vms: table.optional("vms", problems),
        vcpus: table.optional("vcpus", problems),
        memory_mib: table.optional("memory_mib", problems),
        cost_per_hour: table.optional("cost_per_hour", problems),
    };
    table.finish(problems);
    limits
}

fn grants(section: &mut Section<'_>, problems: &mut Problems) -> Grants {
    let default = || [Grant::Metrics, Grant::Memory].into_iter().collect();
    let Some(OneOrMany(names)) = section.optional::<OneOrMany<Name>>("grants", problems) else {
        return default();
    };
    let mut grants = Vec::new();
    for (name, at) in names {
        match Grant::from_name(&name.0) {
            Some(grant) => grants.push(grant),
            None => {
                let instead = nearest(&name.0, Grant::ALL.into_iter().map(Grant::as_str));
                problems.add(at, format!("there is no grant `{}`", name.0), instead);
            }
        }
    }
    grants.into_iter().collect()
}

/// What images and profiles say of each other.
fn cross_check(
    section: &Section<'_>,
    images: &[Image],
    profiles: &[Profile],
    problems: &mut Problems,
) {
    duplicates("image", images.iter().map(|i| (i.spec.name.as_str(), i.at.clone())), problems);
    duplicates("profile", profiles.iter().map(|p| (p.spec.name.as_str(), p.at.clone())), problems);
    for image in images {
        hosts_known(image, profiles, problems);
    }
    for profile in profiles {
        let name = &profile.spec.name;
        let hosting: Vec<&Image> =
            images.iter().filter(|image| image.spec.hosts.contains_key(name)).collect();
        if hosting.is_empty() {
            nobody_hosts(section, images, profile, problems);
        } else {
            fits_somewhere(&hosting, profile, problems);
        }
    }
}

fn hosts_known(image: &Image, profiles: &[Profile], problems: &mut Problems) {
    for (hosted, at) in &image.hosted {
        let mut known = profiles.iter().map(|profile| profile.spec.name.as_str());
        if known.all(|name| name != hosted) {
            let name = &image.spec.name;
            let what = format!("image `{name}` hosts `{hosted}`, and no profile has that name");
            let known = profiles.iter().map(|profile| profile.spec.name.as_str());
            problems.add(at.clone(), what, nearest(hosted, known));
        }
    }
}

fn nobody_hosts(
    section: &Section<'_>,
    images: &[Image],
    profile: &Profile,
    problems: &mut Problems,
) {
    let name = &profile.spec.name;
    let instead = match images.first() {
        Some(image) => {
            format!("write hosts = {{ {name} = 1 }} in an image, such as `{}`", image.spec.name)
        }
        None => format!("write a [[{}.image]] with hosts = {{ {name} = 1 }}", section.path),
    };
    problems.add(profile.at.clone(), format!("no image hosts profile `{name}`"), instead);
}

/// A machine whose boot alone is above the maximum could never be launched.
fn fits_somewhere(hosting: &[&Image], profile: &Profile, problems: &mut Problems) {
    let (name, max) = (&profile.spec.name, profile.spec.workers.max());
    let boots = |image: &&Image| image.spec.hosts.get(name).copied().unwrap_or(0);
    let Some(least) = hosting.iter().map(boots).min().filter(|least| *least > max) else { return };
    problems.add(
        profile.at.clone(),
        format!("profile `{name}` may have {max} workers, and every machine that hosts it starts {least} or more"),
        format!("raise workers.max to {least}, or lower hosts.{name} of an image"),
    );
}
