//! Executes runbooks: production procedures in a small language of their own.
//!
//! The modules form levels (see `docs/architecture.md`): each imports only from the levels below it.
//! `engine` is pure: what it wants from the world it says as [`engine::action::Action`]s, what it learns comes as
//! [`engine::input::Input`]s, and both pass through the journal.

pub mod check;
pub mod cli;
pub mod console;
pub mod diagnostic;
pub mod drivers;
pub mod engine;
pub mod journal;
pub mod metrics;
pub mod report;
pub mod run;
pub mod syntax;
pub mod text;
pub mod value;
