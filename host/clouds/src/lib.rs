//! Drivers that list, start and stop machines.
//!
//! A driver carries out; it never decides. It touches only what it created
//! and tagged for its site.

use std::future::Future;

use hooke_control::action::{Action, Outcome};
use hooke_control::fleet::SeenVm;
use hooke_control::ids::IntentKey;

mod error;

pub mod process;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use error::{Cause, CloudError};

/// The reading half of a cloud. A dry run holds this and nothing more.
pub trait Inventory: Send + Sync {
    /// Every machine that Hooke created for this site and that is not gone,
    /// in any order. An error means that the list is not complete: the caller
    /// must not take absence from it for deletion.
    fn list(&self) -> impl Future<Output = Result<Vec<SeenVm>, CloudError>> + Send;
}

/// The whole of a cloud.
pub trait Cloud: Inventory {
    /// Carries out `action` at most once for one `key`, also across restarts
    /// of this host. Returns when the cloud has accepted it, not when it is
    /// finished; `list` shows the progress.
    fn apply(
        &self,
        action: &Action,
        key: &IntentKey,
    ) -> impl Future<Output = Result<Outcome, CloudError>> + Send;
}
