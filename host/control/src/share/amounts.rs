//! Amounts of what the limits are about, exact for up to 16 workers a machine.

use crate::draft::Usage;
use crate::spec::{ImageSpec, Limits};

/// The pieces of one machine, vCPU, MiB or millionth of the currency: the least
/// common multiple of 1 to 16, so that so many workers share without rounding.
const PIECES: u128 = 720_720;

/// All of a limit, as levels are counted.
pub(crate) const WHOLE: u128 = 1_000_000_000_000;

/// What limits are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    Vms,
    Vcpus,
    Memory,
    Cost,
}

impl Resource {
    pub(crate) const ALL: [Self; 4] = [Self::Vms, Self::Vcpus, Self::Memory, Self::Cost];

    /// The resource as the site file names its limit.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Vms => "vms",
            Self::Vcpus => "vcpus",
            Self::Memory => "memory_mib",
            Self::Cost => "cost_per_hour",
        }
    }

    /// As [`Resource::show`], but rounded up: so much is enough.
    pub(crate) fn show_enough(self, pieces: u128) -> String {
        let finest = match self {
            Self::Vms | Self::Vcpus | Self::Memory => PIECES,
            Self::Cost => PIECES * MILLIONTHS / 100,
        };
        self.show(pieces.div_ceil(finest) * finest)
    }

    /// An amount as people read it: whole, or with what decimals it needs.
    pub(crate) fn show(self, pieces: u128) -> String {
        let (unit, decimals) = match self {
            Self::Vms | Self::Vcpus | Self::Memory => (PIECES, 10),
            Self::Cost => (PIECES * MILLIONTHS, 100),
        };
        let rounded = (pieces * decimals + unit / 2) / unit;
        match self {
            Self::Cost => format!("{}.{:02}", rounded / decimals, rounded % decimals),
            Self::Vms | Self::Vcpus | Self::Memory if rounded.is_multiple_of(decimals) => {
                (rounded / decimals).to_string()
            }
            Self::Vms | Self::Vcpus | Self::Memory => {
                format!("{}.{}", rounded / decimals, rounded % decimals)
            }
        }
    }
}

/// Cost is counted in these, as finely as the limit itself is.
const MILLIONTHS: u128 = 1_000_000;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cost is not negative"
)]
fn millionths(cost: f64) -> u128 {
    (cost * 1e6).round() as u128
}

/// An amount of each resource, in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Amounts([u128; 4]);

impl Amounts {
    /// What one machine of an image takes.
    pub(crate) fn of(image: &ImageSpec) -> Self {
        let mut one = Usage::default();
        one.add(image);
        Self::used(&one)
    }

    /// What machines use together.
    pub(crate) fn used(usage: &Usage) -> Self {
        let (vms, vcpus) = (u128::from(usage.vms), u128::from(usage.vcpus));
        let units = [vms, vcpus, u128::from(usage.memory_mib), millionths(usage.cost_per_hour)];
        Self(units.map(|n| n.saturating_mul(PIECES)))
    }

    /// An amount of so many pieces of each resource.
    pub(crate) fn each(pieces: impl FnMut(Resource) -> u128) -> Self {
        Self(Resource::ALL.map(pieces))
    }

    /// The pieces of one resource.
    pub(crate) fn pieces(&self, resource: Resource) -> u128 {
        let [vms, vcpus, memory, cost] = self.0;
        match resource {
            Resource::Vms => vms,
            Resource::Vcpus => vcpus,
            Resource::Memory => memory,
            Resource::Cost => cost,
        }
    }

    /// `n` of `all` equal parts.
    pub(crate) fn part(&self, n: u32, all: u32) -> Self {
        Self(self.0.map(|x| x.saturating_mul(u128::from(n)) / u128::from(all.max(1))))
    }

    /// Both together.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        self.with(other, u128::saturating_add)
    }

    /// What is left without the other.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.with(other, u128::saturating_sub)
    }

    fn with(&self, other: &Self, change: impl Fn(u128, u128) -> u128) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([change(a, e), change(b, f), change(c, g), change(d, h)])
    }

    /// The largest part that this is of any limit, of [`WHOLE`], and of which:
    /// the dominant share. Cut, never rounded up, so that equal shares are
    /// equal numbers and of two others the larger is never the smaller number.
    pub(crate) fn dominant(&self, caps: &Caps) -> (u128, Option<Resource>) {
        let mut most = (0, None);
        for resource in Resource::ALL {
            let Some(cap) = caps.pieces(resource) else { continue };
            let level = self.pieces(resource).saturating_mul(WHOLE) / cap.max(1);
            if level > most.0 || most.1.is_none() {
                most = (level, Some(resource));
            }
        }
        most
    }
}

/// The site's limits, in pieces; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps([Option<u128>; 4]);

impl Caps {
    /// The same limits, as counted here.
    pub(crate) fn of(limits: &Limits) -> Self {
        let units = [
            limits.vms.map(u128::from),
            limits.vcpus.map(u128::from),
            limits.memory_mib.map(u128::from),
            limits.cost_per_hour.map(millionths),
        ];
        Self(units.map(|cap| cap.map(|n| n.saturating_mul(PIECES))))
    }

    /// The pieces that there are of one resource.
    pub(crate) fn pieces(&self, resource: Resource) -> Option<u128> {
        let [vms, vcpus, memory, cost] = self.0;
        match resource {
            Resource::Vms => vms,
            Resource::Vcpus => vcpus,
            Resource::Memory => memory,
            Resource::Cost => cost,
        }
    }

    /// Whether anything is limited.
    pub(crate) fn any(&self) -> bool {
        self.0.iter().any(Option::is_some)
    }

    /// Those resources of which `used` is more than there is.
    pub(crate) fn short<'a>(&'a self, used: &'a Amounts) -> impl Iterator<Item = Resource> + 'a {
        let over = |resource: &Resource| {
            self.pieces(*resource).is_some_and(|cap| used.pieces(*resource) > cap)
        };
        Resource::ALL.into_iter().filter(over)
    }

    /// Whether `image` takes any of what `used` is short of.
    pub(crate) fn bites(&self, used: &Amounts, image: &Amounts) -> bool {
        self.short(used).any(|resource| image.pieces(resource) > 0)
    }
}
