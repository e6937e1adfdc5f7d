//! Numbers and durations as Prometheus writes them.

use crate::text::Both;
use std::fmt::Write;

/// What a word that begins with a digit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// A number.
    Number(f64),
    /// A duration in nanoseconds.
    Duration(i64),
}

/// Units in the order in which they may follow one another, in nanoseconds. A year has 365 days.
const UNITS: &[(&str, i128)] = &[
    ("y", 365 * 86_400_000_000_000),
    ("w", 7 * 86_400_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// `inf` and `nan`, in any case.
pub(super) fn special(name: &str) -> Option<f64> {
    if name.eq_ignore_ascii_case("inf") {
        Some(f64::INFINITY)
    } else if name.eq_ignore_ascii_case("nan") {
        Some(f64::NAN)
    } else {
        None
    }
}

/// How many bytes of `text`, which begins with a digit or a point, belong to its first word.
pub(super) fn length(text: &str) -> usize {
    let hexadecimal = is_hexadecimal(text);
    let mut before = b'0';
    text.bytes()
        .take_while(|byte| {
            let exponent = matches!(byte, b'+' | b'-') && matches!(before, b'e' | b'E') && !hexadecimal;
            before = *byte;
            exponent || byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
        })
        .count()
}

/// Reads a whole word; the error goes after the word: "5x is not …".
pub(super) fn parse(word: &str) -> Result<Value, Both> {
    if let Some(value) = number(word)? {
        return Ok(Value::Number(value));
    }
    duration(word).map(Value::Duration)
}

fn is_hexadecimal(word: &str) -> bool {
    word.starts_with("0x") || word.starts_with("0X")
}

/// A number, or nothing where the word may be a duration.
fn number(word: &str) -> Result<Option<f64>, Both> {
    let plain = word.replace('_', "");
    if is_hexadecimal(word) {
        if !underscores_fit(word) {
            return Err(Both("is not a number", "不是数字"));
        }
        let digits = plain.get(2..).unwrap_or_default();
        return match i64::from_str_radix(digits, 16) {
            Ok(value) if !digits.starts_with('+') => Ok(Some(value as f64)),
            _ => Err(Both("is not a hexadecimal number", "不是十六进制数")),
        };
    }
    if !word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'e' | b'E' | b'+' | b'-')) {
        return Ok(None);
    }
    if !underscores_fit(word) {
        return Err(Both("is not a number", "不是数字"));
    }
    // A leading zero means octal, as in Go; where that does not fit the word is decimal.
    if plain.len() > 1
        && plain.starts_with('0')
        && plain.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(value) = i64::from_str_radix(&plain, 8)
    {
        return Ok(Some(value as f64));
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) => Err(Both("is larger than a number can be", "超出数的上限")),
        Err(_) => Err(Both("is not a number", "不是数字")),
    }
}

/// Underscores stand between digits only; the prefix `0x` counts as one.
fn underscores_fit(word: &str) -> bool {
    let hexadecimal = is_hexadecimal(word);
    let mut before = '^';
    for letter in word.chars().skip(if hexadecimal { 2 } else { 0 }) {
        let digit = letter.is_ascii_digit() || (hexadecimal && letter.is_ascii_hexdigit());
        let first_of_hexadecimal = hexadecimal && before == '^';
        if letter == '_' && before != '0' && !first_of_hexadecimal {
            return false;
        }
        if letter != '_' && !digit && before == '_' {
            return false;
        }
        before = if digit { '0' } else { letter };
    }
    before != '_'
}

/// `1h30m` in nanoseconds: each unit at most once, larger ones first.
fn duration(word: &str) -> Result<i64, Both> {
    const NOT: Both = Both("is neither a number nor a duration", "既不是数字也不是时长");
    let mut total: i128 = 0;
    let mut rest = word;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (amount, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let Some((_, ns)) = units.find(|(name, _)| *name == unit) else { return Err(NOT) };
        if digits == 0 {
            return Err(NOT);
        }
        let Ok(amount) = amount.parse::<i64>() else {
            return Err(Both("is longer than a duration can be", "超出时长的上限"));
        };
        total += i128::from(amount) * ns;
        rest = after;
    }
    i64::try_from(total).map_err(|_| Both("is longer than a duration can be", "超出时长的上限"))
}

/// A duration as it would be written: `1h30m`.
pub(super) fn duration_text(ns: i64) -> String {
    let mut rest = i128::from(ns);
    let mut text = String::new();
    // Years and weeks read worse than days: `90d` rather than `12w6d`.
    for (unit, length) in UNITS.iter().filter(|(unit, _)| !matches!(*unit, "y" | "w")) {
        if rest >= *length {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(word: &str) -> f64 {
        match parse(word) {
            Ok(Value::Number(value)) => value,
            other => panic!("{word}: {other:?}"),
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the exact value is what is meant")]
    fn numbers_are_read_as_go_reads_them() {
        assert_eq!(value("1_000.5"), 1000.5);
        assert_eq!(value("0x1F"), 31.0);
        assert_eq!(value("0X_1f"), 31.0);
        assert_eq!(value("017"), 15.0);
        assert_eq!(value("08"), 8.0);
        assert_eq!(value("5.e3"), 5000.0);
        assert_eq!(value(".5"), 0.5);
        assert_eq!(value("9223372036854775808"), 9_223_372_036_854_775_808.0);
        for wrong in ["1e", "0x", "1__0", "1_", "1e400", "0x1.5", "1.2.3", "1_e3", "0b1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_have_each_unit_once() {
        assert_eq!(parse("1h30m"), Ok(Value::Duration(5_400_000_000_000)));
        assert_eq!(parse("5ms"), Ok(Value::Duration(5_000_000)));
        assert_eq!(parse("0s"), Ok(Value::Duration(0)));
        for wrong in ["1m1h", "1y1y", "1.5h", "5M", "10mm", "294y", "5x", "1h1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["1h30m", "5ms", "10m", "90d", "1s500ms"] {
            let Ok(Value::Duration(ns)) = parse(text) else { panic!("{text}") };
            assert_eq!(duration_text(ns), text);
        }
        assert_eq!(duration_text(0), "0s");
    }

    #[test]
    fn a_word_ends_where_the_number_does() {
        assert_eq!(length("1e-3+2"), 4);
        assert_eq!(length("0x1e-3"), 4);
        assert_eq!(length("5m:1m"), 2);
        assert_eq!(length("1_0 "), 3);
    }
}
