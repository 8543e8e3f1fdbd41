//! Where things lie on disk.
//!
//! ```text
//! STATE/SITE/.host         locked by the host that drives the site, its pid within
//! STATE/SITE/.claim        locked while a host launches or clears up
//! STATE/SITE/.new/ID       a machine being written down; not yet claimed
//! STATE/SITE/ID/vm.json    our tag, and what the machine is
//!               status.json  what it is doing; absent until its keeper ran
//!               keeper.lock  locked by the keeper for its whole life
//!               control      the keeper's socket
//!               keeper.log, workers.log, and the ends of earlier ones in *.log.1
//! STATE/SITE/.gone/ID      an empty directory: the id, and so its key, is spent
//! ```
//!
//! Never touches a directory without our tag.

use std::fs::{self, DirBuilder, DirEntry, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hooke_control::ids::{IntentKey, SiteName, VmId};
use sha2::{Digest, Sha256};

use super::ours;
use super::record::{self, Found, Keep, Label, Spec, Status};

/// 20 hexadecimal digits, 80 bits: no collision among any number of machines
/// that one computer will ever launch.
const ID_DIGITS: usize = 20;
const ID_PREFIX: &str = "vm-";

/// 90 days: far longer than any host waits before it settles an open intent.
const SPENT_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// 500 bytes: an error and its causes.
const LAST_WORDS_MAX: usize = 500;
/// One hour: no host takes that long to write a machine down.
const NEW_KEPT: Duration = Duration::from_secs(3600);

/// The directory of one site.
#[derive(Debug, Clone)]
pub(super) struct SiteDir {
    path: PathBuf,
}

/// The directory of one machine.
#[derive(Debug, Clone)]
pub(super) struct VmDir {
    path: PathBuf,
}

/// The id of the machine that a key launches: always the same one.
pub(super) fn vm_id(site: &SiteName, key: &IntentKey) -> VmId {
    let mut hash = Sha256::new();
    hash.update(site.as_str());
    hash.update([0]);
    hash.update(key.as_str());
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    VmId::from(format!("{ID_PREFIX}{}", &digits[..ID_DIGITS]))
}

/// Whether a name is one that [`vm_id`] may have given. No other name is ever
/// made part of a path.
fn is_vm_id(name: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    name.strip_prefix(ID_PREFIX).is_some_and(|id| id.len() == ID_DIGITS && id.bytes().all(digit))
}

impl SiteDir {
    pub(super) fn new(state: &Path, site: &SiteName) -> Self {
        Self { path: state.join(site.as_str()) }
    }

    /// Every machine's directory, in the order of their names.
    pub(super) fn vms(&self) -> io::Result<Vec<VmDir>> {
        if !ours::is_there(&self.path)? {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            found.extend(name.to_str().and_then(|name| self.tagged(name)));
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// The directory of a machine that is there and bears our tag.
    pub(super) fn vm(&self, vm: &VmId) -> io::Result<Option<VmDir>> {
        Ok(if ours::is_there(&self.path)? { self.tagged(vm.as_str()) } else { None })
    }

    fn tagged(&self, name: &str) -> Option<VmDir> {
        let dir = VmDir { path: self.path.join(name) };
        (is_vm_id(name) && dir.spec_path().is_file()).then_some(dir)
    }

    /// Whether a machine of this id was there once and is gone.
    pub(super) fn is_spent(&self, vm: &VmId) -> bool {
        is_vm_id(vm.as_str()) && self.gone().join(vm.as_str()).is_dir()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lock that a host holds for as long as it drives the site.
    pub(super) fn host_file(&self) -> io::Result<File> {
        self.lock_file(".host")
    }

    /// The lock that a host holds while it launches or clears up. Dropping it
    /// releases it; so does the host's death.
    pub(super) fn claim_file(&self) -> io::Result<File> {
        self.lock_file(".claim")
    }

    fn lock_file(&self, name: &str) -> io::Result<File> {
        make_dir(&self.path)?;
        // It may have been there before.
        ours::is_there(&self.path)?;
        let path = self.path.join(name);
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
    }

    /// Writes a machine down and claims its id, in one rename: a directory
    /// with that name is complete. The caller holds the claim.
    pub(super) fn publish(&self, spec: &Spec) -> io::Result<VmDir> {
        let made = VmDir { path: self.path.join(".new").join(&spec.vm) };
        if made.path.exists() {
            fs::remove_dir_all(&made.path)?;
        }
        make_dir(&made.path)?;
        record::write(&made.spec_path(), spec, Keep::ThroughPowerLoss)?;
        made.lock_file()?;
        let dir = VmDir { path: self.path.join(&spec.vm) };
        if dir.path.symlink_metadata().is_ok() {
            // Ours would have been found by its tag.
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "a foreign file is in its place",
            ));
        }
        fs::rename(&made.path, &dir.path)?;
        File::open(&self.path)?.sync_all()?;
        Ok(dir)
    }

    /// Takes a machine away that never ran; its key may launch it again.
    pub(super) fn withdraw(&self, dir: &VmDir) -> io::Result<()> {
        let away = self.path.join(".new").join(dir.name());
        fs::rename(&dir.path, &away)?;
        fs::remove_dir_all(away)
    }

    /// Forgets what nobody will ask for again. What cannot be taken away stays
    /// until the next time: it is in nobody's way.
    pub(super) fn sweep(&self, now: SystemTime) {
        for (parent, kept) in [(self.gone(), SPENT_KEPT), (self.path.join(".new"), NEW_KEPT)] {
            let Ok(entries) = fs::read_dir(parent) else { continue };
            for entry in entries.flatten() {
                if let Err(why) = forget(&entry, kept, now) {
                    tracing::warn!(path = %entry.path().display(), %why, "not swept away");
                }
            }
        }
    }

    fn gone(&self) -> PathBuf {
        self.path.join(".gone")
    }
}

/// Takes a directory away that has been there for longer than `kept`.
fn forget(entry: &DirEntry, kept: Duration, now: SystemTime) -> io::Result<()> {
    let age = now.duration_since(entry.metadata()?.modified()?);
    if is_vm_id(&entry.file_name().to_string_lossy()) && age.is_ok_and(|age| age > kept) {
        fs::remove_dir_all(entry.path())?;
    }
    Ok(())
}

impl VmDir {
    /// The directory at `path`, as a keeper is told.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The machine's id.
    pub(super) fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    fn spec_path(&self) -> PathBuf {
        self.path.join("vm.json")
    }

    pub(super) fn status_path(&self) -> PathBuf {
        self.path.join("status.json")
    }

    /// Whose it is, and in which format it is written down.
    pub(super) fn label(&self) -> io::Result<Found<Label>> {
        record::read(&self.spec_path())
    }

    /// To be read by who knows the format that stands in [`Self::label`].
    pub(super) fn spec(&self) -> io::Result<Found<Spec>> {
        record::read(&self.spec_path())
    }

    pub(super) fn status(&self) -> io::Result<Found<Status>> {
        record::read(&self.status_path())
    }

    /// Whether it is still where it was, and the same.
    pub(super) fn is_there(&self) -> bool {
        self.spec_path().is_file()
    }

    /// What tells this directory from a later one of the same name.
    pub(super) fn inode(&self) -> io::Result<u64> {
        fs::metadata(&self.path).map(|meta| meta.ino())
    }

    /// The file that the keeper locks.
    pub(super) fn lock_file(&self) -> io::Result<File> {
        let path = self.path.join("keeper.lock");
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
    }

    /// What the keeper has to say.
    pub(super) fn keeper_log(&self) -> PathBuf {
        self.path.join("keeper.log")
    }

    /// What the workers have to say.
    pub(super) fn workers_log(&self) -> PathBuf {
        self.path.join("workers.log")
    }

    /// The end of the keeper's log, for the operator.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read(self.keeper_log()).unwrap_or_default();
        let tail = log.len().saturating_sub(LAST_WORDS_MAX);
        String::from_utf8_lossy(&log[tail..]).trim().to_owned()
    }

    /// Ends the machine: one rename takes it from the list and spends its id.
    pub(super) fn bury(&self) -> io::Result<()> {
        let site = self.path.parent().ok_or(io::ErrorKind::NotFound)?;
        let gone = site.join(".gone");
        make_dir(&gone)?;
        let grave = gone.join(self.name());
        fs::rename(&self.path, &grave)?;
        for entry in fs::read_dir(&grave)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }
}

/// Makes a directory, and those above it, that only its owner may enter.
fn make_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}
