//! The pure core, tested from outside: situations and scripts as text, plans
//! and chains as text.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fleet;
mod guard_words;
mod happenings;
mod script;
mod seeds;
mod situation;
mod situations;

mod controller;
mod departures;
mod failures;
mod guard_facts;
mod guard_memory;
mod guard_properties;
mod guard_table;
mod guards;
mod ladder;
mod limits;
mod observe;
mod policies;
mod properties;
mod quarantine;
mod recover;
mod replacement;
mod requests;
mod restart;
mod shadows;
mod sharing;
mod simulation;
mod victims;
mod words;
mod world;
