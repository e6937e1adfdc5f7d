//! A value as it stands in a journal: plain JSON where JSON has it (`null`, `true`, `12`, `"text"`, `[…]`, `{…}`), else an
//! object of one member whose name begins with `$`: `{"$percent":"0.98"}`, `{"$duration":"600s"}`. A `$` at the beginning
//! of a map's own name is doubled.
//!
//! Fractions are decimal text, since it comes back bit for bit whatever a JSON library does with numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::de::value::StrDeserializer;
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::value::{Value, Verdict};

/// A value as it stands in a journal.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredValue(pub Value);

impl Serialize for StoredValue {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write(&self.0, to)
    }
}

impl<'de> Deserialize<'de> for StoredValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ValueVisitor).map(StoredValue)
    }
}

fn write<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Null => to.serialize_unit(),
        Value::Bool(value) => to.serialize_bool(*value),
        Value::Int(value) => to.serialize_i64(*value),
        Value::Text(text) => to.serialize_str(text),
        Value::List(items) => to.collect_seq(items.iter().map(Borrowed)),
        Value::Float(value) => tagged(to, "$float", &value.to_string()),
        Value::Percent(value) => tagged(to, "$percent", &value.to_string()),
        Value::Duration(span) => tagged(to, "$duration", &format!("{}s", decimal_seconds(*span))),
        Value::Bytes(bytes) => tagged(to, "$bytes", bytes),
        Value::Time(time) => tagged(to, "$time", &time.to_string()),
        Value::Map(members) => to.collect_map(members.iter().map(|(name, value)| (escaped(name), Borrowed(value)))),
        Value::Secret(name) => tagged(to, "$secret", name),
        Value::Verdict(verdict) => tagged(to, "$verdict", verdict.as_str()),
    }
}

struct Borrowed<'a>(&'a Value);

impl Serialize for Borrowed<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write(self.0, to)
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(to: S, tag: &str, value: &T) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

/// `90`, `-0.25`: exact to the nanosecond.
fn decimal_seconds(span: SignedDuration) -> String {
    let nanos = span.as_nanos();
    let (sign, whole, rest) =
        (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs() / NANOS, nanos.unsigned_abs() % NANOS);
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{}", format!("{rest:09}").trim_end_matches('0'))
    }
}

const NANOS: u128 = 1_000_000_000;

fn parse_seconds(text: &str) -> Option<SignedDuration> {
    let digits = text.strip_suffix('s')?;
    let (negative, digits) = digits.strip_prefix('-').map_or((false, digits), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let rest: u128 = format!("{fraction:0<9}").parse().ok()?;
    let nanos = i128::try_from(whole.parse::<u128>().ok()?.checked_mul(NANOS)?.checked_add(rest)?).ok()?;
    SignedDuration::try_from_nanos_i128(if negative { -nanos } else { nanos })
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom("a whole number out of range"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(StoredValue(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            let name = match name.strip_prefix('$') {
                None => name,
                Some(own) if own.starts_with('$') => own.to_owned(),
                Some(tag) if members.is_empty() => return only_member(tag, map),
                Some(_) => return Err(de::Error::custom("a tagged value with further members")),
            };
            let StoredValue(value) = map.next_value()?;
            members.insert(name, value);
        }
        Ok(Value::Map(members))
    }
}

fn only_member<'de, A: MapAccess<'de>>(tag: &str, mut map: A) -> Result<Value, A::Error> {
    let wrong = || <A::Error as de::Error>::custom(format!("not a {tag}"));
    let value = match tag {
        "float" => Value::Float(map.next_value::<String>()?.parse().map_err(|_| wrong())?),
        "percent" => Value::Percent(map.next_value::<String>()?.parse().map_err(|_| wrong())?),
        "duration" => Value::Duration(parse_seconds(&map.next_value::<String>()?).ok_or_else(wrong)?),
        "bytes" => Value::Bytes(map.next_value()?),
        "time" => Value::Time(map.next_value::<String>()?.parse::<Timestamp>().map_err(|_| wrong())?),
        "secret" => Value::Secret(map.next_value()?),
        "verdict" => Value::Verdict(verdict(&map.next_value::<String>()?).ok_or_else(wrong)?),
        _ => return Err(de::Error::custom(format!("${tag} is no kind of value that this version knows"))),
    };
    match map.next_key::<String>()? {
        None => Ok(value),
        Some(_) => Err(de::Error::custom("a tagged value with further members")),
    }
}

fn escaped(name: &str) -> Cow<'_, str> {
    if name.starts_with('$') { Cow::Owned(format!("${name}")) } else { Cow::Borrowed(name) }
}

fn verdict(name: &str) -> Option<Verdict> {
    Verdict::deserialize(name.into_deserializer() as StrDeserializer<'_, de::value::Error>).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_filter("a value is never NaN", |v| !v.is_nan()).prop_map(Value::Float),
            (0.0..=1.0_f64).prop_map(Value::Percent),
            any::<i64>().prop_map(|n| Value::Duration(SignedDuration::from_nanos(n))),
            any::<i64>().prop_map(Value::Bytes),
            (-1_000_000_000_000_i64..1_000_000_000_000)
                .prop_map(|n| { Value::Time(Timestamp::from_microsecond(n).unwrap()) }),
            any::<String>().prop_map(Value::Text),
            any::<String>().prop_map(Value::Secret),
            Just(Value::Verdict(Verdict::NotApplicable)),
            Just(Value::Verdict(Verdict::RolledBack)),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map("[$a-c]{0,3}", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_comes_back_as_it_was(value in any_value()) {
            let text = serde_json::to_string(&StoredValue(value.clone())).unwrap();
            let back: StoredValue = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back.0, value, "{}", text);
        }
    }

    #[test]
    fn the_form_is_plain_where_json_is_enough() {
        let value = Value::List(vec![
            Value::Null,
            Value::Int(12),
            Value::Text("基线".to_owned()),
            Value::Float(0.1 + 0.2),
            Value::Percent(0.98),
            Value::Duration(SignedDuration::from_millis(-1_250)),
            Value::Map(BTreeMap::from([
                ("$float".to_owned(), Value::Bool(true)),
                ("a".to_owned(), Value::Map(BTreeMap::new())),
            ])),
        ]);
        assert_eq!(
            serde_json::to_string(&StoredValue(value)).unwrap(),
            r#"[null,12,"基线",{"$float":"0.30000000000000004"},{"$percent":"0.98"},{"$duration":"-1.25s"},{"$$float":true,"a":{}}]"#
        );
    }

    #[test]
    fn what_is_not_a_stored_value_is_refused() {
        for text in [
            "1.5",
            r#"{"$float":1.5}"#,
            r#"{"$float":"1","int":2}"#,
            r#"{"int":2,"$float":"1"}"#,
            r#"{"$hours":"3"}"#,
            r#"{"$duration":"1.s2s"}"#,
            "18446744073709551615",
        ] {
            assert!(serde_json::from_str::<StoredValue>(text).is_err(), "{text}");
        }
    }
}
