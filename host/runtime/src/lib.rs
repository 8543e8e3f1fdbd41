//! The policy host: loads WebAssembly policies, limits them, links to each
//! what it was granted, and asks them what a profile needs.
//!
//! A policy never acts and never waits: what it may read is in memory before
//! it starts, what it asks for is a list that leaves with its answer. This
//! crate reads no files, knows no cloud and calls no async code.
//!
//! ```text
//! bytes ─► Host::load ─► Policy ─► Host::bind(grants, limits) ─► BoundPolicy
//!                                             Evaluation ─► evaluate ─► Evaluated
//! ```

mod backtrace;
mod batch;
mod bound;
mod budget;
mod clean;
mod contract;
mod digest;
mod evaluation;
mod failure;
mod form;
mod grant;
mod host;
mod imports;
mod limit;
mod limits;
mod load_error;
mod log;
mod native;
mod nesting;
mod pace;
mod policy;
mod room;
mod sandbox;
mod schema;
mod spent;
mod state;
mod surface;
mod ticker;
mod wasi;

pub use batch::{Question, evaluate_all, evaluate_telling};
pub use bound::BoundPolicy;
pub use contract::VERSION as CONTRACT_VERSION;
pub use digest::{Digest, NotADigest};
pub use evaluation::{Evaluated, Evaluation, Level, LogLine, SettingProblem};
pub use form::Form;
pub use grant::{Grant, Grants};
pub use host::{Host, HostConfig, HostError};
pub use limit::{Limit, LimitHit, Unit, Used};
pub use limits::{Limits, Own};
pub use load_error::{LoadError, LoadProblem};
pub use native::{NativeCode, SealBroken, SealKey};
pub use policy::{Description, Policy};
pub use room::{Allocation, PoolFigures};
pub use schema::Schema;
pub use spent::{Spent, Use};
pub use wasi::Wasi;
