//! Makes components of the guests under `tests/guests`: text to core module to
//! component, in milliseconds and without a toolchain.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, UnresolvedPackageGroup};

/// A guest, about to be built.
pub(crate) struct Guest {
    name: String,
    contract: String,
    text: String,
    world: Option<String>,
    /// What turns other imports into those of a component, and its name.
    adapter: Option<(&'static str, &'static [u8])>,
    /// The core module, where another compiler made it.
    made: Option<Vec<u8>>,
}

/// The project's folder, from whichever crate's tests this is part of.
fn project() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|at| at.join("wit/policy.wit").exists()).expect("within the project")
}

pub(crate) fn folder() -> PathBuf {
    project().join("tests/guests")
}

/// The guest of this name, as its folder has it.
pub(crate) fn guest(name: &str) -> Guest {
    let folder = folder();
    let world = folder.join(name).join("world.wit");
    let text = read(&folder.join(name).join("guest.wat"));
    Guest::new(name, &text, world.exists().then(|| read(&world)))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display())).unwrap()
}

impl Guest {
    /// A guest of this text, of its own world or of `scaling-policy`.
    pub(crate) fn new(name: &str, text: &str, world: Option<String>) -> Self {
        let mut text = text.to_owned();
        for part in ["describe", "validate"] {
            if !text.contains(&format!("(func ${part} ")) {
                text.push_str(&read(&folder().join(format!("parts/{part}.wat"))));
            }
        }
        text.push_str(&read(&folder().join("parts/exports.wat")));
        let contract = read(&project().join("wit/policy.wit"));
        Self { name: name.to_owned(), contract, text, world, adapter: None, made: None }
    }

    /// A guest of the whole contract that another compiler made.
    pub(crate) fn of_module(name: &str, module: Vec<u8>) -> Self {
        Self { made: Some(module), ..Self::new(name, "", None) }
    }

    /// Built with an adapter of this name.
    pub(crate) fn adapted(mut self, name: &'static str, adapter: &'static [u8]) -> Self {
        self.adapter = Some((name, adapter));
        self
    }

    /// Built against a contract in which one text stands for another.
    pub(crate) fn against(mut self, from: &str, to: &str) -> Self {
        assert!(self.contract.contains(from), "the contract does not say {from:?}");
        self.contract = self.contract.replace(from, to);
        self
    }

    /// Built against another version of the contract.
    pub(crate) fn of_version(mut self, version: &str) -> Self {
        let to = format!("@{version}");
        self.text = self.text.replace("@0.1.0", &to);
        self.against("package hooke:policy@0.1.0", &format!("package hooke:policy{to}"))
    }

    /// The core module alone.
    pub(crate) fn module(&self) -> Vec<u8> {
        self.try_module().with_context(|| format!("translating {}", self.name)).unwrap()
    }

    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        self.try_build().with_context(|| format!("building {}", self.name)).unwrap()
    }

    fn try_module(&self) -> Result<Vec<u8>> {
        if let Some(module) = &self.made {
            return Ok(module.clone());
        }
        Ok(wat::parse_str(format!("(module\n{}\n)", self.text))?)
    }

    fn try_build(&self) -> Result<Vec<u8>> {
        let mut resolve = Resolve::default();
        let mut main = resolve.push_str("policy.wit", &self.contract)?;
        if let Some(world) = &self.world {
            let group = UnresolvedPackageGroup::parse("world.wit", world)
                .map_err(|error| anyhow::anyhow!("{error:?}"))?;
            main = resolve.push_group(group)?;
        }
        let name = if self.world.is_some() { "guest" } else { "scaling-policy" };
        let world = resolve.select_world(&[main], Some(name))?;
        let mut module = self.try_module()?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
        let mut encoder = ComponentEncoder::default();
        encoder.module(&module)?.validate(true);
        if let Some((name, adapter)) = self.adapter {
            encoder.adapter(name, adapter)?;
        }
        encoder.encode()
    }
}
