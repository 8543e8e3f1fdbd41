//! The embedded cloud: a machine is a process group on this computer.
//!
//! Every machine is led by a [`keeper`], a process of its own session that
//! outlives the host and alone starts and stops the machine's workers. This
//! driver starts keepers, asks them over a socket, and reads what they wrote
//! down. It never signals a worker itself, and it sends SIGKILL to nobody.

use std::sync::{Arc, Mutex};

use hooke_control::action::{Action, Outcome};
use hooke_control::fleet::SeenVm;
use hooke_control::ids::IntentKey;

use crate::{Cause, Cloud, CloudError, Inventory};

mod config;
mod control;
mod launch;
mod layout;
mod life;
mod list;
mod log;
mod orders;
mod ours;
mod possession;
mod proc;
mod record;

pub mod keeper;

pub use config::{Config, ConfigError, ConfigErrors, Image, WORKERS_PER_VM_MAX};

pub use possession::{NotHeld, Possession};

use layout::SiteDir;
use list::Loads;

/// Machines of one site on this computer.
#[derive(Debug, Clone)]
pub struct ProcessCloud {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    site: SiteDir,
    loads: Mutex<Loads>,
}

impl ProcessCloud {
    /// A driver for one site. Reads and writes nothing yet, so that a dry run
    /// may hold one as its [`Inventory`].
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn open(config: Config) -> Result<Self, ConfigErrors> {
        let state = config.check()?;
        let site = SiteDir::new(&state, &config.site);
        let loads = Mutex::new(Loads::new());
        Ok(Self { inner: Arc::new(Inner { config, site, loads }) })
    }

    /// Runs what reads files, signals or waits away from the async threads.
    async fn off_thread<T: Send + 'static>(
        &self,
        doing: &str,
        work: impl FnOnce(&Inner) -> Result<T, CloudError> + Send + 'static,
    ) -> Result<T, CloudError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|e| {
            Err(CloudError::Unclear { doing: doing.to_owned(), source: Cause::from(e) })
        })
    }
}

impl Inventory for ProcessCloud {
    async fn list(&self) -> Result<Vec<SeenVm>, CloudError> {
        self.off_thread("listing machines", Inner::list).await
    }
}

impl Cloud for ProcessCloud {
    async fn apply(&self, action: &Action, key: &IntentKey) -> Result<Outcome, CloudError> {
        match action {
            Action::Launch { image } => self.launch(image, key).await,
            Action::Terminate { vm } => self.terminate(vm, key).await,
            Action::Resume { vm }
            | Action::Suspend { vm }
            | Action::StartWorker { vm, .. }
            | Action::StopWorker { vm, .. } => self.order(vm.clone(), action.clone(), key).await,
        }
    }
}
