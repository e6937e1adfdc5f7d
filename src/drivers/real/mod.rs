//! Real effects, one file each.
#![expect(clippy::disallowed_methods, reason = "this is the world")]

mod capture;
pub mod clock;
mod live;
mod parse;
mod process;
pub mod shell;
mod supervise;
