//! Values, units, durations, percents and their arithmetic. No syntax, no effects.

pub mod answer;
mod decimal;
pub mod error;
pub mod function;
pub mod human;
pub mod json;
pub mod nearest;
pub mod ops;
pub mod parse;
pub mod read;
pub mod text;
pub mod types;
pub mod unit;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text::Both;
pub use error::ValueError;

/// A value of the language. All maps are ordered, so nothing that is printed or journaled depends on a hash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `null`: an unset optional, a JSON null.
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number without a unit.
    Int(i64),
    /// A number without a unit; never NaN (a NaN of a metric is `no_data` before it becomes a value).
    Float(f64),
    /// A ratio: `98.pct` is 0.98. Percentage points (`1.pp`) are differences of such and have the same form.
    Percent(f64),
    /// A span of time, exact to the nanosecond.
    Duration(SignedDuration),
    /// A number of bytes.
    Bytes(i64),
    /// A point in time.
    Time(Timestamp),
    /// Text of any kind: string, text, url, path, the member of a `one_of`.
    Text(String),
    /// In order.
    List(Vec<Value>),
    /// A map, a JSON object, or a record (`x.out`, `baseline.p99`).
    Map(BTreeMap<String, Value>),
    /// The name of a secret, never its text: only a driver knows that.
    Secret(String),
    /// How something came out.
    Verdict(Verdict),
}

impl Value {
    /// The name of its type, for messages: `duration`, `text`, `list`.
    pub fn type_name(&self) -> Both {
        match self {
            Value::Null => Both::verbatim("null"),
            Value::Bool(_) => Both("bool", "布尔值"),
            Value::Int(_) => Both("int", "整数"),
            Value::Float(_) => Both("float", "小数"),
            Value::Percent(_) => Both("percent", "百分比"),
            Value::Duration(_) => Both("duration", "时长"),
            Value::Bytes(_) => Both("bytes", "大小"),
            Value::Time(_) => Both("time", "时间"),
            Value::Text(_) => Both("text", "文本"),
            Value::List(_) => Both("list", "列表"),
            Value::Map(_) => Both("map", "映射"),
            Value::Secret(_) => Both("secret", "密钥"),
            Value::Verdict(_) => Both("verdict", "判定"),
        }
    }
}

/// How an objective, a step or a run came out. These are different outcomes on purpose: a thing that was not measured,
/// not run or not applicable never reads as passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds; it was done.
    Pass,
    /// A step failed, a check was false, a person rejected.
    Fail,
    /// An objective missed its target.
    Breach,
    /// There was nothing to judge.
    NoData,
    /// It could not be measured or evaluated.
    Error,
    /// A person skipped it, with a reason.
    Skipped,
    /// Its `if:` was false, or a person ruled that it does not apply.
    NotApplicable,
    /// Not finished, or not begun.
    Pending,
    /// A run that was rolled back.
    RolledBack,
    /// A run that was aborted.
    Aborted,
    /// It had begun when the run was rolled back, aborted or finished, and came to no end of its own.
    CutOff,
}

impl Verdict {
    /// All of them.
    pub const ALL: &[Verdict] = &[
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Breach,
        Verdict::NoData,
        Verdict::Error,
        Verdict::Skipped,
        Verdict::NotApplicable,
        Verdict::Pending,
        Verdict::RolledBack,
        Verdict::Aborted,
        Verdict::CutOff,
    ];

    /// The name in the language, journal and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Breach => "breach",
            Verdict::NoData => "no_data",
            Verdict::Error => "error",
            Verdict::Skipped => "skipped",
            Verdict::NotApplicable => "not_applicable",
            Verdict::Pending => "pending",
            Verdict::RolledBack => "rolled_back",
            Verdict::Aborted => "aborted",
            Verdict::CutOff => "cut_off",
        }
    }
}
