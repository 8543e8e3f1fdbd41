//! Site files, right and wrong.
