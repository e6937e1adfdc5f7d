//! What fits as an answer of a person, and the reading of it. One function for the terminal, answers files and
//! `runbook answer`, so that all of them take and refuse the same.

mod error;

pub use error::AnswerError;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Value;
use super::function::compile;
use super::nearest::nearest;
use super::ops::{Comparison, compare};
use super::read::{Reader, split_list};
use super::types::Type;
use crate::text;

/// Longest answer, in bytes: a page of text a few times over, and small enough that a journal stays readable.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerSpec {
    /// Its type, without the optional. `Bool` for yes/no questions, `OneOf` for choices.
    pub ty: Type,
    /// An empty answer is taken as `null`.
    pub optional: bool,
    /// Smallest. For a text a number of characters, for a list of members.
    pub min: Option<Value>,
    /// Largest, as `min`.
    pub max: Option<Value>,
    /// Regular expression that it must match, unanchored, and "case does not count".
    pub matches: Option<(String, bool)>,
    /// Text that must be typed exactly; the value is then `true`.
    pub typed: Option<String>,
}

/// Words that mean yes.
const YES: &[&str] = &["yes", "y", "true", "是", "好", "确认"];
/// Words that mean no.
const NO: &[&str] = &["no", "n", "false", "否", "不", "不是"];
/// Words for an empty choice of several.
const NONE: &[&str] = &["none", "无", "[]"];

/// The yes or no that a word clearly means. Nothing else is one: a typo is neither.
pub fn yes_or_no(typed: &str) -> Option<bool> {
    let word = typed.trim().to_lowercase();
    if YES.contains(&word.as_str()) {
        Some(true)
    } else if NO.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

impl AnswerSpec {
    /// Any value of this type.
    pub fn of(ty: Type) -> Self {
        Self { ty, optional: false, min: None, max: None, matches: None, typed: None }
    }

    /// Reads what a person typed. A time without an offset is in `zone`.
    pub fn read(&self, typed: &str, zone: &TimeZone) -> Result<Value, AnswerError> {
        if typed.len() > MAX_ANSWER_BYTES {
            return Err(AnswerError::TooLong { bytes: typed.len() });
        }
        let word = typed.trim();
        if let Some(text) = &self.typed {
            return match yes_or_no(word) {
                _ if word == text => Ok(Value::Bool(true)),
                Some(false) => Ok(Value::Bool(false)),
                Some(true) | None => Err(AnswerError::NotTyped { text: text.clone() }),
            };
        }
        if word.is_empty() {
            return if self.optional { Ok(Value::Null) } else { Err(AnswerError::Empty) };
        }
        let value = if self.ty == Type::Bool {
            yes_or_no(word).map(Value::Bool).ok_or_else(|| not_yes_or_no(word))?
        } else if let Type::OneOf(members) = &self.ty {
            Value::Text(choice(word, members)?)
        } else if let Type::ManyOf(members) = &self.ty {
            Value::List(several(word, members)?)
        } else {
            let wrong = |error: super::ValueError| AnswerError::NotOfType {
                typed: word.to_owned(),
                ty: self.ty.clone(),
                reason: error.message,
            };
            Reader::new(zone.clone()).read(if self.ty == Type::Text { word } else { typed }, &self.ty).map_err(wrong)?
        };
        self.within(value)
    }

    /// Judges a typed value, as an answers file gives it. Text is read as if it had been typed; a whole number stands for a
    /// float; a bare number never stands for a quantity with a unit.
    pub fn fit(&self, value: &Value, zone: &TimeZone) -> Result<Value, AnswerError> {
        let not_of_type = || AnswerError::NotOfType {
            typed: super::text::text(value),
            ty: self.ty.clone(),
            reason: text!("{} is {}", "{} 是{}", super::text::text(value), value.type_name()),
        };
        if let Value::Text(text) = value {
            return self.read(text, zone);
        }
        if *value == Value::Null {
            return if self.optional { Ok(Value::Null) } else { Err(AnswerError::Empty) };
        }
        if let Some(text) = &self.typed {
            let no = *value == Value::Bool(false);
            return if no { Ok(Value::Bool(false)) } else { Err(AnswerError::NotTyped { text: text.clone() }) };
        }
        if let (Type::Float, Value::Int(number)) = (&self.ty, value) {
            return self.within(Value::Float(*number as f64));
        }
        if let (Type::ManyOf(members), Value::List(items)) = (&self.ty, value) {
            let mut chosen = Vec::new();
            for item in items {
                let Value::Text(word) = item else { return Err(not_of_type()) };
                let member = Value::Text(choice(word, members)?);
                if !chosen.contains(&member) {
                    chosen.push(member);
                }
            }
            return self.within(Value::List(chosen));
        }
        if self.ty.holds(value) { self.within(value.clone()) } else { Err(not_of_type()) }
    }

    /// Keeps a value of the type to the limits and the pattern.
    pub fn within(&self, value: Value) -> Result<Value, AnswerError> {
        let measured = if let Value::Text(text) = &value {
            count(text.chars().count())
        } else if let Value::List(items) = &value {
            count(items.len())
        } else {
            value.clone()
        };
        // Limits that cannot be compared with the type were refused by the check; they never let a value pass here.
        if let Some(min) = &self.min
            && !compare(Comparison::Ge, &measured, min).unwrap_or(false)
        {
            return Err(AnswerError::Below { value, min: min.clone() });
        }
        if let Some(max) = &self.max
            && !compare(Comparison::Le, &measured, max).unwrap_or(false)
        {
            return Err(AnswerError::Above { value, max: max.clone() });
        }
        if let Some((source, ignore_case)) = &self.matches {
            let text = super::text::text(&value);
            if !compile(source, *ignore_case).is_ok_and(|pattern| pattern.is_match(&text)) {
                return Err(AnswerError::NoMatch { typed: text, pattern: source.clone() });
            }
        }
        Ok(value)
    }
}

fn count(members: usize) -> Value {
    Value::Int(i64::try_from(members).unwrap_or(i64::MAX))
}

fn not_yes_or_no(word: &str) -> AnswerError {
    let near = nearest(word, ["yes", "no"]);
    AnswerError::NotYesOrNo { typed: word.to_owned(), near: near.map(str::to_owned) }
}

/// The member that is meant; case does not count.
fn choice(word: &str, members: &[String]) -> Result<String, AnswerError> {
    let word = word.trim();
    let exact = members.iter().find(|member| *member == word);
    let found = exact.or_else(|| members.iter().find(|member| member.eq_ignore_ascii_case(word)));
    found.cloned().ok_or_else(|| AnswerError::NotAChoice {
        typed: word.to_owned(),
        choices: members.to_vec(),
        near: nearest(word, members.iter().map(String::as_str)).map(str::to_owned),
    })
}

/// Members separated by commas or spaces, each once, in the order of the answer.
fn several(words: &str, members: &[String]) -> Result<Vec<Value>, AnswerError> {
    if NONE.contains(&words.to_lowercase().as_str()) && !members.iter().any(|member| member == words) {
        return Ok(Vec::new());
    }
    let mut chosen = Vec::new();
    for word in split_list(words).flat_map(str::split_whitespace) {
        let member = Value::Text(choice(word, members)?);
        if !chosen.contains(&member) {
            chosen.push(member);
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests;
