//! What is wrong with a command line, in Chinese: from what clap found, not from the words in which it says so.

use std::error::Error as _;
use std::num::{IntErrorKind, ParseIntError};

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::help;
use crate::cli::args::Unfit;
use crate::text::Lang;

/// What is wrong, what would be right, and how the command is called. None for what is not about a command line.
pub(super) fn said(error: &Error) -> Option<String> {
    let mut said = vec![format!("错误：{}", message(error)?)];
    said.extend(suggestions(error).into_iter().map(|help| format!("  提示：{help}")));
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        said.extend([String::new(), help::usage(&usage.to_string())]);
    }
    said.extend([String::new(), "更多说明见 `--help`。".to_owned()]);
    Some(said.join("\n"))
}

/// A fact as one word.
fn word(error: &Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(word)) => word,
        Some(_) | None => "",
    }
}

/// A fact as several words.
fn words(error: &Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::Strings(words)) => words.iter().map(String::as_str).collect(),
        Some(ContextValue::String(word)) => vec![word],
        Some(_) | None => Vec::new(),
    }
}

fn number(error: &Error, kind: ContextKind) -> isize {
    match error.get(kind) {
        Some(ContextValue::Number(number)) => *number,
        Some(_) | None => 0,
    }
}

fn message(error: &Error) -> Option<String> {
    let argument = word(error, ContextKind::InvalidArg);
    let value = word(error, ContextKind::InvalidValue);
    let given = number(error, ContextKind::ActualNumValues);
    Some(match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("没有选项 {argument}"),
        ErrorKind::UnknownArgument => format!("多余的参数 {argument}"),
        ErrorKind::InvalidSubcommand => format!("没有命令 {}", word(error, ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => {
            format!("缺少必需的参数 {}", words(error, ContextKind::InvalidArg).join("、"))
        }
        ErrorKind::MissingSubcommand => format!(
            "{} 之后缺少命令；可用命令：{}",
            word(error, ContextKind::InvalidSubcommand),
            words(error, ContextKind::ValidSubcommand).join("、")
        ),
        ErrorKind::InvalidValue => {
            let wrong = if value.is_empty() { "缺少值".to_owned() } else { format!("不能是 {value}") };
            let possible = words(error, ContextKind::ValidValue);
            let possible =
                if possible.is_empty() { String::new() } else { format!("；可选值：{}", possible.join("、")) };
            format!("{argument} {wrong}{possible}")
        }
        ErrorKind::ValueValidation => format!("{argument} 不能是 {value}{}", reason(error)),
        ErrorKind::ArgumentConflict => match words(error, ContextKind::PriorArg).as_slice() {
            [] => format!("{argument} 不能与其他参数同时使用"),
            [one] if *one == argument => format!("{argument} 只能给出一次"),
            others => format!("{argument} 不能与 {} 同时使用", others.join("、")),
        },
        ErrorKind::NoEquals => format!("{argument} 的值须用 `=` 连接"),
        ErrorKind::TooManyValues => format!("{argument} 多了一个值 {value}"),
        ErrorKind::TooFewValues => {
            format!("{argument} 至少需要 {} 个值，只给出了 {given} 个", number(error, ContextKind::MinValues))
        }
        ErrorKind::WrongNumberOfValues => {
            format!("{argument} 需要 {} 个值，给出了 {given} 个", number(error, ContextKind::ExpectedNumValues))
        }
        ErrorKind::InvalidUtf8 => "命令行中有不是 UTF-8 的参数".to_owned(),
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => return None,
    })
}

/// Why a value cannot be taken.
fn reason(error: &Error) -> String {
    let Some(source) = error.source() else { return String::new() };
    if let Some(Unfit(wanted)) = source.downcast_ref() {
        return format!("：应为{}", Lang::Zh.pick(wanted.0, wanted.1));
    }
    match source.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => "：数值过大".to_owned(),
        Some(_) => "：应为不小于零的整数".to_owned(),
        None => format!("：{source}"),
    }
}

/// What was perhaps meant.
fn suggestions(error: &Error) -> Vec<String> {
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let mut all: Vec<String> = near
        .into_iter()
        .map(|kind| words(error, kind))
        .filter(|near| !near.is_empty())
        .map(|near| format!("是否想写 {}？", near.join("、")))
        .collect();
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) {
        all.extend(tips.iter().filter_map(|tip| advice(&tip.to_string())));
    }
    all
}

/// clap gives these as sentences alone, with what they are about between quotes.
fn advice(tip: &str) -> Option<String> {
    let named: Vec<&str> = tip.split('\'').skip(1).step_by(2).collect();
    match named.as_slice() {
        [value, way] if tip.contains(" as a value, use ") => Some(format!("若要把 {value} 当作值，请写 `{way}`")),
        [name, dashes] if tip.contains(" exists; to use it, remove the ") => {
            Some(format!("有命令 {name}；要使用它，请去掉前面的 `{dashes}`"))
        }
        [form] if tip.ends_with(" exists") => Some(format!("可以写 `{form}`")),
        _ => None,
    }
}
