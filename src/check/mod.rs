//! A tree becomes a closed, typed [`program::Program`], or all its errors at once.

pub mod program;
