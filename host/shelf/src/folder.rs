//! The policies directory: what stands in it, and the bytes of one file, read
//! once and whole. Never writes, and never follows a link out of the directory.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hooke_control::ids::PolicyName;
use rustix::fs::OFlags;

use crate::stamp::Stamp;

/// Entries that a directory may have before it is taken for a mistake.
const MOST_ENTRIES: usize = 10_000;

/// The policies directory.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// One policy file, as it was at a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The file, as the directory names it.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) form: FoundForm,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FoundForm {
    /// A file; `real` is where its links end.
    File { real: PathBuf, stamp: Stamp },
    /// Something that is never read, and why.
    Barred(String),
}

/// Everything that stands in the directory.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) files: BTreeMap<PolicyName, Found>,
    /// Files that no site could name.
    pub(crate) nameless: Vec<String>,
}

/// Why a file's bytes are not there.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is another file, or was written to, since it was looked at.
    Changed,
    /// The system refused.
    Failed(io::Error),
}

impl Folder {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at every file, without reading one.
    pub(crate) fn list(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        let inside = fs::canonicalize(&self.path)?;
        for (count, entry) in fs::read_dir(&self.path)?.enumerate() {
            if count == MOST_ENTRIES {
                return Err(io::Error::other(format!("it has over {MOST_ENTRIES} entries")));
            }
            let entry = entry?;
            let file_name = entry.file_name();
            let Some(stem) = policy_stem(&file_name.to_string_lossy()).map(str::to_owned) else {
                continue;
            };
            if !is_name(&stem) {
                listing.nameless.push(file_name.to_string_lossy().into_owned());
                continue;
            }
            if let Some(form) = look(&entry, &inside)? {
                listing.files.insert(PolicyName::from(stem), Found { path: entry.path(), form });
            }
        }
        listing.nameless.sort();
        Ok(listing)
    }
}

/// The policy's name, of a file that is meant to be one. Hidden files, editors'
/// and copiers' temporary ones have other endings or begin with a dot.
fn policy_stem(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(".wasm").filter(|stem| !stem.is_empty() && !stem.starts_with('.'))
}

/// Whether a site file can say this name: the rule of `[[site]]` and its kind.
fn is_name(stem: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    stem.len() <= 63 && stem.chars().all(allowed)
}

/// What one entry is; none if it is a directory, is gone, or leads nowhere.
fn look(entry: &DirEntry, inside: &Path) -> io::Result<Option<FoundForm>> {
    let path = entry.path();
    let link = match entry.file_type() {
        Ok(kind) => kind.is_symlink(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let real = if link { fs::canonicalize(&path) } else { Ok(path) };
    let seen = real.and_then(|real| Ok((fs::metadata(&real)?, real)));
    let (metadata, real) = match seen {
        Ok(seen) => seen,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Ok(Some(FoundForm::Barred(format!("it cannot be looked at: {error}"))));
        }
    };
    if metadata.is_dir() {
        return Ok(None);
    }
    if link && !real.starts_with(inside) {
        return Ok(Some(FoundForm::Barred(format!(
            "it is a link to {}, outside of the policies directory. Copy the file into the \
             directory instead",
            real.display()
        ))));
    }
    if !metadata.is_file() {
        let why = "it is no regular file. Put the .wasm itself there".to_owned();
        return Ok(Some(FoundForm::Barred(why)));
    }
    Ok(Some(FoundForm::File { real, stamp: Stamp::of(&metadata) }))
}

/// Reads a file that was looked at, once; what is returned is the whole of one
/// version of it. `most` bytes are read at the most, as the file's size was
/// looked at before and a file can grow.
pub(crate) fn read(real: &Path, looked: Stamp, most: u64) -> Result<Vec<u8>, Unread> {
    read_meanwhile(real, looked, most, || ())
}

/// [`read`], with something that happens while the file is half read.
fn read_meanwhile(
    real: &Path,
    looked: Stamp,
    most: u64,
    meanwhile: impl FnOnce(),
) -> Result<Vec<u8>, Unread> {
    // A pipe that stands there by now would make the opening wait for a writer.
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(real)
        .map_err(unread)?;
    if stamp(&file)? != looked {
        return Err(Unread::Changed);
    }
    let size = looked.size().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    (&mut file).take(size / 2).read_to_end(&mut bytes).map_err(unread)?;
    meanwhile();
    (&mut file).take(most - size / 2).read_to_end(&mut bytes).map_err(unread)?;
    let named = fs::metadata(real).map_err(unread)?;
    if stamp(&file)? != looked || Stamp::of(&named) != looked || bytes.len() as u64 != looked.size()
    {
        return Err(Unread::Changed);
    }
    Ok(bytes)
}

fn stamp(file: &File) -> Result<Stamp, Unread> {
    file.metadata().map(|metadata| Stamp::of(&metadata)).map_err(unread)
}

fn unread(error: io::Error) -> Unread {
    if error.kind() == io::ErrorKind::NotFound { Unread::Changed } else { Unread::Failed(error) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use expect_test::{Expect, expect};

    use super::{Folder, FoundForm, Unread, read_meanwhile};
    use crate::stamp::Stamp;

    #[track_caller]
    fn check(meanwhile: impl FnOnce(&Path), want: Expect) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.wasm");
        fs::write(&file, [7; 1000]).unwrap();
        let looked = Stamp::of(&fs::metadata(&file).unwrap());
        let read = read_meanwhile(&file, looked, 2000, || meanwhile(&file));
        let said = match read {
            Ok(bytes) => format!("{} bytes", bytes.len()),
            Err(Unread::Changed) => "changed".to_owned(),
            Err(Unread::Failed(error)) => format!("failed: {error}"),
        };
        want.assert_eq(&said);
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_not_taken() {
        check(|_| (), expect!["1000 bytes"]);
        check(|file| fs::write(file, [8; 1000]).unwrap(), expect!["changed"]);
        check(|file| fs::write(file, [8; 10]).unwrap(), expect!["changed"]);
        check(|file| fs::write(file, [8; 5000]).unwrap(), expect!["changed"]);
        check(|file| fs::remove_file(file).unwrap(), expect!["changed"]);
        let swap = |file: &Path| {
            let other = file.with_extension("tmp");
            fs::write(&other, [8; 1000]).unwrap();
            fs::rename(&other, file).unwrap();
        };
        check(swap, expect!["changed"]);
    }

    #[test]
    fn only_what_is_meant_to_be_a_policy_is_listed() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let names =
            ["a.wasm", ".b.wasm", "c.wasm.tmp", "d.wasm.part", "e.wasm~", "f.cwasm", ".wasm"];
        for name in names.into_iter().chain(["two words.wasm"]) {
            fs::write(at(name), "x").unwrap();
        }
        fs::create_dir(at("g.wasm")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("h.wasm")).unwrap();
        std::os::unix::fs::symlink("a.wasm", at("i.wasm")).unwrap();
        std::os::unix::fs::symlink("/dev/null", at("j.wasm")).unwrap();
        let listing = Folder::new(directory.path().to_owned()).list().unwrap();
        let mut said: Vec<String> = listing
            .files
            .iter()
            .map(|(name, found)| match &found.form {
                FoundForm::File { stamp, .. } => format!("{name}: {} bytes", stamp.size()),
                FoundForm::Barred(why) => format!("{name}: {why}"),
            })
            .collect();
        said.extend(listing.nameless.iter().map(|name| format!("nameless: {name}")));
        expect![[r#"
            a: 1 bytes
            i: 1 bytes
            j: it is a link to /dev/null, outside of the policies directory. Copy the file into the directory instead
            nameless: two words.wasm"#]]
        .assert_eq(&said.join("\n"));
    }
}
