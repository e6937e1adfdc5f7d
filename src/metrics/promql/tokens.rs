//! The words of a query with their places, read as Prometheus 3 reads them.
//!
//! The variables `$__range`, `$__interval` and `$__rate_interval` become durations here, so that every later place is a
//! place in the text as it was written.

use super::Vars;
use super::error::PromqlError;
use super::number;
use crate::diagnostic::{Code, Span};
use crate::text;
use crate::text::Text;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name or a keyword, as written.
    Name(String),
    /// A number.
    Number(f64),
    /// `5m`, or a variable, in nanoseconds.
    Duration(i64),
    /// A string, decoded.
    Text(String),
    /// An operator or a bracket, as written.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// A word of the query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands.
    pub(super) span: Span,
}

impl Token {
    /// Is it this operator or bracket?
    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self.kind, Kind::Sign(own) if own == sign)
    }
}

/// Signs, longer ones first.
const SIGNS: &[&str] = &[
    "=~", "!~", "==", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", "[", "]", ",",
    ":", "@",
];

/// The words of `text`, the last of them [`Kind::End`].
pub(super) fn tokens(text: &str, vars: &Vars) -> Result<Vec<Token>, PromqlError> {
    let mut reader = Reader { text, at: 0, vars, within: Within::Expression };
    let mut out = Vec::new();
    while let Some(token) = reader.next()? {
        out.push(token);
    }
    out.push(Token { kind: Kind::End, span: Span::new(text.len(), text.len()) });
    Ok(out)
}

/// `text` with the variables among its `tokens` written out.
pub(super) fn resolved(text: &str, tokens: &[Token]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for token in tokens {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        if let Kind::Duration(ns) = token.kind
            && text.get(start..).is_some_and(|rest| rest.starts_with('$'))
        {
            out.push_str(text.get(done..start).unwrap_or_default());
            out.push_str(&number::duration_text(ns));
            done = end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Inside braces and brackets other words are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Expression,
    Braces,
    Brackets,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    vars: &'a Vars,
    within: Within,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span_to(&self, end: usize) -> Span {
        Span::new(self.at, end)
    }

    fn error(&self, length: usize, message: impl Into<Text>) -> PromqlError {
        PromqlError::new(Code::RB0700, self.span_to(self.at + length), message)
    }

    /// Passes over `length` bytes as a token.
    fn take(&mut self, length: usize, kind: Kind) -> Token {
        let span = self.span_to(self.at + length);
        self.at += length;
        Token { kind, span }
    }

    fn next(&mut self) -> Result<Option<Token>, PromqlError> {
        loop {
            let blank = self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
            self.at += blank;
            if !self.rest().starts_with('#') {
                break;
            }
            self.at += self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        }
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let second = self.rest().chars().nth(1).unwrap_or(' ');
        if first.is_ascii_digit() || (first == '.' && second.is_ascii_digit()) {
            return self.number().map(Some);
        }
        if is_name_start(first) || (first == ':' && self.within == Within::Expression) {
            return Ok(Some(self.name()));
        }
        match first {
            '"' | '\'' => return self.quoted(first).map(Some),
            '`' => return self.raw().map(Some),
            '$' => return self.variable().map(Some),
            _ => {}
        }
        let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) else {
            let error =
                self.error(first.len_utf8(), text!("{first:?} is no part of PromQL", "{first:?} 不属于 PromQL"));
            return Err(match narrow(first) {
                Some(narrow) => {
                    error.help(text!("this is a full-width sign: write {narrow}", "这是全角符号：请写 {narrow}"))
                }
                None if first.is_alphabetic() => error.help(text!(
                    "names in other letters stand in quotes: {{\"…\"}}",
                    "其他文字的名称写在引号中：{{\"…\"}}"
                )),
                None => error,
            });
        };
        self.within = match *sign {
            "{" => Within::Braces,
            "[" => Within::Brackets,
            "}" | "]" => Within::Expression,
            _ => self.within,
        };
        Ok(Some(self.take(sign.len(), Kind::Sign(sign))))
    }

    fn name(&mut self) -> Token {
        let colon = self.within == Within::Expression;
        let length = self
            .rest()
            .find(|letter| !(is_name_start(letter) || letter.is_ascii_digit() || (colon && letter == ':')))
            .unwrap_or(self.rest().len());
        let name = self.rest().get(..length).unwrap_or_default().to_owned();
        // Prometheus reads these two as numbers wherever a name may stand outside braces.
        let special = if self.within == Within::Braces { None } else { number::special(&name) };
        self.take(length, special.map_or(Kind::Name(name), Kind::Number))
    }

    /// `12`, `1.5e3`, `0x1f`, `1h30m`.
    fn number(&mut self) -> Result<Token, PromqlError> {
        let length = number::length(self.rest());
        let word = self.rest().get(..length).unwrap_or_default();
        match number::parse(word) {
            Ok(number::Value::Number(value)) => Ok(self.take(length, Kind::Number(value))),
            Ok(number::Value::Duration(ns)) => Ok(self.take(length, Kind::Duration(ns))),
            Err(reason) => {
                let mut error = self.error(length, text!("{} {}", "{} {}", word, reason));
                error.code = Code::RB0708;
                Err(error.help(text!(
                    "numbers are written 12, 1.5e3 or 0x1f, durations 90s, 5m or 1h30m",
                    "数字写作 12、1.5e3 或 0x1f，时长写作 90s、5m 或 1h30m"
                )))
            }
        }
    }

    /// `$__interval` and its like.
    fn variable(&mut self) -> Result<Token, PromqlError> {
        let length = 1 + self.rest().chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
        let name = self.rest().get(..length).unwrap_or_default();
        match self.vars.get_ms(name) {
            Some(ms) => Ok(self.take(length, Kind::Duration(ms.saturating_mul(1_000_000)))),
            None => Err(PromqlError::new(
                Code::RB0701,
                self.span_to(self.at + length),
                text!("{name} is not known here", "此处没有 {name}"),
            )
            .help(text!(
                "the variables are $__range, $__interval and $__rate_interval; the runbook's own names go in with \
                #{{name}}",
                "变量有 $__range、$__interval 和 $__rate_interval；runbook 自己的名称用 #{{name}} 插入"
            ))),
        }
    }

    /// A string without escapes.
    fn raw(&mut self) -> Result<Token, PromqlError> {
        let inner = self.rest().get(1..).unwrap_or_default();
        let Some(length) = inner.find('`') else {
            return Err(self
                .error(self.rest().len(), text!("the string does not end", "字符串没有结束"))
                .help(text!("close it with `", "请用 ` 结束")));
        };
        let value = inner.get(..length).unwrap_or_default().to_owned();
        Ok(self.take(length + 2, Kind::Text(value)))
    }

    /// A string with the escapes of Go.
    fn quoted(&mut self, quote: char) -> Result<Token, PromqlError> {
        let mut bytes = Vec::new();
        let mut rest = self.rest().char_indices().skip(1);
        while let Some((offset, letter)) = rest.next() {
            match letter {
                '\n' => break,
                '\\' => {
                    let after = self.rest().get(offset + 1..).unwrap_or_default();
                    let (length, escaped) = escape(after, quote).map_err(|(length, message)| {
                        PromqlError::new(
                            Code::RB0700,
                            Span::new(self.at + offset, self.at + offset + 1 + length),
                            message,
                        )
                        .help(text!(
                            "a raw string in backticks knows no escapes: `\\d+`",
                            "反引号中的原始字符串没有转义：`\\d+`"
                        ))
                    })?;
                    bytes.extend(escaped);
                    for _ in 0..length {
                        rest.next();
                    }
                }
                end if end == quote => {
                    let length = offset + 1;
                    return match String::from_utf8(bytes) {
                        Ok(value) => Ok(self.take(length, Kind::Text(value))),
                        Err(_) => Err(self.error(length, text!("the string is not UTF-8", "字符串不是 UTF-8"))),
                    };
                }
                other => bytes.extend(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        let line = self.rest().find('\n').unwrap_or(self.rest().len());
        Err(self
            .error(line, text!("the string does not end on its line", "字符串在本行没有结束"))
            .help(text!("close it with {quote}", "请用 {quote} 结束")))
    }
}

/// The escape sequence at the start of `text`, which stands after a backslash: how many letters it has, and its bytes.
/// The error says how many letters are wrong.
fn escape(text: &str, quote: char) -> Result<(usize, Vec<u8>), (usize, Text)> {
    let Some(letter) = text.chars().next() else {
        return Err((0, text!("the string ends in an escape", "字符串以未完的转义结尾")));
    };
    let simple = match letter {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        '\\' => Some(b'\\'),
        other if other == quote => u8::try_from(quote).ok(),
        _ => None,
    };
    if let Some(byte) = simple {
        return Ok((1, vec![byte]));
    }
    let (start, digits, radix) = match letter {
        '0'..='7' => (0, 3, 8),
        'x' => (1, 2, 16),
        'u' => (1, 4, 16),
        'U' => (1, 8, 16),
        other => return Err((other.len_utf8(), text!("\\{other} is no escape", "\\{other} 不是转义"))),
    };
    let rest = text.get(start..).unwrap_or_default();
    let found = rest.chars().take(digits).take_while(|letter| letter.is_digit(radix)).count();
    let whole = rest.get(..found).filter(|_| found == digits);
    let value = whole.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let bytes = match (value, digits) {
        // An octal or hexadecimal escape is a byte, the others are code points.
        (Some(value), 2 | 3) => u8::try_from(value).ok().map(|byte| vec![byte]),
        (Some(value), _) => char::from_u32(value).map(|letter| letter.to_string().into_bytes()),
        (None, _) => None,
    };
    bytes.map(|bytes| (start + digits, bytes)).ok_or((
        start + found,
        text!("\\{letter} needs {digits} valid digits", "\\{letter} 之后需要 {digits} 位有效数字"),
    ))
}

/// The ASCII sign that a sign of Chinese typing stands for.
fn narrow(letter: char) -> Option<char> {
    match letter {
        '“' | '”' => Some('"'),
        '‘' | '’' => Some('\''),
        // The full-width forms stand in the order of ASCII.
        '！'..='～' => char::from_u32(u32::from(letter) - u32::from('！') + u32::from('!')),
        _ => None,
    }
}

fn is_name_start(letter: char) -> bool {
    letter == '_' || letter.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut kinds: Vec<Kind> =
            tokens(text, &Vars::of_interval(60_000)).unwrap().into_iter().map(|token| token.kind).collect();
        kinds.pop();
        kinds
    }

    fn failure(text: &str) -> (usize, usize, String) {
        let error = tokens(text, &Vars::of_interval(60_000)).unwrap_err();
        (error.span.start as usize, error.span.end as usize, error.message.en)
    }

    #[test]
    fn names_numbers_and_signs() {
        let name = |text: &str| Kind::Name(text.to_owned());
        assert_eq!(
            kinds("a:b{le!=\"1\"}[5m:]"),
            [
                name("a:b"),
                Kind::Sign("{"),
                name("le"),
                Kind::Sign("!="),
                Kind::Text("1".to_owned()),
                Kind::Sign("}"),
                Kind::Sign("["),
                Kind::Duration(300_000_000_000),
                Kind::Sign(":"),
                Kind::Sign("]"),
            ]
        );
        assert_eq!(kinds("inf # comment\n+ 0x1F"), [Kind::Number(f64::INFINITY), Kind::Sign("+"), Kind::Number(31.0)]);
        assert_eq!(kinds("{inf=~'x'}")[1], name("inf"));
    }

    #[test]
    fn variables_are_durations_at_their_place() {
        let all = tokens("rate(a[$__rate_interval])", &Vars { range_ms: 1, interval_ms: 60_000 }).unwrap();
        assert_eq!(all[4].kind, Kind::Duration(240_000_000_000));
        assert_eq!(all[4].span, Span::new(7, 23));
        assert_eq!(failure("a[$__intervall]"), (2, 14, "$__intervall is not known here".to_owned()));
        assert_eq!(kinds("'$__range'"), [Kind::Text("$__range".to_owned())], "a string is left alone");
    }

    #[test]
    fn strings_are_decoded() {
        let text = |query: &str| {
            let kind = kinds(query).remove(0);
            if let Kind::Text(text) = kind { text } else { panic!("{kind:?}") }
        };
        assert_eq!(text(r#""a\n\t\\\"\x41\101\u4e2d\U0001F600""#), "a\n\t\\\"AA中😀");
        assert_eq!(text(r"'it\'s'"), "it's");
        assert_eq!(text(r"`\d`"), r"\d");
        assert_eq!(text(r#""\xe4\xb8\xad""#), "中");
    }

    #[test]
    fn what_is_no_token_has_its_place() {
        assert_eq!(failure("a + \"b"), (4, 6, "the string does not end on its line".to_owned()));
        assert_eq!(failure(r#"a{b="\q"}"#), (5, 7, "\\q is no escape".to_owned()));
        assert_eq!(failure(r#"a{b="\ud800"}"#), (5, 11, "\\u needs 4 valid digits".to_owned()));
        assert_eq!(failure("\"\\1"), (1, 3, "\\1 needs 3 valid digits".to_owned()), "the text ends before");
        assert_eq!(failure("'\\u1中'"), (1, 4, "\\u needs 4 valid digits".to_owned()), "no letter is cut");
        assert_eq!(failure("'\\x+1'"), (1, 3, "\\x needs 2 valid digits".to_owned()), "a sign is no digit");
        assert_eq!(failure("a 版"), (2, 5, "'版' is no part of PromQL".to_owned()));
        assert_eq!(failure("rate(a[5x])").0, 7);
        assert_eq!(failure("\"\\xff\"").2, "the string is not UTF-8");
    }
}
