//! The worked examples of the guide, row by row from `rows/rules.toml`.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "past.rs"]
mod past;

use past::{MINUTE_MS, NEW_YEAR_MS, Past, decided, serving};
use policy_cloudwatch::adjust::Adjustment;
use policy_cloudwatch::decide::Situation;
use policy_cloudwatch::memory::Memory;
use policy_cloudwatch::settings::Settings;

const METRICS: [&str; 3] = ["ready", "serving", "utilization"];

fn past(row: &toml::Table) -> Past {
    let samples = row.get("samples").map_or(1, |samples| samples.as_integer().unwrap());
    let mut past = Past::new(u32::try_from(samples).unwrap());
    for (metric, points) in row["points"].as_table().unwrap() {
        let metric = METRICS.into_iter().find(|known| known == metric).unwrap();
        let points: Vec<&str> = points.as_str().unwrap().split_whitespace().rev().collect();
        for back in 0..60 {
            // The oldest stands for all before it.
            let point = points.get(back).or(points.last()).unwrap();
            if let Ok(value) = point.parse() {
                past.read(metric, NEW_YEAR_MS - (back as u64 + 1) * MINUTE_MS, value);
            }
        }
    }
    past
}

#[test]
fn every_row_comes_to_what_the_guide_says() {
    let table: toml::Table = include_str!("rows/rules.toml").parse().unwrap();
    let mut wrong = String::new();
    let rows = table["row"].as_array().unwrap();
    for row in rows {
        let row = row.as_table().unwrap();
        let settings = &table["settings"][row["settings"].as_str().unwrap()];
        let json = serde_json::to_string(settings).unwrap();
        let settings = Settings::parse(&json).unwrap_or_else(|why| panic!("{row:?}: {why:?}"));
        let count = |key: &str, absent: u32| {
            row.get(key).map_or(absent, |n| u32::try_from(n.as_integer().unwrap()).unwrap())
        };
        let (capacity, booting) = (count("capacity", 0), count("booting", 0));
        let situation = Situation {
            minimum: count("minimum", 0),
            maximum: count("maximum", 100),
            serving: capacity - booting,
            booting,
            draining: count("draining", 0),
            ..serving(NEW_YEAR_MS + 5_000, capacity)
        };
        let decision = decided(&settings, &situation, Memory::default(), &past(row));
        if decision.wanted != count("wanted", 0) {
            wrong += &format!("{}: {} workers, {}\n", row["id"], decision.wanted, decision.reason);
        }
    }
    assert!(wrong.is_empty(), "of {} rows:\n{wrong}", rows.len());
}

#[test]
fn adj_04_a_percentage_is_cut_towards_zero_but_one_at_the_least() {
    // 12.7, 0.67, -0.58, -6.67 as percentages of whole groups.
    let percent = |amount, base| {
        let wanted = Adjustment::Percent { least: 0 }.apply(amount, base);
        i64::from(wanted) - i64::from(base)
    };
    assert_eq!(
        [percent(10, 127), percent(67, 1), percent(-58, 1), percent(-29, 23)],
        [12, 1, -1, -6]
    );
}

#[test]
fn a_percentage_of_nothing_adds_and_takes_nothing_away() {
    let percent = |least, amount| Adjustment::Percent { least }.apply(amount, 0);
    assert_eq!([percent(0, 10), percent(3, 10), percent(3, -10), percent(3, 0)], [1, 3, 0, 0]);
    // No change is no reason to take the least away (Heat does).
    assert_eq!(Adjustment::Percent { least: 2 }.apply(0, 10), 10);
}
