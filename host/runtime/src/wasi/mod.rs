//! WASI without authority, for components of tool chains that always import
//! it: they load, and stay as deterministic as any other policy. There is no
//! environment, file, network or terminal; time stands at the tick, chance is
//! drawn from the tick, and what is printed goes to the policy's log.
//!
//! These are stubs of our own and not the `wasmtime-wasi` crate, which brings
//! an async runtime and a real file system and network to lock up again. They
//! are made for each component from the types that it imports, so that every
//! patch of 0.2 links.

mod answer;
mod chance;
mod console;
mod plan;
mod refusal;
mod session;

use wasmtime::Engine;
use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};

use self::plan::Plan;
pub(crate) use self::refusal::NotGiven;
pub(crate) use self::session::Session;
use crate::state::State;

/// What a host does about imports of WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wasi {
    /// Answers WASI 0.2 with stubs that reach nothing.
    #[default]
    Stub,
    /// Refuses a component that imports any of it.
    None,
}

/// The packages that are stubbed.
pub(crate) const PACKAGES: [&str; 7] =
    ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"];

/// The interface that a name such as `wasi:cli/exit@0.2.6` names, as
/// `cli/exit`; none where it is not one that can be stubbed.
pub(crate) fn interface(full: &str) -> Option<&str> {
    let (path, version) = full.strip_prefix("wasi:")?.split_once('@')?;
    let (package, _) = path.split_once('/')?;
    let patch = version.strip_prefix("0.2.")?;
    let known = PACKAGES.contains(&package);
    (known && !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())).then_some(path)
}

/// Adds stubs for everything of WASI that a component imports.
pub(crate) fn add_to_linker(
    linker: &mut Linker<State>,
    engine: &Engine,
    component: &Component,
) -> wasmtime::Result<()> {
    let mut resources = Resources::default();
    let surface = component.component_type();
    for (name, item) in surface.imports(engine) {
        if let (Some(path), ComponentItem::ComponentInstance(instance)) = (interface(name), item.ty)
        {
            resources.read(engine, &instance);
            stub(&mut linker.instance(name)?, engine, path, &instance, &resources)?;
        }
    }
    Ok(())
}

fn stub(
    linker: &mut LinkerInstance<'_, State>,
    engine: &Engine,
    path: &str,
    instance: &ComponentInstance,
    resources: &Resources,
) -> wasmtime::Result<()> {
    for (name, item) in instance.exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => {
                let plan = Plan::of(path, name, &function, resources);
                linker.func_new(name, move |store, _, given, results| {
                    plan.follow(store, given, results)
                })?;
            }
            ComponentItem::Resource(resource) => {
                if let Some(kind) = resources.kind(&resource) {
                    let kind = ResourceType::host_dynamic(kind);
                    linker.resource(name, kind, |mut store, _| {
                        store.data_mut().wasi.handle_dropped();
                        Ok(())
                    })?;
                }
            }
            // Types need no stub; of the rest WASI has none, and the linker
            // says that they are missing.
            ComponentItem::Type(_)
            | ComponentItem::CoreFunc(_)
            | ComponentItem::Module(_)
            | ComponentItem::Component(_)
            | ComponentItem::ComponentInstance(_) => {}
        }
    }
    Ok(())
}

/// The resource types that a component imports. The same type may be imported
/// under several names; its place in the list is the kind the host gives it.
#[derive(Default)]
struct Resources(Vec<ResourceType>);

impl Resources {
    fn read(&mut self, engine: &Engine, instance: &ComponentInstance) {
        for (_, item) in instance.exports(engine) {
            if let ComponentItem::Resource(resource) = item.ty
                && !self.0.contains(&resource)
            {
                self.0.push(resource);
            }
        }
    }

    fn kind(&self, resource: &ResourceType) -> Option<u32> {
        let at = self.0.iter().position(|known| known == resource)?;
        u32::try_from(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::interface;

    #[test]
    fn names_of_wasi_are_told_apart() {
        assert_eq!(interface("wasi:cli/exit@0.2.6"), Some("cli/exit"));
        assert_eq!(interface("wasi:io/streams@0.2.12"), Some("io/streams"));
        for other in [
            "wasi:cli/exit@0.3.0",
            "wasi:cli/exit@0.2.0-rc-2023-11-10",
            "wasi:cli/exit@0.2.",
            "wasi:cli/exit",
            "wasi:cli@0.2.0",
            "wasi:keyvalue/store@0.2.0",
            "hooke:policy/log@0.2.0",
        ] {
            assert_eq!(interface(other), None, "{other}");
        }
    }
}
