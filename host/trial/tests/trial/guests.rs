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
}

/// The project's folder, from whichever crate's tests this is part of.
fn project() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|at| at.join("wit/policy.wit").exists()).expect("within the project")
}

fn folder() -> PathBuf {
    project().join("tests/guests")
}

/// The guest of this name, as its folder has it.
pub(crate) fn guest(name: &str) -> Guest {
    let folder = folder();
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("reading {}", path.display())).unwrap()
    };
    let mut text = read(&folder.join(name).join("guest.wat"));
    for part in ["describe", "validate"] {
        if !text.contains(&format!("(func ${part} ")) {
            text.push_str(&read(&folder.join(format!("parts/{part}.wat"))));
        }
    }
    text.push_str(&read(&folder.join("parts/exports.wat")));
    let contract = project().join("wit/policy.wit");
    let world = folder.join(name).join("world.wit");
    Guest {
        name: name.to_owned(),
        contract: read(&contract),
        text,
        world: world.exists().then(|| read(&world)),
    }
}

impl Guest {
    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        self.try_build().with_context(|| format!("building {}", self.name)).unwrap()
    }

    fn try_module(&self) -> Result<Vec<u8>> {
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
        ComponentEncoder::default().module(&module)?.validate(true).encode()
    }
}

/// A guest that always gives this answer.
pub(crate) fn answering(delta: &str, reason: &str) -> Vec<u8> {
    let mut honest = guest("honest");
    let length = reason.len();
    let call = format!("(i32.const {delta}) (i32.const 2048) (i32.const {length})");
    honest.text = honest
        .text
        .replace("one more, as always", reason)
        .replace("(i32.const 1) (i32.const 2048) (i32.const 19)", &call);
    honest.build()
}

/// A guest whose settings have this schema.
pub(crate) fn with_schema(schema: &str) -> Vec<u8> {
    let mut honest = guest("honest");
    let (data, length) = (schema.replace('"', "\\\""), schema.len());
    honest.text = honest.text.replace(
        "(i32.store8 (i32.const 1124) (i32.const 0))",
        &format!(
            "(i32.store8 (i32.const 1124) (i32.const 1))
             (i32.store (i32.const 1128) (i32.const 3072))
             (i32.store (i32.const 1132) (i32.const {length}))"
        ),
    );
    honest.text += &format!("(data (i32.const 3072) \"{data}\")");
    honest.build()
}
