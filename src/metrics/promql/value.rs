//! What a query gives, and its JSON as in Prometheus' HTTP API.

use std::fmt::Write;
use std::sync::Arc;

use super::super::labels::{Labels, METRIC_NAME};
use super::signature::Type;

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Unix milliseconds.
    pub t_ms: i64,
    /// NaN and infinities are values.
    pub value: f64,
}

/// What tells one series from another: the metric's name, unless a function dropped it, and the labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metric {
    /// The name.
    pub name: Option<Arc<str>>,
    /// The labels, sorted by name.
    pub labels: Labels,
}

impl Metric {
    /// The value of a label, `__name__` too; empty where there is none.
    pub fn get(&self, label: &str) -> &str {
        if label == METRIC_NAME { self.name.as_deref().unwrap_or_default() } else { self.labels.value(label) }
    }

    /// The same with another value of a label, `__name__` too; an empty value takes it away.
    #[must_use]
    pub(super) fn with(&self, label: &str, value: &str) -> Self {
        if label == METRIC_NAME {
            let name = (!value.is_empty()).then(|| value.into());
            return Self { name, labels: self.labels.clone() };
        }
        Self { name: self.name.clone(), labels: self.labels.with(label, value) }
    }

    /// Without its name: what a function that changes the meaning of the values leaves.
    #[must_use]
    pub(super) fn nameless(self) -> Self {
        // With Prometheus' type and unit labels go those two as well.
        let labels = self.labels.without(|label| matches!(label, "__type__" | "__unit__"));
        Self { name: None, labels }
    }
}

/// As in PromQL: `name{label="value"}`.
impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}{}", self.labels),
            None if self.labels.is_empty() => f.write_str("{}"),
            None => write!(f, "{}", self.labels),
        }
    }
}

/// One series of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Which.
    pub metric: Metric,
    /// Its value.
    pub value: f64,
}

/// One series of a range vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Which.
    pub metric: Metric,
    /// Its points, by time.
    pub points: Vec<Point>,
}

/// The result of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One number.
    Scalar(Point),
    /// Series with one value each, at one time. The order means something only after sort, topk and bottomk.
    Vector {
        /// Unix milliseconds.
        at_ms: i64,
        /// The series.
        samples: Vec<Sample>,
    },
    /// Series with the samples of a range, sorted.
    Matrix(Vec<Series>),
    /// A text.
    Text {
        /// Unix milliseconds.
        at_ms: i64,
        /// The text.
        text: String,
    },
}

impl Value {
    /// What it is.
    pub fn kind(&self) -> Type {
        match self {
            Self::Scalar(_) => Type::Scalar,
            Self::Vector { .. } => Type::Vector,
            Self::Matrix(_) => Type::Matrix,
            Self::Text { .. } => Type::Text,
        }
    }

    /// `{"resultType":…,"result":…}`: the `data` of an answer of Prometheus' HTTP API. Values are strings, so that NaN and
    /// infinities survive; times are unix seconds.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let kind = match self {
            Self::Scalar(_) => "scalar",
            Self::Vector { .. } => "vector",
            Self::Matrix(_) => "matrix",
            Self::Text { .. } => "string",
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "{{\"resultType\":\"{kind}\",\"result\":");
        match self {
            Self::Scalar(point) => write_point(&mut out, *point),
            Self::Vector { at_ms, samples } => write_list(&mut out, samples, |out, sample| {
                out.push_str("{\"metric\":");
                write_metric(out, &sample.metric);
                out.push_str(",\"value\":");
                write_point(out, Point { t_ms: *at_ms, value: sample.value });
                out.push('}');
            }),
            Self::Matrix(series) => write_list(&mut out, series, |out, series| {
                out.push_str("{\"metric\":");
                write_metric(out, &series.metric);
                out.push_str(",\"values\":");
                write_list(out, &series.points, |out, point| write_point(out, *point));
                out.push('}');
            }),
            Self::Text { at_ms, text } => {
                out.push('[');
                write_time(&mut out, *at_ms);
                out.push(',');
                write_text(&mut out, text);
                out.push(']');
            }
        }
        out.push('}');
        out
    }
}

fn write_list<T>(out: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

fn write_metric(out: &mut String, metric: &Metric) {
    out.push('{');
    let name = metric.name.iter().map(|name| (METRIC_NAME, &**name));
    let mut pairs: Vec<(&str, &str)> = name.chain(metric.labels.iter()).collect();
    pairs.sort_unstable();
    for (number, (label, value)) in pairs.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write_text(out, label);
        out.push(':');
        write_text(out, value);
    }
    out.push('}');
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn write_point(out: &mut String, point: Point) {
    out.push('[');
    write_time(out, point.t_ms);
    let _ = write!(out, ",\"{}\"]", format_value(point.value));
}

/// Seconds, with three decimals where there is a fraction.
fn write_time(out: &mut String, t_ms: i64) {
    let sign = if t_ms < 0 { "-" } else { "" };
    let ms = t_ms.unsigned_abs();
    let _ = write!(out, "{sign}{}", ms / 1000);
    if !ms.is_multiple_of(1000) {
        let _ = write!(out, ".{:03}", ms % 1000);
    }
}

/// A value as Prometheus prints it: the shortest text that reads back the same, `+Inf`, `-Inf` and `NaN`, an exponent for
/// very large and very small ones.
pub fn format_value(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || !size.is_finite() || (1e-6..1e21).contains(&size) {
        return format_decimal(value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |exponent| ("-", exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// The same without an exponent: the form of a value that becomes a label.
pub(super) fn format_decimal(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_prometheus_prints_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680.0, "123456789012345680"),
            (1e-7, "1e-07"),
            (1e-6, "0.000001"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_value(value), text);
        }
    }

    #[test]
    fn json_is_that_of_the_http_api() {
        let metric = Metric { name: Some("m".into()), labels: Labels::new([("Zone", "a\"b"), ("a", "中")]) };
        let sample = Sample { metric: metric.clone(), value: f64::NAN };
        let vector = Value::Vector { at_ms: 1_763_429_400_005, samples: vec![sample] };
        assert_eq!(
            vector.to_json(),
            r#"{"resultType":"vector","result":[{"metric":{"Zone":"a\"b","__name__":"m","a":"中"},"value":[1763429400.005,"NaN"]}]}"#
        );
        let points = vec![Point { t_ms: -1500, value: 1.0 }, Point { t_ms: 0, value: 2.0 }];
        assert_eq!(
            Value::Matrix(vec![Series { metric: Metric::default(), points }]).to_json(),
            r#"{"resultType":"matrix","result":[{"metric":{},"values":[[-1.500,"1"],[0,"2"]]}]}"#
        );
        assert_eq!(
            Value::Text { at_ms: 1000, text: "x".to_owned() }.to_json(),
            r#"{"resultType":"string","result":[1,"x"]}"#
        );
        assert_eq!(
            Value::Scalar(Point { t_ms: 0, value: 0.5 }).to_json(),
            r#"{"resultType":"scalar","result":[0,"0.5"]}"#
        );
    }
}
