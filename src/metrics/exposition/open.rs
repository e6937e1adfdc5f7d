//! OpenMetrics 1.0, line by line, as the Prometheus server reads it: one blank between tokens, none in braces, no empty
//! lines, and `# EOF` at the end.

use super::builder::{Builder, Keyword};
use super::error::Problem;
use super::line::{Checker, Fail, Line, Parsed, Style, number};
use crate::metrics::scrape::FamilyKind;

/// What a line was.
#[derive(PartialEq, Eq)]
pub(super) enum Read {
    Line,
    Eof,
}

/// Reads the line at `line.at` and leaves `line.at` at its end.
pub(super) fn line<'a>(line: &mut Line<'a>, checker: &mut Checker<'a>, out: &mut Builder) -> Parsed<Read> {
    // A help text may end so, nothing else may.
    if line.rest().ends_with(b"\r") && !line.rest().starts_with(b"# HELP ") {
        return Err(Fail { at: line.end - 1, problem: Problem::CarriageReturn });
    }
    match line.peek() {
        None => Err(line.fail(Problem::BlankLine)),
        Some(b'#') if line.rest() == b"# EOF" => {
            line.at = line.end;
            Ok(Read::Eof)
        }
        Some(b'#') => comment(line, out).map(|()| Read::Line),
        Some(_) => sample(line, checker, out).map(|()| Read::Line),
    }
}

fn comment(line: &mut Line<'_>, out: &mut Builder) -> Parsed<()> {
    let at = line.at;
    let keyword = match line.rest().get(..7) {
        Some(b"# HELP ") => Keyword::Help,
        Some(b"# TYPE ") => Keyword::Type,
        Some(b"# UNIT ") => Keyword::Unit,
        _ => return Err(line.fail(Problem::Comment)),
    };
    line.at += 7;
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
    // An empty help text may stand without its blank.
    if line.peek() == Some(b' ') {
        line.at += 1;
    } else if line.peek().is_some() || keyword == Keyword::Type {
        return Err(line.fail(Problem::Spacing));
    }
    let text = line.rest();
    match keyword {
        Keyword::Help => out.text(at, keyword, family, (line.at, line.end)),
        Keyword::Unit => {
            let fits = text.is_empty()
                || family.strip_suffix(text).is_some_and(|before| before.len() > 1 && before.ends_with(b"_"));
            if !fits {
                return Err(line.fail(Problem::UnknownUnit(Problem::quoted(text))));
            }
            out.text(at, keyword, family, (line.at, line.end));
        }
        Keyword::Type => {
            let kind = match text {
                b"counter" => FamilyKind::Counter,
                b"gauge" => FamilyKind::Gauge,
                b"histogram" => FamilyKind::Histogram,
                b"gaugehistogram" => FamilyKind::GaugeHistogram,
                b"summary" => FamilyKind::Summary,
                b"info" => FamilyKind::Info,
                b"stateset" => FamilyKind::StateSet,
                b"unknown" => FamilyKind::Unknown,
                _ => return Err(line.fail(Problem::UnknownType(Problem::quoted(text)))),
            };
            out.kind(at, family, kind);
        }
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
    if line.peek() == Some(b'{') {
        line.at += 1;
        match (checker.block(line)?, name.is_empty()) {
            (None, false) => {}
            (Some((from, to)), true) => name = line.text.get(from..to).unwrap_or_default(),
            (Some((from, _)), false) => return Err(Fail { at: from, problem: Problem::NameTwice }),
            (None, true) => return Err(Fail { at: start, problem: Problem::NoName }),
        }
    } else if name.is_empty() || !matches!(line.peek(), Some(b' ') | None) {
        return Err(line.fail(Problem::NoSample(Problem::quoted(line.rest()))));
    }
    let value = value(line)?;
    let mut time = None;
    if line.peek().is_some() && !line.rest().starts_with(b" # ") {
        time = Some(timestamp(line)?);
    }
    if line.rest().starts_with(b" # ") {
        exemplar(line, checker)?;
    }
    if line.peek().is_some() {
        return Err(line.fail(Problem::Trailing(Problem::quoted(line.rest()))));
    }
    out.sample(start, name, value, time)
}

/// One blank, then a word.
fn word<'a>(line: &mut Line<'a>) -> Parsed<&'a [u8]> {
    if line.peek() != Some(b' ') {
        let problem = if line.peek().is_none() { Problem::NoValue } else { Problem::Spacing };
        return Err(line.fail(problem));
    }
    line.at += 1;
    let word = line.word();
    let problem = match line.peek() {
        _ if !word.is_empty() => return Ok(word),
        None => Problem::NoValue,
        Some(_) => Problem::Spacing,
    };
    Err(line.fail(problem))
}

fn value(line: &mut Line<'_>) -> Parsed<f64> {
    let at = line.at + 1;
    let word = word(line)?;
    number(word).ok_or_else(|| Fail { at, problem: Problem::BadValue(Problem::quoted(word)) })
}

/// Seconds since 1970 with a fraction, kept as milliseconds.
fn timestamp(line: &mut Line<'_>) -> Parsed<i64> {
    let at = line.at + 1;
    let word = word(line)?;
    // Milliseconds beyond 2^53 are no times any more, and not exact either.
    let millis = number(word).map(|seconds| (seconds * 1000.0).round()).filter(|millis| millis.abs() < 9e15);
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    millis.map(|millis| millis as i64).ok_or_else(|| Fail { at, problem: Problem::BadTimestamp(Problem::quoted(word)) })
}

/// ` # {labels} value [time]`: checked, not kept.
fn exemplar<'a>(line: &mut Line<'a>, checker: &mut Checker<'a>) -> Parsed<()> {
    line.at += 3;
    let start = line.at;
    if line.peek() != Some(b'{') {
        return Err(line.fail(Problem::BadExemplar));
    }
    line.at += 1;
    if checker.block(line)?.is_some() {
        return Err(Fail { at: start, problem: Problem::BadExemplar });
    }
    value(line)?;
    if line.peek().is_some() {
        timestamp(line)?;
    }
    Ok(())
}
