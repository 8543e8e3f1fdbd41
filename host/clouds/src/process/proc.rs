//! What the kernel says of processes. Reads /proc; never signals.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::{FDTarget, Process, Stat, all_processes};
use serde::{Deserialize, Serialize};

/// One process, told from every earlier and later one with the same pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ProcessId {
    pub(super) pid: i32,
    /// When the kernel started it, in clock ticks since boot.
    pub(super) start_ticks: u64,
}

impl ProcessId {
    /// The living process with this pid; `None` if it has ended.
    pub(super) fn of(pid: i32) -> Option<Self> {
        let stat = Process::new(pid).and_then(|process| process.stat()).ok()?;
        (!has_ended(&stat)).then_some(Self { pid, start_ticks: stat.starttime })
    }
}

/// Whether a process has ended and only waits for its parent to take note.
fn has_ended(stat: &Stat) -> bool {
    matches!(stat.state, 'Z' | 'X' | 'x')
}

/// What one process was when it was looked at.
#[derive(Debug, Clone, Copy)]
struct Seen {
    parent: i32,
    session: i32,
    start_ticks: u64,
    /// CPU time of it and of its children that ended, in clock ticks.
    cpu_ticks: u64,
}

/// All processes at one moment.
#[derive(Debug, Default)]
pub(super) struct Processes {
    seen: BTreeMap<i32, Seen>,
    children: BTreeMap<i32, Vec<i32>>,
}

impl Processes {
    /// Looks at every process once. One that ends meanwhile is left out.
    pub(super) fn look() -> io::Result<Self> {
        let mut processes = Self::default();
        for process in all_processes().map_err(io::Error::other)? {
            let Ok(stat) = process.and_then(|process| process.stat()) else { continue };
            if !has_ended(&stat) {
                processes.add(&stat);
            }
        }
        Ok(processes)
    }

    fn add(&mut self, stat: &Stat) {
        let waited = u64::try_from(stat.cutime + stat.cstime).unwrap_or(0);
        let seen = Seen {
            parent: stat.ppid,
            session: stat.session,
            start_ticks: stat.starttime,
            cpu_ticks: stat.utime + stat.stime + waited,
        };
        self.seen.insert(stat.pid, seen);
        self.children.entry(stat.ppid).or_default().push(stat.pid);
    }

    /// Whether exactly this process lives.
    pub(super) fn lives(&self, process: ProcessId) -> bool {
        self.seen.get(&process.pid).is_some_and(|seen| seen.start_ticks == process.start_ticks)
    }

    /// CPU seconds that a session has used, including processes that ended.
    pub(super) fn cpu_seconds(&self, session: i32) -> f64 {
        let mine = self.seen.values().filter(|seen| seen.session == session);
        let ticks: u64 = mine.map(|seen| seen.cpu_ticks).sum();
        seconds(ticks)
    }

    /// A process and all below it.
    fn tree(&self, root: i32) -> BTreeSet<i32> {
        let (mut tree, mut open) = (BTreeSet::new(), vec![root]);
        while let Some(pid) = open.pop() {
            if tree.insert(pid) {
                open.extend(self.children.get(&pid).into_iter().flatten());
            }
        }
        tree
    }

    /// The local ends of the connections of a process and all below it.
    pub(super) fn endpoints(&self, root: ProcessId, sockets: &Sockets) -> Vec<SocketAddr> {
        let inodes = self.tree(root.pid).into_iter().flat_map(socket_inodes);
        let ends: BTreeSet<SocketAddr> =
            inodes.filter_map(|inode| sockets.ends.get(&inode).copied()).collect();
        ends.into_iter().collect()
    }

    /// What is left of a machine whose keeper died. Only those that stand
    /// under no other such process, as only a worker itself knows how to tell
    /// its children to leave.
    pub(super) fn leftovers(&self, tag: &Tag) -> BTreeSet<ProcessId> {
        let mine = self.seen.iter().filter(|(pid, seen)| tag.is_on(**pid, seen.session));
        let mine: BTreeMap<i32, Seen> = mine.map(|(pid, seen)| (*pid, *seen)).collect();
        let tops = mine.iter().filter(|(_, seen)| !mine.contains_key(&seen.parent));
        tops.map(|(pid, seen)| ProcessId { pid: *pid, start_ticks: seen.start_ticks }).collect()
    }
}

/// Clock ticks in seconds.
fn seconds(ticks: u64) -> f64 {
    let millis = ticks.saturating_mul(1000) / procfs::ticks_per_second().max(1);
    Duration::from_millis(millis).as_secs_f64()
}

/// By what the processes of a machine are known.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) site: String,
    pub(super) vm: String,
    /// The machine's directory, without links. Another Hooke on this computer
    /// may have a site and a machine of the same name in another one.
    pub(super) dir: PathBuf,
    /// The session of its workers, where it is known.
    pub(super) session: Option<i32>,
}

impl Tag {
    /// Whether a process was started with this tag: by its environment, and by
    /// its session too where that is known. What cannot be read has none.
    fn is_on(&self, pid: i32, session: i32) -> bool {
        if self.session.is_some_and(|mine| mine != session) {
            return false;
        }
        let Ok(environ) = Process::new(pid).and_then(|process| process.environ()) else {
            return false;
        };
        let has = |name: &str, value: &OsStr| {
            environ.get(OsStr::new(name)).is_some_and(|found| found == value)
        };
        has("HOOKE_SITE", self.site.as_ref())
            && has("HOOKE_VM", self.vm.as_ref())
            && has("HOOKE_VM_DIR", self.dir.as_ref())
    }

    /// Whether exactly this process lives and has the tag.
    pub(super) fn is_on_living(&self, process: ProcessId) -> bool {
        let stat = Process::new(process.pid).and_then(|process| process.stat());
        stat.is_ok_and(|stat| {
            stat.starttime == process.start_ticks && self.is_on(stat.pid, stat.session)
        })
    }
}

/// The sockets that a process holds open; none if it may not be looked into.
fn socket_inodes(pid: i32) -> Vec<u64> {
    let Ok(fds) = Process::new(pid).and_then(|process| process.fd()) else { return Vec::new() };
    let mut inodes = Vec::new();
    for fd in fds.flatten() {
        if let FDTarget::Socket(inode) = fd.target {
            inodes.push(inode);
        }
    }
    inodes
}

/// The local ends of all established TCP connections, by socket.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    ends: HashMap<u64, SocketAddr>,
}

impl Sockets {
    /// Reads both tables once. IPv4 in IPv6's clothes is shown as IPv4, as a
    /// broker shows it.
    pub(super) fn look() -> io::Result<Self> {
        let mut ends = HashMap::new();
        add(&mut ends, procfs::net::tcp().map_err(io::Error::other)?);
        // A kernel without IPv6 has no such table.
        add(&mut ends, procfs::net::tcp6().unwrap_or_default());
        Ok(Self { ends })
    }
}

fn add(ends: &mut HashMap<u64, SocketAddr>, table: Vec<TcpNetEntry>) {
    let open = table.into_iter().filter(|entry| entry.state == TcpState::Established);
    ends.extend(open.map(|entry| {
        let end = entry.local_address;
        (entry.inode, SocketAddr::new(end.ip().to_canonical(), end.port()))
    }));
}
