//! A guest, built once and loaded into both hosts.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use hooke_control::ids::PolicyName;
use hooke_runtime::{BoundPolicy, Grants, Host, HostConfig, Level, Limits, Policy};

use crate::stage::Actor;

/// The true host, as a site has it, but that it waits longer for a guest on a
/// busy machine.
static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(HostConfig {
        limits: limits(),
        log_from: Level::Info,
        wasi: hooke_runtime::Wasi::Stub,
    })
    .unwrap()
});

/// A guest in its two hosts.
pub(crate) struct Guest {
    pub(crate) policy: Policy,
    wasm: Vec<u8>,
    actor: OnceLock<Actor>,
}

/// Room for the text about a thousand machines, in any language, and for a
/// build that is not optimised. What may be remembered stays at the default.
pub(crate) fn limits() -> Limits {
    Limits {
        wall_time: Duration::from_secs(60),
        memory: 512 << 20,
        value_bytes: 16 << 20,
        log_bytes: 64 << 10,
        ..Limits::default()
    }
}

/// Builds a guest and loads it.
pub(crate) fn build(name: &str, build: impl FnOnce(&str) -> Result<Vec<u8>>) -> Guest {
    let wasm = build(name).with_context(|| format!("building {name}")).unwrap();
    let policy = HOST.load(PolicyName::from(name), &wasm).unwrap();
    Guest { policy, wasm, actor: OnceLock::new() }
}

impl Guest {
    /// In the host that answers anything; compiled when first asked for, as that
    /// takes long for some languages.
    pub(crate) fn actor(&self) -> &Actor {
        self.actor.get_or_init(|| Actor::new(&self.wasm).unwrap())
    }

    /// Bound in the true host, with these grants or an error that says why not.
    pub(crate) fn bind(&self, grants: &Grants, limits: Limits) -> Result<BoundPolicy> {
        Ok(HOST.bind(&self.policy, grants, limits)?)
    }

    /// Bound in the true host, with every grant.
    pub(crate) fn bound(&self) -> BoundPolicy {
        self.bind(&Grants::all(), limits()).unwrap()
    }

    /// The same, allowed to remember whatever the contract lets cross.
    pub(crate) fn bound_with_room(&self) -> BoundPolicy {
        let limits = Limits { remembered_bytes: 16 << 20, ..limits() };
        self.bind(&Grants::all(), limits).unwrap()
    }
}

/// Says where two long texts part, rather than showing both.
#[track_caller]
pub(crate) fn same(got: &str, want: &str, what: &str) {
    if got == want {
        return;
    }
    let differs = got.lines().zip(want.lines()).position(|(got, want)| got != want);
    let at = differs.unwrap_or_else(|| got.lines().count().min(want.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
    let (got, want) = (line(got), line(want));
    let alike = got.chars().zip(want.chars()).take_while(|(got, want)| got == want).count();
    let shown = |line: &str| {
        let part: String = line.chars().skip(alike.saturating_sub(40)).take(120).collect();
        part.escape_debug().to_string()
    };
    let (got, want) = (shown(&got), shown(&want));
    panic!("{what}, line {}, character {}:\n got {got}\nwant {want}", at + 1, alike + 1);
}
