//! Stricter than the parser: what the reference text parser and strict OpenMetrics refuse although the Prometheus server
//! takes it. Each kind of finding is a code of the catalogue, each finding has its line.

mod bounds;
mod order;
mod writing;

use std::collections::BTreeMap;
use std::fmt;

use super::clocks::{stamped_ahead_ms, starts_ahead_ms};
use super::exposition::{Entry, Exposition};
use super::scrape::{FamilyKind, START_TIME};
use crate::diagnostic::Code;
use crate::text::Lang;

/// So many findings are kept: nobody reads more, and a broken target could give one for each of its samples.
pub const MAX_FINDINGS: usize = 1000;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong: the code's title says it.
    pub code: Code,
    /// What it is about, in signs and names, the same in every language.
    pub about: String,
}

impl Finding {
    /// `line 3: RB0753 one series stands twice: up{a="b"}`, in the reader's language.
    pub fn text(&self, lang: Lang) -> String {
        let Self { line, code, about } = self;
        match lang {
            Lang::En => format!("line {line}: {code} {}: {about}", code.title()),
            Lang::Zh => format!("第 {line} 行：{code} {}：{about}", code.title_zh()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// All findings of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// By line, at most [`MAX_FINDINGS`].
    pub found: Vec<Finding>,
    /// How many more there were.
    pub beyond: usize,
}

/// Looks at every line of a text that was scraped at `at_ms` (unix milliseconds), and at the times in it.
pub fn lint_at(exposition: &Exposition<'_>, at_ms: i64) -> Findings {
    lint_with(exposition, Some(at_ms))
}

/// Looks at every line. Nothing is said of the times in it but their order.
pub fn lint(exposition: &Exposition<'_>) -> Findings {
    lint_with(exposition, None)
}

fn lint_with(exposition: &Exposition<'_>, at_ms: Option<i64>) -> Findings {
    let families: Vec<_> = exposition.families().collect();
    let mut lines = Lines { text: exposition.text().as_bytes(), at: 0, line: 1 };
    let mut report = Report::default();
    let mut order = order::Order::new(exposition.format(), &families);
    let mut bounds = bounds::Bounds::default();
    for (id, entry) in exposition.entries() {
        let Some(family) = families.get(id) else { continue };
        match entry {
            Entry::Meta { offset, word } => {
                let line = lines.number(offset);
                order.meta(&mut report, line, id, family.name, word);
            }
            Entry::Sample(sample) => {
                let line = lines.number(sample.offset);
                let suffix = sample.name.strip_prefix(family.name).unwrap_or_default();
                let labels: BTreeMap<_, _> = sample.labels().filter(|(_, value)| !value.is_empty()).collect();
                order.sample(&mut report, line, id, &sample, &labels);
                if !family.kind.suffixes(exposition.format()).contains(&suffix) {
                    report.add(
                        line,
                        Code::RB0754,
                        format!("{} ({})", sample.name, family.kind.word(exposition.format())),
                    );
                }
                if let Some(at_ms) = at_ms {
                    time(&mut report, line, at_ms, &sample, &labels);
                }
                value(&mut report, line, family.kind, suffix, &sample, &labels);
                bounds.sample(&mut report, line, family.kind, suffix, &sample, labels);
                writing::sample(&mut report, &mut lines, exposition, family.kind, suffix, &sample);
            }
        }
    }
    order.end(&mut report);
    bounds.end(&mut report);
    if exposition.ends_without_newline() {
        report.add(lines.number(exposition.text().len()), Code::RB0761, "\\n".to_owned());
    }
    report.findings()
}

type LabelMap<'a> = BTreeMap<std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>>;

/// Times that do not fit the clock.
fn time(report: &mut Report, line: usize, at_ms: i64, sample: &super::exposition::Sample<'_>, labels: &LabelMap<'_>) {
    let stamped = sample.timestamp_ms.and_then(|time| stamped_ahead_ms(time, at_ms));
    let start = Some(sample.value).filter(|value| sample.name == START_TIME && value.is_finite());
    let starts = start.and_then(|start| starts_ahead_ms(start, at_ms));
    for ahead_ms in [stamped, starts].into_iter().flatten() {
        report.add(line, Code::RB0765, format!("{}: {:+} s", series(sample.name, labels), ahead_ms / 1000));
    }
}

/// Values that the kind cannot have.
fn value(
    report: &mut Report,
    line: usize,
    kind: FamilyKind,
    suffix: &str,
    sample: &super::exposition::Sample<'_>,
    labels: &LabelMap<'_>,
) {
    let value = sample.value;
    let fits = match (kind, suffix) {
        (FamilyKind::Counter, _) | (FamilyKind::Histogram, "_bucket" | "_count") | (FamilyKind::Summary, "_count") => {
            value >= 0.0
        }
        #[expect(clippy::float_cmp, reason = "exactly these values are allowed")]
        (FamilyKind::Info, _) => value == 1.0,
        #[expect(clippy::float_cmp, reason = "exactly these values are allowed")]
        (FamilyKind::StateSet, _) => value == 0.0 || value == 1.0,
        (
            FamilyKind::Unknown
            | FamilyKind::Gauge
            | FamilyKind::GaugeHistogram
            | FamilyKind::Histogram
            | FamilyKind::Summary,
            _,
        ) => true,
    };
    if !fits {
        report.add(line, Code::RB0762, format!("{} = {}", series(sample.name, labels), super::render::number(value)));
    }
}

/// `name{a="b"}`
fn series(name: &str, labels: &LabelMap<'_>) -> String {
    let labels: super::labels::Labels = labels.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    format!("{name}{labels}")
}

/// Finds line numbers of places that mostly go forward.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn number(&mut self, offset: usize) -> usize {
        if offset < self.at {
            (self.at, self.line) = (0, 1);
        }
        let between = self.text.get(self.at..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count();
        self.at = offset;
        self.line
    }
}

#[derive(Default)]
struct Report(Findings);

impl Report {
    fn add(&mut self, line: usize, code: Code, about: String) {
        if self.0.found.len() == MAX_FINDINGS {
            self.0.beyond += 1;
        } else {
            self.0.found.push(Finding { line, code, about });
        }
    }

    fn findings(mut self) -> Findings {
        self.0.found.sort_by_key(|finding| (finding.line, finding.code));
        self.0
    }
}
