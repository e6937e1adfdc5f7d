//! What can be wrong with a journal, a run or a store, as it is said to people.

use std::fmt;

use crate::diagnostic::Code;
use crate::text::Text;

/// One thing that is wrong, outside any runbook file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its number in the public catalogue.
    pub code: Code,
    /// One sentence with the facts: position, expected, found.
    pub message: Text,
    /// What to do about it.
    pub help: Option<Text>,
}

impl Problem {
    /// A problem with its facts.
    pub fn new(code: Code, message: impl Into<Text>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<Text>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message.en)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", help.en),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
