//! Numbers compute as the decimals that they are written as: `98.pct - 95.pct` is `3.pp`, and `0.1 + 0.2` is `0.3`.
//!
//! A float stands for the shortest decimal that reads back as it, which is what an author wrote and what the tool prints.
//! An operation is carried out on these decimals exactly and rounded once, to the nearest float. So what is equal on paper
//! compares as equal, without a tolerance that would make a limit soft.
//!
//! Digits beyond 38 do not fit; such an operation is the processor's own, which is right to a unit in the last place.

use super::ops::rounded_quotient;

/// Digits of the largest dividend: two less than an `i128` has, so that a quotient can take another one.
const DIVIDEND_DIGITS: u32 = 37;

/// `digits` × 10^`exponent`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// The shortest decimal that reads back as `number`; none where it is not finite.
    pub(super) fn of_float(number: f64) -> Option<Self> {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let places = i32::try_from(fraction.len()).ok()?;
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { digits, exponent: exponent.parse::<i32>().ok()? - places })
    }

    /// A whole number.
    pub(super) fn of_int(number: i64) -> Self {
        Self { digits: i128::from(number), exponent: 0 }
    }

    /// The nearest float; infinite beyond the largest.
    pub(super) fn float(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// The sum.
    pub(super) fn plus(self, other: Self) -> f64 {
        let exponent = self.exponent.min(other.exponent);
        let sum = || self.digits_at(exponent)?.checked_add(other.digits_at(exponent)?);
        sum().map_or_else(|| self.float() + other.float(), |digits| Self { digits, exponent }.float())
    }

    /// The other way round.
    pub(super) fn negated(self) -> Self {
        Self { digits: -self.digits, ..self }
    }

    /// The product.
    pub(super) fn times(self, other: Self) -> f64 {
        let exponent = self.exponent + other.exponent;
        let product = self.digits.checked_mul(other.digits);
        product.map_or_else(|| self.float() * other.float(), |digits| Self { digits, exponent }.float())
    }

    /// The quotient; `other` is not zero.
    pub(super) fn over(self, other: Self) -> f64 {
        let shift = DIVIDEND_DIGITS.saturating_sub(length(self.digits));
        let quotient = || {
            let dividend = self.digits.checked_mul(10_i128.checked_pow(shift)?)?;
            let (quotient, rest) = (dividend.checked_div(other.digits)?, dividend.checked_rem(other.digits)?);
            // A remainder decides only what lies just half-way: one more digit stands for all of it.
            let beyond = rest.signum() * other.digits.signum();
            Some(Self {
                digits: quotient.checked_mul(10)?.checked_add(beyond)?,
                exponent: self.exponent - other.exponent - i32::try_from(shift).ok()? - 1,
            })
        };
        quotient().map_or_else(|| self.float() / other.float(), Self::float)
    }

    /// So many whole units (nanoseconds, bytes) times this, to the nearest one, halves away from zero; none out of range.
    pub(super) fn of_units(self, units: i128) -> Option<i128> {
        match units.checked_mul(self.digits) {
            Some(product) => Self { digits: product, ..self }.whole(),
            None => whole(units as f64 * self.float()),
        }
    }

    /// So many whole units over this, which is not zero, rounded like [`Decimal::of_units`].
    pub(super) fn units_over(self, units: i128) -> Option<i128> {
        let places = self.exponent.unsigned_abs();
        let quotient = || {
            let factor = 10_i128.checked_pow(places)?;
            let (above, below) = if self.exponent < 0 { (factor, 1) } else { (1, factor) };
            Some(rounded_quotient(units.checked_mul(above)?, self.digits.checked_mul(below)?))
        };
        quotient().or_else(|| whole(units as f64 / self.float()))
    }

    /// To so many decimals, halves away from zero.
    pub(super) fn rounded(self, decimals: i32) -> Option<f64> {
        if -self.exponent <= decimals {
            return Some(self.float());
        }
        let digits = Self { exponent: self.exponent + decimals, ..self }.whole()?;
        Some(Self { digits, exponent: -decimals }.float())
    }

    /// To the nearest whole number, halves away from zero.
    fn whole(self) -> Option<i128> {
        let factor = 10_i128.checked_pow(self.exponent.unsigned_abs());
        match factor {
            Some(factor) if self.exponent >= 0 => self.digits.checked_mul(factor),
            Some(factor) => Some(rounded_quotient(self.digits, factor)),
            // Below zero there are more places than digits: it is less than a half.
            None => (self.exponent < 0 || self.digits == 0).then_some(0),
        }
    }

    fn digits_at(self, exponent: i32) -> Option<i128> {
        let more = u32::try_from(self.exponent - exponent).ok()?;
        if self.digits == 0 { Some(0) } else { self.digits.checked_mul(10_i128.checked_pow(more)?) }
    }
}

/// How many digits it has.
fn length(digits: i128) -> u32 {
    digits.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1)
}

/// What the processor made, to the nearest whole number.
fn whole(number: f64) -> Option<i128> {
    const BEYOND: f64 = 1e37; // far above any duration in nanoseconds, and below the end of i128
    #[expect(clippy::cast_possible_truncation, reason = "the range is looked at first")]
    (number.abs() < BEYOND).then(|| number.round() as i128)
}
