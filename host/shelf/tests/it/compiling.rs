//! Compiling in a child: that it is asked, killed, and not believed.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use expect_test::{Expect, expect};
use hooke_runtime::{Limit, Limits, Own};
use hooke_shelf::{Compiler, Rules, compile_worker};

use crate::guests::{Guest, folder, guest};
use crate::scene::{HONEST, Scene, marked, program, worker};

/// A policy with a function of so many instructions.
fn large(instructions: usize) -> Vec<u8> {
    let text = std::fs::read_to_string(folder().join("honest/guest.wat")).unwrap();
    let step = "(local.set 0 (i32.mul (local.get 0) (i32.load (local.get 0))))\n";
    let body = step.repeat(instructions / 5);
    let start = "(i32.store (i32.const 0) (local.get 0))) (start $large)";
    Guest::new("honest", &format!("{text}(func $large (local i32) {body}{start}"), None).build()
}

fn shell(script: &str) -> Compiler {
    let args = [OsString::from("-c"), OsString::from(script)];
    Compiler::Child { program: "/bin/sh".into(), args: args.into() }
}

#[track_caller]
fn check(compiler: Compiler, limit: Duration, want: Expect) {
    let mut scene = Scene::with(|config| {
        config.compiler = compiler;
        config.rules.limits.compile_time = limit;
    });
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let said = scene.shelf.get("mine").unwrap().live.clone().unwrap_err();
    want.assert_eq(&said);
}

const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_child_compiles_what_this_process_would_have() {
    let mut scene = Scene::with(|config| config.compiler = worker());
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
    let torn = &HONEST[..HONEST.len() / 2];
    scene.name("torn", torn);
    scene.put("mine.wasm", torn);
    scene.then(expect![[r#"
        - mine refused-form torn
        mine: live honest, from its file; refused-form torn: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: unexpected end-of-file (at offset 0x59e)). Copy it again, under another name, and rename it into place; build it again if that does not help
    "#]]);
    // And what it made is in the cache.
    let before = scene.shelf.compiles();
    scene.put("mine.wasm", &marked(1));
    scene.settle();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    assert_eq!((scene.live("mine").as_str(), scene.shelf.compiles() - before), ("honest", 1));
}

#[test]
fn a_child_that_takes_too_long_is_killed() {
    // The process that sleeps is a child of the child, and holds its pipes.
    let mut scene = Scene::with(|config| {
        config.compiler = shell("sleep 600 & echo $! > \"$0\"; wait");
        config.rules.limits.compile_time = Duration::from_millis(200);
        if let Compiler::Child { args, .. } = &mut config.compiler {
            args.push(config.cache.as_ref().unwrap().with_file_name("pid").into());
        }
    });
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let said = scene.shelf.get("mine").unwrap().live.clone().unwrap_err();
    let (start, end) = (
        "over the limit compile-time: ",
        expect![
            ", 200 ms allowed; the key is policies.limits.compile_time. Raise the limit, or build the policy smaller"
        ],
    );
    assert!(said.starts_with(start), "{said}");
    end.assert_eq(said.split_once(" ms used").unwrap().1);
    let pid = std::fs::read_to_string(scene.cache.with_file_name("pid")).unwrap();
    let process = Path::new("/proc").join(pid.trim()).join("stat");
    let dead = || match std::fs::read_to_string(&process) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !dead() && std::time::Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(dead(), "process {} sleeps on", pid.trim());
}

#[test]
fn nothing_but_a_sealed_answer_is_believed() {
    check(
        shell("cat"),
        LONG,
        expect!["it could not be compiled: the compile worker answered rubbish"],
    );
    check(
        shell("cat > /dev/null; printf 'N'; head -c 9000 /dev/zero"),
        LONG,
        expect![
            "it could not be compiled: what the compile worker answered is not what it was asked for"
        ],
    );
    check(
        shell("exit 3"),
        LONG,
        expect![
            "it could not be compiled: the compile worker ended without an answer; the machine may be out of memory"
        ],
    );
    check(
        shell("printf 'Rsome\\033[31m words\\nthat are refused'"),
        LONG,
        expect![
            "it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (some [31m words that are refused). Copy it again, under another name, and rename it into place; build it again if that does not help"
        ],
    );
    let missing = Compiler::Child { program: "/nowhere/hooke".into(), args: vec![] };
    check(
        missing,
        LONG,
        expect![
            "it could not be compiled: the compile worker does not start: /nowhere/hooke: No such file or directory (os error 2)"
        ],
    );
}

#[test]
fn a_child_that_gets_no_more_memory_says_so() {
    check(
        shell("echo 'memory allocation of 9 bytes failed' >&2; exit 134"),
        LONG,
        expect![
            "over the limit compile-memory: more used than the 4096 MiB allowed; the key is policies.limits.compile_memory. Raise the limit, or build the policy smaller"
        ],
    );
}

/// The real compiler, and a function of which it needs much memory.
#[test]
fn a_policy_that_takes_more_memory_than_it_may_stops_its_compile_alone() {
    let own = Own { policy: "mine".into(), limits: [Limit::CompileMemory].into() };
    let mut scene = Scene::with(|config| {
        config.compiler = worker();
        let little = Limits { compile_memory: 64 << 20, ..Limits::DEFAULT };
        let mine = Limits { own: Some(own.into()), ..little.clone() };
        config.rules.limits = little;
        config.rules.limits_of = [("mine".into(), mine)].into();
    });
    let large = large(1_000_000);
    scene.name("large", &large);
    scene.put("mine.wasm", &large);
    scene.settle();
    scene.put("yours.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine refused-limit large
        - yours loaded honest
        mine: none, from its file; refused-limit large: over the limit compile-memory: more used than the 64 MiB allowed; the key is policy.mine.limits.compile_memory. Raise the limit, or build the policy smaller
        yours: live honest, from its file
    "#]]);
}

#[test]
fn a_child_that_answers_without_end_is_cut_off() {
    let mut scene = Scene::with(|config| config.compiler = shell("cat /dev/zero"));
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let said = scene.shelf.get("mine").unwrap().live.clone().unwrap_err();
    expect!["it could not be compiled: the compile worker answered rubbish"].assert_eq(&said);
}

#[test]
fn what_no_file_holds_any_more_is_not_compiled_on() {
    let mut scene = Scene::with(|config| config.compiler = shell("sleep 600"));
    scene.put("mine.wasm", &HONEST);
    for _look in 0..4 {
        scene.look();
    }
    scene.check(expect![[r#"
        mine: none, from its file; compiling honest
    "#]]);
    // The compiler is busy with a content for ten minutes; another file waits.
    scene.put("yours.wasm", &marked(1));
    for _look in 0..4 {
        scene.look();
    }
    scene.check(expect![[r#"
        mine: none, from its file; compiling honest
        yours: none, from its file; compiling first
    "#]]);
    std::fs::remove_file(scene.at("mine.wasm")).unwrap();
    std::fs::remove_file(scene.at("yours.wasm")).unwrap();
    scene.look();
    scene.then(expect![[r#"
        - mine released
        - yours released
    "#]]);
}

/// A compiler that sleeps until a file is there, and compiles then.
fn sleeper(awake: &Path) -> Compiler {
    let script = "test -e \"$0\" && exec \"$1\" compile-worker; sleep 600";
    let args = [OsString::from("-c"), script.into(), awake.into(), program().into()];
    Compiler::Child { program: "/bin/sh".into(), args: args.into() }
}

#[test]
fn what_is_wanted_again_while_it_is_given_up_is_compiled_at_once() {
    let place = tempfile::tempdir().unwrap();
    let awake = place.path().join("awake");
    let mut scene = Scene::with(|config| config.compiler = sleeper(&awake));
    scene.put("mine.wasm", &HONEST);
    (0..4).for_each(|_| scene.look());
    // Another file, for so long that the compile of the first is given up.
    scene.put("mine.wasm", &marked(1));
    scene.look();
    std::fs::write(&awake, "").unwrap();
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
}

#[test]
fn a_reload_leaves_alone_what_is_being_compiled() {
    let place = tempfile::tempdir().unwrap();
    let awake = place.path().join("awake");
    let script = "until test -e \"$0\"; do sleep 0.01; done; exec \"$1\" compile-worker";
    let args = [OsString::from("-c"), script.into(), awake.clone().into(), program().into()];
    let compiler = Compiler::Child { program: "/bin/sh".into(), args: args.into() };
    let mut scene = Scene::with(|config| config.compiler = compiler);
    let before = scene.shelf.compiles();
    scene.put("mine.wasm", &HONEST);
    (0..4).for_each(|_| scene.look());
    scene.shelf.judge_again(scene.now);
    std::fs::write(&awake, "").unwrap();
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
    assert_eq!(scene.shelf.compiles(), before + 1, "it is compiled once");
}

#[test]
fn a_reload_that_allows_more_begins_anew_at_once() {
    let place = tempfile::tempdir().unwrap();
    let awake = place.path().join("awake");
    let mut scene = Scene::with(|config| config.compiler = sleeper(&awake));
    scene.put("mine.wasm", &HONEST);
    (0..4).for_each(|_| scene.look());
    std::fs::write(&awake, "").unwrap();
    let limits = Limits { compile_time: LONG, ..Limits::DEFAULT };
    scene.shelf.set_rules(Rules { limits, ..Rules::default() }, scene.now);
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
}

#[test]
fn a_worker_that_a_person_starts_says_so() {
    let said = compile_worker(&b"hello"[..], Vec::new()).unwrap_err();
    expect![[r#"a compile worker is started by the host alone, and was asked nothing it knows"#]]
        .assert_eq(&said.to_string());
}

#[test]
fn a_cached_policy_does_not_wait_for_one_that_compiles() {
    let mut scene = Scene::with(|config| config.compiler = worker());
    scene.put("yours.wasm", &marked(1));
    scene.settle();
    scene.put("yours.wasm", &HONEST);
    scene.settle();
    assert_eq!(scene.live("yours"), "honest");
    scene.put("mine.wasm", &guest("escapes").build());
    scene.put("yours.wasm", &marked(1));
    for _look in 0..4 {
        scene.look();
    }
    assert_eq!(scene.live("yours"), "first");
}
