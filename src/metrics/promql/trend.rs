//! The straight line that fits the points of a range best.

use super::numeric::Sum;
use super::value::Point;

/// How fast a gauge changes, per second.
pub(super) fn deriv(points: &[Point]) -> Option<f64> {
    let first = points.first()?;
    line(points, first.t_ms).map(|(slope, _)| slope)
}

/// Where a gauge will be `ahead_s` seconds after `t_ms`.
pub(super) fn predict(points: &[Point], t_ms: i64, ahead_s: f64) -> Option<f64> {
    line(points, t_ms).map(|(slope, at)| slope * ahead_s + at)
}

/// Slope per second, and the value at `at_ms`, by least squares.
#[expect(clippy::float_cmp, reason = "points that are all exactly alike make a flat line without any rounding")]
fn line(points: &[Point], at_ms: i64) -> Option<(f64, f64)> {
    let first = points.first()?.value;
    if points.len() < 2 {
        return None;
    }
    if points.iter().skip(1).all(|point| point.value == first) {
        return Some(if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) });
    }
    let (mut x, mut y, mut xy, mut xx) = (Sum::default(), Sum::default(), Sum::default(), Sum::default());
    for point in points {
        let seconds = (point.t_ms - at_ms) as f64 / 1000.0;
        x.add(seconds);
        y.add(point.value);
        xy.add(seconds * point.value);
        xx.add(seconds * seconds);
    }
    let n = points.len() as f64;
    let (x, y, xy, xx) = (x.value(), y.value(), xy.value(), xx.value());
    let slope = (xy - x * y / n) / (xx - x * x / n);
    Some((slope, y / n - slope * x / n))
}
