//! What the tool has to say about a file: plain data, no rendering, no knowledge of where a thing came from.

pub mod code;
pub mod json;
mod page;
pub mod sarif;
pub mod terminal;

pub use code::Code;

use crate::text;
use crate::text::Text;

/// A half-open range of bytes `start..end` in one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        // Sources are limited far below 4 GiB (`syntax::MAX_SOURCE_BYTES`).
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A thing with the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The thing.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `node` at `span`.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The runbook cannot run.
    Error,
    /// It can run; `check --strict` refuses it.
    Warning,
}

/// A place with what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The words under it; may be empty.
    pub text: Text,
}

/// One finding about one source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its number in the public catalogue; `runbook explain CODE` shows the page.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence: what is wrong, with the names in it.
    pub message: Text,
    /// The first is the place itself, the others are related places.
    pub labels: Vec<Label>,
    /// What to do about it, near-miss names included.
    pub help: Option<Box<Text>>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<Text>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label { span, text: Text::default() }],
            help: None,
        }
    }

    /// An error that has no place in the text: about the command line, or about what is not there.
    pub fn placeless(code: Code, message: impl Into<Text>) -> Self {
        Self { labels: Vec::new(), ..Self::error(code, Span::default(), message) }
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<Text>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// A related place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<Text>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<Text>) -> Self {
        self.help = Some(Box::new(text.into()));
        self
    }

    /// The near-miss name that was probably meant, as it is written.
    #[must_use]
    pub fn did_you_mean(self, name: impl std::fmt::Display) -> Self {
        self.help(text!("did you mean `{name}`?", "是否想写 `{name}`？"))
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn help_where(self, text: Option<impl Into<Text>>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// The main place.
    pub fn span(&self) -> Span {
        self.labels.first().map(|label| label.span).unwrap_or_default()
    }
}
