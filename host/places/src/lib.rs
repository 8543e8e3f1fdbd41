//! TOML files that people write, and what is wrong with them: each problem with
//! its place in the file and what to write instead. Reads no file, and knows no
//! key of any.

mod problem;
mod value;

pub use problem::{ProblemView, Problems};
pub use value::{json, kind, whole};
