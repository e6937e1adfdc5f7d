//! The pure interpreter: `step(&Program, &mut State, Input) -> Vec<Action>`. No file, no clock, no network.

pub mod action;
pub mod input;
pub mod telling;
pub mod view;
pub mod world;
