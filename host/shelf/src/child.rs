//! The host's side of a compile worker: starts it, asks, waits no longer than
//! the limit, lets it have no more memory than is good for the machine, and
//! believes nothing that is not sealed with the key it gave.

use std::ffi::OsString;
use std::io::{self, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use hooke_control::units::millis;
use hooke_runtime::{Host, Limit, LoadProblem, NativeCode, SealKey, Used};
use rustix::process::{Pid, Resource, Rlimit, Signal};

use crate::compiler::{NotCompiled, Order};
use crate::key;
use crate::worker::{CODE, MAGIC, REFUSED};

/// What a Rust program says at its end when it gets no memory.
const NO_MEMORY: &[u8] = b"memory allocation of ";
/// Bytes of a child's last words that are read.
const LAST_WORDS: u64 = 4 << 10;
/// How soon a compile that nobody waits for any more is stopped.
const GLANCE: Duration = Duration::from_millis(50);
/// Bytes of native code for one byte of wasm, far above any real policy.
const MOST_GROWTH: u64 = 32;
const ALWAYS_ALLOWED: u64 = 64 << 20;
/// Characters of a refusal that are repeated.
const REFUSAL_CHARS: usize = 600;

/// Compiles in a child of its own.
pub(crate) fn compile(
    program: &Path,
    args: &[OsString],
    host: &Host,
    order: &Order,
) -> Result<NativeCode, NotCompiled> {
    let broken = |what: &str, error: &io::Error| {
        NotCompiled::Broken(format!("{what} {}: {error}", program.display()))
    };
    // A key of its own for each child: should the compiler be turned against
    // us, it knows no key that opens anything else.
    let key = key::random().map_err(|error| broken("no random key for", &error))?;
    let started = Instant::now();
    let child = Command::new(program)
        .args(args)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| broken("the compile worker does not start:", &error))?;
    let mut running = Running { child, ended: false };
    running
        .cap_memory(order.limits.compile_memory)
        .map_err(|error| broken("the memory cannot be capped of", &error))?;
    let answer = running
        .ask(key, order)
        .map_err(|error| broken("no thread to talk to the compile worker", &error))?;
    let answer = wait(&answer, started, order)?;
    let answer = answer.map_err(|error| broken("the compile worker fell silent:", &error))?;
    if answer.is_empty() && running.lacked_memory() {
        return Err(NotCompiled::OverLimit(Limit::CompileMemory.hit(Used::More, &order.limits)));
    }
    drop(running);
    understand(&answer, &SealKey::new(key), host, order)
}

type Answer = mpsc::Receiver<io::Result<Vec<u8>>>;

/// A child that does not outlive this value.
struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    /// Sets the cap, before the child has anything to compile. Of writable
    /// memory, as each thread reserves address space that it never uses. Where
    /// less is allowed already, that stays.
    fn cap_memory(&self, most: u64) -> io::Result<()> {
        let allowed = rustix::process::getrlimit(Resource::Data).maximum;
        let cap = Some(allowed.map_or(most, |allowed| allowed.min(most)));
        let cap = Rlimit { current: cap, maximum: cap };
        rustix::process::prlimit(Some(Pid::from_child(&self.child)), Resource::Data, cap)?;
        Ok(())
    }

    /// Ends it, with all that it started. Only once: later the number may be
    /// that of another process.
    fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let group = Pid::from_child(&self.child);
        if let Err(error) = rustix::process::kill_process_group(group, Signal::KILL) {
            tracing::debug!("the compile worker is gone already: {error}");
        }
        if let Err(error) = self.child.wait() {
            tracing::warn!("the compile worker cannot be waited for: {error}");
        }
    }

    /// Whether a child that has ended says that it got no memory. Its words are
    /// few: a pipe holds them until they are read.
    fn lacked_memory(&mut self) -> bool {
        self.end();
        let mut said = Vec::new();
        if let Some(stderr) = self.child.stderr.take()
            && let Err(error) = stderr.take(LAST_WORDS).read_to_end(&mut said)
        {
            tracing::debug!("the compile worker's last words are lost: {error}");
        }
        said.windows(NO_MEMORY.len()).any(|words| words == NO_MEMORY)
    }

    /// Writes the question and reads the answer, each on a thread of its own: a
    /// child may stop reading, or writing, whenever it likes.
    fn ask(&mut self, key: [u8; 32], order: &Order) -> io::Result<Answer> {
        let (mut stdin, mut stdout) = match (self.child.stdin.take(), self.child.stdout.take()) {
            (Some(stdin), Some(stdout)) => (stdin, stdout),
            (_, _) => return Err(io::Error::other("it has no pipes")),
        };
        let wasm = Arc::clone(&order.wasm);
        let most = (wasm.len() as u64).saturating_mul(MOST_GROWTH).saturating_add(ALWAYS_ALLOWED);
        thread::Builder::new().name("compile-ask".into()).spawn(move || {
            let asked = stdin
                .write_all(&MAGIC)
                .and_then(|()| stdin.write_all(&key))
                .and_then(|()| stdin.write_all(&wasm));
            if let Err(error) = asked {
                tracing::debug!("the compile worker does not listen: {error}");
            }
        })?;
        let (tell, told) = mpsc::sync_channel(1);
        thread::Builder::new().name("compile-answer".into()).spawn(move || {
            let mut answer = Vec::new();
            let read = (&mut stdout).take(most).read_to_end(&mut answer);
            // Nobody listens any more if the time is up.
            let _late = tell.send(read.map(|_| answer));
        })?;
        Ok(told)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits for the answer, the limit, or until nobody wants it any more.
fn wait(
    answer: &Answer,
    started: Instant,
    order: &Order,
) -> Result<io::Result<Vec<u8>>, NotCompiled> {
    loop {
        let used = started.elapsed();
        let left = order.limits.compile_time.saturating_sub(used);
        if left.is_zero() {
            let more = Limit::CompileTime.cap(&order.limits) + 1;
            let used = Used::Exactly(millis(used).max(more));
            return Err(NotCompiled::OverLimit(Limit::CompileTime.hit(used, &order.limits)));
        }
        if order.cancelled.load(Ordering::Relaxed) {
            return Err(NotCompiled::Cancelled);
        }
        match answer.recv_timeout(left.min(GLANCE)) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(Err(io::Error::other("the reading thread ended")));
            }
        }
    }
}

fn understand(
    answer: &[u8],
    key: &SealKey,
    host: &Host,
    order: &Order,
) -> Result<NativeCode, NotCompiled> {
    match answer.split_first() {
        Some((&CODE, sealed)) => {
            NativeCode::open(key, host, order.digest, sealed).map_err(|broken| {
                tracing::debug!("the compile worker's answer is not taken: {broken}");
                let why = "what the compile worker answered is not what it was asked for";
                NotCompiled::Broken(why.to_owned())
            })
        }
        Some((&REFUSED, text)) => {
            let text = String::from_utf8_lossy(text);
            let clean = |c: char| if c.is_control() { ' ' } else { c };
            let cause = text.chars().take(REFUSAL_CHARS).map(clean).collect();
            Err(NotCompiled::Refused(LoadProblem::Malformed { cause }))
        }
        Some(_) => Err(NotCompiled::Broken("the compile worker answered rubbish".to_owned())),
        None => Err(NotCompiled::Broken(
            "the compile worker ended without an answer; the machine may be out of memory"
                .to_owned(),
        )),
    }
}
