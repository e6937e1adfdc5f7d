//! Functions of the values in a range.

use super::numeric::{self, Mean, Sum};
use super::value::Point;

/// The mean.
pub(super) fn avg(points: &[Point]) -> Option<f64> {
    let (first, rest) = points.split_first()?;
    let mut mean = Mean::of(first.value);
    for point in rest {
        mean.add(point.value);
    }
    Some(mean.value())
}

/// The sum.
pub(super) fn sum(points: &[Point]) -> f64 {
    let mut sum = Sum::default();
    for point in points {
        sum.add(point.value);
    }
    sum.value()
}

/// The largest; NaN only if nothing else is there.
pub(super) fn max(points: &[Point]) -> Option<f64> {
    points.iter().map(|point| point.value).reduce(numeric::larger)
}

/// The smallest; NaN only if nothing else is there.
pub(super) fn min(points: &[Point]) -> Option<f64> {
    points.iter().map(|point| point.value).reduce(numeric::smaller)
}

/// The mean square distance from the mean.
pub(super) fn stdvar(points: &[Point]) -> f64 {
    numeric::variance(points.iter().map(|point| point.value))
}

/// A quantile.
pub(super) fn quantile(points: &[Point], q: f64) -> f64 {
    numeric::quantile(q, points.iter().map(|point| point.value).collect())
}

/// How often the value is another than before; NaN after NaN is the same.
#[expect(clippy::float_cmp, reason = "any difference is a change")]
pub(super) fn changes(points: &[Point]) -> f64 {
    count(points, |before, after| before != after && !(before.is_nan() && after.is_nan()))
}

/// How often the value went down.
pub(super) fn resets(points: &[Point]) -> f64 {
    count(points, |before, after| after < before)
}

fn count(points: &[Point], counts: impl Fn(f64, f64) -> bool) -> f64 {
    let pairs = points.iter().zip(points.iter().skip(1));
    pairs.filter(|(before, after)| counts(before.value, after.value)).count() as f64
}
