//! The simulated site as a cloud. Only carries over: what the cloud does is
//! the world's affair.

use hooke_clouds::{Cloud, CloudError, Inventory};
use hooke_control::action::{Action, Failure, Outcome};
use hooke_control::fleet::SeenVm;
use hooke_control::ids::IntentKey;

use crate::site::Site;

/// A driver for the cloud of a simulated [`Site`]. Idempotent for each key as
/// long as the site lives, also after failures: a launch that was refused is
/// refused again, with the same failure, whenever its key comes back.
#[derive(Debug, Clone)]
pub struct SimCloud {
    site: Site,
}

impl SimCloud {
    /// Drives the cloud of `site`.
    pub const fn new(site: Site) -> Self {
        Self { site }
    }
}

impl Inventory for SimCloud {
    async fn list(&self) -> Result<Vec<SeenVm>, CloudError> {
        self.site.with(|world| {
            if world.list_is_out() {
                let (doing, source) = ("listing the simulated machines".into(), OUTAGE.into());
                return Err(CloudError::Unclear { doing, source });
            }
            Ok(world.vms())
        })
    }
}

impl Cloud for SimCloud {
    async fn apply(&self, action: &Action, key: &IntentKey) -> Result<Outcome, CloudError> {
        let answer = self.site.with(|world| world.apply(action, key));
        answer.map_err(|failure| error(action, failure))
    }
}

const OUTAGE: &str = "a simulated outage";

fn error(action: &Action, failure: Failure) -> CloudError {
    let doing = action.to_string();
    match failure {
        Failure::Throttled { retry_after, .. } => CloudError::Throttled { doing, retry_after },
        Failure::NoCapacity { why } => CloudError::NoCapacity { doing, source: why.into() },
        Failure::QuotaExceeded { why } => CloudError::QuotaExceeded { doing, source: why.into() },
        Failure::Unauthorized { why } => CloudError::Unauthorized { doing, source: why.into() },
        Failure::NotFound { why } => CloudError::NotFound { what: why },
        Failure::Rejected { why } => CloudError::Rejected { doing, why },
        Failure::Unclear { why } => CloudError::Unclear { doing, source: why.into() },
    }
}
