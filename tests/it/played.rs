//! A host with one site that is only played: no broker, machines that take a
//! second to boot, and a look every second.

use anyhow::{Context as _, Result};
use hooke_tests::home::Home;
use hooke_tests::poll;
use hooke_tests::program::{Host, Program};
use hooke_tests::site_file::SiteFile;
use rustix::process::Signal;
use serde_json::Value;

use crate::pages::samples;
use crate::wishes;

/// What `/status` and `why` call the site and its one profile.
pub(crate) const SITE: &str = "played";

pub(crate) struct Played {
    pub(crate) home: Home,
    pub(crate) program: Program,
    file: SiteFile,
    /// What the site's `policy` is, as TOML.
    pub(crate) asks: String,
    /// Tables about policies, as TOML.
    pub(crate) tables: String,
    /// Whatever else the site says, as lines of TOML.
    pub(crate) more: String,
}

impl Played {
    /// A site with the profile `ocr` of 0 to 3 workers, which asks what `asks`
    /// says, and a policies directory with these files.
    pub(crate) fn new(asks: &str, files: &[(&str, &[u8])]) -> Result<Self> {
        let home = Home::new()?;
        let directory = home.join("policies");
        std::fs::create_dir(&directory)?;
        for (name, bytes) in files {
            wishes::copied(&directory, name, bytes)?;
        }
        let mut file = SiteFile::new([])?;
        file.policies = Some(directory);
        let (tables, more) = (String::new(), String::new());
        Ok(Self { home, program: Program::find(), file, asks: asks.to_owned(), tables, more })
    }

    /// Writes the site file.
    pub(crate) fn write(&mut self) -> Result<()> {
        let Self { asks, tables, more, .. } = self;
        self.file.more = format!(
            "{tables}\n[[site]]\nname = {SITE:?}\nevery = \"1s\"\npolicy = {asks}\n{more}\n\
             [site.cloud]\ndriver = \"sim\"\nspeed = 1\nboot = \"1s\"\n\
             [[site.source]]\nkind = \"sim\"\n[[site.source.queue]]\nname = \"ocr\"\n\
             [[site.image]]\nname = \"small\"\nhosts = {{ ocr = 1 }}\n\
             [[site.profile]]\nname = \"ocr\"\nqueue = \"ocr\"\nworkers = {{ max = 3 }}\n"
        );
        self.file.write(&self.home)
    }

    /// Starts the host, and waits for the site's first tick.
    pub(crate) async fn run(&mut self) -> Result<Host> {
        self.write()?;
        let host = self.program.run(&self.home, &self.file, None)?;
        host.shows(SITE, "its first tick", |site| site["tick"].as_u64() > Some(0)).await;
        Ok(host)
    }

    /// Has the host read the site file again, and waits until it has.
    pub(crate) async fn reload(&mut self, host: &Host) -> Result<()> {
        self.write()?;
        let reloaded = || host.log().matches("the site file was reloaded").count();
        let before = reloaded();
        host.signal(Signal::HUP)?;
        poll::until("the site file is reloaded", async || {
            if reloaded() > before { Ok(()) } else { Err(host.log()) }
        })
        .await;
        Ok(())
    }

    /// Copies a policy file into the directory.
    pub(crate) fn copy(&self, name: &str, bytes: &[u8]) -> Result<()> {
        wishes::copied(&self.home.join("policies"), name, bytes)
    }

    /// One metric; 0 as long as nobody has counted.
    pub(crate) async fn metric(&self, series: &str) -> Result<f64> {
        Ok(samples(&self.page().await?)?.get(series).copied().unwrap_or(0.0))
    }

    /// What `/metrics` says.
    pub(crate) async fn page(&self) -> Result<String> {
        let (code, text) = self.file.get("/metrics").await?;
        assert_eq!(code, 200);
        Ok(text)
    }

    /// How many files had this outcome.
    pub(crate) async fn reloads(&self, outcome: &str) -> Result<f64> {
        self.metric(&format!("hooke_policy_reloads_total{{outcome={outcome:?}}}")).await
    }

    /// What `why ocr` says, the latest decision first.
    pub(crate) async fn why(&self, last: usize) -> Result<Vec<Value>> {
        let last = last.to_string();
        let (code, told) = self.json(&["why", "ocr", "--last", &last]).await?;
        assert_eq!(code, 0, "{told:#}");
        Ok(told["decisions"].as_array().context("there are decisions")?.clone())
    }

    /// Waits until the latest decision is as `want` says.
    pub(crate) async fn decides(&self, what: &str, want: impl Fn(&Value) -> bool) -> Value {
        poll::until(what, async || {
            let told = self.why(1).await.map_err(|error| format!("{error:#}"))?;
            let chain = told.first().map(|decision| &decision["chain"]);
            match chain {
                Some(chain) if want(chain) => Ok(chain.clone()),
                other => Err(format!("{other:#?}")),
            }
        })
        .await
    }

    /// Asks a command for JSON; gives its exit code too.
    pub(crate) async fn json(&self, args: &[&str]) -> Result<(i32, Value)> {
        let args = [args, &["--format", "json"]].concat();
        let answer = self.program.ask(&self.home, &args).await?;
        Ok((answer.code, answer.json()?))
    }
}

/// Waits until `/status` shows the policy as `want` says; null if it has none
/// of that name.
pub(crate) async fn shown(
    host: &Host,
    policy: &str,
    what: &str,
    want: impl Fn(&Value) -> bool,
) -> Value {
    poll::until(what, async || {
        let status = host.status().await.map_err(|error| format!("{error:#}"))?;
        let shown = of(&status, policy);
        if want(&shown) { Ok(shown) } else { Err(format!("{shown:#}\n{}", host.log())) }
    })
    .await
}

/// What `/status` shows of a policy.
pub(crate) fn of(status: &Value, policy: &str) -> Value {
    let at_hand = status["policies"]["at_hand"].as_array();
    let found = at_hand.into_iter().flatten().find(|shown| shown["name"] == policy);
    found.cloned().unwrap_or_default()
}
