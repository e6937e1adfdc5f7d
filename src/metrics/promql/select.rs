//! Selectors: which series, and which of their points.

use std::borrow::Cow;
use std::rc::Rc;

use super::super::selector::{Matcher, Test};
use super::eval::{Evaluator, Matrix, Row, Window, whole_ms};
use super::expr::{At, Selector, When};
use super::finding::EvalError;
use super::history::{History, is_stale};
use super::value::{Metric, Point, Sample};

/// The time that offsets and ranges are counted back from.
pub(super) fn base_ms(evaluator: &Evaluator<'_>, when: When, t_ms: i64) -> i64 {
    match when.at {
        None => t_ms,
        Some(At::Time(at_ms)) => at_ms,
        Some(At::Query) => evaluator.query_ms,
    }
}

/// The last point of each series that is not older than the lookback, with its own time.
pub(super) fn latest<'h>(
    evaluator: &Evaluator<'h>,
    selector: &Selector,
    t_ms: i64,
) -> Result<Vec<(&'h Metric, Point)>, EvalError> {
    let end_ms = base_ms(evaluator, selector.when, t_ms).saturating_sub(whole_ms(selector.when.offset_ns));
    let start_ms = end_ms.saturating_sub(evaluator.lookback_ms);
    let mut found = Vec::new();
    for number in series(evaluator, selector).iter() {
        let Some((metric, points)) = evaluator.history.stored(*number) else { continue };
        let after = points.partition_point(|point| point.t_ms <= end_ms);
        let Some(point) = after.checked_sub(1).and_then(|last| points.get(last)) else { continue };
        if point.t_ms > start_ms && !is_stale(point) {
            found.push((metric, *point));
        }
    }
    evaluator.count(found.len())?;
    Ok(found)
}

/// An instant vector.
pub(super) fn instant(evaluator: &Evaluator<'_>, selector: &Selector, t_ms: i64) -> Result<Vec<Sample>, EvalError> {
    let found = latest(evaluator, selector, t_ms)?;
    Ok(found.into_iter().map(|(metric, point)| Sample { metric: metric.clone(), value: point.value }).collect())
}

/// A range vector: the points after the window's start, up to and with its end.
pub(super) fn range<'h>(
    evaluator: &Evaluator<'h>,
    selector: &Selector,
    range_ns: i64,
    t_ms: i64,
) -> Result<Matrix<'h>, EvalError> {
    let window = Window::new(base_ms(evaluator, selector.when, t_ms), selector.when.offset_ns, range_ns);
    let mut rows = Vec::new();
    for number in series(evaluator, selector).iter() {
        let Some((metric, points)) = evaluator.history.stored(*number) else { continue };
        let from = points.partition_point(|point| point.t_ms <= window.start_ms);
        let to = points.partition_point(|point| point.t_ms <= window.end_ms);
        let points = points.get(from..to).unwrap_or_default();
        let points = if points.iter().any(is_stale) {
            Cow::Owned(points.iter().filter(|point| !is_stale(point)).copied().collect())
        } else {
            Cow::Borrowed(points)
        };
        if !points.is_empty() {
            evaluator.count(points.len())?;
            rows.push(Row { metric: Cow::Borrowed(metric), points });
        }
    }
    Ok(Matrix { rows, window })
}

/// The series of a selector, looked for once an evaluation: a subquery asks at every step.
fn series(evaluator: &Evaluator<'_>, selector: &Selector) -> Rc<[usize]> {
    if let Some(found) = evaluator.selected.borrow().get(&selector.number) {
        return Rc::clone(found);
    }
    let keep = |metric: &Metric| selector.matchers.iter().all(|matcher| matches(matcher, metric));
    let found: Rc<[usize]> = evaluator.history.select(selector.name.as_deref(), keep).into();
    evaluator.selected.borrow_mut().insert(selector.number, Rc::clone(&found));
    found
}

/// Is there a series of this selector, at whatever time?
pub(super) fn any(history: &History, selector: &Selector) -> bool {
    let keep = |metric: &Metric| selector.matchers.iter().all(|matcher| matches(matcher, metric));
    !history.select(selector.name.as_deref(), keep).is_empty()
}

/// Does the label, or the name, agree?
fn matches(matcher: &Matcher, metric: &Metric) -> bool {
    let value = metric.get(&matcher.label);
    match &matcher.test {
        Test::Is(wanted) => value == wanted,
        Test::IsNot(unwanted) => value != unwanted,
        Test::Matches(pattern) => pattern.is_match(value),
        Test::MatchesNot(pattern) => !pattern.is_match(value),
    }
}
