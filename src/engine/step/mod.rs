//! One file a construct; each begins with its states.

pub(crate) mod describe;
pub(crate) mod each;
pub(crate) mod effect;
pub(crate) mod flow;
pub(crate) mod guard;
pub(crate) mod parallel;
pub(crate) mod passes;
pub(crate) mod poll;
pub(crate) mod prompt;
pub(crate) mod question;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod simple;
pub(crate) mod trouble;
pub(crate) mod wait;
