//! Selectors of the exact forms: a metric's name and label matchers.

use std::fmt;

use promql_parser::label::MatchOp;
use promql_parser::parser::Expr;

use super::labels::{Labels, METRIC_NAME, write_name, write_quoted};
use super::pattern::Pattern;
use super::render::with_exponent;
use crate::text;
use crate::text::Text;

/// Longest text of a selector: far beyond what a person writes, small enough to be quoted in a message.
pub const MAX_SELECTOR_BYTES: usize = 4096;

/// `http_requests_total{status=~"5.."}`: the name stands literally, so that a metric which was never seen can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The metric's name.
    pub name: String,
    /// All must match.
    pub matchers: Vec<Matcher>,
}

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// The condition on its value; a label that is not there has the empty value.
    pub test: Test,
}

/// A condition on a label's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `=`
    Is(String),
    /// `!=`
    IsNot(String),
    /// `=~`
    Matches(Pattern),
    /// `!~`
    MatchesNot(Pattern),
}

/// Why a text is not a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    /// Where in the text, in bytes.
    pub offset: usize,
    /// What is wrong, one sentence without a full stop.
    pub message: Text,
    /// What to write instead.
    pub help: Option<Text>,
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message.en, self.offset)
    }
}

impl std::error::Error for SelectorError {}

impl Selector {
    /// Reads a selector.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        if text.len() > MAX_SELECTOR_BYTES {
            return Err(error(
                MAX_SELECTOR_BYTES,
                text!("a selector is at most {MAX_SELECTOR_BYTES} bytes long", "选择器最长 {MAX_SELECTOR_BYTES} 字节"),
            ));
        }
        let layout = Layout::scan(text)?;
        // Patterns are read by us: the parser's own reading refuses some that RE2 takes, and says no place. It also decodes
        // escapes between backticks, where there are none.
        let mut plain = text.to_owned();
        for place in layout.values.iter().rev() {
            if let Some(raw) = text.get(place.at..place.end).and_then(|value| value.strip_prefix('`')) {
                let mut quoted = String::new();
                // Writing to a string does not fail.
                let _ = write_quoted(&mut quoted, raw.trim_end_matches('`'));
                plain.replace_range(place.at..place.end, &quoted);
            }
            if let Some(sign) = place.pattern_sign {
                let equal = if text.get(sign..=sign) == Some("!") { "!=" } else { "= " };
                plain.replace_range(sign..sign + 2, equal);
            }
        }
        let parsed = match promql_parser::parser::parse(&plain) {
            Ok(Expr::VectorSelector(selector)) => selector,
            Ok(_) => return Err(error(0, text!("this is an expression, not a selector", "这是表达式，不是选择器"))),
            Err(reason) => return Err(error(layout.name_at, Text::verbatim(reason))),
        };
        let mut name = parsed.name.clone();
        let mut matchers = Vec::new();
        for (number, matcher) in parsed.matchers.matchers.iter().enumerate() {
            let place = layout.values.get(number).copied().unwrap_or_default();
            let offset = place.at;
            let negated = !matches!(matcher.op, MatchOp::Equal);
            if matcher.name == METRIC_NAME {
                if name.is_some() || negated || place.pattern_sign.is_some() {
                    return Err(error(
                        offset,
                        text!("the metric's name must stand literally, once", "指标名称必须直接写出，且只写一次"),
                    )
                    .help(text!(
                        "an objective names its metrics, so that one that was never seen is told apart from one that \
                        is 0",
                        "目标须写明指标，这样才能区分从未出现过的指标与值为 0 的指标"
                    )));
                }
                name = Some(matcher.value.clone());
                continue;
            }
            let pattern = || {
                Pattern::new(&matcher.value).map_err(|reason| {
                    error(
                        offset,
                        text!("the pattern /{}/ is not valid: {}", "模式 /{}/ 无效：{}", matcher.value, reason),
                    )
                })
            };
            let value = || canonical_bound(&matcher.name, &matcher.value);
            let condition = match (place.pattern_sign, negated) {
                (None, false) => Test::Is(value()),
                (None, true) => Test::IsNot(value()),
                (Some(_), false) => Test::Matches(pattern()?),
                (Some(_), true) => Test::MatchesNot(pattern()?),
            };
            matchers.push(Matcher { label: matcher.name.clone(), test: condition });
        }
        match name {
            Some(name) if !name.is_empty() => Ok(Self { name, matchers }),
            _ => Err(error(0, text!("a selector begins with the metric's name", "选择器以指标名称开头"))
                .help(Text::verbatim("http_requests_total{status=~\"5..\"}"))),
        }
    }

    /// Do all matchers agree with `labels`? The name is not looked at.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(labels))
    }

    /// The same matchers on the sample `name` + `suffix`, as `_bucket` of a histogram; a name that ends so already
    /// stays.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let base = self.name.strip_suffix(suffix).unwrap_or(&self.name);
        Self { name: format!("{base}{suffix}"), matchers: self.matchers.clone() }
    }
}

impl Matcher {
    /// Does the label's value agree?
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.value(&self.label);
        match &self.test {
            Test::Is(wanted) => value == wanted,
            Test::IsNot(unwanted) => value != unwanted,
            Test::Matches(pattern) => pattern.is_match(value),
            Test::MatchesNot(pattern) => !pattern.is_match(value),
        }
    }
}

/// As it can be written in a runbook.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.matchers.is_empty() {
            return Ok(());
        }
        f.write_str("{")?;
        for (number, matcher) in self.matchers.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            write_name(f, &matcher.label)?;
            let (sign, value) = match &matcher.test {
                Test::Is(value) => ("=", value.as_str()),
                Test::IsNot(value) => ("!=", value.as_str()),
                Test::Matches(pattern) => ("=~", pattern.as_str()),
                Test::MatchesNot(pattern) => ("!~", pattern.as_str()),
            };
            f.write_str(sign)?;
            write_quoted(f, value)?;
        }
        f.write_str("}")
    }
}

/// `le` and `quantile` as Prometheus 3 stores them: a number always with a point or an exponent (`1` is `1.0`), so that
/// the text format and `OpenMetrics` of one target have the same series. Other labels stay as they are.
pub fn canonical_bound(label: &str, value: &str) -> String {
    if !matches!(label, "le" | "quantile") {
        return value.to_owned();
    }
    match value.parse::<f64>() {
        Ok(number) => canonical_float(number),
        Err(_) => value.to_owned(),
    }
}

/// Shortest decimal form with a point or an exponent; `+Inf`, `-Inf`, `NaN`.
fn canonical_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else if number != 0.0 && !(1e-4..1e6).contains(&number.abs()) {
        // Go's shortest form (`%g`) switches to an exponent here, whatever the digits.
        with_exponent(number)
    } else {
        format!("{number:?}")
    }
}

fn error(offset: usize, message: impl Into<Text>) -> SelectorError {
    SelectorError { offset, message: message.into(), help: None }
}

impl SelectorError {
    fn help(mut self, text: impl Into<Text>) -> Self {
        self.help = Some(text.into());
        self
    }
}

/// Where the pieces of a selector stand: the parser of the whole language gives no places, so the few tokens of a
/// selector are walked first, and a text that is not one is refused with its place and in the words of a selector.
struct Layout {
    name_at: usize,
    /// Of each matcher, in order.
    values: Vec<Place>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    /// Its value, quotes included.
    at: usize,
    end: usize,
    /// Start of its `=~` or `!~`, if it is one of these.
    pattern_sign: Option<usize>,
}

impl Layout {
    fn scan(text: &str) -> Result<Self, SelectorError> {
        let mut scan = Scanner { text, at: 0 };
        scan.space();
        let name_at = scan.at;
        let name = scan.word();
        scan.space();
        let mut values = Vec::new();
        if scan.eat('{') {
            scan.space();
            while !scan.eat('}') {
                let label_at = scan.at;
                let quoted = matches!(scan.peek(), Some('"' | '\'' | '`'));
                if quoted {
                    scan.string()?;
                } else if scan.word().is_empty() {
                    return Err(error(scan.at, text!("a label's name is expected here", "此处应为标签名")));
                }
                let label_end = scan.at;
                scan.space();
                if quoted && name.is_empty() && matches!(scan.peek(), Some(',' | '}')) {
                    // `{"a.b"}`: the metric's name, quoted; it counts as the first matcher.
                    values.push(Place { at: label_at, end: label_end, pattern_sign: None });
                } else {
                    let sign_at = scan.at;
                    let pattern = scan.eat_word("=~") || scan.eat_word("!~");
                    if !pattern && !scan.eat_word("!=") && !scan.eat('=') {
                        return Err(error(
                            scan.at,
                            text!(
                                "one of = != =~ !~ is expected after the label's name",
                                "标签名之后应为 = != =~ !~ 之一"
                            ),
                        ));
                    }
                    scan.space();
                    let at = scan.at;
                    scan.string()?;
                    values.push(Place { at, end: scan.at, pattern_sign: pattern.then_some(sign_at) });
                    scan.space();
                }
                if !scan.eat(',') && scan.peek() != Some('}') {
                    return Err(error(scan.at, text!("a comma or }} is expected here", "此处应为逗号或 }}")));
                }
                scan.space();
            }
            scan.space();
        } else if name.is_empty() {
            return Err(error(name_at, text!("a selector begins with the metric's name", "选择器以指标名称开头")));
        }
        let rest = text.get(scan.at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(Self { name_at, values });
        }
        let message = match rest.chars().next() {
            Some('(') => text!("{name}(…) is an expression, not a selector", "{name}(…) 是表达式，不是选择器"),
            Some('[') => text!(
                "a range does not belong here: the form takes the increase since the scrape before",
                "此处不写范围：这种形式取自上次抓取以来的增量"
            ),
            _ if rest.starts_with("offset") || rest.starts_with('@') => {
                text!(
                    "a selector has no offset and no @: the form takes the increase over the interval",
                    "选择器没有 offset 和 @：这种形式取区间内的增量"
                )
            }
            _ => text!(
                "the selector ends here; what follows is not part of one",
                "选择器到此结束；之后的内容不属于选择器"
            ),
        };
        Err(error(scan.at, message).help(text!("for an expression write promql '…'", "表达式请写 promql '…'")))
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        if found {
            self.at += letter.len_utf8();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Letters, digits, `_` and `:`, not beginning with a digit; empty if there is none.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .enumerate()
            .find(|(at, byte)| {
                !(matches!(byte, b'_' | b':') || byte.is_ascii_alphabetic() || (*at > 0 && byte.is_ascii_digit()))
            })
            .map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn string(&mut self) -> Result<(), SelectorError> {
        let start = self.at;
        let Some(quote @ ('"' | '\'' | '`')) = self.peek() else {
            return Err(error(start, text!("a value in quotes is expected here", "此处应为引号中的值")));
        };
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.at = start + at + 1;
                return Ok(());
            }
            if letter == '\\' && quote != '`' {
                letters.next();
            }
        }
        Err(error(start, text!("this quote is never closed", "引号没有闭合")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (usize, String) {
        let error = Selector::parse(text).unwrap_err();
        (error.offset, error.message.en)
    }

    #[test]
    fn name_and_matchers() {
        let selector = Selector::parse(r#" http_requests_total{status=~"5..", method!="HEAD"} "#).unwrap();
        assert_eq!(selector.name, "http_requests_total");
        assert_eq!(selector.to_string(), r#"http_requests_total{status=~"5..", method!="HEAD"}"#);
        assert!(selector.matches(&Labels::new([("status", "503"), ("method", "GET")])));
        assert!(!selector.matches(&Labels::new([("status", "503"), ("method", "HEAD")])));
        assert!(!selector.matches(&Labels::new([("status", "1503")])), "anchored");
        assert!(Selector::parse("up").unwrap().matches(&Labels::default()));
    }

    #[test]
    fn patterns_are_those_of_re2() {
        let selector = Selector::parse(r#"up{path=~`\Q/a.b\E`, code!~"[[5]x"}"#).unwrap();
        assert!(selector.matches(&Labels::new([("path", "/a.b")])));
        assert!(!selector.matches(&Labels::new([("path", "/a.b"), ("code", "[x")])));
    }

    #[test]
    fn a_missing_label_has_the_empty_value() {
        assert!(Selector::parse(r#"up{job=""}"#).unwrap().matches(&Labels::default()));
        assert!(Selector::parse(r#"up{job!="a"}"#).unwrap().matches(&Labels::default()));
        assert!(!Selector::parse(r#"up{job=~".+"}"#).unwrap().matches(&Labels::default()));
    }

    #[test]
    fn the_name_may_be_quoted() {
        let selector = Selector::parse(r#"{"http.requests", "k.8"="v"}"#).unwrap();
        assert_eq!(selector.name, "http.requests");
        assert!(selector.matches(&Labels::new([("k.8", "v")])));
        assert_eq!(Selector::parse(r"{ `http.requests` }").unwrap().name, "http.requests");
        assert_eq!(Selector::parse(r#"{__name__="up"}"#).unwrap().name, "up");
    }

    #[test]
    fn bounds_are_compared_as_numbers() {
        let selector = Selector::parse(r#"x_bucket{le="1"}"#).unwrap();
        assert!(selector.matches(&Labels::new([("le", "1.0")])));
        assert_eq!(canonical_bound("le", "+Inf"), "+Inf");
        assert_eq!(canonical_bound("le", "0.00001"), "1e-05");
        assert_eq!(canonical_bound("le", "250000"), "250000.0");
        assert_eq!(canonical_bound("le", "1000000"), "1e+06");
        assert_eq!(canonical_bound("le", "2500000.5"), "2.5000005e+06");
        assert_eq!(canonical_bound("quantile", ".5"), "0.5");
        assert_eq!(canonical_bound("le", "many"), "many");
        assert_eq!(canonical_bound("size", "1"), "1");
    }

    #[test]
    fn errors_have_a_place_and_words() {
        assert_eq!(refused(""), (0, "a selector begins with the metric's name".to_owned()));
        assert_eq!(refused(r#"{status="5"}"#), (0, "a selector begins with the metric's name".to_owned()));
        assert_eq!(refused(r#"up{job="a}"#), (7, "this quote is never closed".to_owned()));
        assert_eq!(refused("up{job=5}"), (7, "a value in quotes is expected here".to_owned()));
        assert_eq!(refused(r#"up{job "a"}"#), (7, "one of = != =~ !~ is expected after the label's name".to_owned()));
        assert_eq!(refused(r#"up{a="1" b="2"}"#), (9, "a comma or } is expected here".to_owned()));
        assert_eq!(refused("rate(up[5m])"), (4, "rate(…) is an expression, not a selector".to_owned()));
        assert!(refused("up[5m]").1.starts_with("a range does not belong here"));
        assert!(refused("up offset 5m").1.starts_with("a selector has no offset"));
        assert!(refused("up + 1").1.starts_with("the selector ends here"));
        assert_eq!(refused(r#"up{a="1", b=~"("}"#), (13, "the pattern /(/ is not valid: unclosed group".to_owned()));
        assert!(refused(r#"{__name__=~"a.*"}"#).1.starts_with("the metric's name must stand literally"));
        assert!(refused(r#"up{__name__="down"}"#).1.contains("must not be set twice"));
        assert!(refused(&format!("up{{a=\"{}\"}}", "x".repeat(5000))).1.contains("at most"));
    }
}
