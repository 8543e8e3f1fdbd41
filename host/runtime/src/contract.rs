//! The contract, as generated from `wit/policy.wit`, and what its names mean.
//! Nothing here runs anything.

use crate::grant::Grant;

mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "scaling-policy",
        imports: { default: trappable },
    });
}

pub(crate) use generated::exports::hooke::policy::policy as exported;
pub(crate) use generated::hooke::policy::{cloud, log, memory, metrics, settings, types};
pub(crate) use generated::{ScalingPolicy, ScalingPolicyPre};

/// The version of the contract that this host carries.
pub const VERSION: &str = "0.1.0";

/// The package of the contract.
const PACKAGE: &str = "hooke:policy";

/// The interface every policy exports.
const EXPORT: &str = "policy";

/// What an imported or exported name is to this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name<'a> {
    /// An interface of the contract, of a version that links.
    Ours(Interface),
    /// An interface of the contract, of a version that does not link.
    OtherVersion { version: &'a str },
    /// In the contract's package, and not known to this version of it.
    Newer,
    /// Somebody else's.
    Foreign,
}

/// An interface of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    /// Linked for everybody.
    Always,
    /// Linked where granted.
    Granted(Grant),
    /// What a policy exports.
    Policy,
}

/// Reads a name such as `hooke:policy/metrics@0.1.0`.
pub(crate) fn name(full: &str) -> Name<'_> {
    let (path, version) = full.split_once('@').unwrap_or((full, ""));
    let Some((PACKAGE, interface)) = path.split_once('/') else { return Name::Foreign };
    if !links(version) {
        return Name::OtherVersion { version };
    }
    match interface {
        "settings" | "log" => Name::Ours(Interface::Always),
        EXPORT => Name::Ours(Interface::Policy),
        other => match Grant::from_name(other) {
            Some(grant) => Name::Ours(Interface::Granted(grant)),
            None => Name::Newer,
        },
    }
}

/// Inside 0.1.x only functions and interfaces are added, so any patch links.
fn links(version: &str) -> bool {
    let (track, _) = VERSION.rsplit_once('.').unwrap_or((VERSION, ""));
    version.strip_prefix(track).is_some_and(|patch| patch.starts_with('.'))
}

/// The full name of the interface every policy exports.
pub(crate) fn export_name() -> String {
    format!("{PACKAGE}/{EXPORT}@{VERSION}")
}

/// The full name of a grantable interface.
pub(crate) fn import_name(grant: Grant) -> String {
    format!("{PACKAGE}/{grant}@{VERSION}")
}

#[cfg(test)]
mod tests {
    use super::{Interface, Name, name};
    use crate::grant::Grant;

    #[test]
    fn names_are_told_apart() {
        let granted = |grant| Name::Ours(Interface::Granted(grant));
        assert_eq!(name("hooke:policy/metrics@0.1.0"), granted(Grant::Metrics));
        assert_eq!(name("hooke:policy/cloud@0.1.7"), granted(Grant::Cloud));
        assert_eq!(name("hooke:policy/log@0.1.0"), Name::Ours(Interface::Always));
        assert_eq!(name("hooke:policy/policy@0.1.0"), Name::Ours(Interface::Policy));
        assert_eq!(name("hooke:policy/forecast@0.1.4"), Name::Newer);
        assert_eq!(name("hooke:policy/log@0.2.0"), Name::OtherVersion { version: "0.2.0" });
        assert_eq!(name("hooke:policy/log@0.10.0"), Name::OtherVersion { version: "0.10.0" });
        assert_eq!(name("hooke:policy/log"), Name::OtherVersion { version: "" });
        assert_eq!(name("wasi:cli/environment@0.2.6"), Name::Foreign);
        assert_eq!(name("evaluate"), Name::Foreign);
    }
}
