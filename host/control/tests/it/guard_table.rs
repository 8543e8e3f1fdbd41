//! The cases of `guards.tsv`.

use std::collections::BTreeSet;

use crate::situation::{START, situation};

/// Workers wanted after the guards.
fn allowed(guards: &str, facts: &str, workers: i64, wanted: i64) -> i64 {
    let mut text = "image small vcpus=1 hosts=ocr:1\n profile ocr 0..1000\n".to_owned();
    text.push_str(&format!("guards ocr {guards}\n{facts}\n"));
    for nth in 0..workers {
        text.push_str(&format!("vm v{nth} small running load=1 ocr=idle\n"));
    }
    text.push_str(&format!("says ocr p {:+}", wanted - workers));
    i64::from(situation(&text, START).plan().chains["ocr"].desired)
}

#[test]
fn every_case_of_the_table() {
    let mut known = BTreeSet::new();
    let lines = include_str!("guards.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [id, guards, facts, workers, wanted, expected] = columns[..] else { panic!("{line}") };
        known.insert(id);
        let number = |text: &str| text.parse::<i64>().unwrap();
        let got = allowed(guards, facts, number(workers), number(wanted));
        assert_eq!(got, number(expected), "{line}");
    }
    let hpa = (1..=7).map(|number| format!("HPA-0{number}"));
    let azure = (1..=3).map(|number| format!("AZ-0{number}"));
    for id in hpa.chain(azure) {
        assert!(known.contains(id.as_str()), "{id} is not in the table");
    }
}
