//! The past, held against slow and obvious ways to keep it.

mod columns;
mod forgetting;
mod refusing;
mod restoring;
mod scene;
mod statistics;
mod unmet;
