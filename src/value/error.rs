//! Why a value could not be made.

use crate::text::Text;

/// A failure of an expression, a parse or a reading: one sentence with the facts, without a place. Whoever
/// evaluates adds the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// The sentence.
    pub message: Text,
}

impl ValueError {
    /// With this sentence.
    pub fn new(message: impl Into<Text>) -> Self {
        Self { message: message.into() }
    }
}

/// In English, for logs and for tests.
impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message.en)
    }
}

impl std::error::Error for ValueError {}
