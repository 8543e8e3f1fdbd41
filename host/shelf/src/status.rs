//! What the operator is shown of the shelf: plain values, and their text.

use std::fmt;
use std::path::PathBuf;

use hooke_control::ids::PolicyName;
use hooke_control::units::Timestamp;
use hooke_runtime::Digest;

use crate::entry::{Entry, Newest, Origin};

/// The policies directory, as the last look found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryState {
    /// The site file names none.
    None,
    /// It was read.
    Readable(PathBuf),
    /// It could not be read: what is live stays, and nothing new comes.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        why: String,
        /// Since when.
        since: Timestamp,
    },
}

/// The whole shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The policies directory.
    pub directory: DirectoryState,
    /// Why the compile cache is not used, if it should be.
    pub cache_refused: Option<String>,
    /// Every policy, in order of name.
    pub policies: Vec<PolicyStatus>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStatus {
    /// Its name.
    pub name: PolicyName,
    /// Where it comes from.
    pub origin: Origin,
    /// The digest of what is live and since when; if nothing is, why.
    pub live: Result<(Digest, Timestamp), String>,
    /// What became of a newer file.
    pub newest: Option<Newest>,
    /// Since when its file is gone, if it is.
    pub orphaned: Option<Timestamp>,
}

impl From<&Entry> for PolicyStatus {
    fn from(entry: &Entry) -> Self {
        let live = entry.live.as_ref().map(|live| (live.policy.digest(), live.since));
        Self {
            name: entry.name.clone(),
            origin: entry.origin.clone(),
            live: live.map_err(Clone::clone),
            newest: entry.newest.clone(),
            orphaned: entry.orphaned,
        }
    }
}

/// One line: `threshold: live 0123456789ab, bundled; a newer file 9876… was …`.
impl fmt::Display for PolicyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, live, .. } = self;
        match live {
            Ok((digest, _)) => write!(f, "{name}: live {}", digest.short())?,
            Err(_) => write!(f, "{name}: none")?,
        }
        match (&self.origin, self.orphaned) {
            (Origin::Bundled, _) => f.write_str(", bundled")?,
            (Origin::File(_), None) => f.write_str(", from its file")?,
            (Origin::File(_), Some(_)) => f.write_str(", orphaned: its file is gone")?,
        }
        match (&self.newest, live) {
            (Some(Newest::Compiling { digest, .. }), _) => {
                write!(f, "; compiling {}", digest.short())
            }
            (Some(Newest::Refused { digest, outcome, why, .. }), _) => {
                let digest = digest.map(|digest| format!(" {}", digest.short()));
                write!(f, "; {outcome}{}: {why}", digest.unwrap_or_default())
            }
            (None, Err(why)) => write!(f, "; {why}"),
            (None, Ok(_)) => Ok(()),
        }
    }
}

impl fmt::Display for DirectoryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no policies directory"),
            Self::Readable(path) => write!(f, "policies directory {}", path.display()),
            Self::Unreadable { path, why, .. } => write!(
                f,
                "the policies directory {} cannot be read ({why}): what is live stays, and \
                 nothing new comes. Create it, or let the host read it",
                path.display()
            ),
        }
    }
}

/// Everything, one line each.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !matches!(self.directory, DirectoryState::None | DirectoryState::Readable(_)) {
            writeln!(f, "{}", self.directory)?;
        }
        if let Some(why) = &self.cache_refused {
            writeln!(f, "no compile cache: {why}")?;
        }
        self.policies.iter().try_for_each(|policy| writeln!(f, "{policy}"))
    }
}
