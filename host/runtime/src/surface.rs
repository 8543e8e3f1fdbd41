//! What a component asks for and what it gives, read off its type before
//! anything is linked. Names and kinds only; types are checked by the linker.

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentInstance, ComponentItem};

use crate::clean;
use crate::contract::{self, Interface, Name};
use crate::grant::Grants;
use crate::load_error::LoadProblem;
use crate::wasi::{self, Wasi};

/// Names come from the component: shown, so cleaned, and cut to this length.
const NAME_BYTES: usize = 200;

/// What a component imports.
#[derive(Debug)]
pub(crate) struct Needs {
    /// The grants without which it cannot be linked.
    pub(crate) grants: Grants,
    /// The interfaces of WASI that are stubbed for it, as it names them.
    pub(crate) stubbed: Vec<String>,
}

/// Reads what a component needs. Checks that it exports the contract and
/// imports nothing that neither a grant nor a stub could give.
pub(crate) fn needs(
    engine: &Engine,
    component: &Component,
    wasi: Wasi,
) -> Result<Needs, LoadProblem> {
    let surface = component.component_type();
    let exported = |(name, _)| contract::name(name) == Name::Ours(Interface::Policy);
    if !surface.exports(engine).any(|(name, item)| exported((name, item))) {
        let found = surface.exports(engine).map(|(name, _)| shown(name)).collect();
        return Err(LoadProblem::WrongWorld { found });
    }
    let (mut grants, mut stubbed, mut strange) = (Vec::new(), Vec::new(), Vec::new());
    for (name, item) in surface.imports(engine) {
        match contract::name(name) {
            _ if is_only_types(engine, &item.ty) => {}
            Name::Ours(Interface::Always) => {}
            Name::Ours(Interface::Granted(grant)) => grants.push(grant),
            Name::Foreign if can_be_stubbed(wasi, name, &item.ty) => stubbed.push(shown(name)),
            Name::Ours(Interface::Policy)
            | Name::OtherVersion { .. }
            | Name::Newer
            | Name::Foreign => strange.push(shown(name)),
        }
    }
    if strange.is_empty() {
        return Ok(Needs { grants: grants.into_iter().collect(), stubbed });
    }
    Err(LoadProblem::NotOffered { imports: strange })
}

fn can_be_stubbed(wasi: Wasi, name: &str, item: &ComponentItem) -> bool {
    match wasi {
        Wasi::Stub => {
            wasi::interface(name).is_some() && matches!(item, ComponentItem::ComponentInstance(_))
        }
        Wasi::None => false,
    }
}

fn shown(name: &str) -> String {
    clean::line(name, NAME_BYTES)
}

/// Whether an import is a collection of types, which needs nobody's leave.
fn is_only_types(engine: &Engine, item: &ComponentItem) -> bool {
    match item {
        ComponentItem::ComponentInstance(instance) => all_types(engine, instance),
        ComponentItem::Type(_) => true,
        ComponentItem::ComponentFunc(_)
        | ComponentItem::CoreFunc(_)
        | ComponentItem::Module(_)
        | ComponentItem::Component(_)
        | ComponentItem::Resource(_) => false,
    }
}

fn all_types(engine: &Engine, instance: &ComponentInstance) -> bool {
    instance.exports(engine).all(|(_, item)| is_only_types(engine, &item.ty))
}
