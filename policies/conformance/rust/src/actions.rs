//! Every action that a policy may ask for, with its answer as text.

use hooke_policy_sdk::cloud::{self, Refusal};
use hooke_policy_sdk::metrics;

use crate::TEXT;
use crate::text::outcome;

type Action = (&'static str, fn(&str, &str) -> Result<(), Refusal>);

/// The actions upon a machine, in the order of the contract.
const UPON_VMS: [Action; 5] = [
    ("resume", cloud::resume),
    ("suspend", cloud::suspend),
    ("terminate", cloud::terminate),
    ("start-worker", cloud::start_worker),
    ("stop-worker", cloud::stop_worker),
];

pub(crate) fn text(profile: &str) -> String {
    let (nobody, why) = (format!("nobody {TEXT}"), format!("why {TEXT}"));
    let mut targets = vec![(nobody.clone(), nobody)];
    let vms = metrics::vms(profile).unwrap_or_default();
    targets.extend(vms.into_iter().map(|vm| (vm.id, vm.image)));
    let mut out = String::new();
    for (vm, image) in targets {
        out += &format!("launch \"{image}\" {}\n", outcome(cloud::launch(&image, &why)));
        for (name, action) in UPON_VMS {
            out += &format!("{name} \"{vm}\" {}\n", outcome(action(&vm, &why)));
        }
    }
    out
}
