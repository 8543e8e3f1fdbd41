//! The smallest policy: says back its settings and needs no grant. The README
//! of `policies/conformance` is what it is written to.

use hooke_policy_sdk::bindings::exports::hooke::policy::policy::{
    Description, Guest, SettingProblem,
};
use hooke_policy_sdk::{Needs, PolicyError, bindings, log, settings, tell_panics};

struct Base;

bindings::export_component!(Base with_types_in bindings);

impl Guest for Base {
    fn describe() -> Description {
        tell_panics();
        Description {
            name: "conformance-base".to_owned(),
            version: String::new(),
            summary: String::new(),
            settings_schema: None,
        }
    }

    fn validate_settings(_: String) -> Result<(), Vec<SettingProblem>> {
        Ok(())
    }

    fn evaluate_needs(profile: String) -> Result<Needs, PolicyError> {
        tell_panics();
        log::write(log::Level::Info, &profile);
        Ok(Needs { delta: 0, reason: settings::json() })
    }
}
