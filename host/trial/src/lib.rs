//! Evaluations outside the loop: situations written by hand, tables of them,
//! the conformance grid, the bench, and recordings that are played again.
