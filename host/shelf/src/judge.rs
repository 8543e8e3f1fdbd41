//! Every check that a candidate passes after its bytes are read, up to the last
//! word of its users. Holds no policy and changes none.

use std::sync::atomic::{AtomicU64, Ordering};

use hooke_control::ids::PolicyName;
use hooke_runtime::{Digest, Host, LoadError, NativeCode, Policy};

use crate::cache::Cache;
use crate::chain;
use crate::compiler::{Compiler, NotCompiled, Order};
use crate::config::{Conformance, Rules};
use crate::outcome::Outcome;
use crate::users::Users;

/// A candidate that does not become live, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) outcome: Outcome,
    pub(crate) why: String,
}

impl Refusal {
    pub(crate) fn new(outcome: Outcome, why: impl Into<String>) -> Self {
        Self { outcome, why: why.into() }
    }
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        Self::new(Outcome::of(&error.why), error.why.to_string())
    }
}

impl From<NotCompiled> for Refusal {
    fn from(error: NotCompiled) -> Self {
        Self::new(error.outcome(), error.why())
    }
}

/// Who checks.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) host: Host,
    pub(crate) cache: Option<Cache>,
    pub(crate) conformance: Conformance,
    pub(crate) compiles: AtomicU64,
}

impl Judge {
    /// Native code of this content that was made before.
    pub(crate) fn cached(&self, wasm: Digest) -> Option<NativeCode> {
        self.cache.as_ref()?.get(&self.host, wasm)
    }

    /// Compiles, and keeps what comes of it.
    pub(crate) fn compile(
        &self,
        compiler: &Compiler,
        order: &Order,
    ) -> Result<NativeCode, NotCompiled> {
        self.compiles.fetch_add(1, Ordering::Relaxed);
        // Said in the host's own words, and no child is started in vain.
        self.host.admits(&order.wasm, &order.limits).map_err(NotCompiled::Refused)?;
        let code = compiler.compile(&self.host, order)?;
        if let Some(cache) = &self.cache {
            cache.put(&self.host, &code);
        }
        Ok(code)
    }

    /// Looks at what was compiled, and asks it what it is.
    pub(crate) fn load(
        &self,
        name: &PolicyName,
        code: &NativeCode,
        rules: &Rules,
    ) -> Result<Policy, Refusal> {
        Ok(self.host.load_native(name.clone(), code, rules.limits_of(name))?)
    }

    /// Holds a loaded policy against its name's limits, the contract, and those
    /// who use it. Returns in what it differs from the one before.
    pub(crate) fn accept(
        &self,
        policy: &Policy,
        rules: &Rules,
        users: &dyn Users,
    ) -> Result<Vec<String>, Refusal> {
        let limits = rules.limits_of(policy.name());
        let bound = self.host.bind(policy, policy.imports(), limits.clone())?;
        if let Conformance::On(run) = &self.conformance {
            run(&bound).map_err(|why| Refusal::new(Outcome::RefusedConformance, why))?;
        }
        let bind = |grants: &_| self.host.bind(policy, grants, limits.clone());
        let objected = |o: crate::users::Objection| Refusal::new(o.outcome(), o.why());
        users.accept(policy, &bind).map_err(objected)
    }
}

/// Whether the name may have this content.
pub(crate) fn pinned(name: &PolicyName, digest: Digest, rules: &Rules) -> Result<(), Refusal> {
    match rules.pins.get(name) {
        Some(pin) if *pin != digest => Err(Refusal::new(
            Outcome::RefusedPin,
            format!(
                "its sha256 is {digest}, and the site file pins {pin}. Put the pinned file there, \
                 or change the pin; the key is policy.{name}.sha256"
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// An error and its causes, as the reason of a failure of ours.
pub(crate) fn failed(error: &dyn std::error::Error) -> Refusal {
    Refusal::new(Outcome::Failed, chain(error))
}
