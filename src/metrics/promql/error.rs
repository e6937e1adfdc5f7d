//! What is wrong with a query, and where.

use crate::diagnostic::{Code, Span};
use crate::text;
use crate::text::Text;

/// One finding about the text of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromqlError {
    /// Its number in the public catalogue, `RB0700` to `RB0749`.
    pub code: Code,
    /// The bytes of the query that it is about: offsets into the text as it was written, variables and all.
    pub span: Span,
    /// One sentence, with the names in it, without a full stop.
    pub message: Text,
    /// What to write instead.
    pub help: Option<Text>,
}

impl PromqlError {
    /// `message` about the bytes `span`.
    pub(super) fn new(code: Code, span: Span, message: impl Into<Text>) -> Self {
        Self { code, span, message: message.into(), help: None }
    }

    /// What to write instead.
    #[must_use]
    pub(super) fn help(mut self, text: impl Into<Text>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// All of it but the help: `RB0701: there is no function rat (bytes 0..3)`.
    pub fn text(&self) -> Text {
        let Self { code, span, message, .. } = self;
        text!("{}: {} (bytes {}..{})", "{}：{}（第 {}..{} 字节）", code, message, span.start, span.end)
    }
}

/// In English; see [`PromqlError::text`].
impl std::fmt::Display for PromqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for PromqlError {}
