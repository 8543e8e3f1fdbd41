//! Step adjustments: which step a metric falls into, and whether a list of
//! steps is one that the API takes. Bounds are relative to the threshold.

/// One step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Where it begins; `None` is below everything.
    pub lower: Option<f64>,
    /// Where it ends; `None` is above everything.
    pub upper: Option<f64>,
    /// What it adds, as the policy's adjustment type says.
    pub adjustment: i32,
}

/// Steps in a policy, at the most.
pub const STEPS_MAX: usize = 20;

/// The adjustment for a metric that lies `beyond` the threshold. Above it a
/// step holds its lower bound, below it its upper; at the threshold itself
/// `above` says which.
pub fn choose(steps: &[Step], beyond: f64, above: bool) -> Option<i32> {
    let above = if beyond == 0.0 { above } else { beyond > 0.0 };
    let holds = |step: &&Step| {
        let lower = step.lower.is_none_or(|l| if above { beyond >= l } else { beyond > l });
        let upper = step.upper.is_none_or(|u| if above { beyond < u } else { beyond <= u });
        lower && upper
    };
    steps.iter().find(holds).map(|step| step.adjustment)
}

/// What is wrong with a list of steps, everything at once.
pub fn problems(steps: &[Step]) -> Vec<String> {
    let mut wrong = Vec::new();
    if steps.is_empty() || steps.len() > STEPS_MAX {
        wrong.push(format!("{} steps: write 1 to {STEPS_MAX}", steps.len()));
    }
    for (nth, step) in steps.iter().enumerate() {
        match (step.lower, step.upper) {
            (None, None) => wrong.push(format!("step {nth} has no bound: write one at least")),
            (Some(lower), Some(upper)) if lower >= upper => {
                wrong.push(format!("step {nth} ends where it begins or before: swap its bounds"));
            }
            (Some(_) | None, Some(_) | None) => {}
        }
    }
    let open =
        |bound: fn(&Step) -> Option<f64>| steps.iter().filter(|s| bound(s).is_none()).count();
    let (below, above) = (open(|s| s.lower), open(|s| s.upper));
    if below > 1 {
        wrong.push(format!("{below} steps without MetricIntervalLowerBound: one at the most"));
    }
    if above > 1 {
        wrong.push(format!("{above} steps without MetricIntervalUpperBound: one at the most"));
    }
    if below == 0 && steps.iter().any(|s| s.lower.is_some_and(|lower| lower < 0.0)) {
        wrong.push(
            "a negative MetricIntervalLowerBound: leave it out of the lowest step".to_owned(),
        );
    }
    if above == 0 && steps.iter().any(|s| s.upper.is_some_and(|upper| upper > 0.0)) {
        wrong.push(
            "a positive MetricIntervalUpperBound: leave it out of the highest step".to_owned(),
        );
    }
    if wrong.is_empty() {
        wrong.extend(gaps(steps));
    }
    wrong
}

/// Gaps and overlaps between neighbours.
fn gaps(steps: &[Step]) -> Vec<String> {
    let mut sorted: Vec<&Step> = steps.iter().collect();
    let start = |step: &Step| step.lower.unwrap_or(f64::NEG_INFINITY);
    sorted.sort_by(|a, b| start(a).total_cmp(&start(b)));
    let between = |pair: &[&Step]| {
        let end = pair[0].upper.unwrap_or(f64::INFINITY);
        let next = start(pair[1]);
        let what = match () {
            () if end < next => "a gap",
            () if end > next => "an overlap",
            () => return None,
        };
        Some(format!("{what} between two steps: let each begin where the one before ends"))
    };
    sorted.windows(2).filter_map(between).collect()
}
