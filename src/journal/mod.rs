//! Records, their codec, the stores that hold them, and what can be found wrong with them.
//!
//! The way of a fact: engine type → [`convert`] → [`record::Record`] → [`codec`] → [`store::Store`], and back.

pub mod canonical;
pub mod codec;
pub mod convert;
pub mod file_store;
pub mod kept;
pub mod memory_store;
pub mod names;
mod posts;
pub mod problem;
pub mod record;
pub mod store;
pub mod stored_value;
pub mod tar;
pub mod verify;
