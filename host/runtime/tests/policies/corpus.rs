//! Every guest under `tests/guests` is named by a test, and every guest that a
//! test names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::guests::folder;

/// What stands in the folder beside the guests.
const NOT_GUESTS: [&str; 1] = ["parts"];

#[test]
fn every_guest_is_named_by_a_test() {
    let mut guests = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() && !NOT_GUESTS.contains(&name.as_str()) {
            guests.insert(name);
        }
    }
    assert!(!guests.is_empty());
    let tests = sources();
    let unnamed: Vec<_> =
        guests.iter().filter(|name| !tests.contains(&format!("\"{name}\""))).collect();
    assert!(unnamed.is_empty(), "no test names {unnamed:?}");
}

/// The tests of this crate that visit guests.
fn sources() -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folders = ["policies", "hostile"].map(|folder| fs::read_dir(tests.join(folder)).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect()
}
