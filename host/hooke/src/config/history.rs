//! `[history]`: how far back policies can ask, and how much of it is kept.

use std::time::Duration;

use hooke_history::Keep;

use super::section::Section;
use hooke_places::Problems;

/// As far as CloudWatch keeps readings of less than a minute.
const TIME: Duration = Duration::from_secs(3 * 3600);

/// Below that, hardly any question has an answer.
const LEAST: Duration = Duration::from_secs(60);

/// Series of one site: those of 20,000 profiles with a queue each.
const SERIES: usize = 250_000;

/// The hard cap, some 4 GB at the worst.
const MOST_SERIES: u32 = 2_000_000;

pub(super) fn read(root: &mut Section<'_>, problems: &mut Problems) -> Keep {
    let mut keep = Keep { time: TIME, series: SERIES };
    let Some(mut section) = root.table("history", problems) else { return keep };
    if let Some(time) = section.optional::<Duration>("keep", problems) {
        if (LEAST..=Keep::MOST_TIME).contains(&time) {
            keep.time = time;
        } else {
            let given = humantime::format_duration(time);
            let what = format!("{}: {given} is out of range", section.path_of("keep"));
            let (least, most) =
                (humantime::format_duration(LEAST), humantime::format_duration(Keep::MOST_TIME));
            problems.add(section.place("keep"), what, format!("write {least} to {most}"));
        }
    }
    if let Some(series) = section.optional::<u32>("series", problems) {
        if (1..=MOST_SERIES).contains(&series) {
            keep.series = usize::try_from(series).unwrap_or(usize::MAX);
        } else {
            let what = format!("{}: {series} is out of range", section.path_of("series"));
            problems.add(section.place("series"), what, format!("write 1 to {MOST_SERIES}"));
        }
    }
    section.finish(problems);
    keep
}
