//! What several tests need.

pub(crate) mod background;
pub(crate) mod http;
pub(crate) mod left;
pub(crate) mod play;
pub(crate) mod program;
pub(crate) mod simulated;
pub(crate) mod terminal;
pub(crate) mod tree;
