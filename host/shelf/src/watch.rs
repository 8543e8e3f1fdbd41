//! The thread that looks. Events of the file system only wake it; what counts
//! is a look, and one comes every second whether or not there were events: they
//! are lost on network file systems, overlays and when the kernel's queue is full.

use std::os::unix::fs::MetadataExt as _;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use hooke_control::units::Timestamp;
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::shelf::Shelf;
use crate::users::Users;

/// The longest time between looks. With the time a file has to settle this
/// keeps the promise of two seconds where no event comes at all.
const RESCAN: Duration = Duration::from_secs(1);
/// Time between looks while a file settles.
const SETTLING: Duration = Duration::from_millis(100);
/// Time that events are gathered for: one copy makes hundreds.
const GATHER: Duration = Duration::from_millis(20);

/// Tells the time that entries are stamped with.
pub type Clock = dyn Fn() -> Timestamp + Send + Sync;

/// A shelf that is kept in step with its directory until this is dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    wake: Sender<()>,
    shelf: Arc<Shelf>,
    thread: Option<JoinHandle<()>>,
}

impl Shelf {
    /// Starts the thread that keeps the shelf in step with the directory. A file
    /// is live within two seconds, and the time that it takes to compile.
    pub fn watch(self: &Arc<Self>, users: Arc<dyn Users>, clock: Arc<Clock>) -> io::Result<Watch> {
        let (wake, woken) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let waker = Some(wake.clone());
        *self.shared.waker.lock().unwrap_or_else(PoisonError::into_inner) = waker;
        let (shelf, stopped, events) = (Arc::clone(self), Arc::clone(&stop), wake.clone());
        let thread = thread::Builder::new().name("policy-watch".into()).spawn(move || {
            let mut eyes = Eyes::new(events);
            while !stopped.load(Ordering::Relaxed) {
                if let Some(directory) = shelf.directory() {
                    eyes.turn_to(&directory);
                }
                let busy = look(&shelf, &*clock, &*users);
                wait(&woken, if busy { SETTLING } else { RESCAN });
            }
        })?;
        Ok(Watch { stop, wake, shelf: Arc::clone(self), thread: Some(thread) })
    }

    fn directory(&self) -> Option<std::path::PathBuf> {
        self.keeper().directory().map(Path::to_owned)
    }
}

impl Watch {
    /// Has a look made now, as on a signal.
    pub fn look_now(&self) {
        // The thread ends only with this value.
        let _gone = self.wake.send(());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.look_now();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that watches the policies directory had died");
        }
        self.shelf.keeper().stop();
    }
}

/// One look. Were a fault of ours in it to end the thread, no policy would ever
/// be replaced again, and nobody would know.
fn look(shelf: &Shelf, clock: &Clock, users: &dyn Users) -> bool {
    let looked = panic::catch_unwind(AssertUnwindSafe(|| shelf.look(clock(), users)));
    looked.unwrap_or_else(|_| {
        tracing::error!("a look at the policies directory failed in the host; the next may not");
        false
    })
}

fn wait(woken: &Receiver<()>, longest: Duration) {
    match woken.recv_timeout(longest) {
        Ok(()) => {
            thread::sleep(GATHER);
            while woken.try_recv().is_ok() {}
        }
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
    }
}

/// The events of one directory, as far as the system gives any.
struct Eyes {
    watcher: Option<RecommendedWatcher>,
    on: Option<(u64, u64)>,
}

impl Eyes {
    fn new(wake: Sender<()>) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !is_reading(event.kind)) {
                // The thread has ended.
                let _gone = wake.send(());
            }
        });
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(
                "no events of the policies directory, it is looked at every second: {error}"
            );
        });
        Self { watcher: watcher.ok(), on: None }
    }

    /// Turns to the directory, again if it is another one of the same name.
    fn turn_to(&mut self, directory: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        let now = fs::metadata(directory).ok().map(|found| (found.dev(), found.ino()));
        if now == self.on {
            return;
        }
        if self.on.is_some()
            && let Err(error) = watcher.unwatch(directory)
        {
            tracing::debug!("the policies directory was not watched any more: {error}");
        }
        self.on = None;
        if now.is_some() {
            match watcher.watch(directory, RecursiveMode::NonRecursive) {
                Ok(()) => self.on = now,
                Err(error) => tracing::debug!("no events of the policies directory: {error}"),
            }
        }
    }
}

/// Looking makes events of its own: were they to wake us, we would never rest.
fn is_reading(kind: EventKind) -> bool {
    let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
    kind.is_access() && kind != written
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::Eyes;

    #[test]
    fn writing_wakes_and_looking_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.wasm");
        fs::write(&file, "before").unwrap();
        let (wake, woken) = mpsc::channel();
        let mut eyes = Eyes::new(wake);
        eyes.turn_to(directory.path());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        fs::read(&file).unwrap();
        eyes.turn_to(directory.path());
        assert!(woken.recv_timeout(Duration::from_millis(300)).is_err(), "woken by a look");
        fs::write(&file, "after").unwrap();
        woken.recv_timeout(Duration::from_secs(60)).unwrap();
    }
}
