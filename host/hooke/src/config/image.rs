//! One `[[site.image]]`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use hooke_control::ids::{ImageName, ProfileName};
use hooke_control::spec::{ImageSpec, WhenIdle};
use toml::Spanned;
use toml::de::DeValue;

use super::names::nearest;
use super::problem::Problems;
use super::section::Section;
use super::value::{Expected, Name, Wrong};

/// One image, with what only its driver understands.
#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) spec: Arc<ImageSpec>,
    pub(super) at: Range<usize>,
    /// The profiles it hosts, and where the file says so.
    pub(super) hosted: Vec<(String, Range<usize>)>,
    /// Environment of its workers, for drivers that start processes.
    pub(super) environment: BTreeMap<String, String>,
}

pub(super) fn read_all(site: &mut Section<'_>, problems: &mut Problems) -> Vec<Image> {
    let tables = site.tables("image", problems);
    if tables.is_empty() {
        let what = format!("{} has no image to launch machines from", site.path);
        problems.add(site.at.clone(), what, format!("write at least one [[{}.image]]", site.path));
    }
    tables.into_iter().filter_map(|table| read(table, problems)).collect()
}

fn read(mut table: Section<'_>, problems: &mut Problems) -> Option<Image> {
    let name = table.required::<Name>("name", problems);
    let hosts = hosts(&mut table, problems);
    let vcpus = match table.optional::<u32>("vcpus", problems) {
        Some(0) => {
            problems.add(table.place("vcpus"), "a machine has at least one virtual CPU", "write vcpus = 1");
            1
        }
        given => given.unwrap_or(1),
    };
    let memory_mib = table.optional("memory_mib", problems).unwrap_or(0);
    let cost_per_hour = table.optional("cost_per_hour", problems).unwrap_or(0.0);
    let when_idle = table.optional::<Idle>("when_idle", problems).map_or(WhenIdle::Suspend, |idle| idle.0);
    let environment = environment(&mut table, problems);
    let at = table.at.clone();
    table.finish(problems);
    let hosted = hosts.iter().map(|(name, (_, at))| (name.clone(), at.clone())).collect();
    let spec = ImageSpec {
        name: ImageName::from(name?.0),
        vcpus,
        memory_mib,
        cost_per_hour,
        hosts: hosts.into_iter().map(|(name, (n, _))| (ProfileName::from(name), n)).collect(),
        when_idle,
    };
    Some(Image { spec: Arc::new(spec), at, hosted, environment })
}

fn hosts(table: &mut Section<'_>, problems: &mut Problems) -> BTreeMap<String, (u32, Range<usize>)> {
    let mut hosts = BTreeMap::new();
    let Some(section) = table.table("hosts", problems) else {
        if table.raw("hosts").is_some() {
            return hosts;
        }
        problems.add(
            table.at.clone(),
            format!("{}: the image hosts no profile", table.path),
            "write hosts = { PROFILE = 1 }: which profiles run on it, and how many workers of each start at boot",
        );
        return hosts;
    };
    for (profile, at, value) in section.entries() {
        match u32::read(value) {
            Ok(0) => problems.add(
                value.span(),
                format!("{}.{profile}: a machine that starts no worker of a profile cannot host it", section.path),
                "write at least 1, or remove it",
            ),
            Ok(workers) => {
                hosts.insert(profile.to_owned(), (workers, at));
            }
            Err(Wrong { what, instead }) => {
                problems.add(value.span(), format!("{}.{profile}: {what}", section.path), instead);
            }
        }
    }
    if section.entries().next().is_none() {
        problems.add(section.at.clone(), format!("{}: the image hosts no profile", table.path), "write hosts = { PROFILE = 1 }");
    }
    hosts
}

fn environment(table: &mut Section<'_>, problems: &mut Problems) -> BTreeMap<String, String> {
    let Some(section) = table.table("environment", problems) else { return BTreeMap::new() };
    let mut environment = BTreeMap::new();
    for (name, at, value) in section.entries() {
        match <&str>::read(value) {
            Ok(_) if name.is_empty() || name.contains(['=', '\0']) => problems.add(
                at,
                format!("{}: {name:?} cannot be the name of a variable", section.path),
                "write a name without `=`",
            ),
            Ok(text) => {
                environment.insert(name.to_owned(), text.to_owned());
            }
            Err(Wrong { what, instead }) => {
                problems.add(value.span(), format!("{}.{name}: {what}", section.path), instead);
            }
        }
    }
    environment
}

struct Idle(WhenIdle);

impl<'a> Expected<'a> for Idle {
    const EXAMPLE: &'static str = "\"suspend\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        match <&str>::read(value)? {
            "suspend" => Ok(Self(WhenIdle::Suspend)),
            "terminate" => Ok(Self(WhenIdle::Terminate)),
            other => Err(Wrong {
                what: format!("{other:?} is not what can become of an idle machine"),
                instead: nearest(other, ["suspend", "terminate"].into_iter()),
            }),
        }
    }
}
