//! The trials against the real host: bundled policies and small guests.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

mod bundled;
mod checks;
mod grids;
mod guests;
mod outlooks;
mod pasts;
mod readmes;
mod recordings;
mod tables;

use std::sync::LazyLock;

use hooke_bundled::BUNDLED;
use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Grants, Host, HostConfig, Level, Limits, Wasi};

/// One host for all tests, as one process has.
static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(HostConfig { limits: Limits::default(), log_from: Level::Debug, wasi: Wasi::Stub })
        .unwrap()
});

/// The bytes of a bundled policy.
fn wasm(name: &str) -> &'static [u8] {
    BUNDLED.iter().find(|bundled| bundled.name == name).unwrap().wasm
}

fn bind(name: &str, wasm: &[u8]) -> BoundPolicy {
    let policy = HOST.load(PolicyName::from(name), wasm).unwrap();
    HOST.bind(&policy, &Grants::all(), Limits::default()).unwrap()
}

fn threshold() -> BoundPolicy {
    static BOUND: LazyLock<BoundPolicy> = LazyLock::new(|| bind("threshold", wasm("threshold")));
    BOUND.clone()
}

/// A guest of the project's tests, built and bound.
fn guest(name: &str) -> BoundPolicy {
    bind(name, &guests::guest(name).build())
}
