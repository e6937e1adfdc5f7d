//! The types of the language, with their units.

use std::collections::BTreeMap;

/// A type. Two types are the same exactly when they are equal; what may stand where is `check`'s.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// `null` alone.
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `percent`: a ratio with its unit.
    Percent,
    /// `duration`
    Duration,
    /// `bytes`
    Bytes,
    /// `time`
    Time,
    /// `string`: one line. Also the members of a `one_of` when read.
    String,
    /// `text`: several lines.
    Text,
    /// `url`
    Url,
    /// `path`
    Path,
    /// `secret`: usable only where it stays one (credentials, environment, stdin).
    Secret,
    /// `verdict`
    Verdict,
    /// `list` of one type.
    List(Box<Type>),
    /// `map` with values of one type.
    Map(Box<Type>),
    /// A value whose shape is known only when it is there: parsed JSON and what is read out of it.
    Json,
    /// `one_of(a, b)`
    OneOf(Vec<String>),
    /// `many_of(a, b)`
    ManyOf(Vec<String>),
    /// A record with known fields: the result of an effect, a series, an objective, an entry of a `collect`.
    Record(BTreeMap<String, Type>),
    /// `T?`: may be `null`.
    Optional(Box<Type>),
    /// Something was wrong and has been said: fits everywhere, so that one mistake gives one message.
    Unknown,
}
