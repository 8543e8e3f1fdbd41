//! A folder that is filled once, by one of the processes that want it, and is
//! whole or made anew. Knows nothing of what is in it.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::{BuildError, Step};

/// Written last. Without it a folder is half filled.
const WHOLE: &str = ".whole";

/// What is to be in a folder.
pub(super) struct Room<'a> {
    /// The folder.
    pub(super) folder: &'a Path,
    /// What it holds, for whoever waits.
    pub(super) what: &'a str,
    /// Whether what it holds can still be used; asked only of a whole one.
    pub(super) usable: &'a dyn Fn() -> bool,
    /// Fills the folder, which is there and empty.
    pub(super) fill: &'a dyn Fn() -> Result<(), BuildError>,
}

impl Room<'_> {
    /// Sees to it that the folder is filled.
    pub(super) fn ready(&self, progress: &dyn Fn(Step)) -> Result<(), BuildError> {
        if self.whole() {
            return Ok(());
        }
        let parent = self.folder.parent().unwrap_or(self.folder);
        fs::create_dir_all(parent).map_err(BuildError::unwritable(parent))?;
        // Held until the end of this function, and by nobody after this process.
        let _lock = self.lock(progress)?;
        if self.whole() {
            return Ok(());
        }
        progress(Step::Install { what: self.what.to_owned() });
        match fs::remove_dir_all(self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(BuildError::unwritable(self.folder)(error));
            }
            Ok(()) | Err(_) => {}
        }
        fs::create_dir(self.folder).map_err(BuildError::unwritable(self.folder))?;
        (self.fill)()?;
        let whole = self.folder.join(WHOLE);
        fs::write(&whole, "").map_err(BuildError::unwritable(whole))
    }

    fn whole(&self) -> bool {
        self.folder.join(WHOLE).is_file() && (self.usable)()
    }

    /// The lock of this folder, beside it, as the folder itself is removed.
    fn lock(&self, progress: &dyn Fn(Step)) -> Result<File, BuildError> {
        let mut name = self.folder.as_os_str().to_owned();
        name.push(".lock");
        let file = File::create(&name).map_err(BuildError::unwritable(&name))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                progress(Step::Wait { what: self.what.to_owned() });
                file.lock().map_err(BuildError::unwritable(&name))?;
                Ok(file)
            }
            Err(TryLockError::Error(error)) => Err(BuildError::unwritable(&name)(error)),
        }
    }
}
