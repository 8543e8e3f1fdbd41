//! Site files, right and wrong: what an operator reads, word for word.

use std::path::Path;
use std::sync::LazyLock;

use annotate_snippets::Renderer;
use expect_test::Expect;

use super::*;
use crate::shelf::{self, CacheUse, Shelf};

mod drivers;
mod example;
mod files;
mod guards;
mod limits;
mod policies;
mod rendered;
mod secrets;
mod settings;
mod slips;
mod syntax;
mod values;

/// Where the test files are; paths in a site file start from here.
const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/tests");

/// One site in which nothing is wrong; most tests put one thing wrong.
const GOOD: &str = include_str!("tests/good.toml");

/// The bundled policies; compiling them takes longer than any of the tests.
static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let config = PoliciesConfig::bundled(Default::default());
    shelf::open(&config, CacheUse::IfThere, None).expect("bundled policies load")
});

/// Reads a file as `hooke run` does, policies included.
fn read_text(text: &str) -> Read {
    let mut read = parse(Path::new("site.toml"), Path::new(BASE), text);
    for site in &read.config.sites {
        shelf::check(&SHELF, site, &mut read.problems);
    }
    read
}

/// What is printed for a file, without colours.
fn check(text: &str, expect: Expect) {
    let read = read_text(text);
    let mut shown = read.problems.render(&Renderer::plain());
    if let Err(error) = read.finish() {
        shown.push_str(&format!("\n\nhooke: {error}\n"));
    }
    expect.assert_eq(&shown.replace(BASE, "BASE"));
}

/// What is said of a file, one problem a line: `line:column what | instead`.
fn check_short(text: &str, expect: Expect) {
    let problems = serde_json::to_value(read_text(text).problems.views()).unwrap();
    let mut shown = String::new();
    for problem in problems.as_array().unwrap() {
        let text = |key: &str| problem[key].as_str().unwrap().to_owned();
        let (line, column) = (&problem["line"], &problem["column"]);
        shown.push_str(&format!("{line}:{column} {} | {}\n", text("problem"), text("instead")));
    }
    expect.assert_eq(&shown.replace(BASE, "BASE"));
}

/// The good file with one part of it written otherwise.
fn instead_of(right: &str, wrong: &str) -> String {
    assert_eq!(GOOD.matches(right).count(), 1, "{right:?} is there once");
    GOOD.replace(right, wrong)
}

/// What is said of the good file with one slip in it.
fn slip(right: &str, wrong: &str, expect: Expect) {
    check_short(&instead_of(right, wrong), expect);
}
