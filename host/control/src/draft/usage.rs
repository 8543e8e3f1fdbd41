//! What machines use together, and the limits on that.

use crate::share::Amounts;
use crate::spec::{ImageSpec, Limits};

/// What the site's machines use together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Machines not terminated, launches in flight included.
    pub vms: u32,
    /// Their virtual CPUs.
    pub vcpus: u32,
    /// Their memory in MiB.
    pub memory_mib: u64,
    /// What they cost an hour.
    pub cost_per_hour: f64,
}

impl Usage {
    /// Adds one machine.
    pub fn add(&mut self, image: &ImageSpec) {
        self.vms = self.vms.saturating_add(1);
        self.vcpus = self.vcpus.saturating_add(image.vcpus);
        self.memory_mib = self.memory_mib.saturating_add(image.memory_mib);
        self.cost_per_hour += image.cost_per_hour;
    }

    /// Takes one machine away that was added before.
    pub(crate) fn take_back(&mut self, image: &ImageSpec) {
        self.vms = self.vms.saturating_sub(1);
        self.vcpus = self.vcpus.saturating_sub(image.vcpus);
        self.memory_mib = self.memory_mib.saturating_sub(image.memory_mib);
        self.cost_per_hour = (self.cost_per_hour - image.cost_per_hour).max(0.0);
    }

    /// The same, as shares are counted.
    pub(crate) fn amounts(&self) -> Amounts {
        Amounts::used(self)
    }

    /// The first limit that this use is over, in words.
    pub fn over(&self, limits: &Limits) -> Option<String> {
        let said = |what: &str, used: String, cap: String| {
            Some(format!("the site would use {used} {what}, and limits.{what} is {cap}"))
        };
        if let Some(cap) = limits.vms.filter(|cap| self.vms > *cap) {
            return said("vms", self.vms.to_string(), cap.to_string());
        }
        if let Some(cap) = limits.vcpus.filter(|cap| self.vcpus > *cap) {
            return said("vcpus", self.vcpus.to_string(), cap.to_string());
        }
        if let Some(cap) = limits.memory_mib.filter(|cap| self.memory_mib > *cap) {
            return said("memory_mib", self.memory_mib.to_string(), cap.to_string());
        }
        // A millionth of the currency unit absorbs the rounding of sums.
        if let Some(cap) = limits.cost_per_hour.filter(|cap| self.cost_per_hour > cap + 1e-6) {
            return said(
                "cost_per_hour",
                format!("{:.2}", self.cost_per_hour),
                format!("{cap:.2}"),
            );
        }
        None
    }
}
