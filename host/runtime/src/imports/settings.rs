//! `settings`: what the site's TOML gave for this policy and profile.

use crate::contract::settings::Host;
use crate::state::State;

impl Host for State {
    fn json(&mut self) -> wasmtime::Result<String> {
        self.enter(0)?;
        Ok(self.settings.to_string())
    }
}
