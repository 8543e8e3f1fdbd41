//! Memory is back after every guest. Looked at in a process of its own, as
//! other tests in this one would blur it.

use std::fs;
use std::process::Command;

use hooke_runtime::Limits;

use crate::catalogue::visit;
use crate::component;
use crate::house::House;

/// Set in the process that is looked at.
const ALONE: &str = "HOOKE_HOSTILE_ALONE";
/// Guests that only take long: they use no memory that others do not.
const SLOW: &str = "endless-";

#[test]
fn is_back_after_every_guest() {
    if std::env::var_os(ALONE).is_some() {
        return rounds();
    }
    let this = std::env::current_exe().unwrap();
    let name = concat!(module_path!(), "::is_back_after_every_guest");
    let (_, name) = name.split_once("::").unwrap();
    let run = Command::new(this)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(said.matches(" pages, then ").count(), 2, "{said}");
}

/// Visits by every guest, again and again: after a warm-up the process does not
/// grow.
fn rounds() {
    let limits = Limits { host_calls: 1_000, ..Limits::default() };
    let names = component::all();
    let guests: Vec<(&String, Vec<u8>)> = names
        .iter()
        .filter(|name| !name.contains(SLOW) && !["list-flood", "store-flood"].contains(&&***name))
        .map(|name| (name, component::build(name)))
        .collect();
    assert!(guests.len() > 50, "{} guests", guests.len());
    for house in House::both(&limits) {
        let round = || {
            for (name, wasm) in &guests {
                visit(&house, name, wasm, &limits, &["ocr", "1"]);
            }
        };
        (0..3).for_each(|_| round());
        let before = pages();
        (0..6).for_each(|_| round());
        let after = pages();
        println!("{before} pages, then {after}");
        // Allocators keep some; six rounds of leaks would be far more.
        assert!(after < before + before / 4, "{before} pages, then {after}");
    }
}

/// Pages of memory that are this process's.
fn pages() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse().unwrap()
}
