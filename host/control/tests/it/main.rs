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

mod combining;
mod controller;
mod departures;
mod failures;
mod fairness;
mod fitting;
mod guard_facts;
mod guard_memory;
mod guard_properties;
mod guard_table;
mod guards;
mod keeping;
mod ladder;
mod limits;
mod observe;
mod policies;
mod properties;
mod quarantine;
mod reclaiming;
mod recover;
mod replacement;
mod requests;
mod restart;
mod shadows;
mod shares;
mod sharing;
mod shown;
mod simulation;
mod starvation;
mod victims;
mod weights;
mod words;
mod world;
