//! What every driver has to pass, whatever it drives.
//!
//! [`check`] runs each case on a fresh [`Subject`] and tells all that is wrong.
//! It never looks at a clock and never sleeps: time goes on when the subject
//! lets it, so that it serves real and virtual clouds alike.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use hooke_control::ids::{ImageName, ProfileName, SiteName};

use crate::Cloud;

mod idempotence;
mod life;
mod workers;
mod world;

use world::World;

/// A driver to be checked, with the cloud behind it.
pub trait Subject: Send + Sync {
    /// The driver.
    type Cloud: Cloud;

    /// How often a change may need [`Subject::settle`] before it is late.
    const SETTLES_MAX: u32;

    /// A new driver for `site` over this subject's cloud. Called several times:
    /// again for the same site is a host that was restarted (or a second one,
    /// as the earlier driver may still be in use); for another site it is a
    /// neighbour on the same account.
    fn open(&self, site: &SiteName) -> impl Future<Output = Self::Cloud> + Send;

    /// What the suite works with. The same at every call.
    fn stage(&self) -> Stage;

    /// Lets a little time go by, so that the cloud gets on with what it has
    /// accepted: a short sleep, or a step of virtual time.
    fn settle(&self) -> impl Future<Output = ()> + Send;
}

/// What the suite works with.
#[derive(Debug, Clone)]
pub struct Stage {
    /// An image that every opened driver knows. No driver may know `no-such-image`.
    pub image: ImageName,
    /// Its profiles and the workers of each at boot; at least one profile.
    pub hosts: BTreeMap<ProfileName, u32>,
    /// Whether the driver can look inside a machine.
    pub sight: Sight,
}

/// How far a driver can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It lists workers, starts and stops them.
    Workers,
    /// It knows machines only: `SeenVm::workers` is always `None`.
    Machines,
}

/// One promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The case that found it.
    pub case: &'static str,
    /// What was expected and what was seen.
    pub what: String,
}

/// Every promise that was not kept; at least one.
#[derive(Debug, thiserror::Error)]
pub struct Breaches(pub Vec<Breach>);

impl fmt::Display for Breaches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cases failed:", self.0.len())?;
        self.0.iter().try_for_each(|breach| write!(f, "\n{}: {}", breach.case, breach.what))
    }
}

macro_rules! run {
    ($make:ident, $breaches:ident: $($module:ident::$case:ident,)*) => {$(
        let subject = $make().await;
        let case = stringify!($case);
        if let Err(world::Broken(what)) = $module::$case(&World::new(&subject, case).await).await {
            $breaches.push(Breach { case, what });
        }
    )*};
}

/// Runs every case, each on a subject of its own whose cloud holds nothing yet.
///
/// # Errors
/// Every case that failed, in the order of the suite.
pub async fn check<S: Subject, F: Future<Output = S>>(
    make: impl Fn() -> F,
) -> Result<(), Breaches> {
    let mut breaches = Vec::new();
    run! { make, breaches:
        life::nothing_is_there_at_first,
        life::a_launched_machine_comes_to_run,
        life::an_unknown_image_is_refused,
        life::a_suspended_machine_serves_nothing,
        life::a_resumed_machine_serves_again,
        life::resume_while_suspending_is_the_way_back,
        life::a_terminated_machine_goes,
        life::a_suspended_machine_can_be_terminated,
        life::a_restarted_host_finds_its_machines_and_can_act,
        life::another_site_is_neither_seen_nor_touched,
        idempotence::one_key_is_one_machine,
        idempotence::one_key_at_the_same_time_is_one_machine,
        idempotence::one_key_is_one_machine_across_restarts,
        idempotence::two_keys_are_two_machines,
        idempotence::a_key_is_spent_for_ever,
        idempotence::an_old_key_does_not_act_again,
        idempotence::what_is_so_already_is_told_apart,
        idempotence::what_never_was_cannot_be_acted_upon,
        workers::a_started_worker_is_one_more,
        workers::one_key_is_one_worker,
        workers::a_stopped_worker_is_that_one,
        workers::a_suspended_machine_starts_no_worker,
        workers::a_profile_that_is_not_hosted_is_refused,
    }
    if breaches.is_empty() { Ok(()) } else { Err(Breaches(breaches)) }
}
