//! Values of parameters from outside: the command line, a file, the environment, the runbook's own defaults. All that is
//! wrong with them is said at once, before anything runs.

mod alerts;

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

pub use alerts::Alerts;

/// What is given from outside, as text.
pub struct Given<'a> {
    /// `--param N=V`, in order.
    pub flags: &'a [(String, String)],
    /// Of a file of parameters, or of a scenario.
    pub file: &'a BTreeMap<String, String>,
    /// The alerts that the run is about, where a file of them is given.
    pub alerts: Option<&'a Alerts>,
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
    if given.alerts.is_some() && params.iter().all(|param| param.from_label.is_none()) {
        let message = text!("no parameter of the runbook takes a label of an alert", "该 runbook 没有参数取自告警标签");
        let help = Text::verbatim("param NAME, TYPE, from_label: \"instance\"");
        wrong.push(Diagnostic::placeless(Code::RB0860, message).help(help));
    }
    wrong
}

fn one(param: &Param, given: &Given<'_>) -> Result<Value, Diagnostic> {
    let flag = given.flags.iter().rev().find(|(name, _)| *name == param.name);
    let variable = param.env.as_deref();
    let label = labelled(param, given);
    let (from, typed) = if let Some((_, typed)) = flag {
        (Text::verbatim(format!("--param {}", param.name)), typed.clone())
    } else if let Some(typed) = given.file.get(&param.name) {
        (text!("`{}` of the parameters file", "参数文件中的 `{}`", param.name), typed.clone())
    } else if let Some((name, value)) = label? {
        (text!("the label `{name}` of the alert", "告警的标签 `{name}`"), value.to_owned())
    } else if let Some((name, typed)) = variable.and_then(|name| Some((name, (given.env)(name)?)))
        && !typed.is_empty()
    {
        (Text::verbatim(format!("${name}")), typed)
    } else {
        return own(param, given);
    };
    let reader = Reader { unit: param.unit.clone(), ..Reader::new(given.zone.clone()) };
    let misfit = |reason: Text| {
        Diagnostic::error(Code::RB0862, param.span, text!("{}: {}", "{}：{}", from, reason)).help(wanted(param))
    };
    if typed.trim().is_empty() {
        return limits::nothing(param).map_err(misfit);
    }
    let value = reader.read(&typed, &param.ty).map_err(|error| misfit(error.message))?;
    judged(param, value, given).map_err(misfit)
}

/// The label of the alert that gives a parameter, and its value.
fn labelled<'a>(param: &'a Param, given: &Given<'a>) -> Result<Option<(&'a str, &'a str)>, Diagnostic> {
    let (Some(name), Some(alerts)) = (param.from_label.as_deref(), given.alerts) else { return Ok(None) };
    match alerts.label(name) {
        Ok(value) => Ok(value.filter(|value| !value.is_empty()).map(|value| (name, value))),
        Err(values) => {
            let some: Vec<&str> = values.iter().copied().filter(|value| !value.is_empty()).collect();
            let told = some.join(", ");
            let values = if some.len() < values.len() {
                text!("{told}, and none in some of them", "{told}，有的告警没有该标签")
            } else {
                Text::verbatim(told)
            };
            let message = text!(
                "the alerts differ in the label `{}`, which gives `{}`: {}",
                "`{1}` 取自标签 `{0}`，而各告警的该标签不同：{2}",
                name,
                param.name,
                values
            );
            let help = text!(
                "give --param {}=VALUE, or a file with one alert",
                "请给出 --param {}=VALUE，或只含一条告警的文件",
                param.name
            );
            Err(Diagnostic::error(Code::RB0862, param.span, message).help(help))
        }
    }
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
    let flag = text!("give --param {}=VALUE", "请给出 --param {}=VALUE", param.name);
    let variable = param.env.as_ref().map(|variable| text!("set ${}", "请设置 ${}", variable));
    let label = param.from_label.as_ref().map(|label| {
        text!("give --params with an alert that has the label `{}`", "请用 --params 给出带标签 `{}` 的告警", label)
    });
    let ways: Vec<Text> = variable.into_iter().chain(label).chain([flag]).collect();
    let way = Text::join(&ways, &text!(", or ", "，或"));
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

/// What is wrong with a name that was typed, in a line.
pub fn slip(found: &Diagnostic, lang: crate::text::Lang) -> String {
    let help = found.help.iter().map(|help| help.get(lang));
    std::iter::once(found.message.get(lang)).chain(help).collect::<Vec<_>>().join(lang.pick("; ", "；"))
}

/// A file of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// Values by name, each as it would be typed.
    Values(BTreeMap<String, String>),
    /// The alerts that a run is about.
    Alerts(Alerts),
}

/// Reads a file of parameters: TOML, one `name = value` a line, each value as it would be typed (a list may be a TOML one);
/// or JSON, alerts as Alertmanager posts and lists them.
///
/// # Errors
///
/// RB0866 where it is neither, with the place in it.
pub fn file(text: &str) -> Result<File, Diagnostic> {
    let wrong = |span, message: Text| Diagnostic::error(Code::RB0866, span, message);
    if text.len() > MAX_PARAMS_BYTES {
        let bytes = text.len();
        let message = text!(
            "a parameters file of {bytes} bytes; at most {MAX_PARAMS_BYTES} are read",
            "参数文件有 {bytes} 字节；最多读取 {MAX_PARAMS_BYTES} 字节"
        );
        return Err(wrong(Span::default(), message));
    }
    // No TOML begins with a brace; `[…]` begins a list of JSON only where it is one.
    let json: Result<serde_json::Value, _> = serde_json::from_str(text);
    match json {
        Ok(json) => return alerts_of(&json).map_err(|message| wrong(Span::default(), message).help(alert_help())),
        Err(error) if text.trim_start().starts_with('{') => {
            let at = place_of(text, &error);
            return Err(wrong(at, text!("this is no JSON: {error}", "不是 JSON：{error}")).help(alert_help()));
        }
        Err(_) => {}
    }
    let table: toml::Table = toml::from_str(text).map_err(|error: toml::de::Error| {
        let span = error.span().map_or_else(Span::default, |span| Span::new(span.start, span.end));
        let help = text!(
            "one parameter a line, as in `metrics_url = \"http://…\"`",
            "每行一个参数，例如 `metrics_url = \"http://…\"`"
        );
        wrong(span, Text::verbatim(error.message())).help(help)
    })?;
    Ok(File::Values(table.into_iter().map(|(name, value)| (name, as_typed(&value))).collect()))
}

fn alerts_of(json: &serde_json::Value) -> Result<File, Text> {
    Alerts::read(json).map(File::Alerts)
}

fn alert_help() -> Text {
    text!(
        "JSON is read as alerts: what Alertmanager posts to a webhook, or what its API lists",
        "JSON 会按告警读取：Alertmanager 发给 webhook 的内容，或其 API 列出的内容"
    )
}

/// Where an error of JSON is: its line and column, both from 1, as a place in the text.
fn place_of(text: &str, error: &serde_json::Error) -> Span {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (before + error.column().saturating_sub(1)).min(text.len());
    Span::new(at, at)
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
