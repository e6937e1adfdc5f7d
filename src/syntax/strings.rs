//! Strings: escapes, interpolation, heredocs and their common indentation.
//!
//! Each piece of text keeps the place it came from; but for an escape it is those very bytes, so that a message about
//! a piece of a query or of a command inside a string can point at it.

use pest::iterators::Pair;

use super::ast::{ExprKind, Str, StrPart, StrStyle};
use super::explain::explain_row;
use super::expression::{Reader, error};
use super::grammar::{Rule, parse};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

/// The body of a heredoc: its rows and where they begin in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heredoc<'s> {
    pub(super) text: &'s str,
    pub(super) start: usize,
}

impl<'s> Reader<'s> {
    /// Any of the four forms.
    pub(super) fn string(&mut self, pair: Pair<'s, Rule>) -> ExprKind {
        let rule = pair.as_rule();
        if rule == Rule::raw_string {
            let text = pair.into_inner().find(|part| part.as_rule() == Rule::raw_characters);
            let parts = text
                .filter(|text| !text.as_str().is_empty())
                .map(|text| StrPart::Text(text.as_str().to_owned(), self.span(&text)));
            return ExprKind::Str(Str { style: StrStyle::Single, parts: parts.into_iter().collect() });
        }
        if rule == Rule::string {
            let parts = pair.into_inner().filter_map(|part| self.piece(part)).collect();
            return ExprKind::Str(Str { style: StrStyle::Double, parts });
        }
        let tag = pair.into_inner().next().map(|tag| tag.as_str().to_owned()).unwrap_or_default();
        let raw = rule == Rule::raw_heredoc;
        let parts = self.heredoc_parts(raw);
        let style = if raw { StrStyle::RawHeredoc(tag) } else { StrStyle::Heredoc(tag) };
        ExprKind::Str(Str { style, parts })
    }

    /// A piece of a `"…"` or of a row of a heredoc.
    fn piece(&mut self, part: Pair<'s, Rule>) -> Option<StrPart> {
        let span = self.span(&part);
        let rule = part.as_rule();
        if rule == Rule::interpolation {
            let inner = part.into_inner().next()?;
            return Some(StrPart::Interp(self.expression(inner), span));
        }
        if matches!(rule, Rule::characters | Rule::heredoc_characters) {
            return Some(StrPart::Text(part.as_str().to_owned(), span));
        }
        if matches!(rule, Rule::escape | Rule::bad_escape) {
            return Some(StrPart::Text(self.escape(part.as_str(), span).to_string(), span));
        }
        None
    }

    fn escape(&mut self, written: &str, span: Span) -> char {
        let after = written.get(1..).unwrap_or_default();
        match after {
            "n" => return '\n',
            "t" => return '\t',
            "\"" => return '"',
            "\\" => return '\\',
            "#" => return '#',
            _ => {}
        }
        let hex = after.strip_prefix("u{").and_then(|rest| rest.strip_suffix('}'));
        if let Some(character) = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            return character;
        }
        let problem = Diagnostic::error(
            Code::RB0011,
            span,
            text!("`{written}` is no escape of this language", "`{written}` 不是本语言的转义"),
        );
        self.problems.push(problem.help(match after {
            _ if hex.is_some() => text!(
                "a character's number is at most 10FFFF, and none of D800 to DFFF",
                "字符编号最大为 10FFFF，且不能在 D800 至 DFFF 之间"
            ),
            "u" => text!("write `\\u{{2192}}`: the number in braces", "请写 `\\u{{2192}}`：编号写在花括号中"),
            "r" | "0" | "e" | "a" | "b" | "f" | "v" | "x" => {
                text!(
                    "there are \\n \\t \\\" \\\\ \\# \\u{{…}}; a backslash itself is `\\\\{after}`",
                    "可用的有 \\n \\t \\\" \\\\ \\# \\u{{…}}；反斜杠本身写作 `\\\\{after}`"
                )
            }
            _ => text!(
                "a backslash itself is written `\\\\`: `\\\\{after}`; in '…' it stands for itself",
                "反斜杠本身写作 `\\\\`：`\\\\{after}`；在 '…' 中它就是它自己"
            ),
        }));
        '\u{fffd}'
    }

    /// The rows of the statement's heredoc without their common indentation.
    fn heredoc_parts(&mut self, raw: bool) -> Vec<StrPart> {
        let Some(heredoc) = self.heredoc else { return Vec::new() };
        let margin = heredoc.text.split_inclusive('\n').filter_map(indentation).min().unwrap_or(0);
        let mut parts = Vec::new();
        let mut start = heredoc.start;
        for row in heredoc.text.split_inclusive('\n') {
            let cut = row.len() - without_margin(row, margin).len();
            let ending = if row.ends_with("\r\n") { 2 } else { usize::from(row.ends_with('\n')) };
            let text = row.get(cut..row.len() - ending).unwrap_or_default();
            let at = start + cut;
            if raw || !text.contains("#{") {
                let whole = format!("{text}{}", if ending > 0 { "\n" } else { "" });
                parts.push(StrPart::Text(whole, Span::new(at, start + row.len())));
            } else {
                self.row(text, at, &mut parts);
                if ending > 0 {
                    let span = Span::new(start + row.len() - ending, start + row.len());
                    parts.push(StrPart::Text("\n".to_owned(), span));
                }
            }
            start += row.len();
        }
        parts
    }

    /// One row with interpolations.
    fn row(&mut self, text: &'s str, at: usize, parts: &mut Vec<StrPart>) {
        let base = std::mem::replace(&mut self.base, at);
        let heredoc = self.heredoc.take();
        match parse(Rule::heredoc_line, text) {
            Ok(pairs) => {
                let inner = pairs.flat_map(Pair::into_inner);
                parts.extend(inner.filter_map(|part| self.piece(part)));
            }
            Err(stopped) => {
                self.problems.push(explain_row(text, at, &stopped));
                let span = Span::new(at, at + text.len());
                parts.push(StrPart::Interp(error(span), span));
            }
        }
        self.base = base;
        self.heredoc = heredoc;
    }
}

/// Columns before the first character of a row that is not blank; None for a blank row.
fn indentation(row: &str) -> Option<usize> {
    let mut columns = 0;
    for byte in row.bytes() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns = (columns / 8 + 1) * 8,
            b'\n' | b'\r' => return None,
            _ => return Some(columns),
        }
    }
    None
}

/// A row without its first `margin` columns of blanks, or as many as it has.
fn without_margin(row: &str, margin: usize) -> &str {
    let mut columns = 0;
    for (at, byte) in row.bytes().enumerate() {
        let next = match byte {
            b' ' => columns + 1,
            b'\t' => (columns / 8 + 1) * 8,
            _ => return row.get(at..).unwrap_or_default(),
        };
        if next > margin {
            return row.get(at..).unwrap_or_default();
        }
        columns = next;
    }
    ""
}
