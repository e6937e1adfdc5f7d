//! Evaluation of a checked query at one time.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::expr::{Expr, Subquery};
use super::finding::{EvalError, Note};
use super::history::History;
use super::value::{Metric, Point, Sample, Series, Value};
use super::{aggregate, binary, call, select};

/// Most samples that one evaluation may look at: Prometheus' own limit for a query. Only a subquery with a tiny step over a
/// long range comes near.
const MAX_SAMPLES: u64 = 50_000_000;

/// Step of a subquery that names none: Prometheus' default evaluation interval.
const DEFAULT_STEP_MS: i64 = 60_000;

/// A value inside an evaluation.
pub(super) enum Computed<'h> {
    Scalar(f64),
    Vector(Vec<Sample>),
    Matrix(Matrix<'h>),
    Text(String),
}

/// A range vector with the window that it was taken in.
pub(super) struct Matrix<'h> {
    pub(super) rows: Vec<Row<'h>>,
    pub(super) window: Window,
}

/// One series of a range vector. It has at least one point and no marker of staleness.
pub(super) struct Row<'h> {
    pub(super) metric: Cow<'h, Metric>,
    pub(super) points: Cow<'h, [Point]>,
}

/// The bounds of a range: what lies exactly on the left one is outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Unix milliseconds.
    pub(super) start_ms: i64,
    /// Unix milliseconds.
    pub(super) end_ms: i64,
    /// As it was written.
    pub(super) range_s: f64,
}

impl Window {
    /// The window of `range_ns` that ends `offset_ns` before `base_ms`.
    pub(super) fn new(base_ms: i64, offset_ns: i64, range_ns: i64) -> Self {
        Self {
            start_ms: base_ms.saturating_sub(whole_ms(offset_ns).saturating_add(whole_ms(range_ns))),
            end_ms: base_ms.saturating_sub(whole_ms(offset_ns)),
            range_s: range_ns as f64 / 1e9,
        }
    }
}

/// Nanoseconds in whole milliseconds, towards zero.
pub(super) fn whole_ms(ns: i64) -> i64 {
    ns / 1_000_000
}

/// One evaluation of one query.
pub(super) struct Evaluator<'h> {
    pub(super) history: &'h History,
    /// How long the last sample of a series speaks for it.
    pub(super) lookback_ms: i64,
    /// The time of the whole query.
    pub(super) query_ms: i64,
    /// The series of each selector, once they were looked for.
    pub(super) selected: RefCell<BTreeMap<usize, Rc<[usize]>>>,
    samples: Cell<u64>,
    notes: RefCell<BTreeSet<Note>>,
}

/// A value with what should be known with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The value.
    pub value: Value,
    /// Each once, in an order that does not depend on that of the samples.
    pub notes: BTreeSet<Note>,
}

/// Evaluates `expr` at `at_ms`.
pub(super) fn evaluate(expr: &Expr, history: &History, at_ms: i64, lookback_ms: i64) -> Result<Evaluation, EvalError> {
    let evaluator = Evaluator {
        history,
        lookback_ms,
        query_ms: at_ms,
        selected: RefCell::new(BTreeMap::new()),
        samples: Cell::new(0),
        notes: RefCell::new(BTreeSet::new()),
    };
    let value = match evaluator.eval(expr, at_ms)? {
        Computed::Scalar(value) => Value::Scalar(Point { t_ms: at_ms, value }),
        Computed::Vector(samples) => Value::Vector { at_ms, samples },
        Computed::Text(text) => Value::Text { at_ms, text },
        Computed::Matrix(matrix) => {
            let rows = matrix.rows.into_iter();
            let mut series: Vec<Series> =
                rows.map(|row| Series { metric: row.metric.into_owned(), points: row.points.into_owned() }).collect();
            series.sort_by(|a, b| a.metric.cmp(&b.metric));
            Value::Matrix(series)
        }
    };
    Ok(Evaluation { value, notes: evaluator.notes.take() })
}

impl<'h> Evaluator<'h> {
    /// Counts samples that were looked at.
    pub(super) fn count(&self, samples: usize) -> Result<(), EvalError> {
        let all = self.samples.get().saturating_add(samples as u64);
        self.samples.set(all);
        if all > MAX_SAMPLES {
            return Err(EvalError::TooManySamples(MAX_SAMPLES));
        }
        Ok(())
    }

    /// Keeps a note with the value.
    pub(super) fn note(&self, note: Note) {
        self.notes.borrow_mut().insert(note);
    }

    /// The value of `expr` at `t_ms`.
    pub(super) fn eval(&self, expr: &Expr, t_ms: i64) -> Result<Computed<'h>, EvalError> {
        Ok(match expr {
            Expr::Number(value) => Computed::Scalar(*value),
            Expr::Text(text) => Computed::Text(text.clone()),
            Expr::Selector(selector) => Computed::Vector(select::instant(self, selector, t_ms)?),
            Expr::Range(selector, range_ns) => Computed::Matrix(select::range(self, selector, *range_ns, t_ms)?),
            Expr::Subquery(subquery) => Computed::Matrix(self.subquery(subquery, t_ms)?),
            Expr::Negate(inner) => match self.eval(inner, t_ms)? {
                Computed::Scalar(value) => Computed::Scalar(-value),
                Computed::Vector(samples) => {
                    let negated = samples
                        .into_iter()
                        .map(|sample| Sample { metric: sample.metric.nameless(), value: -sample.value })
                        .collect();
                    Computed::Vector(distinct(negated)?)
                }
                other @ (Computed::Matrix(_) | Computed::Text(_)) => other,
            },
            Expr::Binary(operation) => binary::evaluate(self, operation, t_ms)?,
            Expr::Aggregate(aggregation) => Computed::Vector(aggregate::evaluate(self, aggregation, t_ms)?),
            Expr::Call(function, arguments) => call::evaluate(self, *function, arguments, t_ms)?,
        })
    }

    /// The value of an expression that the check pass has seen to be a scalar.
    pub(super) fn scalar(&self, expr: &Expr, t_ms: i64) -> Result<f64, EvalError> {
        match self.eval(expr, t_ms)? {
            Computed::Scalar(value) => Ok(value),
            Computed::Vector(_) | Computed::Matrix(_) | Computed::Text(_) => Err(EvalError::Mistyped),
        }
    }

    /// The value of an expression that the check pass has seen to be an instant vector.
    pub(super) fn vector(&self, expr: &Expr, t_ms: i64) -> Result<Vec<Sample>, EvalError> {
        match self.eval(expr, t_ms)? {
            Computed::Vector(samples) => Ok(samples),
            Computed::Scalar(_) | Computed::Matrix(_) | Computed::Text(_) => Err(EvalError::Mistyped),
        }
    }

    /// The value of an expression that the check pass has seen to be a range vector.
    pub(super) fn matrix(&self, expr: &Expr, t_ms: i64) -> Result<Matrix<'h>, EvalError> {
        match self.eval(expr, t_ms)? {
            Computed::Matrix(matrix) => Ok(matrix),
            Computed::Scalar(_) | Computed::Vector(_) | Computed::Text(_) => Err(EvalError::Mistyped),
        }
    }

    /// The inner expression at each step of the window. Steps are multiples of their length, whatever the time of the
    /// query, so that a subquery sees the same points when it is asked again later.
    fn subquery(&self, subquery: &Subquery, t_ms: i64) -> Result<Matrix<'h>, EvalError> {
        let base_ms = select::base_ms(self, subquery.when, t_ms);
        let window = Window::new(base_ms, subquery.when.offset_ns, subquery.range_ns);
        let step_ms = subquery.step_ms.unwrap_or(DEFAULT_STEP_MS).max(1);
        let mut step = (window.start_ms / step_ms).saturating_mul(step_ms);
        if step <= window.start_ms {
            step = step.saturating_add(step_ms);
        }
        // Each step costs something, even one that finds nothing: told before the first is taken.
        let steps = window.end_ms.saturating_sub(step).max(0) / step_ms;
        self.count(usize::try_from(steps).unwrap_or(usize::MAX))?;
        let mut rows: BTreeMap<Metric, Vec<Point>> = BTreeMap::new();
        while step <= window.end_ms {
            let samples = self.vector(&subquery.inner, step)?;
            self.count(samples.len())?;
            for sample in samples {
                rows.entry(sample.metric).or_default().push(Point { t_ms: step, value: sample.value });
            }
            step = step.saturating_add(step_ms);
        }
        let rows = rows
            .into_iter()
            .map(|(metric, points)| Row { metric: Cow::Owned(metric), points: Cow::Owned(points) })
            .collect();
        Ok(Matrix { rows, window })
    }
}

/// `samples`, if all can be told apart by their labels.
pub(super) fn distinct(samples: Vec<Sample>) -> Result<Vec<Sample>, EvalError> {
    let mut seen = BTreeSet::new();
    for sample in &samples {
        if !seen.insert(&sample.metric) {
            return Err(EvalError::SameLabels(sample.metric.clone()));
        }
    }
    Ok(samples)
}
