//! Regular expressions of matchers, as PromQL means them: RE2 syntax, anchored at both ends, `.` matches a newline.

use std::fmt::{self, Write};
use std::str::Chars;

use crate::text;
use crate::text::Text;
use regex::{Regex, RegexBuilder};

/// Largest compiled form of a pattern: a matcher that needs more is a mistake, and would cost more than the scrape.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Highest count of a repetition in RE2.
const MAX_REPETITIONS: u64 = 1000;

/// A compiled, anchored pattern. Two are equal when they were written alike.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles `source`; the error is the reason in one line.
    pub fn new(source: &str) -> Result<Self, Text> {
        RegexBuilder::new(&format!("^(?s:{})$", from_re2(source)?))
            .size_limit(MAX_COMPILED_BYTES)
            .build()
            .map(|regex| Self { source: source.to_owned(), regex })
            .map_err(|error| {
                if matches!(error, regex::Error::CompiledTooBig(_)) {
                    return text!("the pattern is too large", "模式过大");
                }
                // The crate prints the pattern with a caret under it; its last line is the reason.
                let text = error.to_string();
                Text::verbatim(text.lines().last().unwrap_or_default().trim_start_matches("error: "))
            })
    }

    /// Does the whole of `text` match?
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// `template` with `$1`, `${name}` and `$$` replaced by what the groups matched, if the whole of `text` matches.
    pub fn expand(&self, text: &str, template: &str) -> Option<String> {
        let groups = self.regex.captures(text)?;
        let mut out = String::new();
        groups.expand(template, &mut out);
        Some(out)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.source)
    }
}

/// RE2 and the `regex` crate differ in a few places that are seen in real matchers: `\d \w \s` are ASCII in RE2, `\Q…\E`
/// quotes, `\101` is a letter, `{` that begins no repetition is one too, a class knows neither nesting nor set operators, and
/// a repetition is not repeated. The error is the reason.
fn from_re2(source: &str) -> Result<String, Text> {
    let mut out = String::with_capacity(source.len() + 8);
    let mut rest = source.chars();
    let mut in_class = false;
    let mut class_start = false;
    let mut repetition_end = false;
    while let Some(letter) = rest.next() {
        let first_in_class = std::mem::take(&mut class_start);
        let after_repetition = std::mem::take(&mut repetition_end);
        match letter {
            '\\' => escape(&mut rest, in_class, &mut out)?,
            '[' if !in_class => {
                in_class = true;
                class_start = true;
                out.push('[');
                if rest.as_str().starts_with('^') {
                    rest.next();
                    out.push('^');
                }
            }
            '[' => {
                // Inside a class only `[:alpha:]` is special.
                let named = rest.as_str().starts_with(':').then(|| rest.as_str().find(":]")).flatten();
                if let Some(end) = named {
                    out.push('[');
                    out.extend(rest.by_ref().take(end + 2));
                } else {
                    out.push_str("\\[");
                }
            }
            // A bracket right after the opening one is a letter.
            ']' if in_class && first_in_class => out.push_str("\\]"),
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            '-' if in_class && rest.as_str().starts_with('-') => {
                // Two dashes: an operator in the crate; in RE2 one of them is the range's sign.
                rest.next();
                out.push_str(if first_in_class { "\\--" } else { "-\\-" });
            }
            other if in_class => out.push(other),
            '(' => {
                out.push('(');
                group_start(&mut rest, &mut out)?;
            }
            '{' if !begins_repetition(rest.as_str()) => out.push_str("\\{"),
            '*' | '+' | '?' | '{' => {
                if after_repetition {
                    return Err(text!("a repetition cannot be repeated", "重复不能再次重复"));
                }
                out.push(letter);
                if letter == '{' {
                    let counts = rest.as_str().split('}').next().unwrap_or_default().split(',');
                    if counts.filter_map(|count| count.parse::<u64>().ok()).any(|count| count > MAX_REPETITIONS) {
                        return Err(text!(
                            "RE2 repeats at most {MAX_REPETITIONS} times",
                            "RE2 最多重复 {MAX_REPETITIONS} 次"
                        ));
                    }
                    copy_to_brace(&mut rest, &mut out);
                }
                // The sign that makes it lazy belongs to it.
                if rest.as_str().starts_with('?') {
                    rest.next();
                    out.push('?');
                }
                repetition_end = true;
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

/// What stands after a backslash.
fn escape(rest: &mut Chars<'_>, in_class: bool, out: &mut String) -> Result<(), Text> {
    match rest.next() {
        Some('Q') => {
            let text = rest.as_str();
            let (quoted, after) = text.split_once("\\E").unwrap_or((text, ""));
            out.push_str(&regex::escape(quoted));
            let passed = text.len() - after.len();
            *rest = text.get(passed..).unwrap_or_default().chars();
        }
        Some('d') => out.push_str("[0-9]"),
        Some('D') => out.push_str("[^0-9]"),
        Some('w') => out.push_str("[0-9A-Za-z_]"),
        Some('W') => out.push_str("[^0-9A-Za-z_]"),
        Some('s') => out.push_str("[\\t\\n\\x0C\\r ]"),
        Some('S') => out.push_str("[^\\t\\n\\x0C\\r ]"),
        Some('b') if !in_class => out.push_str("(?-u:\\b)"),
        Some(letter @ ('p' | 'P' | 'x')) => {
            out.push('\\');
            out.push(letter);
            if rest.as_str().starts_with('{') {
                copy_to_brace(rest, out);
            }
        }
        Some(digit @ '0'..='7') => {
            let more = rest.as_str().chars().take(2).take_while(|next| matches!(next, '0'..='7')).count();
            if digit != '0' && more == 0 {
                return Err(text!("RE2 has no back-references", "RE2 没有反向引用"));
            }
            let digits: String = std::iter::once(digit).chain(rest.by_ref().take(more)).collect();
            let value = u32::from_str_radix(&digits, 8).unwrap_or_default();
            let _ = write!(out, "\\x{{{value:x}}}");
        }
        Some(letter @ ('u' | 'U')) => {
            return Err(text!("\\{letter} is no escape of RE2", "\\{letter} 不是 RE2 的转义"));
        }
        Some(other) => {
            out.push('\\');
            out.push(other);
        }
        None => out.push('\\'),
    }
    Ok(())
}

/// What stands after `(`: nothing, a name, or flags of RE2.
fn group_start(rest: &mut Chars<'_>, out: &mut String) -> Result<(), Text> {
    if !rest.as_str().starts_with('?') {
        return Ok(());
    }
    out.extend(rest.next());
    for letter in rest.as_str().chars().take_while(|letter| letter.is_ascii_alphabetic() || *letter == '-') {
        if letter == 'P' {
            break;
        }
        if !matches!(letter, 'i' | 'm' | 's' | 'U' | '-') {
            return Err(text!("{letter} is no flag of RE2", "{letter} 不是 RE2 的标志"));
        }
        out.extend(rest.next());
    }
    Ok(())
}

/// Copies up to and with the next `}`.
fn copy_to_brace(rest: &mut Chars<'_>, out: &mut String) {
    for letter in rest.by_ref() {
        out.push(letter);
        if letter == '}' {
            break;
        }
    }
}

/// Is `text`, which stands after `{`, of the form `n}`, `n,}` or `n,m}`?
fn begins_repetition(text: &str) -> bool {
    let Some((inner, _)) = text.split_once('}') else { return false };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().is_match(text)
    }

    #[test]
    fn both_ends_are_anchored_whatever_the_pattern_holds() {
        assert!(matches("5..", "503"));
        assert!(!matches("5..", "1503"));
        assert!(matches("a|b", "a") && matches("a|b", "b"));
        assert!(!matches("a|b", "ab"));
        assert!(matches("", ""));
        assert!(matches(".*", "line\nline"));
    }

    #[test]
    fn re2_is_read_as_prometheus_reads_it() {
        assert!(matches(r"\d+", "12") && !matches(r"\d+", "١٢"), "digits are ASCII");
        assert!(matches(r"[\d_]+", "1_2"));
        assert!(matches(r"\Qa.b\E+", "a.bb") && !matches(r"\Qa.b\E", "axb"));
        assert!(matches("a{b}c", "a{b}c") && matches("a{2}", "aa") && matches("a{1,}", "aaa"));
        assert!(matches("[[a]", "["));
        assert!(matches("[]a]+", "]a"));
        assert!(matches("[a&&b]+", "a&b"));
        assert!(matches("[+--]+", "+,-"), "a range from + to -");
        assert!(matches("[[:alpha:]]+", "abc"));
        assert!(matches("用户.", "用户1"));
        assert!(matches(r"\p{Greek}+\P{L}\x{4e2d}", "αβ1中"), "braces that name a class or a letter");
        assert!(matches(r"\101\0", "A\0") && matches(r"[\60-\62]+", "012"), "octal letters");
    }

    #[test]
    fn an_error_is_one_line() {
        let error = Pattern::new("a(b").unwrap_err().en;
        assert_eq!(error, "unclosed group");
        assert!(Pattern::new("(?:a{1000}){1000}").unwrap_err().en.contains("too large"));
    }

    #[test]
    fn what_re2_refuses_is_refused() {
        for pattern in ["a**", "a++", "a{2}{3}", "a+?*", "a*{2}", r"\1", r"\u0041", "(?x) a", "(?u:a)", "a{1,1001}"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
        for pattern in ["a*?", "a+?b??", "(a+)+", "a{2}?", "(?i-s:a)", "(?U)a", "[*+?{2}]", r"\*+", "(?P<n>a)(?<m>b)"] {
            assert!(Pattern::new(pattern).is_ok(), "{pattern}");
        }
    }
}
