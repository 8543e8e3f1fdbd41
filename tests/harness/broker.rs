//! A private RabbitMQ node: its own epmd, loopback only, free ports, its own
//! data. It kills only what it started, and that always, also when the test
//! process panics or is killed.

use std::env;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::sleep;

use crate::ports;

mod watcher;

use watcher::Watcher;

/// Debian's wrapper in `/usr/sbin` becomes another user; this is what it runs.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A first boot takes 5 s on an idle machine; a loaded one is given time.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// A clean stop takes 6 s.
const STOPPED_WITHIN: Duration = Duration::from_secs(90);

/// A killed node is gone in milliseconds.
const GONE_WITHIN: Duration = Duration::from_secs(20);

/// The user of every private node, administrator.
pub const USER: &str = "guest";
/// Its password.
pub const PASSWORD: &str = "guest";

/// How a node keeps statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistics {
    /// Collected in this interval, in whole milliseconds; RabbitMQ's default is 5 s.
    Every(Duration),
    /// Not at all (`management_agent.disable_metrics_collector`).
    Disabled,
}

/// Where a node keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In a directory of its own that goes with the node.
    Temporary,
    /// In this directory, which stays.
    Kept(PathBuf),
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    amqp: u16,
    management: u16,
    management_tls: u16,
    distribution: u16,
    epmd: u16,
}

/// A node, running unless it was stopped or killed.
#[derive(Debug)]
pub struct Broker {
    watcher: Watcher,
    node: Option<Child>,
    epmd: Child,
    dir: PathBuf,
    _temporary: Option<TempDir>,
    ports: Ports,
}

/// A vhost of a node: what one test has to itself.
#[derive(Debug, Clone)]
pub struct Vhost {
    /// Its name.
    pub name: String,
    /// Where AMQP clients find it, with user and password.
    pub amqp_url: String,
}

impl Broker {
    /// The one node that all tests of this process share; statistics are
    /// collected every second. It ends with the process.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Broker> = OnceCell::const_new();
        SHARED
            .get_or_try_init(|| {
                Self::start(Statistics::Every(Duration::from_secs(1)), Data::Temporary)
            })
            .await
    }

    /// Starts a node and waits until it serves AMQP and the management API.
    pub async fn start(statistics: Statistics, data: Data) -> Result<Self> {
        ensure!(
            Path::new(SERVER).exists(),
            "RabbitMQ is not installed ({SERVER} is missing): apt-get install rabbitmq-server"
        );
        let (dir, temporary) = match data {
            Data::Kept(dir) => {
                fs::create_dir_all(&dir)?;
                (dir.canonicalize()?, None)
            }
            Data::Temporary => {
                let temporary = TempDir::with_prefix("hooke-broker-")?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let [amqp, management, management_tls, distribution, epmd] = ports::free()?;
        let ports = Ports { amqp, management, management_tls, distribution, epmd };
        write_files(&dir, ports, statistics)?;
        let mut watcher = Watcher::start(temporary.as_ref().map(TempDir::path))?;
        let epmd = start_epmd(ports)?;
        watcher.epmd_is(epmd.id())?;
        let mut broker = Self { watcher, node: None, epmd, dir, _temporary: temporary, ports };
        broker.boot().await?;
        Ok(broker)
    }

    /// Where the management API answers.
    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.management)
    }

    /// Where the management API answers through TLS, with a certificate for
    /// 127.0.0.1 that only [`Self::certificate`] vouches for.
    pub fn management_tls_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.management_tls)
    }

    /// The node's certificate, which is its own authority, as a PEM file.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join("certificate.pem")
    }

    /// The port where AMQP clients are served.
    pub const fn amqp_port(&self) -> u16 {
        self.ports.amqp
    }

    /// Where AMQP clients find the vhost, with user and password.
    pub fn amqp_url(&self, vhost: &str) -> String {
        let vhost = utf8_percent_encode(vhost, NON_ALPHANUMERIC);
        format!("amqp://{USER}:{PASSWORD}@127.0.0.1:{}/{vhost}", self.ports.amqp)
    }

    /// The process id of the Erlang machine; an error while none runs.
    pub fn pid(&self) -> Result<u32> {
        ensure!(self.node.is_some(), "the node does not run");
        let text = fs::read_to_string(self.dir.join("pid")).context("reading the node's pid")?;
        Ok(text.trim().parse()?)
    }

    /// Makes a vhost that [`USER`] may use fully.
    pub async fn vhost(&self, name: &str) -> Result<Vhost> {
        self.api(Method::PUT, &["vhosts", name], json!({})).await?;
        self.permit(name, USER, ".*").await?;
        Ok(Vhost { name: name.to_owned(), amqp_url: self.amqp_url(name) })
    }

    /// Makes a user with these tags (comma-separated; empty for none).
    pub async fn user(&self, name: &str, password: &str, tags: &str) -> Result<()> {
        let user = json!({ "password": password, "tags": tags });
        self.api(Method::PUT, &["users", name], user).await
    }

    /// Lets a user into a vhost, with all rights on the queues and exchanges
    /// that the regular expression names; the empty one names none.
    pub async fn permit(&self, vhost: &str, user: &str, regex: &str) -> Result<()> {
        let rights = json!({ "configure": regex, "write": regex, "read": regex });
        self.api(Method::PUT, &["permissions", vhost, user], rights).await
    }

    /// Declares a durable classic queue.
    pub async fn declare(&self, vhost: &str, queue: &str) -> Result<()> {
        self.api(Method::PUT, &["queues", vhost, queue], json!({ "durable": true })).await
    }

    /// Deletes a queue with all its messages.
    pub async fn delete(&self, vhost: &str, queue: &str) -> Result<()> {
        self.api(Method::DELETE, &["queues", vhost, queue], Value::Null).await
    }

    /// One call of the management API as administrator.
    pub async fn api(&self, method: Method, path: &[&str], body: Value) -> Result<()> {
        let mut url = format!("{}/api", self.management_url());
        for part in path {
            url.push('/');
            url.extend(utf8_percent_encode(part, NON_ALPHANUMERIC));
        }
        let request = reqwest::Client::builder().tls_certs_only([]).build()?.request(method, url);
        let answer = request.basic_auth(USER, Some(PASSWORD)).json(&body).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "{path:?} answered {status}: {}", answer.text().await?);
        Ok(())
    }

    /// Ends the node cleanly, as an operator would.
    pub async fn stop(&mut self) -> Result<()> {
        let pid = pid_of(self.pid()?)?;
        kill_process(pid, Signal::TERM).context("asking the node to stop")?;
        let node = self.node.as_mut().context("the node does not run")?;
        let deadline = Instant::now() + STOPPED_WITHIN;
        while node.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.kill()?;
                bail!("the node did not stop within {STOPPED_WITHIN:?}; it was killed");
            }
            sleep(Duration::from_millis(50)).await;
        }
        self.node = None;
        self.watcher.node_is(None)
    }

    /// Ends the node at once, as a power cut would. Fine if none runs.
    pub fn kill(&mut self) -> Result<()> {
        let Some(mut node) = self.node.take() else { return Ok(()) };
        // Not reaped yet, so the group's number is still ours.
        kill_process_group(pid_of(node.id())?, Signal::KILL).context("killing the node")?;
        node.wait()?;
        // The Erlang machine is not our child; its port tells when it is gone.
        let deadline = Instant::now() + GONE_WITHIN;
        while std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports.amqp)).is_ok() {
            ensure!(Instant::now() < deadline, "the killed node still listens");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.watcher.node_is(None)
    }

    /// Starts the node again on its data and ports, killing it first if it
    /// runs, and waits until it serves.
    pub async fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.boot().await
    }

    async fn boot(&mut self) -> Result<()> {
        let node = start_node(&self.dir, self.ports)?;
        let group = node.id();
        self.node = Some(node);
        self.watcher.node_is(Some(group))?;
        let deadline = Instant::now() + READY_WITHIN;
        while !self.serves().await {
            let node = self.node.as_mut().context("the node was just started")?;
            if let Some(status) = node.try_wait()? {
                bail!("the broker ended at start ({status}): {}", self.output());
            }
            ensure!(Instant::now() < deadline, "no broker in {READY_WITHIN:?}: {}", self.output());
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn serves(&self) -> bool {
        let amqp = TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports.amqp)).await;
        let client = reqwest::Client::builder().tls_certs_only([]).build();
        let (Ok(_), Ok(client)) = (amqp, client) else { return false };
        let url = format!("{}/api/overview", self.management_url());
        let overview = client.get(url).basic_auth(USER, Some(PASSWORD)).send().await;
        overview.is_ok_and(|answer| answer.status() == StatusCode::OK)
    }

    fn output(&self) -> String {
        fs::read_to_string(self.dir.join("output"))
            .unwrap_or_else(|error| format!("no output to show: {error}"))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // What fails here the watcher does.
        let _killed = self.kill();
        self.watcher.finish();
        let _reaped = self.epmd.wait();
    }
}

fn pid_of(id: u32) -> Result<Pid> {
    Pid::from_raw(id.try_into()?).context("a process id is not zero")
}

fn write_files(dir: &Path, ports: Ports, statistics: Statistics) -> Result<()> {
    for part in ["mnesia", "log", "home"] {
        fs::create_dir_all(dir.join(part))?;
    }
    let identity = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    fs::write(dir.join("certificate.pem"), identity.cert.pem())?;
    fs::write(dir.join("key.pem"), identity.signing_key.serialize_pem())?;
    fs::write(dir.join("enabled_plugins"), "[rabbitmq_management].\n")?;
    fs::write(dir.join("rabbitmq.conf"), settings(dir, ports, statistics))?;
    Ok(())
}

fn settings(dir: &Path, ports: Ports, statistics: Statistics) -> String {
    let (amqp, management, tls) = (ports.amqp, ports.management, ports.management_tls);
    let dir = dir.display();
    let statistics = match statistics {
        // The numbers move as often as the shortest retained sample, 5 s unless told.
        Statistics::Every(interval) => format!(
            "collect_statistics_interval = {}\n\
             management.sample_retention_policies.global.minute = {seconds}\n\
             management.sample_retention_policies.basic.minute = {seconds}\n\
             management.sample_retention_policies.detailed.minute = {seconds}",
            interval.as_millis(),
            seconds = interval.as_secs().clamp(1, 5),
        ),
        Statistics::Disabled => "management_agent.disable_metrics_collector = true".to_owned(),
    };
    format!(
        "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {management}\n\
         management.ssl.ip = 127.0.0.1\n\
         management.ssl.port = {tls}\n\
         management.ssl.certfile = {dir}/certificate.pem\n\
         management.ssl.keyfile = {dir}/key.pem\n\
         {statistics}\n\
         loopback_users = none\n\
         disk_free_limit.absolute = 50MB\n\
         vm_memory_high_watermark.absolute = 2GB\n\
         log.console = false\n"
    )
}

/// RabbitMQ would start an epmd that outlives it and listens everywhere.
fn start_epmd(ports: Ports) -> Result<Child> {
    Command::new("epmd")
        .args(["-port", &ports.epmd.to_string(), "-address", "127.0.0.1"])
        .arg("-relaxed_command_check")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting epmd, which comes with RabbitMQ: apt-get install rabbitmq-server")
}

fn start_node(dir: &Path, ports: Ports) -> Result<Child> {
    let output = File::create(dir.join("output"))?;
    let erlang = "-kernel inet_dist_use_interface {127,0,0,1} \
                  +S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none";
    Command::new(SERVER)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()))
        .env("LANG", "C.UTF-8")
        .env("HOME", dir.join("home"))
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_NODENAME", format!("hooke-{}@localhost", ports.amqp))
        .env("RABBITMQ_DIST_PORT", ports.distribution.to_string())
        .env("ERL_EPMD_PORT", ports.epmd.to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_MNESIA_BASE", dir.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", dir.join("log"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("enabled_plugins"))
        .env("RABBITMQ_CONFIG_FILE", dir.join("rabbitmq.conf"))
        .env("RABBITMQ_PID_FILE", dir.join("pid"))
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        // A group of its own: it can be killed whole, and Ctrl-C misses it.
        .process_group(0)
        .spawn()
        .context("starting RabbitMQ")
}
