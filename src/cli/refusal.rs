//! Why a command does nothing.

use crate::diagnostic::Diagnostic;
use crate::journal::problem::Problem;
use crate::journal::store::StoreError;

/// Why a command does nothing; the program ends with 2.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Something outside any file.
    Problem(Problem),
    /// Findings about a file.
    Diagnostics {
        /// What the file is called.
        name: String,
        /// Its text.
        source: String,
        /// What was found.
        found: Vec<Diagnostic>,
    },
    /// Several of them, told together.
    All(Vec<Refusal>),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.problem().clone())
    }
}

impl Refusal {
    /// Findings about a file.
    pub(super) fn about(name: &str, source: &str, found: Vec<Diagnostic>) -> Self {
        Self::Diagnostics { name: name.to_owned(), source: source.to_owned(), found }
    }
}
