//! The hooke program. Reads as what it does; everything else is elsewhere.

use std::process::ExitCode;

fn main() -> ExitCode {
    hooke::main()
}
