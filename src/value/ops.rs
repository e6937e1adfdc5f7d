//! Arithmetic and comparison of values, units included. The static rules ([`arith_type`], [`comparable`]) and the
//! evaluation stand side by side, and a property test holds them together.
//!
//! - Whole numbers never wrap: an overflow is an error. `int / int` is a `float` (`7 / 2` is 3.5): an integer division
//!   that drops a remainder in silence is an accident.
//! - A float is never NaN or infinite: such a result is an error, as is a division by zero.
//! - Floats and ratios compute as the decimals that they are written as (`decimal.rs` says why): 0.1 + 0.2 is 0.3.
//! - `percent` is a ratio with its unit. A percent times a number, a duration or bytes scales it; percents add up to
//!   percentage points. A percent against a bare number is an error: 98 could be 98 % or 0.98.
//! - A fraction of a nanosecond or a byte is rounded to the nearest one.
//! - `null` equals only `null`, and has no order.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::Value;
use super::decimal::Decimal;
use super::error::ValueError;
use super::types::Type;
use crate::text;

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Comparison {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Eq => "==",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
        }
    }
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
}

impl Arith {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Arith::Add => "+",
            Arith::Sub => "-",
            Arith::Mul => "*",
            Arith::Div => "/",
        }
    }
}

/// Type of `left op right`, where there is one. With a value out of JSON on a side the run decides.
pub fn arith_type(op: Arith, left: &Type, right: &Type) -> Option<Type> {
    use Type::{Bytes, Duration, Float, Int, Percent, Time};
    if left.is_open() || right.is_open() {
        return Some(if *left == Type::Unknown || *right == Type::Unknown { Type::Unknown } else { Type::Json });
    }
    match op {
        Arith::Add | Arith::Sub => match (left, right) {
            (Int, Int) => Some(Int),
            (Int | Float, Int | Float) => Some(Float),
            (Percent, Percent) => Some(Percent),
            (Duration, Duration) => Some(Duration),
            (Bytes, Bytes) => Some(Bytes),
            (Time, Duration) => Some(Time),
            (Duration, Time) if op == Arith::Add => Some(Time),
            (Time, Time) if op == Arith::Sub => Some(Duration),
            (a, b) if op == Arith::Add && a.is_text() && b.is_text() => Some(Type::Text),
            (Type::List(a), Type::List(b)) if op == Arith::Add && (a == b || b.is_open()) => Some(left.clone()),
            (Type::List(a), Type::List(_)) if op == Arith::Add && a.is_open() => Some(right.clone()),
            _ => None,
        },
        Arith::Mul => match (left, right) {
            (Int, Int) => Some(Int),
            (Int | Float, Int | Float) => Some(Float),
            (Percent, Int | Float | Percent) | (Int | Float, Percent) => Some(Percent),
            (Duration, Int | Float | Percent) | (Int | Float | Percent, Duration) => Some(Duration),
            (Bytes, Int | Float | Percent) | (Int | Float | Percent, Bytes) => Some(Bytes),
            _ => None,
        },
        Arith::Div => match (left, right) {
            (Int | Float, Int | Float) | (Percent, Percent) | (Duration, Duration) | (Bytes, Bytes) => Some(Float),
            (Percent, Int | Float) => Some(Percent),
            (Duration, Int | Float) => Some(Duration),
            (Bytes, Int | Float) => Some(Bytes),
            _ => None,
        },
    }
}

/// `left op right`.
pub fn arith(op: Arith, left: &Value, right: &Value) -> Result<Value, ValueError> {
    use Value::{Bytes, Duration, Float, Int, Percent, Time};
    let result = match op {
        Arith::Add => match (left, right) {
            (Int(a), Int(b)) => a.checked_add(*b).map(Int),
            (Percent(_), Percent(_)) => combined(op, left, right).map(Percent),
            (Duration(a), Duration(b)) => a.checked_add(*b).map(Duration),
            (Bytes(a), Bytes(b)) => a.checked_add(*b).map(Bytes),
            (Time(time), Duration(span)) | (Duration(span), Time(time)) => shifted(*time, *span),
            (Value::Text(a), Value::Text(b)) => Some(Value::Text(format!("{a}{b}"))),
            (Value::List(a), Value::List(b)) => Some(Value::List(a.iter().chain(b).cloned().collect())),
            _ => number(op, left, right)?,
        },
        Arith::Sub => match (left, right) {
            (Int(a), Int(b)) => a.checked_sub(*b).map(Int),
            (Percent(_), Percent(_)) => combined(op, left, right).map(Percent),
            (Duration(a), Duration(b)) => a.checked_sub(*b).map(Duration),
            (Bytes(a), Bytes(b)) => a.checked_sub(*b).map(Bytes),
            (Time(a), Time(b)) => Some(Duration(a.duration_since(*b))),
            (Time(time), Duration(span)) => span.checked_neg().and_then(|back| shifted(*time, back)),
            _ => number(op, left, right)?,
        },
        Arith::Mul => match (left, right) {
            (Int(a), Int(b)) => a.checked_mul(*b).map(Int),
            (Percent(_), Percent(_) | Int(_) | Float(_)) | (Int(_) | Float(_), Percent(_)) => {
                combined(op, left, right).map(Percent)
            }
            (Duration(span), Int(by)) | (Int(by), Duration(span)) => {
                span.as_nanos().checked_mul(i128::from(*by)).and_then(of_nanos)
            }
            (Duration(span), Float(by) | Percent(by)) | (Float(by) | Percent(by), Duration(span)) => {
                Decimal::of_float(*by).and_then(|by| by.of_units(span.as_nanos())).and_then(of_nanos)
            }
            (Bytes(count), Int(by)) | (Int(by), Bytes(count)) => count.checked_mul(*by).map(Bytes),
            (Bytes(count), Float(by) | Percent(by)) | (Float(by) | Percent(by), Bytes(count)) => {
                Decimal::of_float(*by).and_then(|by| by.of_units(i128::from(*count))).and_then(of_bytes)
            }
            _ => number(op, left, right)?,
        },
        Arith::Div => {
            if is_zero(right) {
                arith_types_fit(op, left, right)?;
                return Err(ValueError::new(text!("{} / 0: a division by zero", "{} / 0：除数为零", said(left))));
            }
            match (left, right) {
                (Percent(_), Percent(_)) => combined(op, left, right).map(Float),
                (Duration(a), Duration(b)) => finite(a.as_nanos() as f64 / b.as_nanos() as f64).map(Float),
                (Bytes(a), Bytes(b)) => finite(*a as f64 / *b as f64).map(Float),
                (Percent(_), Int(_) | Float(_)) => combined(op, left, right).map(Percent),
                (Duration(span), Int(by)) => of_nanos(rounded_quotient(span.as_nanos(), i128::from(*by))),
                (Duration(span), Float(by)) => {
                    Decimal::of_float(*by).and_then(|by| by.units_over(span.as_nanos())).and_then(of_nanos)
                }
                (Bytes(count), Int(by)) => of_bytes(rounded_quotient(i128::from(*count), i128::from(*by))),
                (Bytes(count), Float(by)) => {
                    Decimal::of_float(*by).and_then(|by| by.units_over(i128::from(*count))).and_then(of_bytes)
                }
                _ => number(op, left, right)?,
            }
        }
    };
    result.ok_or_else(|| {
        ValueError::new(text!("{} {} {} is out of range", "{} {} {} 超出范围", said(left), op.as_str(), said(right)))
    })
}

/// `-value`.
pub fn negate(value: &Value) -> Result<Value, ValueError> {
    let negated = match value {
        Value::Int(number) => number.checked_neg().map(Value::Int),
        Value::Float(number) => Some(Value::Float(-number)),
        Value::Percent(ratio) => Some(Value::Percent(-ratio)),
        Value::Duration(span) => span.checked_neg().map(Value::Duration),
        Value::Null
        | Value::Bool(_)
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Secret(_)
        | Value::Verdict(_) => {
            return Err(ValueError::new(text!("-{}: it has no negative", "-{}：不能取负", said(value))));
        }
    };
    negated.ok_or_else(|| ValueError::new(text!("-{} is out of range", "-{} 超出范围", said(value))))
}

/// May the two stand on the sides of `op`? For `==` and `!=` an optional may be compared with `null`.
pub fn comparable(op: Comparison, left: &Type, right: &Type) -> bool {
    let equality = matches!(op, Comparison::Eq | Comparison::Ne);
    if let (Type::Secret, _) | (_, Type::Secret) = (left, right) {
        return false;
    }
    if left.is_open() || right.is_open() {
        let other = if left.is_open() { right } else { left };
        return equality || other.is_open() || has_order(other);
    }
    let numbers = matches!((left, right), (Type::Int | Type::Float, Type::Int | Type::Float));
    if !equality {
        return numbers || (has_order(left) && left == right);
    }
    match (left, right) {
        (Type::Null, Type::Optional(_)) | (Type::Optional(_), Type::Null) => true,
        (Type::Optional(a), b) | (b, Type::Optional(a)) => comparable(op, a, b),
        (Type::List(a), Type::List(b)) | (Type::Map(a), Type::Map(b)) => comparable(op, a, b),
        (Type::ManyOf(_), Type::List(b)) | (Type::List(b), Type::ManyOf(_)) => b.is_text() || b.is_open(),
        (Type::OneOf(a), Type::OneOf(b)) | (Type::ManyOf(a), Type::ManyOf(b)) => {
            a.iter().any(|member| b.contains(member))
        }
        (Type::Record(_) | Type::Map(_), Type::Record(_) | Type::Map(_)) => true,
        (a, b) => numbers || (a.is_text() && b.is_text()) || a == b,
    }
}

fn has_order(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Bytes | Type::Time)
}

/// `left op right`. Different types are an error that names both, never `false`; so is `null` where order is asked.
pub fn compare(op: Comparison, left: &Value, right: &Value) -> Result<bool, ValueError> {
    match op {
        Comparison::Eq => equal(left, right),
        Comparison::Ne => equal(left, right).map(|same| !same),
        Comparison::Lt => order(op, left, right).map(Ordering::is_lt),
        Comparison::Le => order(op, left, right).map(Ordering::is_le),
        Comparison::Gt => order(op, left, right).map(Ordering::is_gt),
        Comparison::Ge => order(op, left, right).map(Ordering::is_ge),
    }
}

fn equal(left: &Value, right: &Value) -> Result<bool, ValueError> {
    match (left, right) {
        (Value::Secret(_), _) | (_, Value::Secret(_)) => {
            Err(ValueError::new(text!("a secret is not compared", "密钥不能比较")))
        }
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Text(a), Value::Text(b)) => Ok(a == b),
        (Value::Verdict(a), Value::Verdict(b)) => Ok(a == b),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            a.iter().zip(b).try_fold(true, |same, (x, y)| Ok(equal(x, y)? && same))
        }
        (Value::Map(a), Value::Map(b)) => {
            if !a.keys().eq(b.keys()) {
                return Ok(false);
            }
            a.values().zip(b.values()).try_fold(true, |same, (x, y)| Ok(equal(x, y)? && same))
        }
        _ => order(Comparison::Eq, left, right).map(Ordering::is_eq),
    }
}

/// The order of two values of one unit; `op` is for the message.
pub(super) fn order(op: Comparison, left: &Value, right: &Value) -> Result<Ordering, ValueError> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) | (Value::Bytes(a), Value::Bytes(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) | (Value::Percent(a), Value::Percent(b)) => Ok(order_of_floats(*a, *b)),
        (Value::Int(a), Value::Float(b)) => Ok(order_of_mixed(*a, *b)),
        (Value::Float(a), Value::Int(b)) => Ok(order_of_mixed(*b, *a).reverse()),
        (Value::Duration(a), Value::Duration(b)) => Ok(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Ok(a.cmp(b)),
        (Value::Text(_), Value::Text(_)) => Err(ValueError::new(text!(
            "{} {} {}: text has no order (v1.10 would come before v1.9)",
            "{} {} {}：文本没有大小顺序（v1.10 会排在 v1.9 之前）",
            said(left),
            op.as_str(),
            said(right)
        ))),
        _ => Err(mismatch(op.as_str(), left, right)),
    }
}

fn order_of_floats(a: f64, b: f64) -> Ordering {
    // No value is NaN, so this is the plain order; +0 and −0 are equal.
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// A whole number against a float, exactly also beyond 2^53, where not every whole number is a float.
fn order_of_mixed(whole: i64, float: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0; // 2^63: every float from here on is above every i64
    if float >= BEYOND {
        return Ordering::Less;
    }
    if float < -BEYOND {
        return Ordering::Greater;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at above")]
    let floor = float.floor() as i64;
    whole.cmp(&floor).then(if float > float.floor() { Ordering::Less } else { Ordering::Equal })
}

fn number(op: Arith, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    let fits = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
    if fits(left) && fits(right) {
        Ok(combined(op, left, right).map(Value::Float))
    } else {
        Err(mismatch(op.as_str(), left, right))
    }
}

/// Two numbers or ratios; none beyond the largest float.
fn combined(op: Arith, left: &Value, right: &Value) -> Option<f64> {
    let (left, right) = (decimal(left)?, decimal(right)?);
    finite(match op {
        Arith::Add => left.plus(right),
        Arith::Sub => left.plus(right.negated()),
        Arith::Mul => left.times(right),
        Arith::Div => left.over(right),
    })
}

fn decimal(value: &Value) -> Option<Decimal> {
    if let Value::Int(number) = value {
        Some(Decimal::of_int(*number))
    } else if let Value::Float(number) | Value::Percent(number) = value {
        Decimal::of_float(*number)
    } else {
        None
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(number) | Value::Bytes(number) => *number == 0,
        Value::Float(number) | Value::Percent(number) => *number == 0.0,
        Value::Duration(span) => span.is_zero(),
        Value::Null
        | Value::Bool(_)
        | Value::Time(_)
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Secret(_)
        | Value::Verdict(_) => false,
    }
}

/// The message about wrong types comes before the one about zero: `"a" / 0` is not about zero.
fn arith_types_fit(op: Arith, left: &Value, right: &Value) -> Result<(), ValueError> {
    let fits = matches!(
        (left, right),
        (
            Value::Int(_) | Value::Float(_) | Value::Percent(_) | Value::Duration(_) | Value::Bytes(_),
            Value::Int(_) | Value::Float(_)
        ) | (Value::Percent(_), Value::Percent(_))
            | (Value::Duration(_), Value::Duration(_))
            | (Value::Bytes(_), Value::Bytes(_))
    );
    if fits { Ok(()) } else { Err(mismatch(op.as_str(), left, right)) }
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

fn of_nanos(nanos: i128) -> Option<Value> {
    SignedDuration::try_from_nanos_i128(nanos).map(Value::Duration)
}

fn of_bytes(count: i128) -> Option<Value> {
    i64::try_from(count).ok().map(Value::Bytes)
}

fn shifted(time: Timestamp, span: SignedDuration) -> Option<Value> {
    time.checked_add(span).ok().map(Value::Time)
}

/// Rounded to the nearest, halves away from zero.
pub(super) fn rounded_quotient(amount: i128, by: i128) -> i128 {
    let quotient = amount / by;
    let remainder = amount % by;
    if remainder.abs() >= by.abs() - remainder.abs() { quotient + amount.signum() * by.signum() } else { quotient }
}

fn mismatch(op: &str, left: &Value, right: &Value) -> ValueError {
    ValueError::new(text!(
        "{} {} {}: {} against {}",
        "{} {} {}：{}与{}",
        said(left),
        op,
        said(right),
        left.type_name(),
        right.type_name()
    ))
}

/// Longest text of a value in a message, in characters: a message is one line.
const MAX_SAID_CHARS: usize = 40;

/// The value for a message.
pub(super) fn said(value: &Value) -> String {
    let whole = super::text::text(value);
    let short = if whole.chars().count() > MAX_SAID_CHARS {
        format!("{}…", whole.chars().take(MAX_SAID_CHARS).collect::<String>())
    } else {
        whole
    };
    if let Value::Text(_) = value { format!("{short:?}") } else { short }
}

#[cfg(test)]
mod tests;
