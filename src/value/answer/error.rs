//! Why an answer does not fit, in the language of whoever gave it.

use crate::text::{Lang, Text};
use crate::value::Value;
use crate::value::text::text;
use crate::value::types::Type;

/// Why an answer does not fit. Nothing of it is a "no".
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerError {
    /// Nothing was given, and something must be.
    Empty,
    /// Longer than an answer may be.
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// Neither a yes nor a no.
    NotYesOrNo {
        /// What was given.
        typed: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// None of the choices.
    NotAChoice {
        /// What was given.
        typed: String,
        /// What there is.
        choices: Vec<String>,
        /// What was probably meant.
        near: Option<String>,
    },
    /// Not of the wanted type.
    NotOfType {
        /// What was given.
        typed: String,
        /// The wanted type.
        ty: Type,
        /// What is wrong with it, in English.
        reason: Text,
    },
    /// The text that must be typed was not.
    NotTyped {
        /// The text.
        text: String,
    },
    /// Below the smallest.
    Below {
        /// What was given.
        value: Value,
        /// The smallest.
        min: Value,
    },
    /// Above the largest.
    Above {
        /// What was given.
        value: Value,
        /// The largest.
        max: Value,
    },
    /// It does not have the wanted form.
    NoMatch {
        /// What was given.
        typed: String,
        /// The pattern.
        pattern: String,
    },
}

impl AnswerError {
    /// One sentence.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            AnswerError::Empty => lang.pick("an answer is needed", "必须作答").to_owned(),
            AnswerError::TooLong { bytes } => {
                let most = super::MAX_ANSWER_BYTES;
                lang.pick(
                    format!("the answer has {bytes} bytes; {most} are possible"),
                    format!("答复有 {bytes} 字节，最多 {most} 字节"),
                )
            }
            AnswerError::NotYesOrNo { typed, near } => {
                let meant = did_you_mean(near.as_deref(), lang);
                lang.pick(
                    format!("“{typed}” is neither yes nor no{meant}"),
                    format!("“{typed}”既不是“是”(y)，也不是“否”(n){meant}"),
                )
            }
            AnswerError::NotAChoice { typed, choices, near } => {
                let meant = did_you_mean(near.as_deref(), lang);
                lang.pick(
                    format!("“{typed}” is none of {}{meant}", choices.join(", ")),
                    format!("“{typed}”不在可选项 {} 之中{meant}", choices.join("、")),
                )
            }
            AnswerError::NotOfType { typed, ty, reason } => {
                let example = example(ty);
                let (en, zh) = match example {
                    Some(example) => (format!("; for example {example}"), format!("，例如 {example}")),
                    None => (format!(": {}", reason.en), format!("：{}", reason.zh)),
                };
                lang.pick(
                    format!("“{typed}” is no {}{en}", name(ty, lang)),
                    format!("“{typed}”不是{}{zh}", name(ty, lang)),
                )
            }
            AnswerError::NotTyped { text } => {
                lang.pick(format!("type exactly “{text}”, or no"), format!("请原样输入“{text}”，或输入“否”"))
            }
            AnswerError::Below { value, min } => limit(value, min, lang, ("at least", "至少")),
            AnswerError::Above { value, max } => limit(value, max, lang, ("at most", "最多")),
            AnswerError::NoMatch { typed, pattern } => lang.pick(
                format!("“{typed}” does not have the form /{pattern}/"),
                format!("“{typed}”不符合格式 /{pattern}/"),
            ),
        }
    }
}

fn did_you_mean(near: Option<&str>, lang: Lang) -> String {
    near.map(|near| lang.pick(format!("; did you mean “{near}”?"), format!("；是否想写“{near}”？"))).unwrap_or_default()
}

fn limit(value: &Value, bound: &Value, lang: Lang, words: (&str, &str)) -> String {
    let bound = text(bound);
    let (en, zh) = words;
    if let Value::Text(given) = value {
        let has = given.chars().count();
        return lang.pick(
            format!("it has {has} characters; {en} {bound} are wanted"),
            format!("有 {has} 个字符，{zh} {bound} 个"),
        );
    }
    if let Value::List(given) = value {
        let has = given.len();
        return lang
            .pick(format!("{has} were chosen; {en} {bound} are wanted"), format!("选了 {has} 项，{zh} {bound} 项"));
    }
    let given = text(value);
    lang.pick(format!("{given} does not fit: {en} {bound}"), format!("{given} 不符合要求：{zh} {bound}"))
}

fn example(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Int => Some("12"),
        Type::Float => Some("0.95"),
        Type::Percent => Some("98%"),
        Type::Duration => Some("10m, 1h30m"),
        Type::Bytes => Some("20MB, 512MiB"),
        Type::Time => Some("2025-11-18 09:00"),
        Type::Url => Some("https://host:port/path"),
        Type::Null
        | Type::Bool
        | Type::String
        | Type::Text
        | Type::Path
        | Type::Secret
        | Type::Verdict
        | Type::List(_)
        | Type::Map(_)
        | Type::Json
        | Type::OneOf(_)
        | Type::ManyOf(_)
        | Type::Record(_)
        | Type::Optional(_)
        | Type::Unknown => None,
    }
}

/// The type's name for people.
pub(super) fn name(ty: &Type, lang: Lang) -> String {
    let (en, zh) = match ty {
        Type::Bool => ("yes or no", "是或否"),
        Type::Int => ("whole number", "整数"),
        Type::Float => ("number", "数字"),
        Type::Percent => ("percentage", "百分比"),
        Type::Duration => ("duration", "时长"),
        Type::Bytes => ("size", "大小"),
        Type::Time => ("time", "时间"),
        Type::String => ("line of text", "单行文本"),
        Type::Text => ("text", "文本"),
        Type::Url => ("URL", "网址"),
        Type::Path => ("path", "路径"),
        Type::List(_) | Type::ManyOf(_) => ("list", "列表"),
        Type::Map(_) | Type::Record(_) => ("map", "映射"),
        Type::Json => ("JSON", "JSON"),
        Type::Null | Type::Secret | Type::Verdict | Type::OneOf(_) | Type::Optional(_) | Type::Unknown => {
            return ty.to_string();
        }
    };
    lang.pick(en, zh).to_owned()
}
