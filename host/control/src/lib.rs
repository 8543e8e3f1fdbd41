//! The pure core of Hooke: values in, values out.
//!
//! It never looks at a clock, does I/O, waits, or draws lots: time is the last
//! argument of whatever depends on it. Modules stand in reading order.

pub mod ids;
pub mod units;

pub mod spec;

pub mod action;
pub mod fleet;
pub mod queue;

mod back_off;
mod boots;
mod departures;
mod effects;
pub mod ledger;
pub mod observe;
pub mod snapshot;

pub mod answer;
pub mod quarantine;
pub mod staging;

pub mod combine;
pub mod explain;
pub mod guard;

pub mod clearing;
pub mod draft;
pub mod ladder;
pub mod planner;
mod requests;
pub mod share;
pub mod victims;

pub mod controller;
pub mod recover;
