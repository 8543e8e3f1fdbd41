//! How long a queue has really been quiet. Pure: the moments are the broker's own.
//! Never asked about a worker: that is idle only by its channel's own word.
//!
//! The broker's `idle_since` says since when a process of the broker sleeps,
//! and housekeeping wakes it every few minutes: a queue that nobody has touched
//! for an hour was "idle since" two minutes ago. What passed through it is
//! counted, though, and a count that has not moved says that nothing happened.

use std::collections::BTreeMap;

use hooke_control::queue::Activity;
use hooke_control::units::Timestamp;

/// What is remembered of one queue that was quiet when last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    passed: u64,
    since: Timestamp,
    /// In which read it was seen.
    read: u64,
}

/// What is remembered of all of them, by name.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    marks: BTreeMap<String, Mark>,
    read: u64,
}

/// What one read says of a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// Whether nothing waits in it and nothing is in anybody's hands.
    pub(super) empty: bool,
    /// All that ever passed through it; it starts again with a new one of the
    /// same name.
    pub(super) passed: u64,
    /// What the broker makes of it.
    pub(super) activity: Activity,
}

impl Quiet {
    /// Begins a read; what is not seen in it is forgotten with the next.
    pub(super) fn begin(&mut self) {
        let last = self.read;
        self.marks.retain(|_, mark| mark.read == last);
        self.read += 1;
    }

    /// The activity of a queue, in the light of what was counted
    /// before. Never calls idle what is not empty or has passed anything.
    pub(super) fn judge(&mut self, name: &str, said: Said) -> Activity {
        let before = self.marks.get(name).filter(|mark| mark.passed == said.passed);
        let mark = before.copied();
        if let (true, Activity::Active, Some(mark)) = (said.empty, said.activity, mark) {
            // Awake, and yet nothing has passed, as far as is counted: not called
            // idle now, nor forgotten.
            self.marks.insert(name.to_owned(), Mark { read: self.read, ..mark });
            return Activity::Active;
        }
        let since = match (said.activity, mark) {
            _ if !said.empty => None,
            (Activity::IdleSince(since), Some(mark)) => Some(since.min(mark.since)),
            (Activity::IdleSince(since), None) => Some(since),
            (Activity::Active | Activity::Unknown, _) => None,
        };
        let Some(since) = since else {
            self.marks.remove(name);
            return said.activity;
        };
        let mark = Mark { passed: said.passed, since, read: self.read };
        self.marks.insert(name.to_owned(), mark);
        Activity::IdleSince(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Activity {
        Activity::IdleSince(Timestamp::from_millis(seconds * 1000))
    }

    /// Reads one queue several times: whether it is empty, what has passed, what
    /// the broker says; and what that comes to.
    fn check(reads: &[(bool, u64, Activity, Activity)]) {
        let mut quiet = Quiet::default();
        for (n, (empty, passed, activity, expected)) in reads.iter().copied().enumerate() {
            quiet.begin();
            let judged = quiet.judge("q", Said { empty, passed, activity });
            assert_eq!(judged, expected, "read {n}");
        }
    }

    #[test]
    fn a_broker_that_wakes_a_quiet_queue_does_not_make_it_young() {
        check(&[
            (true, 7, at(100), at(100)),
            (true, 7, Activity::Active, Activity::Active),
            (true, 7, at(220), at(100)),
            (true, 7, at(340), at(100)),
        ]);
    }

    #[test]
    fn whatever_passes_begins_anew() {
        check(&[
            (true, 7, at(100), at(100)),
            (true, 8, at(130), at(130)),
            (true, 9, Activity::Active, Activity::Active),
            (true, 9, at(190), at(190)),
        ]);
    }

    #[test]
    fn what_is_not_empty_is_never_idle() {
        check(&[
            (true, 7, at(100), at(100)),
            (false, 7, Activity::Active, Activity::Active),
            (true, 7, at(160), at(160)),
        ]);
    }

    #[test]
    fn unknown_stays_unknown_and_forgets() {
        check(&[
            (true, 7, at(100), at(100)),
            (true, 7, Activity::Unknown, Activity::Unknown),
            (true, 7, at(160), at(160)),
        ]);
    }

    #[test]
    fn what_was_away_for_a_read_begins_anew() {
        let mut quiet = Quiet::default();
        let said = |activity| Said { empty: true, passed: 7, activity };
        quiet.begin();
        assert_eq!(quiet.judge("q", said(at(100))), at(100));
        quiet.begin();
        quiet.begin();
        assert_eq!(quiet.judge("q", said(at(160))), at(160));
    }
}
