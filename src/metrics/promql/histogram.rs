//! Quantiles and shares of classic histograms: cumulative buckets, one series for each upper bound.

use std::collections::BTreeMap;

use super::finding::Note;
use super::value::{Metric, Sample};

/// Counts of neighbouring buckets that differ by less than this part of their sum are the same: the difference comes from
/// adding floating-point numbers in another order.
const SAME_COUNT: f64 = 1e-12;

/// The label with a bucket's upper bound.
const BOUND: &str = "le";

/// How many observations are not above a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    bound: f64,
    count: f64,
}

/// A value of the buckets of each histogram among `samples`, with what `note` should hear about them. A series whose bound
/// is no number belongs to no histogram.
pub(super) fn each(
    samples: Vec<Sample>,
    f: impl Fn(&mut Vec<Bucket>) -> (f64, Shape),
    note: impl Fn(Note),
) -> Vec<Sample> {
    let mut histograms: BTreeMap<Metric, Vec<Bucket>> = BTreeMap::new();
    for sample in samples {
        let Some(bound) = bound(sample.metric.get(BOUND)) else {
            note(Note::NoBound(sample.metric));
            continue;
        };
        let bucket = Bucket { bound, count: sample.value };
        histograms.entry(sample.metric.with(BOUND, "")).or_default().push(bucket);
    }
    let histograms = histograms.into_iter();
    let samples = histograms.map(|(metric, mut buckets)| {
        let (value, shape) = f(&mut buckets);
        match shape {
            Shape::Sound => {}
            Shape::Raised => note(Note::BucketsRaised(metric.clone())),
            Shape::Open => note(Note::NoLastBucket(metric.clone())),
        }
        Sample { metric: metric.nameless(), value }
    });
    samples.collect()
}

/// Is a histogram as it should be?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is.
    Sound,
    /// A bucket held less than a smaller one.
    Raised,
    /// The bucket that holds everything is not there.
    Open,
}

/// The bound as Go reads a number.
fn bound(text: &str) -> Option<f64> {
    // Rust takes the same words for infinity and NaN, in any case.
    text.parse().ok()
}

/// Sorts by bound and adds up what has the same one. Nothing unless the last bucket holds everything.
#[expect(clippy::float_cmp, reason = "bounds that read alike are the same bound")]
fn ordered(buckets: &mut Vec<Bucket>) -> Option<()> {
    buckets.sort_by(|a, b| a.bound.total_cmp(&b.bound));
    if buckets.last()?.bound != f64::INFINITY {
        return None;
    }
    buckets.dedup_by(|next, kept| {
        let same = next.bound == kept.bound;
        if same {
            kept.count += next.count;
        }
        same
    });
    Some(())
}

/// A bucket holds all that those below it hold: a count that goes down, or that rose by no more than rounding, is set to
/// the one before. Was one lower by more than rounding?
fn make_monotonic(buckets: &mut [Bucket]) -> Shape {
    let mut shape = Shape::Sound;
    let mut before = buckets.first().map_or(0.0, |first| first.count);
    for bucket in buckets.iter_mut().skip(1) {
        if is_same(before, bucket.count) {
            bucket.count = before;
        } else if bucket.count < before {
            bucket.count = before;
            shape = Shape::Raised;
        } else {
            before = bucket.count;
        }
    }
    shape
}

#[expect(clippy::float_cmp, reason = "equal numbers are the same before any tolerance")]
fn is_same(a: f64, b: f64) -> bool {
    if a == b || (a.is_nan() && b.is_nan()) {
        return true;
    }
    let (sum, difference) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < SAME_COUNT * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < SAME_COUNT
}

/// The `q`-quantile, on a straight line between the bounds of the bucket that it falls into. The first bucket begins at 0 if
/// its bound is above; in the last one, which has no end, the quantile is the bound before it.
pub(super) fn quantile(q: f64, buckets: &mut Vec<Bucket>) -> (f64, Shape) {
    if q.is_nan() {
        return (f64::NAN, Shape::Sound);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, Shape::Sound);
    }
    if q > 1.0 {
        return (f64::INFINITY, Shape::Sound);
    }
    if ordered(buckets).is_none() {
        return (f64::NAN, Shape::Open);
    }
    let shape = make_monotonic(buckets);
    (within(q, buckets).unwrap_or(f64::NAN), shape)
}

/// The quantile of buckets that are in order, if there is anything in them.
fn within(q: f64, buckets: &[Bucket]) -> Option<f64> {
    let (all, finite) = buckets.split_last()?;
    let highest = finite.last()?;
    if all.count == 0.0 {
        return None;
    }
    let rank = q * all.count;
    let at = search(finite, |bucket| bucket.count >= rank);
    let Some(bucket) = finite.get(at) else { return Some(highest.bound) };
    let below = at.checked_sub(1).and_then(|below| finite.get(below)).copied();
    if below.is_none() && bucket.bound <= 0.0 {
        return Some(bucket.bound);
    }
    let below = below.unwrap_or(Bucket { bound: 0.0, count: 0.0 });
    Some(below.bound + (bucket.bound - below.bound) * ((rank - below.count) / (bucket.count - below.count)))
}

/// The first of `buckets` for which `holds` says yes, by halves; the number of all if none.
fn search(buckets: &[Bucket], holds: impl Fn(&Bucket) -> bool) -> usize {
    buckets.partition_point(|bucket| !holds(bucket))
}

/// The share of observations above `lower` and not above `upper`, on straight lines inside of buckets.
pub(super) fn fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> (f64, Shape) {
    if ordered(buckets).is_none() {
        return (f64::NAN, Shape::Open);
    }
    let count = buckets.last().map_or(0.0, |last| last.count);
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return (f64::NAN, Shape::Sound);
    }
    if lower >= upper {
        return (0.0, Shape::Sound);
    }
    let rank = |value: f64| {
        let rank = rank_of(value, buckets);
        // Not min(): below the first bound a rank is NaN, and stays so.
        if rank > count { count } else { rank }
    };
    ((rank(upper) - rank(lower)) / count, Shape::Sound)
}

/// How many observations are not above `value`.
fn rank_of(value: f64, buckets: &[Bucket]) -> f64 {
    let mut below = Bucket { bound: f64::NEG_INFINITY, count: 0.0 };
    for bucket in buckets {
        if below.bound >= value {
            return below.count;
        }
        if bucket.bound > value {
            let share = (value - below.bound) / (bucket.bound - below.bound);
            return below.count + (bucket.count - below.count) * share;
        }
        below = *bucket;
    }
    f64::INFINITY
}
