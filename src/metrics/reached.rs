//! What expressions are evaluated over: the scrapes of a source, as far as they reach and as many as are kept.

use std::collections::BTreeMap;

use super::objective::{Fault, NoData};
use super::promql::{self, Evaluation, History, Needs, Query, Vars};
use super::scrape::{Family, Scrape, Series};
use crate::text;

/// Most points that are kept for the expressions of one observation, or for the questions to one source: 32 MB. A thousand
/// samples of two thousand series; only `$__range` over a long time, or a range of days, comes near.
const MAX_POINTS: usize = 2_000_000;

/// The scrapes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reached {
    history: History,
    /// More points were needed than are kept: nothing is, and no value can be given any more.
    full: bool,
}

impl Reached {
    /// None yet.
    pub(super) fn new(needs: Needs) -> Self {
        Self { history: History::new(needs), full: false }
    }

    /// Adds a scrape. A source with several urls gives one an instance, by name: their series are told apart by the label
    /// `instance`, as a server would; one that a target sets itself becomes `exported_instance`.
    pub(super) fn scraped(&mut self, at_ms: i64, scrapes: &[(&str, &Scrape)]) {
        if self.full {
            return;
        }
        match scrapes {
            [(_, only)] => self.history.append(at_ms, only),
            several => self.history.append(at_ms, &joined(several)),
        }
        if self.history.points() > MAX_POINTS {
            self.full = true;
            self.history = History::new(Needs::none());
        }
    }

    /// Notes that a scrape failed: what was seen before is stale until the next one.
    pub(super) fn failed(&mut self, at_ms: i64) {
        self.history.append_failure(at_ms);
    }

    /// What `query` gives at `at_ms`.
    pub(super) fn evaluate(&self, query: &Query, at_ms: i64, lookback_ms: i64) -> Result<Evaluation, Fault> {
        if self.full {
            return Err(Fault::Failed(text!(
                "the expressions need more than {MAX_POINTS} samples kept: shorter ranges or narrower selectors would do",
                "表达式需要保留的样本超过 {MAX_POINTS} 个：请缩短范围或缩小选择器"
            )));
        }
        query.evaluate(&self.history, at_ms, lookback_ms).map_err(|error| Fault::Failed(error.text()))
    }

    /// The scrapes that are kept.
    pub(super) fn history(&self) -> &History {
        &self.history
    }
}

/// What must be kept for an expression. Every one was checked; one that could not be read needs nothing and gives no value.
pub(super) fn needs(text: &str, vars: &Vars, lookback_ms: i64) -> Needs {
    let mut needs = promql::parse(text, vars).map_or_else(|_| Needs::none(), |query| query.needs(lookback_ms));
    if promql::reads_range(text) {
        needs.reach_ms = None;
    }
    needs
}

/// An expression, or why it cannot be read.
pub(super) fn query(text: &str, vars: &Vars) -> Result<Query, Fault> {
    promql::parse(text, vars)
        .map_err(|errors| Fault::Failed(errors.first().map(promql::PromqlError::text).unwrap_or_default()))
}

/// The text of an expression, its variables replaced.
pub(super) fn resolved(text: &str, vars: &Vars) -> String {
    promql::parse(text, vars).map_or_else(|_| text.to_owned(), |query| query.text().to_owned())
}

/// A metric of which no scrape has had anything, so that the value of `query` would mean nothing.
pub(super) fn never_seen(query: &Query, known: impl Fn(&str) -> bool) -> Option<NoData> {
    query.never_seen(known).first().map(|name| NoData::NeverSeen { name: (*name).to_owned() })
}

/// The scrapes of several instances as one.
fn joined(instances: &[(&str, &Scrape)]) -> Scrape {
    let mut all = Scrape::default();
    let mut families = BTreeMap::new();
    for (instance, scrape) in instances {
        all.format = scrape.format;
        for (name, family) in &scrape.families {
            let own: &mut Family = families.entry(name.clone()).or_default();
            own.kind = family.kind;
            own.declared |= family.declared;
            own.series.extend(family.series.iter().map(|series| {
                let exported = series.labels.value("instance").to_owned();
                let labels = series.labels.with("exported_instance", &exported).with("instance", instance);
                Series { labels, ..series.clone() }
            }));
        }
    }
    all.families = families;
    all
}
