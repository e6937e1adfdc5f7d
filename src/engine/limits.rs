//! What a value of a parameter must keep to: its limits, its pattern, its forbidden hosts. The same when it is given before
//! the run and when a person sets it later.

use jiff::tz::TimeZone;

use crate::check::program::Param;
use crate::text;
use crate::text::{Lang, Text};
use crate::value::Value;
use crate::value::answer::{AnswerError, AnswerSpec};
use crate::value::function::{Context, Function, call};
use crate::value::read::Reader;

/// What fits, but for forbidden hosts.
pub fn spec(param: &Param) -> AnswerSpec {
    AnswerSpec {
        ty: param.ty.clone(),
        optional: param.optional,
        min: param.min.clone(),
        max: param.max.clone(),
        matches: param.matches.as_ref().map(|pattern| (pattern.source.clone(), pattern.ignore_case)),
        typed: None,
    }
}

/// Reads what was typed, a bare number in the parameter's own unit, and judges it.
pub(crate) fn read(param: &Param, typed: &str, environment: Option<&str>, zone: &TimeZone) -> Result<Value, Text> {
    if typed.trim().is_empty() {
        return spec(param).read(typed, zone).map_err(|error| words(&error));
    }
    let reader = Reader { unit: param.unit.clone(), ..Reader::new(zone.clone()) };
    let value = reader.read(typed, &param.ty).map_err(|error| error.message)?;
    judged(param, value, environment, zone)
}

/// Judges a value.
///
/// # Errors
///
/// Why it does not fit, for people.
pub fn judged(param: &Param, value: Value, environment: Option<&str>, zone: &TimeZone) -> Result<Value, Text> {
    if value == Value::Null {
        return Ok(value);
    }
    let value = spec(param).fit(&value, zone).map_err(|error| words(&error))?;
    let everywhere = param.not_host.get("*").into_iter().flatten();
    let here = environment.and_then(|environment| param.not_host.get(environment)).into_iter().flatten();
    let forbidden: Vec<&String> = everywhere.chain(here).collect();
    if forbidden.is_empty() {
        return Ok(value);
    }
    let host = call(Function::Host, std::slice::from_ref(&value), Context { zone }).map_err(|error| error.message)?;
    match forbidden.into_iter().find(|name| host == Value::Text((*name).clone())) {
        Some(name) => Err(text!("its host is {name}, which must not be used here", "主机为 {name}，此处不允许使用")),
        None => Ok(value),
    }
}

/// The words of a misfit.
pub(crate) fn words(error: &AnswerError) -> Text {
    Text { en: error.text(Lang::En), zh: error.text(Lang::Zh) }
}
