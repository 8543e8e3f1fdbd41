//! Where a policy was when it broke, on one line, innermost call first. The
//! names come from the policy's own file, so they are cleaned and cut.

use wasmtime::{FrameInfo, WasmBacktrace};

use crate::clean;

/// Frames kept; the engine is told the same.
pub(crate) const FRAMES: usize = 20;
/// Bytes of one frame's text. Generic Rust names grow without bound.
const FRAME_BYTES: usize = 120;

/// How the names of functions begin through which every panic in Rust goes.
const PANICKING: [&str; 7] = [
    "__rust",
    "core::panicking::",
    "rust_begin_unwind",
    "rust_panic",
    "std::panicking::",
    "std::sys::",
    "std::rt::",
];

/// `decide < evaluate_needs`; a function that calls
/// itself stands once, with how often. Of the functions that a panic goes
/// through there is only the one that was called, as it tells what happened.
pub(crate) fn line(trace: &WasmBacktrace) -> String {
    let frames: Vec<String> = trace.frames().iter().take(FRAMES).map(frame).collect();
    let panicking = frames.iter().take_while(|name| is_panicking(name)).count();
    let frames = &frames[panicking.saturating_sub(1)..];
    let runs = frames.chunk_by(|one, next| one == next).map(|run| match run {
        [name] => name.clone(),
        [name, ..] => format!("{name} ({} times)", run.len()),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(" < ")
}

fn is_panicking(name: &str) -> bool {
    PANICKING.iter().any(|start| name.starts_with(start))
}

fn frame(frame: &FrameInfo) -> String {
    let text = match frame.func_name() {
        Some(name) => demangled(name),
        None => format!("function {}", frame.func_index()),
    };
    clean::line(&text, FRAME_BYTES)
}

/// The name as its author wrote it, without Rust's hash.
fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
