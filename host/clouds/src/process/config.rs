//! What the driver is told, and whether it can work with it. Never reads a
//! file: what is checked here is text.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use hooke_control::ids::{ImageName, ProfileName, QueueName, SiteName};

/// 256: far above what one computer serves, far below what its process table
/// holds. Also keeps a machine's status file small enough to write at once.
pub const WORKERS_PER_VM_MAX: u32 = 256;

/// How the driver of one site works.
#[derive(Debug, Clone)]
pub struct Config {
    /// The site; names a directory under `state`.
    pub site: SiteName,
    /// Where machines are written down. Local disk, kept across restarts.
    pub state: PathBuf,
    /// The program that runs [`super::keeper::run`], and its leading arguments.
    pub keeper: Vec<OsString>,
    /// What machines are launched from.
    pub images: BTreeMap<ImageName, Image>,
    /// What a worker of a profile executes: a program and its arguments. No shell.
    pub commands: BTreeMap<ProfileName, Vec<String>>,
    /// The queues of a profile, told to its workers in `HOOKE_QUEUES`.
    pub queues: BTreeMap<ProfileName, Vec<QueueName>>,
}

/// What a machine is launched from.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// Which profiles run on it, and how many workers of each start at boot.
    pub hosts: BTreeMap<ProfileName, u32>,
    /// Set for its workers, besides the few variables that every worker has.
    pub environment: BTreeMap<String, String>,
}

/// One thing that is wrong with a [`Config`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The site's name cannot name a directory.
    #[error("site name {0:?}: use 1 to 64 letters, digits, '-', '_' or '.', and no '.' in front")]
    Site(String),
    /// The state directory is not absolute, and so would move with the host.
    #[error("state directory {}: must be an absolute path", .0.display())]
    State(PathBuf),
    /// No program for the keeper.
    #[error("keeper: no program given")]
    Keeper,
    /// A profile that some image hosts has no command.
    #[error("profile {0}: hosted by an image, but it has no command")]
    NoCommand(ProfileName),
    /// An image starts too many workers.
    #[error("image {image}: {workers} workers at boot, {WORKERS_PER_VM_MAX} allowed")]
    TooManyWorkers {
        /// The image.
        image: ImageName,
        /// How many it asks for.
        workers: u64,
    },
    /// A variable that cannot be set.
    #[error("image {image}: environment variable {name:?} cannot be set")]
    Environment {
        /// The image.
        image: ImageName,
        /// The variable.
        name: String,
    },
}

/// Everything that is wrong with a [`Config`]; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Config {
    /// The state directory, if all is well.
    pub(super) fn check(&self) -> Result<PathBuf, ConfigErrors> {
        let mut errors = Vec::new();
        if !is_file_name(self.site.as_str()) {
            errors.push(ConfigError::Site(self.site.as_str().to_owned()));
        }
        if !Path::is_absolute(&self.state) {
            errors.push(ConfigError::State(self.state.clone()));
        }
        if self.keeper.first().is_none_or(|program| program.is_empty()) {
            errors.push(ConfigError::Keeper);
        }
        let hosted: BTreeSet<_> = self.images.values().flat_map(|i| i.hosts.keys()).collect();
        let silent = |profile: &&ProfileName| {
            self.commands.get(*profile).and_then(|c| c.first()).is_none_or(String::is_empty)
        };
        errors.extend(hosted.into_iter().filter(silent).cloned().map(ConfigError::NoCommand));
        self.images.iter().for_each(|(name, image)| image.check(name, &mut errors));
        if errors.is_empty() { Ok(self.state.clone()) } else { Err(ConfigErrors(errors)) }
    }
}

impl Image {
    fn check(&self, image: &ImageName, errors: &mut Vec<ConfigError>) {
        let workers: u64 = self.hosts.values().map(|count| u64::from(*count)).sum();
        if workers > u64::from(WORKERS_PER_VM_MAX) {
            errors.push(ConfigError::TooManyWorkers { image: image.clone(), workers });
        }
        let unset = |(name, value): &(&String, &String)| {
            name.is_empty() || name.contains(['=', '\0']) || value.contains('\0')
        };
        errors.extend(self.environment.iter().filter(unset).map(|(name, _)| {
            ConfigError::Environment { image: image.clone(), name: name.clone() }
        }));
    }
}

/// Whether a name is one plain, visible component of a path.
fn is_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let hosts = BTreeMap::from([("ocr".into(), 200), ("faces".into(), 57)]);
        let environment = BTreeMap::from([("A=B".to_owned(), String::new())]);
        let config = Config {
            site: "../east".into(),
            state: "state".into(),
            keeper: vec![],
            images: BTreeMap::from([("small".into(), Image { hosts, environment })]),
            commands: BTreeMap::from([("ocr".into(), vec!["serve".to_owned()])]),
            queues: BTreeMap::new(),
        };
        expect![[r#"
            site name "../east": use 1 to 64 letters, digits, '-', '_' or '.', and no '.' in front
            state directory state: must be an absolute path
            keeper: no program given
            profile faces: hosted by an image, but it has no command
            image small: 257 workers at boot, 256 allowed
            image small: environment variable "A=B" cannot be set"#]]
        .assert_eq(&config.check().unwrap_err().to_string());
    }
}
