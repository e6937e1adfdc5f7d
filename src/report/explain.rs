//! Where the number of an objective comes from, down to the lines of the scrapes: a pure function of their kept bodies.
//!
//! The bodies are fed one scrape after another and not held, so that an observation of a thousand scrapes needs the memory
//! of one. What the engine computed in the run is computed again by the same rules, and the two are compared.

mod told;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::engine::evidence::Evidence;
use crate::engine::input::Artifact;
use crate::metrics::clocks::{Odd, odd_times};
use crate::metrics::exposition::{Exposition, Limits, parse};
use crate::metrics::form::{evaluate, histogram};
use crate::metrics::increase::{Increases, Reset, Tracker};
use crate::metrics::indicator::Indicator;
use crate::metrics::labels::Labels;
use crate::metrics::objective::{Bound, Form, Reading};
use crate::metrics::observed::Observed;
use crate::metrics::scrape::{FamilyKind, Format};
use crate::metrics::selector::{Selector, canonical_bound};
use crate::metrics::server::Answers;
use crate::text;
use crate::text::Text;

pub use told::{Told, human, json};

/// A line of a scrape.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Number of the scrape, from 0.
    pub scrape: u32,
    /// 1-based line in its body.
    pub line: usize,
    /// The line.
    pub text: String,
    /// Its value.
    pub value: f64,
}

/// A counter that began again.
#[derive(Clone, Debug, PartialEq)]
pub struct Restart {
    /// Where it stood before.
    pub before: Point,
    /// Where it stood after: it had counted from 0.
    pub after: Point,
    /// Its process had been started again; else the value alone went down.
    pub process: bool,
}

/// A series that the number rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Trail {
    /// Where it stood at the begin; none: it was not there, and counts from 0.
    pub from: Option<Point>,
    /// Where it stands at the end.
    pub to: Point,
    /// By how much it grew.
    pub growth: f64,
    /// Where it began again.
    pub restarts: Vec<Restart>,
}

/// A selector of the objective, with its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// `part bad total buckets selected`
    pub role: &'static str,
    /// The selector.
    pub selector: Selector,
    /// By instance and by name with labels.
    pub series: BTreeMap<(usize, String), Trail>,
}

impl Side {
    /// By how much all its series grew.
    pub fn growth(&self) -> f64 {
        self.series.values().map(|trail| trail.growth).sum()
    }
}

/// A scrape that the number rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Scraped {
    /// Its number, from 0.
    pub n: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// Its bodies, one an instance.
    pub bodies: Vec<Artifact>,
    /// Times in it that do not fit the clock.
    pub odd: Vec<Text>,
}

/// One body of a scrape.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// Which of the two texts it is.
    pub format: Format,
    /// As it came.
    pub bytes: &'a [u8],
    /// Where it is kept.
    pub kept: &'a Artifact,
}

/// What an instance of the source showed so far.
struct Instance {
    tracker: Tracker,
    /// The last line of each series, and whether its process was started again since: then it counts from 0.
    last: BTreeMap<String, (Point, bool)>,
}

/// Takes the scrapes of an observation in order.
pub struct Explainer<'a> {
    indicator: &'a Indicator,
    target: Bound,
    evidence: &'a Evidence,
    /// The scrapes after which it looks, and the last one.
    window: (u32, u32),
    sides: Vec<Side>,
    scrapes: Vec<Scraped>,
    instances: Vec<Instance>,
    grown: Option<Increases>,
    /// Over the whole observation, for what was ever seen.
    whole: Option<Increases>,
    observed: Option<Observed>,
    asked: Option<(Reading, String)>,
}

/// What was found out.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The selectors with their series.
    pub sides: Vec<Side>,
    /// The scrapes.
    pub scrapes: Vec<Scraped>,
    /// The number computed again, or why there is none; nothing: no scrape was taken.
    pub reading: Option<Reading>,
    /// Cumulative buckets of a quantile: upper bound, count.
    pub buckets: Vec<(f64, f64)>,
    /// The expression with what its variables stood for.
    pub query: Option<String>,
}

impl<'a> Explainer<'a> {
    /// Over the whole observation, or over the interval of one sample: from the scrape `after` to `until`.
    pub fn new(indicator: &'a Indicator, target: Bound, evidence: &'a Evidence, (after, until): (u32, u32)) -> Self {
        let side = |role| move |selector: Selector| Side { role, selector, series: BTreeMap::new() };
        let sides = match indicator {
            Indicator::Exact(form) => {
                let roles = match form {
                    Form::Ratio { part, .. } => vec!["part"; part.len()],
                    Form::RatioBad { bad, .. } => vec!["bad"; bad.len()],
                    Form::Quantile { .. } => vec!["buckets"],
                };
                let roles = roles.into_iter().chain(std::iter::repeat("total"));
                form.selectors().into_iter().zip(roles).map(|(selector, role)| side(role)(selector)).collect()
            }
            Indicator::Promql(promql) => promql.selectors().into_iter().map(side("selected")).collect(),
        };
        let observed = evidence.grid.zip(indicator.promql()).and_then(|(grid, promql)| Observed::new(grid, [promql]));
        Self {
            indicator,
            target,
            evidence,
            window: (after, until),
            sides,
            scrapes: Vec::new(),
            instances: Vec::new(),
            grown: None,
            whole: None,
            observed,
            asked: None,
        }
    }

    /// Takes scrape `n`, which was good. An error is one sentence.
    pub fn take(&mut self, n: u32, at: Timestamp, bodies: &[Body<'_>]) -> Result<(), Text> {
        let (after, until) = self.window;
        if n > until {
            return Ok(());
        }
        if n == after || (n > after && n <= until) {
            let bodies = bodies.iter().map(|body| body.kept.clone()).collect();
            self.scrapes.push(Scraped { n, at, bodies, odd: Vec::new() });
        }
        let mut joined = Increases::default();
        let mut kept = Vec::new();
        for (index, body) in bodies.iter().enumerate() {
            let wrong = |why: Text| text!("{}: {}", "{}：{}", body.kept.path, why);
            let parsed = parse(body.bytes, body.format, &Limits::default()).map_err(|error| wrong(error.text()))?;
            let scrape = parsed.keep(&self.evidence.families);
            let growth = match self.instances.get_mut(index) {
                Some(instance) if n > 0 => {
                    let grown = instance.tracker.observe(&scrape);
                    Some(grown.map_err(|several| wrong(several.text()))?)
                }
                Some(_) | None => {
                    self.instances.push(Instance { tracker: Tracker::new(&scrape), last: BTreeMap::new() });
                    None
                }
            };
            if let Some(scraped) = self.scrapes.last_mut().filter(|scraped| scraped.n == n) {
                scraped.odd.extend(odd_times(&scrape, at.as_millisecond()).iter().map(Odd::text));
            }
            self.lines(n, index, body, &parsed, growth.as_ref());
            if let Some(growth) = growth {
                joined.join(&growth);
            }
            kept.push(scrape);
        }
        self.ask(n, at, &kept, &joined);
        Ok(())
    }

    /// Takes what a server answered for sample `n`; `kept` is where it stands.
    pub fn answered(&mut self, n: u32, at: Timestamp, answers: &Answers, kept: &Artifact) {
        let (after, until) = self.window;
        if n < after || n > until {
            return;
        }
        self.scrapes.push(Scraped { n, at, bodies: vec![kept.clone()], odd: Vec::new() });
        // The series behind its answer are the server's: there are no lines to show.
        self.sides.clear();
        // It is asked nothing before the first sample.
        if let (Some(observed), Some(promql), true) = (&self.observed, self.indicator.promql(), n > 0) {
            let asked = observed.answered(promql, &self.target, answers.at_ms, answers);
            self.asked = Some((asked.reading, asked.query));
        }
    }

    /// Scrape `n` failed.
    pub fn failed(&mut self, n: u32, at: Timestamp) {
        let time = self.time_ms(n, at);
        if let Some(observed) = self.observed.as_mut().filter(|_| n <= self.window.1) {
            observed.failed(time);
        }
    }

    /// What all of it shows.
    pub fn explanation(self) -> Explanation {
        let (reading, query) = match (self.indicator, self.asked) {
            (Indicator::Exact(form), _) => (self.grown.as_ref().map(|grown| evaluate(form, grown)), None),
            (Indicator::Promql(_), Some((reading, query))) => (Some(reading), Some(query)),
            (Indicator::Promql(_), None) => (None, None),
        };
        let buckets = match (self.indicator, &self.grown) {
            (Indicator::Exact(form), Some(grown)) => histogram(form, grown),
            (Indicator::Exact(_) | Indicator::Promql(_), _) => Vec::new(),
        };
        Explanation { sides: self.sides, scrapes: self.scrapes, reading, buckets, query }
    }

    fn time_ms(&self, n: u32, at: Timestamp) -> i64 {
        let Evidence { grid, first, every, .. } = self.evidence;
        let Some(grid) = grid else { return at.as_millisecond() };
        if n == 0 {
            return grid.zero_ms;
        }
        let offset = i32::try_from(n - 1).ok().and_then(|steps| every.checked_mul(steps));
        let due = offset.and_then(|offset| first.checked_add(offset).ok()).unwrap_or(at);
        grid.time_ms(due.as_millisecond(), at.as_millisecond())
    }

    /// Adds what grew, and asks the expression.
    fn ask(&mut self, n: u32, at: Timestamp, scrapes: &[crate::metrics::scrape::Scrape], joined: &Increases) {
        let add = |sum: &mut Option<Increases>| match sum {
            Some(sum) => sum.add(joined),
            None => *sum = Some(joined.clone()),
        };
        if n > 0 {
            add(&mut self.whole);
        }
        if n > self.window.0 {
            add(&mut self.grown);
        }
        let at_ms = self.time_ms(n, at);
        let (Some(observed), Some(promql)) = (&mut self.observed, self.indicator.promql()) else { return };
        let several = self.evidence.urls.len() > 1;
        let names = self
            .evidence
            .urls
            .iter()
            .map(|url| if several { crate::engine::evidence::host_and_port(url) } else { String::new() });
        let names: Vec<String> = names.collect();
        let named: Vec<_> = names.iter().map(String::as_str).chain(std::iter::repeat("")).zip(scrapes).collect();
        observed.scraped(at_ms, &named);
        if n > 0 {
            let whole = self.whole.as_ref();
            let asked = observed.ask(promql, &self.target, at_ms, |name| whole.is_some_and(|whole| whole.ever(name)));
            self.asked = Some((asked.reading, asked.query));
        }
    }

    /// Finds the lines of the series, and what became of them since the scrape before.
    fn lines(&mut self, n: u32, index: usize, body: &Body<'_>, parsed: &Exposition<'_>, growth: Option<&Increases>) {
        let inside = n > self.window.0;
        let Some(instance) = self.instances.get_mut(index) else { return };
        if growth.is_some_and(|grown| grown.resets.iter().any(|reset| matches!(reset, Reset::Restart { .. }))) {
            instance.last.values_mut().for_each(|(_, restarted)| *restarted = true);
        }
        let names: BTreeSet<String> = self.sides.iter().map(|side| side.selector.name.clone()).collect();
        let mut place = Place { at: 0, line: 1 };
        let mut now: Vec<(String, Labels, Point)> = Vec::new();
        for sample in parsed.samples().filter(|sample| names.contains(sample.name)) {
            let labels = Labels::new(sample.labels().map(|(name, value)| {
                let bound =
                    matches!((sample.kind, &*name), (FamilyKind::Histogram, "le") | (FamilyKind::Summary, "quantile"));
                let value = if bound { canonical_bound(&name, &value) } else { value.into_owned() };
                (name.into_owned(), value)
            }));
            let line = place.of(body.bytes, sample.offset);
            let end = memchr::memchr(b'\n', body.bytes.get(sample.offset..).unwrap_or_default());
            let text = body.bytes.get(sample.offset..end.map_or(body.bytes.len(), |end| sample.offset + end));
            let text = String::from_utf8_lossy(text.unwrap_or_default()).into_owned();
            now.push((sample.name.to_owned(), labels, Point { scrape: n, line, text, value: sample.value }));
        }
        // An expression sees the instances of a list told apart.
        let host = self.evidence.urls.get(index).filter(|_| self.evidence.urls.len() > 1);
        let host = host.map(|url| crate::engine::evidence::host_and_port(url)).unwrap_or_default();
        let as_seen = |labels: &Labels| {
            let told_apart = self.indicator.promql().is_some() && !host.is_empty();
            if told_apart { labels.with("instance", &host) } else { labels.clone() }
        };
        let selectors: Vec<Selector> = self.sides.iter().map(|side| side.selector.clone()).collect();
        let grown: Vec<BTreeMap<&Labels, f64>> = selectors
            .iter()
            .map(|selector| growth.map(|grown| grown.matching(selector).collect()).unwrap_or_default())
            .collect();
        for (name, labels, point) in now {
            let key = format!("{name}{labels}");
            let before = instance.last.insert(key.clone(), (point.clone(), false));
            let process = before.as_ref().is_some_and(|(_, restarted)| *restarted);
            let before = before.map(|(before, _)| before);
            for (side, grown) in self.sides.iter_mut().zip(&grown) {
                if !inside || side.selector.name != name || !side.selector.matches(&as_seen(&labels)) {
                    continue;
                }
                let grew = grown.get(&labels).copied();
                let trail = side.series.entry((index, key.clone())).or_insert_with(|| Trail {
                    from: before.clone(),
                    to: point.clone(),
                    growth: 0.0,
                    restarts: Vec::new(),
                });
                trail.to = point.clone();
                trail.growth += grew.unwrap_or(0.0);
                if let Some(before) =
                    before.clone().filter(|before| grew.is_some() && (process || point.value < before.value))
                {
                    trail.restarts.push(Restart { before, after: point.clone(), process });
                }
            }
        }
    }
}

/// Counts lines as far as it was asked: samples come in the order of the text.
struct Place {
    at: usize,
    line: usize,
}

impl Place {
    fn of(&mut self, text: &[u8], offset: usize) -> usize {
        let between = text.get(self.at..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count();
        self.at = self.at.max(offset);
        self.line
    }
}

#[cfg(test)]
mod tests;
