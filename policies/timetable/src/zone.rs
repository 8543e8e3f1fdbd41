//! A time zone: what the clocks on its walls show, and when.
//!
//! The table is written by the build from the IANA database, as jiff reads it;
//! here it is only searched.

/// The offsets of a zone, one after the other.
#[derive(Debug)]
struct Changes {
    /// When each begins, in minutes since the Unix epoch; in order.
    at: &'static [u32],
    /// Minutes east of UTC.
    offset: &'static [i16],
}

include!(concat!(env!("OUT_DIR"), "/zones.rs"));

/// An IANA time zone.
#[derive(Clone, Copy)]
pub struct Zone {
    name: &'static str,
    changes: &'static Changes,
}

/// There is no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone \"{asked}\": {}", advice(.near))]
pub struct UnknownZone {
    /// What was asked for.
    pub asked: String,
    /// Zones whose names are like it, the likest first; at most three.
    pub near: Vec<&'static str>,
}

/// What happens at a time that the clocks on the wall skip or show twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// They show it; twice perhaps, and this is when they first do. In minutes
    /// since the Unix epoch, as in the other case.
    Shown(i64),
    /// They skip it, and this is when.
    Skipped(i64),
}

impl Zone {
    /// The zone of this IANA name, such as `Europe/Berlin`, in its spelling.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        match ZONES.binary_search_by_key(&name, |(known, _)| known) {
            Ok(nth) => Ok(Self { name: ZONES[nth].0, changes: ZONES[nth].1 }),
            Err(_) => Err(UnknownZone { asked: name.to_owned(), near: near(name) }),
        }
    }

    /// Universal time.
    pub fn utc() -> Self {
        static UTC: Changes = Changes { at: &[0], offset: &[0] };
        Self { name: "UTC", changes: &UTC }
    }

    /// Its IANA name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// All names there are, in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ZONES.iter().map(|(name, _)| *name)
    }

    /// Minutes east of UTC at a minute since the Unix epoch.
    pub(crate) fn offset(self, minute: i64) -> i64 {
        let begun = self.changes.at.partition_point(|at| i64::from(*at) <= minute);
        i64::from(self.changes.offset[begun.saturating_sub(1)])
    }

    /// When the clocks show a local time, in minutes since 1970-01-01T00:00 on
    /// the wall. Never later for an earlier local time.
    pub(crate) fn resolve(self, local: i64) -> Resolved {
        // An offset is less than a day, and so is what a change adds to it.
        let (early, late) = (self.offset(local - 1_440), self.offset(local + 1_440));
        let mut shown = [local - early, local - late];
        shown.sort_unstable();
        if let Some(first) = shown.into_iter().find(|at| at + self.offset(*at) == local) {
            return Resolved::Shown(first);
        }
        // Between the two lies the change that skips it.
        let begun = self.changes.at.partition_point(|at| i64::from(*at) <= shown[1]);
        Resolved::Skipped(i64::from(self.changes.at[begun.saturating_sub(1)]))
    }
}

/// A zone is its name: some have the same clocks, and yet are not the same.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// How many zones an error names.
const NEAR_MOST: usize = 3;

/// No zone has a name as long as this, nor one like it.
const NAME_BYTES_MOST: usize = 64;

/// Zones named alike: the whole name, or the city alone, with up to a third of
/// its letters wrong.
fn near(asked: &str) -> Vec<&'static str> {
    if asked.len() > NAME_BYTES_MOST {
        return Vec::new();
    }
    let plain = |text: &str| text.replace(' ', "_").to_ascii_lowercase();
    let asked = plain(asked);
    let distance = |name: &str| {
        let name = plain(name);
        let city = name.rsplit('/').next().unwrap_or_default();
        let asked_city = asked.rsplit('/').next().unwrap_or_default();
        let whole = strsim::osa_distance(&asked, &name);
        // A right city on the wrong continent comes after a right name.
        whole.min(strsim::osa_distance(asked_city, city).saturating_add(1))
    };
    let most = asked.chars().count().min(24) / 3;
    let mut near: Vec<(usize, &'static str)> = Vec::new();
    for (name, _) in ZONES {
        let distance = distance(name);
        // In order, and not sorted afterwards: that is 3 KiB less of code.
        if distance <= most {
            let place = near.partition_point(|(nearer, _)| *nearer <= distance);
            near.insert(place, (distance, name));
            near.truncate(NEAR_MOST);
        }
    }
    // Beside one that is all but right, others only confuse.
    let nearest = near.first().map_or(0, |(distance, _)| *distance);
    near.into_iter()
        .take_while(|(distance, _)| *distance <= nearest + 1)
        .map(|(_, name)| name)
        .collect()
}

fn advice(near: &[&str]) -> String {
    match near {
        [] => "write an IANA name such as \"Europe/Berlin\" or \"UTC\"".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    }
}
