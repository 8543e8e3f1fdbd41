//! The host: every site's loop, the pages, and the signals. SIGTERM and SIGINT
//! finish what is in flight and leave the fleet running; SIGHUP reads the site
//! file again and changes only what changed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use hooke_clouds::process::Possession;
use hooke_control::ids::SiteName;
use hooke_shelf::ShelfError;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::archive::{Archive, ArchiveError};
use crate::board::Board;
use crate::clock::{self, Clock};
use crate::config::{self, CloudConfig, Config, ConfigError, PoliciesConfig, SiteConfig};
use crate::desk::Policies;
use crate::driver::{DriverError, Drivers};
use crate::http::{self, Pages};
use crate::metrics::Metrics;
use crate::shelf::{self, CacheUse, Shelf, chain};
use crate::shell::policies::HostPolicies;
use crate::shell::site::{Common, SiteFailure, SiteLoop};

/// Why the host did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostFailure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("site {site} cannot reach what it drives")]
    Drivers { site: SiteName, source: Box<DriverError> },
    #[error("site {site} cannot be run")]
    Site { site: SiteName, source: Box<SiteFailure> },
    #[error(
        "cannot listen on {address}. Write another address under [http] listen, or stop what uses it"
    )]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot start to watch the policies directory")]
    Watch(#[source] std::io::Error),
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
    #[error(
        "{key} cannot change while the host runs. Restart it, the fleet runs on; or write {key} as it was"
    )]
    Fixed { key: &'static str },
}

/// Reads a site file and the policies it needs, and checks one against the
/// other. For commands that only look: makes nothing.
pub(crate) fn load(file: &Path) -> Result<(Config, Policies), HostFailure> {
    let open = |config: &PoliciesConfig| shelf::open(config, CacheUse::IfThere, None).map(Arc::new);
    let (config, shelf) = read(file, open)?;
    let rule = config.policies.quarantine;
    Ok((config, Policies { shelf, rule }))
}

/// As `read`, with a cache that is made if need be. A site file that is refused
/// leaves nothing behind.
fn first_read(file: &Path, metrics: &Arc<Metrics>) -> Result<(Config, Arc<Shelf>), HostFailure> {
    let mut made = None;
    let open = |config: &PoliciesConfig| {
        made = Some(config.cache.clone()).filter(|cache| !cache.exists());
        shelf::open(config, CacheUse::Make, Some(Arc::clone(metrics))).map(Arc::new)
    };
    read(file, open).inspect_err(|_| {
        if let Some(Err(error)) = made.take().map(std::fs::remove_dir_all) {
            tracing::debug!("the new compile cache was not removed again: {error}");
        }
    })
}

/// Reads a site file and holds it against the policies of the shelf that `open`
/// gives for it.
fn read(
    file: &Path,
    open: impl FnOnce(&PoliciesConfig) -> Result<Arc<Shelf>, ShelfError>,
) -> Result<(Config, Arc<Shelf>), HostFailure> {
    let mut read = config::read(file)?;
    let shelf = open(&read.config.policies)?;
    for site in &read.config.sites {
        shelf::check(&shelf, site, &mut read.problems);
    }
    Ok((read.finish()?, shelf))
}

struct Running {
    config: SiteConfig,
    drivers: Arc<Drivers>,
    clock: Clock,
    /// That no other host drives its machines.
    possession: Option<Arc<Possession>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// A site that can be started.
struct Prepared {
    config: SiteConfig,
    drivers: Arc<Drivers>,
    clock: Clock,
    possession: Option<Arc<Possession>>,
}

/// What a reload cannot change.
struct Fixed {
    listen: SocketAddr,
    store: PathBuf,
    keep: Duration,
}

struct Host {
    file: PathBuf,
    fixed: Fixed,
    archive: Archive,
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    policies: HostPolicies,
    sites: BTreeMap<SiteName, Running>,
}

/// The signals that mean something.
struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, HostFailure> {
        let listen = |kind| signal(kind).map_err(HostFailure::Signals);
        Ok(Self {
            term: listen(SignalKind::terminate())?,
            int: listen(SignalKind::interrupt())?,
            hup: listen(SignalKind::hangup())?,
        })
    }
}

/// Runs every site of a site file until SIGTERM or SIGINT.
pub(crate) async fn run(file: &Path) -> Result<(), HostFailure> {
    let metrics = Arc::new(Metrics::new());
    let (config, shelf) = first_read(file, &metrics)?;
    // Before anything is started: no signal may end us in the middle of it.
    let signals = Signals::listen()?;
    let listener = http::bind(config.listen)
        .await
        .map_err(|source| HostFailure::Listen { address: config.listen, source })?;
    let archive = Archive::open(&config.store, config.keep, clock::wall())?;
    let mut host = Host {
        file: file.to_owned(),
        fixed: Fixed { listen: config.listen, store: config.store.clone(), keep: config.keep },
        archive,
        board: Arc::new(Board::new(clock::wall())),
        metrics,
        policies: HostPolicies::watch(config.policies, shelf).map_err(HostFailure::Watch)?,
        sites: BTreeMap::new(),
    };
    host.board.show_policies_of(&host.policies.at_hand().shelf);
    config.sites.iter().for_each(|site| host.board.expect(&site.spec.name));
    let prepared: Result<Vec<Prepared>, HostFailure> =
        config.sites.into_iter().map(|site| host.prepare(site)).collect();
    let prepared = prepared?;
    let pages = Pages { board: Arc::clone(&host.board), metrics: Arc::clone(&host.metrics) };
    let address = listener.local_addr().unwrap_or(config.listen);
    tracing::info!(%address, store = %config.store.display(), "hooke runs; /status, /metrics and /healthz answer here");
    let server = tokio::spawn(http::serve(listener, pages));
    prepared.iter().for_each(|site| host.policies.desks().expect(&site.config));
    for site in prepared {
        let running = host.start(site).await?;
        host.sites.insert(running.config.spec.name.clone(), running);
    }
    host.wait(signals).await;
    server.abort();
    Ok(())
}

impl Host {
    async fn start(&self, new: Prepared) -> Result<Running, HostFailure> {
        let Prepared { config, drivers, clock, possession } = new;
        let site = config.spec.name.clone();
        let common = Common {
            archive: self.archive.clone(),
            board: Arc::clone(&self.board),
            metrics: Arc::clone(&self.metrics),
            policies: self.policies.at_hand(),
            desks: Arc::clone(self.policies.desks()),
        };
        let made = SiteLoop::new(&config, Arc::clone(&drivers), clock, common).await;
        let made = made
            .map_err(|source| HostFailure::Site { site: site.clone(), source: Box::new(source) })?;
        self.board.expect(&site);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(made.run(stopped));
        tracing::info!(%site, every = ?config.spec.every, profiles = config.spec.profiles.len(), "site started");
        Ok(Running { config, drivers, clock, possession, stop, task })
    }

    /// Ends a site's loop. Its fleet runs on.
    async fn stop(&self, running: Running) {
        // The loop listens for as long as it runs; if it has ended there is nobody to tell.
        let _ = running.stop.send(true);
        if let Err(error) = running.task.await {
            tracing::error!(site = %running.config.spec.name, "the site's loop broke: {error}");
        }
    }

    /// Makes a site's drivers; a simulated site that did not change goes on in
    /// the same world.
    fn prepare(&self, config: SiteConfig) -> Result<Prepared, HostFailure> {
        let site = config.spec.name.clone();
        if let Some(running) =
            self.sites.get(&site).filter(|running| running.is_same_world(&config))
        {
            let (drivers, clock) = (Arc::clone(&running.drivers), running.clock);
            return Ok(Prepared { config, drivers, clock, possession: None });
        }
        let clock = config.clock();
        let held = self.sites.get(&site).and_then(|running| running.possession.as_ref());
        let made = Drivers::new(&config, clock)
            .and_then(|drivers| Ok((drivers.possess(held)?, Arc::new(drivers))));
        let (possession, drivers) =
            made.map_err(|source| HostFailure::Drivers { site, source: Box::new(source) })?;
        Ok(Prepared { config, drivers, clock, possession })
    }

    async fn wait(&mut self, mut signals: Signals) {
        loop {
            tokio::select! {
                _ = signals.term.recv() => break,
                _ = signals.int.recv() => break,
                _ = signals.hup.recv() => self.reload().await,
            }
        }
        tracing::info!("stopping: what is in flight is finished, the fleet runs on");
        let sites = std::mem::take(&mut self.sites).into_values();
        join_all(sites.map(|running| self.stop(running))).await;
    }

    /// Reads the site file again. If anything is wrong with it the old one
    /// stays in force, and the log and `/status` say why.
    async fn reload(&mut self) {
        let done = match self.reread() {
            Ok((prepared, config, shelf)) => self.go_on(prepared, config, shelf).await,
            Err(error) => Err(refusal(&error)),
        };
        if let Err(why) = &done {
            tracing::error!("the site file was not reloaded, the old one stays in force: {why}");
        }
        self.board.reloaded(done.unwrap_or_else(Some));
    }

    /// Everything that the site file asks for, ready to be put in force.
    fn reread(&self) -> Result<(Vec<Prepared>, PoliciesConfig, Arc<Shelf>), HostFailure> {
        let shelf = |config: &PoliciesConfig| self.policies.shelf_for(config, &self.metrics);
        let (config, shelf) = tokio::task::block_in_place(|| read(&self.file, shelf))?;
        self.fixed.check(&config)?;
        let prepared: Result<_, _> =
            config.sites.into_iter().map(|site| self.prepare(site)).collect();
        Ok((prepared?, config.policies, shelf))
    }

    /// Puts a site file in force. `Err` says why nothing of it is, `Ok` what of
    /// it is not.
    async fn go_on(
        &mut self,
        prepared: Vec<Prepared>,
        config: PoliciesConfig,
        shelf: Arc<Shelf>,
    ) -> Result<Option<String>, String> {
        let shown = Arc::clone(&shelf);
        let gone_on = tokio::task::block_in_place(|| self.policies.go_on(config, shelf));
        gone_on.map_err(|error| chain(&HostFailure::Watch(error)))?;
        self.board.show_policies_of(&shown);
        let refused = self.replace(prepared).await;
        tokio::task::block_in_place(|| self.policies.judge_again());
        Ok(refused)
    }

    /// Stops every loop and starts the new ones, each site for itself, so that
    /// none waits for what another has in flight. Only the store can fail now.
    async fn replace(&mut self, prepared: Vec<Prepared>) -> Option<String> {
        prepared.iter().for_each(|new| self.policies.desks().expect(&new.config));
        let mut old = std::mem::take(&mut self.sites);
        let host = &*self;
        let news = prepared.into_iter().map(|new| {
            let before = old.remove(&new.config.spec.name);
            async move {
                if let Some(running) = before {
                    host.stop(running).await;
                }
                host.start(new).await
            }
        });
        let news: Vec<_> = news.collect();
        let removed = old.into_iter().map(|(site, running)| async move {
            host.stop(running).await;
            host.board.remove(&site);
            host.policies.desks().remove(&site);
            tracing::info!(%site, "site removed; its fleet runs on");
        });
        let (started, _) = tokio::join!(join_all(news), join_all(removed));
        let mut refused = Vec::new();
        for site in started {
            match site {
                Ok(running) => drop(self.sites.insert(running.config.spec.name.clone(), running)),
                Err(error) => refused.push(chain(&error)),
            }
        }
        self.metrics.keep(self.sites.values().map(|running| &running.config));
        if refused.is_empty() {
            tracing::info!("the site file was reloaded");
            return None;
        }
        let why = refused.join("; ");
        tracing::error!("the site file was reloaded, and some sites do not run: {why}");
        Some(why)
    }
}

impl Fixed {
    fn check(&self, new: &Config) -> Result<(), HostFailure> {
        let changed = [
            ("[http] listen", self.listen != new.listen),
            ("[store] path", self.store != new.store),
            ("[store] keep", self.keep != new.keep),
        ];
        match changed.into_iter().find(|(_, changed)| *changed) {
            Some((key, _)) => Err(HostFailure::Fixed { key }),
            None => Ok(()),
        }
    }
}

impl Running {
    fn is_same_world(&self, new: &SiteConfig) -> bool {
        match (&self.config.cloud, &new.cloud) {
            (CloudConfig::Sim { world: a, speed: x }, CloudConfig::Sim { world: b, speed: y }) => {
                a == b && x == y
            }
            (CloudConfig::Process(_) | CloudConfig::Sim { .. }, _) => false,
        }
    }
}

fn refusal(error: &HostFailure) -> String {
    if let HostFailure::Config(ConfigError::Wrong { problems, .. }) = error {
        let renderer = annotate_snippets::Renderer::plain();
        return format!("{}\n{}", chain(error), problems.render(&renderer));
    }
    chain(error)
}
