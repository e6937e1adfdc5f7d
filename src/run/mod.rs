//! What joins the engine, the journal and the world: inputs of a run, its loop, its replay.

pub mod params;
