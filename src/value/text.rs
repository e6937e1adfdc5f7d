//! The canonical text of a value: locale-free, exact, the same on every machine. Interpolation, keys of `each` passes and
//! the journal use it; what people see rounded is the console's and the report's affair.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::SignedDuration;

use super::Value;
use super::error::ValueError;
use super::unit::NANOS_PER_SECOND;
use crate::text;

/// The canonical text: `10m`, `1h30m`, `1.25s`, `250ms`, `98.3%`, `20MB`, `2025-11-18T01:00:00Z`.
///
/// - Durations use `h`, `m`, `s` and, below a second, `ms`; no days, since the shell's programs do not read them.
/// - Bytes are in the largest unit in which they are a whole number of few digits; never rounded.
/// - Percents and floats have the fewest digits that read back as the same number.
/// - A list is `a, b`, a map `k: v, k: v` in order of key; inside another they stand in brackets.
/// - `null` is `null` and a secret `(secret)`; see [`interpolate`] where these must not pass.
pub fn text(value: &Value) -> String {
    if let Value::List(items) = value {
        list(items)
    } else if let Value::Map(fields) = value {
        map(fields)
    } else {
        scalar(value)
    }
}

/// The canonical text for `#{…}`: like [`text()`], but a missing value is an error instead of the word `null`, and a secret
/// never becomes text.
pub fn interpolate(value: &Value) -> Result<String, ValueError> {
    if *value == Value::Null {
        return Err(ValueError::new(text!(
            "the value is null, and null has no text",
            "值为 null，而 null 没有文本形式"
        )));
    }
    if let Some(name) = secret_in(value) {
        return Err(ValueError::new(text!(
            "the secret `{name}` has no text here; give it by `env:` or `stdin:`",
            "密钥 `{name}` 在此处没有文本形式；请用 `env:` 或 `stdin:` 传入"
        )));
    }
    Ok(text(value))
}

/// The first secret in it.
fn secret_in(value: &Value) -> Option<&str> {
    if let Value::Secret(name) = value {
        Some(name)
    } else if let Value::List(items) = value {
        items.iter().find_map(secret_in)
    } else if let Value::Map(fields) = value {
        fields.values().find_map(secret_in)
    } else {
        None
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Percent(ratio) => percent(*ratio),
        Value::Duration(span) => duration(*span),
        Value::Bytes(count) => bytes(*count),
        Value::Time(time) => time.to_string(),
        Value::Text(words) => words.clone(),
        Value::Secret(_) => "(secret)".to_owned(),
        Value::Verdict(verdict) => verdict.as_str().to_owned(),
        Value::List(items) => format!("[{}]", list(items)),
        Value::Map(fields) => format!("{{{}}}", map(fields)),
    }
}

fn list(items: &[Value]) -> String {
    items.iter().map(scalar).collect::<Vec<_>>().join(", ")
}

fn map(fields: &BTreeMap<String, Value>) -> String {
    fields.iter().map(|(key, value)| format!("{key}: {}", scalar(value))).collect::<Vec<_>>().join(", ")
}

/// Numbers beyond these have an exponent: a hundred zeros help nobody.
const PLAIN_FLOATS: std::ops::Range<f64> = 1e-7..1e17;

/// The shortest text that reads back as `number`.
fn float(number: f64) -> String {
    if number == 0.0 {
        // Minus zero is zero to everybody but a processor.
        "0".to_owned()
    } else if PLAIN_FLOATS.contains(&number.abs()) {
        format!("{number}")
    } else {
        format!("{number:e}")
    }
}

/// The ratio as a percentage: the point of its shortest text moved by two, so nothing is multiplied and nothing rounded.
fn percent(ratio: f64) -> String {
    let shortest = format!("{:e}", if ratio == 0.0 { 0.0 } else { ratio });
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = exponent.parse::<i32>().unwrap_or(0) + 3;
    let point = if digits == "0" { 1 } else { point };
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let plain = if point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else if point >= length {
        format!("{digits}{}", zeros(point - length))
    } else {
        let (before, after) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{before}.{after}")
    };
    format!("{sign}{plain}%")
}

/// See [`text`].
fn duration(span: SignedDuration) -> String {
    let nanos = span.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.abs();
    if nanos == 0 {
        return "0s".to_owned();
    }
    if nanos < NANOS_PER_SECOND {
        return format!("{sign}{}ms", with_decimals(nanos, 1_000_000));
    }
    let minute = 60 * NANOS_PER_SECOND;
    let mut out = sign.to_owned();
    for (size, unit) in [(60 * minute, 'h'), (minute, 'm')] {
        let count = if unit == 'h' { nanos / size } else { nanos % (60 * minute) / size };
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(out, "{count}{unit}");
        }
    }
    let rest = nanos % minute;
    if rest > 0 {
        let _ = write!(out, "{}s", with_decimals(rest, NANOS_PER_SECOND));
    }
    out
}

/// `amount / size` in decimal; `size` is a power of ten.
fn with_decimals(amount: i128, size: i128) -> String {
    let places = size.ilog10() as usize;
    let fraction = format!("{:0places$}", amount % size);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{}", amount / size) } else { format!("{}.{fraction}", amount / size) }
}

/// See [`text`].
fn bytes(count: i64) -> String {
    const SIZES: [(i64, &str); 8] = [
        (1_000_000_000_000, "TB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1_000, "KB"),
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1 << 10, "KiB"),
    ];
    let mut best = format!("{count}B");
    for (size, unit) in SIZES {
        if count != 0 && count % size == 0 {
            let text = format!("{}{unit}", count / size);
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
            if digits(&text) < digits(&best) {
                best = text;
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::unit::{read_bytes, read_duration, read_percent};

    fn of_millis(ms: i64) -> String {
        text(&Value::Duration(SignedDuration::from_millis(ms)))
    }

    #[test]
    fn durations_read_as_the_shell_reads_them() {
        assert_eq!(of_millis(600_000), "10m");
        assert_eq!(of_millis(5_400_000), "1h30m");
        assert_eq!(of_millis(1_250), "1.25s");
        assert_eq!(of_millis(250), "250ms");
        assert_eq!(of_millis(0), "0s");
        assert_eq!(of_millis(-61_500), "-1m1.5s");
        assert_eq!(of_millis(14 * 86_400_000), "336h");
        assert_eq!(text(&Value::Duration(SignedDuration::from_nanos(1_500))), "0.0015ms");
    }

    #[test]
    fn percents_floats_and_bytes_are_exact_and_short() {
        assert_eq!(text(&Value::Percent(0.983)), "98.3%");
        assert_eq!(text(&Value::Percent(0.98)), "98%");
        assert_eq!(text(&Value::Percent(1.0)), "100%");
        assert_eq!(text(&Value::Percent(0.07)), "7%");
        assert_eq!(text(&Value::Percent(0.0)), "0%");
        assert_eq!(text(&Value::Percent(-0.0)), "0%");
        assert_eq!(text(&Value::Percent(0.000_05)), "0.005%");
        assert_eq!(text(&Value::Percent(12.5)), "1250%");
        assert_eq!(text(&Value::Float(0.1)), "0.1");
        assert_eq!(text(&Value::Float(2.0)), "2");
        assert_eq!(text(&Value::Float(1e300)), "1e300");
        assert_eq!(text(&Value::Float(-0.0)), "0");
        assert_eq!(text(&Value::Bytes(20_000_000)), "20MB");
        assert_eq!(text(&Value::Bytes(512 << 20)), "512MiB");
        assert_eq!(text(&Value::Bytes(1_234)), "1234B");
        assert_eq!(text(&Value::Bytes(0)), "0B");
    }

    #[test]
    fn lists_maps_and_times() {
        let map = Value::Map(BTreeMap::from([
            ("p99".to_owned(), Value::Duration(SignedDuration::from_millis(412))),
            ("http".to_owned(), Value::Percent(0.991)),
        ]));
        assert_eq!(text(&map), "http: 99.1%, p99: 412ms");
        assert_eq!(text(&Value::List(vec![Value::Int(1), map])), "1, {http: 99.1%, p99: 412ms}");
        assert_eq!(text(&Value::Time("2025-11-18T09:00:00+08:00".parse().unwrap())), "2025-11-18T01:00:00Z");
    }

    #[test]
    fn nothing_missing_and_nothing_secret_is_interpolated() {
        assert!(interpolate(&Value::Null).unwrap_err().message.en.contains("null"));
        let hidden = Value::List(vec![Value::Int(1), Value::Secret("token".to_owned())]);
        assert!(interpolate(&hidden).unwrap_err().message.en.contains("token"));
        assert_eq!(interpolate(&Value::Int(3)).unwrap(), "3");
    }

    proptest! {
        #[test]
        fn a_duration_reads_back(nanos in any::<i64>()) {
            let value = Value::Duration(SignedDuration::from_nanos(nanos));
            prop_assert_eq!(read_duration(&text(&value)).unwrap(), value);
        }

        #[test]
        fn bytes_read_back(count in 0..=i64::MAX) {
            prop_assert_eq!(read_bytes(&text(&Value::Bytes(count))).unwrap(), Value::Bytes(count));
        }

        #[test]
        fn round_bytes_read_back(count in 0..=4096_i64, shift in 0_u32..40) {
            let value = Value::Bytes(count << shift);
            prop_assert_eq!(read_bytes(&text(&value)).unwrap(), value);
        }

        #[test]
        fn a_percent_reads_back(ratio in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            prop_assert_eq!(read_percent(&text(&Value::Percent(ratio))).unwrap(), Value::Percent(ratio));
        }

        #[test]
        fn a_float_reads_back(number in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO) {
            let read = text(&Value::Float(number)).parse().unwrap();
            prop_assert_eq!(Value::Float(read), Value::Float(number));
        }
    }
}
