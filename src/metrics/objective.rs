//! Objectives: how a value is read, what is asked of it, and the verdict.

use std::fmt;

use super::instances::SeveralInstances;
use super::scrape::FamilyKind;
use super::selector::Selector;
use crate::text;
use crate::text::Text;

/// How an objective's value comes from increases, exactly: no extrapolation.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// `ratio part: …, total: …`: part ÷ total.
    Ratio {
        /// Summed.
        part: Vec<Selector>,
        /// Summed.
        total: Vec<Selector>,
    },
    /// `ratio bad: …, total: …`: (total − bad) ÷ total.
    RatioBad {
        /// Summed.
        bad: Vec<Selector>,
        /// Summed.
        total: Vec<Selector>,
    },
    /// `quantile q, of: histogram`: of the bucket differences of all matching series, in the histogram's unit.
    Quantile {
        /// 0 to 1.
        q: f64,
        /// Names the histogram's family (or its `_bucket`).
        of: Selector,
    },
}

impl Form {
    /// Each selector of the form as it is counted: those of a quantile name `_bucket`.
    pub fn selectors(&self) -> Vec<Selector> {
        match self {
            Self::Ratio { part, total } => part.iter().chain(total).cloned().collect(),
            Self::RatioBad { bad, total } => bad.iter().chain(total).cloned().collect(),
            Self::Quantile { of, .. } => vec![of.with_suffix("_bucket")],
        }
    }

    /// The metric names that a scrape must keep for this form, see [`super::scrape::Scrape::keep`].
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.selectors().into_iter().map(|selector| selector.name)
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}

/// A limit in base units: ratios 0 to 1, seconds, bytes.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Bound {
    /// How a value is compared with the limit.
    pub compare: Compare,
    /// The limit. `98.pct` must be the `f64` nearest to 98 ÷ 100, so that exactly 98 of 100 reaches it.
    pub limit: f64,
}

impl Compare {
    /// As people write it: `≥`.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => "≥",
            Self::Above => ">",
            Self::AtMost => "≤",
            Self::Below => "<",
        }
    }
}

impl Bound {
    /// Is `value` on the side that the bound names? NaN never is.
    pub fn holds(&self, value: f64) -> bool {
        match self.compare {
            Compare::AtLeast => value >= self.limit,
            Compare::Above => value > self.limit,
            Compare::AtMost => value <= self.limit,
            Compare::Below => value < self.limit,
        }
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
        })
    }
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// How the value is read.
    pub form: Form,
    /// Where it must be: not there is a breach.
    pub target: Bound,
    /// Where it must not be: there is the alert level, another event than a breach.
    pub alert: Option<Bound>,
}

/// What was read: a number, or why there is none. Only a number is ever compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A number that is not NaN, in base units.
    Value(f64),
    /// There is no number, and nothing went wrong in reading.
    NoData(NoData),
    /// It could not be read, or what was read contradicts itself.
    Error(Fault),
}

impl Reading {
    /// The number, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(*value),
            Self::NoData(_) | Self::Error(_) => None,
        }
    }
}

/// Why there is no number.
#[derive(Clone, Debug, PartialEq)]
pub enum NoData {
    /// No scrape of the interval knew this metric: a wrong name, until shown otherwise. To be shown loudly.
    NeverSeen {
        /// The metric.
        name: String,
    },
    /// The metric was there before, and the last scrape does not know it any more.
    Gone {
        /// The metric.
        name: String,
    },
    /// 0 ÷ 0: nothing happened in the interval.
    NothingHappened,
    /// The total did not grow, the part did.
    ZeroTotal {
        /// By how much the part (or the bad part) grew.
        part: f64,
    },
    /// A counter that is needed is NaN, or grew by infinity minus infinity.
    NotANumber {
        /// The metric.
        name: String,
    },
    /// The histogram has no `+Inf` bucket, or no other bucket that all of its series share.
    NoBuckets {
        /// The metric.
        name: String,
    },
    /// No scrape was taken, or too few, so that there is no interval.
    NoInterval,
    /// Fewer samples had a value than the objective wants.
    TooFew {
        /// So many had one.
        samples: u32,
        /// So many are wanted.
        wanted: u32,
    },
    /// An expression gives no series: nothing matches, or what matches has too few points.
    NoSeries,
    /// An expression gives NaN: 0 ÷ 0, or a value that is none.
    Undefined,
    /// An expression gives infinity, as of a division by 0: it would meet a target that asks for much.
    Infinite,
}

/// Why reading failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It could not be read or evaluated; the words are those of the error.
    Failed(Text),
    /// Two processes answer at one URL.
    SeveralInstances(SeveralInstances),
    /// The form counts increases, and the metric is declared as something that has none.
    NotACounter {
        /// The metric.
        name: String,
        /// As declared.
        kind: FamilyKind,
    },
    /// One scrape gives one series twice with different values.
    Ambiguous {
        /// The series.
        series: String,
    },
}

impl NoData {
    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::NeverSeen { name } => text!("never seen: {name}", "从未见过指标 {name}：请检查名称"),
            Self::Gone { name } => {
                text!("gone: {name} is not in the last scrape any more", "指标 {name} 已消失：最近一次采样中没有它")
            }
            Self::NothingHappened => {
                text!("nothing happened in the interval (0 ÷ 0)", "区间内没有发生任何事件（0 ÷ 0）")
            }
            Self::ZeroTotal { part } => {
                text!("the total did not grow, its part grew by {part}", "总数没有增长，而其部分增长了 {part}")
            }
            Self::NotANumber { name } => text!("{name} is not a number (NaN)", "指标 {name} 的值不是数字（NaN）"),
            Self::NoBuckets { name } => {
                text!("{name} has no usable buckets (+Inf is missing)", "{name} 没有可用的桶（缺少 +Inf）")
            }
            Self::NoInterval => text!("there is no whole interval yet", "还没有完整的采样区间"),
            Self::TooFew { samples, wanted } => text!(
                "{samples} samples have a value, and {wanted} are the least",
                "有值的样本只有 {samples} 个，至少需要 {wanted} 个"
            ),
            Self::NoSeries => text!("the expression gives no series", "表达式没有给出任何序列"),
            Self::Undefined => text!("the expression gives no number (NaN)", "表达式的值不是数字（NaN）"),
            Self::Infinite => {
                text!("the expression is infinite: is it divided by 0?", "表达式的值是无穷大：除数是否为 0？")
            }
        }
    }
}

/// In English; see [`NoData::text`].
impl fmt::Display for NoData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl Fault {
    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::Failed(text) => text.clone(),
            Self::SeveralInstances(several) => several.text(),
            Self::NotACounter { name, kind } => {
                let kind = kind.word(super::scrape::Format::OpenMetrics);
                text!("{name} is a {kind}: its increase means nothing", "{name} 的类型是 {kind}，不能计算增量")
            }
            Self::Ambiguous { series } => text!(
                "{series} stands twice in one scrape, with different values",
                "{series} 在同一次采样中出现两次，且值不同"
            ),
        }
    }
}

/// In English; see [`Fault::text`].
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

/// The verdict on one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The target holds.
    Pass,
    /// The target does not hold.
    Breach,
    /// There was no number. Never a pass.
    NoData,
    /// It could not be read. Never a pass.
    Error,
}

impl Verdict {
    /// As it stands in reports: `pass`, `breach`, `no_data`, `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Breach => "breach",
            Self::NoData => "no_data",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The verdict: that there is no number is decided before anything is compared.
pub fn judge(reading: &Reading, target: &Bound) -> Verdict {
    match reading {
        Reading::Value(value) if value.is_nan() => Verdict::NoData,
        Reading::Value(value) if target.holds(*value) => Verdict::Pass,
        Reading::Value(_) => Verdict::Breach,
        Reading::NoData(_) => Verdict::NoData,
        Reading::Error(_) => Verdict::Error,
    }
}

/// Is the value at its alert level? Without a number it is not: no data and errors are events of their own.
pub fn alert_level(reading: &Reading, alert: Option<&Bound>) -> bool {
    match (reading, alert) {
        (Reading::Value(value), Some(alert)) => alert.holds(*value),
        (Reading::Value(_) | Reading::NoData(_) | Reading::Error(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Bound = Bound { compare: Compare::AtLeast, limit: 0.98 };

    #[test]
    fn only_a_number_is_compared() {
        assert_eq!(judge(&Reading::Value(0.98), &TARGET), Verdict::Pass);
        assert_eq!(judge(&Reading::Value(0.979_999), &TARGET), Verdict::Breach);
        assert_eq!(judge(&Reading::NoData(NoData::NothingHappened), &TARGET), Verdict::NoData);
        assert_eq!(judge(&Reading::Value(f64::NAN), &TARGET), Verdict::NoData);
        let fault = Fault::Ambiguous { series: "up".to_owned() };
        assert_eq!(judge(&Reading::Error(fault), &TARGET), Verdict::Error);
    }

    #[test]
    fn strict_and_wide_bounds_differ_at_the_limit() {
        let holds = |compare| Bound { compare, limit: 0.1 }.holds(0.1);
        assert!(holds(Compare::AtLeast) && holds(Compare::AtMost));
        assert!(!holds(Compare::Above) && !holds(Compare::Below));
    }

    #[test]
    fn the_alert_level_is_another_thing_than_a_breach() {
        let alert = Bound { compare: Compare::Below, limit: 0.95 };
        let reading = Reading::Value(0.96);
        assert_eq!(judge(&reading, &TARGET), Verdict::Breach);
        assert!(!alert_level(&reading, Some(&alert)));
        assert!(alert_level(&Reading::Value(0.94), Some(&alert)));
        assert!(!alert_level(&Reading::NoData(NoData::NothingHappened), Some(&alert)));
        assert!(!alert_level(&Reading::Value(0.0), None));
    }
}
