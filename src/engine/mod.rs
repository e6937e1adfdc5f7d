//! The pure interpreter: `step(&Program, &mut State, Input) -> Vec<Action>`. No file, no clock, no network.
