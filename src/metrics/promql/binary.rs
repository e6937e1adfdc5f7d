//! Operators between two operands.

use std::collections::{BTreeMap, BTreeSet};

use super::super::labels::METRIC_NAME;
use super::eval::{Computed, Evaluator, distinct};
use super::expr::{Binary, BinaryOp, Matching};
use super::finding::EvalError;
use super::value::{Metric, Sample};

/// Evaluates an operation at `t_ms`.
pub(super) fn evaluate<'h>(
    evaluator: &Evaluator<'h>,
    operation: &Binary,
    t_ms: i64,
) -> Result<Computed<'h>, EvalError> {
    let left = evaluator.eval(&operation.left, t_ms)?;
    let right = evaluator.eval(&operation.right, t_ms)?;
    Ok(match (left, right) {
        (Computed::Scalar(left), Computed::Scalar(right)) => Computed::Scalar(scalars(operation.op, left, right)),
        (Computed::Vector(left), Computed::Scalar(right)) => {
            Computed::Vector(with_scalar(operation, left, |value| (value, right))?)
        }
        (Computed::Scalar(left), Computed::Vector(right)) => {
            Computed::Vector(with_scalar(operation, right, |value| (left, value))?)
        }
        (Computed::Vector(left), Computed::Vector(right)) => {
            let samples = match operation.op {
                BinaryOp::And => set(&operation.matching, left, &right, true),
                BinaryOp::Unless => set(&operation.matching, left, &right, false),
                BinaryOp::Or => {
                    let added = set(&operation.matching, right, &left, false);
                    left.into_iter().chain(added).collect()
                }
                BinaryOp::Add
                | BinaryOp::Sub
                | BinaryOp::Mul
                | BinaryOp::Div
                | BinaryOp::Mod
                | BinaryOp::Pow
                | BinaryOp::Atan2
                | BinaryOp::Eq
                | BinaryOp::Ne
                | BinaryOp::Gt
                | BinaryOp::Lt
                | BinaryOp::Ge
                | BinaryOp::Le => vectors(operation, left, right)?,
            };
            Computed::Vector(distinct(samples)?)
        }
        // The check pass lets no other types stand beside an operator.
        (other, _) => other,
    })
}

/// What an arithmetic operator gives; nothing for the others.
fn arithmetic(op: BinaryOp, left: f64, right: f64) -> Option<f64> {
    Some(match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Mod => left % right,
        BinaryOp::Pow => left.powf(right),
        BinaryOp::Atan2 => left.atan2(right),
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Gt
        | BinaryOp::Lt
        | BinaryOp::Ge
        | BinaryOp::Le
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Unless => return None,
    })
}

#[expect(clippy::float_cmp, reason = "the operators of the language compare exactly")]
fn compare(op: BinaryOp, left: f64, right: f64) -> bool {
    match op {
        BinaryOp::Eq => left == right,
        BinaryOp::Ne => left != right,
        BinaryOp::Gt => left > right,
        BinaryOp::Lt => left < right,
        BinaryOp::Ge => left >= right,
        BinaryOp::Le => left <= right,
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::Mod
        | BinaryOp::Pow
        | BinaryOp::Atan2
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Unless => false,
    }
}

fn scalars(op: BinaryOp, left: f64, right: f64) -> f64 {
    arithmetic(op, left, right).unwrap_or_else(|| f64::from(u8::from(compare(op, left, right))))
}

/// The value that the operation leaves of two; nothing where a comparison leaves the series out. `kept` is the value that
/// a comparison lets through.
fn element(operation: &Binary, left: f64, right: f64, kept: f64) -> Option<f64> {
    arithmetic(operation.op, left, right).or_else(|| {
        let holds = compare(operation.op, left, right);
        if operation.boolean { Some(f64::from(u8::from(holds))) } else { holds.then_some(kept) }
    })
}

/// Does the result mean something else than the operands, so that their name does not fit?
fn drops_name(operation: &Binary) -> bool {
    operation.boolean || !(operation.op.is_comparison() || operation.op.is_set())
}

/// An instant vector beside a scalar. A comparison lets the vector's own value through, whichever side it is on.
fn with_scalar(
    operation: &Binary,
    samples: Vec<Sample>,
    sides: impl Fn(f64) -> (f64, f64),
) -> Result<Vec<Sample>, EvalError> {
    let kept = samples.into_iter().filter_map(|sample| {
        let (left, right) = sides(sample.value);
        let value = element(operation, left, right, sample.value)?;
        let metric = if drops_name(operation) { sample.metric.nameless() } else { sample.metric };
        Some(Sample { metric, value })
    });
    distinct(kept.collect())
}

/// The labels by which the series of the two sides find each other.
fn signature(matching: &Matching, metric: &Metric) -> Metric {
    let listed = |label: &str| matching.labels.iter().any(|listed| listed == label);
    if matching.on {
        let name = if listed(METRIC_NAME) { metric.name.clone() } else { None };
        return Metric { name, labels: metric.labels.without(|label| !listed(label)) };
    }
    Metric { name: None, labels: metric.labels.without(listed) }
}

/// Those of `samples` that have (or have not) a match among `others`.
fn set(matching: &Matching, samples: Vec<Sample>, others: &[Sample], matched: bool) -> Vec<Sample> {
    let others: BTreeSet<Metric> = others.iter().map(|other| signature(matching, &other.metric)).collect();
    let samples = samples.into_iter();
    samples.filter(|sample| others.contains(&signature(matching, &sample.metric)) == matched).collect()
}

/// Arithmetic and comparisons between two instant vectors.
fn vectors(operation: &Binary, left: Vec<Sample>, right: Vec<Sample>) -> Result<Vec<Sample>, EvalError> {
    if left.is_empty() || right.is_empty() {
        return Ok(Vec::new());
    }
    let matching = &operation.matching;
    let swapped = matching.group.as_ref().is_some_and(|group| !group.left);
    let (many, one) = if swapped { (right, left) } else { (left, right) };
    let mut ones: BTreeMap<Metric, Sample> = BTreeMap::new();
    for sample in one {
        let signature = signature(matching, &sample.metric);
        if let Some(other) = ones.get(&signature) {
            return Err(EvalError::TwoOnOneSide {
                operator: operation.op.as_str(),
                left: swapped,
                series: Box::new([other.metric.clone(), sample.metric]),
                matched: signature,
            });
        }
        ones.insert(signature, sample);
    }
    let mut results: BTreeMap<Metric, BTreeSet<Metric>> = BTreeMap::new();
    let mut out = Vec::new();
    for sample in many {
        let signature = signature(matching, &sample.metric);
        let Some(partner) = ones.get(&signature) else { continue };
        let (left, right) = if swapped { (partner.value, sample.value) } else { (sample.value, partner.value) };
        let Some(value) = element(operation, left, right, left) else { continue };
        let metric = result_labels(operation, sample.metric, &partner.metric);
        let seen = results.entry(signature.clone()).or_default();
        if matching.group.is_none() && !seen.is_empty() {
            return Err(EvalError::SeveralForOne { operator: operation.op.as_str(), matched: signature });
        }
        if !seen.insert(metric.clone()) {
            return Err(EvalError::GroupNotUnique { operator: operation.op.as_str(), metric });
        }
        out.push(Sample { metric, value });
    }
    Ok(out)
}

/// The labels of a result: those that were matched, or with a group those of the many, and what the group brings in.
fn result_labels(operation: &Binary, many: Metric, one: &Metric) -> Metric {
    let matching = &operation.matching;
    let mut metric = many;
    // The name goes first: a group may bring one in.
    if drops_name(operation) && !operation.boolean {
        metric = metric.nameless();
    }
    match &matching.group {
        None => {
            let listed = |label: &str| matching.labels.iter().any(|listed| listed == label);
            if listed(METRIC_NAME) != matching.on {
                metric.name = None;
            }
            metric.labels = metric.labels.without(|label| listed(label) != matching.on);
        }
        Some(group) => {
            for label in &group.include {
                metric = metric.with(label, one.get(label));
            }
        }
    }
    if operation.boolean { metric.nameless() } else { metric }
}
