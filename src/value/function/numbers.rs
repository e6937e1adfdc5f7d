//! Functions of numbers and quantities.

use std::cmp::Ordering;

use super::{Args, wrong};
use crate::text;
use crate::text::Both;
use crate::value::Value;
use crate::value::decimal::Decimal;
use crate::value::error::ValueError;
use crate::value::ops::{self, Arith, Comparison};
use crate::value::{parse, unit};

pub(super) fn extreme(args: Args<'_>, wanted: Ordering) -> Result<Value, ValueError> {
    let items = if args.len() == 1 { args.list(0)? } else { args.0 };
    let mut items = items.iter();
    let mut best = items.next().ok_or_else(|| ValueError::new(text!("the list is empty", "列表为空")))?;
    // One member alone is judged as well: the least of a single text is still no number.
    ops::order(Comparison::Lt, best, best)?;
    for item in items {
        if ops::order(Comparison::Lt, item, best)? == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}

pub(super) fn sum(args: Args<'_>) -> Result<Value, ValueError> {
    let mut items = args.list(0)?.iter();
    let start = match (args.get(1).ok(), items.next()) {
        (Some(start), Some(first)) => ops::arith(Arith::Add, quantity(start)?, quantity(first)?)?,
        (Some(start), None) => quantity(start)?.clone(),
        (None, Some(first)) => quantity(first)?.clone(),
        (None, None) => {
            return Err(ValueError::new(text!(
                "the list is empty, and its unit is not known; give the start: `sum(list, 0)`",
                "列表为空，单位未知；请给出初值：`sum(list, 0)`"
            )));
        }
    };
    items.try_fold(start, |total, item| ops::arith(Arith::Add, &total, quantity(item)?))
}

fn quantity(value: &Value) -> Result<&Value, ValueError> {
    let fits =
        matches!(value, Value::Int(_) | Value::Float(_) | Value::Percent(_) | Value::Duration(_) | Value::Bytes(_));
    if fits { Ok(value) } else { Err(wrong(value, Both("a quantity", "数量"))) }
}

pub(super) fn abs(args: Args<'_>) -> Result<Value, ValueError> {
    let value = quantity(args.get(0)?)?;
    let negative = match value {
        Value::Int(number) | Value::Bytes(number) => *number < 0,
        Value::Float(number) | Value::Percent(number) => *number < 0.0,
        Value::Duration(span) => span.is_negative(),
        Value::Null
        | Value::Bool(_)
        | Value::Time(_)
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Secret(_)
        | Value::Verdict(_) => false,
    };
    if negative { ops::negate(value) } else { Ok(value.clone()) }
}

/// Most decimals that a float holds.
const MAX_DECIMALS: i64 = 15;

/// `round(3.7)` is the int 4, `round(3.14159, 2)` the float 3.14; `round(98.345.pct, 1)` is 98.3 %, `round(d, 1.s)` whole
/// seconds. Halves go away from zero.
pub(super) fn round(args: Args<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    if let Value::Duration(span) = value {
        let step = match args.get(1).ok() {
            None => unit::NANOS_PER_SECOND,
            Some(Value::Duration(step)) if step.is_positive() => step.as_nanos(),
            Some(other) => return Err(wrong(other, Both("a duration above zero", "大于零的时长"))),
        };
        let steps = ops::rounded_quotient(span.as_nanos(), step);
        let rounded = steps.checked_mul(step).and_then(jiff::SignedDuration::try_from_nanos_i128);
        return rounded.map(Value::Duration).ok_or_else(|| ValueError::new(text!("out of range", "超出范围")));
    }
    let digits = if args.len() > 1 { Some(args.int(1)?) } else { None };
    let places = digits.unwrap_or(0);
    if !(0..=MAX_DECIMALS).contains(&places) {
        return Err(ValueError::new(text!(
            "{places} decimals; 0 to {MAX_DECIMALS} are possible",
            "{places} 位小数；可以是 0 至 {MAX_DECIMALS} 位"
        )));
    }
    let places = i32::try_from(places).unwrap_or(0);
    let rounded = |number: f64, places| {
        let number = Decimal::of_float(number).and_then(|number| number.rounded(places));
        number.ok_or_else(|| ValueError::new(text!("{} is out of range", "{} 超出范围", ops::said(value))))
    };
    if let Value::Percent(ratio) = value {
        return rounded(*ratio, places + 2).map(Value::Percent);
    }
    match (value, digits) {
        (Value::Int(_), None) => Ok(value.clone()),
        (Value::Int(number), Some(_)) => Ok(Value::Float(*number as f64)),
        (Value::Float(number), Some(_)) => rounded(*number, places).map(Value::Float),
        (Value::Float(number), None) => {
            const BEYOND: f64 = 9_223_372_036_854_775_808.0; // 2^63
            let rounded = number.round();
            if !(-BEYOND..BEYOND).contains(&rounded) {
                return Err(ValueError::new(text!("{} is out of range", "{} 超出范围", ops::said(value))));
            }
            #[expect(clippy::cast_possible_truncation, reason = "the range was looked at above")]
            let whole = rounded as i64;
            Ok(Value::Int(whole))
        }
        _ => Err(wrong(value, Both("a number, percent or duration", "数字、百分比或时长"))),
    }
}

/// `number("1.5")`; `number(98.pct)` is 0.98; `number(90.s, "min")` is 1.5.
pub(super) fn number(args: Args<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    match (value, args.len()) {
        (Value::Text(text), 1) => parse::float(text.trim()),
        (Value::Int(number), 1) => Ok(Value::Float(*number as f64)),
        (Value::Float(number) | Value::Percent(number), 1) => Ok(Value::Float(*number)),
        (Value::Duration(_) | Value::Bytes(_), 2) => {
            let name = args.text(1)?;
            ops::arith(Arith::Div, value, &unit::with_unit("1", name)?)
        }
        (Value::Duration(_) | Value::Bytes(_), _) => Err(ValueError::new(text!(
            "{} needs a unit: `number(x, \"s\")`",
            "{} 需要单位：`number(x, \"s\")`",
            ops::said(value)
        ))),
        _ => Err(wrong(value, Both("text, a number or a quantity", "文本、数字或数量"))),
    }
}

/// `percent("98%")`; `percent(part, total)`.
pub(super) fn percent(args: Args<'_>) -> Result<Value, ValueError> {
    if args.len() == 1 {
        return unit::read_percent(args.text(0)?.trim());
    }
    let (part, total) = (quantity(args.get(0)?)?, quantity(args.get(1)?)?);
    let quotient = ops::arith(Arith::Div, part, total)?;
    if let Value::Float(ratio) = quotient {
        Ok(Value::Percent(ratio))
    } else {
        Err(wrong(total, Both("of the part's unit", "与部分相同单位的值")))
    }
}

/// `duration("10m")`, `duration(600, "s")`, `bytes("20MB")`, `bytes(20, "MB")`; `base` is any unit of the wanted kind.
pub(super) fn with_unit(args: Args<'_>, base: &str) -> Result<Value, ValueError> {
    if args.len() == 1 {
        let text = args.text(0)?.trim();
        return if base == "s" { unit::read_duration(text) } else { unit::read_bytes(text) };
    }
    let one = unit::with_unit("1", args.text(1)?)?;
    if one.type_name() != unit::with_unit("1", base)?.type_name() {
        return Err(ValueError::new(text!("`{}` is a unit of {}", "`{}` 是{}的单位", args.text(1)?, one.type_name())));
    }
    let count = args.get(0)?;
    if matches!(count, Value::Int(_) | Value::Float(_)) {
        ops::arith(Arith::Mul, count, &one)
    } else {
        Err(wrong(count, Both("a number", "数字")))
    }
}
