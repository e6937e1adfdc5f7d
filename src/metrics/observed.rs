//! The scrapes of an observation as its `PromQL` objectives see them: what their expressions reach, and no more.

use super::indicator::Promql;
use super::objective::{Bound, Reading};
use super::promql::{self, Needs, Note, Query, Vars};
use super::reached::{self, Reached};
use super::scrape::Scrape;
use super::server::Answers;

/// Times of one observation in unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Of scrape 0.
    pub zero_ms: i64,
    /// From one sample to the next.
    pub every_ms: i64,
}

impl Grid {
    /// The part of an interval by which a sample may be late and still count as taken at its time on the grid. Ranges do
    /// not contain their left edge: without it a delay of a millisecond decides how many samples a range holds.
    const TOLERANCE: i64 = 100;

    /// The time of a sample that was due at `due_ms` and taken at `taken_ms`.
    pub fn time_ms(&self, due_ms: i64, taken_ms: i64) -> i64 {
        let late_ms = taken_ms.saturating_sub(due_ms).saturating_abs();
        if late_ms <= self.every_ms / Self::TOLERANCE { due_ms } else { taken_ms }
    }

    /// What the variables of an expression stand for at `at_ms`.
    pub fn vars(&self, at_ms: i64) -> Vars {
        Vars { range_ms: at_ms.saturating_sub(self.zero_ms), interval_ms: self.every_ms }
    }

    /// How long the last sample of a series speaks for it.
    pub fn lookback_ms(&self) -> i64 {
        promql::lookback_ms(self.every_ms)
    }
}

/// What the expressions of an observation are evaluated over.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    grid: Grid,
    reached: Reached,
}

/// What an expression gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The number, or why there is none.
    pub reading: Reading,
    /// The expression with what its variables stood for.
    pub query: String,
    /// What the value may hide.
    pub notes: Vec<Note>,
}

impl Observed {
    /// For these expressions; nothing if there are none.
    pub fn new<'p>(grid: Grid, expressions: impl IntoIterator<Item = &'p Promql>) -> Option<Self> {
        let vars = grid.vars(grid.zero_ms);
        let needs = expressions.into_iter().map(|promql| reached::needs(&promql.text, &vars, grid.lookback_ms()));
        Some(Self { grid, reached: Reached::new(needs.reduce(Needs::with)?) })
    }

    /// Adds a scrape: one an instance, by name, as the label `instance` of a server would have it.
    pub fn scraped(&mut self, at_ms: i64, scrapes: &[(&str, &Scrape)]) {
        self.reached.scraped(at_ms, scrapes);
    }

    /// Notes that a scrape failed: what was seen before is stale until the next one.
    pub fn failed(&mut self, at_ms: i64) {
        self.reached.failed(at_ms);
    }

    /// The value of `promql` at `at_ms`. `known` says whether any scrape of the observation declared a metric or had it.
    pub fn ask(&self, promql: &Promql, target: &Bound, at_ms: i64, known: impl Fn(&str) -> bool) -> Asked {
        self.asked(promql, at_ms, known, |query| match self.reached.evaluate(query, at_ms, self.grid.lookback_ms()) {
            Ok(evaluation) => (promql.reading(&evaluation.value, target), evaluation.notes.into_iter().collect()),
            Err(fault) => (Reading::Error(fault), Vec::new()),
        })
    }

    /// The same of what a server answered for that time.
    pub fn answered(&self, promql: &Promql, target: &Bound, at_ms: i64, answers: &Answers) -> Asked {
        self.asked(
            promql,
            at_ms,
            |name| answers.known.contains(name),
            |query| {
                let value = answers.value(query.text());
                (value.map_or_else(Reading::Error, |value| promql.reading(value, target)), Vec::new())
            },
        )
    }

    /// The text of `promql` at `at_ms`, its variables replaced.
    pub fn resolved(&self, promql: &Promql, at_ms: i64) -> String {
        reached::resolved(&promql.text, &self.grid.vars(at_ms))
    }

    fn asked(
        &self,
        promql: &Promql,
        at_ms: i64,
        known: impl Fn(&str) -> bool,
        read: impl FnOnce(&Query) -> (Reading, Vec<Note>),
    ) -> Asked {
        let query = match reached::query(&promql.text, &self.grid.vars(at_ms)) {
            Ok(query) => query,
            Err(fault) => {
                return Asked { reading: Reading::Error(fault), query: promql.text.clone(), notes: Vec::new() };
            }
        };
        let (reading, notes) = match reached::never_seen(&query, known) {
            Some(never) => (Reading::NoData(never), Vec::new()),
            None => read(&query),
        };
        Asked { reading, query: query.text().to_owned(), notes }
    }

    /// The selectors of `promql` that no series has matched, although their metric is known: each deserves a loud warning,
    /// for a label value may be misspelt.
    pub fn unmatched(&self, promql: &Promql) -> Vec<String> {
        let query = promql::parse(&promql.text, &self.grid.vars(self.grid.zero_ms));
        query.map(|query| query.unmatched(self.reached.history())).unwrap_or_default()
    }

    /// When the observation began, and its interval.
    pub fn grid(&self) -> Grid {
        self.grid
    }
}

#[cfg(test)]
mod tests {
    use super::super::indicator::Which;
    use super::super::objective::{Compare, NoData};
    use super::super::scrape::{Family, Series};
    use super::*;
    use crate::metrics::labels::Labels;

    const MINUTE: i64 = 60_000;
    const GRID: Grid = Grid { zero_ms: 0, every_ms: MINUTE };
    const TARGET: Bound = Bound { compare: Compare::AtMost, limit: 1.0 };

    fn scrape(value: f64) -> Scrape {
        let series = Series { name: "a".into(), labels: Labels::new([("x", "1")]), value, timestamp_ms: None };
        let family = Family { series: vec![series], ..Family::default() };
        Scrape { families: [("a".to_owned(), family)].into(), ..Scrape::default() }
    }

    fn promql(text: &str) -> Promql {
        Promql { text: text.to_owned(), series: Which::One }
    }

    fn ask(observed: &Observed, text: &str, at_ms: i64) -> Reading {
        observed.ask(&promql(text), &TARGET, at_ms, |name| name == "a").reading
    }

    #[test]
    fn variables_follow_the_observation() {
        let asked = [promql("increase(a[$__range])"), promql("increase(a[$__rate_interval])")];
        let mut observed = Observed::new(GRID, &asked).unwrap();
        for n in 0..=30 {
            observed.scraped(n * MINUTE, &[("", &scrape((n * 6) as f64))]);
        }
        let whole = observed.ask(&asked[0], &TARGET, 30 * MINUTE, |_| true);
        assert_eq!(whole.query, "increase(a[30m])");
        assert_eq!(whole.reading, Reading::Value(180.0));
        assert_eq!(observed.ask(&asked[1], &TARGET, 30 * MINUTE, |_| true).reading, Reading::Value(24.0));
    }

    #[test]
    fn a_name_that_no_scrape_has_ever_had_is_no_data() {
        let mut observed = Observed::new(GRID, [&promql("b or vector(0)")]).unwrap();
        observed.scraped(0, &[("", &scrape(1.0))]);
        let never = Reading::NoData(NoData::NeverSeen { name: "b".to_owned() });
        assert_eq!(ask(&observed, "b or vector(0)", 0), never);
        assert_eq!(ask(&observed, "absent(b)", 0), Reading::Value(1.0));
    }

    #[test]
    fn after_a_failed_scrape_nothing_is_there_and_after_a_missed_one_it_is() {
        let mut observed = Observed::new(GRID, [&promql("a")]).unwrap();
        observed.scraped(0, &[("", &scrape(1.0))]);
        assert_eq!(ask(&observed, "a", MINUTE), Reading::Value(1.0));
        observed.failed(MINUTE);
        assert_eq!(ask(&observed, "a", MINUTE), Reading::NoData(NoData::NoSeries));
    }

    #[test]
    fn instances_are_told_apart_and_counted_together() {
        let asked = [promql("sum(a)"), promql("count(count by (instance) (a))")];
        let mut observed = Observed::new(GRID, &asked).unwrap();
        observed.scraped(0, &[("one:80", &scrape(1.0)), ("two:80", &scrape(2.0))]);
        assert_eq!(ask(&observed, "sum(a)", 0), Reading::Value(3.0));
        assert_eq!(ask(&observed, "count(count by (instance) (a))", 0), Reading::Value(2.0));
    }

    #[test]
    fn a_sample_a_little_late_is_on_the_grid() {
        assert_eq!(GRID.time_ms(MINUTE, MINUTE + 600), MINUTE);
        assert_eq!(GRID.time_ms(MINUTE, MINUTE + 601), MINUTE + 601);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut observed = Observed::new(GRID, [&promql("a")]).unwrap();
        for n in 0..1000 {
            observed.scraped(n * MINUTE, &[("", &scrape(1.0))]);
        }
        assert!(observed.reached.history().points() < 20, "five minutes of one series");
    }
}
