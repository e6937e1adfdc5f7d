//! Numbers with a unit, written one way in runbooks (`30.s`, `98.pct`, `20.MB`) and another outside (`30s`, `98%`,
//! `20MB`). All are read in decimal, without a detour over binary fractions: `0.1s` is exactly 100 ms.

use jiff::SignedDuration;

use super::Value;
use super::error::ValueError;
use super::nearest::nearest;
use crate::text;

/// A unit of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// So many nanoseconds.
    Nanos(i128),
    /// So many bytes.
    Bytes(i128),
    /// A hundredth.
    Hundredth,
}

/// Units as they follow the dot in a runbook. The first of its kind and size is the usual one.
const UNITS: &[(&str, Unit)] = &[
    ("ns", Unit::Nanos(1)),
    ("us", Unit::Nanos(1_000)),
    ("ms", Unit::Nanos(1_000_000)),
    ("s", Unit::Nanos(NANOS_PER_SECOND)),
    ("min", Unit::Nanos(60 * NANOS_PER_SECOND)),
    ("h", Unit::Nanos(3_600 * NANOS_PER_SECOND)),
    ("d", Unit::Nanos(86_400 * NANOS_PER_SECOND)),
    ("pct", Unit::Hundredth),
    ("pp", Unit::Hundredth),
    ("B", Unit::Bytes(1)),
    ("KB", Unit::Bytes(1_000)),
    ("MB", Unit::Bytes(1_000_000)),
    ("GB", Unit::Bytes(1_000_000_000)),
    ("TB", Unit::Bytes(1_000_000_000_000)),
    ("KiB", Unit::Bytes(1 << 10)),
    ("MiB", Unit::Bytes(1 << 20)),
    ("GiB", Unit::Bytes(1 << 30)),
    ("TiB", Unit::Bytes(1 << 40)),
];

/// Spellings that come from outside and mean the same. `m` is minutes in every duration that programs print; in a
/// runbook it is refused, since it could be read as milli or mega.
const OUTSIDE: &[(&str, &str)] = &[
    ("m", "min"),
    ("µs", "us"),
    ("μs", "us"),
    ("sec", "s"),
    ("kB", "KB"),
    ("%", "pct"),
    ("Ki", "KiB"),
    ("Mi", "MiB"),
    ("Gi", "GiB"),
    ("Ti", "TiB"),
];

/// Nanoseconds of a second.
pub(super) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// The names of all units, for messages and completion.
pub fn names() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|(name, _)| *name)
}

/// The value of `number` with a unit of the language: `("30", "s")`, `("0.5", "pct")`. The number is digits with at most
/// one point and perhaps a sign, underscores removed.
pub fn with_unit(number: &str, unit: &str) -> Result<Value, ValueError> {
    let Some((_, found)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let meant = OUTSIDE.iter().find(|(name, _)| *name == unit).map(|(_, name)| *name);
        let help = meant
            .or_else(|| nearest(unit, names()))
            .map(|name| text!("; did you mean `{name}`?", "；是否想写 `{name}`？"))
            .unwrap_or_default();
        return Err(ValueError::new(text!("`{}` is no unit{}", "`{}` 不是单位{}", unit, help)));
    };
    match found {
        Unit::Hundredth => hundredths(number).map(Value::Percent),
        Unit::Nanos(size) => duration_of(scaled(number, *size)?, number, unit),
        Unit::Bytes(size) => bytes_of(scaled(number, *size)?, number, unit),
    }
}

/// `10m`, `1h30m`, `1.25s`, `-5s`: one number and unit after the other, without spaces.
pub(super) fn read_duration(text: &str) -> Result<Value, ValueError> {
    let wrong = || {
        ValueError::new(text!(
            "`{text}` is no duration; one reads `30s`, `10m` or `1h30m`",
            "`{text}` 不是时长；写法如 `30s`、`10m` 或 `1h30m`"
        ))
    };
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut total: i128 = 0;
    let mut rest = body;
    // Each part is of a smaller unit than the one before: `30m1h` is a slip, not ninety minutes.
    let mut last = i128::MAX;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let (number, after) = split_at_unit(rest);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (name, next) = after.split_at(end);
        let Some(Unit::Nanos(size)) = outside_unit(name) else { return Err(wrong()) };
        if number.is_empty() || size >= last {
            return Err(wrong());
        }
        let part = scaled(number, size).map_err(|_| wrong())?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        last = size;
        rest = next;
    }
    duration_of(if negative { -total } else { total }, text, "")
}

/// `20MB`, `512MiB`, `512Mi`, `0B`.
pub(super) fn read_bytes(text: &str) -> Result<Value, ValueError> {
    let (number, name) = split_at_unit(text);
    match outside_unit(name.trim_start()) {
        Some(Unit::Bytes(size)) => bytes_of(scaled(number, size)?, text, ""),
        Some(Unit::Nanos(_) | Unit::Hundredth) | None => Err(ValueError::new(text!(
            "`{text}` is no size; one reads `20MB` or `512MiB`",
            "`{text}` 不是大小；写法如 `20MB` 或 `512MiB`"
        ))),
    }
}

/// `98%`, `99.5 %`.
pub(super) fn read_percent(text: &str) -> Result<Value, ValueError> {
    let number = text.strip_suffix('%').map(str::trim_end);
    let wrong =
        || ValueError::new(text!("`{text}` is no percentage; one reads `98%`", "`{text}` 不是百分比；写法如 `98%`"));
    hundredths(number.ok_or_else(wrong)?).map(Value::Percent).map_err(|_| wrong())
}

/// A bare number from outside, with the unit that its parameter names (in either spelling).
pub(super) fn read_bare(number: &str, unit: &str) -> Result<Value, ValueError> {
    let name = OUTSIDE.iter().find(|(outside, _)| *outside == unit).map_or(unit, |(_, name)| *name);
    with_unit(number, name)
}

/// Is it a number without anything around it?
pub(super) fn is_bare(text: &str) -> bool {
    decimal(text).is_some()
}

fn outside_unit(name: &str) -> Option<Unit> {
    let name = OUTSIDE.iter().find(|(outside, _)| *outside == name).map_or(name, |(_, name)| *name);
    UNITS.iter().find(|(known, _)| *known == name).map(|(_, unit)| *unit)
}

fn split_at_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    text.split_at(end)
}

/// `number` × `size`, exactly; what is not a whole number of base units is an error.
fn scaled(number: &str, size: i128) -> Result<i128, ValueError> {
    let wrong = || ValueError::new(text!("`{number}` is no number", "`{number}` 不是数字"));
    let (negative, whole, fraction) = decimal(number).ok_or_else(wrong)?;
    let too_large = || ValueError::new(text!("`{number}` is too large", "`{number}` 过大"));
    let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| too_large())?;
    let places = u32::try_from(fraction.len()).map_err(|_| too_large())?;
    let divisor = 10_i128.checked_pow(places).ok_or_else(too_large)?;
    let product = digits.checked_mul(size).ok_or_else(too_large)?;
    if product % divisor != 0 {
        return Err(ValueError::new(text!(
            "`{number}` has more decimals than its unit can hold",
            "`{number}` 的小数位数超出其单位所能表示"
        )));
    }
    let magnitude = product / divisor;
    Ok(if negative { -magnitude } else { magnitude })
}

/// `number` / 100, by moving the point: `98.3` is the float that reads `0.983`, so that writing it again gives `98.3`.
fn hundredths(number: &str) -> Result<f64, ValueError> {
    let wrong = || ValueError::new(text!("`{number}` is no number", "`{number}` 不是数字"));
    let (negative, whole, fraction) = decimal(number).ok_or_else(wrong)?;
    let sign = if negative { "-" } else { "" };
    let ratio: f64 = format!("{sign}{whole}{fraction}e-{}", fraction.len() + 2).parse().map_err(|_| wrong())?;
    if ratio.is_finite() {
        Ok(ratio)
    } else {
        Err(ValueError::new(text!("`{number}` is too large", "`{number}` 过大")))
    }
}

/// Sign, digits before and after the point.
fn decimal(number: &str) -> Option<(bool, &str, &str)> {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let sound = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (sound(whole) && sound(fraction)).then_some((negative, whole, fraction))
}

fn duration_of(nanos: i128, number: &str, unit: &str) -> Result<Value, ValueError> {
    SignedDuration::try_from_nanos_i128(nanos).map(Value::Duration).ok_or_else(|| {
        ValueError::new(text!("`{number}{unit}` is too long for a duration", "`{number}{unit}` 作为时长过长"))
    })
}

fn bytes_of(bytes: i128, number: &str, unit: &str) -> Result<Value, ValueError> {
    if bytes < 0 {
        return Err(ValueError::new(text!("`{number}{unit}` is below zero bytes", "`{number}{unit}` 小于零字节")));
    }
    i64::try_from(bytes).map(Value::Bytes).map_err(|_| {
        ValueError::new(text!("`{number}{unit}` is too large for a number of bytes", "`{number}{unit}` 作为字节数过大"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(read: &Result<Value, ValueError>) -> i128 {
        let Ok(Value::Duration(span)) = read else { panic!("no duration: {read:?}") };
        span.as_nanos()
    }

    #[test]
    fn units_of_the_language_are_exact() {
        assert_eq!(nanos(&with_unit("10", "min")), 600 * NANOS_PER_SECOND);
        assert_eq!(nanos(&with_unit("0.1", "s")), 100_000_000);
        assert_eq!(nanos(&with_unit("14", "d")), 14 * 86_400 * NANOS_PER_SECOND);
        assert_eq!(with_unit("20", "MB").unwrap(), Value::Bytes(20_000_000));
        assert_eq!(with_unit("1.5", "KiB").unwrap(), Value::Bytes(1536));
        assert_eq!(with_unit("98", "pct").unwrap(), Value::Percent(0.98));
        assert_eq!(with_unit("1", "pp").unwrap(), Value::Percent(0.01));
    }

    #[test]
    fn what_cannot_be_held_is_an_error_with_the_text_in_it() {
        for (number, unit, message) in [
            ("1.5", "B", "`1.5` has more decimals than its unit can hold"),
            ("0.5", "ns", "`0.5` has more decimals than its unit can hold"),
            ("99999999999999999999", "h", "`99999999999999999999h` is too long for a duration"),
            ("10000000", "TiB", "`10000000TiB` is too large for a number of bytes"),
            ("5", "m", "`m` is no unit; did you mean `min`?"),
            ("5", "mb", "`mb` is no unit; did you mean `MB`?"),
            ("5", "parsec", "`parsec` is no unit"),
            ("1.2.3", "s", "`1.2.3` is no number"),
        ] {
            assert_eq!(with_unit(number, unit).unwrap_err().message.en, message);
        }
    }

    #[test]
    fn durations_from_outside() {
        assert_eq!(nanos(&read_duration("1h30m")), 5400 * NANOS_PER_SECOND);
        assert_eq!(nanos(&read_duration("1.25s")), 1_250_000_000);
        assert_eq!(nanos(&read_duration("-5s")), -5 * NANOS_PER_SECOND);
        assert_eq!(nanos(&read_duration("2min")), 120 * NANOS_PER_SECOND);
        for wrong in ["", "-", "10", "m", "30m1h", "1h1h", "1h-30m", "10 m", "10MB", "1..5s", "5x"] {
            assert!(read_duration(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn sizes_and_percentages_from_outside() {
        assert_eq!(read_bytes("20MB").unwrap(), Value::Bytes(20_000_000));
        assert_eq!(read_bytes("512Mi").unwrap(), Value::Bytes(512 << 20));
        assert_eq!(read_bytes("0B").unwrap(), Value::Bytes(0));
        assert_eq!(read_percent("98.3%").unwrap(), Value::Percent(0.983));
        assert_eq!(read_percent("-1 %").unwrap(), Value::Percent(-0.01));
        for wrong in ["20", "MB", "-1B", "20MBs", "20s"] {
            assert!(read_bytes(wrong).is_err(), "{wrong:?} was taken");
        }
        for wrong in ["98", "%", "nan%", "1e5%"] {
            assert!(read_percent(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
