//! What several tests need.

pub(crate) mod play;
pub(crate) mod program;
pub(crate) mod simulated;
