//! `query src, promql: '…'`: one question in `PromQL`, over all that a run has scraped from a source, or to a server.

use std::collections::{BTreeMap, BTreeSet};

use super::indicator::{Promql, Which};
use super::objective::{Bound, Compare, Fault, NoData, Reading};
use super::promql::{self, Needs, Query, Sample, Value, Vars};
use super::reached::{self, Reached};
use super::scrape::Scrape;
use super::server::Answers;
use crate::text;

/// How long the last sample of a series speaks for it: Prometheus' own default, for a question has no interval.
pub const LOOKBACK_MS: i64 = 300_000;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The expression, variables and all. It was checked: every one that stands in a program can be parsed.
    pub text: String,
    /// Labels that tell its series apart: several are wanted. None: exactly one number is.
    pub by: Option<Vec<String>>,
}

/// What it gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// One number, which is not NaN.
    Number(f64),
    /// One row a series, at least one, in order of their labels.
    Rows(Vec<Row>),
}

/// A series of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values of the labels that were asked for; empty where the series has none of that name.
    pub labels: Vec<String>,
    /// Its value, which is not NaN.
    pub value: f64,
}

/// What the variables of a question stand for `range_ms` after the begin of the run. Without an observation there is no
/// interval: the check takes no variable that needs one.
fn vars(range_ms: i64) -> Vars {
    Vars { range_ms, interval_ms: 1 }
}

impl Question {
    /// The metrics that it names.
    pub fn names(&self) -> BTreeSet<String> {
        Promql { text: self.text.clone(), series: Which::One }.names()
    }

    /// Its text with the variables replaced, `range_ms` after the begin of the run.
    pub fn resolved(&self, range_ms: i64) -> String {
        reached::resolved(&self.text, &vars(range_ms))
    }

    /// What must be kept of the scrapes for it.
    fn needs(&self) -> Needs {
        reached::needs(&self.text, &vars(1), LOOKBACK_MS)
    }

    /// How far it looks back, in milliseconds, `range_ms` after the begin of the run.
    pub fn reach_ms(&self, range_ms: i64) -> i64 {
        let query = promql::parse(&self.text, &vars(range_ms));
        query.ok().and_then(|query| query.needs(LOOKBACK_MS).reach_ms).unwrap_or(range_ms).max(LOOKBACK_MS)
    }

    /// What a server answered; why there is nothing is a [`Reading`] without a value.
    pub fn answered(&self, range_ms: i64, answers: &Answers) -> Result<Given, Reading> {
        let query = self.query(range_ms, |name| answers.known.contains(name))?;
        self.read(answers.value(query.text()).map_err(Reading::Error)?)
    }

    /// It as a query, if its answer can mean anything.
    fn query(&self, range_ms: i64, known: impl Fn(&str) -> bool) -> Result<Query, Reading> {
        let query = reached::query(&self.text, &vars(range_ms)).map_err(Reading::Error)?;
        reached::never_seen(&query, known).map_or(Ok(query), |never| Err(Reading::NoData(never)))
    }

    fn read(&self, value: &Value) -> Result<Given, Reading> {
        /// Which of several numbers is the worst is never asked: there is exactly one.
        const ANY: Bound = Bound { compare: Compare::AtMost, limit: 0.0 };
        match (&self.by, value) {
            (Some(by), Value::Vector { samples, .. }) => rows(by, samples).map(Given::Rows),
            (_, value) => match (Promql { text: String::new(), series: Which::One }).reading(value, &ANY) {
                Reading::Value(number) => Ok(Given::Number(number)),
                missing @ (Reading::NoData(_) | Reading::Error(_)) => Err(missing),
            },
        }
    }
}

fn rows(by: &[String], samples: &[Sample]) -> Result<Vec<Row>, Reading> {
    let mut rows = BTreeMap::new();
    for Sample { metric, value } in samples {
        if value.is_nan() {
            return Err(Reading::Error(Fault::Failed(text!(
                "{metric} has no number (NaN)",
                "{metric} 没有数值（NaN）"
            ))));
        }
        let labels: Vec<String> = by.iter().map(|label| metric.labels.value(label).to_owned()).collect();
        if rows.insert(labels, *value).is_some() {
            return Err(Reading::Error(Fault::Failed(text!(
                "{metric} has the labels of another series: `by:` does not tell them apart",
                "{metric} 与另一序列的标签相同：`by:` 不足以区分"
            ))));
        }
    }
    if rows.is_empty() {
        return Err(Reading::NoData(NoData::NoSeries));
    }
    Ok(rows.into_iter().map(|(labels, value)| Row { labels, value }).collect())
}

/// All that a run has scraped from one source, as far as its questions reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Scraped {
    reached: Reached,
    /// The metrics that some scrape declared or had.
    known: BTreeSet<String>,
    /// The time of the last scrape: unix milliseconds.
    last_ms: Option<i64>,
}

impl Scraped {
    /// For these questions; nothing if there are none.
    pub fn new<'q>(questions: impl IntoIterator<Item = &'q Question>) -> Option<Self> {
        let needs = questions.into_iter().map(Question::needs).reduce(Needs::with)?;
        Some(Self { reached: Reached::new(needs), known: BTreeSet::new(), last_ms: None })
    }

    /// Adds what was scraped at `at_ms`: one scrape an instance, by name. One that began before another that is here already
    /// is older than that, and left out: its counters would seem to go back.
    pub fn scraped(&mut self, at_ms: i64, scrapes: &[(&str, &Scrape)]) {
        if !self.is_newer(at_ms) {
            return;
        }
        for (name, family) in scrapes.iter().flat_map(|(_, scrape)| &scrape.families) {
            self.known.insert(name.clone());
            self.known.extend(family.series.iter().map(|series| series.name.to_string()));
        }
        self.reached.scraped(at_ms, scrapes);
    }

    /// Notes that a scrape failed: what was seen before is stale until the next one.
    pub fn failed(&mut self, at_ms: i64) {
        if self.is_newer(at_ms) {
            self.reached.failed(at_ms);
        }
    }

    fn is_newer(&mut self, at_ms: i64) -> bool {
        let newer = self.last_ms.is_none_or(|last_ms| last_ms < at_ms);
        self.last_ms = self.last_ms.max(Some(at_ms));
        newer
    }

    /// What a question gives at the time of the last scrape; why there is nothing is a [`Reading`] without a value. The run
    /// began at `begun_ms`.
    pub fn ask(&self, question: &Question, begun_ms: i64) -> Result<Given, Reading> {
        let Some(at_ms) = self.last_ms else { return Err(Reading::NoData(NoData::NoSeries)) };
        let query = question.query(at_ms.saturating_sub(begun_ms), |name| self.known.contains(name))?;
        let evaluation = self.reached.evaluate(&query, at_ms, LOOKBACK_MS).map_err(Reading::Error)?;
        question.read(&evaluation.value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::labels::Labels;
    use super::super::scrape::{Family, Series};
    use super::*;

    const MINUTE: i64 = 60_000;

    fn scrape(values: &[(&str, f64)]) -> Scrape {
        let series = |(code, value): &(&str, f64)| Series {
            name: "req_total".into(),
            labels: Labels::new([("code", *code)]),
            value: *value,
            timestamp_ms: None,
        };
        let family = Family { series: values.iter().map(series).collect(), declared: true, ..Family::default() };
        Scrape { families: [("req_total".to_owned(), family)].into(), ..Scrape::default() }
    }

    fn question(text: &str, by: Option<&[&str]>) -> Question {
        Question { text: text.to_owned(), by: by.map(|by| by.iter().map(|label| (*label).to_owned()).collect()) }
    }

    fn asked(question: &Question, scrapes: &[(i64, Scrape)]) -> Result<Given, Reading> {
        let mut scraped = Scraped::new([question]).unwrap();
        for (at_ms, scrape) in scrapes {
            scraped.scraped(*at_ms, &[("", scrape)]);
        }
        scraped.ask(question, 0)
    }

    #[test]
    fn one_series_is_a_number_and_several_are_rows_by_their_labels() {
        let scrapes = [(MINUTE, scrape(&[("500", 4.0), ("200", 9.0)]))];
        assert_eq!(asked(&question("sum(req_total)", None), &scrapes), Ok(Given::Number(13.0)));
        let rows = asked(&question("req_total", Some(&["code", "zone"])), &scrapes).unwrap();
        let row = |code: &str, value| Row { labels: vec![code.to_owned(), String::new()], value };
        assert_eq!(rows, Given::Rows(vec![row("200", 9.0), row("500", 4.0)]));
        let Err(Reading::Error(fault)) = asked(&question("req_total", None), &scrapes) else { panic!() };
        assert!(fault.to_string().contains("gives 2 series instead of one"), "{fault}");
        let Err(Reading::Error(fault)) = asked(&question("req_total", Some(&["zone"])), &scrapes) else { panic!() };
        assert!(fault.to_string().contains("`by:` does not tell them apart"), "{fault}");
    }

    #[test]
    fn nothing_is_never_a_zero() {
        let scrapes = [(MINUTE, scrape(&[("200", 9.0)]))];
        let none = Err(Reading::NoData(NoData::NoSeries));
        assert_eq!(asked(&question("req_total{code=\"500\"}", None), &scrapes), none);
        assert_eq!(asked(&question("req_total > 10", Some(&["code"])), &scrapes), none);
        assert_eq!(asked(&question("sum(rate(req_total[5m]))", None), &scrapes), none, "one point has no rate");
        let never = Err(Reading::NoData(NoData::NeverSeen { name: "reqs_total".to_owned() }));
        assert_eq!(asked(&question("reqs_total or vector(0)", None), &scrapes), never);
        let undefined = Err(Reading::NoData(NoData::Undefined));
        assert_eq!(asked(&question("sum(req_total) * (0 / 0)", None), &scrapes), undefined);
        assert!(asked(&question("req_total * (0 / 0)", Some(&["code"])), &scrapes).is_err());
    }

    #[test]
    fn ranges_go_over_the_scrapes_of_the_run() {
        let scrapes = [
            (MINUTE, scrape(&[("200", 60.0)])),
            (2 * MINUTE, scrape(&[("200", 120.0)])),
            (3 * MINUTE, scrape(&[("200", 180.0)])),
        ];
        let rate = question("sum(rate(req_total[$__range]))", None);
        assert_eq!(asked(&rate, &scrapes), Ok(Given::Number(1.0)));
        assert_eq!(rate.resolved(3 * MINUTE), "sum(rate(req_total[3m]))");
        assert_eq!(rate.reach_ms(20 * MINUTE), 20 * MINUTE);
        assert_eq!(question("req_total", None).reach_ms(MINUTE), LOOKBACK_MS);
    }

    #[test]
    fn a_scrape_that_began_earlier_does_not_make_a_counter_go_back() {
        let mut scraped = Scraped::new([&question("req_total", None)]).unwrap();
        scraped.scraped(2 * MINUTE, &[("", &scrape(&[("200", 120.0)]))]);
        scraped.scraped(MINUTE, &[("", &scrape(&[("200", 60.0)]))]);
        assert_eq!(scraped.ask(&question("req_total", None), 0), Ok(Given::Number(120.0)));
        scraped.failed(3 * MINUTE);
        assert_eq!(scraped.ask(&question("req_total", None), 0), Err(Reading::NoData(NoData::NoSeries)));
    }
}
