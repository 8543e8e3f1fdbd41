//! The three adjustment types, in whole numbers. Knows no bounds.

/// How a policy's number changes a capacity (`AdjustmentType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// It is added.
    Change,
    /// It is the capacity.
    Exact,
    /// It is a percentage that is added: by this many at the least, where it
    /// adds or takes anything (`MinAdjustmentMagnitude`).
    Percent { least: u32 },
}

impl Adjustment {
    /// The capacity that `amount` makes of `base`; never below zero.
    pub fn apply(self, amount: i32, base: u32) -> u32 {
        let (amount, base) = (i64::from(amount), i64::from(base));
        let wanted = match self {
            Self::Change => base + amount,
            Self::Exact => amount,
            Self::Percent { least } => base + percent(amount, base, i64::from(least)),
        };
        u32::try_from(wanted.max(0)).unwrap_or(u32::MAX)
    }
}

/// A percentage of a capacity: cut towards zero, but one at the least.
///
/// Of nothing a percentage is nothing; that a policy which adds could never
/// wake a group is no one's wish, so that it adds at the least there too.
fn percent(amount: i64, base: i64, least: i64) -> i64 {
    if amount == 0 || (base == 0 && amount < 0) {
        return 0;
    }
    let cut = (base * amount / 100).abs();
    cut.max(1).max(least) * amount.signum()
}
