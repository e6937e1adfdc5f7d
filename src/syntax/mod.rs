//! Text to tree: a pest grammar (`grammar/runbook.pest`), recovery, the tree. Nothing here knows what a word means.

pub mod ast;

/// A runbook is written by people; 4 MiB is some 80,000 lines. Refused before parsing, so that a wrong file name
/// (an archive, a log) costs nothing.
pub const MAX_SOURCE_BYTES: usize = 4 * 1024 * 1024;
