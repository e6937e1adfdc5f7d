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

/// What an empty text from outside is: null where the parameter is optional, a value where the runbook itself gives an empty
/// one.
///
/// # Errors
///
/// Everywhere else it is missing.
pub fn nothing(param: &Param) -> Result<Value, Text> {
    if param.optional {
        return Ok(Value::Null);
    }
    let empty = Value::Text(String::new());
    let given = param.default.iter().chain(param.per_env.values()).any(|value| *value == empty);
    if given { spec(param).within(empty).map_err(|error| words(&error)) } else { Err(words(&AnswerError::Empty)) }
}

/// Reads what was typed, a bare number in the parameter's own unit, and judges it.
pub(crate) fn read(param: &Param, typed: &str, environment: Option<&str>, zone: &TimeZone) -> Result<Value, Text> {
    if typed.trim().is_empty() {
        return nothing(param);
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
    let spec = spec(param);
    // Read as an answer, an empty text is none; the author's own is meant.
    let fits = if value == Value::Text(String::new()) { spec.within(value) } else { spec.fit(&value, zone) };
    let value = fits.map_err(|error| words(&error))?;
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
