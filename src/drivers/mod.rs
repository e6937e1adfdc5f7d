//! The world: `real`, and `sim` with the same traits simulated beside it.

pub mod real;
pub mod sim;
