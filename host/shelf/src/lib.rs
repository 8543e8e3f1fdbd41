//! The policies at hand: those in the program and those in the policies
//! directory, watched, checked, compiled once, and swapped whole.
