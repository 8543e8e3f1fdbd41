//! The allocator of a component.
