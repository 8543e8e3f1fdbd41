//! The pure core, tested from outside: situations and scripts as text, plans
//! and chains as text.

mod script;
mod situation;

mod controller;
mod failures;
mod guards;
mod ladder;
mod limits;
mod observe;
mod properties;
mod recover;
mod requests;
mod restart;
mod sharing;
mod simulation;
mod victims;
mod world;
