//! The house rules that a machine can check. Reads the tree, changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;

/// Which crates of ours each crate may use; `tests` may use all.
const ARROWS: &[(&str, &[&str])] = &[
    ("host/control", &[]),
    ("host/history", &["hooke-control"]),
    ("host/runtime", &["hooke-control", "hooke-history"]),
    ("host/places", &[]),
    ("host/trial", &["hooke-control", "hooke-history", "hooke-places", "hooke-runtime"]),
    ("host/shelf", &["hooke-control", "hooke-runtime", "hooke-bundled"]),
    ("host/sources", &["hooke-control"]),
    ("host/clouds", &["hooke-control"]),
    ("host/store", &["hooke-control"]),
    ("host/sim", &["hooke-control", "hooke-sources", "hooke-clouds"]),
    (
        "host/hooke",
        &[
            "hooke-control",
            "hooke-history",
            "hooke-places",
            "hooke-runtime",
            "hooke-shelf",
            "hooke-trial",
            "hooke-sources",
            "hooke-clouds",
            "hooke-store",
            "hooke-sim",
            "hooke-bundled",
            "hooke-policy-build",
        ],
    ),
    ("policies/build", &[]),
    ("policies/sdk", &[]),
    ("policies/timetable", &[]),
    ("policies/forecast", &[]),
    ("policies/threshold", &["hooke-policy-sdk"]),
    ("policies/min-instance", &["hooke-policy-sdk"]),
    ("policies/rubber", &["hooke-policy-sdk"]),
    ("policies/target-tracking", &["hooke-policy-sdk"]),
    ("policies/keda-queue", &["hooke-policy-sdk"]),
    ("policies/nomad-threshold", &["hooke-policy-sdk"]),
    ("policies/cloudwatch", &["hooke-policy-sdk", "hooke-timetable", "hooke-forecast"]),
    ("policies/latency-goal", &["hooke-policy-sdk"]),
    ("policies/schedule", &["hooke-policy-sdk", "hooke-timetable"]),
    ("policies/bundled", &[]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the tests stand in the project")
}

/// Every file below the room folders with this ending, built things left out.
fn files(ending: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    for room in ["host", "policies", "tests", "wit"] {
        collect(&root.join(room), ending, &mut found);
    }
    assert!(!found.is_empty(), "no {ending} files found: the test looks in the wrong place");
    let name =
        |path: &PathBuf| path.strip_prefix(&root).expect("below the root").display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).expect("a text file"))).collect()
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect(&path, ending, found);
            }
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

#[track_caller]
fn none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut breaches = Vec::new();
    for (name, text) in files(".rs") {
        let lines = text.lines().count();
        if lines > FILE_LINES {
            breaches.push(format!("{name}: {lines} lines, {FILE_LINES} allowed"));
        }
        if !text.lines().take(12).any(|line| line.starts_with("//!")) {
            breaches.push(format!("{name}: does not open with //!"));
        }
        let noun = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if ["util", "utils", "common", "helpers", "manager", "misc"].contains(&noun) {
            breaches.push(format!("{name}: not the name of a thing"));
        }
    }
    none("files", &breaches);
}

struct Functions {
    file: String,
    breaches: Vec<String>,
}

impl Functions {
    /// Lines of a function without those of its long texts, such as what a
    /// test expects.
    fn measure(&mut self, name: &syn::Ident, block: &syn::Block) {
        let lines = height(block.span()) - texts(block.to_token_stream());
        if lines > FUNCTION_LINES {
            self.breaches.push(format!(
                "{}: fn {name} has {lines} lines, {FUNCTION_LINES} allowed",
                self.file
            ));
        }
    }
}

fn height(span: proc_macro2::Span) -> usize {
    span.end().line + 1 - span.start().line
}

/// Lines beyond the first of every literal.
fn texts(tokens: TokenStream) -> usize {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Literal(literal) => height(literal.span()) - 1,
            TokenTree::Group(group) => texts(group.stream()),
            TokenTree::Ident(_) | TokenTree::Punct(_) => 0,
        })
        .sum()
}

impl<'a> Visit<'a> for Functions {
    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        self.measure(&function.sig.ident, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.measure(&function.sig.ident, &function.block);
        visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn functions_are_short() {
    let mut breaches = Vec::new();
    for (file, text) in files(".rs") {
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut functions = Functions { file, breaches: Vec::new() };
        functions.visit_file(&parsed);
        breaches.extend(functions.breaches);
    }
    none("functions", &breaches);
}

#[test]
fn nothing_is_left_undone() {
    // Put together here, so that this file does not find itself.
    let banned: Vec<String> =
        [["to", "do!("], ["unimpl", "emented!("], ["db", "g!("], ["FIX", "ME"], ["#[ign", "ore"]]
            .iter()
            .map(|parts| parts.concat())
            .collect();
    let mut breaches = Vec::new();
    for (name, text) in files(".rs") {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = banned.iter().find(|word| line.contains(word.as_str())) {
                breaches.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    none("left undone", &breaches);
}

#[test]
fn no_file_names_a_machine() {
    let banned: Vec<String> =
        [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"]].iter().map(|p| p.concat()).collect();
    let mut breaches = Vec::new();
    for ending in [".rs", ".md", ".toml", ".wit", ".sh", ".json"] {
        for (name, text) in files(ending) {
            for (number, line) in text.lines().enumerate() {
                if banned.iter().any(|word| line.contains(word.as_str())) {
                    breaches.push(format!("{name}:{}: {line}", number + 1));
                }
            }
        }
    }
    none("paths of a machine", &breaches);
}

#[test]
fn the_arrows_between_crates_are_those_of_the_readme() {
    let mut breaches = Vec::new();
    for (room, allowed) in ARROWS {
        let manifest =
            fs::read_to_string(root().join(room).join("Cargo.toml")).expect("a manifest");
        let table: toml::Table = manifest.parse().expect("TOML");
        let used =
            table.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        for name in
            used.keys().filter(|name| name.starts_with("hooke") || name.starts_with("policy-"))
        {
            if !allowed.contains(&name.as_str()) {
                breaches.push(format!("{room} uses {name}"));
            }
        }
    }
    none("arrows that the README does not have", &breaches);
}

#[test]
fn the_core_depends_on_nothing() {
    let manifest = fs::read_to_string(root().join("host/control/Cargo.toml")).expect("a manifest");
    let table: toml::Table = manifest.parse().expect("TOML");
    let used =
        table.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    assert!(used.is_empty(), "host/control depends on {:?}", used.keys().collect::<Vec<_>>());
}

#[test]
fn every_room_has_a_readme_of_one_screen() {
    let rooms = ARROWS.iter().map(|(room, _)| *room).filter(|room| room.starts_with("host/"));
    let mut breaches = Vec::new();
    for room in rooms.chain(["policies", "wit", "tests"]) {
        match fs::read_to_string(root().join(room).join("README.md")) {
            Ok(text) if text.lines().count() > 70 => {
                breaches.push(format!("{room}: longer than a screen"))
            }
            Ok(text) if text.trim().is_empty() => breaches.push(format!("{room}: empty")),
            Ok(_) => {}
            Err(error) => breaches.push(format!("{room}: {error}")),
        }
    }
    none("READMEs", &breaches);
}

/// What a page calls a test: `` `FILE.rs`: name ``, as file and name.
fn tests_named(page: &str) -> Vec<(&str, &str)> {
    let mut named = Vec::new();
    for (at, _) in page.match_indices(".rs`: ") {
        let file = page[..at].rfind('`').map(|from| &page[from + 1..at + ".rs".len()]);
        let rest = &page[at + ".rs`: ".len()..];
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
        named.extend(file.map(|file| (file, &rest[..end.unwrap_or(rest.len())])));
    }
    named
}

#[test]
fn the_tests_that_readmes_name_are_there() {
    let sources = files(".rs");
    let (mut named, mut breaches) = (0, Vec::new());
    for (page, text) in files("README.md") {
        // A name of one word may be that of something else in the file.
        for (file, test) in tests_named(&text).into_iter().filter(|(_, test)| test.contains('_')) {
            named += 1;
            let is_there = |(name, source): &(String, String)| {
                name.ends_with(file) && source.contains(&format!("fn {test}("))
            };
            if !sources.iter().any(is_there) {
                breaches.push(format!("{page}: {file} has no test {test}"));
            }
        }
    }
    assert!(named >= 9, "{named} tests found in READMEs: the test looks for the wrong thing");
    none("tests named in READMEs", &breaches);
}

/// The ids of the rows that a rule of another system is held against, by policy.
const IDS: &[(&str, &str, u32)] = &[
    ("rubber", "RB", 12),
    ("target-tracking", "TT", 6),
    ("keda-queue", "KD", 5),
    ("nomad-threshold", "NM", 7),
];

#[test]
fn every_id_of_another_system_is_a_row_or_told_in_the_readme() {
    let mut breaches = Vec::new();
    for (policy, letters, last) in IDS {
        let folder = root().join("policies").join(policy);
        let read = |file: &str| fs::read_to_string(folder.join(file)).expect("a text file");
        let (table, page) = (read("tests/table.toml"), read("README.md"));
        for id in (1..=*last).map(|nth| format!("{letters}-{nth:02}")) {
            if !table.contains(&format!("name = \"{id} ")) && !page.contains(&id) {
                breaches.push(format!("policies/{policy}: {id}"));
            }
            let rows = [format!("row {id}"), format!("rows {id}")];
            if rows.iter().any(|row| page.contains(row))
                && !table.contains(&format!("name = \"{id} "))
            {
                breaches.push(format!("policies/{policy}: the README names a row {id}"));
            }
        }
    }
    none("ids without a row", &breaches);
}

#[test]
fn the_changelog_keeps_its_form() {
    let text = fs::read_to_string(root().join("CHANGELOG.md")).expect("a changelog");
    let kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    let mut headings: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("### ") {
            assert!(kinds.contains(&kind), "CHANGELOG.md: {kind:?} is no kind of change");
            *headings.entry(kind).or_default() += 1;
        }
    }
    assert!(
        text.contains("\n## [Unreleased]\n"),
        "CHANGELOG.md: no section for what is not released"
    );
    assert!(!headings.is_empty(), "CHANGELOG.md: no change");
}

/// Everything in the contract that an author can name.
fn undocumented(resolve: &wit_parser::Resolve) -> Vec<String> {
    use wit_parser::TypeDefKind;
    let mut bare = Vec::new();
    let mut look = |name: String, docs: &wit_parser::Docs| {
        if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
            bare.push(name);
        }
    };
    for (_, interface) in &resolve.interfaces {
        let place = interface.name.clone().unwrap_or_default();
        look(place.clone(), &interface.docs);
        for (name, function) in &interface.functions {
            look(format!("{place}.{name}"), &function.docs);
        }
        for (name, id) in &interface.types {
            let kind = &resolve.types[*id].kind;
            if let TypeDefKind::Type(_) = kind {
                continue; // Taken from another interface, which documents it.
            }
            look(format!("{place}.{name}"), &resolve.types[*id].docs);
            let mut parts: Vec<(&String, &wit_parser::Docs)> = Vec::new();
            if let TypeDefKind::Record(record) = kind {
                parts.extend(record.fields.iter().map(|f| (&f.name, &f.docs)));
            }
            if let TypeDefKind::Variant(variant) = kind {
                parts.extend(variant.cases.iter().map(|c| (&c.name, &c.docs)));
            }
            if let TypeDefKind::Enum(all) = kind {
                parts.extend(all.cases.iter().map(|c| (&c.name, &c.docs)));
            }
            for (part, docs) in parts {
                look(format!("{place}.{name}.{part}"), docs);
            }
        }
    }
    for (_, world) in &resolve.worlds {
        look(world.name.clone(), &world.docs);
    }
    bare
}

#[test]
fn every_item_of_the_contract_is_documented() {
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_path(root().join("wit/policy.wit")).expect("the contract parses");
    assert!(resolve.interfaces.len() > 5, "the contract was not read");
    none("items without ///", &undocumented(&resolve));
}
