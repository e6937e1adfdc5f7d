//! Values that come from outside as text: parameters, the environment, `set`, and below them the answers of people.

use jiff::civil;
use jiff::tz::TimeZone;

use super::Value;
use super::error::ValueError;
use super::nearest::nearest;
use super::types::Type;
use super::{json, parse, unit};
use crate::text;

/// How text is read.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Unit of a bare number where a duration, a size or a percentage is wanted (`unit:` of a parameter).
    pub unit: Option<String>,
    /// Zone of a time that names none.
    pub zone: TimeZone,
}

impl Reader {
    /// Without a unit for bare numbers; times without an offset are in `zone`.
    pub fn new(zone: TimeZone) -> Self {
        Self { unit: None, zone }
    }

    /// Reads `text` as a value of type `ty`. Space around it does not count, but in a `text`.
    ///
    /// - `bool`: `true false yes no on off 1 0`.
    /// - `duration`, `bytes`, `percent`: `10m`, `1h30m`, `20MB`, `512MiB`, `98%`; a bare number only with [`Reader::unit`].
    /// - `time`: RFC 3339, or `2025-11-18 09:00` in the reader's zone.
    /// - `list`: JSON that begins with `[`, else members separated by commas; nothing is `[]`.
    /// - `map`, `json`: JSON.
    /// - `string`, `url`, `path`: one line, not empty. A url has a scheme and a host.
    /// - An optional that is empty is `null`.
    pub fn read(&self, text: &str, ty: &Type) -> Result<Value, ValueError> {
        let trimmed = text.trim();
        match ty {
            Type::Text => Ok(Value::Text(text.to_owned())),
            Type::Optional(_) | Type::Null if trimmed.is_empty() => Ok(Value::Null),
            Type::Null => Err(ValueError::new(text!("{text:?} is not null", "{text:?} 不是 null"))),
            Type::Optional(inner) => self.read(text, inner),
            Type::Bool => bool(trimmed),
            Type::Int => parse::int(trimmed),
            Type::Float => parse::float(trimmed),
            Type::Percent => self.with_unit(trimmed, unit::read_percent, "98%"),
            Type::Duration => self.with_unit(trimmed, unit::read_duration, "10m"),
            Type::Bytes => self.with_unit(trimmed, unit::read_bytes, "20MB"),
            Type::Time => self.time(trimmed),
            Type::Url => url(line(trimmed)?).map(Value::Text),
            Type::String | Type::Path => line(trimmed).map(|line| Value::Text(line.to_owned())),
            Type::OneOf(members) => member(trimmed, members).map(Value::Text),
            Type::ManyOf(members) => {
                let chosen = split_list(trimmed).map(|word| member(word, members).map(Value::Text));
                chosen.collect::<Result<_, _>>().map(Value::List)
            }
            Type::List(element) => self.list(trimmed, element),
            Type::Map(_) | Type::Record(_) => json_of(trimmed, ty),
            Type::Json | Type::Unknown => json::read_json(trimmed),
            Type::Verdict => {
                Err(ValueError::new(text!("a verdict is not given, it comes about", "判定不能给出，它由运行得出")))
            }
            Type::Secret => Err(ValueError::new(text!("a secret is not read as a value", "密钥不能作为值读取"))),
        }
    }

    fn with_unit(
        &self,
        text: &str,
        read: fn(&str) -> Result<Value, ValueError>,
        example: &str,
    ) -> Result<Value, ValueError> {
        if !unit::is_bare(text) {
            return read(text);
        }
        match &self.unit {
            Some(unit) => unit::read_bare(text, unit),
            None => Err(ValueError::new(text!(
                "`{text}` has no unit; write it as in `{example}`",
                "`{text}` 没有单位；写法如 `{example}`"
            ))),
        }
    }

    fn time(&self, text: &str) -> Result<Value, ValueError> {
        if let Ok(value) = parse::time(text) {
            return Ok(value);
        }
        let wrong = || {
            ValueError::new(text!(
                "{text:?} is no time; one reads `2025-11-18 09:00` or `2025-11-18T09:00:00+08:00`",
                "{text:?} 不是时间；写法如 `2025-11-18 09:00` 或 `2025-11-18T09:00:00+08:00`"
            ))
        };
        let local: civil::DateTime = text.parse().map_err(|_| wrong())?;
        // A time of day that a change of clocks skips or repeats is not guessed.
        let zoned = self.zone.to_ambiguous_zoned_datetime(local).unambiguous();
        zoned.map(|zoned| Value::Time(zoned.timestamp())).map_err(|_| wrong())
    }

    fn list(&self, text: &str, element: &Type) -> Result<Value, ValueError> {
        if text.starts_with('[') {
            return json_of(text, &Type::List(Box::new(element.clone())));
        }
        let element = if element.is_open() { &Type::String } else { element };
        split_list(text).map(|word| self.read(word, element)).collect::<Result<_, _>>().map(Value::List)
    }
}

/// Members separated by commas, Chinese ones too.
pub(super) fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、']).map(str::trim).filter(|word| !word.is_empty())
}

/// JSON whose value is of this type.
fn json_of(text: &str, ty: &Type) -> Result<Value, ValueError> {
    let value = json::read_json(text)?;
    if ty.holds(&value) {
        Ok(value)
    } else {
        Err(ValueError::new(text!("{} is no {}", "{} 不是{}", text, ty.named())))
    }
}

fn bool(text: &str) -> Result<Value, ValueError> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "off" | "0" => Ok(Value::Bool(false)),
        _ => Err(ValueError::new(text!(
            "{text:?} is neither `true` nor `false`",
            "{text:?} 既不是 `true` 也不是 `false`"
        ))),
    }
}

fn line(text: &str) -> Result<&str, ValueError> {
    if text.is_empty() {
        Err(ValueError::new(text!("it is empty", "内容为空")))
    } else if text.contains(['\n', '\r', '\0']) {
        Err(ValueError::new(text!("it has more than one line", "内容多于一行")))
    } else {
        Ok(text)
    }
}

/// The parts of a URL that the language looks at.
pub(super) fn url_host(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, after)| after);
    let host = match host_port.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?.0,
        None => host_port.split(':').next().unwrap_or_default(),
    };
    (sound && !host.is_empty() && !text.contains(char::is_whitespace)).then_some(host)
}

fn url(text: &str) -> Result<String, ValueError> {
    match url_host(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(ValueError::new(text!(
            "{text:?} is no URL; one reads `https://host:port/path`",
            "{text:?} 不是 URL；写法如 `https://host:port/path`"
        ))),
    }
}

fn member(text: &str, members: &[String]) -> Result<String, ValueError> {
    if let Some(found) = members.iter().find(|member| *member == text) {
        return Ok(found.clone());
    }
    let near = nearest(text, members.iter().map(String::as_str))
        .map(|name| text!("; did you mean `{name}`?", "；是否想写 `{name}`？"))
        .unwrap_or_default();
    let known = members.join(", ");
    Err(ValueError::new(text!("{} is none of {}{}", "{} 不在 {} 之中{}", format!("{text:?}"), known, near)))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn reader() -> Reader {
        Reader::new(TimeZone::fixed(jiff::tz::offset(8)))
    }

    fn message(text: &str, ty: &Type) -> String {
        reader().read(text, ty).unwrap_err().message.en
    }

    #[test]
    fn a_bare_number_needs_the_unit_of_its_parameter() {
        let seconds = Reader { unit: Some("s".to_owned()), ..reader() };
        let ten_minutes = Value::Duration(SignedDuration::from_mins(10));
        assert_eq!(seconds.read("600", &Type::Duration).unwrap(), ten_minutes);
        assert_eq!(seconds.read("10m", &Type::Duration).unwrap(), ten_minutes);
        assert_eq!(reader().read(" 10m\n", &Type::Duration).unwrap(), ten_minutes);
        assert_eq!(message("600", &Type::Duration), "`600` has no unit; write it as in `10m`");
        assert_eq!(message("98", &Type::Percent), "`98` has no unit; write it as in `98%`");
        let megabytes = Reader { unit: Some("MB".to_owned()), ..reader() };
        assert_eq!(megabytes.read("20", &Type::Bytes).unwrap(), Value::Bytes(20_000_000));
        assert!(megabytes.read("20s", &Type::Bytes).is_err(), "another unit is not taken for bytes");
    }

    #[test]
    fn lists_are_separated_by_commas_or_are_json() {
        let people = Type::List(Box::new(Type::String));
        let both = Value::List(vec![Value::Text("li".to_owned()), Value::Text("wang".to_owned())]);
        assert_eq!(reader().read("li, wang", &people).unwrap(), both);
        assert_eq!(reader().read("li、wang", &people).unwrap(), both);
        assert_eq!(reader().read(r#"["li","wang"]"#, &people).unwrap(), both);
        assert_eq!(reader().read("", &people).unwrap(), Value::List(Vec::new()));
        assert_eq!(message("[1]", &people), "[1] is no list of string");
        let numbers = Type::List(Box::new(Type::Int));
        assert_eq!(message("1,x", &numbers), "\"x\" is no whole number");
    }

    #[test]
    fn times_take_the_zone_where_they_name_none() {
        let nine: jiff::Timestamp = "2025-11-18T01:00:00Z".parse().unwrap();
        assert_eq!(reader().read("2025-11-18 09:00", &Type::Time).unwrap(), Value::Time(nine));
        assert_eq!(reader().read("2025-11-18T01:00:00Z", &Type::Time).unwrap(), Value::Time(nine));
        assert!(message("09:00", &Type::Time).contains("is no time"));
        let berlin = Reader::new(TimeZone::get("Europe/Berlin").unwrap());
        assert!(berlin.read("2025-10-26 02:30", &Type::Time).is_err(), "02:30 is there twice on that day");
    }

    #[test]
    fn urls_choices_and_optionals() {
        let url = "http://production-server:4000/metrics/prom";
        assert_eq!(reader().read(url, &Type::Url).unwrap(), Value::Text(url.to_owned()));
        for wrong in ["production-server:4000", "http://", "http://a b", "://x", "1http://x"] {
            assert!(reader().read(wrong, &Type::Url).is_err(), "{wrong:?} was taken");
        }
        assert_eq!(url_host("https://user:pw@[::1]:8080/x"), Some("::1"));
        let impact = Type::OneOf(vec!["low".to_owned(), "high".to_owned()]);
        assert_eq!(message("hihg", &impact), "\"hihg\" is none of low, high; did you mean `high`?");
        let maybe = Type::Optional(Box::new(Type::Url));
        assert_eq!(reader().read("", &maybe).unwrap(), Value::Null);
        assert_eq!(message("", &Type::String), "it is empty");
        assert_eq!(message("ture", &Type::Bool), "\"ture\" is neither `true` nor `false`");
    }
}
