//! What happens in the directory, and what the shelf makes of it.

use std::fs;
use std::os::unix::fs::symlink;

use expect_test::expect;
use hooke_runtime::Wasi;

use crate::guests::guest;
use crate::scene::{HONEST, Scene, marked};

#[test]
fn a_file_that_is_put_there_is_live_within_four_looks() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    let mut looks = 0;
    while scene.live("mine") == "none" && looks < 100 {
        scene.look();
        scene.shelf.finish_compiling(scene.now, &());
        looks += 1;
    }
    // One that sees it, two while it settles, and one more for luck; the thread
    // makes the first within a second and one every 100 ms then.
    assert!(looks <= 4, "{looks} looks");
    scene.check(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
}

#[test]
fn a_newer_file_takes_the_place_of_the_old_one() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
    let version = scene.shelf.version();
    scene.put("mine.wasm", &marked(1));
    scene.then(expect![[r#"
        - mine swapped first
        mine: live first, from its file
    "#]]);
    assert!(scene.shelf.version() > version);
    scene.write("mine.wasm", &marked(2));
    scene.then(expect![[r#"
        - mine swapped second
        mine: live second, from its file
    "#]]);
    let version = scene.shelf.version();
    scene.write("mine.wasm", &marked(2));
    scene.then(expect![[r#"
        - mine unchanged second
        mine: live second, from its file
    "#]]);
    assert_eq!(scene.shelf.version(), version);
}

#[test]
fn a_half_written_file_leaves_the_old_one_live() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let (whole, mut torn) = (marked(1), marked(1));
    torn.truncate(whole.len() / 2);
    scene.name("torn", &torn);
    // A copy under way: every look finds another size.
    for part in 1..8 {
        scene.write("mine.wasm", &whole[..whole.len() * part / 8]);
        scene.look();
        assert_eq!(scene.live("mine"), "honest");
    }
    // A copy that stalls for long enough to settle.
    scene.write("mine.wasm", &torn);
    scene.then(expect![[r#"
        - mine loaded honest
        - mine refused-form torn
        mine: live honest, from its file; refused-form torn: it exports nothing, and a policy exports hooke:policy/policy@0.1.0. Build it for the world `scaling-policy`, or for one of its own that includes `base`
    "#]]);
    scene.write("mine.wasm", &whole);
    scene.then(expect![[r#"
        - mine swapped first
        mine: live first, from its file
    "#]]);
}

#[test]
fn a_deleted_policy_runs_on_while_a_site_uses_it() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.put("unused.wasm", &marked(1));
    scene.settle();
    fs::remove_file(scene.at("mine.wasm")).unwrap();
    fs::remove_file(scene.at("unused.wasm")).unwrap();
    scene.then(expect![[r#"
        - mine loaded honest
        - unused loaded first
        - mine orphaned honest
        - unused released first
        mine: live honest, orphaned: its file is gone
    "#]]);
    scene.put("mine.wasm", &marked(2));
    scene.then(expect![[r#"
        - mine swapped second
        mine: live second, from its file
    "#]]);
    fs::remove_file(scene.at("mine.wasm")).unwrap();
    scene.settle();
    scene.sites.used.lock().unwrap().clear();
    scene.then(expect![[r#"
        - mine orphaned second
        - mine released second
    "#]]);
}

#[test]
fn a_file_may_be_renamed() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    fs::rename(scene.at("mine.wasm"), scene.at("yours.wasm")).unwrap();
    scene.then(expect![[r#"
        - mine loaded honest
        - mine orphaned honest
        - yours loaded honest
        mine: live honest, orphaned: its file is gone
        yours: live honest, from its file
    "#]]);
    fs::rename(scene.at("yours.wasm"), scene.at("mine.wasm")).unwrap();
    scene.then(expect![[r#"
        - yours orphaned honest
        - mine unchanged honest
        mine: live honest, from its file
        yours: live honest, orphaned: its file is gone
    "#]]);
    let bundled = hooke_bundled::BUNDLED.len() as u64;
    assert_eq!(scene.shelf.compiles(), bundled + 1, "the bundled policies and this one");
}

#[test]
fn a_config_map_is_swapped_as_a_whole() {
    // What a kubelet does: a new folder, a link to it under another name, and
    // that link renamed over the one that every file's link goes through.
    let mut scene = Scene::new();
    let publish = |scene: &Scene, folder: &str, wasm: &[u8]| {
        fs::create_dir(scene.at(folder)).unwrap();
        fs::write(scene.at(folder).join("mine.wasm"), wasm).unwrap();
        symlink(folder, scene.at("..data_tmp")).unwrap();
        fs::rename(scene.at("..data_tmp"), scene.at("..data")).unwrap();
    };
    publish(&scene, "..2026_01_01", &HONEST);
    symlink("..data/mine.wasm", scene.at("mine.wasm")).unwrap();
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
    publish(&scene, "..2026_01_02", &marked(1));
    fs::remove_dir_all(scene.at("..2026_01_01")).unwrap();
    scene.then(expect![[r#"
        - mine swapped first
        mine: live first, from its file
    "#]]);
}

#[test]
fn what_is_no_file_of_the_directory_is_refused() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let outside = scene.cache.parent().unwrap().join("outside.wasm");
    fs::write(&outside, marked(1)).unwrap();
    fs::remove_file(scene.at("mine.wasm")).unwrap();
    symlink("../outside.wasm", scene.at("mine.wasm")).unwrap();
    let pipe = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(
        rustix::fs::CWD,
        scene.at("yours.wasm"),
        rustix::fs::FileType::Fifo,
        pipe,
        0,
    )
    .unwrap();
    scene.settle();
    let told = scene.shelf.status().to_string().replace(&outside.display().to_string(), "OUTSIDE");
    assert!(told.contains("mine: live"), "{told}");
    scene.name("outside", &marked(1));
    let said = |name: &str| scene.shelf.get(name).unwrap().newest.clone();
    let said = format!("{:?}\n{:?}\n", said("mine"), said("yours"))
        .replace(&outside.canonicalize().unwrap().display().to_string(), "OUTSIDE");
    expect![[r#"
        Some(Refused { digest: None, outcome: RefusedFile, why: "it is a link to OUTSIDE, outside of the policies directory. Copy the file into the directory instead", since: Timestamp(1001050) })
        Some(Refused { digest: None, outcome: RefusedFile, why: "it is no regular file. Put the .wasm itself there", since: Timestamp(1001050) })
    "#]].assert_eq(&said);
}

#[test]
fn a_directory_that_is_away_keeps_everything_live() {
    let mut scene = Scene::new();
    scene.put("mine.wasm", &HONEST);
    scene.settle();
    let away = scene.directory.with_extension("away");
    fs::rename(&scene.directory, &away).unwrap();
    scene.then(expect![[r#"
        - mine loaded honest
        the policies directory DIR cannot be read (No such file or directory (os error 2)): what is live stays, and nothing new comes. Create it, or let the host read it
        mine: live honest, from its file
    "#]]);
    fs::rename(&away, &scene.directory).unwrap();
    scene.put("yours.wasm", &marked(1));
    scene.then(expect![[r#"
        - yours loaded first
        mine: live honest, from its file
        yours: live first, from its file
    "#]]);
}

#[test]
fn a_directory_may_be_made_later() {
    let mut scene = Scene::after(|directory| fs::remove_dir(directory).unwrap(), |_| ());
    scene.then(expect![[r#"
        the policies directory DIR cannot be read (No such file or directory (os error 2)): what is live stays, and nothing new comes. Create it, or let the host read it
    "#]]);
    fs::create_dir(&scene.directory).unwrap();
    scene.put("mine.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine loaded honest
        mine: live honest, from its file
    "#]]);
}

#[test]
fn a_file_takes_the_place_of_a_bundled_policy() {
    let mut scene = Scene::new();
    scene.put("threshold.wasm", b"no policy");
    scene.name("text", b"no policy");
    scene.then(expect![[r#"
        - threshold refused-form text
        threshold: live threshold, bundled; refused-form text: it is text. A policy is a WebAssembly component, a file that `wasm-tools component new` made
    "#]]);
    scene.put("threshold.wasm", &HONEST);
    scene.then(expect![[r#"
        - threshold swapped honest
        threshold: live honest, from its file
    "#]]);
    fs::remove_file(scene.at("threshold.wasm")).unwrap();
    scene.then(expect![[r#"
        - threshold orphaned honest
        threshold: live honest, orphaned: its file is gone
    "#]]);
    scene.sites.used.lock().unwrap().clear();
    scene.then(expect![[r#"
        - threshold released honest
    "#]]);
    assert_eq!(scene.live("threshold"), "threshold");
}

#[test]
fn one_bad_file_blocks_nothing_else() {
    let torn = &HONEST[..HONEST.len() / 2];
    let mut scene = Scene::after(
        |directory| {
            fs::write(directory.join("a-bad.wasm"), torn).unwrap();
            fs::write(directory.join("mine.wasm"), &*HONEST).unwrap();
            fs::write(directory.join("wasi.wasm"), guest("wants-wasi").build()).unwrap();
        },
        |config| config.wasi = Wasi::None,
    );
    scene.name("torn", torn);
    scene.name("wants-wasi", &guest("wants-wasi").build());
    scene.check(expect![[r#"
        - a-bad refused-form torn
        - mine loaded honest
        - wasi refused-form wants-wasi
        a-bad: none, from its file; refused-form torn: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: unexpected end-of-file (at offset 0x59e)). Copy it again, under another name, and rename it into place; build it again if that does not help
        mine: live honest, from its file
        wasi: none, from its file; refused-form wants-wasi: it imports wasi:clocks/wall-clock@0.2.6, which this host does not offer: a policy has no files, network, environment, clock or chance. Build it without WASI (Rust: --target wasm32-unknown-unknown; Python: componentize-py --stub-wasi; JavaScript: jco componentize --backend qjs --backend-qjs-stub-wasi)
    "#]]);
}

#[test]
fn two_names_with_the_same_content_are_compiled_once() {
    let mut scene = Scene::with(|config| config.cache = None);
    let before = scene.shelf.compiles();
    scene.put("mine.wasm", &HONEST);
    scene.put("yours.wasm", &HONEST);
    scene.then(expect![[r#"
        - mine loaded honest
        - yours loaded honest
        mine: live honest, from its file
        yours: live honest, from its file
    "#]]);
    scene.put("third.wasm", &HONEST);
    scene.settle();
    assert_eq!(scene.live("third"), "honest");
    assert_eq!(scene.shelf.compiles() - before, 1);
}
