//! What the past of a large fleet costs: memory a series, a tick, a question, a
//! start. Ratios within one run, and figures of this machine.
