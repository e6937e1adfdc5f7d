//! Functions of one value.

use super::numeric::{go_max, go_min};

/// -1, 1, or the value itself where it is neither below nor above zero.
pub(super) fn sign(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

/// The nearest multiple of `to`; half-way goes up.
pub(super) fn round(value: f64, to: f64) -> f64 {
    // The inverse is exact for the powers of ten below one that people round to, and dividing by it loses less.
    let inverse = 1.0 / to;
    (value * inverse + 0.5).floor() / inverse
}

/// The value, no less than `least` and no more than `most`.
pub(super) fn clamp(value: f64, least: f64, most: f64) -> f64 {
    go_max(least, go_min(most, value))
}

/// The inverse of cosh; near 1 without the digits that the usual formula loses there.
pub(super) fn acosh(value: f64) -> f64 {
    if (1.0..=2.0).contains(&value) {
        let above = value - 1.0;
        (above + (2.0 * above + above * above).sqrt()).ln_1p()
    } else {
        value.acosh()
    }
}
