//! After a keeper that was killed: asks what it left behind to leave, waits
//! for it however long that takes, and then ends the machine.
//!
//! Signals only processes of the dead keeper's session that carry this
//! machine's tag, and asks each of them once.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::super::layout::VmDir;
use super::super::proc::{ProcessId, Processes, Tag};
use super::super::record::{self, Found, Keep, Phase, Spec, Stance, Status};
use super::{KeeperError, note, say_ready, trim_logs};

/// A fifth of a second: nobody tells us when they end, as they are not our children.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Clears up. The caller holds the machine's lock.
pub(super) async fn clear(dir: VmDir, spec: Option<Spec>, session: i32) -> Result<(), KeeperError> {
    let system = KeeperError::system;
    let left = take_over(&dir, session).map_err(system("taking over from the dead keeper"))?;
    say_ready();
    // The directory's name is the machine's id; its site is the one above it.
    let site = spec.map(|spec| spec.site).or_else(|| site_of(&dir)).unwrap_or_default();
    let (vm, path) = (dir.name().to_owned(), dir.path().to_owned());
    let tag = Tag { site, vm, dir: path, session: left };
    let mut asked = BTreeSet::new();
    loop {
        trim_logs(&dir);
        let processes = Processes::look().map_err(system("looking at processes"))?;
        let tops = processes.leftovers(&tag);
        if tops.is_empty() {
            break;
        }
        for process in tops {
            if asked.insert(process) {
                ask_to_leave(process, &tag);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    dir.bury().map_err(system("taking the directory away"))
}

/// Writes down that the machine is being terminated. Gives the session of what
/// is left; `None` if the old status is damaged, so that only the environment
/// of a process tells.
fn take_over(dir: &VmDir, session: i32) -> io::Result<Option<i32>> {
    let keeper = ProcessId::of(session).ok_or(io::ErrorKind::NotFound)?;
    let phase = Phase::Terminating;
    let next = match dir.status()? {
        Found::Record(mut status) => {
            status.workers.iter_mut().for_each(|worker| worker.stance = Stance::Leaving);
            Status { keeper, phase, ..status }
        }
        Found::Damaged(_) | Found::Nothing => {
            note(format_args!("the status is damaged: looking for what is left by its tag alone"));
            Status { keeper, session: None, phase, workers: Vec::new(), exits_unasked: 0 }
        }
    };
    record::write(&dir.status_path(), &next, Keep::WhileUp)?;
    Ok(next.session)
}

fn site_of(dir: &VmDir) -> Option<String> {
    dir.path().parent()?.file_name()?.to_str().map(str::to_owned)
}

/// Signals a process by a handle, so that it is certain whom it reaches. One
/// that is stopped hears nothing until it goes on.
fn ask_to_leave(process: ProcessId, tag: &Tag) {
    let Some(pid) = Pid::from_raw(process.pid) else { return };
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    if tag.is_on_living(process)
        && let Err(e) = pidfd_send_signal(&handle, Signal::TERM)
            .and_then(|()| pidfd_send_signal(&handle, Signal::CONT))
    {
        note(format_args!("asking process {} to leave: {e}", process.pid));
    }
}
