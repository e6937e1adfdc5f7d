//! The texts of secrets. They live here and nowhere else: values, journal and console know only their names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::redact::{MIN_SECRET_BYTES, Redactor};
use crate::engine::action::Input;

/// Secrets by name; a handle that all drivers share, since a secret can be typed in the middle of a run.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<BTreeMap<String, Zeroizing<String>>>>);

/// Says which, never what.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Secrets {
    /// Adds one. False: it is too short to be masked in output, because masking so short a text would make any output
    /// unreadable; whoever adds it says so to the operator.
    #[must_use = "a secret that cannot be masked is worth a warning"]
    pub fn insert(&self, name: &str, text: String) -> bool {
        let maskable = text.len() >= MIN_SECRET_BYTES;
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        texts.insert(name.to_owned(), Zeroizing::new(text));
        maskable
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// The text that an effect is given; none: there is no secret of that name.
    pub fn resolve(&self, input: &Input) -> Option<Zeroizing<String>> {
        match input {
            Input::Text(text) => Some(Zeroizing::new(text.clone())),
            Input::Secret(name) => self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned(),
        }
    }

    /// Masks all that are known now.
    pub fn redactor(&self) -> Redactor {
        let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Redactor::new(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }
}
