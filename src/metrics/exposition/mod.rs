//! Exposition text, parsed straight from its bytes: Prometheus text format 0.0.4 and OpenMetrics 1.0.
//!
//! A parsed text borrows its bytes and adds 16 bytes a sample; labels are decoded when they are asked for. What a runbook
//! needs of it is copied out by [`Exposition::keep`]. A line that does not parse is an error, never dropped.

mod builder;
mod error;
mod line;
mod open;
mod samples;
mod text;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use error::{ParseError, Problem};
pub use samples::{LabelIter, Sample};

pub(crate) use builder::Keyword;

use super::labels::Labels;
use super::scrape::{Family, FamilyKind, Format, Scrape, Series, is_named};
use super::selector::canonical_bound;
use builder::{Builder, Meta, MetaLine, Name, Row};
use line::{Checker, Fail, Line, Style, unescape};

/// Bounds of what is read. A text beyond one of them is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the whole text.
    pub bytes: usize,
    /// Length of one line.
    pub line_bytes: usize,
    /// Number of samples.
    pub samples: usize,
    /// Number of labels on one sample.
    pub labels: usize,
}

impl Limits {
    /// 1 GiB, so that places fit in 32 bits with room: fifty times the largest targets that are scraped in earnest. What a
    /// source may send is limited lower, by its `max_size`.
    pub const MAX_BYTES: usize = 1 << 30;
    /// 1 MiB: a label of 64 KiB and a long help text pass, a text without newlines does not.
    pub const MAX_LINE_BYTES: usize = 1 << 20;
    /// Two million: ten times the largest single targets known; each sample costs 16 bytes.
    pub const MAX_SAMPLES: usize = 2_000_000;
    /// Label sets of Kubernetes objects reach a hundred.
    pub const MAX_LABELS: usize = 512;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: Self::MAX_BYTES,
            line_bytes: Self::MAX_LINE_BYTES,
            samples: Self::MAX_SAMPLES,
            labels: Self::MAX_LABELS,
        }
    }
}

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Exposition<'a> {
    text: Cow<'a, str>,
    format: Format,
    rows: Vec<Row>,
    times: Vec<(u32, i64)>,
    names: Vec<Name>,
    families: Vec<Meta>,
    metas: Vec<MetaLine>,
    final_newline: bool,
}

/// What is known of a family without its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// From `# TYPE`; unknown without one.
    pub kind: FamilyKind,
    /// Was there a comment line about it?
    pub declared: bool,
}

/// A line that says something.
pub(crate) enum Entry<'a> {
    /// `# HELP`, `# TYPE` or `# UNIT`.
    Meta {
        /// Where it stands in the text, in bytes.
        offset: usize,
        /// Which of them.
        word: Keyword,
    },
    /// A sample.
    Sample(Sample<'a>),
}

/// Reads `bytes` as `format`.
pub fn parse<'a>(bytes: &'a [u8], format: Format, limits: &Limits) -> Result<Exposition<'a>, ParseError> {
    let max_bytes = limits.bytes.min(Limits::MAX_BYTES);
    if bytes.len() > max_bytes {
        return Err(ParseError::at(&[], 0, Problem::TooLarge(max_bytes)));
    }
    let text = utf8(bytes, format)?;
    let all = text.as_bytes();
    let lines = memchr::memchr_iter(b'\n', all).count() + 1;
    let mut out = Builder::new(limits.samples, lines);
    read_lines(all, format, limits, &mut out).map_err(|Fail { at, problem }| ParseError::at(all, at, problem))?;
    out.resolve(|kind| kind.suffixes(format));
    let final_newline = all.is_empty() || all.ends_with(b"\n");
    let Builder { rows, times, names, families, metas, .. } = out;
    Ok(Exposition { text, format, rows, times, names, families, metas, final_newline })
}

fn read_lines(all: &[u8], format: Format, limits: &Limits, out: &mut Builder) -> Result<(), Fail> {
    let style = match format {
        Format::Text => Style::Loose,
        Format::OpenMetrics => Style::Strict,
    };
    let mut checker = Checker::new(style, limits.labels, limits.line_bytes);
    let mut at = 0;
    let mut ended = false;
    while at < all.len() {
        if ended {
            return Err(Fail { at, problem: Problem::AfterEof });
        }
        let rest = all.get(at..).unwrap_or_default();
        let newline = memchr::memchr(b'\n', rest);
        let mut line = Line { text: all, at, end: newline.map_or(all.len(), |found| at + found) };
        if line.end - at > limits.line_bytes {
            return Err(Fail { at, problem: Problem::LongLine(limits.line_bytes) });
        }
        match format {
            Format::Text => text::line(&mut line, &mut checker, out)?,
            Format::OpenMetrics => {
                ended = open::line(&mut line, &mut checker, out)? == open::Read::Eof;
                if newline.is_none() && !ended {
                    return Err(Fail { at: all.len(), problem: Problem::CutLine });
                }
            }
        }
        at = line.end + 1;
    }
    if format == Format::OpenMetrics && !ended {
        return Err(Fail { at: all.len(), problem: Problem::NoEof });
    }
    Ok(())
}

/// The text as UTF-8. In the text format a plain comment may hold anything; its bytes are replaced one by one, so that
/// places stay.
fn utf8(bytes: &[u8], format: Format) -> Result<Cow<'_, str>, ParseError> {
    let mut from = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error.valid_up_to(),
    };
    let mut fixed = bytes.to_vec();
    loop {
        let before = fixed.get(..from).unwrap_or_default();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let line = before.get(line_start..).unwrap_or_default().trim_ascii_start();
        let meta = line.strip_prefix(b"#").map(<[u8]>::trim_ascii_start);
        let plain = meta.is_some_and(|words| !words.starts_with(b"HELP") && !words.starts_with(b"TYPE"));
        if format == Format::OpenMetrics || !plain {
            return Err(ParseError::at(bytes, from, Problem::NotUtf8));
        }
        let line_end =
            memchr::memchr(b'\n', bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |end| from + end);
        for byte in fixed.iter_mut().take(line_end).skip(from).filter(|byte| !byte.is_ascii()) {
            *byte = b'?';
        }
        match std::str::from_utf8(fixed.get(line_end..).unwrap_or_default()) {
            Ok(_) => break,
            Err(error) => from = line_end + error.valid_up_to(),
        }
    }
    String::from_utf8(fixed)
        .map(Cow::Owned)
        .map_err(|error| ParseError::at(bytes, error.utf8_error().valid_up_to(), Problem::NotUtf8))
}

impl Exposition<'_> {
    /// Which of the two texts it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many samples.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// No sample at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A last line without newline was taken; the text may have been cut within its value.
    pub fn ends_without_newline(&self) -> bool {
        !self.final_newline
    }

    /// The samples, in the order of the text.
    pub fn samples(&self) -> impl Iterator<Item = Sample<'_>> + '_ {
        let mut times = self.times.iter().peekable();
        self.rows.iter().zip(0_u32..).map(move |(row, number)| {
            let time = times.next_if(|(of, _)| *of == number).map(|(_, time)| *time);
            Sample::new(&self.text, row, self.name(row.name), self.kind_of(row), time)
        })
    }

    /// The families, in the order of their first mention by a comment, then those that only have samples.
    pub fn families(&self) -> impl ExactSizeIterator<Item = FamilyInfo<'_>> + '_ {
        self.families.iter().map(|meta| FamilyInfo {
            name: &meta.name,
            kind: meta.kind.unwrap_or_default(),
            declared: meta.kind.is_some() || meta.help.is_some() || meta.unit.is_some(),
        })
    }

    /// The names of all samples that are there, and of their families: what is reported, which HELP and TYPE alone are
    /// not.
    pub fn reported(&self) -> BTreeSet<String> {
        let families = self.names.iter().filter_map(|name| self.families.get(name.family as usize));
        let families: BTreeSet<String> = families.map(|family| family.name.clone()).collect();
        self.names.iter().map(|name| name.text.clone()).chain(families).collect()
    }

    /// The text itself; bytes of comments that were not UTF-8 are replaced, places are the same.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Comment lines about families and samples, in the order of the text, each with the index of its family in
    /// [`Self::families`].
    pub(crate) fn entries(&self) -> impl Iterator<Item = (usize, Entry<'_>)> + '_ {
        let mut metas = self.metas.iter().peekable();
        let mut samples = self.samples().zip(&self.rows).peekable();
        std::iter::from_fn(move || {
            let next_sample = samples.peek().map_or(u32::MAX, |(_, row)| row.at);
            if let Some(meta) = metas.next_if(|meta| meta.at < next_sample) {
                return Some((meta.family as usize, Entry::Meta { offset: meta.at as usize, word: meta.word }));
            }
            let (sample, row) = samples.next()?;
            let family = self.names.get(row.name as usize).map_or(0, |name| name.family);
            Some((family as usize, Entry::Sample(sample)))
        })
    }

    /// Is any of `names` there: as a family, as a sample, or as a sample that a family's kind declares?
    pub fn knows_any(&self, names: &BTreeSet<String>) -> bool {
        self.names.iter().any(|name| names.contains(&name.text))
            || self.families.iter().any(|meta| {
                let kind = meta.kind.unwrap_or_default();
                names.contains(&meta.name)
                    || kind.suffixes(self.format).iter().any(|suffix| names.contains(&format!("{}{suffix}", meta.name)))
            })
    }

    /// All of it, decoded.
    pub fn scrape(&self) -> Scrape {
        self.copy(|_| true)
    }

    /// The families that `names` asks for, as [`Scrape::keep`].
    pub fn keep(&self, names: &BTreeSet<String>) -> Scrape {
        self.copy(|family| is_named(family, names))
    }

    fn copy(&self, wanted: impl Fn(&str) -> bool) -> Scrape {
        let text = |place: Option<(usize, usize)>| place.and_then(|(from, to)| self.text.get(from..to));
        let quotes = self.format == Format::OpenMetrics;
        let mut families: Vec<Option<Family>> = self
            .families
            .iter()
            .map(|meta| {
                wanted(&meta.name).then(|| Family {
                    kind: meta.kind.unwrap_or_default(),
                    declared: meta.kind.is_some() || meta.help.is_some() || meta.unit.is_some(),
                    help: text(meta.help).map(|help| unescape(help, quotes).into_owned()),
                    unit: text(meta.unit).map(str::to_owned),
                    series: Vec::new(),
                })
            })
            .collect();
        let mut strings = Strings::default();
        for (sample, row) in self.samples().zip(&self.rows) {
            let family = self.names.get(row.name as usize).and_then(|name| families.get_mut(name.family as usize));
            if let Some(Some(family)) = family {
                let bound = match family.kind {
                    FamilyKind::Histogram => "le",
                    FamilyKind::Summary => "quantile",
                    FamilyKind::Unknown
                    | FamilyKind::Counter
                    | FamilyKind::Gauge
                    | FamilyKind::GaugeHistogram
                    | FamilyKind::Info
                    | FamilyKind::StateSet => "",
                };
                let labels = sample.labels().map(|(name, value)| {
                    let value = if name == bound { Cow::Owned(canonical_bound(bound, &value)) } else { value };
                    (strings.shared(&name), strings.shared(&value))
                });
                family.series.push(Series {
                    labels: Labels::new(labels.collect::<Vec<_>>()),
                    name: strings.shared(sample.name),
                    value: sample.value,
                    timestamp_ms: sample.timestamp_ms,
                });
            }
        }
        let named = self.families.iter().zip(families).filter_map(|(meta, family)| Some((meta.name.clone(), family?)));
        Scrape { format: self.format, families: named.collect() }
    }

    fn name(&self, id: u32) -> &str {
        self.names.get(id as usize).map_or("", |name| &name.text)
    }

    fn kind_of(&self, row: &Row) -> FamilyKind {
        let family = self.names.get(row.name as usize).and_then(|name| self.families.get(name.family as usize));
        family.and_then(|meta| meta.kind).unwrap_or_default()
    }
}

/// Names and values repeat from series to series: each is stored once.
#[derive(Default)]
struct Strings(BTreeSet<Arc<str>>);

impl Strings {
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.0.insert(new.clone());
        new
    }
}
