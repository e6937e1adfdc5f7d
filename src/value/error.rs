//! Why a value could not be made.

/// A failure of an expression, a parse or a reading: one sentence with the facts, in English, without a place. Whoever
/// evaluates adds the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// The sentence.
    pub message: String,
}

impl ValueError {
    /// With this sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ValueError {}
