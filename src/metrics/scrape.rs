//! One scrape of a target, parsed: families and their samples.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::labels::Labels;

/// The sample that tells when the process behind a target started, in unix seconds.
pub const START_TIME: &str = "process_start_time_seconds";

/// Which of the two texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Prometheus text format 0.0.4.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// What `# TYPE` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FamilyKind {
    /// No `# TYPE`, or `untyped` or `unknown`.
    #[default]
    Unknown,
    /// Goes up, and to 0 at a restart.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Cumulative buckets, sum and count.
    Histogram,
    /// Quantiles, sum and count.
    Summary,
    /// A histogram whose buckets go up and down (OpenMetrics).
    GaugeHistogram,
    /// Labels as information (OpenMetrics).
    Info,
    /// One series a state (OpenMetrics).
    StateSet,
}

impl FamilyKind {
    /// The word of `# TYPE` in `format`; OpenMetrics says `unknown` where the text format says `untyped`.
    pub fn word(self, format: Format) -> &'static str {
        match self {
            Self::Unknown => match format {
                Format::Text => "untyped",
                Format::OpenMetrics => "unknown",
            },
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Info => "info",
            Self::StateSet => "stateset",
        }
    }

    /// The kind that a word of `# TYPE` names; one that is not known says nothing.
    pub fn of_word(word: &str) -> Self {
        match word {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "summary" => Self::Summary,
            "gaugehistogram" => Self::GaugeHistogram,
            "info" => Self::Info,
            "stateset" => Self::StateSet,
            _ => Self::Unknown,
        }
    }

    /// The endings that a sample of a family of this kind may add to the family's name; `""` is the bare name.
    pub fn suffixes(self, format: Format) -> &'static [&'static str] {
        match (self, format) {
            (Self::Counter, Format::OpenMetrics) => &["_total", "_created"],
            (Self::Histogram, Format::OpenMetrics) => &["_bucket", "_sum", "_count", "_created"],
            (Self::Summary, Format::OpenMetrics) => &["", "_sum", "_count", "_created"],
            (Self::GaugeHistogram, _) => &["_bucket", "_gsum", "_gcount"],
            (Self::Info, _) => &["_info"],
            (Self::Histogram, Format::Text) => &["_bucket", "_sum", "_count"],
            (Self::Summary, Format::Text) => &["", "_sum", "_count"],
            (Self::Unknown | Self::Counter | Self::Gauge | Self::StateSet, _) => &[""],
        }
    }
}

/// Endings by which a sample's name can be longer than its family's.
const SUFFIXES: &[&str] = &["_bucket", "_count", "_sum", "_total", "_created", "_gcount", "_gsum", "_info"];

/// One sample.
#[derive(Clone, Debug)]
pub struct Series {
    /// The sample's name, with `_bucket`, `_sum`, `_count` or `_total` where it has one.
    pub name: Arc<str>,
    /// Its labels. `le` of a histogram and `quantile` of a summary are written as Prometheus 3 stores them (`1.0` for
    /// `1`), so that a target may change its format between two scrapes.
    pub labels: Labels,
    /// Its value; NaN and infinities are values.
    pub value: f64,
    /// The time written beside it, unix milliseconds.
    pub timestamp_ms: Option<i64>,
}

/// By bits: NaN equals itself, so that a scrape equals its copy.
impl PartialEq for Series {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.labels == other.labels
            && self.value.to_bits() == other.value.to_bits()
            && self.timestamp_ms == other.timestamp_ms
    }
}

/// A metric family.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Family {
    /// From `# TYPE`.
    pub kind: FamilyKind,
    /// Was there a `# HELP` or `# TYPE`? Such a family is declared, even without a series.
    pub declared: bool,
    /// The text of `# HELP`, decoded.
    pub help: Option<String>,
    /// The text of `# UNIT`.
    pub unit: Option<String>,
    /// Its samples, in the order of the text.
    pub series: Vec<Series>,
}

/// One scrape, or the part of one that a runbook names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scrape {
    /// The text it came as; names of OpenMetrics counters differ from their family's.
    pub format: Format,
    /// By the family's name.
    pub families: BTreeMap<String, Family>,
}

impl Scrape {
    /// When the process started, unix seconds.
    pub fn start_time(&self) -> Option<f64> {
        self.samples(START_TIME).map(|series| series.value).find(|value| value.is_finite())
    }

    /// The family that a sample of this name belongs to, or that bears this name itself.
    pub fn family(&self, name: &str) -> Option<&Family> {
        candidates(name).find_map(|(base, suffix)| {
            let family = self.families.get(base)?;
            let own = suffix.is_empty()
                || family.kind.suffixes(self.format).contains(&suffix)
                || family.series.iter().any(|series| &*series.name == name);
            own.then_some(family)
        })
    }

    /// Is a metric of this name known to the target: by `# HELP`, by `# TYPE` or by a sample? A counter is declared by
    /// its family's lines before its first increment.
    pub fn declared(&self, name: &str) -> bool {
        self.family(name).is_some()
    }

    /// The samples of exactly this name, in the order of the text.
    pub fn samples<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Series> + 'a {
        candidates(name)
            .filter_map(|(base, _)| self.families.get(base))
            .flat_map(|family| &family.series)
            .filter(move |series| &*series.name == name)
    }

    /// All samples, by family.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.families.values().flat_map(|family| &family.series)
    }

    /// The part whose families, or samples of them, have one of `names`, and the start time of the process: all that a
    /// runbook's objectives and checks need of a scrape.
    #[must_use]
    pub fn keep(&self, names: &BTreeSet<String>) -> Self {
        let families = self.families.iter().filter(|(family, _)| is_named(family, names));
        Self { format: self.format, families: families.map(|(name, family)| (name.clone(), family.clone())).collect() }
    }
}

/// Is `family` one that `names` asks for, or the start time of the process? A name may be the family's, a sample's of
/// it, or (for histograms whose `# TYPE` is missing) the part before `_bucket`.
pub(crate) fn is_named(family: &str, names: &BTreeSet<String>) -> bool {
    family == START_TIME
        || candidates(family).any(|(base, _)| names.contains(base))
        || SUFFIXES.iter().any(|suffix| names.contains(&format!("{family}{suffix}")))
}

/// The family names that a sample of this name can belong to, each with the ending that is left.
pub(crate) fn candidates(name: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::once((name, "")).chain(SUFFIXES.iter().filter_map(move |suffix| {
        let base = name.strip_suffix(suffix)?;
        (!base.is_empty()).then_some((base, *suffix))
    }))
}

/// Was `name` reported in at least one of `scrapes`: one sample of it, or of the family of this name? `# HELP` and
/// `# TYPE` do not count.
pub fn reported<'a>(scrapes: impl IntoIterator<Item = &'a Scrape>, name: &str) -> bool {
    scrapes.into_iter().any(|scrape| {
        scrape.samples(name).next().is_some()
            || scrape.families.get(name).is_some_and(|family| !family.series.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(kind: FamilyKind, series: &[(&str, f64)]) -> Family {
        Family {
            kind,
            declared: true,
            series: series
                .iter()
                .map(|(name, value)| Series {
                    name: (*name).into(),
                    labels: Labels::default(),
                    value: *value,
                    timestamp_ms: None,
                })
                .collect(),
            ..Family::default()
        }
    }

    fn scrape(format: Format) -> Scrape {
        let families = [
            ("errors", family(FamilyKind::Counter, &[])),
            ("latency", family(FamilyKind::Histogram, &[("latency_bucket", 1.0), ("latency_count", 1.0)])),
            ("process_start_time_seconds", family(FamilyKind::Gauge, &[(START_TIME, 1000.5)])),
            ("up", family(FamilyKind::Gauge, &[("up", f64::NAN)])),
        ];
        Scrape { format, families: families.into_iter().map(|(name, family)| (name.to_owned(), family)).collect() }
    }

    #[test]
    fn a_family_is_declared_before_its_first_series() {
        let open = scrape(Format::OpenMetrics);
        assert!(open.declared("errors_total"), "the counter's sample of OpenMetrics");
        assert!(open.declared("errors"));
        assert!(!open.declared("errors_bucket"));
        assert!(
            !scrape(Format::Text).declared("errors_total"),
            "in the text format the family is named like the sample"
        );
        assert!(open.declared("latency_sum"), "a histogram declares all its samples");
        assert!(!open.declared("latency_total"));
    }

    #[test]
    fn only_a_sample_is_a_report() {
        let scrapes = [scrape(Format::OpenMetrics)];
        assert!(!reported(&scrapes, "errors_total"), "help text is not a report");
        assert!(!reported(&scrapes, "errors"));
        assert!(reported(&scrapes, "latency"));
        assert!(reported(&scrapes, "latency_count"));
        assert!(!reported(&scrapes, "latency_sum"));
    }

    #[test]
    fn what_is_kept_is_what_is_named_and_the_start_time() {
        let kept = scrape(Format::Text).keep(&BTreeSet::from(["latency_bucket".to_owned(), "errors_total".to_owned()]));
        let names: Vec<&str> = kept.families.keys().map(String::as_str).collect();
        assert_eq!(names, ["errors", "latency", START_TIME]);
        assert_eq!(kept.start_time(), Some(1000.5));
    }

    #[test]
    fn a_scrape_with_nan_equals_its_copy() {
        assert_eq!(scrape(Format::Text), scrape(Format::Text).clone());
    }
}
