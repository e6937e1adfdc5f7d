//! What can be wrong with an exposition, in words.

use crate::text;
use crate::text::Text;
use std::fmt;

/// Longest piece of the text that is quoted in a message, in characters.
const MAX_QUOTED_CHARS: usize = 40;

/// The text could not be read. No part of it is used then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The same place in bytes, from 0.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Neither a metric's name, nor `{`, nor a comment begins here.
    NoSample(String),
    /// A sample without a name: `{a="b"} 1`.
    NoName,
    /// A second name in braces.
    NameTwice,
    /// A name that is quoted and empty.
    EmptyName,
    /// `# HELP`, `# TYPE` or `# UNIT` without a valid name after it.
    NoFamily(&'static str),
    /// `# TYPE` with a word that is no type in this format.
    UnknownType(String),
    /// `# UNIT` whose text is not the end of the family's name.
    UnknownUnit(String),
    /// In braces, something that is no label name.
    NoLabelName(String),
    /// No `=` after the label's name.
    NoEquals,
    /// No quoted value after `=`.
    NoLabelValue,
    /// OpenMetrics wants a comma between labels.
    NoComma,
    /// A quote that is not closed.
    OpenQuote,
    /// The line ends within braces.
    OpenBrace,
    /// A label stands twice.
    DuplicateLabel(String),
    /// No value.
    NoValue,
    /// Not a number as Go reads it.
    BadValue(String),
    /// Not a time of this format.
    BadTimestamp(String),
    /// Something after the sample's end.
    Trailing(String),
    /// `\r\n` at the end of the line.
    CarriageReturn,
    /// OpenMetrics takes exactly one blank here and no tabs.
    Spacing,
    /// OpenMetrics has no empty lines.
    BlankLine,
    /// OpenMetrics has no comments other than HELP, TYPE, UNIT and EOF.
    Comment,
    /// What follows ` # ` is not an exemplar.
    BadExemplar,
    /// The end is missing: the response may have been cut.
    NoEof,
    /// Text after `# EOF`.
    AfterEof,
    /// The last line of OpenMetrics has no end: the response may have been cut.
    CutLine,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Larger than the limit, in bytes.
    TooLarge(usize),
    /// A line longer than the limit, in bytes.
    LongLine(usize),
    /// More samples than the limit.
    TooManySamples(usize),
    /// More labels on one sample than the limit.
    TooManyLabels(usize),
}

impl Problem {
    /// Is it more than is taken, and not a text that is wrong?
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::LongLine(_) | Self::TooManySamples(_) | Self::TooManyLabels(_))
    }

    /// The beginning of `text`, for a message.
    pub(super) fn quoted(text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let mut letters = text.chars();
        let mut out: String = letters.by_ref().take(MAX_QUOTED_CHARS).collect();
        if letters.next().is_some() {
            out.push('…');
        }
        // A message stays on its line, whatever the target sent.
        out.chars()
            .flat_map(|letter| if letter.is_control() { letter.escape_debug().collect() } else { vec![letter] })
            .collect()
    }

    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::NoSample(found) => text!("a metric's name is expected, not {found}", "此处应为指标名，却是 {found}"),
            Self::NoName => text!("the sample has no metric name", "样本缺少指标名"),
            Self::NameTwice => text!("the metric's name stands twice", "指标名出现了两次"),
            Self::EmptyName => text!("a name is empty", "指标名或标签名为空"),
            Self::NoFamily(word) => text!("# {word} needs a metric's name", "# {word} 之后缺少指标名"),
            Self::UnknownType(found) => text!("\"{found}\" is not a metric type", "“{found}”不是合法的类型"),
            Self::UnknownUnit(found) => {
                text!("the unit \"{found}\" is not the end of the metric's name", "单位“{found}”不是指标名的结尾")
            }
            Self::NoLabelName(found) => {
                text!("a label's name is expected, not {found}", "此处应为标签名，却是 {found}")
            }
            Self::NoEquals => text!("= is expected after the label's name", "标签名之后缺少 ="),
            Self::NoLabelValue => text!("a value in quotes is expected after =", "= 之后缺少带引号的标签值"),
            Self::NoComma => text!("a comma is expected between labels", "标签之间缺少逗号"),
            Self::OpenQuote => text!("this quote is never closed", "引号没有闭合"),
            Self::OpenBrace => text!("the line ends before }}", "花括号没有闭合"),
            Self::DuplicateLabel(name) => text!("the label {name} stands twice", "标签 {name} 出现了两次"),
            Self::NoValue => text!("the sample has no value", "缺少样本值"),
            Self::BadValue(found) => text!("\"{found}\" is not a number", "“{found}”不是数字"),
            Self::BadTimestamp(found) => text!("\"{found}\" is not a timestamp", "“{found}”不是合法的时间戳"),
            Self::Trailing(found) => {
                text!("the sample ends here, what follows is not part of it: {found}", "样本之后有多余内容：{found}")
            }
            Self::CarriageReturn => text!("the line ends with CRLF, it must be LF", "行尾是 CRLF，应为 LF"),
            Self::Spacing => text!("exactly one blank is expected here", "此处必须恰好是一个空格"),
            Self::BlankLine => text!("OpenMetrics has no empty lines", "OpenMetrics 不允许空行"),
            Self::Comment => {
                text!("OpenMetrics has no comments other than HELP, TYPE, UNIT and EOF", "OpenMetrics 不允许普通注释")
            }
            Self::BadExemplar => text!("this is not an exemplar", "exemplar 的格式不正确"),
            Self::NoEof => {
                text!("# EOF is missing at the end: the response may have been cut", "缺少结尾的 # EOF：响应可能被截断")
            }
            Self::AfterEof => text!("nothing may follow # EOF", "# EOF 之后还有内容"),
            Self::CutLine => {
                text!("the last line does not end: the response may have been cut", "最后一行没有结束：响应可能被截断")
            }
            Self::NotUtf8 => text!("this is not UTF-8", "不是 UTF-8 文本"),
            Self::TooLarge(limit) => text!("larger than the limit of {limit} bytes", "超过 {limit} 字节的上限"),
            Self::LongLine(limit) => {
                text!("the line is longer than the limit of {limit} bytes", "这一行超过 {limit} 字节的上限")
            }
            Self::TooManySamples(limit) => text!("more than the limit of {limit} samples", "超过 {limit} 个样本的上限"),
            Self::TooManyLabels(limit) => {
                text!("more than the limit of {limit} labels on one sample", "超过每个样本 {limit} 个标签的上限")
            }
        }
    }
}

/// In English; see [`Problem::text`].
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl ParseError {
    /// The error at `offset` of `text`.
    pub(super) fn at(text: &[u8], offset: usize, problem: Problem) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default()).chars().count() + 1;
        Self { line, column, offset, problem }
    }

    /// For people.
    pub fn text(&self) -> Text {
        text!("line {}, column {}: {}", "第 {} 行第 {} 列：{}", self.line, self.column, self.problem.text())
    }
}

/// In English; see [`ParseError::text`].
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for ParseError {}
