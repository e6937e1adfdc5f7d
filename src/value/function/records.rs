//! Functions of maps and of lists of maps: the language has no lambdas, so what is wanted is said by a path into each
//! record, an operator and a value.
//!
//! A path is text with dots, places of lists by number (`"spec.containers[0].image"`), or a list of texts where a key itself
//! holds a dot (`["metadata", "labels", "app.kubernetes.io/name"]`). A missing path is an error that names it and the
//! record's place, unless a value for such records is given as the last argument.

use super::{Args, wrong};
use crate::text;
use crate::text::Both;
use crate::value::Value;
use crate::value::error::ValueError;
use crate::value::ops::{self, Comparison};

/// Steps into a value.
pub(super) struct Path {
    steps: Vec<String>,
}

impl Path {
    pub(super) fn of(value: &Value) -> Result<Self, ValueError> {
        if let Value::Text(text) = value {
            let steps: Vec<String> = text
                .split('.')
                .flat_map(|part| part.split('['))
                .map(|step| step.trim_end_matches(']').to_owned())
                .collect();
            if steps.iter().any(String::is_empty) {
                return Err(ValueError::new(text!("{text:?} is no path", "{text:?} 不是路径")));
            }
            Ok(Self { steps })
        } else if let Value::List(items) = value {
            let step = |item: &Value| {
                if let Value::Text(step) = item { Ok(step.clone()) } else { Err(wrong(item, Both("a key", "键"))) }
            };
            Ok(Self { steps: items.iter().map(step).collect::<Result<_, _>>()? })
        } else {
            Err(wrong(value, Both("a path", "路径")))
        }
    }

    fn shown(&self) -> String {
        self.steps.join(".")
    }
}

/// What stands at `path`; none where it is missing.
fn look<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.steps.iter().try_fold(value, |here, step| {
        if let Value::Map(fields) = here {
            fields.get(step)
        } else if let Value::List(items) = here {
            items.get(step.parse::<usize>().ok()?)
        } else {
            None
        }
    })
}

pub(super) fn at<'a>(value: &'a Value, path: &Path) -> Result<&'a Value, ValueError> {
    look(value, path).ok_or_else(|| {
        ValueError::new(text!("`{}` is not there in {}", "{1} 中没有 `{0}`", path.shown(), ops::said(value)))
    })
}

/// `path, value` or `path, "op", value` or `path, "op", value, value of records without it`.
struct Test<'a> {
    path: Path,
    operator: Operator,
    wanted: &'a Value,
    missing: Option<&'a Value>,
}

enum Operator {
    Compare(Comparison),
    Matches { pattern: Box<regex::Regex>, negated: bool },
}

impl<'a> Test<'a> {
    fn of(args: Args<'a>) -> Result<Self, ValueError> {
        let path = Path::of(args.get(1)?)?;
        if args.len() == 3 {
            let operator = Operator::Compare(Comparison::Eq);
            return Ok(Self { path, operator, wanted: args.get(2)?, missing: None });
        }
        let wanted = args.get(3)?;
        let operator = match args.text(2)? {
            "==" => Operator::Compare(Comparison::Eq),
            "!=" => Operator::Compare(Comparison::Ne),
            "<" => Operator::Compare(Comparison::Lt),
            "<=" => Operator::Compare(Comparison::Le),
            ">" => Operator::Compare(Comparison::Gt),
            ">=" => Operator::Compare(Comparison::Ge),
            name @ ("=~" | "!~") => {
                Operator::Matches { pattern: Box::new(super::texts::pattern(args.text(3)?)?), negated: name == "!~" }
            }
            other => {
                return Err(ValueError::new(text!(
                    "{other:?} is none of `== != < <= > >= =~ !~`",
                    "{other:?} 不是 `== != < <= > >= =~ !~` 之一"
                )));
            }
        };
        Ok(Self { path, operator, wanted, missing: args.get(4).ok() })
    }

    fn holds(&self, index: usize, record: &Value) -> Result<bool, ValueError> {
        let place = |error: ValueError| {
            ValueError::new(text!("at [{index}].{}: {}", "在 [{index}].{}：{}", self.path.shown(), error.message))
        };
        let found = match (look(record, &self.path), self.missing) {
            (Some(found), _) => found,
            (None, Some(instead)) => instead,
            (None, None) => {
                return Err(ValueError::new(text!(
                    "[{index}].{} is not there",
                    "没有 [{index}].{}",
                    self.path.shown()
                )));
            }
        };
        match &self.operator {
            Operator::Compare(comparison) => ops::compare(*comparison, found, self.wanted).map_err(place),
            Operator::Matches { pattern, negated } => {
                if let Value::Text(text) = found {
                    Ok(pattern.is_match(text) != *negated)
                } else {
                    Err(place(wrong(found, Both("text", "文本"))))
                }
            }
        }
    }
}

/// Each record with whether it fits.
fn tested(args: Args<'_>) -> Result<Vec<(&Value, bool)>, ValueError> {
    let test = Test::of(args)?;
    args.list(0)?.iter().enumerate().map(|(index, record)| Ok((record, test.holds(index, record)?))).collect()
}

pub(super) fn keep(args: Args<'_>) -> Result<Value, ValueError> {
    let fitting = tested(args)?.into_iter().filter(|(_, fits)| *fits).map(|(record, _)| record.clone());
    Ok(Value::List(fitting.collect()))
}

pub(super) fn find(args: Args<'_>) -> Result<Value, ValueError> {
    let fitting = tested(args)?.into_iter().find(|(_, fits)| *fits);
    fitting.map(|(record, _)| record.clone()).ok_or_else(|| {
        ValueError::new(text!(
            "none of the {} records fits",
            "{} 条记录中没有符合的",
            args.list(0).map_or(0, <[Value]>::len)
        ))
    })
}

fn truths(args: Args<'_>) -> Result<Vec<bool>, ValueError> {
    if args.len() > 1 {
        return Ok(tested(args)?.into_iter().map(|(_, fits)| fits).collect());
    }
    let truth = |item: &Value| {
        if let Value::Bool(truth) = item {
            Ok(*truth)
        } else {
            Err(wrong(item, Both("true or false", "true 或 false")))
        }
    };
    args.list(0)?.iter().map(truth).collect()
}

pub(super) fn any(args: Args<'_>) -> Result<Value, ValueError> {
    Ok(Value::Bool(truths(args)?.contains(&true)))
}

/// Of nothing at all "all" would be true: an empty answer would pass a gate. So it is an error.
pub(super) fn all(args: Args<'_>) -> Result<Value, ValueError> {
    let truths = truths(args)?;
    if truths.is_empty() {
        return Err(ValueError::new(text!(
            "the list is empty: there is nothing to judge",
            "列表为空：没有可判断的内容"
        )));
    }
    Ok(Value::Bool(!truths.contains(&false)))
}

pub(super) fn pluck(args: Args<'_>) -> Result<Value, ValueError> {
    let path = Path::of(args.get(1)?)?;
    let missing = args.get(2).ok();
    let mut found = Vec::new();
    for (index, record) in args.list(0)?.iter().enumerate() {
        let value = look(record, &path).or(missing);
        let value = value
            .ok_or_else(|| ValueError::new(text!("[{index}].{} is not there", "没有 [{index}].{}", path.shown())))?;
        found.push(value.clone());
    }
    Ok(Value::List(found))
}

/// There, and not `null`.
pub(super) fn has(args: Args<'_>) -> Result<Value, ValueError> {
    let found = look(args.get(0)?, &Path::of(args.get(1)?)?);
    Ok(Value::Bool(found.is_some_and(|value| *value != Value::Null)))
}

pub(super) fn keys(args: Args<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    if let Value::Map(fields) = value {
        Ok(Value::List(fields.keys().cloned().map(Value::Text).collect()))
    } else {
        Err(wrong(value, Both("a map", "映射")))
    }
}
