//! The functions and aggregations that there are, with the types of what they take.

use std::fmt;

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// One number.
    Scalar,
    /// A set of series, each with one value.
    Vector,
    /// A set of series, each with the samples of a range.
    Matrix,
    /// A text.
    Text,
}

impl Type {
    /// For messages: "a scalar".
    pub fn named(self) -> Both {
        match self {
            Self::Scalar => Both("a scalar", "标量"),
            Self::Vector => Both("an instant vector", "瞬时向量"),
            Self::Matrix => Both("a range vector", "范围向量"),
            Self::Text => Both("a string", "字符串"),
        }
    }
}

impl Say for Type {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.named().say(lang, f)
    }
}

/// How many arguments a function takes beside those of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arity {
    /// Exactly its list.
    Exact,
    /// The last of the list may be left out.
    LastOptional,
    /// The last of the list may be left out or repeated.
    LastRepeated,
}

/// What a function takes and gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    /// The types of its arguments.
    pub(super) takes: &'static [Type],
    /// How strictly.
    pub(super) arity: Arity,
    /// The type of its result.
    pub(super) gives: Type,
}

use crate::text::{Both, Lang, Say};
use Type::{Matrix, Scalar, Text, Vector};

macro_rules! functions {
    ($($function:ident $name:literal ($($take:ident)*) $arity:ident $gives:ident;)*) => {
        /// A function of Prometheus 3 that is built here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Function {
            $(#[doc = concat!("`", $name, "`")] $function,)*
        }

        impl Function {
            /// All of them, by name.
            pub(super) const ALL: &[Function] = &[$(Function::$function,)*];

            /// Its name.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$function => $name,)* }
            }

            /// What it takes and gives.
            pub(super) fn signature(self) -> Signature {
                match self {
                    $(Self::$function => Signature { takes: &[$($take),*], arity: Arity::$arity, gives: $gives },)*
                }
            }
        }
    };
}

functions! {
    Abs "abs" (Vector) Exact Vector;
    Absent "absent" (Vector) Exact Vector;
    AbsentOverTime "absent_over_time" (Matrix) Exact Vector;
    Acos "acos" (Vector) Exact Vector;
    Acosh "acosh" (Vector) Exact Vector;
    Asin "asin" (Vector) Exact Vector;
    Asinh "asinh" (Vector) Exact Vector;
    Atan "atan" (Vector) Exact Vector;
    Atanh "atanh" (Vector) Exact Vector;
    AvgOverTime "avg_over_time" (Matrix) Exact Vector;
    Ceil "ceil" (Vector) Exact Vector;
    Changes "changes" (Matrix) Exact Vector;
    Clamp "clamp" (Vector Scalar Scalar) Exact Vector;
    ClampMax "clamp_max" (Vector Scalar) Exact Vector;
    ClampMin "clamp_min" (Vector Scalar) Exact Vector;
    Cos "cos" (Vector) Exact Vector;
    Cosh "cosh" (Vector) Exact Vector;
    CountOverTime "count_over_time" (Matrix) Exact Vector;
    DayOfMonth "day_of_month" (Vector) LastOptional Vector;
    DayOfWeek "day_of_week" (Vector) LastOptional Vector;
    DayOfYear "day_of_year" (Vector) LastOptional Vector;
    DaysInMonth "days_in_month" (Vector) LastOptional Vector;
    Deg "deg" (Vector) Exact Vector;
    Delta "delta" (Matrix) Exact Vector;
    Deriv "deriv" (Matrix) Exact Vector;
    Exp "exp" (Vector) Exact Vector;
    Floor "floor" (Vector) Exact Vector;
    HistogramFraction "histogram_fraction" (Scalar Scalar Vector) Exact Vector;
    HistogramQuantile "histogram_quantile" (Scalar Vector) Exact Vector;
    Hour "hour" (Vector) LastOptional Vector;
    Idelta "idelta" (Matrix) Exact Vector;
    Increase "increase" (Matrix) Exact Vector;
    Irate "irate" (Matrix) Exact Vector;
    LabelJoin "label_join" (Vector Text Text Text) LastRepeated Vector;
    LabelReplace "label_replace" (Vector Text Text Text Text) Exact Vector;
    LastOverTime "last_over_time" (Matrix) Exact Vector;
    Ln "ln" (Vector) Exact Vector;
    Log10 "log10" (Vector) Exact Vector;
    Log2 "log2" (Vector) Exact Vector;
    MaxOverTime "max_over_time" (Matrix) Exact Vector;
    MinOverTime "min_over_time" (Matrix) Exact Vector;
    Minute "minute" (Vector) LastOptional Vector;
    Month "month" (Vector) LastOptional Vector;
    Pi "pi" () Exact Scalar;
    PredictLinear "predict_linear" (Matrix Scalar) Exact Vector;
    PresentOverTime "present_over_time" (Matrix) Exact Vector;
    QuantileOverTime "quantile_over_time" (Scalar Matrix) Exact Vector;
    Rad "rad" (Vector) Exact Vector;
    Rate "rate" (Matrix) Exact Vector;
    Resets "resets" (Matrix) Exact Vector;
    Round "round" (Vector Scalar) LastOptional Vector;
    ScalarOf "scalar" (Vector) Exact Scalar;
    Sgn "sgn" (Vector) Exact Vector;
    Sin "sin" (Vector) Exact Vector;
    Sinh "sinh" (Vector) Exact Vector;
    Sort "sort" (Vector) Exact Vector;
    SortDesc "sort_desc" (Vector) Exact Vector;
    Sqrt "sqrt" (Vector) Exact Vector;
    StddevOverTime "stddev_over_time" (Matrix) Exact Vector;
    StdvarOverTime "stdvar_over_time" (Matrix) Exact Vector;
    SumOverTime "sum_over_time" (Matrix) Exact Vector;
    Tan "tan" (Vector) Exact Vector;
    Tanh "tanh" (Vector) Exact Vector;
    Time "time" () Exact Scalar;
    Timestamp "timestamp" (Vector) Exact Vector;
    VectorOf "vector" (Scalar) Exact Vector;
    Year "year" (Vector) LastOptional Vector;
}

impl Function {
    /// The function of that name; names are in small letters, as in Prometheus.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }
}

/// An aggregation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregation {
    Avg,
    Bottomk,
    Count,
    CountValues,
    Group,
    Max,
    Min,
    Quantile,
    Stddev,
    Stdvar,
    Sum,
    Topk,
}

impl Aggregation {
    const ALL: &[(&str, Self)] = &[
        ("avg", Self::Avg),
        ("bottomk", Self::Bottomk),
        ("count", Self::Count),
        ("count_values", Self::CountValues),
        ("group", Self::Group),
        ("max", Self::Max),
        ("min", Self::Min),
        ("quantile", Self::Quantile),
        ("stddev", Self::Stddev),
        ("stdvar", Self::Stdvar),
        ("sum", Self::Sum),
        ("topk", Self::Topk),
    ];

    /// The aggregation of that name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, aggregation)| *aggregation)
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }

    /// The type of the parameter that stands before the vector.
    pub(super) fn parameter(self) -> Option<Type> {
        match self {
            Self::Topk | Self::Bottomk | Self::Quantile => Some(Scalar),
            Self::CountValues => Some(Text),
            Self::Avg | Self::Count | Self::Group | Self::Max | Self::Min | Self::Stddev | Self::Stdvar | Self::Sum => {
                None
            }
        }
    }
}

/// Why a name that Prometheus knows, now or in another version, is refused here.
pub(super) fn unsupported(name: &str) -> Option<Both> {
    const EXPERIMENTAL: Both = Both(
        "is experimental in Prometheus 3: a server refuses it without a feature flag",
        "在 Prometheus 3 中属于实验功能：未打开功能开关的服务器会拒绝它",
    );
    const NATIVE: Both = Both(
        "works on native histograms, which exposition text does not carry",
        "用于原生直方图，而指标文本中没有这种直方图",
    );
    const LATER: Both = Both(
        "is not in Prometheus 3.5, whose language is spoken here",
        "不在 Prometheus 3.5 中，而此处使用 3.5 的语言",
    );
    const REASONS: &[(Both, &[&str])] = &[
        (
            EXPERIMENTAL,
            &[
                "double_exponential_smoothing",
                "info",
                "limit_ratio",
                "limitk",
                "mad_over_time",
                "sort_by_label",
                "sort_by_label_desc",
                "ts_of_last_over_time",
                "ts_of_max_over_time",
                "ts_of_min_over_time",
            ],
        ),
        (NATIVE, &["histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"]),
        (
            LATER,
            &[
                "first_over_time",
                "histogram_quantiles",
                "integral",
                "max_of",
                "min_of",
                "range",
                "start_timestamp",
                "step",
                "ts_of_first_over_time",
            ],
        ),
        (
            Both(
                "is called double_exponential_smoothing in Prometheus 3, and is experimental there",
                "在 Prometheus 3 中称为 double_exponential_smoothing，且属于实验功能",
            ),
            &["holt_winters"],
        ),
    ];
    REASONS.iter().find(|(_, names)| names.contains(&name)).map(|(reason, _)| *reason)
}

/// The name nearest to `name`, if one is near enough to be what was meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let functions = Function::ALL.iter().map(|function| function.name());
    crate::value::nearest::nearest(name, functions.chain(Aggregation::ALL.iter().map(|(name, _)| *name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found() {
        assert_eq!(nearest("raet"), Some("rate"));
        assert_eq!(nearest("histogram_quantil"), Some("histogram_quantile"));
        assert_eq!(nearest("SUM"), Some("sum"));
        assert_eq!(nearest("frobnicate"), None);
    }

    #[test]
    fn each_function_is_found_by_its_name() {
        for function in Function::ALL {
            assert_eq!(Function::named(function.name()), Some(*function));
            assert_eq!(unsupported(function.name()), None, "{function:?} is built");
        }
    }
}
