//! The canonical JSON of an effect, and digests of it: what a replay compares, and what an answer from elsewhere names.
//!
//! Members are in order of name, and those that are `null` are left out. So a field that a later version adds to an effect
//! as an `Option`, and leaves at `None`, does not change the digest of what was journaled before.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::engine::action::{Effect, Start};

/// SHA-256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|nibble| DIGITS.get(usize::from(nibble))).collect()
}

/// An effect as it stands in its intent.
pub fn effect(effect: &Effect) -> Value {
    // Names of members are text and nothing in an effect fails to serialise, so there is nothing to report here; an
    // effect that could not be written would read `null` and never equal the one that is performed.
    serde_json::to_value(effect).map_or(Value::Null, ordered)
}

/// The digest of an effect in its canonical form.
pub fn digest(canonical: &Value) -> String {
    sha256_hex(canonical.to_string().as_bytes())
}

/// The digest of a question as it was put: an answer from another terminal names it, so that it can never be taken for
/// the answer to another question of the same key.
pub fn question_digest(start: &Start) -> String {
    let mut asked = Map::new();
    asked.insert("effect".to_owned(), effect(&start.effect));
    asked.insert("id".to_owned(), Value::String(start.id.0.clone()));
    asked.insert("title".to_owned(), Value::String(start.title.text.clone()));
    digest(&Value::Object(asked))
}

/// Members sorted, without those that are `null`.
fn ordered(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(ordered).collect()),
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, ordered(value)))
                .collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::action::{Input, Shell};

    fn shell() -> Shell {
        Shell {
            command: "echo ok".to_owned(),
            ok: Some(vec![0]),
            parse: None,
            env: [("B".to_owned(), Input::Secret("token".to_owned())), ("A".to_owned(), Input::Text("1".to_owned()))]
                .into(),
            stdin: None,
            dir: None,
            tty: false,
            save: None,
            max_bytes: None,
        }
    }

    #[test]
    fn what_is_not_there_is_left_out_and_secrets_are_names() {
        let json = effect(&Effect::Shell(shell())).to_string();
        assert_eq!(
            json,
            r#"{"shell":{"command":"echo ok","env":{"A":{"text":"1"},"B":{"secret":"token"}},"ok":[0],"tty":false}}"#
        );
    }

    #[test]
    fn every_difference_gives_another_digest() {
        let plain = digest(&effect(&Effect::Shell(shell())));
        let other = digest(&effect(&Effect::Shell(Shell { tty: true, ..shell() })));
        let none = digest(&effect(&Effect::Shell(Shell { ok: None, ..shell() })));
        assert_eq!(plain.len(), 64);
        assert!(plain != other && plain != none && other != none);
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0x0a, 0xf0]), "0af0");
    }
}
