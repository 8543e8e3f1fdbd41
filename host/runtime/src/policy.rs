//! A policy: compiled, checked and asked what it is. Holds no grant yet; what
//! it may reach is decided by each binding.

use std::fmt;
use std::sync::Arc;

use hooke_control::ids::PolicyName;
use wasmtime::component::Component;

use crate::clean;
use crate::contract::exported;
use crate::digest::Digest;
use crate::grant::Grants;
use crate::limit::{Limit, LimitHit, Used};
use crate::limits::Limits;
use crate::load_error::LoadProblem;
use crate::pace::LastPace;
use crate::sandbox::Makeup;
use crate::schema::Schema;
use crate::surface::Needs;

/// A loaded policy. Cheap to clone.
#[derive(Clone)]
pub struct Policy {
    name: PolicyName,
    inner: Arc<Inner>,
}

struct Inner {
    digest: Digest,
    size: usize,
    needs: Needs,
    description: Description,
    component: Component,
    makeup: Makeup,
    pace: LastPace,
}

/// What a policy says of itself; cleaned and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name, as its authors know it.
    pub name: String,
    /// Its version, as its authors count.
    pub version: String,
    /// One sentence: what it decides by.
    pub summary: String,
    /// JSON Schema of its settings; absent when it has none.
    pub settings_schema: Option<Schema>,
}

impl Policy {
    pub(crate) fn new(
        name: PolicyName,
        (digest, size): (Digest, usize),
        needs: Needs,
        description: Description,
        (component, makeup): (Component, Makeup),
    ) -> Self {
        let pace = LastPace::unknown();
        let inner = Inner { digest, size, needs, description, component, makeup, pace };
        Self { name, inner: Arc::new(inner) }
    }

    /// Its name, as the site file knows it.
    pub fn name(&self) -> &PolicyName {
        &self.name
    }

    /// The same policy under another name. What it was compiled to is shared.
    #[must_use]
    pub fn renamed(&self, name: PolicyName) -> Self {
        Self { name, inner: Arc::clone(&self.inner) }
    }

    /// What names its exact bytes.
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    /// Bytes of its file.
    pub fn size(&self) -> usize {
        self.inner.size
    }

    /// The grants it imports, and so cannot be bound without.
    pub fn imports(&self) -> &Grants {
        &self.inner.needs.grants
    }

    /// The interfaces of WASI that it imports, and gets as stubs that reach
    /// nothing. Names as `wasi:cli/environment@0.2.6`.
    pub fn stubbed(&self) -> &[String] {
        &self.inner.needs.stubbed
    }

    /// What it says of itself.
    pub fn describe(&self) -> &Description {
        &self.inner.description
    }

    pub(crate) fn makeup(&self) -> Makeup {
        self.inner.makeup
    }

    pub(crate) fn pace(&self) -> &LastPace {
        &self.inner.pace
    }

    pub(crate) fn component(&self) -> &Component {
        &self.inner.component
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name)
            .field("digest", &self.inner.digest.short())
            .field("imports", &self.inner.needs)
            .finish_non_exhaustive()
    }
}

impl Description {
    /// Makes what a policy said of itself fit to keep.
    pub(crate) fn of(said: exported::Description) -> Result<Self, LoadProblem> {
        let settings_schema = said
            .settings_schema
            .map(|schema| Schema::of(&schema))
            .transpose()
            .map_err(|cause| LoadProblem::BadSchema { cause })?;
        Ok(Self {
            name: clean::line(&said.name, 100),
            version: clean::line(&said.version, 100),
            summary: clean::line(&said.summary, 1024),
            settings_schema,
        })
    }
}

/// Whether a component fits the limits before it has run at all. A start that
/// is bound to fail is refused here, with the number, and not at the first tick.
pub(crate) fn fits(component: &Component, limits: &Limits) -> Result<(), LimitHit> {
    const PAGE_BYTES: u64 = 64 << 10;
    let Some(needs) = component.resources_required() else { return Ok(()) };
    let largest = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(PAGE_BYTES);
    let asked = [
        (Limit::Memories, u64::from(needs.num_memories)),
        (Limit::Tables, u64::from(needs.num_tables)),
        (Limit::Memory, largest),
        (Limit::TableElements, needs.max_initial_table_size.unwrap_or(0)),
    ];
    let over = asked.into_iter().find(|(limit, used)| *used > limit.cap(limits));
    over.map_or(Ok(()), |(limit, used)| Err(limit.hit(Used::Exactly(used), limits)))
}

/// What a pool says of a component that none of its sandboxes can hold: the
/// words before and after the number. Its errors have no type.
const POOL_LIMITS: [(&str, &str, Limit); 7] = [
    ("memory has a minimum byte size of ", " which", Limit::Memory),
    ("has a minimum element size of ", " which", Limit::TableElements),
    ("defined memories count of ", " exceeds", Limit::Memories),
    ("defined tables count of ", " exceeds", Limit::Tables),
    ("transitively contains ", " core module instances", Limit::Instances),
    ("transitively contains ", " Wasm linear memories", Limit::Memories),
    ("transitively contains ", " tables", Limit::Tables),
];

/// Names what is wrong with a component that did not compile. One that is too
/// large for the pool is whole, and is told so.
pub(crate) fn unusable(cause: String, limits: &Limits) -> LoadProblem {
    let used = |(before, after, _): &(&str, &str, Limit)| {
        let (_, rest) = cause.split_once(before)?;
        rest.split_once(after)?.0.parse::<u64>().ok()
    };
    let hit = POOL_LIMITS
        .iter()
        .filter(|_| cause.contains("pooling allocator"))
        .find_map(|row| Some(row.2.hit(Used::Exactly(used(row)?), limits)));
    hit.map_or(LoadProblem::Malformed { cause }, LoadProblem::OverLimit)
}

/// What a component is made of, as far as its type tells.
pub(crate) fn makeup(component: &Component) -> Makeup {
    let count = |asked: u32| usize::try_from(asked).unwrap_or(usize::MAX);
    let needs = component.resources_required();
    needs.map_or_else(Makeup::default, |needs| Makeup {
        instances: 0,
        memories: count(needs.num_memories),
        tables: count(needs.num_tables),
    })
}
