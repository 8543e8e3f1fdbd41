//! What every test of the whole program begins with: a home, a vhost of the
//! shared broker, a site file, and the program.

use anyhow::Result;
use hooke_store::Store;
use hooke_tests::broker::{Broker, Vhost};
use hooke_tests::fleet::Fleet;
use hooke_tests::home::Home;
use hooke_tests::poll;
use hooke_tests::program::{Host, Program};
use hooke_tests::site_file::{Profile, Site, SiteFile};
use serde_json::Value;

pub(crate) struct Stage {
    pub(crate) home: Home,
    pub(crate) vhost: Vhost,
    pub(crate) program: Program,
    pub(crate) file: SiteFile,
    /// The first site's name.
    pub(crate) site: String,
}

impl Stage {
    /// One site of this name with one profile `ocr` that really consumes; the
    /// queue is there, and empty.
    pub(crate) async fn new(name: &str, broker: &Broker, work: &str) -> Result<Self> {
        let (home, vhost) = (Home::new()?, broker.vhost(name).await?);
        broker.declare(name, "ocr").await?;
        let profile = Profile::consuming(&home, &vhost, "ocr", work);
        let site = Site::new(name, broker.management_url(), &vhost).with(profile);
        let file = SiteFile::new([site])?;
        Ok(Self { home, vhost, program: Program::find(), file, site: name.to_owned() })
    }

    /// Its only site.
    pub(crate) fn first(&mut self) -> &mut Site {
        self.file.sites.first_mut().expect("a stage has a site")
    }

    /// Changes the fewest and most workers of `ocr`.
    pub(crate) fn bound(&mut self, min: u32, max: u32) -> Result<()> {
        let site = self.first();
        *site = site.clone().bounded("ocr", min, max);
        self.file.write(&self.home)
    }

    pub(crate) fn run(&self, crash_at: Option<&str>) -> Result<Host> {
        self.file.write(&self.home)?;
        self.program.run(&self.home, &self.file, crash_at)
    }

    pub(crate) fn fleet(&self) -> Result<Fleet> {
        Fleet::look(&self.home, &self.site)
    }

    /// Waits until exactly this many workers of `ocr` serve, on machines that
    /// really are there, and no action is under way.
    pub(crate) async fn settles(&self, host: &Host, workers: u64) -> Result<Value> {
        let shown = host
            .shows(&self.site, &format!("{workers} workers serve"), |site| {
                let ocr = &site["profiles"]["ocr"];
                let moving = ["booting", "draining", "unknown"].map(|state| &ocr[state]);
                ocr["serving"] == workers && moving.iter().all(|count| **count == 0)
            })
            .await;
        poll::until("the fleet is as the host says, and the journal closed", async || {
            let fleet = self.fleet().map_err(|error| error.to_string())?;
            let open = self.open_intents().map_err(|error| error.to_string())?;
            let right = fleet.workers().len() as u64 == workers && fleet.damage().is_empty();
            if right && open.is_empty() { Ok(()) } else { Err(format!("{fleet:#?} {open:?}")) }
        })
        .await;
        Ok(shown)
    }

    /// The intents that nobody has closed, in words.
    pub(crate) fn open_intents(&self) -> Result<Vec<String>> {
        let reader = Store::open_read_only(&self.home.join("hooke.db"))?;
        let open = reader.open_intents(&self.site.as_str().into())?;
        Ok(open.iter().map(|entry| entry.intent.action.to_string()).collect())
    }

    /// Asks a command for JSON about the home's site file; gives its exit code too.
    pub(crate) async fn json(&self, args: &[&str]) -> Result<(i32, Value)> {
        let args = [args, &["--format", "json"]].concat();
        let answer = self.program.ask(&self.home, &args).await?;
        Ok((answer.code, answer.json()?))
    }
}
