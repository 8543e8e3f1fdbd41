//! A Go program and the adapter, made into one component. Never looks at the
//! program.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::{BuildError, Project};

/// What Go calls the system it runs on.
const SYSTEM: &str = "wasi_snapshot_preview1";

/// Answers for the system.
const ADAPTER: &str = include_str!("preview1.wat");

/// What the adapter imports, for the encoder.
const ADAPTER_WIT: &str =
    "package hooke:preview1;\nworld adapter {\n  import hooke:policy/log@0.1.0;\n}\n";

/// Wraps a core module of Go's as a component, and validates it.
pub(super) fn encode(project: &Project, mut module: Vec<u8>) -> Result<Vec<u8>, BuildError> {
    let mut run = || {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(project.wit())?;
        let world = resolve.select_world(&[package], Some(project.world().as_str()))?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
        let package = resolve.push_str("adapter.wit", ADAPTER_WIT)?;
        let world = resolve.select_world(&[package], None)?;
        let mut adapter = wat::parse_str(ADAPTER)?;
        embed_component_metadata(&mut adapter, &resolve, world, StringEncoding::UTF8, false)?;
        ComponentEncoder::default()
            .validate(true)
            .module(&module)?
            .adapter(SYSTEM, &adapter)?
            .encode()
    };
    run().map_err(|error| BuildError::Encode { reason: format!("{error:#}") })
}
