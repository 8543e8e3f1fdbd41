//! One `[[site]]`. Reads as much as it can of a site that is wrong, so that all
//! of its problems are found in one run.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hooke_control::combine::Combine;
use hooke_control::ids::{PolicyName, ProfileName, SiteName};
use hooke_control::spec::{Guards, Limits, SiteSpec};
use hooke_history::Keep;
use hooke_runtime::{Grant, Grants};
use hooke_trial::record::RecorderConfig;

use super::choice::{self, Choice, Mode};
use super::cloud::{self, CloudConfig};
use super::crossed;
use super::guards;
use super::image;
use super::names::{Declared, nearest};
use super::profile::{self, Common, Profile};
use super::record::RecordConfig;
use super::section::Section;
use super::settings::{self, SettingsPlace};
use super::share;
use super::source::{self, SourceConfig};
use super::value::{Given, Name};
use crate::clock::Clock;
use hooke_places::Problems;

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
    /// Where its evaluations are written down, if they are.
    pub(crate) record: Option<RecorderConfig>,
    /// How much of what was read before is kept.
    pub(crate) history: Keep,
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
        match self.speed() {
            1 => Clock::System,
            speed => Clock::scaled(speed),
        }
    }

    /// How many times as fast as others its clock goes: 1 but in simulations.
    pub(crate) const fn speed(&self) -> u32 {
        match &self.cloud {
            CloudConfig::Process(_) => 1,
            CloudConfig::Sim { speed, .. } => *speed,
        }
    }

    /// What is to be said of the times of its ticks, where they are not those
    /// of other clocks.
    pub(crate) fn about_time(&self) -> Option<String> {
        match self.speed() {
            1 => None,
            speed => Some(format!("simulated time, {speed} times as fast")),
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
    /// What its answer is for.
    pub(crate) mode: Mode,
    /// Who answers while it is in quarantine.
    pub(crate) fallback: Option<FallbackConfig>,
}

/// A policy that answers in another's place.
#[derive(Debug, Clone)]
pub(crate) struct FallbackConfig {
    /// The policy.
    pub(crate) policy: PolicyName,
    /// Where it is named.
    pub(crate) at: Range<usize>,
    /// Its settings.
    pub(crate) settings: SettingsPlace,
}

/// One policy and what it is told, whatever its answer is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) policy: &'a PolicyName,
    pub(crate) at: &'a Range<usize>,
    pub(crate) settings: &'a SettingsPlace,
}

impl BindingConfig {
    /// The policy, and the one that may answer in its place.
    pub(crate) fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        let own = Asked { policy: &self.policy, at: &self.at, settings: &self.settings };
        let fallback = self.fallback.iter();
        std::iter::once(own).chain(fallback.map(|f| Asked {
            policy: &f.policy,
            at: &f.at,
            settings: &f.settings,
        }))
    }
}

/// What the rest of the file says that a site needs.
pub(super) struct Around<'a> {
    /// Where relative paths start from.
    pub(super) base: &'a Path,
    /// Where the store is.
    pub(super) store: &'a Path,
    /// Where recordings are.
    pub(super) record: &'a RecordConfig,
    /// How much of the past is kept.
    pub(super) history: Keep,
}

/// Reads one site. What cannot be read is a problem and has a stand-in, or is
/// left out.
pub(super) fn read(
    mut section: Section<'_>,
    whole: &Around<'_>,
    names: &mut Declared,
    problems: &mut Problems,
) -> SiteConfig {
    let Around { base, store, .. } = *whole;
    let name = section.required::<Name>("name", problems);
    names.add(name.as_ref(), section.place("name"));
    let name = SiteName::from(name.map_or_else(String::new, |name| name.0));
    let (images, image_names) = image::read_all(&mut section, problems);
    let (sources, source_names) = source::read_all(&mut section, base, problems);
    let common = common(&mut section, &source_names, problems);
    let (profiles, profile_names) = profile::read_all(&mut section, &common, problems);
    site_settings(&common, &profiles, problems);
    crossed::check(&section.path, &images, &image_names, &profiles, &profile_names, problems);
    let around = cloud::Around {
        site: name.clone(),
        base,
        store,
        sources: &sources,
        images: &images,
        profiles: &profiles,
    };
    let cloud = cloud::read(&mut section, &around, problems);
    let every = section.optional("every", problems).unwrap_or(EVERY);
    let specs = profiles.iter().filter_map(|profile| profile.spec.as_ref());
    let spec = SiteSpec {
        name: name.clone(),
        every,
        limits: limits(&mut section, problems),
        cpu_buffer_room: section.optional("cpu_buffer_room", problems).unwrap_or(CPU_BUFFER_ROOM),
        missing_after: section.optional("missing_after", problems).unwrap_or(every * 10),
        drain_deadline: section.optional("drain_deadline", problems).unwrap_or(DRAIN_DEADLINE),
        registration_timeout: section
            .optional("registration_timeout", problems)
            .unwrap_or(REGISTRATION_TIMEOUT),
        images: images
            .iter()
            .filter_map(|image| image.spec.as_ref())
            .map(|spec| (spec.name.clone(), Arc::clone(spec)))
            .collect(),
        profiles: specs.map(|spec| (spec.name.clone(), Arc::clone(spec))).collect(),
    };
    let grants = grants(&mut section, problems);
    let record = section.optional("record", problems).unwrap_or(false);
    let record = record.then(|| whole.record.of_site(name.as_str()));
    section.finish(problems);
    let sources = sources.into_iter().map(|s| s.with_queues_of(&profiles)).collect();
    let bindings = profiles.into_iter().flat_map(|profile| profile.bindings).collect();
    let cloud = cloud.unwrap_or_else(|| cloud::unread(name));
    SiteConfig {
        spec: Arc::new(spec),
        grants,
        record,
        history: whole.history,
        cloud,
        sources,
        bindings,
    }
}

fn common<'a, 's>(
    section: &mut Section<'a>,
    sources: &'s source::SourceNames,
    problems: &mut Problems,
) -> Common<'a, 's> {
    let policies = choice::read_all(section, problems);
    let combine = share::combine(section, Combine::default(), problems);
    let guards = guards::read(section, &Guards::default(), problems);
    let settings = section.table("settings", problems);
    Common { policies, combine, settings, sources, guards }
}

/// Settings of a policy that nobody asks are a slip of the pen.
fn site_settings(common: &Common<'_, '_>, profiles: &[Profile], problems: &mut Problems) {
    let Some(settings) = &common.settings else { return };
    // A profile without policies has a problem, and may have meant this one.
    if profiles.iter().any(|profile| profile.bindings.is_empty()) {
        return;
    }
    let bindings = profiles.iter().flat_map(|profile| &profile.bindings);
    let asked = bindings.flat_map(BindingConfig::asked).map(|asked| Choice {
        name: Name(asked.policy.to_string()),
        at: asked.at.clone(),
        mode: Mode::Live,
        fallback: None,
    });
    let asked: Vec<_> = asked.collect();
    settings::strangers_of_site(settings, &asked, problems);
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
    let names = match section.list::<&str>("grants", problems) {
        Given::Right(names) => names,
        Given::Absent | Given::Wrong => {
            return [Grant::Metrics, Grant::Memory].into_iter().collect();
        }
    };
    let mut grants = Vec::new();
    for (name, at) in names {
        match Grant::from_name(name) {
            Some(grant) => grants.push(grant),
            None => {
                let instead = nearest(name, Grant::ALL.into_iter().map(Grant::as_str));
                problems.add(
                    at,
                    format!("{}: there is no grant {name:?}", section.path_of("grants")),
                    instead,
                );
            }
        }
    }
    grants.into_iter().collect()
}
