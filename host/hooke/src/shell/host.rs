//! The host: every site's loop, the pages, and the signals. SIGTERM and SIGINT
//! finish what is in flight and leave the fleet running; SIGHUP reads the site
//! file again and changes only what changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hooke_control::ids::SiteName;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::archive::{Archive, ArchiveError};
use crate::board::Board;
use crate::clock::{self, Clock};
use crate::config::{self, CloudConfig, Config, ConfigError, SiteConfig};
use crate::driver::{DriverError, Drivers};
use crate::http::{self, Pages};
use crate::metrics::Metrics;
use crate::shelf::{Shelf, ShelfError, chain};
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
    Drivers { site: SiteName, source: DriverError },
    #[error("site {site} cannot be run")]
    Site { site: SiteName, source: SiteFailure },
    #[error("cannot listen on {address}. Write another address under [http] listen, or stop what uses it")]
    Listen { address: std::net::SocketAddr, source: std::io::Error },
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
}

/// Reads a site file and the policies it needs, and checks one against the other.
pub(crate) fn load(file: &Path) -> Result<(Config, Shelf), HostFailure> {
    let mut read = config::read(file)?;
    let shelf = Shelf::open(read.config.policies.as_deref())?;
    for site in &read.config.sites {
        shelf.check(site, &mut read.problems);
    }
    Ok((read.finish()?, shelf))
}

struct Running {
    config: SiteConfig,
    drivers: Arc<Drivers>,
    clock: Clock,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// A site that can be started.
struct Prepared {
    config: SiteConfig,
    drivers: Arc<Drivers>,
    clock: Clock,
}

struct Host {
    file: PathBuf,
    archive: Archive,
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    sites: BTreeMap<SiteName, Running>,
}

/// Runs every site of a site file until SIGTERM or SIGINT.
pub(crate) async fn run(file: &Path) -> Result<(), HostFailure> {
    let (config, shelf) = load(file)?;
    let listener = http::bind(config.listen)
        .await
        .map_err(|source| HostFailure::Listen { address: config.listen, source })?;
    let archive = Archive::open(&config.store, config.keep, clock::wall())?;
    let mut host = Host {
        file: file.to_owned(),
        archive,
        board: Arc::new(Board::new(clock::wall())),
        metrics: Arc::new(Metrics::new()),
        sites: BTreeMap::new(),
    };
    let pages = Pages { board: Arc::clone(&host.board), metrics: Arc::clone(&host.metrics) };
    let address = listener.local_addr().unwrap_or(config.listen);
    tracing::info!(%address, store = %config.store.display(), "hooke runs; /status, /metrics and /healthz answer here");
    let server = tokio::spawn(http::serve(listener, pages));
    let shelf = Arc::new(shelf);
    for site in config.sites {
        let prepared = host.prepare(site)?;
        host.start(prepared, &shelf).await?;
    }
    host.wait().await?;
    server.abort();
    Ok(())
}

impl Host {
    async fn start(&mut self, new: Prepared, shelf: &Arc<Shelf>) -> Result<(), HostFailure> {
        let Prepared { config, drivers, clock } = new;
        let site = config.spec.name.clone();
        let common = Common {
            archive: self.archive.clone(),
            board: Arc::clone(&self.board),
            metrics: Arc::clone(&self.metrics),
            shelf: Arc::clone(shelf),
        };
        let made = SiteLoop::new(&config, Arc::clone(&drivers), clock, common).await;
        let made = made.map_err(|source| HostFailure::Site { site: site.clone(), source })?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(made.run(stopped));
        tracing::info!(%site, every = ?config.spec.every, profiles = config.spec.profiles.len(), "site started");
        self.sites.insert(site, Running { config, drivers, clock, stop, task });
        Ok(())
    }

    /// Makes a site's drivers; a simulated site that did not change goes on in
    /// the same world.
    fn prepare(&self, config: SiteConfig) -> Result<Prepared, HostFailure> {
        let site = config.spec.name.clone();
        if let Some(running) = self.sites.get(&site).filter(|running| running.is_same_world(&config)) {
            let (drivers, clock) = (Arc::clone(&running.drivers), running.clock);
            return Ok(Prepared { config, drivers, clock });
        }
        let clock = config.clock();
        let drivers = Drivers::new(&config, clock).map_err(|source| HostFailure::Drivers { site, source })?;
        Ok(Prepared { config, drivers: Arc::new(drivers), clock })
    }

    async fn wait(&mut self) -> Result<(), HostFailure> {
        let listen = |kind| signal(kind).map_err(HostFailure::Signals);
        let mut term: Signal = listen(SignalKind::terminate())?;
        let mut int: Signal = listen(SignalKind::interrupt())?;
        let mut hup: Signal = listen(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = term.recv() => break,
                _ = int.recv() => break,
                _ = hup.recv() => self.reload().await,
            }
        }
        tracing::info!("stopping: what is in flight is finished, the fleet runs on");
        for (_, running) in std::mem::take(&mut self.sites) {
            stop(running).await;
        }
        Ok(())
    }

    /// Reads the site file again. If anything is wrong with it the old one
    /// stays in force, and the log and `/status` say why.
    async fn reload(&mut self) {
        let (config, shelf) = match load(&self.file) {
            Ok(loaded) => loaded,
            Err(error) => {
                let why = refusal(&error);
                tracing::error!("the site file was not reloaded, the old one stays in force: {why}");
                self.board.reloaded(Some(why));
                return;
            }
        };
        let prepared: Result<Vec<Prepared>, HostFailure> =
            config.sites.into_iter().map(|site| self.prepare(site)).collect();
        match prepared {
            Ok(prepared) => {
                let refused = self.replace(prepared, &Arc::new(shelf)).await;
                self.board.reloaded(refused);
            }
            Err(error) => {
                let why = chain(&error);
                tracing::error!("the site file was not reloaded, the old one stays in force: {why}");
                self.board.reloaded(Some(why));
            }
        }
    }

    /// Stops every loop and starts the new ones. Only the store can fail now.
    async fn replace(&mut self, prepared: Vec<Prepared>, shelf: &Arc<Shelf>) -> Option<String> {
        let mut old = std::mem::take(&mut self.sites);
        let mut refused = Vec::new();
        for new in prepared {
            if let Some(running) = old.remove(&new.config.spec.name) {
                stop(running).await;
            }
            if let Err(error) = self.start(new, shelf).await {
                refused.push(chain(&error));
            }
        }
        for (site, running) in old {
            stop(running).await;
            self.board.remove(&site);
            tracing::info!(%site, "site removed; its fleet runs on");
        }
        if refused.is_empty() {
            tracing::info!("the site file was reloaded");
            return None;
        }
        let why = refused.join("; ");
        tracing::error!("the site file was reloaded, and some sites do not run: {why}");
        Some(why)
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
    match error {
        HostFailure::Config(ConfigError::Wrong { problems, .. }) => {
            let renderer = annotate_snippets::Renderer::plain();
            format!("{}\n{}", chain(error), problems.render(&renderer))
        }
        _ => chain(error),
    }
}

async fn stop(running: Running) {
    // The loop listens for as long as it runs; if it has ended there is nobody to tell.
    let _ = running.stop.send(true);
    if let Err(error) = running.task.await {
        tracing::error!(site = %running.config.spec.name, "the site's loop broke: {error}");
    }
}
