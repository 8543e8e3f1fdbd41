//! The imports of the contract, one module an interface. Each answers from the
//! memory of the process at once; none may block, as nothing stops a host call.

mod cloud;
mod history;
mod log;
mod memory;
mod metrics;
mod settings;

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::contract;
use crate::grant::{Grant, Grants};
use crate::state::State;

/// A linker that holds what these grants give, and nothing else.
pub(crate) fn linker(engine: &Engine, grants: &Grants) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    contract::settings::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    contract::log::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    for grant in grants.iter() {
        match grant {
            Grant::Metrics => {
                contract::metrics::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
            }
            Grant::Cloud => {
                contract::cloud::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
            }
            Grant::Memory => {
                contract::memory::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
            }
        }
    }
    Ok(linker)
}

#[cfg(test)]
mod tests;
