//! What an evaluation has to say: why there is no value, or what a value should be read with.

use std::fmt;

use super::value::{Metric, format_value};
use crate::text;
use crate::text::{Both, Text};

/// Why a query has no value at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// Two series of a result cannot be told apart by their labels.
    SameLabels(Metric),
    /// One side of an operator must have one series for the labels that are matched, and has two.
    TwoOnOneSide {
        /// The operator.
        operator: &'static str,
        /// The left side, else the right one.
        left: bool,
        /// The labels that were matched.
        matched: Metric,
        /// The two series.
        series: Box<[Metric; 2]>,
    },
    /// Several series of the left side found the same one on the right, and no group was asked for.
    SeveralForOne {
        /// The operator.
        operator: &'static str,
        /// The labels that were matched.
        matched: Metric,
    },
    /// A group leaves two series with the same labels.
    GroupNotUnique {
        /// The operator.
        operator: &'static str,
        /// The labels of both.
        metric: Metric,
    },
    /// `topk` or `bottomk` of a number that cannot be counted to.
    NoCount {
        /// The aggregation.
        aggregation: &'static str,
        /// The number, printed.
        count: String,
    },
    /// The query looks at more samples than one may.
    TooManySamples(u64),
    /// A part of the expression gave a value of another type than the check pass allows.
    Mistyped,
}

impl EvalError {
    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::SameLabels(metric) => {
                text!("the result has two series with the labels {metric}", "结果中有两个标签同为 {metric} 的序列")
            }
            Self::TwoOnOneSide { operator, left, matched, series } => {
                let side = if *left { Both("left", "左") } else { Both("right", "右") };
                let [one, other] = &**series;
                text!(
                    "on the {} side of {} two series have the labels {}: {} and {}; one of them must be left out",
                    "{1} 的{0}侧有两个序列的匹配标签同为 {2}：{3} 和 {4}；必须排除其中一个",
                    side,
                    operator,
                    matched,
                    one,
                    other
                )
            }
            Self::SeveralForOne { operator, matched } => text!(
                "several series on the left side of {operator} match {matched}: say group_left or group_right if that \
                is meant",
                "{operator} 左侧有多个序列匹配 {matched}：若确需如此，请写 group_left 或 group_right"
            ),
            Self::GroupNotUnique { operator, metric } => text!(
                "the group of {operator} leaves two series with the labels {metric}: other labels must tell them apart",
                "{operator} 分组后有两个序列的标签同为 {metric}：需要其他标签加以区分"
            ),
            Self::NoCount { aggregation, count } => {
                text!("{aggregation} cannot choose {count} series", "{aggregation} 无法选取 {count} 个序列")
            }
            Self::TooManySamples(most) => text!(
                "the query looks at more than {most} samples: shorter ranges or longer steps of its subqueries would \
                do",
                "查询涉及的样本超过 {most} 个：请缩短范围或加大子查询的步长"
            ),
            Self::Mistyped => text!(
                "a part of the expression has another type than it was checked for",
                "表达式某一部分的类型与检查时不符"
            ),
        }
    }
}

/// In English; see [`EvalError::text`].
impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for EvalError {}

/// What should be known with a value: it is what Prometheus gives, and may not be what was meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// Buckets of a histogram held less than smaller ones, and were raised to them.
    BucketsRaised(Metric),
    /// A histogram has no bucket with the bound `+Inf`, so it has no quantile and no share.
    NoLastBucket(Metric),
    /// A series has no number as its bound, and was left out.
    NoBound(Metric),
    /// A quantile outside of 0 to 1, printed: the result is infinite, or NaN.
    QuantileOutside(String),
}

impl Note {
    /// The note about a quantile, if there is one to make.
    pub(super) fn quantile(q: f64) -> Option<Self> {
        (!(0.0..=1.0).contains(&q)).then(|| Self::QuantileOutside(format_value(q)))
    }

    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::BucketsRaised(metric) => text!(
                "buckets of {metric} hold less than smaller ones, and were raised to them",
                "{metric} 的桶计数少于更小的桶，已按更小的桶补齐"
            ),
            Self::NoLastBucket(metric) => text!(
                "{metric} has no bucket le=\"+Inf\", so the result is NaN",
                "{metric} 没有 le=\"+Inf\" 的桶，结果为 NaN"
            ),
            Self::NoBound(metric) => {
                text!("{metric} has no number as its le, and was left out", "{metric} 的 le 不是数字，已忽略")
            }
            Self::QuantileOutside(q) => text!("the quantile {q} is not between 0 and 1", "分位数 {q} 不在 0 与 1 之间"),
        }
    }
}

/// In English; see [`Note::text`].
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::labels::Labels;
    use super::super::{History, Point, Vars, parse};

    fn history() -> History {
        let mut history = History::default();
        for (name, le, value) in [
            ("lopsided", "1", 5.0),
            ("lopsided", "2", 3.0),
            ("lopsided", "+Inf", 9.0),
            ("open", "1", 5.0),
            ("odd", "wide", 5.0),
            ("odd", "+Inf", 5.0),
        ] {
            history.push(name, &Labels::new([("le", le)]), Point { t_ms: 0, value });
        }
        history
    }

    fn notes(query: &str) -> Vec<String> {
        let query = parse(query, &Vars::of_interval(1)).unwrap();
        let evaluation = query.evaluate(&history(), 0, 1000).unwrap();
        evaluation.notes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_value_may_hide_is_noted() {
        assert_eq!(
            notes("histogram_quantile(0.9, lopsided)"),
            ["buckets of lopsided hold less than smaller ones, and were raised to them"]
        );
        assert_eq!(notes("histogram_fraction(0, 1, open)"), ["open has no bucket le=\"+Inf\", so the result is NaN"]);
        assert_eq!(
            notes("histogram_quantile(0.9, odd)"),
            ["odd{le=\"wide\"} has no number as its le, and was left out"]
        );
        let outside = ["the quantile 99 is not between 0 and 1"];
        assert_eq!(notes("quantile(99, lopsided)"), outside);
        assert_eq!(notes("quantile_over_time(99, lopsided[1s])"), outside);
        assert_eq!(notes("quantile(1, lopsided)"), Vec::<String>::new());
    }

    #[test]
    fn errors_name_the_labels_they_are_about() {
        let error = |query: &str| {
            parse(query, &Vars::of_interval(1)).unwrap().eval(&history(), 0, 1000).unwrap_err().to_string()
        };
        assert_eq!(error("-{le=\"+Inf\"}"), "the result has two series with the labels {le=\"+Inf\"}");
        assert_eq!(
            error("open + on () odd"),
            "on the right side of + two series have the labels {}: odd{le=\"+Inf\"} and odd{le=\"wide\"}; one of them must be left out"
        );
        assert_eq!(
            error("odd / on () open"),
            "several series on the left side of / match {}: say group_left or group_right if that is meant"
        );
        assert_eq!(
            error("odd * on () group_left (le) open"),
            "the group of * leaves two series with the labels {le=\"1\"}: other labels must tell them apart"
        );
        assert_eq!(error("topk(NaN, odd)"), "topk cannot choose NaN series");
        assert!(
            error("count_over_time(vector(1)[1y:1ms])").starts_with("the query looks at more than 50000000 samples")
        );
    }
}
