//! JSON and values. Into values: what a command, a request or a file gave. Out of values: bodies of requests, reports,
//! `status` and everything else that other programs read.

use serde_json::{Map, Number};

use super::Value;
use super::error::ValueError;
use crate::text;

/// Longest JSON text that is read, in bytes: what `kubectl get pods -A -o json` gives in a large cluster fits, and memory
/// stays bounded.
pub const MAX_JSON_BYTES: usize = 64 * 1024 * 1024;

/// Reads JSON text. Nesting is bounded by the reader (128 levels). Of two equal keys the last one counts, as in most readers.
pub fn read_json(text: &str) -> Result<Value, ValueError> {
    if text.len() > MAX_JSON_BYTES {
        return Err(ValueError::new(text!(
            "JSON of {} bytes is longer than {MAX_JSON_BYTES}",
            "JSON 有 {} 字节，超过 {MAX_JSON_BYTES}",
            text.len()
        )));
    }
    serde_json::from_str::<serde_json::Value>(text)
        .map(from_json)
        .map_err(|error| ValueError::new(text!("not JSON: {error}", "不是 JSON：{error}")))
}

/// A whole number that fits becomes an `int`, every other number a `float`: a number beyond 64 bits is not refused, since it
/// may stand in a part that nobody reads.
pub fn from_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            // serde_json refuses numbers that are no finite float.
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        serde_json::Value::Object(fields) => {
            Value::Map(fields.into_iter().map(|(key, value)| (key, from_json(value))).collect())
        }
    }
}

/// Numbers in base units: a ratio as 0..1, durations in seconds, sizes in bytes; times as RFC 3339, verdicts by name, a secret
/// as `"(secret)"`. Keys are in order.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => serde_json::Value::Bool(*truth),
        Value::Int(number) | Value::Bytes(number) => serde_json::Value::from(*number),
        Value::Float(number) | Value::Percent(number) => number_json(*number),
        Value::Duration(span) if span.subsec_nanos() == 0 => serde_json::Value::from(span.as_secs()),
        Value::Duration(span) => number_json(span.as_secs_f64()),
        Value::Time(time) => serde_json::Value::String(time.to_string()),
        Value::Text(text) => serde_json::Value::String(text.clone()),
        Value::List(items) => serde_json::Value::Array(items.iter().map(to_json).collect()),
        Value::Map(fields) => {
            let fields: Map<String, serde_json::Value> =
                fields.iter().map(|(key, value)| (key.clone(), to_json(value))).collect();
            serde_json::Value::Object(fields)
        }
        Value::Secret(_) => serde_json::Value::String("(secret)".to_owned()),
        Value::Verdict(verdict) => serde_json::Value::String(verdict.as_str().to_owned()),
    }
}

/// JSON has no NaN and no infinity; no value is one.
fn number_json(number: f64) -> serde_json::Value {
    Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_keep_what_they_are() {
        let value = read_json(r#"{"a": 1, "b": 1.0, "c": 18446744073709551615, "d": null, "e": [true, "x"]}"#).unwrap();
        let Value::Map(fields) = value else { panic!("no map") };
        assert_eq!(fields["a"], Value::Int(1));
        assert_eq!(fields["b"], Value::Float(1.0));
        assert_eq!(fields["c"], Value::Float(18_446_744_073_709_551_615.0));
        assert_eq!(fields["d"], Value::Null);
        assert_eq!(fields["e"], Value::List(vec![Value::Bool(true), Value::Text("x".to_owned())]));
    }

    #[test]
    fn what_is_not_json_says_where() {
        assert_eq!(read_json("<html>").unwrap_err().message.en, "not JSON: expected value at line 1 column 1");
        assert!(read_json("").unwrap_err().message.en.starts_with("not JSON: EOF"));
        assert!(read_json("{} {}").unwrap_err().message.en.contains("trailing"));
        assert!(read_json(&"[".repeat(100_000)).unwrap_err().message.en.contains("recursion"));
        assert!(read_json("1e999").unwrap_err().message.en.contains("out of range"));
    }

    #[test]
    fn units_become_base_units() {
        assert_eq!(to_json(&Value::Percent(0.983)).to_string(), "0.983");
        assert_eq!(to_json(&Value::Duration(SignedDuration::from_secs(600))).to_string(), "600");
        assert_eq!(to_json(&Value::Duration(SignedDuration::from_millis(1250))).to_string(), "1.25");
        assert_eq!(to_json(&Value::Bytes(20_000_000)).to_string(), "20000000");
        assert_eq!(to_json(&Value::Secret("token".to_owned())).to_string(), "\"(secret)\"");
    }

    fn plain() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_filter("no value is NaN", |n| n.is_finite()).prop_map(Value::Float),
            any::<String>().prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn plain_values_read_back(value in plain()) {
            prop_assert_eq!(read_json(&to_json(&value).to_string()).unwrap(), value);
        }
    }
}
