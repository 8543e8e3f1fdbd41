//! What an order comes to in each phase. Pure: the machine carries it out.
//!
//! ```text
//! booting ─► running ─► suspending ─► suspended
//!    ▲                      │             │
//!    └────────resume────────┴─────────────┘      terminate: from anywhere
//! ```

use super::super::control::Order;
use super::super::record::Phase;

/// What is to be done about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Carry it out.
    Do,
    /// It is so already.
    Nothing,
    /// Not now.
    Refuse(&'static str),
}

/// What `order` comes to in `phase`, as far as the phase alone can tell.
pub(super) fn decide(phase: Phase, order: &Order) -> Decision {
    use Decision::{Do, Nothing, Refuse};
    match (order, phase) {
        (Order::Terminate, Phase::Terminating) => Nothing,
        // A worker that is gone with its machine has left, as was asked.
        (Order::StopWorker { .. }, _) | (Order::Terminate, _) => Do,
        (_, Phase::Terminating) => Refuse("it is being terminated, and there is no way back"),

        (Order::Suspend, Phase::Booting | Phase::Running) => Do,
        (Order::Suspend, Phase::Suspending | Phase::Suspended) => Nothing,
        (Order::Resume, Phase::Suspending | Phase::Suspended) => Do,
        (Order::Resume, Phase::Booting | Phase::Running) => Nothing,
        (Order::StartWorker { .. }, Phase::Booting | Phase::Running) => Do,
        (Order::StartWorker { .. }, Phase::Suspending | Phase::Suspended) => {
            Refuse("it is suspended or about to be")
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn every_order_in_every_phase() {
        let start = Order::StartWorker { profile: "ocr".to_owned() };
        let stop = Order::StopWorker { worker: "vm.1".to_owned() };
        let orders = [Order::Suspend, Order::Resume, Order::Terminate, start, stop];
        let phases = [
            Phase::Booting,
            Phase::Running,
            Phase::Suspending,
            Phase::Suspended,
            Phase::Terminating,
        ];
        let cell = |phase, order| match decide(phase, order) {
            Decision::Do => "do",
            Decision::Nothing => "-",
            Decision::Refuse(_) => "no",
        };
        let header = "suspend resume terminate start stop".split(' ');
        let mut table = format!("{:12}", "");
        header.for_each(|word| table.push_str(&format!("{word:>10}")));
        for phase in phases {
            table.push_str(&format!("\n{:12}", format!("{phase:?}")));
            orders.iter().for_each(|order| table.push_str(&format!("{:>10}", cell(phase, order))));
        }
        expect![[r#"
                           suspend    resume terminate     start      stop
            Booting             do         -        do        do        do
            Running             do         -        do        do        do
            Suspending           -        do        do        no        do
            Suspended            -        do        do        no        do
            Terminating         no        no         -        no        do"#]]
        .assert_eq(&table);
    }
}
