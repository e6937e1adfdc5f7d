//! Differences over a range: what counters and gauges did in it.

use super::eval::Window;
use super::value::Point;

/// How much a counter went up per second.
pub(super) fn rate(points: &[Point], window: Window) -> Option<f64> {
    // The factor is divided, not the result: so the last digit is Prometheus' too.
    let (difference, factor) = extrapolated(points, window, true)?;
    Some(difference * (factor / window.range_s))
}

/// How much a counter went up.
pub(super) fn increase(points: &[Point], window: Window) -> Option<f64> {
    extrapolated(points, window, true).map(|(difference, factor)| difference * factor)
}

/// How much a gauge went up or down.
pub(super) fn delta(points: &[Point], window: Window) -> Option<f64> {
    extrapolated(points, window, false).map(|(difference, factor)| difference * factor)
}

/// The difference between the first and the last point, and the factor that stretches it to the bounds of the range as far as the spacing of the
/// points makes it likely that the series goes on to there. A counter that goes down began again at zero, and is not
/// stretched to before it would have been zero.
fn extrapolated(points: &[Point], window: Window, counter: bool) -> Option<(f64, f64)> {
    /// A gap at a bound is taken as ordinary up to this many average distances of points.
    const USUAL_GAP: f64 = 1.1;
    let ([first, ..], [.., last]) = (points, points) else { return None };
    if points.len() < 2 {
        return None;
    }
    let mut difference = last.value - first.value;
    if counter {
        let resets = points.iter().zip(points.iter().skip(1)).filter(|(before, after)| after.value < before.value);
        // One by one, as Prometheus adds them: values of very different size round otherwise.
        resets.for_each(|(before, _)| difference += before.value);
    }
    let sampled_s = (last.t_ms - first.t_ms) as f64 / 1000.0;
    let average_s = sampled_s / (points.len() - 1) as f64;
    let mut before_s = (first.t_ms - window.start_ms) as f64 / 1000.0;
    let mut after_s = (window.end_ms - last.t_ms) as f64 / 1000.0;
    if before_s >= average_s * USUAL_GAP {
        before_s = average_s / 2.0;
    }
    if counter && difference > 0.0 && first.value >= 0.0 {
        let since_zero_s = sampled_s * (first.value / difference);
        if since_zero_s < before_s {
            before_s = since_zero_s;
        }
    }
    if after_s >= average_s * USUAL_GAP {
        after_s = average_s / 2.0;
    }
    Some((difference, (sampled_s + before_s + after_s) / sampled_s))
}

/// How much a counter went up per second between its last two points.
pub(super) fn irate(points: &[Point]) -> Option<f64> {
    let [.., before, last] = points else { return None };
    let went = if last.value < before.value { last.value } else { last.value - before.value };
    Some(went / ((last.t_ms - before.t_ms) as f64 / 1000.0))
}

/// How much a gauge went up or down between its last two points.
pub(super) fn idelta(points: &[Point]) -> Option<f64> {
    let [.., before, last] = points else { return None };
    Some(last.value - before.value)
}
