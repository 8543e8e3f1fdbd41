//! What stands in the file of a component: its imports and exports, and what
//! it needs before it runs. Reads the file only; a file that is damaged gives
//! what stands before the damage.

use hooke_runtime::{CONTRACT_VERSION, Grant, Limit, Limits};
use serde::Serialize;
use wasmparser::{Parser, Payload};

use crate::usage::UseView;

/// Bytes of one page of linear memory.
const PAGE: u64 = 64 << 10;

/// One imported interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Its name, such as `hooke:policy/metrics@0.1.0`.
    pub name: String,
    /// What it takes to have it.
    pub given: Given,
}

/// What it takes to have an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    /// Every policy has it.
    Always,
    /// The site file grants it, by this name.
    Grant(&'static str),
    /// The host answers it with a stub that reaches nothing.
    Stub,
    /// Nobody has it from this host as it is: see the problems.
    Elsewhere,
}

/// What stands in a file.
#[derive(Debug, Default)]
pub(super) struct Anatomy {
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<String>,
    memories: u64,
    memory: u64,
    tables: u64,
    table_elements: u64,
}

impl Anatomy {
    pub(super) fn of(wasm: &[u8]) -> Self {
        let mut anatomy = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            let Ok(payload) = payload else { break };
            // Items within nested modules and components are not the policy's own.
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "the parts of a file; most of them say nothing of what it needs"
            )]
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    let names = section.into_iter().flatten().map(|import| import.name.name);
                    anatomy.imports.extend(names.map(Import::of));
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    let names = section.into_iter().flatten().map(|export| export.name.name);
                    anatomy.exports.extend(names.map(str::to_owned));
                }
                Payload::MemorySection(section) => {
                    for memory in section.into_iter().flatten() {
                        anatomy.memories += 1;
                        let bytes = memory.initial.saturating_mul(PAGE);
                        anatomy.memory = anatomy.memory.saturating_add(bytes);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section.into_iter().flatten() {
                        anatomy.tables += 1;
                        anatomy.table_elements =
                            anatomy.table_elements.saturating_add(table.ty.initial);
                    }
                }
                _ => {}
            }
        }
        anatomy
    }

    /// What it needs of each limit before it runs.
    pub(super) fn needs(&self, size: usize, limits: &Limits) -> Vec<UseView> {
        let needs = [
            (Limit::FileBytes, size as u64),
            (Limit::Memory, self.memory),
            (Limit::Memories, self.memories),
            (Limit::Tables, self.tables),
            (Limit::TableElements, self.table_elements),
        ];
        needs.map(|(limit, used)| UseView::new(limit, used, limits)).to_vec()
    }
}

impl Import {
    fn of(name: &str) -> Self {
        let (path, version) = name.split_once('@').unwrap_or((name, ""));
        let (track, _) = CONTRACT_VERSION.rsplit_once('.').unwrap_or((CONTRACT_VERSION, ""));
        let ours = version.strip_prefix(track).is_some_and(|patch| patch.starts_with('.'));
        let given = match path.strip_prefix("hooke:policy/").filter(|_| ours) {
            Some("settings" | "log" | "types") => Given::Always,
            Some(interface) => match Grant::from_name(interface) {
                Some(grant) => Given::Grant(grant.as_str()),
                None => Given::Elsewhere,
            },
            None => Given::Elsewhere,
        };
        Self { name: name.escape_debug().to_string(), given }
    }
}
