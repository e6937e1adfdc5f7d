//! What is wrong with a query, and where.

use crate::diagnostic::{Code, Span};

/// One finding about the text of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromqlError {
    /// Its number in the public catalogue, `RB0700` to `RB0749`.
    pub code: Code,
    /// The bytes of the query that it is about: offsets into the text as it was written, variables and all.
    pub span: Span,
    /// One sentence, with the names in it, without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl PromqlError {
    /// `message` about the bytes `span`.
    pub(super) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), help: None }
    }

    /// What to write instead.
    #[must_use]
    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl std::fmt::Display for PromqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} (bytes {}..{})", self.code, self.message, self.span.start, self.span.end)
    }
}

impl std::error::Error for PromqlError {}
