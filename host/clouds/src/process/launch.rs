//! Making a machine and taking it away: the two things that a host does with
//! machines under the site's claim, so that no two hosts, tasks or retries do
//! them at the same time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use hooke_control::action::Outcome;
use hooke_control::ids::{ImageName, IntentKey, VmId};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use super::control::Order;
use super::keeper::{self, Errand};
use super::layout::{self, VmDir};
use super::life::{self, Life};
use super::list::{Standing, wall_clock};
use super::log;
use super::orders::{Told, no_keeper};
use super::record::{FORMAT, Phase, Spec};
use super::{Inner, ProcessCloud};
use crate::{Cause, CloudError};

/// One minute: others may be launching a few dozen machines, one by one.
const CLAIM_WITHIN: Duration = Duration::from_secs(60);
/// Half a minute: a keeper needs some milliseconds unless the computer is overloaded.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What to do about a launch, found under the claim.
enum Launch {
    /// Nothing: the key was used.
    Nothing,
    /// Start the keeper of this machine.
    Start(VmDir, File),
}

/// What to do about a termination, found under the claim.
enum End {
    /// Nothing: it is gone.
    Nothing,
    /// It never ran and was taken away.
    Done,
    /// Start somebody who clears up after the dead keeper.
    Clear(VmDir, File),
}

impl ProcessCloud {
    /// One machine for one key.
    pub(super) async fn launch(
        &self,
        image: &ImageName,
        key: &IntentKey,
    ) -> Result<Outcome, CloudError> {
        let vm = layout::vm_id(&self.inner.config.site, key);
        let doing = format!("launching {vm} of image {image}");
        let (id, name, intent) = (vm.clone(), image.clone(), key.clone());
        let what = doing.clone();
        let step = move |inner: &Inner| inner.claim_launch(&id, &name, &intent, &what);
        match self.off_thread(&doing, step).await? {
            Launch::Nothing => Ok(Outcome::AlreadyTrue { vm: Some(vm) }),
            Launch::Start(dir, _claim) => {
                self.start(Errand::Keep, &dir, &doing).await?;
                Ok(Outcome::Applied { vm })
            }
        }
    }

    /// Lets a machine's workers leave and ends it.
    pub(super) async fn terminate(
        &self,
        vm: &VmId,
        key: &IntentKey,
    ) -> Result<Outcome, CloudError> {
        let doing = format!("terminating {vm}");
        let (id, intent, what) = (vm.clone(), key.clone(), doing.clone());
        let step = move |inner: &Inner| inner.tell(&id, Order::Terminate, &intent, &what);
        match self.off_thread(&doing, step).await? {
            Told::Outcome(outcome) => return Ok(outcome),
            Told::NoVm => return Ok(Outcome::AlreadyTrue { vm: Some(vm.clone()) }),
            Told::NoKeeper(_) => {}
        }
        let (id, what) = (vm.clone(), doing.clone());
        match self.off_thread(&doing, move |inner| inner.claim_end(&id, &what)).await? {
            End::Nothing => Ok(Outcome::AlreadyTrue { vm: Some(vm.clone()) }),
            End::Done => Ok(Outcome::Applied { vm: vm.clone() }),
            End::Clear(dir, _claim) => {
                self.start(Errand::Clear, &dir, &doing).await?;
                Ok(Outcome::Applied { vm: vm.clone() })
            }
        }
    }

    /// Starts a keeper and waits until it says that it is at work. The caller
    /// holds the claim. The keeper is waited for in the background, so that no
    /// zombie stays; one that this host did not start is no child of it.
    async fn start(&self, errand: Errand, dir: &VmDir, doing: &str) -> Result<(), CloudError> {
        let mut child = match self.inner.spawn(errand, dir) {
            Ok(child) => child,
            Err(e) => return self.withdraw(dir, spawn_failed(doing, e)).await,
        };
        match tokio::time::timeout(READY_WITHIN, is_ready(&mut child)).await {
            Ok(Ok(true)) => {
                tokio::spawn(async move { child.wait().await });
                Ok(())
            }
            Ok(Ok(false)) => {
                let ended = child.wait().await.map_or_else(|e| e.to_string(), |s| s.to_string());
                // The log goes with the machine, so its end is told here.
                let why = format!("its keeper ended at once ({ended}): {}", dir.last_words());
                let error = CloudError::Rejected { doing: doing.to_owned(), why };
                self.withdraw(dir, error).await
            }
            Ok(Err(e)) => Err(CloudError::from_io(doing, e)),
            Err(late) => {
                Err(CloudError::Unclear { doing: doing.to_owned(), source: Cause::from(late) })
            }
        }
    }

    /// After a keeper that did not come to work: takes the machine away if no
    /// other leads it, so that a refused launch leaves nothing behind.
    async fn withdraw(&self, dir: &VmDir, error: CloudError) -> Result<(), CloudError> {
        let dir = VmDir::at(dir.path().to_owned());
        let step = move |inner: &Inner| inner.withdraw(&dir);
        match self.off_thread("withdrawing a launch", step).await? {
            // Started by a host that died meanwhile, it was quicker than ours.
            Left::ToAnother => Ok(()),
            Left::ToNobody => Err(error),
        }
    }
}

/// To whom a keeper that ended left its machine.
enum Left {
    /// To a keeper that lives.
    ToAnother,
    /// To nobody: the machine was taken away, unless there is more to clear up.
    ToNobody,
}

impl Inner {
    /// The claim of this site, once no other host, task or retry has it.
    fn claim(&self, doing: &str) -> Result<File, CloudError> {
        let unclear = |e| CloudError::from_io(doing, e);
        let file = self.site.claim_file().map_err(unclear)?;
        if life::wait_for_lock(&file, Instant::now() + CLAIM_WITHIN).map_err(unclear)? {
            return Ok(file);
        }
        Err(CloudError::Throttled { doing: doing.to_owned(), retry_after: Some(CLAIM_WITHIN) })
    }

    fn claim_launch(
        &self,
        vm: &VmId,
        image: &ImageName,
        key: &IntentKey,
        doing: &str,
    ) -> Result<Launch, CloudError> {
        let unclear = |e| CloudError::from_io(doing, e);
        let claim = self.claim(doing)?;
        if let Some(dir) = self.find(vm)? {
            return match Standing::of(&dir).map_err(unclear)? {
                Standing::HalfDone => Ok(Launch::Start(dir, claim)),
                Standing::Starting | Standing::Kept(_) | Standing::Dead(_) => Ok(Launch::Nothing),
                Standing::Gone => Ok(Launch::Nothing),
            };
        }
        if self.site.is_spent(vm) {
            return Ok(Launch::Nothing);
        }
        let spec = self.spec(vm, image, key).ok_or_else(|| CloudError::Rejected {
            doing: doing.to_owned(),
            why: "this site has no such image".to_owned(),
        })?;
        self.site.sweep(SystemTime::now());
        match self.site.publish(&spec) {
            Ok(dir) => Ok(Launch::Start(dir, claim)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                let (doing, why) = (doing.to_owned(), format!("{e}; move it away"));
                Err(CloudError::Rejected { doing, why })
            }
            Err(e) => Err(unclear(e)),
        }
    }

    fn claim_end(&self, vm: &VmId, doing: &str) -> Result<End, CloudError> {
        let unclear = |e| CloudError::from_io(doing, e);
        let claim = self.claim(doing)?;
        let Some(dir) = self.find(vm)? else { return Ok(End::Nothing) };
        match Standing::of(&dir).map_err(unclear)? {
            Standing::Gone => Ok(End::Nothing),
            Standing::Kept(status) if status.phase == Phase::Terminating => Ok(End::Nothing),
            // With its life in our hands no keeper can start while we bury it.
            Standing::HalfDone => match Life::take(&dir).map_err(unclear)? {
                Some(_life) => dir.bury().map(|()| End::Done).map_err(unclear),
                None => Err(no_keeper(&Standing::Starting, doing.to_owned())),
            },
            standing @ (Standing::Starting | Standing::Kept(_)) => {
                drop(standing);
                Err(no_keeper(&Standing::Starting, doing.to_owned()))
            }
            Standing::Dead(_) => Ok(End::Clear(dir, claim)),
        }
    }

    fn withdraw(&self, dir: &VmDir) -> Result<Left, CloudError> {
        let unclear = |e| CloudError::from_io("withdrawing a launch", e);
        match Standing::of(dir).map_err(unclear)? {
            Standing::Starting | Standing::Kept(_) => return Ok(Left::ToAnother),
            Standing::Dead(_) | Standing::Gone => return Ok(Left::ToNobody),
            Standing::HalfDone => {}
        }
        match Life::take(dir).map_err(unclear)? {
            None => Ok(Left::ToAnother),
            Some(_life) => self.site.withdraw(dir).map(|()| Left::ToNobody).map_err(unclear),
        }
    }

    /// What is written down of a machine of this image; `None` if there is no
    /// such image.
    fn spec(&self, vm: &VmId, image: &ImageName, key: &IntentKey) -> Option<Spec> {
        let config = &self.config;
        let found = config.images.get(image)?;
        let mut commands = BTreeMap::new();
        let mut queues = BTreeMap::new();
        for profile in found.hosts.keys() {
            let name = || profile.as_str().to_owned();
            commands.insert(name(), config.commands.get(profile).cloned().unwrap_or_default());
            let served = config.queues.get(profile).into_iter().flatten();
            queues.insert(name(), served.map(|queue| queue.as_str().to_owned()).collect());
        }
        Some(Spec {
            format: FORMAT,
            site: config.site.as_str().to_owned(),
            vm: vm.as_str().to_owned(),
            key: key.as_str().to_owned(),
            image: image.as_str().to_owned(),
            launched_at: wall_clock().as_millis(),
            hosts: found.hosts.iter().map(|(p, n)| (p.as_str().to_owned(), *n)).collect(),
            commands,
            queues,
            environment: found.environment.clone(),
        })
    }

    /// Starts a keeper with few of the host's variables: the host's secrets
    /// are no business of the workers.
    fn spawn(&self, errand: Errand, dir: &VmDir) -> io::Result<Child> {
        let (program, leading) =
            self.config.keeper.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        Command::new(program)
            .args(leading)
            .args(keeper::arguments(errand, dir))
            .env_clear()
            .envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log::open(&dir.keeper_log())?)
            .spawn()
    }
}

/// What a program needs to find itself at home. Everything else a worker needs
/// stands in its image's environment.
const INHERITED: [&str; 9] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Whether a keeper says that it is at work. False: it ended instead.
async fn is_ready(child: &mut Child) -> io::Result<bool> {
    let mut said = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut line = stdout.take(keeper::READY.len().try_into().unwrap_or(u64::MAX));
        line.read_to_end(&mut said).await?;
    }
    Ok(said == keeper::READY)
}

/// A program that cannot be started is a mistake in the configuration; a lack
/// of processes or descriptors is a lack of room.
fn spawn_failed(doing: &str, error: io::Error) -> CloudError {
    let (doing, kind) = (doing.to_owned(), error.kind());
    if [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied].contains(&kind) {
        let why = format!("the keeper's program cannot be started: {error}");
        CloudError::Rejected { doing, why }
    } else if kind == io::ErrorKind::WouldBlock {
        // EAGAIN from fork: no more processes.
        CloudError::NoCapacity { doing, source: Cause::from(error) }
    } else {
        CloudError::from_io(doing, error)
    }
}
