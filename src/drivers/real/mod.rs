//! Real effects, one file each.
#![expect(clippy::disallowed_methods, reason = "this is the world")]

mod alertmanager;
mod capture;
pub mod clock;
mod crew;
mod document;
mod fetch;
pub mod files;
pub mod http;
mod live;
mod notify;
pub mod once;
pub(super) mod parse;
pub mod people;
mod process;
mod program;
mod prometheus;
pub mod proxy;
mod request;
mod scrape;
pub mod shell;
mod spawn;
mod supervise;
pub mod terminal;
pub mod world;
