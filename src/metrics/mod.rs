//! Exposition text, series, PromQL, verdicts and gates: pure functions of bytes and time.
//!
//! The way of a number: bytes of a response → [`scrape::Scrape`] → [`increase::Tracker`] compares it with the scrape
//! before → [`increase::Increases`] over an interval → [`form::evaluate`] → [`objective::Reading`] →
//! [`objective::judge`] → [`objective::Verdict`]. The value over the whole observation is the same evaluation of the sum
//! of its intervals.

pub mod clocks;
pub mod exposition;
pub mod form;
pub mod gate;
pub mod increase;
pub mod indicator;
pub mod instances;
pub mod labels;
pub mod lint;
pub mod objective;
pub mod observed;
pub mod pattern;
pub mod promql;
pub mod question;
mod reached;
pub mod render;
pub mod response;
pub mod scrape;
pub mod selector;
pub mod server;
