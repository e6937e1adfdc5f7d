//! How much counters grew between scrapes, series by series.
//!
//! No extrapolation: the growth of an interval is the difference of its two ends, and the growths of intervals add up to
//! that of the whole. A counter that went down, or whose process was started again, counts from 0, and so does a series
//! that appears late: a labelled counter has no series before its first increment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::instances::{Instances, Process, SeveralInstances};
use super::labels::Labels;
use super::objective::NoData;
use super::scrape::{FamilyKind, Format, Scrape, Series};
use super::selector::Selector;
use crate::text;
use crate::text::Text;

/// By sample name, then by labels.
type Values = BTreeMap<Arc<str>, BTreeMap<Labels, f64>>;

/// Follows the counters of one URL from scrape to scrape.
///
/// It remembers the last value of every series, so that one that is missing from a scrape goes on where it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracker {
    instances: Instances,
    several: Option<SeveralInstances>,
    last: Values,
    /// Names known at any scrape so far, with their last kinds.
    known: BTreeMap<String, FamilyKind>,
}

impl Tracker {
    /// Begins at `baseline`, the scrape at the start of the observation.
    pub fn new(baseline: &Scrape) -> Self {
        let mut instances = Instances::default();
        // The first start time never contradicts.
        let several = instances.feed(baseline.start_time()).err();
        Self { instances, several, last: counters(baseline).0, known: known_names(baseline) }
    }

    /// The increases since the last good scrape. After an error nothing has changed: the next good scrape covers this
    /// interval too.
    pub fn observe(&mut self, scrape: &Scrape) -> Result<Increases, SeveralInstances> {
        let process = self.instances.feed(scrape.start_time()).inspect_err(|several| self.several = Some(*several))?;
        let mut increases = Increases::default();
        let runs_on = process == Process::Same && scrape.start_time().is_some();
        if let Process::Restarted { from, to } = process {
            increases.resets.push(Reset::Restart { from, to });
            self.last.clear();
        }
        let (values, ambiguous) = counters(scrape);
        increases.ambiguous = ambiguous;
        for (name, series) in values {
            let last = self.last.entry(name.clone()).or_default();
            let grown = increases.grown.entry(name.clone()).or_default();
            for (labels, value) in series {
                let before = last.insert(labels.clone(), value).unwrap_or(0.0);
                let growth = if value < before {
                    increases.resets.push(Reset::WentDown {
                        series: format!("{name}{labels}"),
                        from: before,
                        to: value,
                        runs_on,
                    });
                    value
                } else {
                    value - before
                };
                grown.insert(labels, growth);
            }
        }
        let known = known_names(scrape);
        increases.last = known.keys().cloned().collect();
        // One that was there and is gone stays told apart from one that never was, however long it is gone.
        self.known.extend(known);
        increases.ever.clone_from(&self.known);
        Ok(increases)
    }

    /// Did several instances ever answer? Then the sum of the intervals is not to be trusted either.
    pub fn several(&self) -> Option<SeveralInstances> {
        self.several
    }

    /// Takes over what a copy, which is dropped, found out about instances.
    pub fn distrust(&mut self, tried: &Self) {
        self.several = self.several.or(tried.several);
    }
}

/// A counter that began again.
#[derive(Clone, Debug, PartialEq)]
pub enum Reset {
    /// The process was started again.
    Restart {
        /// Start of the process before, unix seconds.
        from: f64,
        /// Start of the process now, unix seconds.
        to: f64,
    },
    /// A series went down.
    WentDown {
        /// Name and labels.
        series: String,
        /// The value before.
        from: f64,
        /// The value now.
        to: f64,
        /// Its process says that it was not started again: a counter must not do that.
        runs_on: bool,
    },
}

impl Reset {
    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::Restart { from, to } => {
                text!(
                    "the process was started again (start time {from} → {to})",
                    "进程已重启（启动时间 {from} → {to}）"
                )
            }
            Self::WentDown { series, from, to, runs_on: true } => text!(
                "{series} went down from {from} to {to} although its process was not started again: counted from 0",
                "{series} 由 {from} 降为 {to}，而其进程并未重启：按从 0 计数"
            ),
            Self::WentDown { series, from, to, runs_on: false } => {
                text!(
                    "{series} went down from {from} to {to}: counted from 0",
                    "{series} 由 {from} 降为 {to}：按从 0 计数"
                )
            }
        }
    }
}

/// In English; see [`Reset::text`].
impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

/// How much each counter grew in an interval, and what was known about the metrics in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Increases {
    grown: Values,
    /// Resets, in the order in which they were seen.
    pub resets: Vec<Reset>,
    /// Names that the last scrape of the interval knew.
    last: BTreeSet<String>,
    /// Names that any scrape until then knew.
    ever: BTreeMap<String, FamilyKind>,
    /// Series that stood twice in one scrape with different values.
    ambiguous: BTreeSet<(Arc<str>, Labels)>,
}

/// Growth by the values of some labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values of the asked labels, in the order asked; empty where a series has none.
    pub values: Vec<String>,
    /// The sum of the growth of its series.
    pub increase: f64,
}

impl Increases {
    /// Between two scrapes of one URL and nothing else.
    pub fn between(before: &Scrape, after: &Scrape) -> Result<Self, SeveralInstances> {
        Tracker::new(before).observe(after)
    }

    /// Appends a later interval: afterwards this is the growth over both.
    pub fn add(&mut self, later: &Self) {
        self.sum(later);
        self.last.clone_from(&later.last);
    }

    /// Adds another instance of the same service over the same interval (a source with a list of URLs).
    pub fn join(&mut self, instance: &Self) {
        self.sum(instance);
        self.last.extend(instance.last.iter().cloned());
    }

    fn sum(&mut self, other: &Self) {
        for (name, series) in &other.grown {
            let own = self.grown.entry(name.clone()).or_default();
            for (labels, growth) in series {
                *own.entry(labels.clone()).or_insert(0.0) += growth;
            }
        }
        self.resets.extend(other.resets.iter().cloned());
        for (name, kind) in &other.ever {
            self.ever.insert(name.clone(), *kind);
        }
        self.ambiguous.extend(other.ambiguous.iter().cloned());
    }

    /// The growth of each series that `selector` matches, ordered by labels.
    pub fn matching<'a>(&'a self, selector: &'a Selector) -> impl Iterator<Item = (&'a Labels, f64)> + 'a {
        let series = self.grown.get(selector.name.as_str());
        series
            .into_iter()
            .flatten()
            .filter(|(labels, _)| selector.matches(labels))
            .map(|(labels, growth)| (labels, *growth))
    }

    /// What happened to the counters, in one sentence; empty: nothing.
    pub fn resets_told(&self) -> Text {
        let Some(first) = self.resets.first() else { return Text::default() };
        let first = first.text();
        match self.resets.len() - 1 {
            0 => first,
            more => text!("{first} ({more} more)", "{first}（另有 {more} 处）", first = first, more = more),
        }
    }

    /// Is this metric known, and from then on to the end of the interval?
    pub fn known(&self, name: &str) -> Result<FamilyKind, NoData> {
        match self.ever.get(name) {
            None => Err(NoData::NeverSeen { name: name.to_owned() }),
            Some(_) if !self.last.contains(name) => Err(NoData::Gone { name: name.to_owned() }),
            Some(kind) => Ok(*kind),
        }
    }

    /// Did any scrape of the interval know this metric?
    pub fn ever(&self, name: &str) -> bool {
        self.ever.contains_key(name)
    }

    /// A series of `selector` that stood twice in one scrape with different values.
    pub fn ambiguous(&self, selector: &Selector) -> Option<String> {
        let found =
            self.ambiguous.iter().find(|(name, labels)| **name == *selector.name && selector.matches(labels))?;
        Some(format!("{}{}", found.0, found.1))
    }

    /// The growth of what `selector` matches, summed by the values of the labels `by`, ordered by these values.
    pub fn by_labels(&self, selector: &Selector, by: &[String]) -> Result<Vec<Row>, NoData> {
        self.known(&selector.name)?;
        let mut rows: BTreeMap<Vec<String>, f64> = BTreeMap::new();
        for (labels, growth) in self.matching(selector) {
            let key = by.iter().map(|label| labels.value(label).to_owned()).collect();
            *rows.entry(key).or_insert(0.0) += growth;
        }
        Ok(rows.into_iter().map(|(values, increase)| Row { values, increase }).collect())
    }
}

/// Does a sample of this name in a family of this kind only go up? An untyped one counts as a counter when an objective
/// names it.
fn counts(kind: FamilyKind, format: Format, family: &str, sample: &str) -> bool {
    let suffix = sample.strip_prefix(family).unwrap_or_default();
    match kind {
        FamilyKind::Counter => format == Format::Text || suffix == "_total",
        FamilyKind::Histogram => matches!(suffix, "_bucket" | "_sum" | "_count"),
        FamilyKind::Summary => matches!(suffix, "_sum" | "_count"),
        FamilyKind::Unknown => true,
        FamilyKind::Gauge | FamilyKind::GaugeHistogram | FamilyKind::Info | FamilyKind::StateSet => false,
    }
}

/// The current value of each counter, and the series that are given twice. Of several samples of one series with
/// different times the latest counts.
fn counters(scrape: &Scrape) -> (Values, BTreeSet<(Arc<str>, Labels)>) {
    let mut latest: BTreeMap<(&Arc<str>, &Labels), &Series> = BTreeMap::new();
    let mut ambiguous = BTreeSet::new();
    for (family, entry) in &scrape.families {
        for series in entry.series.iter().filter(|series| counts(entry.kind, scrape.format, family, &series.name)) {
            let key = (&series.name, &series.labels);
            match latest.get(&key) {
                Some(other) if other.timestamp_ms == series.timestamp_ms => {
                    if other.value.to_bits() != series.value.to_bits() {
                        ambiguous.insert((series.name.clone(), series.labels.clone()));
                    }
                }
                Some(other) if other.timestamp_ms > series.timestamp_ms => {}
                Some(_) | None => {
                    latest.insert(key, series);
                }
            }
        }
    }
    let mut values = Values::new();
    for ((name, labels), series) in latest {
        values.entry(name.clone()).or_default().insert(labels.clone(), series.value);
    }
    (values, ambiguous)
}

/// Every name that the scrape knows: families, the samples that their kind declares, and the samples that are there.
fn known_names(scrape: &Scrape) -> BTreeMap<String, FamilyKind> {
    let mut names = BTreeMap::new();
    for (name, family) in &scrape.families {
        for suffix in family.kind.suffixes(scrape.format) {
            names.insert(format!("{name}{suffix}"), family.kind);
        }
        for series in &family.series {
            if !names.contains_key(&*series.name) {
                names.insert(series.name.to_string(), family.kind);
            }
        }
    }
    names
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the growths of whole numbers are exact")]
mod tests {
    use super::*;
    use crate::metrics::scrape::{Family, START_TIME};

    type Sample<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

    /// Counters of a process started at `start`.
    fn scrape(start: f64, samples: &[Sample<'_>]) -> Scrape {
        let mut scrape = Scrape::default();
        let mut put = |kind, name: &str, labels: &[(&str, &str)], value| {
            let family = scrape.families.entry(name.to_owned()).or_default();
            *family = Family { kind, declared: true, ..std::mem::take(family) };
            family.series.push(Series {
                name: name.into(),
                labels: Labels::new(labels.iter().copied()),
                value,
                timestamp_ms: None,
            });
        };
        put(FamilyKind::Gauge, START_TIME, &[], start);
        for (name, labels, value) in samples {
            put(FamilyKind::Counter, name, labels, *value);
        }
        scrape
    }

    fn growth(increases: &Increases, selector: &str) -> f64 {
        increases.matching(&Selector::parse(selector).unwrap()).map(|(_, growth)| growth).sum()
    }

    #[test]
    fn the_growth_of_the_whole_is_the_sum_of_its_intervals() {
        let scrapes = [10.0, 25.0, 25.0, 7.0, 9.0].map(|value| scrape(1.0, &[("a", &[], value)]));
        let mut tracker = Tracker::new(&scrapes[0]);
        let mut whole = Increases::default();
        let mut each = Vec::new();
        for scrape in &scrapes[1..] {
            let interval = tracker.observe(scrape).unwrap();
            each.push(growth(&interval, "a"));
            whole.add(&interval);
        }
        assert_eq!(each, [15.0, 0.0, 7.0, 2.0], "25 → 7 began again at 0");
        assert_eq!(growth(&whole, "a"), 24.0);
        assert_eq!(whole.resets, [Reset::WentDown { series: "a".to_owned(), from: 25.0, to: 7.0, runs_on: true }]);
    }

    #[test]
    fn after_a_restart_every_series_counts_from_0() {
        let before = scrape(1.0, &[("a", &[("x", "1")], 100.0), ("a", &[("x", "2")], 5.0)]);
        let after = scrape(2.0, &[("a", &[("x", "1")], 10.0), ("a", &[("x", "2")], 8.0)]);
        let increases = Increases::between(&before, &after).unwrap();
        assert_eq!(
            growth(&increases, "a"),
            18.0,
            "the second series grew past its old value: only the start time tells"
        );
        assert_eq!(increases.resets, [Reset::Restart { from: 1.0, to: 2.0 }]);
    }

    #[test]
    fn a_late_series_counts_from_0_and_a_lost_one_goes_on() {
        let mut tracker = Tracker::new(&scrape(1.0, &[("a", &[("x", "1")], 3.0)]));
        let late = tracker.observe(&scrape(1.0, &[("a", &[("x", "2")], 4.0)])).unwrap();
        assert_eq!(growth(&late, "a"), 4.0);
        let back = tracker.observe(&scrape(1.0, &[("a", &[("x", "1")], 5.0), ("a", &[("x", "2")], 4.0)])).unwrap();
        assert_eq!(growth(&back, "a"), 2.0, "the first series was away for one scrape, and grew from 3 to 5");
    }

    #[test]
    fn a_second_instance_is_an_error_and_moves_nothing() {
        let mut tracker = Tracker::new(&scrape(1.0, &[("a", &[], 100.0)]));
        assert_eq!(growth(&tracker.observe(&scrape(2.0, &[("a", &[], 10.0)])).unwrap(), "a"), 10.0);
        assert!(tracker.observe(&scrape(1.0, &[("a", &[], 101.0)])).is_err());
        assert_eq!(growth(&tracker.observe(&scrape(2.0, &[("a", &[], 14.0)])).unwrap(), "a"), 4.0);
        assert!(tracker.several().is_some());
        let mut fresh = Tracker::new(&scrape(1.0, &[]));
        fresh.distrust(&tracker);
        assert_eq!(fresh.several(), tracker.several());
    }

    #[test]
    fn a_counter_that_goes_down_is_told_apart_from_a_restart() {
        let told = |before: &Scrape, after: &Scrape| Increases::between(before, after).unwrap().resets_told().en;
        let at = |start, value| scrape(start, &[("a", &[], value)]);
        assert_eq!(
            told(&at(1.0, 5.0), &at(1.0, 3.0)),
            "a went down from 5 to 3 although its process was not started again: counted from 0"
        );
        assert!(told(&at(1.0, 5.0), &at(2.0, 3.0)).starts_with("the process was started again"));
        let unknown = |value| {
            let mut scrape = at(1.0, value);
            scrape.families.remove(START_TIME);
            scrape
        };
        assert_eq!(told(&unknown(5.0), &unknown(3.0)), "a went down from 5 to 3: counted from 0");
        let both = |a, b| scrape(1.0, &[("a", &[], a), ("b", &[], b)]);
        assert!(told(&both(5.0, 5.0), &both(3.0, 3.0)).ends_with(" (1 more)"));
    }

    #[test]
    fn one_that_is_gone_stays_gone_until_it_returns() {
        let mut tracker = Tracker::new(&scrape(1.0, &[("a", &[], 1.0)]));
        let gone = Err(NoData::Gone { name: "a".to_owned() });
        for _ in 0..3 {
            assert_eq!(tracker.observe(&scrape(1.0, &[("b", &[], 1.0)])).unwrap().known("a"), gone);
        }
        assert!(tracker.observe(&scrape(1.0, &[("a", &[], 1.0)])).unwrap().known("a").is_ok());
    }

    #[test]
    fn instances_of_a_list_are_added_up() {
        let one = Increases::between(&scrape(1.0, &[("a", &[], 1.0)]), &scrape(1.0, &[("a", &[], 3.0)])).unwrap();
        let two = Increases::between(
            &scrape(9.0, &[("a", &[], 5.0), ("b", &[], 0.0)]),
            &scrape(9.0, &[("a", &[], 9.0), ("b", &[], 1.0)]),
        )
        .unwrap();
        let mut both = one.clone();
        both.join(&two);
        assert_eq!(growth(&both, "a"), 6.0);
        assert!(both.known("b").is_ok(), "known to one instance is known");
    }

    #[test]
    fn a_name_is_known_gone_or_never_seen() {
        let mut tracker = Tracker::new(&scrape(1.0, &[("a", &[], 1.0)]));
        let mut whole = tracker.observe(&scrape(1.0, &[("b", &[], 1.0)])).unwrap();
        assert_eq!(whole.known("a"), Err(NoData::Gone { name: "a".to_owned() }), "renamed between two samples");
        assert_eq!(whole.known("b"), Ok(FamilyKind::Counter));
        assert_eq!(whole.known("c"), Err(NoData::NeverSeen { name: "c".to_owned() }));
        whole.add(&tracker.observe(&scrape(1.0, &[("a", &[], 2.0), ("b", &[], 1.0)])).unwrap());
        assert_eq!(whole.known("a"), Ok(FamilyKind::Counter), "it came back");
        assert_eq!(growth(&whole, "a"), 1.0);
    }

    #[test]
    fn one_series_twice_is_ambiguous_unless_the_values_agree() {
        let before = scrape(1.0, &[]);
        let twice = scrape(1.0, &[("a", &[], 1.0), ("a", &[], 2.0), ("b", &[], 1.0), ("b", &[], 1.0)]);
        let increases = Increases::between(&before, &twice).unwrap();
        assert_eq!(increases.ambiguous(&Selector::parse("a").unwrap()), Some("a".to_owned()));
        assert_eq!(increases.ambiguous(&Selector::parse("b").unwrap()), None);
        let mut timed = twice;
        for (time, series) in timed.families.get_mut("a").unwrap().series.iter_mut().rev().enumerate() {
            series.timestamp_ms = i64::try_from(time).ok();
        }
        let increases = Increases::between(&before, &timed).unwrap();
        assert_eq!(increases.ambiguous(&Selector::parse("a").unwrap()), None);
        assert_eq!(growth(&increases, "a"), 1.0, "the latest one counts, wherever it stands");
    }

    #[test]
    fn rows_by_label_are_ordered_by_value() {
        let before = scrape(1.0, &[("r", &[("status", "500"), ("method", "GET")], 1.0)]);
        let after = scrape(
            1.0,
            &[
                ("r", &[("status", "503"), ("method", "GET")], 2.0),
                ("r", &[("status", "500"), ("method", "GET")], 4.0),
                ("r", &[("status", "500"), ("method", "PUT")], 1.0),
                ("r", &[("status", "200"), ("method", "GET")], 9.0),
            ],
        );
        let increases = Increases::between(&before, &after).unwrap();
        let selector = Selector::parse(r#"r{status=~"[45].."}"#).unwrap();
        let rows = increases.by_labels(&selector, &["status".to_owned()]).unwrap();
        let rows: Vec<(String, f64)> = rows.iter().map(|row| (row.values.join(" "), row.increase)).collect();
        assert_eq!(rows, [("500".to_owned(), 4.0), ("503".to_owned(), 2.0)]);
        assert!(increases.by_labels(&Selector::parse("x").unwrap(), &[]).is_err());
    }
}
