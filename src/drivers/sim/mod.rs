//! Simulated effects: a discrete clock, an embedded service on loopback, scripted commands and people.

pub mod clock;
pub mod exposition;
pub mod faults;
pub mod fields;
pub mod files;
pub mod hosts;
pub mod http;
pub mod load;
pub mod locks;
pub mod people;
pub mod prometheus;
pub mod scenario;
pub mod script;
pub mod server;
pub mod service;
pub mod shell;
pub mod traffic;
pub mod tree;
pub mod world;
