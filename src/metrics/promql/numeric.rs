//! Arithmetic in which Prometheus is exact to the last digits: compensated sums, means, variances, quantiles.

/// The whole part of `value`, if 64 bits hold it.
#[expect(clippy::cast_possible_truncation, reason = "the value lies between the bounds")]
pub(super) fn whole(value: f64) -> Option<i64> {
    // 2^63 is the first value that does not fit; NaN is not below it.
    (value.abs() < 9_223_372_036_854_775_808.0).then_some(value as i64)
}

/// A sum that keeps what rounding loses (Neumaier's form of Kahan's method).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// A sum that begins at `value`.
    pub(super) fn of(value: f64) -> Self {
        Self { sum: value, lost: 0.0 }
    }

    /// Adds `value`.
    pub(super) fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        if sum.is_infinite() {
            self.lost = 0.0;
        } else if self.sum.abs() >= value.abs() {
            self.lost += (self.sum - sum) + value;
        } else {
            self.lost += (value - sum) + self.sum;
        }
        self.sum = sum;
    }

    /// The sum.
    pub(super) fn value(self) -> f64 {
        self.sum + self.lost
    }
}

/// A mean that does not overflow where its values do not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    count: f64,
    /// Of all values, or the mean so far once their sum would have overflowed.
    sum: Sum,
    incremental: bool,
}

impl Mean {
    /// The mean of one value.
    pub(super) fn of(value: f64) -> Self {
        Self { count: 1.0, sum: Sum::of(value), incremental: false }
    }

    /// Adds `value`.
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1.0;
        if !self.incremental {
            let mut next = self.sum;
            next.add(value);
            if !next.sum.is_infinite() {
                self.sum = next;
                return;
            }
            self.incremental = true;
            self.sum = Sum { sum: self.sum.sum / (self.count - 1.0), lost: self.sum.lost / (self.count - 1.0) };
        }
        let share = (self.count - 1.0) / self.count;
        self.sum = Sum { sum: share * self.sum.sum, lost: share * self.sum.lost };
        self.sum.add(value / self.count);
    }

    /// The mean.
    pub(super) fn value(self) -> f64 {
        if self.incremental { self.sum.value() } else { self.sum.sum / self.count + self.sum.lost / self.count }
    }
}

/// The mean square distance from the mean, over `values` in time order.
pub(super) fn variance(values: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, Sum::default(), Sum::default());
    for value in values {
        count += 1.0;
        let distance = value - mean.value();
        mean.add(distance / count);
        squares.add(distance * (value - mean.value()));
    }
    squares.value() / count
}

/// The `q`-quantile of `values`, between two of them in proportion. NaN counts as the smallest.
pub(super) fn quantile(q: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    values.sort_by(|a, b| ascending(*a, *b));
    let last = (values.len() - 1) as f64;
    let rank = q * last;
    let lower = rank.floor().max(0.0);
    let upper = (lower + 1.0).min(last);
    let weight = rank - rank.floor();
    let at = |rank: f64| {
        let index = whole(rank).and_then(|rank| usize::try_from(rank).ok());
        index.and_then(|index| values.get(index)).copied().unwrap_or(f64::NAN)
    };
    at(lower) * (1.0 - weight) + at(upper) * weight
}

/// Smaller before larger, NaN before all; zeros of both signs are equal.
pub(super) fn ascending(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// The larger of two; NaN gives way to anything.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { b } else { a }
}

/// The smaller of two; NaN gives way to anything.
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { b } else { a }
}

/// The larger of two as Go has it: infinity wins over NaN, and NaN over everything else.
pub(super) fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// The smaller of two as Go has it.
pub(super) fn go_min(a: f64, b: f64) -> f64 {
    -go_max(-a, -b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the exact value is what is meant")]
    fn sums_keep_what_rounding_loses() {
        let mut sum = Sum::default();
        for value in [1e100, 1.0, -1e100, 2.5] {
            sum.add(value);
        }
        assert_eq!(sum.value(), 3.5);
        let mut mean = Mean::of(1.7e308);
        mean.add(1.6e308);
        assert!((mean.value() / 1.65e308 - 1.0).abs() < 1e-12, "{}", mean.value());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the exact value is what is meant")]
    fn quantiles_lie_between_values() {
        assert_eq!(quantile(0.5, vec![3.0, 1.0, 2.0, 10.0]), 2.5);
        assert_eq!(quantile(1.0, vec![3.0, f64::NAN]), 3.0);
        assert!(quantile(0.0, vec![3.0, f64::NAN]).is_nan());
        assert_eq!(quantile(-1.0, vec![1.0]), f64::NEG_INFINITY);
        assert_eq!(quantile(1.1, vec![1.0]), f64::INFINITY);
        assert!(quantile(f64::NAN, vec![1.0]).is_nan());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the exact value is what is meant")]
    fn larger_and_smaller_follow_go() {
        assert_eq!(go_max(f64::NAN, f64::INFINITY), f64::INFINITY);
        assert!(go_max(f64::NAN, 1.0).is_nan());
        assert_eq!(go_min(f64::NEG_INFINITY, f64::NAN), f64::NEG_INFINITY);
        assert!(go_min(f64::NAN, f64::INFINITY).is_nan());
        assert_eq!(variance([2.0, 4.0].into_iter()), 1.0);
    }
}
