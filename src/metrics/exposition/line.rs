//! The pieces of a line that both formats share: names, label blocks, numbers.

use std::borrow::Cow;

use super::error::Problem;

/// A problem at a byte of the text.
pub(super) struct Fail {
    pub(super) at: usize,
    pub(super) problem: Problem,
}

pub(super) type Parsed<T> = Result<T, Fail>;

/// A place in the text within one line. `end` is the line's end, without its newline.
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) end: usize,
}

/// How strict the blanks and commas of a label block are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Blanks and tabs between tokens, commas that may be left out, values that may hold a newline.
    Loose,
    /// OpenMetrics: no blanks, commas between labels.
    Strict,
}

/// What the label block was checked against, and what it remembers from sample to sample.
pub(super) struct Checker<'a> {
    pub(super) max_labels: usize,
    pub(super) max_line: usize,
    pub(super) style: Style,
    /// Label names of the current sample.
    seen: Vec<&'a [u8]>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(style: Style, max_labels: usize, max_line: usize) -> Self {
        Self { max_labels, max_line, style, seen: Vec::new() }
    }

    /// Checks a label block; `line` stands after `{` and is left after `}`. Returns where a quoted metric name stands,
    /// quotes excluded.
    pub(super) fn block(&mut self, line: &mut Line<'a>) -> Parsed<Option<(usize, usize)>> {
        let mut name = None;
        // A bit for each name that was seen; only where it is set already the names are compared.
        let mut marks = 0_u64;
        self.seen.clear();
        loop {
            self.blanks(line);
            let start = line.at;
            let quoted = match line.peek() {
                Some(b'}') => {
                    line.at += 1;
                    return Ok(name);
                }
                Some(b'"') => {
                    line.quoted(self.style, self.max_line)?;
                    true
                }
                Some(byte) if is_label_start(byte) => {
                    line.label_name();
                    false
                }
                Some(_) => return Err(line.fail(Problem::NoLabelName(Problem::quoted(line.rest())))),
                None => return Err(line.fail(Problem::OpenBrace)),
            };
            let own = if quoted { (start + 1, line.at - 1) } else { (start, line.at) };
            if own.0 == own.1 {
                return Err(Fail { at: start, problem: Problem::EmptyName });
            }
            self.blanks(line);
            match line.peek() {
                Some(b'=') => {}
                Some(b',' | b'}') if quoted => {
                    if name.replace(own).is_some() {
                        return Err(Fail { at: start, problem: Problem::NameTwice });
                    }
                    if line.peek() == Some(b',') {
                        line.at += 1;
                    }
                    continue;
                }
                Some(_) => return Err(line.fail(Problem::NoEquals)),
                None => return Err(line.fail(Problem::OpenBrace)),
            }
            line.at += 1;
            self.blanks(line);
            if line.peek() != Some(b'"') {
                return Err(line.fail(Problem::NoLabelValue));
            }
            line.quoted(self.style, self.max_line)?;
            let own = line.text.get(own.0..own.1).unwrap_or_default();
            self.remember(own, &mut marks).map_err(|problem| Fail { at: start, problem })?;
            self.blanks(line);
            if line.peek() == Some(b',') {
                line.at += 1;
            } else if self.style == Style::Strict && line.peek() != Some(b'}') {
                return Err(line.fail(Problem::NoComma));
            }
        }
    }

    fn blanks(&self, line: &mut Line<'a>) {
        if self.style == Style::Loose {
            line.blanks();
        }
    }

    fn remember(&mut self, name: &'a [u8], marks: &mut u64) -> Result<(), Problem> {
        let twice = || Problem::DuplicateLabel(Problem::quoted(name));
        // The metric's own name is a label in PromQL, and stands before the braces already.
        if name == b"__name__" {
            return Err(twice());
        }
        let end = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or_default());
        let mark = 1 << ((name.len() as u64 ^ (end(name.first()) << 1) ^ (end(name.last()) << 2)) % 64);
        if *marks & mark != 0 && self.seen.contains(&name) {
            return Err(twice());
        }
        *marks |= mark;
        self.seen.push(name);
        if self.seen.len() > self.max_labels {
            return Err(Problem::TooManyLabels(self.max_labels));
        }
        Ok(())
    }
}

impl<'a> Line<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        if self.at < self.end { self.text.get(self.at).copied() } else { None }
    }

    /// What is left of the line.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn fail(&self, problem: Problem) -> Fail {
        Fail { at: self.at, problem }
    }

    pub(super) fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Letters, digits, `_` and `:`; nothing if it would begin with a digit.
    pub(super) fn metric_name(&mut self) -> &'a [u8] {
        let start = self.at;
        if self.peek().is_some_and(is_metric_start) {
            self.at += 1;
            self.skip(|byte| is_metric_start(byte) || byte.is_ascii_digit());
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn label_name(&mut self) {
        self.skip(|byte| is_label_start(byte) || byte.is_ascii_digit());
    }

    fn skip(&mut self, while_is: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| !while_is(*byte)).unwrap_or(rest.len());
    }

    /// Up to a blank or the line's end.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        self.skip(|byte| !matches!(byte, b' ' | b'\t'));
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Over a quoted text, both quotes included. In the loose style it may run over the line's end, which moves then.
    pub(super) fn quoted(&mut self, style: Style, max_line: usize) -> Parsed<()> {
        let start = self.at;
        self.at += 1;
        loop {
            match memchr::memchr2(b'"', b'\\', self.rest()) {
                Some(found) if self.text.get(self.at + found) == Some(&b'"') => {
                    self.at += found + 1;
                    return Ok(());
                }
                // The escaped byte is part of the text, whatever it is.
                Some(found) if self.at + found + 1 < self.end => self.at += found + 2,
                Some(_) | None => {
                    // The line ends inside the quotes.
                    if style == Style::Strict || self.end >= self.text.len() {
                        return Err(Fail { at: start, problem: Problem::OpenQuote });
                    }
                    let next = self.end + 1;
                    let rest = self.text.get(next..).unwrap_or_default();
                    self.end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |found| next + found);
                    if self.end - start > max_line {
                        return Err(Fail { at: start, problem: Problem::OpenQuote });
                    }
                }
            }
        }
    }
}

pub(super) fn is_metric_start(byte: u8) -> bool {
    is_label_start(byte) || byte == b':'
}

pub(super) fn is_label_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// A number as Go's `ParseFloat` reads it, without hexadecimal forms and underscores: `NaN` and the infinities in any
/// case, no signed NaN, nothing that overflows.
pub(super) fn number(word: &[u8]) -> Option<f64> {
    // Most values are whole numbers of a few digits; 15 of them are exact.
    if word.len() <= 15 && !word.is_empty() {
        let mut whole = 0_u64;
        if word.iter().all(|byte| {
            whole = whole * 10 + u64::from(byte.wrapping_sub(b'0'));
            byte.is_ascii_digit()
        }) {
            return Some(whole as f64);
        }
    }
    let value: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    if value.is_finite() {
        return Some(value);
    }
    let digits = word.iter().any(u8::is_ascii_digit);
    let signed_nan = value.is_nan() && word.len() != 3;
    (!digits && !signed_nan).then_some(value)
}

/// Text with its escapes decoded: `\\`, `\n` and, where `quotes` says so, `\"`; any other backslash stands for itself.
pub(super) fn unescape(text: &str, quotes: bool) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => out.push('\n'),
            Some('\\') | None => out.push('\\'),
            Some('"') if quotes => out.push('"'),
            Some(other) => out.extend(['\\', other]),
        }
    }
    Cow::Owned(out)
}
