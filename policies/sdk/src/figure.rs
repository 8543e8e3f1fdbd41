//! A measured number as a reason shows it. The standard formatting of floats
//! would cost a component more code than most rules.

use std::fmt;

/// A number with two decimals at the most: `7`, `7.25`, `-0.5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure(pub f64);

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() {
            return f.write_str("no number");
        }
        // Casting saturates; the half rounds.
        let hundredths = (self.0.abs() * 100.0 + 0.5) as u64;
        let sign = if self.0 < 0.0 && hundredths > 0 { "-" } else { "" };
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            _ if rest.is_multiple_of(10) => write!(f, "{sign}{whole}.{}", rest / 10),
            _ => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}
