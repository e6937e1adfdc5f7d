//! Values of parameters from outside: the command line, a file, the environment, the runbook's own defaults. All that is
//! wrong with them is said at once, before anything runs.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::check::program::{Param, Program};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::engine::limits;
use crate::text;
use crate::text::Text;
use crate::value::Value;
use crate::value::nearest::nearest;
use crate::value::read::Reader;
use crate::value::text::text;

/// What is given from outside, as text.
pub struct Given<'a> {
    /// `--param N=V`, in order.
    pub flags: &'a [(String, String)],
    /// Of a file of parameters, or of a scenario.
    pub file: &'a BTreeMap<String, String>,
    /// Variables of the environment; one that is empty counts as not set.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// `--env`, as [`environment`] accepted it.
    pub environment: Option<&'a str>,
    /// Zone of a time that names none.
    pub zone: &'a TimeZone,
}

/// Longest file of parameters: far more than a runbook has of them.
pub const MAX_PARAMS_BYTES: usize = 1024 * 1024;

/// A value for each parameter of a runbook, or everything that is wrong.
pub fn resolve(params: &[Param], given: &Given<'_>) -> Result<BTreeMap<String, Value>, Vec<Diagnostic>> {
    let mut wrong = strangers(params, given);
    let mut values = BTreeMap::new();
    for param in params {
        match one(param, given) {
            Ok(value) => {
                values.insert(param.name.clone(), value);
            }
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// Names that no parameter has, and names given twice.
fn strangers(params: &[Param], given: &Given<'_>) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let mut flags: Vec<&str> = Vec::new();
    for (name, _) in given.flags {
        if flags.contains(&name.as_str()) {
            let twice =
                Diagnostic::placeless(Code::RB0861, text!("--param {name} is given twice", "--param {name} 重复给出"));
            wrong.push(
                twice.help(text!(
                    "a parameter has one value: leave one of them out",
                    "一个参数只有一个值：请去掉多余的"
                )),
            );
        }
        flags.push(name);
    }
    flags.dedup();
    for name in flags.into_iter().chain(given.file.keys().map(String::as_str)) {
        if params.iter().any(|param| param.name == name) {
            continue;
        }
        let names: Vec<&str> = params.iter().map(|param| param.name.as_str()).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => text!("did you mean `{near}`?", "是否想写 `{near}`？"),
            None if names.is_empty() => text!("the runbook has no parameters", "该 runbook 没有参数"),
            None => text!("the parameters are {}", "可用参数：{}", names.join(", ")),
        };
        let unknown = Diagnostic::placeless(Code::RB0860, text!("there is no parameter `{name}`", "没有参数 `{name}`"))
            .help(help);
        if !wrong.contains(&unknown) {
            wrong.push(unknown);
        }
    }
    wrong
}

fn one(param: &Param, given: &Given<'_>) -> Result<Value, Diagnostic> {
    let flag = given.flags.iter().rev().find(|(name, _)| *name == param.name);
    let variable = param.env.as_deref();
    let (from, typed) = if let Some((_, typed)) = flag {
        (Text::verbatim(format!("--param {}", param.name)), typed.clone())
    } else if let Some(typed) = given.file.get(&param.name) {
        (text!("`{}` of the parameters file", "参数文件中的 `{}`", param.name), typed.clone())
    } else if let Some((name, typed)) = variable.and_then(|name| Some((name, (given.env)(name)?)))
        && !typed.is_empty()
    {
        (Text::verbatim(format!("${name}")), typed)
    } else {
        return own(param, given);
    };
    let reader = Reader { unit: param.unit.clone(), ..Reader::new(given.zone.clone()) };
    if param.optional && typed.trim().is_empty() {
        return Ok(Value::Null);
    }
    let misfit = |reason: Text| {
        Diagnostic::error(Code::RB0862, param.span, text!("{}: {}", "{}：{}", from, reason)).help(wanted(param))
    };
    let value = reader.read(&typed, &param.ty).map_err(|error| misfit(error.message))?;
    judged(param, value, given).map_err(misfit)
}

/// What a parameter takes.
fn wanted(param: &Param) -> Text {
    let mut parts = vec![text!("`{}` takes {}", "`{}` 的类型是 {}", param.name, param.ty)];
    parts.extend(param.unit.as_ref().map(|unit| text!("a bare number is in {unit}", "不带单位的数字以 {unit} 计")));
    parts.extend(param.min.as_ref().map(|min| text!("at least {}", "不小于 {}", text(min))));
    parts.extend(param.max.as_ref().map(|max| text!("at most {}", "不大于 {}", text(max))));
    parts.extend(param.matches.as_ref().map(|pattern| text!("matching /{}/", "匹配 /{}/", pattern.source)));
    Text::join(&parts, &text!(", ", "，"))
}

/// The runbook's own value: for the environment, the default, null for an optional.
fn own(param: &Param, given: &Given<'_>) -> Result<Value, Diagnostic> {
    let per_env = given.environment.and_then(|environment| param.per_env.get(environment));
    if let Some(value) = per_env.or(param.default.as_ref()) {
        return judged(param, value.clone(), given).map_err(|reason| {
            let message = text!(
                "the value that the runbook gives `{}` does not fit: {}",
                "runbook 为 `{}` 给出的值不符合要求：{}",
                param.name,
                reason
            );
            Diagnostic::error(Code::RB0862, param.span, message).help(wanted(param))
        });
    }
    if param.optional {
        return Ok(Value::Null);
    }
    let way = match &param.env {
        Some(variable) => {
            text!("set ${}, or give --param {}=VALUE", "请设置 ${}，或给出 --param {}=VALUE", variable, param.name)
        }
        None => text!("give --param {}=VALUE", "请给出 --param {}=VALUE", param.name),
    };
    let message = text!("the parameter `{}` has no value", "参数 `{}` 没有值", param.name);
    Err(Diagnostic::error(Code::RB0863, param.span, message).help(way))
}

/// Limits, pattern and forbidden hosts.
fn judged(param: &Param, value: Value, given: &Given<'_>) -> Result<Value, Text> {
    limits::judged(param, value, given.environment, given.zone)
}

/// The environment of a run: `--env` must name one of the runbook's, where it has some.
pub fn environment(program: &Program, wanted: Option<&str>) -> Result<Option<String>, Diagnostic> {
    let known = program.environments.as_slice();
    let listed = || text!("--env is one of {}", "--env 可取：{}", known.join(", "));
    match wanted {
        None if known.is_empty() => Ok(None),
        None => {
            let message = text!("this runbook needs --env", "该 runbook 需要 --env");
            Err(Diagnostic::placeless(Code::RB0864, message).help(listed()))
        }
        Some(name) if known.iter().any(|known| known == name) => Ok(Some(name.to_owned())),
        Some(name) if known.is_empty() => {
            let message = text!(
                "--env {name} is given, and the runbook has no environments",
                "给出了 --env {name}，但该 runbook 没有环境"
            );
            Err(Diagnostic::placeless(Code::RB0864, message).help(text!(
                "leave it out, or declare `environments …` in the runbook",
                "请去掉它，或在 runbook 中声明 `environments …`"
            )))
        }
        Some(name) => {
            let near = nearest(name, known.iter().map(String::as_str));
            let near = near.map_or_else(Text::default, |near| text!("did you mean `{near}`? ", "是否想写 `{near}`？"));
            let message = text!("there is no environment `{name}`", "没有环境 `{name}`");
            Err(Diagnostic::placeless(Code::RB0864, message).help(text!("{}{}", "{}{}", near, listed())))
        }
    }
}

/// Reads a file of parameters: TOML, one `name = value` a line, each value as it would be typed (a list may be a TOML one).
pub fn file(text: &str) -> Result<BTreeMap<String, String>, Diagnostic> {
    let wrong = |span, message: Text| Diagnostic::error(Code::RB0866, span, message);
    if text.len() > MAX_PARAMS_BYTES {
        let bytes = text.len();
        let message = text!(
            "a parameters file of {bytes} bytes; at most {MAX_PARAMS_BYTES} are read",
            "参数文件有 {bytes} 字节；最多读取 {MAX_PARAMS_BYTES} 字节"
        );
        return Err(wrong(Span::default(), message));
    }
    let table: toml::Table = toml::from_str(text).map_err(|error: toml::de::Error| {
        let span = error.span().map_or_else(Span::default, |span| Span::new(span.start, span.end));
        let help = text!(
            "one parameter a line, as in `metrics_url = \"http://…\"`",
            "每行一个参数，例如 `metrics_url = \"http://…\"`"
        );
        wrong(span, Text::verbatim(error.message())).help(help)
    })?;
    let mut texts = BTreeMap::new();
    for (name, value) in table {
        texts.insert(name, as_typed(&value));
    }
    Ok(texts)
}

/// A value of TOML as a person would type it.
fn as_typed(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Datetime(time) => time.to_string(),
        toml::Value::Array(_) | toml::Value::Table(_) => {
            serde_json::to_value(value).map_or_else(|_| value.to_string(), |json| json.to_string())
        }
    }
}

#[cfg(test)]
mod tests;
