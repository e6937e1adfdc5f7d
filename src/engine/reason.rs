//! Which answers are taken with a reason only, wherever they come from.

use super::action::PromptKind;
use crate::value::Value;

impl PromptKind {
    /// Must this answer be given with a reason, and has none?
    pub fn lacks_reason(&self, value: &Value, note: Option<&str>) -> bool {
        note.is_none_or(|note| note.trim().is_empty()) && self.needs_reason(value)
    }

    /// Must this answer be given with a reason? What a later reader of the run would ask "why?" about.
    pub fn needs_reason(&self, value: &Value) -> bool {
        let Value::Text(key) = value else { return false };
        let one_of = |keys: &[&str]| keys.contains(&key.as_str());
        match self {
            PromptKind::Failed { .. } | PromptKind::Paused | PromptKind::Step { .. } => {
                one_of(&["skip", "rollback", "abort"])
            }
            PromptKind::Manual { .. } => one_of(&["failed", "not_applicable"]),
            PromptKind::NoData { .. } => one_of(&["not_applicable"]),
            PromptKind::Window { .. } => one_of(&["go_on", "abort"]),
            PromptKind::InDoubt { .. } => one_of(&["abort"]),
            PromptKind::HalfUndo { .. } => one_of(&["skip"]),
            PromptKind::Ask
            | PromptKind::Confirm { .. }
            | PromptKind::Item
            | PromptKind::Collect { .. }
            | PromptKind::Decide
            | PromptKind::Signoff
            | PromptKind::Accept { .. }
            | PromptKind::Rollback { .. }
            | PromptKind::NoReturn { .. }
            | PromptKind::NextPass { .. } => false,
        }
    }
}
