//! Prometheus text format 0.0.4, line by line, as the Prometheus server reads it.

use super::builder::{Builder, Keyword};
use super::error::Problem;
use super::line::{Checker, Fail, Line, Parsed, Style, number};
use crate::metrics::scrape::FamilyKind;

/// Reads the line at `line.at` and leaves `line.at` at its end; a newline within a label's value is part of the line.
pub(super) fn line<'a>(line: &mut Line<'a>, checker: &mut Checker<'a>, out: &mut Builder) -> Parsed<()> {
    line.blanks();
    match line.peek() {
        None => Ok(()),
        Some(b'#') => comment(line, out),
        Some(_) => sample(line, checker, out),
    }
}

fn comment(line: &mut Line<'_>, out: &mut Builder) -> Parsed<()> {
    let at = line.at;
    line.at += 1;
    line.blanks();
    // Only a blank after the sign, and after the word, makes it more than a comment.
    let word = if line.at > at + 1 { line.word() } else { b"" };
    let keyword = match (word, line.peek()) {
        (b"HELP", Some(_)) => Keyword::Help,
        (b"TYPE", Some(_)) => Keyword::Type,
        _ => {
            line.at = line.end;
            return Ok(());
        }
    };
    line.blanks();
    let family = if line.peek() == Some(b'"') {
        let start = line.at;
        line.quoted(Style::Strict, 0)?;
        line.text.get(start + 1..line.at - 1).unwrap_or_default()
    } else {
        line.metric_name()
    };
    if family.is_empty() {
        return Err(line.fail(Problem::NoFamily(keyword.as_str())));
    }
    // One byte separates the name from the text; the text is everything after it.
    let text_at = (line.at + 1).min(line.end);
    line.at = text_at;
    let text = line.rest();
    if keyword == Keyword::Help {
        out.text(at, keyword, family, (text_at, line.end));
    } else {
        let kind = match text {
            b"counter" => FamilyKind::Counter,
            b"gauge" => FamilyKind::Gauge,
            b"histogram" => FamilyKind::Histogram,
            b"summary" => FamilyKind::Summary,
            b"untyped" => FamilyKind::Unknown,
            _ if text.last() == Some(&b'\r') => {
                return Err(Fail { at: line.end - 1, problem: Problem::CarriageReturn });
            }
            _ => return Err(line.fail(Problem::UnknownType(Problem::quoted(text)))),
        };
        out.kind(at, family, kind);
    }
    line.at = line.end;
    Ok(())
}

fn sample<'a>(line: &mut Line<'a>, checker: &mut Checker<'a>, out: &mut Builder) -> Parsed<()> {
    let start = line.at;
    let mut name = out.same_name(line);
    if name.is_empty() {
        name = line.metric_name();
    }
    let after_name = line.at;
    line.blanks();
    let braces = line.peek() == Some(b'{');
    if braces {
        line.at += 1;
        match (checker.block(line)?, name.is_empty()) {
            (None, false) => {}
            (Some((from, to)), true) => name = line.text.get(from..to).unwrap_or_default(),
            (Some((from, _)), false) => return Err(Fail { at: from, problem: Problem::NameTwice }),
            (None, true) => return Err(Fail { at: start, problem: Problem::NoName }),
        }
        line.blanks();
    } else if name.is_empty() || (line.at == after_name && line.at < line.end) {
        // A name with a letter in it that no name has, or no name at all.
        let found = match line.peek() {
            Some(b'\r') if line.at + 1 == line.end => return Err(line.fail(Problem::CarriageReturn)),
            _ => Problem::quoted(line.rest()),
        };
        return Err(line.fail(Problem::NoSample(found)));
    }
    let value_at = line.at;
    let word = value_word(line);
    if word.is_empty() {
        return Err(line.fail(Problem::NoValue));
    }
    let Some(value) = number(word) else {
        if let Some((b'\r', before)) = word.split_last()
            && (number(before).is_some() || before.is_empty())
        {
            return Err(Fail { at: line.at - 1, problem: Problem::CarriageReturn });
        }
        return Err(Fail { at: value_at, problem: Problem::BadValue(Problem::quoted(word)) });
    };
    line.blanks();
    let mut time = None;
    if line.peek().is_some() {
        let at = line.at;
        let word = line.word();
        time = Some(timestamp(word).ok_or_else(|| match word.split_last() {
            Some((b'\r', before)) if before.is_empty() || timestamp(before).is_some() => {
                Fail { at: line.at - 1, problem: Problem::CarriageReturn }
            }
            Some((b'#', [])) => Fail { at, problem: Problem::Trailing("#".to_owned()) },
            _ => Fail { at, problem: Problem::BadTimestamp(Problem::quoted(word)) },
        })?);
        line.blanks();
        if line.peek().is_some() {
            return Err(line.fail(Problem::Trailing(Problem::quoted(line.rest()))));
        }
    }
    out.sample(start, name, value, time)
}

/// The value ends at a blank or at `{`, which no number has in it.
fn value_word<'a>(line: &mut Line<'a>) -> &'a [u8] {
    let word = line.word();
    match memchr::memchr(b'{', word) {
        Some(end) => {
            line.at -= word.len() - end;
            word.get(..end).unwrap_or_default()
        }
        None => word,
    }
}

/// Milliseconds since 1970, digits only: the server takes no sign.
fn timestamp(word: &[u8]) -> Option<i64> {
    if word.is_empty() || !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}
