//! What can be wrong with an exposition, in words.

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

    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NoSample(found) => format!("此处应为指标名，却是 {found}"),
            Self::NoName => "样本缺少指标名".to_owned(),
            Self::NameTwice => "指标名出现了两次".to_owned(),
            Self::EmptyName => "指标名或标签名为空".to_owned(),
            Self::NoFamily(word) => format!("# {word} 之后缺少指标名"),
            Self::UnknownType(found) => format!("“{found}” 不是合法的类型"),
            Self::UnknownUnit(found) => format!("单位 “{found}” 不是指标名的结尾"),
            Self::NoLabelName(found) => format!("此处应为标签名，却是 {found}"),
            Self::NoEquals => "标签名之后缺少 =".to_owned(),
            Self::NoLabelValue => "= 之后缺少带引号的标签值".to_owned(),
            Self::NoComma => "标签之间缺少逗号".to_owned(),
            Self::OpenQuote => "引号没有闭合".to_owned(),
            Self::OpenBrace => "花括号没有闭合".to_owned(),
            Self::DuplicateLabel(name) => format!("标签 {name} 出现了两次"),
            Self::NoValue => "缺少样本值".to_owned(),
            Self::BadValue(found) => format!("“{found}” 不是数字"),
            Self::BadTimestamp(found) => format!("“{found}” 不是合法的时间戳"),
            Self::Trailing(found) => format!("样本之后有多余内容：{found}"),
            Self::CarriageReturn => "行尾是 CRLF，应为 LF".to_owned(),
            Self::Spacing => "此处必须恰好是一个空格".to_owned(),
            Self::BlankLine => "OpenMetrics 不允许空行".to_owned(),
            Self::Comment => "OpenMetrics 不允许普通注释".to_owned(),
            Self::BadExemplar => "exemplar 的格式不正确".to_owned(),
            Self::NoEof => "缺少结尾的 # EOF：响应可能被截断".to_owned(),
            Self::AfterEof => "# EOF 之后还有内容".to_owned(),
            Self::CutLine => "最后一行没有结束：响应可能被截断".to_owned(),
            Self::NotUtf8 => "不是 UTF-8 文本".to_owned(),
            Self::TooLarge(limit) => format!("超过 {limit} 字节的上限"),
            Self::LongLine(limit) => format!("这一行超过 {limit} 字节的上限"),
            Self::TooManySamples(limit) => format!("超过 {limit} 个样本的上限"),
            Self::TooManyLabels(limit) => format!("超过每个样本 {limit} 个标签的上限"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSample(found) => write!(f, "a metric's name is expected, not {found}"),
            Self::NoName => f.write_str("the sample has no metric name"),
            Self::NameTwice => f.write_str("the metric's name stands twice"),
            Self::EmptyName => f.write_str("a name is empty"),
            Self::NoFamily(word) => write!(f, "# {word} needs a metric's name"),
            Self::UnknownType(found) => write!(f, "\"{found}\" is not a metric type"),
            Self::UnknownUnit(found) => write!(f, "the unit \"{found}\" is not the end of the metric's name"),
            Self::NoLabelName(found) => write!(f, "a label's name is expected, not {found}"),
            Self::NoEquals => f.write_str("= is expected after the label's name"),
            Self::NoLabelValue => f.write_str("a value in quotes is expected after ="),
            Self::NoComma => f.write_str("a comma is expected between labels"),
            Self::OpenQuote => f.write_str("this quote is never closed"),
            Self::OpenBrace => f.write_str("the line ends before }"),
            Self::DuplicateLabel(name) => write!(f, "the label {name} stands twice"),
            Self::NoValue => f.write_str("the sample has no value"),
            Self::BadValue(found) => write!(f, "\"{found}\" is not a number"),
            Self::BadTimestamp(found) => write!(f, "\"{found}\" is not a timestamp"),
            Self::Trailing(found) => write!(f, "the sample ends here, what follows is not part of it: {found}"),
            Self::CarriageReturn => f.write_str("the line ends with CRLF, it must be LF"),
            Self::Spacing => f.write_str("exactly one blank is expected here"),
            Self::BlankLine => f.write_str("OpenMetrics has no empty lines"),
            Self::Comment => f.write_str("OpenMetrics has no comments other than HELP, TYPE, UNIT and EOF"),
            Self::BadExemplar => f.write_str("this is not an exemplar"),
            Self::NoEof => f.write_str("# EOF is missing at the end: the response may have been cut"),
            Self::AfterEof => f.write_str("nothing may follow # EOF"),
            Self::CutLine => f.write_str("the last line does not end: the response may have been cut"),
            Self::NotUtf8 => f.write_str("this is not UTF-8"),
            Self::TooLarge(limit) => write!(f, "larger than the limit of {limit} bytes"),
            Self::LongLine(limit) => write!(f, "the line is longer than the limit of {limit} bytes"),
            Self::TooManySamples(limit) => write!(f, "more than the limit of {limit} samples"),
            Self::TooManyLabels(limit) => write!(f, "more than the limit of {limit} labels on one sample"),
        }
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

    /// The same in Chinese.
    pub fn zh(&self) -> String {
        format!("第 {} 行第 {} 列：{}", self.line, self.column, self.problem.zh())
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for ParseError {}
