//! What fits as an answer of a person, and the reading of it. One function for the terminal, answers files and
//! `runbook answer`, so that all of them take and refuse the same.

use serde::{Deserialize, Serialize};

use super::Value;
use super::types::Type;

/// What fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerSpec {
    /// Its type, without the optional. `Bool` for yes/no questions, `OneOf` for choices.
    pub ty: Type,
    /// An empty answer is taken as `null`.
    pub optional: bool,
    /// Smallest.
    pub min: Option<Value>,
    /// Largest.
    pub max: Option<Value>,
    /// Regular expression that it must match, unanchored, and "case does not count".
    pub matches: Option<(String, bool)>,
    /// Text that must be typed exactly; the value is then `true`.
    pub typed: Option<String>,
}
