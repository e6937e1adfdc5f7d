//! Functions: which of them takes what, and the few that are only a line.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::labels::{Labels, METRIC_NAME};
use super::super::selector::Test;
use super::eval::{Computed, Evaluator, Matrix, Row, Window, distinct};
use super::expr::{Expr, Selector};
use super::finding::{EvalError, Note};
use super::numeric::ascending;
use super::signature::Function;
use super::value::{Metric, Point, Sample};
use super::{calendar, histogram, over_time, pointwise, rate, relabel, select, trend};

/// Calls `function` at `t_ms`. The check pass has counted and typed the arguments.
pub(super) fn evaluate<'h>(
    evaluator: &Evaluator<'h>,
    function: Function,
    arguments: &[Expr],
    t_ms: i64,
) -> Result<Computed<'h>, EvalError> {
    use Function as F;
    let call = Call { evaluator, arguments, t_ms };
    let samples = match function {
        F::Pi => return Ok(Computed::Scalar(std::f64::consts::PI)),
        F::Time => return Ok(Computed::Scalar(t_ms as f64 / 1000.0)),
        F::ScalarOf => {
            let samples = call.vector(0)?;
            let only = if let [only] = samples.as_slice() { only.value } else { f64::NAN };
            return Ok(Computed::Scalar(only));
        }
        F::VectorOf => vec![Sample { metric: Metric::default(), value: call.scalar(0)? }],
        F::Absent => {
            if call.vector(0)?.is_empty() {
                vec![absence(arguments.first())]
            } else {
                Vec::new()
            }
        }
        F::AbsentOverTime => {
            if call.matrix(0)?.rows.is_empty() {
                vec![absence(arguments.first())]
            } else {
                Vec::new()
            }
        }
        F::Timestamp => call.timestamps()?,
        F::Sort => {
            let mut samples = call.vector(0)?;
            samples.sort_by(|a, b| a.value.is_nan().cmp(&b.value.is_nan()).then(ascending(a.value, b.value)));
            samples
        }
        F::SortDesc => {
            let mut samples = call.vector(0)?;
            samples.sort_by(|a, b| ascending(b.value, a.value));
            samples
        }
        F::Abs => call.each(f64::abs)?,
        F::Ceil => call.each(f64::ceil)?,
        F::Floor => call.each(f64::floor)?,
        F::Exp => call.each(f64::exp)?,
        F::Sqrt => call.each(f64::sqrt)?,
        F::Ln => call.each(f64::ln)?,
        F::Log2 => call.each(f64::log2)?,
        F::Log10 => call.each(f64::log10)?,
        F::Sin => call.each(f64::sin)?,
        F::Cos => call.each(f64::cos)?,
        F::Tan => call.each(f64::tan)?,
        F::Asin => call.each(f64::asin)?,
        F::Acos => call.each(f64::acos)?,
        F::Atan => call.each(f64::atan)?,
        F::Sinh => call.each(f64::sinh)?,
        F::Cosh => call.each(f64::cosh)?,
        F::Tanh => call.each(f64::tanh)?,
        F::Asinh => call.each(pointwise::asinh)?,
        F::Acosh => call.each(pointwise::acosh)?,
        F::Atanh => call.each(f64::atanh)?,
        F::Deg => call.each(|value| value * 180.0 / std::f64::consts::PI)?,
        F::Rad => call.each(|value| value * std::f64::consts::PI / 180.0)?,
        F::Sgn => call.each(pointwise::sign)?,
        F::Round => {
            let to = if arguments.len() > 1 { call.scalar(1)? } else { 1.0 };
            call.each(|value| pointwise::round(value, to))?
        }
        F::Clamp => call.clamp(call.scalar(1)?, call.scalar(2)?)?,
        F::ClampMin => call.clamp(call.scalar(1)?, f64::INFINITY)?,
        F::ClampMax => call.clamp(f64::NEG_INFINITY, call.scalar(1)?)?,
        F::DayOfMonth => call.moments(calendar::day_of_month)?,
        F::DayOfWeek => call.moments(calendar::day_of_week)?,
        F::DayOfYear => call.moments(calendar::day_of_year)?,
        F::DaysInMonth => call.moments(calendar::days_in_month)?,
        F::Hour => call.moments(calendar::hour)?,
        F::Minute => call.moments(calendar::minute)?,
        F::Month => call.moments(calendar::month)?,
        F::Year => call.moments(calendar::year)?,
        F::Rate => call.ranges(rate::rate)?,
        F::Increase => call.ranges(rate::increase)?,
        F::Delta => call.ranges(rate::delta)?,
        F::Irate => call.points(rate::irate)?,
        F::Idelta => call.points(rate::idelta)?,
        F::Changes => call.points(|points| Some(over_time::changes(points)))?,
        F::Resets => call.points(|points| Some(over_time::resets(points)))?,
        F::Deriv => call.points(trend::deriv)?,
        F::PredictLinear => {
            let ahead_s = call.scalar(1)?;
            call.points(|points| trend::predict(points, t_ms, ahead_s))?
        }
        F::AvgOverTime => call.points(over_time::avg)?,
        F::CountOverTime => call.points(|points| Some(points.len() as f64))?,
        F::MaxOverTime => call.points(over_time::max)?,
        F::MinOverTime => call.points(over_time::min)?,
        F::PresentOverTime => call.points(|_| Some(1.0))?,
        F::StddevOverTime => call.points(|points| Some(over_time::stdvar(points).sqrt()))?,
        F::StdvarOverTime => call.points(|points| Some(over_time::stdvar(points)))?,
        F::SumOverTime => call.points(|points| Some(over_time::sum(points)))?,
        F::QuantileOverTime => {
            let q = call.quantile()?;
            over_rows(call.matrix(1)?, |points, _| Some(over_time::quantile(points, q)))?
        }
        F::LastOverTime => call.last_over_time()?,
        F::HistogramQuantile => {
            let q = call.quantile()?;
            call.histograms(1, |buckets| histogram::quantile(q, buckets))?
        }
        F::HistogramFraction => {
            let (lower, upper) = (call.scalar(0)?, call.scalar(1)?);
            call.histograms(2, |buckets| histogram::fraction(lower, upper, buckets))?
        }
        F::LabelReplace => {
            let texts = call.texts();
            distinct(relabel::replace(call.vector(0)?, &texts)?)?
        }
        F::LabelJoin => {
            let texts = call.texts();
            distinct(relabel::join(call.vector(0)?, &texts))?
        }
    };
    Ok(Computed::Vector(samples))
}

/// A call with its arguments not evaluated yet.
struct Call<'e, 'h> {
    evaluator: &'e Evaluator<'h>,
    arguments: &'e [Expr],
    t_ms: i64,
}

/// Stands for an argument that is not there, which the check pass excludes.
static MISSING: Expr = Expr::Number(f64::NAN);

impl<'h> Call<'_, 'h> {
    fn argument(&self, number: usize) -> &Expr {
        self.arguments.get(number).unwrap_or(&MISSING)
    }

    fn scalar(&self, number: usize) -> Result<f64, EvalError> {
        self.evaluator.scalar(self.argument(number), self.t_ms)
    }

    fn vector(&self, number: usize) -> Result<Vec<Sample>, EvalError> {
        self.evaluator.vector(self.argument(number), self.t_ms)
    }

    fn matrix(&self, number: usize) -> Result<Matrix<'h>, EvalError> {
        self.evaluator.matrix(self.argument(number), self.t_ms)
    }

    fn texts(&self) -> Vec<&str> {
        let texts = self.arguments.iter().map(|argument| if let Expr::Text(text) = argument { text } else { "" });
        texts.skip(1).collect()
    }

    /// The first argument, a quantile.
    fn quantile(&self) -> Result<f64, EvalError> {
        let q = self.scalar(0)?;
        if let Some(note) = Note::quantile(q) {
            self.evaluator.note(note);
        }
        Ok(q)
    }

    /// A value of each histogram.
    fn histograms(
        &self,
        number: usize,
        f: impl Fn(&mut Vec<histogram::Bucket>) -> (f64, histogram::Shape),
    ) -> Result<Vec<Sample>, EvalError> {
        distinct(histogram::each(self.vector(number)?, f, |note| self.evaluator.note(note)))
    }

    /// A new value for each series; the name goes, since the value means something else now.
    fn each(&self, f: impl Fn(f64) -> f64) -> Result<Vec<Sample>, EvalError> {
        distinct(nameless(self.vector(0)?, f))
    }

    fn clamp(&self, least: f64, most: f64) -> Result<Vec<Sample>, EvalError> {
        let samples = self.vector(0)?;
        if most < least {
            return Ok(Vec::new());
        }
        distinct(nameless(samples, |value| pointwise::clamp(value, least, most)))
    }

    /// A part of the time that each value is, or of the time of the evaluation.
    fn moments(&self, f: impl Fn(i64) -> i64) -> Result<Vec<Sample>, EvalError> {
        if self.arguments.is_empty() {
            return Ok(vec![Sample { metric: Metric::default(), value: f(self.t_ms / 1000) as f64 }]);
        }
        self.each(|value| f(calendar::seconds(value)) as f64)
    }

    /// The time of each sample itself where the argument is a selector, else that of the evaluation.
    fn timestamps(&self) -> Result<Vec<Sample>, EvalError> {
        if let Expr::Selector(selector) = self.argument(0) {
            let found = select::latest(self.evaluator, selector, self.t_ms)?;
            let samples = found.into_iter();
            return distinct(
                samples
                    .map(|(metric, point)| Sample {
                        metric: metric.clone().nameless(),
                        value: point.t_ms as f64 / 1000.0,
                    })
                    .collect(),
            );
        }
        self.each(|_| self.t_ms as f64 / 1000.0)
    }

    /// A value of the points of each series, if they have one.
    fn points(&self, f: impl Fn(&[Point]) -> Option<f64>) -> Result<Vec<Sample>, EvalError> {
        over_rows(self.matrix(0)?, |points, _| f(points))
    }

    /// The same for a function that must know the bounds of the range.
    fn ranges(&self, f: impl Fn(&[Point], Window) -> Option<f64>) -> Result<Vec<Sample>, EvalError> {
        over_rows(self.matrix(0)?, f)
    }

    /// Like an offset, so the name stays.
    fn last_over_time(&self) -> Result<Vec<Sample>, EvalError> {
        let rows = self.matrix(0)?.rows.into_iter();
        let samples = rows.filter_map(|row| {
            let value = row.points.last()?.value;
            Some(Sample { metric: row.metric.into_owned(), value })
        });
        Ok(samples.collect())
    }
}

/// A value of each row, if it has one. The name goes, since the value means something else than the samples.
fn over_rows(matrix: Matrix<'_>, f: impl Fn(&[Point], Window) -> Option<f64>) -> Result<Vec<Sample>, EvalError> {
    let window = matrix.window;
    let one_name = one_name(&matrix.rows);
    let rows = matrix.rows.into_iter();
    let samples = rows.filter_map(|row| {
        let value = f(&row.points, window)?;
        Some(Sample { metric: row.metric.into_owned().nameless(), value })
    });
    let samples = samples.collect();
    // Series of one name differ in their labels, so they still do without it.
    if one_name { Ok(samples) } else { distinct(samples) }
}

fn nameless(samples: Vec<Sample>, f: impl Fn(f64) -> f64) -> Vec<Sample> {
    let samples = samples.into_iter();
    samples.map(|sample| Sample { metric: sample.metric.nameless(), value: f(sample.value) }).collect()
}

/// Have all rows the same name?
fn one_name(rows: &[Row<'_>]) -> bool {
    let Some(first) = rows.first() else { return true };
    let name: Option<&Arc<str>> = first.metric.name.as_ref();
    rows.iter().all(|row| row.metric.name.as_ref() == name)
}

/// What stands for series that are not there: 1, with the labels that the selector fixes.
fn absence(argument: Option<&Expr>) -> Sample {
    let selector = match argument {
        Some(Expr::Selector(selector) | Expr::Range(selector, _)) => Some(selector),
        _ => None,
    };
    Sample { metric: Metric { name: None, labels: selector.map(fixed_labels).unwrap_or_default() }, value: 1.0 }
}

/// The labels that the selector fixes to one value. A label that is matched again loses it, as in Prometheus.
fn fixed_labels(selector: &Selector) -> Labels {
    let mut fixed: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for matcher in selector.matchers.iter().filter(|matcher| matcher.label != METRIC_NAME) {
        match &matcher.test {
            Test::Is(value) if !fixed.contains_key(&*matcher.label) => {
                fixed.insert(&matcher.label, Some(value));
            }
            Test::Is(_) | Test::IsNot(_) | Test::Matches(_) | Test::MatchesNot(_) => {
                if let Some(value) = fixed.get_mut(&*matcher.label) {
                    *value = None;
                }
            }
        }
    }
    fixed.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}
