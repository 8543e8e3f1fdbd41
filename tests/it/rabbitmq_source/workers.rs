//! Worker processes, and what the system knows of their connections.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use hooke_tests::broker::Vhost;
use procfs::process::{FDTarget, Process};
use tokio::process::{Child, Command};

/// A `queue-worker` that is killed when it goes out of scope.
pub(crate) struct Worker(pub(crate) Child);

impl Worker {
    pub(crate) fn start(vhost: &Vhost, queue: &str, arguments: &[&str]) -> Result<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_queue-worker"))
            .args(["--url", &vhost.amqp_url, "--queue", queue])
            .args(arguments)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self(child))
    }

    /// The local ends of the connections that this process has to `port`.
    pub(crate) fn endpoints(&self, port: u16) -> Result<Vec<SocketAddr>> {
        let id = self.0.id().context("the worker has ended")?;
        let process = Process::new(i32::try_from(id)?)?;
        let mut sockets = BTreeSet::new();
        for descriptor in process.fd()? {
            if let FDTarget::Socket(inode) = descriptor?.target {
                sockets.insert(inode);
            }
        }
        let mine = process.tcp()?.into_iter().filter(|entry| sockets.contains(&entry.inode));
        Ok(mine.filter(|e| e.remote_address.port() == port).map(|e| e.local_address).collect())
    }
}

/// Runs `queue-load` to its end.
pub(crate) async fn load(vhost: &Vhost, queue: &str, arguments: &[&str]) -> Result<()> {
    let status = Command::new(env!("CARGO_BIN_EXE_queue-load"))
        .args(["--url", &vhost.amqp_url, "--queue", queue])
        .args(arguments)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    anyhow::ensure!(status.success(), "queue-load ended with {status}");
    Ok(())
}
