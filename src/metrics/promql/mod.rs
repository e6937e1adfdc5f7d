//! `PromQL` over the scrapes of a run, with the semantics of Prometheus 3.
//!
//! [`parse`] reads and checks a query: everything that can be known without data is an error there, with its place in
//! the query's text.

mod aggregate;
mod binary;
mod calendar;
mod call;
mod check;
mod error;
mod eval;
mod expr;
mod finding;
mod grammar;
mod histogram;
mod history;
mod needs;
mod number;
mod numeric;
mod outline;
mod over_time;
mod pointwise;
mod rate;
mod relabel;
mod select;
mod signature;
mod tokens;
mod tree;
mod trend;
mod value;

pub use error::PromqlError;
pub use eval::Evaluation;
pub use finding::{EvalError, Note};
pub use history::{History, Needs};
pub use signature::Type;
pub use value::{Metric, Point, Sample, Series, Value, format_value};

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Span};
use crate::text;

/// Longest text of a query: far beyond what people write, and short enough that a query read in every sample costs nothing.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;

/// What the variables of a query stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vars {
    /// `$__range`: the observation so far, in milliseconds.
    pub range_ms: i64,
    /// `$__interval`: from one sample to the next, in milliseconds.
    pub interval_ms: i64,
}

impl Vars {
    /// How many intervals `$__rate_interval` is long. Two samples are the least from which a rate can be told; with four
    /// one of them may be missed, and the range's edge may fall on a sample.
    const RATE_INTERVALS: i64 = 4;

    /// For an observation whose range is not known yet, as when a runbook is checked.
    pub fn of_interval(interval_ms: i64) -> Self {
        Self { range_ms: interval_ms.max(1), interval_ms: interval_ms.max(1) }
    }

    /// The value of a variable, its `$` included, in milliseconds. A range is never empty: nothing would be in it.
    fn get_ms(&self, name: &str) -> Option<i64> {
        let ms = match name {
            "$__range" => self.range_ms,
            "$__interval" => self.interval_ms,
            "$__rate_interval" => self.interval_ms.saturating_mul(Self::RATE_INTERVALS),
            _ => return None,
        };
        Some(ms.max(1))
    }
}

/// A query that can be evaluated.
#[derive(Clone, Debug)]
pub struct Query {
    text: String,
    expr: expr::Expr,
    ranges: Vec<needs::RangeUse>,
}

/// Reads and checks `text`. The errors come together, in the order of the text.
pub fn parse(text: &str, vars: &Vars) -> Result<Query, Vec<PromqlError>> {
    if text.len() > MAX_QUERY_BYTES {
        let message = text!("a query is at most {MAX_QUERY_BYTES} bytes long", "查询最长 {MAX_QUERY_BYTES} 字节");
        return Err(vec![PromqlError::new(Code::RB0709, Span::new(0, text.len()), message)]);
    }
    let tokens = tokens::tokens(text, vars).map_err(|error| vec![error])?;
    let outline = grammar::read(&tokens).map_err(|error| vec![error])?;
    let errors = check::check(&outline);
    if !errors.is_empty() {
        return Err(errors);
    }
    let expr = tree::build(&outline).map_err(|error| vec![error])?;
    Ok(Query { text: tokens::resolved(text, &tokens), expr, ranges: needs::ranges(&outline) })
}

impl Query {
    /// Its text with the variables replaced by what they stand for: what was asked, to be kept with the answer.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The type of its result.
    pub fn kind(&self) -> Type {
        self.expr.kind()
    }

    /// The metrics that it names literally. A name that no scrape has ever had is worth a loud word.
    pub fn families(&self) -> BTreeSet<&str> {
        needs::names(&self.expr)
    }

    /// What it selects of the metrics that it names literally.
    pub fn selectors(&self) -> Vec<super::selector::Selector> {
        needs::named(&self.expr)
    }

    /// The metrics on which its value rests and of which `known` says that no scrape has ever had them: each may be
    /// misspelt, and then the value means nothing. A selector that names no metric has none.
    pub fn never_seen(&self, known: impl Fn(&str) -> bool) -> Vec<&str> {
        let there = |selector: &expr::Selector| selector.name.as_deref().is_none_or(&known);
        needs::missing(&self.expr, &there).into_iter().filter_map(|selector| selector.name.as_deref()).collect()
    }

    /// The selectors on which its value rests and that match no series of `history`, as they would be written.
    pub fn unmatched(&self, history: &History) -> Vec<String> {
        needs::missing(&self.expr, &|selector| select::any(history, selector)).into_iter().map(expr::written).collect()
    }

    /// What must be kept of the scrapes to evaluate it at the time of the last one.
    pub fn needs(&self, lookback_ms: i64) -> Needs {
        needs::needs(&self.expr, lookback_ms)
    }

    /// Ranges that hold too few samples when one is taken every `interval_ms`. They are no errors: the query is valid, and
    /// gives nothing.
    pub fn lints(&self, interval_ms: i64) -> Vec<PromqlError> {
        self.ranges.iter().filter_map(|range| range.lint(interval_ms)).collect()
    }

    /// Its value at `at_ms`, unix milliseconds, over `history`. The last sample of a series speaks for it for
    /// `lookback_ms`; see [`lookback_ms`].
    pub fn eval(&self, history: &History, at_ms: i64, lookback_ms: i64) -> Result<Value, EvalError> {
        self.evaluate(history, at_ms, lookback_ms).map(|evaluation| evaluation.value)
    }

    /// The same with notes about what the value may hide.
    pub fn evaluate(&self, history: &History, at_ms: i64, lookback_ms: i64) -> Result<Evaluation, EvalError> {
        eval::evaluate(&self.expr, history, at_ms, lookback_ms)
    }
}

/// The names of all functions, for those who complete them.
pub fn functions() -> impl Iterator<Item = &'static str> {
    signature::Function::ALL.iter().map(|function| function.name())
}

/// Does the text of a query read `$__range`? Then it reaches back as far as its observation.
pub fn reads_range(text: &str) -> bool {
    text.contains("$__range")
}

/// How long the last sample of a series speaks for it when one is taken every `interval_ms`: Prometheus' five minutes, or
/// two intervals where that is longer, so that a sample every ten minutes does not go stale between two.
pub fn lookback_ms(interval_ms: i64) -> i64 {
    const PROMETHEUS_MS: i64 = 300_000;
    interval_ms.saturating_mul(2).max(PROMETHEUS_MS)
}
