//! The simulated cloud keeps the promises that every cloud keeps.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hooke_clouds::conformance::{Sight, Stage, Subject, check};
use hooke_control::ids::SiteName;
use hooke_sim::{ManualClock, SimCloud, Site};

use crate::scene::{START, quiet, secs, world};

/// Sites by name, all by one clock.
struct Sites {
    clock: ManualClock,
    sites: Mutex<BTreeMap<SiteName, Site>>,
}

impl Subject for Sites {
    type Cloud = SimCloud;

    /// Ten minutes: a boot takes under two.
    const SETTLES_MAX: u32 = 120;

    async fn open(&self, site: &SiteName) -> SimCloud {
        let make = || {
            let mut parts = quiet();
            parts.site = site.clone();
            Site::new(world(parts), self.clock.reader())
        };
        let mut sites = self.sites.lock().unwrap();
        SimCloud::new(sites.entry(site.clone()).or_insert_with(make).clone())
    }

    fn stage(&self) -> Stage {
        let hosts = [("ocr".into(), 1), ("faces".into(), 1)].into();
        Stage { image: "both".into(), hosts, sight: Sight::Workers }
    }

    async fn settle(&self) {
        self.clock.advance(secs(5));
    }
}

#[tokio::test]
async fn the_simulated_cloud_keeps_every_promise() {
    let make = || async { Sites { clock: ManualClock::new(START), sites: Mutex::default() } };
    if let Err(breaches) = check(make).await {
        panic!("{breaches}");
    }
}
