//! How the stubs of WASI say no: by the error that a function's own type has
//! for it, or by a trap that names the function.

use wasmtime::component::Val;
use wasmtime::component::types::{ComponentFunc, Type};

/// A stub cannot give what was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotGiven {
    /// The function has no error to answer with.
    #[error(
        "it called {function}, which this host does not give: a policy has no files, network, \
         environment or clock of its own. Take out the part that calls it"
    )]
    Function {
        /// Its full name.
        function: String,
    },
    /// It wanted to end.
    #[error("it called {function}: a policy does not exit, it answers; its log may say why")]
    Exit {
        /// Its full name.
        function: String,
    },
    /// More chance than anybody needs.
    #[error("it asked {function} for {asked} bytes; {allowed} at a time are given")]
    Chance {
        /// Its full name.
        function: String,
        asked: u64,
        allowed: u64,
    },
    /// Its type is not the one that WASI has.
    #[error("it called {function} with another type than WASI 0.2 has. Build it with other tools")]
    Mistyped {
        /// Its full name.
        function: String,
    },
}

/// The errors of WASI that come nearest to "you may not", the nearest first.
const DENIALS: [&str; 5] =
    ["access-denied", "not-permitted", "access", "HTTP-request-denied", "closed"];

/// The error that a function's type has for this, as a value.
pub(super) fn denial(function: &ComponentFunc) -> Option<Val> {
    one_of(function, &DENIALS)
}

/// The error of a stream that is at its end.
pub(super) fn closed(function: &ComponentFunc) -> Option<Val> {
    one_of(function, &["closed"])
}

fn one_of(function: &ComponentFunc, wanted: &[&str]) -> Option<Val> {
    let Some(Type::Result(result)) = function.results().next() else { return None };
    let error = result.err()?;
    let found = wanted.iter().find_map(|name| case(&error, name))?;
    Some(Val::Result(Err(Some(Box::new(found)))))
}

/// The case of this name, if the type has it and it carries nothing.
fn case(error: &Type, wanted: &str) -> Option<Val> {
    if let Type::Enum(cases) = error {
        return cases.names().any(|name| name == wanted).then(|| Val::Enum(wanted.to_owned()));
    }
    if let Type::Variant(cases) = error {
        let bare = cases.cases().any(|case| case.name == wanted && case.ty.is_none());
        return bare.then(|| Val::Variant(wanted.to_owned(), None));
    }
    None
}
