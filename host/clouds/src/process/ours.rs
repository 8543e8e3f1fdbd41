//! Whether a directory is in our hands alone. Programs to execute are read
//! from it: who may write to it may have us run anything. Never mends it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Write permission of the group and of everybody.
const OTHERS_WRITE: u32 = 0o022;

/// Whether a directory is there.
///
/// # Errors
/// `PermissionDenied` if it is another user's, or others may write to it.
pub(super) fn is_there(dir: &Path) -> io::Result<bool> {
    let found = match fs::metadata(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    match objection(found.uid(), rustix::process::geteuid().as_raw(), found.mode()) {
        None => Ok(true),
        Some(why) => {
            let why = format!("{}: {why}", dir.display());
            Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
        }
    }
}

/// What is wrong with a directory of this owner and mode, if we are `me`.
fn objection(owner: u32, me: u32, mode: u32) -> Option<String> {
    if owner != me {
        return Some(format!("it belongs to user {owner}, and we are user {me}"));
    }
    let open = mode & OTHERS_WRITE != 0;
    open.then(|| format!("others may write to it (mode {:o}); chmod go-w", mode & 0o7777))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::objection;

    fn check(owner: u32, mode: u32, expected: &Expect) {
        expected.assert_eq(&objection(owner, 7, mode).unwrap_or_else(|| "none".to_owned()));
    }

    #[test]
    fn only_what_is_ours_alone_to_write_is_good() {
        check(7, 0o40700, &expect!["none"]);
        check(7, 0o40755, &expect!["none"]);
        check(7, 0o40770, &expect!["others may write to it (mode 770); chmod go-w"]);
        check(7, 0o40702, &expect!["others may write to it (mode 702); chmod go-w"]);
        check(8, 0o40700, &expect!["it belongs to user 8, and we are user 7"]);
        check(0, 0o40700, &expect!["it belongs to user 0, and we are user 7"]);
    }
}
