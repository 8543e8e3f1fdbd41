//! Metric math: what expressions come to, point by point, and what is wrong
//! with those that are refused.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::{Expect, expect};
use policy_cloudwatch::math::{Named, Reading, Series, Trust, Value, parse};
use policy_cloudwatch::settings::Settings;
use serde_json::{Value as Json, json};

fn series(points: &str) -> Series {
    let reading = |value| Reading { value, trust: Trust::Read };
    points.split_whitespace().map(|point| point.parse().ok().map(reading)).collect()
}

/// Computes an expression over `m1` and `m2`, a minute apart; a point that was
/// filled in has a `*`.
fn comes_to(expression: &str, m1: &str, m2: &str) -> String {
    let named = [Named { id: "m1", is_metric: true }, Named { id: "m2", is_metric: true }];
    let queries = [series(m1), series(m2)];
    let count = queries[0].len();
    let value = parse(expression, &named).unwrap().compute(&queries, count, 60_000);
    let Value::Series(points) = value else { panic!("{expression}: {value:?}") };
    let shown = |point: Option<Reading>| match point {
        None => "-".to_owned(),
        Some(Reading { value, trust: Trust::Filled }) => format!("{value}*"),
        Some(Reading { value, trust: Trust::Read | Trust::Few }) => value.to_string(),
    };
    points.into_iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[test]
fn expressions_are_computed_point_by_point_and_gaps_stay_gaps() {
    let mut said = String::new();
    for expression in [
        "m1 + m2",
        "m1 - m2 * 2",
        "(m1 - m2) * 2",
        "-m1 / m2",
        "m1 / (m2 - m2)",
        "FILL(m1, 0)",
        "FILL(m1, -1.5)",
        "FILL(m1, REPEAT)",
        "FILL(m1, LINEAR)",
        "FILL(m1, 0) + m2",
        "RATE(m1)",
        "RATE(FILL(m1, LINEAR))",
        "m1 / PERIOD(m1)",
        "SUM([m1, m2])",
        "MAX([m1, m2, 7])",
        "MIN(METRICS())",
        "AVG(METRICS())",
        "SUM(FILL(METRICS(), 0))",
    ] {
        said +=
            &format!("{expression:<24} {}\n", comes_to(expression, "- 6 - - 12 18", "1 2 3 4 0 6"));
    }
    expect![[r#"
        m1 + m2                  - 8 - - 12 24
        m1 - m2 * 2              - 2 - - 12 6
        (m1 - m2) * 2            - 8 - - 24 24
        -m1 / m2                 - -3 - - - -3
        m1 / (m2 - m2)           - - - - - -
        FILL(m1, 0)              0* 6 0* 0* 12 18
        FILL(m1, -1.5)           -1.5* 6 -1.5* -1.5* 12 18
        FILL(m1, REPEAT)         - 6 6* 6* 12 18
        FILL(m1, LINEAR)         - 6 8* 10* 12 18
        FILL(m1, 0) + m2         1* 8 3* 4* 12 24
        RATE(m1)                 - - - - 0.03333333333333333 0.1
        RATE(FILL(m1, LINEAR))   - - 0.03333333333333333* 0.03333333333333333* 0.03333333333333333* 0.1
        m1 / PERIOD(m1)          - 0.1 - - 0.2 0.3
        SUM([m1, m2])            - 8 - - 12 24
        MAX([m1, m2, 7])         - 7 - - 12 18
        MIN(METRICS())           - 2 - - 0 6
        AVG(METRICS())           - 4 - - 6 12
        SUM(FILL(METRICS(), 0))  1* 8 3* 4* 12 24
    "#]].assert_eq(&said);
}

#[test]
fn an_expression_nested_too_deep_or_too_long_is_refused() {
    let named = [Named { id: "m1", is_metric: true }];
    let deep = |depth| format!("{}m1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(31), &named).is_ok());
    assert!(parse(&deep(32), &named).is_err());
    assert!(parse(&format!("m1{}", " + m1".repeat(500)), &named).is_err());
}

fn check(settings: Json, expected: Expect) {
    let text = match Settings::parse(&settings.to_string()) {
        Ok(_) => "good\n".to_owned(),
        Err(problems) => problems.iter().map(|p| format!("{}: {}\n", p.path, p.message)).collect(),
    };
    expected.assert_eq(&text);
}

#[test]
fn math_says_what_is_wrong_with_an_expression() {
    let queries = |expressions: &[&str]| {
        let metric = |id: &str| json!({"Id": id, "ReturnData": false, "MetricStat": {"Metric": {"MetricName": "ready"}, "Period": 60, "Stat": "Average"}});
        let mut all = vec![metric("m1"), metric("m2")];
        for (nth, expression) in expressions.iter().enumerate() {
            all.push(json!({"Id": format!("e{nth}"), "Expression": expression, "ReturnData": nth + 1 == expressions.len()}));
        }
        json!({"MetricAlarms": [{
            "AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold", "Metrics": all}]})
    };
    for good in [
        "m1 / m2",
        "-(m1 + 2) * 3.5",
        "FILL(m1, 0) - FILL(m2, REPEAT)",
        "RATE(FILL(m1, LINEAR))",
        "MAX([m1, m2]) / PERIOD(m1)",
        "AVG(METRICS())",
    ] {
        check(
            queries(&[good]),
            expect![[r#"
            good
        "#]],
        );
    }
    check(
        queries(&["m1 / 2", "e0 + m2"]),
        expect![[r#"
        good
    "#]],
    );
    for bad in [
        "m1 +",
        "m3",
        "1 + 2",
        "[m1, m2]",
        "MAX(m1)",
        "IF(m1, 1, 2)",
        "m1 > m2",
        "FILL(m1)",
        "(m1",
        "m1 m2",
        "1.2.3 * m1",
    ] {
        assert!(Settings::parse(&queries(&[bad]).to_string()).is_err(), "{bad} is taken");
    }
    check(
        queries(&["m1 +", "m3", "[m1, m2]", "MAX(m1)", "IF(m1, 1, 2)", "m1 ^ m2", "FILL(m1, x)"]),
        expect![[r#"
            MetricAlarms.0.Metrics.2.Expression: a metric or a number is expected, found its end
            MetricAlarms.0.Metrics.3.Expression: no query has the Id m3
            MetricAlarms.0.Metrics.4.Expression: it comes to several series: make one of them, as SUM([…]) does
            MetricAlarms.0.Metrics.5.Expression: MAX over time is not known here: write MAX([m1, m2]) or MAX(METRICS())
            MetricAlarms.0.Metrics.6.Expression: no function IF here: to divide by nothing less than 1 write m1 / MAX([m2, 1])
            MetricAlarms.0.Metrics.7.Expression: ^ has no meaning here: multiply
            MetricAlarms.0.Metrics.8.Expression: FILL with x: write a number, REPEAT or LINEAR
        "#]],
    );
    check(
        queries(&["e1 + m1", "e0 + m2"]),
        expect![[r#"
        MetricAlarms.0.Metrics.3.Expression: the expressions name each other in a circle
    "#]],
    );
}
