//! The trait that a policy implements, and the component around it. Decides
//! nothing: carries settings and a profile in, and the answer out.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use crate::bindings::exports::hooke::policy::policy::{Description, Guest, SettingProblem};
use crate::bindings::hooke::policy::settings;
use crate::{Needs, PolicyError, Problem, Table, log};

/// A policy. Each call is made in a fresh instance: a `static` remembers
/// nothing from one to the next; what shall be remembered goes to
/// [`memory`](crate::memory).
pub trait Policy {
    /// Its name, as its authors know it.
    const NAME: &'static str;
    /// Its version, as its authors count.
    const VERSION: &'static str;
    /// One sentence: what it decides by.
    const SUMMARY: &'static str;
    /// JSON Schema (draft 2020-12) of its settings.
    const SCHEMA: Option<&'static str> = None;

    /// Its settings, checked.
    type Settings;

    /// Reads the settings: asks for every key it knows. What is wrong is
    /// remembered by the table, and then what is returned here is not used; so
    /// are keys that were not asked for.
    fn settings(table: &mut Table) -> Self::Settings;

    /// Says what the profile needs now. Facts come from
    /// [`metrics`](crate::metrics). An error, like a panic, holds the profile
    /// as it is.
    fn evaluate(settings: &Self::Settings, profile: &str) -> Result<Needs, PolicyError>;
}

/// Makes a type that implements [`Policy`] the policy of this crate's
/// component. Once in a crate; off wasm32 it only checks the type.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::Component<$policy>;
    $crate::bindings::export_component!(Exported with_types_in $crate::bindings);
        };
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn() = $crate::exportable::<$policy>;
    };
}

/// What a policy is to satisfy to be exported; see [`export!`](crate::export).
pub const fn exportable<P: Policy>() {}

/// The component around a policy; see [`export!`](crate::export).
#[derive(Debug)]
pub struct Component<P>(PhantomData<P>);

impl<P: Policy> Guest for Component<P> {
    fn describe() -> Description {
        tell_panics();
        Description {
            name: P::NAME.to_owned(),
            version: P::VERSION.to_owned(),
            summary: P::SUMMARY.to_owned(),
            settings_schema: P::SCHEMA.map(str::to_owned),
        }
    }

    fn validate_settings(json: String) -> Result<(), Vec<SettingProblem>> {
        tell_panics();
        let problem = |Problem { path, message }| SettingProblem { path, message };
        match Table::read(&json, P::settings) {
            Ok(_) => Ok(()),
            Err(problems) => Err(problems.into_iter().map(problem).collect()),
        }
    }

    fn evaluate_needs(profile: String) -> Result<Needs, PolicyError> {
        tell_panics();
        let settings = Table::read(&settings::json(), P::settings).map_err(invalid)?;
        // The instance ends with this call, and its memory with it.
        P::evaluate(&ManuallyDrop::new(settings), &profile)
    }
}

fn invalid(problems: Vec<Problem>) -> PolicyError {
    let lines: Vec<String> =
        problems.iter().map(|Problem { path, message }| format!("{path}: {message}")).collect();
    PolicyError::InvalidSettings(lines.join("; "))
}

/// Writes a panic to the host's log: without it a trap has no message.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string())));
}
