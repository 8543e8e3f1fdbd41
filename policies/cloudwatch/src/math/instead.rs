//! What to write instead of what the API's metric math has and this has not.

/// Instead of a function, if there is anything.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "IF" => "to divide by nothing less than 1 write m1 / MAX([m2, 1])",
        "ABS" => "write MAX([m1, -m1])",
        "DIFF" => "write RATE(m1) * PERIOD(m1)",
        "CEIL" | "FLOOR" => "leave it out, policies round capacities themselves",
        "ANOMALY_DETECTION_BAND" => "give the alarm a Threshold",
        "SEARCH" => "write a query for each metric",
        "FIRST" | "LAST" | "SLICE" | "SORT" => "name the queries themselves",
        "TIME_SERIES" => "write the number alone, it is the same at all times",
        _ => return None,
    })
}

/// Instead of a sign that has no meaning here.
pub(super) fn sign(sign: char) -> &'static str {
    match sign {
        '<' | '>' | '=' | '!' | '&' | '|' => "the alarm alone compares: write its Threshold",
        '^' => "multiply",
        '"' | '\'' => "name the queries meant, as in [m1, m2]",
        _ => "write + - * / ( ) [ ] or a comma",
    }
}
