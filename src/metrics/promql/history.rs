//! The samples of a run, by series: what a query is evaluated over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::labels::Labels;
use super::super::scrape::Scrape;
use super::value::{Metric, Point};

/// Bits of the NaN that says "this series is not here any more"; Prometheus stores the same.
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// How many series without a single point are kept before the index is cleaned of them.
const MAX_EMPTY_SERIES: usize = 1024;

/// What the queries of an observation need of it, so that nothing else is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Names of metrics; nothing if a selector may match any.
    pub names: Option<BTreeSet<String>>,
    /// How far back, in milliseconds; nothing if to the beginning.
    pub reach_ms: Option<i64>,
}

impl Needs {
    /// Everything, for ever.
    pub fn all() -> Self {
        Self { names: None, reach_ms: None }
    }

    /// No names, no time: where the needs of queries are added up.
    pub fn none() -> Self {
        Self { names: Some(BTreeSet::new()), reach_ms: Some(0) }
    }

    /// What both need.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.names = match (self.names, other.names) {
            (Some(mut names), Some(more)) => {
                names.extend(more);
                Some(names)
            }
            _ => None,
        };
        self.reach_ms = self.reach_ms.zip(other.reach_ms).map(|(one, other)| one.max(other));
        self
    }
}

/// The samples of a run. Series are found and returned in the order of their names and labels.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    needs: Needs,
    index: BTreeMap<Arc<str>, BTreeMap<Labels, usize>>,
    series: Vec<Stored>,
    /// The series of the scrape before, in its order: the next one is nearly always the same.
    order: Vec<usize>,
    /// Counts scrapes, so that a series knows whether it was in the last one.
    round: u64,
}

#[derive(Clone, Debug)]
struct Stored {
    metric: Metric,
    points: Vec<Point>,
    /// The last scrape that had it without a time of its own.
    round: u64,
}

/// By bits: markers of staleness are NaN, and equal themselves.
impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        let bits = |point: &Point| (point.t_ms, point.value.to_bits());
        self.metric == other.metric
            && self.round == other.round
            && self.points.iter().map(bits).eq(other.points.iter().map(bits))
    }
}

impl Default for History {
    fn default() -> Self {
        Self::new(Needs::all())
    }
}

impl History {
    /// An empty one that keeps what `needs` says.
    pub fn new(needs: Needs) -> Self {
        Self { needs, index: BTreeMap::new(), series: Vec::new(), order: Vec::new(), round: 0 }
    }

    /// Adds what was scraped at `at_ms`, by the rules of Prometheus: a sample without a time of its own gets the time of
    /// the scrape; a series that was in the scrape before and is not in this one becomes stale; a sample that is not newer
    /// than the last of its series is left out.
    pub fn append(&mut self, at_ms: i64, scrape: &Scrape) {
        self.round += 1;
        let mut order = std::mem::take(&mut self.order);
        let mut position = 0;
        for sample in scrape.families.values().flat_map(|family| &family.series) {
            if self.needs.names.as_ref().is_some_and(|names| !names.contains(&*sample.name)) {
                continue;
            }
            let guess = order.get(position).copied();
            let number = guess
                .filter(|number| self.is(*number, &sample.name, &sample.labels))
                .unwrap_or_else(|| self.number(&sample.name, &sample.labels));
            match order.get_mut(position) {
                Some(slot) => *slot = number,
                None => order.push(number),
            }
            position += 1;
            let (t_ms, own_time) = (sample.timestamp_ms.unwrap_or(at_ms), sample.timestamp_ms.is_some());
            let round = self.round;
            if let Some(stored) = self.series.get_mut(number) {
                stored.push(Point { t_ms, value: sample.value });
                if !own_time {
                    stored.round = round;
                }
            }
        }
        order.truncate(position);
        self.order = order;
        self.mark_stale(at_ms);
        self.prune(at_ms);
    }

    /// Notes that the scrape at `at_ms` failed: every series becomes stale.
    pub fn append_failure(&mut self, at_ms: i64) {
        self.round += 1;
        self.mark_stale(at_ms);
        self.prune(at_ms);
    }

    /// Adds one point to one series, without any rule but that of the order: how stored data is loaded.
    pub fn push(&mut self, name: &str, labels: &Labels, point: Point) {
        let number = self.number(name, labels);
        if let Some(stored) = self.series.get_mut(number) {
            stored.push(point);
        }
    }

    /// How many points are kept.
    pub fn points(&self) -> usize {
        self.series.iter().map(|stored| stored.points.len()).sum()
    }

    /// How many series have a point.
    pub fn series(&self) -> usize {
        self.series.iter().filter(|stored| !stored.points.is_empty()).count()
    }

    /// The numbers of the series of that name, or of all, for which `keep` says yes.
    pub(super) fn select(&self, name: Option<&str>, keep: impl Fn(&Metric) -> bool) -> Vec<usize> {
        let one = name.map(|name| self.index.get(name));
        let named: Vec<_> = match one {
            Some(found) => found.into_iter().collect(),
            None => self.index.values().collect(),
        };
        named
            .into_iter()
            .flat_map(BTreeMap::values)
            .copied()
            .filter(|number| self.series.get(*number).is_some_and(|stored| keep(&stored.metric)))
            .collect()
    }

    /// A series and its points by time, markers of staleness among them.
    pub(super) fn stored(&self, number: usize) -> Option<(&Metric, &[Point])> {
        self.series.get(number).map(|stored| (&stored.metric, stored.points.as_slice()))
    }

    fn is(&self, number: usize, name: &str, labels: &Labels) -> bool {
        self.series
            .get(number)
            .is_some_and(|stored| stored.metric.name.as_deref() == Some(name) && stored.metric.labels == *labels)
    }

    /// The number of a series, which is made if it is new.
    fn number(&mut self, name: &str, labels: &Labels) -> usize {
        if let Some(number) = self.index.get(name).and_then(|named| named.get(labels)) {
            return *number;
        }
        let number = self.series.len();
        let name = self.index.get_key_value(name).map_or_else(|| Arc::from(name), |(name, _)| Arc::clone(name));
        self.index.entry(Arc::clone(&name)).or_default().insert(labels.clone(), number);
        let metric = Metric { name: Some(name), labels: labels.clone() };
        self.series.push(Stored { metric, points: Vec::new(), round: 0 });
        number
    }

    fn mark_stale(&mut self, at_ms: i64) {
        let before = self.round - 1;
        for stored in &mut self.series {
            if stored.round == before && before > 0 {
                stored.push(Point { t_ms: at_ms, value: f64::from_bits(STALE_BITS) });
            }
        }
    }

    /// Forgets what no query can reach any more.
    fn prune(&mut self, at_ms: i64) {
        let Some(reach_ms) = self.needs.reach_ms else { return };
        let oldest = at_ms.saturating_sub(reach_ms);
        let mut empty = 0;
        for stored in &mut self.series {
            let old = stored.points.partition_point(|point| point.t_ms < oldest);
            // Moving the rest of the points costs their number: not for one point at a time.
            if old > stored.points.len() / 2 {
                stored.points.drain(..old);
            }
            empty += usize::from(stored.points.is_empty());
        }
        if empty > MAX_EMPTY_SERIES && empty * 2 > self.series.len() {
            self.drop_empty();
        }
    }

    fn drop_empty(&mut self) {
        let kept: Vec<Stored> = std::mem::take(&mut self.series);
        self.index.clear();
        self.order.clear();
        for stored in kept.into_iter().filter(|stored| !stored.points.is_empty()) {
            let number = self.series.len();
            if let Some(name) = &stored.metric.name {
                self.index.entry(Arc::clone(name)).or_default().insert(stored.metric.labels.clone(), number);
            }
            self.series.push(stored);
        }
    }
}

impl Stored {
    /// Points are in the order of time; one that is not newer than the last is left out.
    fn push(&mut self, point: Point) {
        if self.points.last().is_none_or(|last| last.t_ms < point.t_ms) {
            self.points.push(point);
        }
    }
}

/// Does the point say that its series is not here any more?
pub(super) fn is_stale(point: &Point) -> bool {
    point.value.to_bits() == STALE_BITS
}

#[cfg(test)]
mod tests {
    use super::super::super::scrape::{Family, Series};
    use super::super::{Vars, parse};
    use super::*;

    /// A scrape of `name{s="…"} value`, each perhaps with a time of its own.
    fn scrape(samples: &[(&str, &str, f64, Option<i64>)]) -> Scrape {
        let mut scrape = Scrape::default();
        for (name, label, value, timestamp_ms) in samples {
            let family: &mut Family = scrape.families.entry((*name).to_owned()).or_default();
            let labels = Labels::new([("s", *label)]);
            family.series.push(Series { name: (*name).into(), labels, value: *value, timestamp_ms: *timestamp_ms });
        }
        scrape
    }

    fn value(history: &History, query: &str, at_ms: i64) -> String {
        parse(query, &Vars::of_interval(60_000)).unwrap().eval(history, at_ms, 300_000).unwrap().to_json()
    }

    fn count(history: &History, query: &str, at_ms: i64) -> usize {
        value(history, query, at_ms).matches("\"metric\"").count()
    }

    #[test]
    fn a_series_that_is_not_there_any_more_is_stale_at_once() {
        let mut history = History::default();
        history.append(60_000, &scrape(&[("m", "a", 1.0, None), ("m", "b", 1.0, None)]));
        history.append(120_000, &scrape(&[("m", "a", 2.0, None)]));
        assert_eq!(count(&history, "m", 119_999), 2);
        assert_eq!(count(&history, "m", 120_000), 1);
        assert_eq!(count(&history, "last_over_time(m[5m])", 120_000), 2, "a range passes over the marker");
        assert_eq!(count(&history, "count_over_time(m[1m])", 120_000), 1, "the left edge is outside");
        history.append(180_000, &scrape(&[("m", "a", 3.0, None), ("m", "b", 5.0, None)]));
        assert_eq!(count(&history, "m", 180_000), 2, "it is there again");
        assert!(value(&history, "resets(m{s='b'}[5m])", 180_000).contains("\"0\""));
    }

    #[test]
    fn the_last_sample_speaks_for_the_lookback_only() {
        let mut history = History::default();
        history.append(0, &scrape(&[("m", "a", 1.0, None)]));
        assert_eq!(count(&history, "m", 299_999), 1);
        assert_eq!(count(&history, "m", 300_000), 0, "the left edge is outside");
    }

    #[test]
    fn a_failed_scrape_makes_everything_stale_once() {
        let mut history = History::default();
        history.append(0, &scrape(&[("m", "a", 1.0, None)]));
        history.append_failure(60_000);
        history.append_failure(120_000);
        assert_eq!(history.points(), 2, "one marker");
        assert_eq!(count(&history, "m", 60_000), 0);
        history.append(180_000, &scrape(&[("m", "a", 4.0, None)]));
        assert!(value(&history, "increase(m[4m])", 180_000).contains("metric"), "the gap is bridged, as in Prometheus");
    }

    #[test]
    fn a_sample_with_a_time_of_its_own_keeps_it_and_does_not_go_stale() {
        let mut history = History::default();
        history.append(60_000, &scrape(&[("m", "a", 1.0, Some(50_000))]));
        history.append(120_000, &scrape(&[]));
        history.append(180_000, &scrape(&[("m", "a", 9.0, Some(50_000)), ("m", "a", 9.0, Some(40_000))]));
        assert_eq!(history.points(), 1, "what is not newer is left out");
        assert!(value(&history, "timestamp(m)", 180_000).contains("\"50\""));
    }

    #[test]
    fn only_what_is_needed_is_kept() {
        let query = parse("rate(m[2m])", &Vars::of_interval(60_000)).unwrap();
        let mut history = History::new(query.needs(300_000));
        let mut all = History::default();
        for round in 0..100_i64 {
            let text = scrape(&[("m", "a", round as f64, None), ("other", "a", 1.0, None)]);
            history.append(round * 60_000, &text);
            all.append(round * 60_000, &text);
        }
        assert_eq!(history.series(), 1);
        assert!(history.points() <= 6, "{}", history.points());
        assert_eq!(value(&history, "rate(m[2m])", 99 * 60_000), value(&all, "rate(m[2m])", 99 * 60_000));
    }

    #[test]
    fn series_that_come_and_go_leave_nothing_behind() {
        let query = parse("m", &Vars::of_interval(60_000)).unwrap();
        let mut history = History::new(query.needs(60_000));
        for round in 0..5_000_i64 {
            history.append(round * 60_000, &scrape(&[("m", &format!("pod-{round}"), 1.0, None)]));
        }
        assert!(history.series.len() <= 2 * MAX_EMPTY_SERIES, "{}", history.series.len());
        assert_eq!(count(&history, "m", 4_999 * 60_000), 1);
    }

    #[test]
    fn needs_add_up() {
        let needs = |query: &str| parse(query, &Vars::of_interval(60_000)).unwrap().needs(300_000);
        let both = Needs::none().with(needs("rate(a[10m])")).with(needs("b"));
        assert_eq!(both.names, Some(BTreeSet::from(["a".to_owned(), "b".to_owned()])));
        assert_eq!(both.reach_ms, Some(600_000));
        assert_eq!(both.clone().with(needs("{x='1'}")).names, None);
        assert_eq!(both.with(needs("a @ 5")).reach_ms, None);
        assert_eq!(Needs::all(), Needs { names: None, reach_ms: None });
    }
}
