//! `parse:`: how the output of a command, or the body of an answer, becomes a value.

use super::Value;
use super::error::ValueError;
use super::types::Type;
use super::unit;
use crate::text;

/// `parse:`
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Parse {
    Text,
    Lines,
    Int,
    Float,
    Json,
    Csv,
    Duration,
    Bytes,
    Time,
}

impl Parse {
    /// All of them.
    pub const ALL: &[Parse] = &[
        Parse::Text,
        Parse::Lines,
        Parse::Int,
        Parse::Float,
        Parse::Json,
        Parse::Csv,
        Parse::Duration,
        Parse::Bytes,
        Parse::Time,
    ];

    /// As it is written after `parse:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Parse::Text => "text",
            Parse::Lines => "lines",
            Parse::Int => "int",
            Parse::Float => "float",
            Parse::Json => "json",
            Parse::Csv => "csv",
            Parse::Duration => "duration",
            Parse::Bytes => "bytes",
            Parse::Time => "time",
        }
    }

    /// Type of `.value`.
    pub fn ty(self) -> Type {
        match self {
            Parse::Text => Type::Text,
            Parse::Lines => Type::List(Box::new(Type::Text)),
            Parse::Int => Type::Int,
            Parse::Float => Type::Float,
            Parse::Json => Type::Json,
            Parse::Csv => Type::List(Box::new(Type::Map(Box::new(Type::Text)))),
            Parse::Duration => Type::Duration,
            Parse::Bytes => Type::Bytes,
            Parse::Time => Type::Time,
        }
    }

    /// Parses `output`. Space around a single value does not count; nothing else is forgiven: an output that is empty, or
    /// has a second line, is no number.
    ///
    /// - `text`: all of it without its last newline.
    /// - `lines`: its lines, empty ones in the middle kept; no output is `[]`.
    /// - `csv`: by RFC 4180, the first record names the fields; each further one is a map of texts, of the same length.
    /// - `bytes`: `20MB`, `512MiB`, and a bare whole number of bytes.
    /// - `time`: RFC 3339 with its offset, and whole seconds since 1970 behind an `@`, as `date +@%s` prints.
    pub fn parse(self, output: &str) -> Result<Value, ValueError> {
        match self {
            Parse::Text => Ok(Value::Text(without_newline(output).to_owned())),
            Parse::Lines => Ok(Value::List(output.lines().map(|line| Value::Text(line.to_owned())).collect())),
            Parse::Int => int(one_line(output, "int")?),
            Parse::Float => float(one_line(output, "float")?),
            Parse::Json => super::json::read_json(output),
            Parse::Csv => csv(output),
            Parse::Duration => unit::read_duration(one_line(output, "duration")?),
            Parse::Bytes => bytes(one_line(output, "bytes")?),
            Parse::Time => time(one_line(output, "time")?),
        }
    }
}

fn without_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn one_line<'a>(output: &'a str, kind: &str) -> Result<&'a str, ValueError> {
    let text = output.trim();
    if text.is_empty() {
        return Err(ValueError::new(text!("no {kind}: the output is empty", "不是 {kind}：输出为空")));
    }
    match text.lines().count() {
        1 => Ok(text),
        lines => Err(ValueError::new(text!(
            "no {kind}: the output has {lines} lines, the first is {}",
            "不是 {kind}：输出有 {lines} 行，第一行是 {}",
            first(text)
        ))),
    }
}

/// The first line, in quotes, and not too long for a message.
fn first(text: &str) -> String {
    let line: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
    format!("{line:?}")
}

/// A whole number; also for answers and parameters.
pub(super) fn int(text: &str) -> Result<Value, ValueError> {
    let sound = |c: char| c.is_ascii_digit();
    if !text.strip_prefix(['-', '+']).unwrap_or(text).chars().all(sound) || !text.contains(sound) {
        return Err(ValueError::new(text!("{} is no whole number", "{} 不是整数", first(text))));
    }
    text.parse().map(Value::Int).map_err(|_| ValueError::new(text!("{text} is out of range", "{text} 超出范围")))
}

/// A number; also for answers and parameters. `NaN` and `Inf` are none.
pub(super) fn float(text: &str) -> Result<Value, ValueError> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Value::Float(number)),
        Ok(_) | Err(_) => Err(ValueError::new(text!("{} is no number", "{} 不是数字", first(text)))),
    }
}

fn bytes(text: &str) -> Result<Value, ValueError> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { unit::with_unit(text, "B") } else { unit::read_bytes(text) }
}

/// A point in time that needs no zone.
pub(super) fn time(text: &str) -> Result<Value, ValueError> {
    let read = match text.strip_prefix('@') {
        Some(seconds) => seconds.parse().ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()),
        None => text.parse().ok(),
    };
    read.map(Value::Time).ok_or_else(|| {
        ValueError::new(text!(
            "{} is no time; one reads `2025-11-18T09:00:00+08:00`",
            "{} 不是时间；写法如 `2025-11-18T09:00:00+08:00`",
            first(text)
        ))
    })
}

/// RFC 4180, with `\n` as well as `\r\n`; a blank line at the end is none.
fn csv(text: &str) -> Result<Value, ValueError> {
    let mut records = csv_records(text)?.into_iter();
    let Some((_, header)) = records.next() else {
        return Err(ValueError::new(text!("no csv: the output is empty", "不是 csv：输出为空")));
    };
    for (index, name) in header.iter().enumerate() {
        if header.iter().take(index).any(|before| before == name) {
            return Err(ValueError::new(text!("csv: the column {name:?} is there twice", "csv：列 {name:?} 重复出现")));
        }
    }
    let mut rows = Vec::new();
    for (line, record) in records {
        if record.len() != header.len() {
            return Err(ValueError::new(text!(
                "csv line {line}: {} fields, the header has {}",
                "csv 第 {line} 行：有 {} 个字段，表头有 {} 个",
                record.len(),
                header.len()
            )));
        }
        let row = header.iter().cloned().zip(record.into_iter().map(Value::Text)).collect();
        rows.push(Value::Map(row));
    }
    Ok(Value::List(rows))
}

/// The records, each with the 1-based line on which it begins.
fn csv_records(text: &str) -> Result<Vec<(usize, Vec<String>)>, ValueError> {
    let mut records = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let begin = line;
        let mut record = Vec::new();
        loop {
            let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
                quoted_field(quoted).ok_or_else(|| {
                    ValueError::new(text!("csv line {line}: a quote without its end", "csv 第 {line} 行：引号没有结束"))
                })?
            } else {
                let (field, after) = rest.split_at(rest.find([',', '\n']).unwrap_or(rest.len()));
                (field.strip_suffix('\r').unwrap_or(field).to_owned(), after)
            };
            line += field.matches('\n').count();
            record.push(field);
            let after = after.strip_prefix('\r').unwrap_or(after);
            if let Some(next) = after.strip_prefix(',') {
                rest = next;
            } else if let Some(next) = after.strip_prefix('\n') {
                rest = next;
                line += 1;
                break;
            } else if after.is_empty() {
                rest = after;
                break;
            } else {
                return Err(ValueError::new(text!(
                    "csv line {line}: text behind a closing quote",
                    "csv 第 {line} 行：结束引号之后还有内容"
                )));
            }
        }
        let blank = record.len() == 1 && record.first().is_some_and(String::is_empty);
        if !(blank && rest.is_empty()) {
            records.push((begin, record));
        }
    }
    Ok(records)
}

/// The field behind an opening quote, and what follows its closing one.
fn quoted_field(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn message(parse: Parse, output: &str) -> String {
        parse.parse(output).unwrap_err().message.en
    }

    #[test]
    fn numbers_stand_alone() {
        assert_eq!(Parse::Int.parse("0\n").unwrap(), Value::Int(0));
        assert_eq!(Parse::Int.parse(" +5 ").unwrap(), Value::Int(5));
        assert_eq!(Parse::Float.parse("1e3\n").unwrap(), Value::Float(1000.0));
        assert_eq!(message(Parse::Int, ""), "no int: the output is empty");
        assert_eq!(message(Parse::Int, "1\n2\n"), "no int: the output has 2 lines, the first is \"1\"");
        assert_eq!(message(Parse::Int, "3.5"), "\"3.5\" is no whole number");
        assert_eq!(message(Parse::Int, "-"), "\"-\" is no whole number");
        assert_eq!(message(Parse::Int, "99999999999999999999"), "99999999999999999999 is out of range");
        assert_eq!(message(Parse::Float, "NaN"), "\"NaN\" is no number");
        assert_eq!(message(Parse::Float, "inf"), "\"inf\" is no number");
    }

    #[test]
    fn text_and_lines() {
        assert_eq!(Parse::Text.parse("a\nb\n").unwrap(), Value::Text("a\nb".to_owned()));
        let lines = |text: &str| {
            let Value::List(items) = Parse::Lines.parse(text).unwrap() else { panic!("no list") };
            items.len()
        };
        assert_eq!(lines(""), 0);
        assert_eq!(lines("a\n\nb\n"), 3);
    }

    #[test]
    fn units_and_times() {
        assert_eq!(Parse::Duration.parse("10m\n").unwrap(), Value::Duration(SignedDuration::from_mins(10)));
        assert_eq!(Parse::Bytes.parse("1024\n").unwrap(), Value::Bytes(1024));
        assert_eq!(Parse::Bytes.parse("78MB").unwrap(), Value::Bytes(78_000_000));
        let nine: jiff::Timestamp = "2025-11-18T01:00:00Z".parse().unwrap();
        assert_eq!(Parse::Time.parse("2025-11-18T09:00:00+08:00").unwrap(), Value::Time(nine));
        assert_eq!(Parse::Time.parse("@1763427600").unwrap(), Value::Time(nine));
        assert!(message(Parse::Time, "2025-11-18 09:00").contains("no time"));
    }

    #[test]
    fn csv_as_written_down_in_rfc_4180() {
        let value = Parse::Csv.parse("name,note\r\na,\"x, \"\"y\"\"\nz\"\r\nb,\r\n").unwrap();
        let Value::List(rows) = value else { panic!("no list") };
        assert_eq!(rows.len(), 2);
        let Value::Map(row) = &rows[0] else { panic!("no map") };
        assert_eq!(row["note"], Value::Text("x, \"y\"\nz".to_owned()));
        assert_eq!(Parse::Csv.parse("name\n").unwrap(), Value::List(Vec::new()));
        assert_eq!(message(Parse::Csv, ""), "no csv: the output is empty");
        assert_eq!(message(Parse::Csv, "a,b\n\"x\ny\",2\n3\n"), "csv line 4: 1 fields, the header has 2");
        assert_eq!(message(Parse::Csv, "a,a\n"), "csv: the column \"a\" is there twice");
        assert_eq!(message(Parse::Csv, "a\n\"x"), "csv line 2: a quote without its end");
        assert_eq!(message(Parse::Csv, "a\n\"x\"y\n"), "csv line 2: text behind a closing quote");
    }
}
