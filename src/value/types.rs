//! The types of the language, with their units.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Value;
use crate::text::Text;

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
    /// A record with known fields: the result of an effect, a series, an objective, an entry of a `collect`. Shared: ten thousand
    /// commands have one and the same.
    Record(Arc<BTreeMap<String, Type>>),
    /// `T?`: may be `null`.
    Optional(Box<Type>),
    /// Something was wrong and has been said: fits everywhere, so that one mistake gives one message.
    Unknown,
}

impl Type {
    /// For messages, as a whole or in the middle of one: in English as it is declared, in Chinese a word of prose.
    pub fn named(&self) -> Text {
        Text { en: self.to_string(), zh: self.zh() }
    }

    /// A record with these fields.
    pub fn record(fields: BTreeMap<String, Type>) -> Self {
        Type::Record(Arc::new(fields))
    }

    /// This type or null. What is known only when it is there stays so.
    #[must_use]
    pub fn or_null(self) -> Self {
        if matches!(self, Type::Optional(_) | Type::Json | Type::Unknown) {
            self
        } else {
            Type::Optional(Box::new(self))
        }
    }

    /// Text of any kind.
    pub fn is_text(&self) -> bool {
        matches!(self, Type::String | Type::Text | Type::Url | Type::Path | Type::OneOf(_))
    }

    /// A value whose shape is known only when it is there, so that the check lets it pass and the run judges it.
    pub fn is_open(&self) -> bool {
        matches!(self, Type::Json | Type::Unknown)
    }

    /// Is `value` of this type? Values out of JSON are judged here, when they are there.
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Type::Null => *value == Value::Null,
            Type::Bool => matches!(value, Value::Bool(_)),
            Type::Int => matches!(value, Value::Int(_)),
            Type::Float => matches!(value, Value::Float(_) | Value::Int(_)),
            Type::Percent => matches!(value, Value::Percent(_)),
            Type::Duration => matches!(value, Value::Duration(_)),
            Type::Bytes => matches!(value, Value::Bytes(_)),
            Type::Time => matches!(value, Value::Time(_)),
            Type::String | Type::Text | Type::Url | Type::Path => matches!(value, Value::Text(_)),
            Type::Secret => matches!(value, Value::Secret(_)),
            Type::Verdict => matches!(value, Value::Verdict(_)),
            Type::List(element) => {
                if let Value::List(items) = value {
                    items.iter().all(|item| element.holds(item))
                } else {
                    false
                }
            }
            Type::Map(element) => {
                if let Value::Map(fields) = value {
                    fields.values().all(|item| element.holds(item))
                } else {
                    false
                }
            }
            Type::Json | Type::Unknown => true,
            Type::OneOf(members) => matches!(value, Value::Text(text) if members.contains(text)),
            Type::ManyOf(members) => {
                let known = |item: &Value| matches!(item, Value::Text(text) if members.contains(text));
                matches!(value, Value::List(items) if items.iter().all(known))
            }
            Type::Record(fields) => {
                let known = |given: &BTreeMap<String, Value>| {
                    fields.iter().all(|(name, ty)| ty.holds(given.get(name).unwrap_or(&Value::Null)))
                };
                matches!(value, Value::Map(given) if known(given))
            }
            Type::Optional(ty) => *value == Value::Null || ty.holds(value),
        }
    }
}

impl Type {
    fn zh(&self) -> String {
        let word = match self {
            Type::Null => "null",
            Type::Bool => "布尔值",
            Type::Int => "整数",
            Type::Float => "小数",
            Type::Percent => "百分比",
            Type::Duration => "时长",
            Type::Bytes => "大小",
            Type::Time => "时间",
            Type::String => "单行文本",
            Type::Text => "文本",
            Type::Url => "网址",
            Type::Path => "路径",
            Type::Secret => "密钥",
            Type::Verdict => "判定",
            Type::List(element) if element.is_open() => "列表",
            Type::List(element) => return format!("{}列表", element.zh()),
            Type::Map(_) => "映射",
            Type::Json => "JSON 值",
            Type::OneOf(_) | Type::ManyOf(_) => return format!("`{self}`"),
            Type::Record(_) => "记录",
            Type::Optional(inner) => return format!("{}或 null", inner.zh()),
            Type::Unknown => "未知类型",
        };
        word.to_owned()
    }
}

impl fmt::Display for Type {
    /// As it is written in a runbook: `duration`, `one_of(a, b)`, `string?`, `list of text`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Percent => f.write_str("percent"),
            Type::Duration => f.write_str("duration"),
            Type::Bytes => f.write_str("bytes"),
            Type::Time => f.write_str("time"),
            Type::String => f.write_str("string"),
            Type::Text => f.write_str("text"),
            Type::Url => f.write_str("url"),
            Type::Path => f.write_str("path"),
            Type::Secret => f.write_str("secret"),
            Type::Verdict => f.write_str("verdict"),
            Type::List(element) if element.is_open() => f.write_str("list"),
            Type::List(element) => write!(f, "list of {element}"),
            Type::Map(element) if element.is_open() => f.write_str("map"),
            Type::Map(element) => write!(f, "map of {element}"),
            Type::Json => f.write_str("json"),
            Type::OneOf(members) => write!(f, "one_of({})", members.join(", ")),
            Type::ManyOf(members) => write!(f, "many_of({})", members.join(", ")),
            Type::Record(fields) => {
                let names: Vec<&str> = fields.keys().map(String::as_str).collect();
                write!(f, "record with {}", names.join(", "))
            }
            Type::Optional(ty) => write!(f, "{ty}?"),
            Type::Unknown => f.write_str("unknown"),
        }
    }
}
