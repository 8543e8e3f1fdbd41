//! Statistics by CloudWatch's names, and the decimal numbers in them and in
//! expressions: read by hand, as the standard reading of floats costs a
//! component more code than a rule.

pub use hooke_policy_sdk::metrics::Statistic;

/// Reads one of the five of `Statistic`, or one of `ExtendedStatistic`: `p99.9`,
/// `tm90`, `TM(10%:90%)`, `IQM`. The error says what to write.
pub fn parse(text: &str) -> Result<Statistic, String> {
    simple(text).map_or_else(|_| extended(text), Ok)
}

/// Reads one of `Statistic`.
pub fn simple(text: &str) -> Result<Statistic, String> {
    match text {
        "SampleCount" => Ok(Statistic::SampleCount),
        "Sum" => Ok(Statistic::Sum),
        "Average" => Ok(Statistic::Average),
        "Minimum" => Ok(Statistic::Minimum),
        "Maximum" => Ok(Statistic::Maximum),
        _ => Err(format!(
            "no statistic {text}: write one of \"SampleCount\", \"Average\", \"Sum\", \"Minimum\", \"Maximum\""
        )),
    }
}

/// Reads one of `ExtendedStatistic`.
pub fn extended(text: &str) -> Result<Statistic, String> {
    let between = |from: f64, to: f64| {
        (from < to && to <= 100.0).then_some(Statistic::TrimmedMean((from, to)))
    };
    let read = match text {
        "IQM" => between(25.0, 75.0),
        _ if text.starts_with("TM(") => {
            let inside = text.trim_start_matches("TM(").strip_suffix(')');
            inside.and_then(|inside| inside.split_once(':')).and_then(|(from, to)| {
                let part = |part: &str, open: f64| match part.trim() {
                    "" => Some(open),
                    part => part.strip_suffix('%').and_then(decimal),
                };
                between(part(from, 0.0)?, part(to, 100.0)?)
            })
        }
        _ => match text.strip_prefix("tm") {
            Some(to) => decimal(to).and_then(|to| between(0.0, to)),
            None => {
                let percent = text.strip_prefix('p').and_then(decimal);
                percent.filter(|p| *p > 0.0 && *p <= 100.0).map(Statistic::Percentile)
            }
        },
    };
    read.ok_or_else(|| {
        let kind: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
        let instead = match kind.to_ascii_uppercase().as_str() {
            "WM" => "winsorized means are not known here, trimmed ones are: write \"TM(10%:90%)\"",
            "PR" | "TC" | "TS" => {
                "how many or how much lies in a range is not known here: write a percentile such as \"p90\""
            }
            "TM" => "bounds are in percent: write \"tm90\" or \"TM(10%:90%)\"",
            _ => {
                "write \"p\" and a number above 0, at most 100, such as \"p99.9\"; or \"tm90\", \"TM(10%:90%)\", \"IQM\""
            }
        };
        format!("no statistic {text}: {instead}")
    })
}

/// Digits after the point, at the most.
const DECIMALS_MAX: usize = 10;

/// A number without sign or exponent, such as `99` or `99.5`.
pub fn decimal(text: &str) -> Option<f64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    let sane = !whole.is_empty() && digits(whole) && digits(rest) && rest.len() <= DECIMALS_MAX;
    if !sane || text.ends_with('.') {
        return None;
    }
    let mut all = 0_u64;
    for digit in whole.bytes().chain(rest.bytes()) {
        all = all.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    // Both are exact up to 2^53, so that the quotient is the nearest there is.
    Some(all as f64 / 10_u64.pow(u32::try_from(rest.len()).ok()?) as f64)
}

/// Whether a percentile of so many readings says anything: ten of them have to
/// lie beyond it, on its shorter side.
pub fn is_significant(statistic: &Statistic, samples: u32) -> bool {
    match statistic {
        Statistic::Percentile(percent) => {
            let beyond = if *percent >= 50.0 { 100.0 - percent } else { *percent };
            // What binary fractions lose of a percentage is not a reading.
            f64::from(samples) * beyond >= 1_000.0 - 1e-6
        }
        Statistic::SampleCount
        | Statistic::Sum
        | Statistic::Average
        | Statistic::Minimum
        | Statistic::Maximum
        | Statistic::TrimmedMean(_)
        | Statistic::Other(_) => true,
    }
}
