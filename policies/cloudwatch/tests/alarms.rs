//! Alarm states: every pattern there is against a slow oracle written from the
//! documents. The cells of the guide's tables are in `table.toml`.

use policy_cloudwatch::alarm::{Missing, Rule, State, evaluation_range};

const STATES: [State; 3] = [State::Ok, State::Alarm, State::InsufficientData];
const TREATMENTS: [Missing; 4] =
    [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];

fn rule(datapoints: u32, missing: Missing) -> Rule {
    Rule { of: 3, datapoints, range: evaluation_range(3), missing }
}

/// The rule of the guide, word by word: fill as few points as possible, judge
/// what is then there; a filled point of `missing` and of `ignore` is open, and
/// the alarm is decided only if the open ones do not matter to it.
fn oracle(datapoints: usize, missing: Missing, before: State, points: &[Option<bool>]) -> State {
    let real: Vec<bool> = points.iter().filter_map(|point| *point).collect();
    let alarm = |looked_at: &[bool]| {
        let beyond = looked_at.iter().filter(|beyond| **beyond).count();
        if beyond >= datapoints { State::Alarm } else { State::Ok }
    };
    // "If at least as many real points as evaluation periods: the newest of them."
    if real.len() >= 3 {
        return alarm(&real[real.len() - 3..]);
    }
    let fills = 3 - real.len();
    let filled = |with: bool| [real.clone(), vec![with; fills]].concat();
    let open = || {
        let (best, worst) = (alarm(&filled(false)), alarm(&filled(true)));
        match (best, worst) {
            (State::Alarm, _) => Some(State::Alarm),
            // A healthy point among the real ones: CW-08, CW-09.
            _ if real.contains(&false) => Some(State::Ok),
            _ => None,
        }
    };
    match missing {
        Missing::Breaching => alarm(&filled(true)),
        Missing::NotBreaching => alarm(&filled(false)),
        Missing::Ignore if real.is_empty() => before,
        Missing::Ignore => open().unwrap_or(before),
        Missing::Missing if real.is_empty() => State::InsufficientData,
        Missing::Missing => open().unwrap_or_else(|| {
            // "The oldest breaching point is at least as old as datapoints to
            // alarm, and all newer ones are breaching or missing."
            let newest_first: Vec<_> = points.iter().rev().collect();
            let age = newest_first.iter().rposition(|point| **point == Some(true));
            if age.is_some_and(|age| age + 1 >= datapoints) { State::Alarm } else { before }
        }),
    }
}

#[test]
fn every_pattern_of_five_points_agrees_with_the_oracle() {
    let mut asked = 0;
    for number in 0..3_usize.pow(5) {
        let digit = |place: u32| number / 3_usize.pow(place) % 3;
        let point = |digit| [None, Some(false), Some(true)][digit];
        let points: Vec<Option<bool>> = (0..5).map(|place| point(digit(place))).collect();
        for datapoints in 1..=3 {
            for missing in TREATMENTS {
                for before in STATES {
                    let state = rule(datapoints, missing).judge(before, &points);
                    let expected = oracle(datapoints as usize, missing, before, &points);
                    assert_eq!(state, expected, "{points:?} {datapoints} {missing:?} {before:?}");
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, 243 * 3 * 4 * 3);
}

#[test]
fn the_range_is_five_for_three_and_grows_by_a_third() {
    let ranges: Vec<u32> = [1, 2, 3, 6, 9, 15, 1440].map(evaluation_range).to_vec();
    assert_eq!(ranges, [3, 4, 5, 8, 12, 20, 1920]);
}
