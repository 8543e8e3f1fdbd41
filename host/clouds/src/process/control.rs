//! How a host and a keeper talk: one JSON line each way over a Unix socket
//! that only its owner may open. One order a connection. Never decides.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};

use super::layout::VmDir;

/// 64 KiB: an order is a name or two.
pub(super) const LINE_MAX: u64 = 64 * 1024;
/// Ten seconds: a keeper answers at once unless the computer is overloaded.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How often a suspended keeper is woken until it answers: its SIGSTOP may
/// come after our SIGCONT.
const WAKE_EVERY: Duration = Duration::from_millis(50);

/// What a keeper is told to do, at most once for one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) key: String,
    pub(super) order: Order,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Order {
    Suspend,
    Resume,
    Terminate,
    StartWorker { profile: String },
    StopWorker { worker: String },
}

/// What a keeper says to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// Accepted and written down.
    Applied,
    /// It was so, or the key was used before.
    AlreadyTrue,
    /// Not in this state, or never.
    Refused { why: String },
    /// Done, but it could not be written down.
    Unclear { why: String },
}

/// A path to a machine's socket that is short, whatever the machine's path: a
/// socket's address holds 107 bytes.
#[derive(Debug)]
pub(super) struct SocketPath {
    dir: OwnedFd,
}

impl SocketPath {
    pub(super) fn of(dir: &VmDir) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { dir: rustix::fs::open(dir.path(), flags, Mode::empty())? })
    }

    /// Good for as long as `self` lives.
    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/control", self.dir.as_raw_fd()))
    }
}

/// Tells a keeper, and waits for its reply. `wake` is called now and again
/// until the reply is there.
pub(super) fn call(dir: &VmDir, request: &Request, wake: impl Fn()) -> io::Result<Reply> {
    let socket = SocketPath::of(dir)?;
    let mut stream = UnixStream::connect(socket.path())?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    stream.set_read_timeout(Some(WAKE_EVERY))?;
    let deadline = Instant::now() + ANSWER_WITHIN;
    let mut reply = Vec::new();
    while reply.last() != Some(&b'\n') {
        wake();
        let mut bytes = [0; 1024];
        match stream.read(&mut bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => reply.extend_from_slice(&bytes[..count]),
            Err(e) if is_pause(&e) && Instant::now() < deadline => {}
            Err(e) if is_pause(&e) => return Err(io::ErrorKind::TimedOut.into()),
            Err(e) => return Err(e),
        }
    }
    Ok(serde_json::from_slice(&reply)?)
}

/// Whether a read only took its time.
fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}
