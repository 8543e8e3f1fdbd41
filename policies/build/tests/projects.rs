//! New projects, their names, and what is said of a manifest that is wrong.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use hooke_policy_build::{Identifier, Language, NewError, Project, Tools, new};

/// What is said of a name.
fn check_name(name: &str, expected: Expect) {
    let said = match name.parse::<Identifier>() {
        Ok(name) => format!("{name} {} {}", name.snake(), name.pascal()),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn names_stand_in_wit_in_files_and_in_types() {
    check_name("backlog", expect!["backlog backlog Backlog"]);
    check_name("two-words2", expect!["two-words2 two_words2 TwoWords2"]);
    check_name("", expect![[r#"the name is empty; write one such as "my-policy""#]]);
    check_name(
        "My_Policy",
        expect![[
            r#"the name "My_Policy" contains 'M'; write lower-case letters, digits and '-', such as "my-policy""#
        ]],
    );
    check_name(
        "día",
        expect![[
            r#"the name "día" contains 'í'; write lower-case letters, digits and '-', such as "my-policy""#
        ]],
    );
    for name in ["2nd", "a-2", "-a", "a-", "a--b"] {
        assert!(
            name.parse::<Identifier>().unwrap_err().to_string().contains("begin with a letter"),
            "{name}"
        );
    }
    assert!("a".repeat(63).parse::<Identifier>().is_ok());
    check_name(&"é".repeat(64), expect!["the name has 64 characters; at most 63 are allowed"]);
}

/// What is said of a project with this manifest.
fn check(manifest: Option<&str>, expected: Expect) {
    let room = tempfile::tempdir().unwrap();
    if let Some(manifest) = manifest {
        fs::write(room.path().join("hooke-policy.toml"), manifest).unwrap();
    }
    let said = match Project::open(room.path()) {
        Ok(project) => format!("{} in {}: {}", project.name(), project.language(), project.world()),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&said.replace(room.path().to_str().unwrap(), "ROOM"));
}

#[test]
fn a_manifest_names_policy_language_and_world() {
    check(
        Some("[policy]\nname = \"a-b\"\nlanguage = \"go\"\nworld = \"w\"\n"),
        expect!["a-b in go: w"],
    );
}

#[test]
fn a_folder_without_a_manifest_is_told_what_to_write() {
    check(
        None,
        expect![[r#"
        ROOM has no hooke-policy.toml; name the folder of a policy, make one with `hooke policy new`, or write the file:
        [policy]
        name = "my-policy"
        language = "rust"
        world = "my-policy"
    "#]],
    );
}

#[test]
fn everything_wrong_with_a_manifest_is_told_at_once() {
    check(
        Some("[policy]\nnaem = \"x\"\nname = \"X\"\nlanguage = \"perl\"\nworld = 7\n[other]\n"),
        expect![[r#"
            ROOM/hooke-policy.toml: 
              line 2: `policy.naem` is not known; there are: name, language, world
              line 3: `policy.name`: the name "X" contains 'X'; write lower-case letters, digits and '-', such as "my-policy"
              line 4: `policy.language`: "perl" is no language of policies; there are: rust, python, js, c, go
              line 5: `policy.world` must be a text; write world = "my-policy", the world in wit/world.wit
              line 6: `other` is not known here; write `[policy]`"#]],
    );
    check(
        Some("[policy"),
        expect!["ROOM/hooke-policy.toml: line 1: this is no TOML: unclosed table, expected `]`"],
    );
    check(
        Some("policy = 3\n"),
        expect!["ROOM/hooke-policy.toml: line 1: `policy` must be a table: write `[policy]`"],
    );
    check(
        Some("[policy]\n"),
        expect![[r#"
            ROOM/hooke-policy.toml: 
              line 1: `policy.name` is missing; write name = "my-policy"
              line 1: `policy.language` is missing; write language = "rust"
              line 1: `policy.world` is missing; write world = "my-policy", the world in wit/world.wit"#]],
    );
}

#[test]
fn a_new_project_is_named_as_its_folder_throughout() {
    let room = tempfile::tempdir().unwrap();
    let created = new(Language::Python, &room.path().join("deep/queue-depth")).unwrap();
    assert_eq!(created.name.as_str(), "queue-depth");
    let project = Project::open(&created.directory).unwrap();
    assert_eq!((project.language(), project.world()), (Language::Python, &created.name));
    for file in &created.files {
        let text = fs::read_to_string(created.directory.join(file)).unwrap();
        for placeholder in ["my-policy", "my_policy", "MyPolicy"] {
            assert!(!text.contains(placeholder), "{}: {placeholder}", file.display());
        }
    }
    let contract = created.directory.join("wit/deps/hooke-policy/policy.wit");
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/policy.wit");
    assert_eq!(fs::read(contract).unwrap(), fs::read(ours).unwrap());
}

#[test]
fn a_new_project_never_writes_over_anything() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("mine");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("thesis.txt"), "years of work").unwrap();
    let refused = new(Language::Js, &directory).unwrap_err();
    assert!(matches!(refused, NewError::NotEmpty { .. }), "{refused}");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);

    fs::remove_file(directory.join("thesis.txt")).unwrap();
    new(Language::Js, &directory).unwrap();
    let refused = new(Language::Js, &room.path().join("Not A Name")).unwrap_err();
    assert!(matches!(refused, NewError::Name { .. }), "{refused}");
    assert!(!room.path().join("Not A Name").exists());
}

/// What is said of a project whose `wit` folder was changed, before any tool is
/// asked for: there are none here.
fn check_contract(change: impl FnOnce(&Path), expected: Expect) {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("tried");
    new(Language::Python, &directory).unwrap();
    change(&directory);
    let tools = Tools::at(room.path().join("tools")).searching("");
    let error = Project::open(&directory).unwrap().build(&tools, &|_| ()).unwrap_err();
    expected.assert_eq(&error.to_string().replace(room.path().to_str().unwrap(), "ROOM"));
}

#[test]
fn a_world_that_is_not_there_is_told_with_those_that_are() {
    check_contract(
        |project| {
            let world = "package author:x;\nworld one {}\nworld two {}\n";
            fs::write(project.join("wit/world.wit"), world).unwrap();
        },
        expect![
            "ROOM/tried/wit: there is no world `tried`; the folder has: one, two. Name one of them as `world` in hooke-policy.toml"
        ],
    );
    check_contract(
        |project| fs::remove_dir_all(project.join("wit")).unwrap(),
        expect![
            "ROOM/tried/wit: there is no such folder; it holds world.wit, with the world of the policy, and deps/hooke-policy/policy.wit, a copy of Hooke's contract"
        ],
    );
}
