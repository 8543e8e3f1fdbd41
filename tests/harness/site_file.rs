//! Site files for the process driver and a real broker, with intervals of
//! seconds. Text and no more: what it means is the program's business.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::broker::{PASSWORD, USER, Vhost};
use crate::home::Home;
use crate::ports;
use crate::program::beside;

/// Where the machines are, in a home.
pub const STATE: &str = "machines";

/// A file with all its sites.
#[derive(Debug, Clone)]
pub struct SiteFile {
    /// Where the host answers about itself.
    pub port: u16,
    /// User and password of every broker, with a colon between.
    pub credentials: String,
    /// The policies directory, if any.
    pub policies: Option<PathBuf>,
    /// More lines of `[policies]`, where there is a directory.
    pub rules: &'static str,
    /// Whatever else it says, as TOML: tables of policies, sites that are only played.
    pub more: String,
    /// The sites.
    pub sites: Vec<Site>,
}

/// One site.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Where the management API answers, or what pretends to be it.
    pub url: String,
    /// The vhost.
    pub vhost: Vhost,
    /// How long one read of the broker may take.
    pub timeout: &'static str,
    /// The policies of every profile without its own.
    pub policies: Vec<String>,
    /// Settings of `threshold`, as lines of TOML.
    pub threshold: String,
    /// vCPUs of every machine.
    pub vcpus: u32,
    /// vCPUs that are kept free; as many as there are means that no worker is
    /// started beside those of the boot.
    pub buffer: u32,
    /// `suspend` or `terminate`.
    pub when_idle: &'static str,
    /// How long a worker may take from its start to its queue.
    pub registration_timeout: &'static str,
    /// Its profiles, each with an image of its own name.
    pub profiles: Vec<Profile>,
}

/// One profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name, and its image's.
    pub name: String,
    /// Its queue.
    pub queue: String,
    /// Fewest and most workers.
    pub workers: (u32, u32),
    /// Workers that a machine starts at boot.
    pub boots: u32,
    /// Its own policy.
    pub policy: Option<String>,
    /// Whatever else it says, as lines of TOML.
    pub more: String,
    /// What a worker executes.
    pub command: Vec<String>,
}

impl Profile {
    /// A profile whose workers really consume its queue, and take `work` for a
    /// message. They write what they finished into the home's `done`.
    pub fn consuming(home: &Home, vhost: &Vhost, queue: &str, work: &str) -> Self {
        let (program, done) = (beside("queue-worker"), home.join("done"));
        let words = [
            &*program.to_string_lossy(),
            "--url",
            &vhost.amqp_url,
            "--queue",
            queue,
            "--work",
            work,
            "--done",
            &*done.to_string_lossy(),
        ];
        Self {
            name: "ocr".to_owned(),
            queue: queue.to_owned(),
            workers: (1, 4),
            boots: 1,
            policy: None,
            more: String::new(),
            command: words.map(str::to_owned).to_vec(),
        }
    }
}

impl Site {
    /// A site without profiles yet: one worker a machine, decided by
    /// `min-instance` alone. `url` is where the management API answers.
    pub fn new(name: &str, url: String, vhost: &Vhost) -> Self {
        Self {
            name: name.to_owned(),
            url,
            vhost: vhost.clone(),
            timeout: "10s",
            policies: vec!["min-instance".to_owned()],
            threshold: String::new(),
            vcpus: 1,
            buffer: 1,
            when_idle: "suspend",
            registration_timeout: "5m",
            profiles: Vec::new(),
        }
    }

    /// The same, with one profile more.
    #[must_use]
    pub fn with(mut self, profile: Profile) -> Self {
        self.profiles.push(profile);
        self
    }

    /// The same, with the profile's fewest and most workers changed.
    #[must_use]
    pub fn bounded(mut self, profile: &str, min: u32, max: u32) -> Self {
        for found in self.profiles.iter_mut().filter(|found| found.name == profile) {
            found.workers = (min, max);
        }
        self
    }

    fn text(&self, out: &mut String) {
        let Self { name, url, timeout, policies, when_idle, vcpus, buffer, .. } = self;
        let (vhost, registration) = (&self.vhost.name, self.registration_timeout);
        let settings = match self.threshold.as_str() {
            "" => String::new(),
            lines => format!("[site.settings.threshold]\n{lines}\n"),
        };
        let _infallible = write!(
            out,
            "\n[[site]]\nname = {name:?}\nevery = \"1s\"\npolicy = {policies:?}\n\
             cpu_buffer_room = {buffer}\nmissing_after = \"1h\"\n\
             registration_timeout = {registration:?}\n\
             {settings}[site.cloud]\ndriver = \"process\"\nstate = {STATE:?}\n\
             [[site.source]]\nkind = \"rabbitmq\"\nurl = {url:?}\nvhost = {vhost:?}\n\
             timeout = {timeout:?}\ncredentials = {{ file = \"broker.auth\" }}\n"
        );
        for profile in &self.profiles {
            let Profile { name, queue, workers: (min, max), boots, policy, more, command } =
                profile;
            let _infallible = write!(
                out,
                "[[site.image]]\nname = {name:?}\nvcpus = {vcpus}\nwhen_idle = {when_idle:?}\n\
                 hosts = {{ {name} = {boots} }}\n\
                 [[site.profile]]\nname = {name:?}\nqueue = {queue:?}\n\
                 workers = {{ min = {min}, max = {max} }}\ncommand = {command:?}\n"
            );
            if let Some(policy) = policy {
                let _infallible = writeln!(out, "policy = {policy:?}");
            }
            let _infallible = writeln!(out, "{more}");
        }
    }
}

impl SiteFile {
    /// A file with these sites, for a host on a free port.
    pub fn new(sites: impl Into<Vec<Site>>) -> Result<Self> {
        let [port] = ports::free()?;
        let credentials = format!("{USER}:{PASSWORD}");
        Ok(Self {
            port,
            credentials,
            policies: None,
            rules: "",
            more: String::new(),
            sites: sites.into(),
        })
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut out = format!("[http]\nlisten = \"127.0.0.1:{}\"\n", self.port);
        if let Some(directory) = &self.policies {
            let _infallible =
                writeln!(out, "[policies]\ndirectory = {directory:?}\n{}", self.rules);
        }
        let _infallible = writeln!(out, "{}", self.more);
        self.sites.iter().for_each(|site| site.text(&mut out));
        out
    }

    /// Writes it where [`crate::program::Program`] looks for it.
    pub fn write(&self, home: &Home) -> Result<()> {
        fs::write(home.join("broker.auth"), format!("{}\n", self.credentials))?;
        // As a whole, as an editor does it: a host may read it at any moment.
        fs::write(home.join("hooke.toml.next"), self.text())?;
        fs::rename(home.join("hooke.toml.next"), home.join("hooke.toml"))?;
        Ok(())
    }

    /// What the host answers at this path, with the HTTP status.
    pub async fn get(&self, path: &str) -> Result<(u16, String)> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build()?;
        let answer = client.get(url).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}
