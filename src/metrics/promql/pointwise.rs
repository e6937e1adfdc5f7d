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

/// Above this the square root in the inverses of cosh and sinh is the value itself, and doubling the value would overflow
/// at the end of the range.
const LARGE: f64 = 268_435_456.0;

/// The inverse of cosh; near 1 without the digits that the usual formula loses there.
pub(super) fn acosh(value: f64) -> f64 {
    if (1.0..=2.0).contains(&value) {
        let above = value - 1.0;
        (above + (2.0 * above + above * above).sqrt()).ln_1p()
    } else if value > LARGE {
        value.ln() + std::f64::consts::LN_2
    } else {
        value.acosh()
    }
}

/// The inverse of sinh.
pub(super) fn asinh(value: f64) -> f64 {
    if value.abs() > LARGE { (value.abs().ln() + std::f64::consts::LN_2).copysign(value) } else { value.asinh() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyperbolic_inverses_hold_at_both_ends() {
        let near = |one: f64, other: f64| assert!((one / other - 1.0).abs() < 1e-14, "{one} {other}");
        near(acosh(1.0 + f64::EPSILON), 2.107_342_425_544_701_6e-8);
        near(acosh(f64::MAX), 710.475_860_073_943_9);
        near(asinh(f64::MIN), -710.475_860_073_943_9);
        near(asinh(1e-9), 1e-9);
        assert!(acosh(0.5).is_nan());
    }
}
