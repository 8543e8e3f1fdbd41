//! `hooke policy build`: a project into a component.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use hooke_policy_build::{Project, Step, Tools};
use indicatif::ProgressBar;
use serde::Serialize;

use super::super::{Ended, Format, Print, print, print_json};

#[derive(Debug, Args)]
pub(in crate::cli) struct Build {
    /// The project's folder.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Where compilers and bundlers are kept, installed once for all projects;
    /// a `hooke` folder of your cache if not given.
    #[arg(long, env = "HOOKE_TOOLS", value_name = "DIR")]
    tools: Option<PathBuf>,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Debug, Serialize)]
struct Built {
    policy: String,
    language: &'static str,
    file: PathBuf,
    bytes: usize,
    digest: String,
    seconds: f64,
}

impl Build {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let project = Project::open(&self.directory)?;
        let tools = match &self.tools {
            Some(directory) => Tools::at(directory),
            None => Tools::of_user().context(
                "there is no home directory to keep tools in: name a folder with --tools",
            )?,
        };
        let begun = Instant::now();
        let steps = Steps::default();
        let wasm = project.build(&tools, &|step| steps.next(&step));
        steps.end();
        let wasm = wasm?;
        let built = Built {
            policy: project.name().to_string(),
            language: project.language().name(),
            file: project.component(),
            bytes: wasm.len(),
            digest: format!("sha256:{}", hooke_runtime::Digest::of(&wasm)),
            seconds: begun.elapsed().as_secs_f64(),
        };
        if self.print.format == Format::Json {
            print_json(&built);
        } else {
            let Built { file, bytes, digest, seconds, .. } = &built;
            let kib = bytes.div_ceil(1024);
            print(&format!("built {}, {kib} KiB in {seconds:.1} s\n  {digest}\n", file.display()));
        }
        Ok(Ended::Done)
    }
}

/// Shows what a build is doing: a spinner for people, lines for logs.
#[derive(Default)]
struct Steps(RefCell<Option<ProgressBar>>);

impl Steps {
    fn next(&self, step: &Step) {
        self.end();
        if !std::io::stderr().is_terminal() {
            eprintln!("{step}");
            return;
        }
        *self.0.borrow_mut() = Some(super::spinner(&step.to_string()));
    }

    fn end(&self) {
        if let Some(bar) = self.0.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}
