//! Simulated effects: a discrete clock, an embedded service on loopback, scripted commands and people.

pub mod fields;
pub mod scenario;
