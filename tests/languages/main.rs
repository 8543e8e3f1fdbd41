//! That every type and every import of the contract crosses into a guest and
//! back unharmed, in every language that a policy may be written in. The guest
//! is the same in each; the README of `policies/conformance` says what it does.
//!
//! One more language is one function in `projects` and one line below.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

mod contract;
mod extremes;
mod guest;
mod past;
mod projects;
mod resident;
mod snapshots;
mod stage;
mod staged;
mod telling;
mod templates;
mod told;
mod true_host;

use crate::guest::Guest;

/// A module of tests for each language: its name, and what builds a guest in
/// it from the name of the guest's folder.
macro_rules! languages {
    ($($language:ident: $build:path),* $(,)?) => {$(
        mod $language {
            use std::sync::LazyLock;

            use super::{Guest, guest, past, staged, true_host};

            static FULL: LazyLock<Guest> =
                LazyLock::new(|| guest::build(stringify!($language), $build));
            static BASE: LazyLock<Guest> =
                LazyLock::new(|| guest::build(concat!(stringify!($language), "-base"), $build));

            #[test]
            fn it_says_what_it_is() {
                true_host::describes(&FULL);
            }

            #[test]
            fn it_asks_for_what_its_world_names() {
                true_host::grants(&FULL, &BASE);
            }

            #[test]
            fn the_facts_of_snapshots_arrive() {
                true_host::facts(&FULL);
            }

            #[test]
            fn actions_are_staged_and_refused() {
                true_host::actions(&FULL);
            }

            #[test]
            fn every_answer_arrives() {
                true_host::answers(&FULL);
            }

            #[test]
            fn its_log_and_its_panics_arrive() {
                true_host::log(&FULL);
            }

            #[test]
            fn the_past_arrives() {
                past::of_the_host(&FULL);
                past::crosses(&FULL);
            }

            #[test]
            fn all_that_may_be_told_crosses() {
                staged::facts(&FULL);
            }

            #[test]
            fn all_that_may_be_answered_crosses() {
                staged::outcomes(&FULL);
                staged::texts(&FULL);
            }
        }
    )*};
}

languages! {
    rust: crate::projects::rust,
    python: crate::projects::any,
    js: crate::projects::any,
    c: crate::projects::any,
    go: crate::projects::any,
}
