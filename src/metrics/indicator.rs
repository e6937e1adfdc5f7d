//! What an objective measures: an exact form, or a `PromQL` expression whose result is brought down to one number.

use std::collections::BTreeSet;

use super::objective::{Bound, Compare, Fault, Form, NoData, Reading};
use super::promql::{self, Sample, Value, Vars};
use super::selector::Selector;
use crate::text;

/// How an objective's value is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Indicator {
    /// `ratio` or `quantile`: exact, over the interval.
    Exact(Form),
    /// `promql '…'`: over the ranges that its author wrote.
    Promql(Promql),
}

/// `promql '…', series: …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promql {
    /// The expression, variables and all. It was checked: every one that stands in a program can be parsed.
    pub text: String,
    /// What is made of several series.
    pub series: Which,
}

/// What is made of the series that an expression gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// There must be exactly one.
    #[default]
    One,
    /// Each must hold the target; one without a number is no data. The value is that of the worst.
    All,
    /// One that holds the target is enough. The value is that of the best.
    Any,
    /// The worst of those that have a number.
    Worst,
}

impl Which {
    /// As it is written behind `series:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::All => "all",
            Self::Any => "any",
            Self::Worst => "worst",
        }
    }
}

impl Indicator {
    /// The metric names that a scrape must keep for it, see [`super::scrape::Scrape::keep`].
    pub fn names(&self) -> BTreeSet<String> {
        match self {
            Self::Exact(form) => form.names().collect(),
            Self::Promql(promql) => promql.names(),
        }
    }

    /// The expression, where it is one.
    pub fn promql(&self) -> Option<&Promql> {
        match self {
            Self::Exact(_) => None,
            Self::Promql(promql) => Some(promql),
        }
    }
}

impl Promql {
    /// The metrics that it names.
    pub fn names(&self) -> BTreeSet<String> {
        // Names do not depend on what the variables stand for.
        let query = promql::parse(&self.text, &Vars::of_interval(1)).ok();
        query.iter().flat_map(promql::Query::families).map(str::to_owned).collect()
    }

    /// What it selects of them.
    pub fn selectors(&self) -> Vec<Selector> {
        let query = promql::parse(&self.text, &Vars::of_interval(1)).ok();
        query.iter().flat_map(promql::Query::selectors).collect()
    }

    /// One number of the expression's result, for an objective with this target.
    pub fn reading(&self, value: &Value, target: &Bound) -> Reading {
        let samples = match value {
            Value::Scalar(point) => return number(point.value),
            Value::Vector { samples, .. } => samples,
            // The check takes neither; a server that answers so is not the one that was asked.
            Value::Matrix(_) | Value::Text { .. } => {
                return Reading::Error(Fault::Failed(text!(
                    "the result is neither a number nor a vector",
                    "结果既不是数也不是向量"
                )));
            }
        };
        let low_is_bad = matches!(target.compare, Compare::AtLeast | Compare::Above);
        let ordered = |one: &f64, other: &f64| if low_is_bad { one.total_cmp(other) } else { other.total_cmp(one) };
        let numbers = || samples.iter().map(|sample| sample.value).filter(|value| !value.is_nan());
        match (self.series, samples.as_slice()) {
            (_, []) => Reading::NoData(NoData::NoSeries),
            (Which::One, [one]) => number(one.value),
            (Which::One, several) => Reading::Error(too_many(several)),
            (Which::All, several) if several.iter().any(|sample| sample.value.is_nan()) => {
                Reading::NoData(NoData::Undefined)
            }
            (Which::All | Which::Worst, _) => {
                numbers().min_by(ordered).map_or(Reading::NoData(NoData::Undefined), number)
            }
            (Which::Any, _) => {
                let finite = numbers().filter(|value| value.is_finite()).max_by(ordered);
                finite.or(numbers().next()).map_or(Reading::NoData(NoData::Undefined), number)
            }
        }
    }
}

fn number(value: f64) -> Reading {
    if value.is_nan() {
        Reading::NoData(NoData::Undefined)
    } else if value.is_infinite() {
        Reading::NoData(NoData::Infinite)
    } else {
        Reading::Value(value)
    }
}

/// Series that a message about too many of them names: enough to see what tells them apart.
const MAX_SHOWN: usize = 3;

fn too_many(samples: &[Sample]) -> Fault {
    let shown: Vec<String> = samples.iter().take(MAX_SHOWN).map(|sample| sample.metric.to_string()).collect();
    let more = if samples.len() > MAX_SHOWN { ", …" } else { "" };
    let (count, shown) = (samples.len(), shown.join(", "));
    Fault::Failed(text!(
        "the expression gives {count} series instead of one: {shown}{more}",
        "表达式给出 {count} 个序列而不是一个：{shown}{more}"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::labels::Labels;
    use super::super::promql::{Metric, Point};
    use super::*;

    const AT_LEAST: Bound = Bound { compare: Compare::AtLeast, limit: 0.98 };
    const AT_MOST: Bound = Bound { compare: Compare::AtMost, limit: 2.0 };

    fn read(series: Which, values: &[f64], target: &Bound) -> Reading {
        let sample = |(number, value): (usize, &f64)| Sample {
            metric: Metric { name: None, labels: Labels::new([("route", format!("/{number}"))]) },
            value: *value,
        };
        let samples = values.iter().enumerate().map(sample).collect();
        Promql { text: String::new(), series }.reading(&Value::Vector { at_ms: 0, samples }, target)
    }

    #[test]
    fn one_series_is_wanted_unless_the_author_says_otherwise() {
        assert_eq!(read(Which::One, &[0.5], &AT_LEAST), Reading::Value(0.5));
        assert_eq!(read(Which::One, &[], &AT_LEAST), Reading::NoData(NoData::NoSeries));
        assert_eq!(read(Which::One, &[f64::NAN], &AT_LEAST), Reading::NoData(NoData::Undefined));
        let Reading::Error(fault) = read(Which::One, &[1.0, 1.0, 1.0, 1.0], &AT_LEAST) else { panic!() };
        assert_eq!(
            fault.to_string(),
            r#"the expression gives 4 series instead of one: {route="/0"}, {route="/1"}, {route="/2"}, …"#
        );
        let scalar = Value::Scalar(Point { t_ms: 0, value: 3.0 });
        let promql = Promql { text: String::new(), series: Which::One };
        assert_eq!(promql.reading(&scalar, &AT_MOST), Reading::Value(3.0));
    }

    #[test]
    fn the_worst_lies_on_the_bad_side_of_the_target() {
        let values = [0.99, 0.5, 1.0];
        assert_eq!(read(Which::Worst, &values, &AT_LEAST), Reading::Value(0.5));
        assert_eq!(read(Which::Worst, &values, &AT_MOST), Reading::Value(1.0));
        assert_eq!(read(Which::All, &values, &AT_LEAST), Reading::Value(0.5));
        assert_eq!(read(Which::Any, &values, &AT_LEAST), Reading::Value(1.0));
        assert_eq!(read(Which::Any, &values, &AT_MOST), Reading::Value(0.5));
    }

    #[test]
    fn a_series_without_a_number_spoils_all_and_no_other() {
        let values = [f64::NAN, 0.99];
        assert_eq!(read(Which::All, &values, &AT_LEAST), Reading::NoData(NoData::Undefined));
        assert_eq!(read(Which::Worst, &values, &AT_LEAST), Reading::Value(0.99));
        assert_eq!(read(Which::Any, &values, &AT_LEAST), Reading::Value(0.99));
        assert_eq!(read(Which::Worst, &[f64::NAN], &AT_LEAST), Reading::NoData(NoData::Undefined));
        let infinite = Reading::NoData(NoData::Infinite);
        assert_eq!(read(Which::One, &[f64::INFINITY], &AT_LEAST), infinite, "it is not met by a division by 0");
        assert_eq!(read(Which::All, &[f64::NEG_INFINITY, 1.0], &AT_LEAST), infinite);
        assert_eq!(read(Which::Worst, &[f64::INFINITY, 0.5], &AT_LEAST), Reading::Value(0.5));
        assert_eq!(read(Which::Any, &[f64::INFINITY, 0.5], &AT_LEAST), Reading::Value(0.5));
        assert_eq!(read(Which::Any, &[f64::INFINITY], &AT_LEAST), infinite);
    }

    #[test]
    fn a_scrape_keeps_what_the_expression_names() {
        let promql = Promql { text: "rate(a[$__range]) / ignoring (x) b".to_owned(), series: Which::One };
        assert_eq!(promql.names(), ["a", "b"].map(str::to_owned).into());
    }
}
