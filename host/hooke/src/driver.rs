//! The closed sets of clouds and sources, dispatched by enum. Adds nothing to
//! what the drivers do.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use hooke_clouds::process::{self, Possession, ProcessCloud};
use hooke_clouds::{Cloud, CloudError, Inventory};
use hooke_control::action::{Action, Outcome};
use hooke_control::fleet::SeenVm;
use hooke_control::ids::{IntentKey, QueueName};
use hooke_control::queue::SourceReading;
use hooke_sim::{SimCloud, SimSource, Site as SimSite, World};
use hooke_sources::rabbitmq::{self, RabbitMq};
use hooke_sources::{Source, SourceError};

use crate::clock::Clock;
use crate::config::{CloudConfig, SiteConfig, SourceKind};

/// The hidden subcommand by which this program becomes a machine's keeper.
pub(crate) const KEEPER_COMMAND: &str = "machine";

/// Any cloud.
#[derive(Debug)]
pub(crate) enum AnyCloud {
    Process(ProcessCloud),
    Sim(SimCloud),
}

/// Any source.
#[derive(Debug)]
pub(crate) enum AnySource {
    RabbitMq(Box<RabbitMq>),
    Sim(SimSource),
}

/// A site's drivers.
#[derive(Debug)]
pub(crate) struct Drivers {
    /// Where its machines are.
    pub(crate) cloud: AnyCloud,
    /// Where its backlogs are.
    pub(crate) sources: Sources,
}

/// Sources by name, each with the queues it is asked for.
pub(crate) type Sources = Vec<(String, AnySource, BTreeSet<QueueName>)>;

/// A cloud that can only be looked at: all that a dry run holds.
#[derive(Debug)]
pub(crate) struct LookOnly(AnyCloud);

impl LookOnly {
    /// Gives up the writing half.
    pub(crate) const fn new(cloud: AnyCloud) -> Self {
        Self(cloud)
    }
}

impl Inventory for LookOnly {
    async fn list(&self) -> Result<Vec<SeenVm>, CloudError> {
        self.0.list().await
    }
}

/// Why a site's drivers could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    /// The process driver.
    #[error("the process driver of site {site} cannot be used")]
    Process { site: String, source: process::ConfigErrors },
    /// A broker's client.
    #[error("source {name} cannot be used")]
    Broker { name: String, source: rabbitmq::ConfigError },
    /// Another host drives the same machines, or that cannot be ruled out.
    #[error(transparent)]
    Machines(#[from] process::NotHeld),
    /// This program's own path is needed to keep machines.
    #[error("cannot find the path of this program, which keeps the machines")]
    Keeper(#[source] std::io::Error),
}

impl Drivers {
    /// Makes the drivers of a site; contacts nobody.
    pub(crate) fn new(site: &SiteConfig, clock: Clock) -> Result<Self, DriverError> {
        let (cloud, simulated) = match &site.cloud {
            CloudConfig::Process(config) => (AnyCloud::Process(processes(site, config)?), None),
            CloudConfig::Sim { world, .. } => {
                let world = World::new((**world).clone(), clock.now());
                let simulated = SimSite::new(world, move || clock.now());
                (AnyCloud::Sim(SimCloud::new(simulated.clone())), Some(simulated))
            }
        };
        let mut sources = Vec::new();
        for config in &site.sources {
            let source = match (&config.kind, &simulated) {
                (SourceKind::RabbitMq(broker), _) => {
                    let broken = |source| DriverError::Broker { name: config.name.clone(), source };
                    AnySource::RabbitMq(Box::new(RabbitMq::new(broker).map_err(broken)?))
                }
                (SourceKind::Sim(_), Some(simulated)) => {
                    AnySource::Sim(SimSource::new(simulated.clone()))
                }
                // The site file refuses simulated queues beside real machines.
                (SourceKind::Sim(_), None) => continue,
            };
            sources.push((config.name.clone(), source, config.queues.clone()));
        }
        Ok(Self { cloud, sources })
    }

    /// Makes this host the only one that drives the machines. `held` is what it
    /// holds of the same site already. A simulated world is nobody else's.
    pub(crate) fn possess(
        &self,
        held: Option<&Arc<Possession>>,
    ) -> Result<Option<Arc<Possession>>, DriverError> {
        let cloud = match &self.cloud {
            AnyCloud::Process(cloud) => cloud,
            AnyCloud::Sim(_) => return Ok(None),
        };
        match held.filter(|held| held.is_of(cloud)) {
            Some(held) => Ok(Some(Arc::clone(held))),
            None => Ok(Some(Arc::new(cloud.possess()?))),
        }
    }
}

fn processes(site: &SiteConfig, config: &process::Config) -> Result<ProcessCloud, DriverError> {
    let mut config = config.clone();
    let program = program().map_err(DriverError::Keeper)?;
    config.keeper = vec![program.into_os_string(), OsString::from(KEEPER_COMMAND)];
    let site = site.spec.name.to_string();
    ProcessCloud::open(config).map_err(|source| DriverError::Process { site, source })
}

/// This program's path, as it was when it was first asked for: once the file is
/// replaced by a later version, the system no longer knows a path that works.
fn program() -> std::io::Result<PathBuf> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = PROGRAM.get() {
        return Ok(path.clone());
    }
    let path = std::env::current_exe()?;
    Ok(PROGRAM.get_or_init(|| path).clone())
}

impl Inventory for AnyCloud {
    async fn list(&self) -> Result<Vec<SeenVm>, CloudError> {
        match self {
            Self::Process(cloud) => cloud.list().await,
            Self::Sim(cloud) => cloud.list().await,
        }
    }
}

impl Cloud for AnyCloud {
    async fn apply(&self, action: &Action, key: &IntentKey) -> Result<Outcome, CloudError> {
        match self {
            Self::Process(cloud) => cloud.apply(action, key).await,
            Self::Sim(cloud) => cloud.apply(action, key).await,
        }
    }
}

impl Source for AnySource {
    async fn read(&self, queues: &BTreeSet<QueueName>) -> Result<SourceReading, SourceError> {
        match self {
            Self::RabbitMq(source) => source.read(queues).await,
            Self::Sim(source) => source.read(queues).await,
        }
    }
}
