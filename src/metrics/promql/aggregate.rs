//! Aggregations: many series to one for each group.

use std::collections::BTreeMap;

use super::super::labels::METRIC_NAME;
use super::eval::{Evaluator, distinct};
use super::expr::{Aggregate, Expr};
use super::finding::{EvalError, Note};
use super::numeric::{self, Mean, Sum, ascending};
use super::signature::Aggregation;
use super::value::{Metric, Sample, format_decimal, format_value};

/// Evaluates an aggregation at `t_ms`.
pub(super) fn evaluate(evaluator: &Evaluator<'_>, aggregate: &Aggregate, t_ms: i64) -> Result<Vec<Sample>, EvalError> {
    let parameter = match &aggregate.parameter {
        Some(Expr::Text(_)) | None => f64::NAN,
        Some(parameter) => evaluator.scalar(parameter, t_ms)?,
    };
    let samples = evaluator.vector(&aggregate.vector, t_ms)?;
    if aggregate.aggregation == Aggregation::Quantile
        && let Some(note) = Note::quantile(parameter)
    {
        evaluator.note(note);
    }
    match aggregate.aggregation {
        Aggregation::Topk => choose(aggregate, samples, parameter, |a, b| ascending(b, a)),
        Aggregation::Bottomk => {
            choose(aggregate, samples, parameter, |a, b| a.is_nan().cmp(&b.is_nan()).then(ascending(a, b)))
        }
        Aggregation::CountValues => count_values(aggregate, samples),
        Aggregation::Avg
        | Aggregation::Count
        | Aggregation::Group
        | Aggregation::Max
        | Aggregation::Min
        | Aggregation::Quantile
        | Aggregation::Stddev
        | Aggregation::Stdvar
        | Aggregation::Sum => {
            let groups = group(aggregate, samples);
            Ok(groups
                .into_iter()
                .map(|(metric, members)| Sample { metric, value: value(aggregate.aggregation, &members, parameter) })
                .collect())
        }
    }
}

/// One value for the values of a group, which has at least one.
fn value(aggregation: Aggregation, members: &[Sample], parameter: f64) -> f64 {
    let mut values = members.iter().map(|sample| sample.value);
    let reduced = match aggregation {
        Aggregation::Sum => {
            let mut sum = Sum::default();
            values.for_each(|value| sum.add(value));
            Some(sum.value())
        }
        Aggregation::Avg => values.next().map(|first| {
            let mut mean = Mean::of(first);
            values.for_each(|value| mean.add(value));
            mean.value()
        }),
        Aggregation::Max => values.reduce(numeric::larger),
        Aggregation::Min => values.reduce(numeric::smaller),
        Aggregation::Count => Some(members.len() as f64),
        Aggregation::Group => Some(1.0),
        Aggregation::Stdvar => Some(spread(values)),
        Aggregation::Stddev => Some(spread(values).sqrt()),
        Aggregation::Quantile => Some(numeric::quantile(parameter, values.collect())),
        // These three have more than one series for a group.
        Aggregation::Topk | Aggregation::Bottomk | Aggregation::CountValues => None,
    };
    reduced.unwrap_or(f64::NAN)
}

/// The mean square distance from the mean, by one pass over the series (Welford's method).
fn spread(mut values: impl Iterator<Item = f64>) -> f64 {
    let Some(first) = values.next() else { return f64::NAN };
    let (mut count, mut mean) = (1.0, first);
    let mut squares = if first.is_finite() { 0.0 } else { f64::NAN };
    for value in values {
        count += 1.0;
        let distance = value - mean;
        mean += distance / count;
        squares += distance * (value - mean);
    }
    squares / count
}

/// The samples by group, groups in the order of their first sample.
fn group(aggregate: &Aggregate, samples: Vec<Sample>) -> Vec<(Metric, Vec<Sample>)> {
    let mut numbers: BTreeMap<Metric, usize> = BTreeMap::new();
    let mut groups: Vec<(Metric, Vec<Sample>)> = Vec::new();
    for sample in samples {
        let key = key(aggregate, &sample.metric);
        if let Some((_, members)) = numbers.get(&key).and_then(|number| groups.get_mut(*number)) {
            members.push(sample);
        } else {
            numbers.insert(key.clone(), groups.len());
            groups.push((key, vec![sample]));
        }
    }
    groups
}

/// The labels of the group that a series belongs to.
fn key(aggregate: &Aggregate, metric: &Metric) -> Metric {
    let listed = |label: &str| aggregate.labels.iter().any(|listed| listed == label);
    if aggregate.without {
        return Metric { name: None, labels: metric.labels.without(listed) };
    }
    if aggregate.labels.is_empty() {
        return Metric::default();
    }
    let name = if listed(METRIC_NAME) { metric.name.clone() } else { None };
    Metric { name, labels: metric.labels.without(|label| !listed(label)) }
}

/// The first `parameter` series of each group, in order.
fn choose(
    aggregate: &Aggregate,
    samples: Vec<Sample>,
    parameter: f64,
    order: impl Fn(f64, f64) -> std::cmp::Ordering,
) -> Result<Vec<Sample>, EvalError> {
    if parameter < 1.0 || samples.is_empty() {
        return Ok(Vec::new());
    }
    let Some(count) = numeric::whole(parameter) else {
        let aggregation = aggregate.aggregation.name();
        return Err(EvalError::NoCount { aggregation, count: format_value(parameter) });
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut chosen = Vec::new();
    for (_, mut members) in group(aggregate, samples) {
        members.sort_by(|a, b| order(a.value, b.value));
        members.truncate(count);
        chosen.extend(members);
    }
    Ok(chosen)
}

/// How many series of each group have which value; the value becomes a label.
fn count_values(aggregate: &Aggregate, samples: Vec<Sample>) -> Result<Vec<Sample>, EvalError> {
    let Some(Expr::Text(label)) = &aggregate.parameter else { return Ok(Vec::new()) };
    let mut counts: BTreeMap<Metric, f64> = BTreeMap::new();
    for sample in samples {
        let value = format_decimal(sample.value);
        // The label counts as one of those that are grouped by, and replaces one of the same name.
        let group = if aggregate.without {
            key(aggregate, &sample.metric.with(label, &value))
        } else {
            key(aggregate, &sample.metric).with(label, &value)
        };
        *counts.entry(group).or_default() += 1.0;
    }
    distinct(counts.into_iter().map(|(metric, value)| Sample { metric, value }).collect())
}
