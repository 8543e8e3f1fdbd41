//! Files that hold a part of a policy or of an alarm, as the command line takes
//! them beside its other options: read where what is missing can be made up, and
//! refused with what to do where it cannot.

use serde_json::{Map, Value, json};

use super::document::Kind;

/// What became of a part.
pub(super) enum Bare {
    /// A whole object, with a name of its own.
    Whole(Kind, Map<String, Value>),
    /// A part that nothing can be made of; what it is, and what to do.
    Part(&'static str, &'static str),
}

const STEPS: &str = "steps alone say neither AdjustmentType nor which alarm calls for them: put \
                     them as StepAdjustments into an object with PolicyName, \
                     PolicyType = StepScaling and AdjustmentType, or give what describe-policies \
                     prints";
const QUERIES: &str = "queries alone are no alarm: put them as Metrics into an object with \
                       AlarmName, EvaluationPeriods, Threshold and ComparisonOperator, or give \
                       what describe-alarms prints";
const SPECIFICATION: &str = "a metric alone has no target: put it as CustomizedMetricSpecification \
                             into an object with TargetValue";
const ANSWER: &str = "what put-scaling-policy answers is not the policy: give what \
                      describe-policies prints";

/// The policy that the file of a configuration is, called as its file is.
pub(super) fn object(fields: &Map<String, Value>, name: &str) -> Option<Bare> {
    let has = |key: &str| fields.contains_key(key);
    let policy = |kind: &str, key: &str| {
        let fields = json!({"PolicyName": name, "PolicyType": kind, key: fields});
        let fields = fields.as_object().cloned().unwrap_or_default();
        Some(Bare::Whole(Kind::Policy, fields))
    };
    match () {
        () if has("TargetValue") => policy("TargetTrackingScaling", "TargetTrackingConfiguration"),
        () if has("MetricSpecifications") => {
            policy("PredictiveScaling", "PredictiveScalingConfiguration")
        }
        () if has("PolicyARN") => Some(Bare::Part("an answer", ANSWER)),
        () if has("Metrics") || has("MetricName") => Some(Bare::Part("a metric", SPECIFICATION)),
        () if has("ScalingAdjustment") => Some(Bare::Part("a step", STEPS)),
        () if has("MetricStat") || has("Expression") => Some(Bare::Part("a query", QUERIES)),
        () => None,
    }
}

/// What a list is that is none of whole objects.
pub(super) fn list(items: &[Value]) -> Option<Bare> {
    let all = |key: &str, or: &str| {
        let has = |item: &Value| item.get(key).or(item.get(or)).is_some();
        !items.is_empty() && items.iter().all(has)
    };
    let named = |item: &Value| item.get("PolicyName").is_some();
    match () {
        () if items.iter().any(named) => None,
        () if all("ScalingAdjustment", "ScalingAdjustment") => Some(Bare::Part("steps", STEPS)),
        () if all("MetricStat", "Expression") => Some(Bare::Part("queries", QUERIES)),
        () => None,
    }
}
