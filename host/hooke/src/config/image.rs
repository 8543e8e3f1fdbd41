//! One `[[site.image]]`. Does not look at profiles: whether they exist is
//! checked where both are known.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use hooke_control::ids::{ImageName, ProfileName};
use hooke_control::spec::{ImageSpec, WhenIdle};
use toml::Spanned;
use toml::de::DeValue;

use super::names::{Declared, nearest};
use super::section::{self, Section};
use super::value::{self, Expected, Name, Wrong};
use hooke_places::Problems;

/// One image, as far as it can be read.
#[derive(Debug, Clone)]
pub(super) struct Image {
    /// The profiles it hosts; `None` if that cannot be read.
    pub(super) hosted: Option<Vec<Hosted>>,
    /// What the core is told; `None` if something of it cannot be read.
    pub(super) spec: Option<Arc<ImageSpec>>,
    /// Environment of its workers, for drivers that start processes.
    pub(super) environment: BTreeMap<String, String>,
    /// Where the file says which profiles it hosts.
    pub(super) hosts_at: Range<usize>,
}

/// One profile that an image hosts.
#[derive(Debug, Clone)]
pub(super) struct Hosted {
    pub(super) profile: String,
    /// Where the file says so.
    pub(super) at: Range<usize>,
    /// Workers started at boot; `None` if that cannot be read.
    pub(super) workers: Option<u32>,
}

pub(super) fn read_all(site: &mut Section<'_>, problems: &mut Problems) -> (Vec<Image>, Declared) {
    let mut names = Declared::default();
    let tables = site.some_tables("image", " to launch machines from", problems);
    let images = tables.into_iter().map(|table| read(table, &mut names, problems)).collect();
    names.unique("image", problems);
    (images, names)
}

fn read(mut table: Section<'_>, names: &mut Declared, problems: &mut Problems) -> Image {
    let name = table.required::<Name>("name", problems);
    names.add(name.as_ref(), table.place("name"));
    let hosted = hosts(&mut table, problems);
    let hosts_at = table.place("hosts");
    let vcpus = table.optional::<u32>("vcpus", problems).unwrap_or(1);
    if vcpus == 0 {
        let what = format!("{}.vcpus: a machine has at least one virtual CPU", table.path);
        problems.add(table.place("vcpus"), what, "write vcpus = 1");
    }
    let memory_mib = table.optional("memory_mib", problems).unwrap_or(0);
    let cost_per_hour = table.optional("cost_per_hour", problems).unwrap_or(0.0);
    let when_idle = table.optional("when_idle", problems).unwrap_or(Idle(WhenIdle::Suspend)).0;
    let environment = environment(&mut table, problems);
    table.finish(problems);
    let boots = hosted.iter().flatten();
    let boots =
        boots.map(|hosted| Some((ProfileName::from(hosted.profile.as_str()), hosted.workers?)));
    let spec = boots.collect::<Option<BTreeMap<_, _>>>().zip(name).map(|(hosts, name)| {
        let name = ImageName::from(name.0);
        Arc::new(ImageSpec { name, vcpus, memory_mib, cost_per_hour, hosts, when_idle })
    });
    Image { hosted, spec, environment, hosts_at }
}

fn hosts(table: &mut Section<'_>, problems: &mut Problems) -> Option<Vec<Hosted>> {
    const INSTEAD: &str = "write hosts = { PROFILE = 1 }: which profiles run on it, and how many \
                           workers of each start at boot";
    let none = format!("{}: the image hosts no profile", table.path);
    if !table.has("hosts") {
        table.raw("hosts");
        problems.add(table.at.clone(), none, INSTEAD);
        return Some(Vec::new());
    }
    let section = table.table("hosts", problems)?;
    if section.contents().is_empty() {
        problems.add(section.at.clone(), none, INSTEAD);
    }
    let hosted = section.entries().map(|(profile, at, value)| {
        let path = section.path_of(profile);
        let mut workers = section::read::<u32>(&path, value, problems);
        if workers == Some(0) {
            let what =
                format!("{path}: a machine that starts no worker of a profile cannot host it");
            problems.add(value.span(), what, "write at least 1, or remove it");
            workers = None;
        }
        Hosted { profile: profile.to_owned(), at, workers }
    });
    Some(hosted.collect())
}

fn environment(table: &mut Section<'_>, problems: &mut Problems) -> BTreeMap<String, String> {
    let Some(section) = table.table("environment", problems) else { return BTreeMap::new() };
    let mut environment = BTreeMap::new();
    for (name, at, value) in section.entries() {
        if name.is_empty() || name.contains(['=', '\0']) {
            let what = format!("{}: {name:?} cannot be the name of a variable", section.path);
            problems.add(at, what, "write a name without `=`");
            continue;
        }
        let path = section.path_of(name);
        match section::read::<&str>(&path, value, problems) {
            Some(text) if text.contains('\0') => {
                let what = format!("{path}: a variable holds no NUL character");
                problems.add(value.span(), what, "remove it");
            }
            Some(text) => {
                environment.insert(name.to_owned(), text.to_owned());
            }
            None => {}
        }
    }
    environment
}

struct Idle(WhenIdle);

impl<'a> Expected<'a> for Idle {
    const EXAMPLE: &'static str = "\"suspend\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        match value::text::<Self>(value)? {
            "suspend" => Ok(Self(WhenIdle::Suspend)),
            "terminate" => Ok(Self(WhenIdle::Terminate)),
            other => Err(Wrong {
                what: format!("{other:?} is not what can become of an idle machine"),
                instead: nearest(other, ["suspend", "terminate"].into_iter()),
            }),
        }
    }
}
