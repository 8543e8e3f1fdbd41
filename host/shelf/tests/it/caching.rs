//! The compile cache: what it saves, and that nothing but its own work comes
//! out of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use expect_test::expect;
use hooke_control::units::Timestamp;
use hooke_runtime::Digest;
use hooke_shelf::{Shelf, ShelfConfig};
use std::sync::Arc;
use tempfile::TempDir;

use crate::scene::{HONEST, Scene, marked, program};

/// A policies directory with three contents, and a cache.
struct Place {
    place: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { place: tempfile::tempdir().unwrap() };
        fs::create_dir(place.policies()).unwrap();
        fs::write(place.policies().join("a.wasm"), &*HONEST).unwrap();
        fs::write(place.policies().join("b.wasm"), marked(1)).unwrap();
        place
    }

    fn policies(&self) -> PathBuf {
        self.place.path().join("policies")
    }

    fn cache(&self) -> PathBuf {
        self.place.path().join("cache")
    }

    fn open(&self, cache_bytes: u64) -> Shelf {
        let config = ShelfConfig {
            directory: Some(self.policies()),
            cache: Some(self.cache()),
            cache_bytes,
            ..ShelfConfig::default()
        };
        let shelf = Shelf::open(config, Timestamp::default(), Arc::new(())).unwrap();
        for entry in shelf.entries() {
            assert!(entry.live.is_ok(), "{entry:?}");
        }
        shelf
    }

    /// Compiles of one more start.
    fn compiles(&self) -> u64 {
        self.open(u64::MAX).compiles()
    }

    /// The entry of a content.
    fn entry(&self, wasm: &[u8]) -> PathBuf {
        let digest = Digest::of(wasm).to_string();
        let mut entries = names(&self.cache()).into_iter();
        let name = entries.find(|name| name.starts_with(&digest)).expect("an entry of it");
        self.cache().join(name)
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_second_start_compiles_nothing() {
    let place = Place::new();
    let policies = hooke_bundled::BUNDLED.len() as u64 + 2;
    assert_eq!(place.compiles(), policies);
    assert_eq!(place.compiles(), 0);
    assert_eq!(names(&place.cache()).len() as u64, policies + 1, "the entries and the key");
}

#[test]
fn whatever_is_not_whole_and_its_own_is_compiled_again() {
    let place = Place::new();
    place.compiles();
    let entry = place.entry(&HONEST);
    let whole = fs::read(&entry).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 20).chain([whole.len() - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        fs::write(&entry, damaged).unwrap();
        assert_eq!(place.compiles(), 1, "byte {at}");
        assert_eq!(place.compiles(), 0, "byte {at}");
    }
    for length in [0, 1, 7, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&entry, &whole[..length]).unwrap();
        assert_eq!(place.compiles(), 1, "cut to {length}");
    }
    // The native code of another policy, under this one's name.
    fs::copy(place.entry(&marked(1)), &entry).unwrap();
    assert_eq!(place.compiles(), 1);
    // Another engine's code is under another name, and does no harm there.
    let other = entry.with_file_name(format!("{}-{}.cwasm", Digest::of(&HONEST), "0".repeat(32)));
    fs::rename(&entry, &other).unwrap();
    assert_eq!(place.compiles(), 1);
    assert!(other.exists());
    assert_eq!(place.compiles(), 0);
}

#[test]
fn another_key_makes_every_entry_foreign() {
    let place = Place::new();
    let all = place.compiles();
    let key = place.cache().join("key");
    let old = fs::read(&key).unwrap();
    assert_eq!(old.len(), 32);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&key, [7; 32]).unwrap();
    assert_eq!(place.compiles(), all);
    // A key that others can read, or a cut one, or none, is replaced.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(place.compiles(), all);
    fs::write(&key, [7; 31]).unwrap();
    assert_eq!(place.compiles(), all);
    fs::remove_file(&key).unwrap();
    assert_eq!(place.compiles(), all);
    assert_eq!(place.compiles(), 0);
}

#[test]
fn a_cache_that_others_may_enter_is_done_without() {
    let open = |cache: &Path| {
        fs::create_dir(cache).unwrap();
        fs::set_permissions(cache, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let scene = Scene::after(|directory| open(&directory.with_file_name("cache")), |_| ());
    scene.check(expect![[r#"
        no cache: the cache directory CACHE is open to others (mode 755): close it with `chmod 700`, or name another one
    "#]]);
    assert!(names(&scene.cache).is_empty());
    let within = Scene::with(|config| {
        config.cache = config.directory.as_ref().map(|directory| directory.join("cache"));
    });
    within.check(expect![[r#"
        no cache: the cache directory DIR/cache is within the policies directory, where others write: name another one
    "#]]);
    let file = Scene::after(|d| fs::write(d.with_file_name("cache"), "x").unwrap(), |_| ());
    file.check(expect![[r#"
        no cache: the cache directory CACHE cannot be used: File exists (os error 17)
    "#]]);
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let place = Place::new();
    let (a, b) = (HONEST.clone(), marked(1));
    place.compiles();
    let size = |wasm: &[u8]| fs::metadata(place.entry(wasm)).unwrap().len();
    let room = size(&a) + size(&b);
    let old = |wasm: &[u8]| {
        let entry = fs::File::open(place.entry(wasm)).unwrap();
        entry.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    };
    for bundled in hooke_bundled::BUNDLED {
        old(bundled.wasm);
    }
    // All the bundled ones go, and come back, each in the place of the oldest.
    place.open(room);
    let total: u64 = names(&place.cache())
        .iter()
        .filter(|name| name.ends_with(".cwasm"))
        .map(|name| fs::metadata(place.cache().join(name)).unwrap().len())
        .sum();
    assert!(total <= room, "{total} bytes are kept, {room} allowed");
}

#[test]
fn a_write_that_was_cut_off_leaves_nothing_that_counts() {
    let place = Place::new();
    place.compiles();
    let entry = place.entry(&HONEST);
    let name = entry.file_name().unwrap().to_string_lossy().into_owned();
    let half = place.cache().join(format!(".{name}.1-0.tmp"));
    let whole = fs::read(&entry).unwrap();
    fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    fs::remove_file(&entry).unwrap();
    assert_eq!(place.compiles(), 1);
    assert!(half.exists(), "another host may be writing it");
    fs::File::open(&half).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(place.compiles(), 0);
    assert!(!half.exists());
}

#[test]
fn a_host_that_is_killed_while_it_writes_leaves_a_cache_that_serves() {
    let place = Place::new();
    for round in 0..6 {
        let mut host = std::process::Command::new(program())
            .arg("fill")
            .args([place.policies(), place.cache()])
            .spawn()
            .unwrap();
        let written = || place.cache().exists() && names(&place.cache()).len() > 1;
        while !written() {
            assert_eq!(host.try_wait().unwrap(), None, "it ended by itself");
            std::thread::yield_now();
        }
        // Somewhere else in what it does, each time.
        std::thread::sleep(std::time::Duration::from_millis(round * 7));
        host.kill().unwrap();
        host.wait().unwrap();
        place.compiles();
        assert_eq!(place.compiles(), 0, "round {round}");
    }
}
