//! One host for the machines of a site. The lock is the kernel's: it goes with
//! the process, however that ends, so the file it is held on is never deleted
//! and a left one means nothing. Whoever only looks takes none.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::ProcessCloud;

/// That this process, and no other, drives the machines of a site; for as long
/// as it lives.
#[derive(Debug)]
pub struct Possession {
    machines: PathBuf,
    held: File,
}

/// Why a host may not drive the machines of a site, by what the operator does next.
#[derive(Debug, thiserror::Error)]
pub enum NotHeld {
    /// Another one does: stop it, or name another directory.
    #[error(
        "the machines in {} are driven by another host{}; stop that one, or give this site another \
         `state` directory under [site.cloud]",
        machines.display(),
        holder.map_or_else(String::new, |pid| format!(" (process {pid})"))
    )]
    ByAnother {
        /// The directory of the site's machines.
        machines: PathBuf,
        /// The other host's process, if it could be read.
        holder: Option<u32>,
    },
    /// The lock cannot be taken: mend the directory.
    #[error("cannot lock the machines in {}", machines.display())]
    Fault {
        /// The directory of the site's machines.
        machines: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl ProcessCloud {
    /// Where the machines of the site are.
    pub fn machines(&self) -> &Path {
        self.inner.site.path()
    }

    /// Makes this process the one that drives the machines of the site. Makes
    /// their directory.
    ///
    /// # Errors
    /// That another host drives them, and which; or what the system said.
    pub fn possess(&self) -> Result<Possession, NotHeld> {
        let machines = self.machines().to_owned();
        let fault = |source| NotHeld::Fault { machines: machines.clone(), source };
        let mut file = self.inner.site.host_file().map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let holder = file.read_to_string(&mut text).ok().and(text.trim().parse().ok());
                return Err(NotHeld::ByAnother { machines, holder });
            }
            Err(TryLockError::Error(source)) => return Err(fault(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(fault)?;
        writeln!(file, "{}", std::process::id()).map_err(fault)?;
        Ok(Possession { machines, held: file })
    }
}

impl Possession {
    /// Whether it is that of these machines.
    pub fn is_of(&self, cloud: &ProcessCloud) -> bool {
        self.machines == cloud.machines()
    }
}

impl Drop for Possession {
    fn drop(&mut self) {
        // Closing would do, were it not for keepers being started just now:
        // until they have become another program they share the open file.
        let _ = self.held.unlock();
    }
}
