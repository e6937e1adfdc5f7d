//! How a sample is written: escapes, line breaks, commas, exemplars.

use super::{Lines, Report};
use crate::diagnostic::Code;
use crate::metrics::exposition::{Exposition, Sample};
use crate::metrics::scrape::{FamilyKind, Format};

/// Longest label set of an exemplar, in characters of names and values: a limit of OpenMetrics itself.
const MAX_EXEMPLAR_CHARS: usize = 128;

pub(super) fn sample(
    report: &mut Report,
    lines: &mut Lines<'_>,
    exposition: &Exposition<'_>,
    kind: FamilyKind,
    suffix: &str,
    sample: &Sample<'_>,
) {
    let text = exposition.text();
    let Some(own) = text.get(sample.offset..) else { return };
    let after = match own.find(['{', ' ', '\t', '\n']) {
        Some(at) if own.get(at..).is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with('{')) => {
            let open = sample.offset + at + own.get(at..).and_then(|rest| rest.find('{')).unwrap_or_default();
            block(report, lines, text, open + 1)
        }
        Some(at) => sample.offset + at,
        None => return,
    };
    if exposition.format() == Format::OpenMetrics {
        let rest = text.get(after..).unwrap_or_default();
        let rest = rest.split('\n').next().unwrap_or_default();
        if let Some((_, exemplar)) = rest.split_once(" # {") {
            let allowed = match kind {
                FamilyKind::Counter => suffix == "_total",
                FamilyKind::Histogram | FamilyKind::GaugeHistogram => suffix == "_bucket",
                FamilyKind::Unknown
                | FamilyKind::Gauge
                | FamilyKind::Summary
                | FamilyKind::Info
                | FamilyKind::StateSet => false,
            };
            let labels = labels_of(exemplar);
            if !allowed {
                report.add(lines.number(after), Code::RB0763, sample.name.to_owned());
            } else if labels > MAX_EXEMPLAR_CHARS {
                report.add(
                    lines.number(after),
                    Code::RB0763,
                    format!("{}: {labels} > {MAX_EXEMPLAR_CHARS}", sample.name),
                );
            }
        }
    }
}

/// Walks a label block that begins after its `{` and gives the place after its `}`.
fn block(report: &mut Report, lines: &mut Lines<'_>, text: &str, from: usize) -> usize {
    let mut letters = text.get(from..).unwrap_or_default().char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let at = from + at;
        match letter {
            '}' => return at + 1,
            '"' => {
                quoted(report, lines, &mut letters, from);
                let next = letters.clone().find(|(_, letter)| !matches!(letter, ' ' | '\t'));
                if let Some((next, _)) = next.filter(|(_, letter)| !matches!(letter, ',' | '}' | '=')) {
                    report.add(lines.number(from + next), Code::RB0760, excerpt(text, from + next));
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// After an opening quote: to after the closing one.
fn quoted(
    report: &mut Report,
    lines: &mut Lines<'_>,
    letters: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    from: usize,
) {
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return,
            '\n' => report.add(lines.number(from + at), Code::RB0759, "\\n".to_owned()),
            '\\' => {
                if let Some((at, escaped)) = letters.next().filter(|(_, letter)| !matches!(letter, '\\' | '"' | 'n')) {
                    report.add(lines.number(from + at), Code::RB0758, format!("\\{}", escaped.escape_debug()));
                }
            }
            _ => {}
        }
    }
}

/// Characters of names and values in `a="b",c="d"} …`; escapes count as what they stand for.
fn labels_of(text: &str) -> usize {
    let mut count = 0;
    let mut letters = text.chars();
    let mut in_value = false;
    while let Some(letter) = letters.next() {
        match letter {
            '}' if !in_value => break,
            '"' => in_value = !in_value,
            '=' | ',' if !in_value => {}
            '\\' => {
                letters.next();
                count += 1;
            }
            _ => count += 1,
        }
    }
    count
}

/// A few letters from `at` on, within their line.
fn excerpt(text: &str, at: usize) -> String {
    text.get(at..).unwrap_or_default().lines().next().unwrap_or_default().chars().take(20).collect()
}
