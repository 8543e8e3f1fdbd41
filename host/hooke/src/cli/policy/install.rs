//! `hooke policy install`: a file into the policies directory. Whoever watches
//! it sees the whole file or none.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use hooke_bundled::BUNDLED;
use hooke_control::ids::PolicyName;
use hooke_shelf::read_policy;
use serde::Serialize;

use super::super::{Ended, Format, print, print_json, wrong_usage};
use super::{Place, name_of, usable};
use crate::clock;
use crate::shelf::{self, CacheUse};

/// Read by everybody, as the host may be somebody else.
const MODE: u32 = 0o644;

#[derive(Debug, Args)]
pub(in crate::cli) struct Install {
    /// The policy's file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The name it gets, if not that of the file.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Installs it even if it cannot be used by this host.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Debug, Serialize)]
struct Installed {
    policy: String,
    file: PathBuf,
    digest: String,
    replaced: bool,
    /// What was there, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    hides_bundled: bool,
}

impl Install {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let config = self.place.config()?;
        let Some(directory) = &config.directory else {
            return Err(wrong_usage(
                "no policies directory is known: name one with --directory DIR, or a site file \
                 that has [policies] directory with --config FILE",
            ));
        };
        if !directory.is_dir() {
            return Err(wrong_usage(format!(
                "there is no directory {}: create it first",
                directory.display()
            )));
        }
        let shelf = shelf::open(&config, CacheUse::IfThere, None)?;
        let name = match &self.name {
            Some(name) => name.clone(),
            None => name_of(&self.file).to_string(),
        };
        if !is_name(&name) {
            return Err(wrong_usage(format!(
                "{name:?} cannot be a policy's name: use letters, digits, `-`, `_` or `.`"
            )));
        }
        if !self.force {
            let entry = shelf.inspect(PolicyName::from(name.as_str()), &self.file, clock::wall());
            usable(&entry).context("not installed")?;
        }
        let named = config.named.get(name.as_str());
        let limits = named.map_or(&config.limits, |named| &named.limits);
        let bytes = read_policy(&self.file, limits).context("not installed")?;
        let digest = hooke_runtime::Digest::of(&bytes);
        let pin = named.and_then(|named| named.pin);
        if let Some(pin) = pin.filter(|pin| *pin != digest && !self.force) {
            bail!(
                "not installed: its sha256 is {digest}, and the site file pins {pin}; change \
                 [policy.{name}] sha256, or use --force"
            );
        }
        let target = directory.join(format!("{name}.wasm"));
        let before = fs::read(&target).ok().map(|bytes| hooke_runtime::Digest::of(&bytes));
        let replaced = target.exists();
        put(&bytes, directory, &target)
            .with_context(|| format!("cannot write {}", target.display()))?;
        self.told(&Installed {
            file: target,
            digest: format!("sha256:{digest}"),
            replaced,
            replaces: before.map(|before| format!("sha256:{before}")),
            hides_bundled: BUNDLED.iter().any(|bundled| bundled.name == name),
            policy: name,
        });
        Ok(Ended::Done)
    }

    fn told(&self, installed: &Installed) {
        if self.place.print.format == Format::Json {
            return print_json(installed);
        }
        let Installed { policy, file, digest, replaced, replaces, hides_bundled } = installed;
        let (how, file) = (if *replaced { "replaced" } else { "installed" }, file.display());
        match replaces {
            Some(before) if before == digest => {
                print(&format!("{file} has this content already, nothing changes\n  {digest}\n"));
                return;
            }
            Some(before) => print(&format!("{how} {file}\n  {digest}\n  in place of {before}\n")),
            None => print(&format!("{how} {file}\n  {digest}\n")),
        }
        if *hides_bundled {
            print(&format!("It takes the place of the bundled policy {policy}.\n"));
        }
        if !replaced {
            print(&format!("A site uses it with policy = [\"{policy}\"].\n"));
        }
        print("A running host sees it within 2 s, and takes it once it is compiled and checked.\n");
    }
}

/// As site files take names.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=63).contains(&name.len()) && name.chars().all(allowed) && !name.starts_with('.')
}

/// Writes beside the target, under a name that nobody reads, and renames.
fn put(bytes: &[u8], directory: &Path, target: &Path) -> anyhow::Result<()> {
    let mut file =
        tempfile::Builder::new().prefix(".install-").suffix(".tmp").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(MODE))?;
    file.as_file().sync_all()?;
    file.persist(target)?;
    fs::File::open(directory)?.sync_all()?;
    Ok(())
}
