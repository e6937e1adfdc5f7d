//! Functions of text and time.

use regex::{Regex, RegexBuilder};

use super::{Args, Context, wrong};
use crate::text;
use crate::text::Both;
use crate::value::Value;
use crate::value::error::ValueError;
use crate::value::{parse, read};

/// Largest compiled form of a pattern, in bytes: a pattern of a runbook stays far below, and `\w{1000}{1000}` does not take
/// the machine's memory. Matching itself is linear in the text.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;

/// Compiles a pattern as the language means it: linear time, `.` is no newline, anchors only where written.
pub fn compile(source: &str, ignore_case: bool) -> Result<Regex, ValueError> {
    RegexBuilder::new(source).case_insensitive(ignore_case).size_limit(MAX_PATTERN_BYTES).build().map_err(|error| {
        // The whole message draws the pattern over several lines; its last line says what is wrong.
        let message = error.to_string();
        let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
        ValueError::new(text!("/{source}/ is no pattern: {reason}", "/{source}/ 不是模式：{reason}"))
    })
}

/// A pattern that stands as text in an argument; `/re/i` comes as `(?i)re`.
pub(super) fn pattern(source: &str) -> Result<Regex, ValueError> {
    compile(source, false)
}

/// By a separator, or at white space where none is given.
pub(super) fn split(args: Args<'_>) -> Result<Value, ValueError> {
    let text = args.text(0)?;
    if args.len() < 2 {
        return Ok(Value::List(text.split_whitespace().map(|word| Value::Text(word.to_owned())).collect()));
    }
    let separator = args.text(1)?;
    if separator.is_empty() {
        return Err(ValueError::new(text!("the separator is empty", "分隔符为空")));
    }
    Ok(Value::List(text.split(separator).map(|part| Value::Text(part.to_owned())).collect()))
}

pub(super) fn replace(args: Args<'_>) -> Result<Value, ValueError> {
    let from = args.text(1)?;
    if from.is_empty() {
        return Err(ValueError::new(text!("the text to replace is empty", "要替换的文本为空")));
    }
    Ok(Value::Text(args.text(0)?.replace(from, args.text(2)?)))
}

/// The first group of the first match, the whole match where the pattern has no group. No match is an error, unless a text
/// for it is given.
pub(super) fn capture(args: Args<'_>) -> Result<Value, ValueError> {
    let text = args.text(0)?;
    let source = args.text(1)?;
    let found = pattern(source)?;
    let matched = found.captures(text).and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    match (matched, args.get(2).ok()) {
        (Some(matched), _) => Ok(Value::Text(matched.as_str().to_owned())),
        (None, Some(Value::Text(instead))) => Ok(Value::Text(instead.clone())),
        (None, Some(other)) => Err(wrong(other, Both("text", "文本"))),
        (None, None) => Err(ValueError::new(text!(
            "/{source}/ does not match {}",
            "/{source}/ 与 {} 不匹配",
            crate::value::ops::said(args.get(0)?)
        ))),
    }
}

pub(super) fn host(args: Args<'_>) -> Result<Value, ValueError> {
    let text = args.text(0)?;
    read::url_host(text)
        .map(|host| Value::Text(host.to_owned()))
        .ok_or_else(|| ValueError::new(text!("{text:?} is no URL", "{text:?} 不是 URL")))
}

pub(super) fn time(args: Args<'_>) -> Result<Value, ValueError> {
    parse::time(args.text(0)?.trim())
}

/// In the runbook's zone, by the letters of `strftime`; without them the day, `2025-11-18`.
pub(super) fn date(args: Args<'_>, context: Context<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    let Value::Time(time) = value else { return Err(wrong(value, Both("a time", "时间"))) };
    let format = if args.len() > 1 { args.text(1)? } else { "%F" };
    let zoned = time.to_zoned_datetime(context.zone.clone());
    jiff::fmt::strtime::format(format, &zoned).map(Value::Text).map_err(|error| {
        ValueError::new(text!("{format:?} is no form of a date: {error}", "{format:?} 不是日期格式：{error}"))
    })
}
