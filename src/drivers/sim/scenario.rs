//! The scenario file of a simulation: what the world of one simulated run does. `docs/simulation.md` is its reference.
//!
//! It is TOML. A key that is not known is an error with its place: a misspelt `latncy` must not give a healthy service.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::fields::{Manner, Share, Span};
use super::service::Service;
use crate::diagnostic::{self, Code, Diagnostic};
use crate::text;
use crate::text::{Both, Text};

/// Longest scenario file: a thousand scripted commands with a screenful of output each.
pub const MAX_SCENARIO_BYTES: usize = 4 * 1024 * 1024;

/// Who runs a simulation whose file names no `executor`.
const EXECUTOR: &str = "operator";

/// One scenario.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// What happens in it, in the words of `sim list`.
    pub title: String,
    /// The same in English, where `title` is not.
    pub en: Option<String>,
    /// The scenario that this one is a variant of, by name: see [`super::load`].
    pub like: Option<String>,
    /// `--env` of the run.
    pub env: Option<String>,
    /// When the run begins; without it when the runbook's window opens, else [`Scenario::DEFAULT_START`].
    #[serde(deserialize_with = "timestamp")]
    pub start: Option<Timestamp>,
    /// Decides all that is left to chance: jitter, faults.
    pub seed: u64,
    /// What the run with the scenario's answers must come to.
    pub expect: Option<Expect>,
    /// Values of parameters, as from outside.
    #[serde(deserialize_with = "texts")]
    pub params: BTreeMap<String, String>,
    /// Texts of secrets.
    pub secrets: BTreeMap<String, String>,
    /// Who answers for which role; `executor` runs it.
    pub people: BTreeMap<String, String>,
    /// Files that are there when the run begins, before the real tree is looked at: path and text.
    pub files: BTreeMap<String, String>,
    /// Targets that another run holds: target and run.
    pub locks: BTreeMap<String, String>,
    /// The service that is watched.
    pub service: Option<Service>,
    /// A Prometheus server that scrapes it.
    pub prometheus: Option<super::prometheus::Prometheus>,
    /// An Alertmanager.
    pub alertmanager: Option<Alertmanager>,
    /// An incoming webhook as Slack has it.
    pub slack: Option<Slack>,
    /// Other pages and interfaces.
    pub http: Vec<Page>,
    /// What commands give.
    pub command: Vec<toml::Spanned<Script>>,
    /// Chances of failure.
    pub faults: Faults,
}

/// What a run must come to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// Its exit code.
    pub exit: u8,
    /// Its status, as `status --format json` says it.
    pub status: Option<String>,
    /// Verdict of an objective over the whole observation, by key.
    pub slos: BTreeMap<String, String>,
    /// Static keys of blocks and effects that ran, in this order of their first begin.
    pub path: Vec<String>,
    /// Static keys of which none ran.
    pub never: Vec<String>,
    /// Texts that the report holds.
    pub report: Vec<String>,
}

/// An Alertmanager.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alertmanager {
    /// Its symbolic host and port.
    pub host: String,
    /// How long an answer takes.
    pub takes: Span,
    /// How it answers.
    pub answer: Manner,
    /// The alerts that fire.
    pub alert: Vec<FiringAlert>,
}

impl Default for Alertmanager {
    fn default() -> Self {
        Self {
            host: "alertmanager.sim:9093".to_owned(),
            takes: Span::millis(10),
            answer: Manner::Ok,
            alert: Vec::new(),
        }
    }
}

/// An alert that fires for a while.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiringAlert {
    /// When it begins to fire, after the start of the run.
    pub after: Span,
    /// For how long; without it to the end.
    #[serde(default, rename = "for")]
    pub lasts: Option<Span>,
    /// Its labels; `alertname` is one of them.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// It is silenced.
    #[serde(default)]
    pub silenced: bool,
}

/// An incoming webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slack {
    /// Its symbolic host.
    pub host: String,
    /// How long an answer takes.
    pub takes: Span,
    /// How it answers.
    pub answer: Manner,
}

impl Default for Slack {
    fn default() -> Self {
        Self { host: "slack.sim".to_owned(), takes: Span::millis(30), answer: Manner::Ok }
    }
}

/// A page of a host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its URL, whole; a `*` at the end stands for anything.
    pub url: String,
    /// The method that it answers; without it all.
    #[serde(default)]
    pub method: Option<String>,
    /// Only from then on, after the start of the run.
    #[serde(default)]
    pub after: Option<Span>,
    /// Only until then, after the start of the run.
    #[serde(default)]
    pub until: Option<Span>,
    /// How it answers.
    #[serde(default)]
    pub answer: Manner,
    /// Status of a good answer.
    #[serde(default = "ok_status")]
    pub status: u16,
    /// Content type of a good answer.
    #[serde(default = "plain_text", rename = "type")]
    pub content_type: String,
    /// Body of a good answer.
    #[serde(default)]
    pub body: String,
    /// How long an answer takes.
    #[serde(default = "page_takes")]
    pub takes: Span,
}

fn ok_status() -> u16 {
    200
}

fn plain_text() -> String {
    "text/plain; charset=utf-8".to_owned()
}

fn page_takes() -> Span {
    Span::millis(20)
}

/// What one command gives. The first block that fits is taken.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// The command, whole, as it would run.
    pub run: Option<String>,
    /// A regular expression that is found in the command.
    #[serde(rename = "match")]
    pub pattern: Option<Pattern>,
    /// Static key of the statement, or its end from a `/` on.
    pub key: Option<String>,
    /// Only from then on, after the start of the run.
    pub after: Option<Span>,
    /// Only until then, after the start of the run.
    pub until: Option<Span>,
    /// So many times it fails with exit code 1 before it gives its answer.
    pub fails: u32,
    /// Its exit code.
    pub exit: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
    /// How long it takes.
    pub takes: Span,
    /// It never ends by itself.
    pub hang: bool,
    /// Several answers, one a call; the last one stays. In the place of `exit`, `out`, `err`, `takes`, `hang`.
    pub answers: Vec<ScriptAnswer>,
}

/// One of several answers of a command.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScriptAnswer {
    /// Its exit code.
    pub exit: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
    /// How long it takes.
    pub takes: Span,
    /// It never ends by itself.
    pub hang: bool,
}

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Pattern(pub regex::Regex);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        regex::Regex::new(&text).map(Self).map_err(|error| D::Error::custom(format!("no regular expression: {error}")))
    }
}

/// The chance that an effect of a kind fails although its script says otherwise; all are zero unless written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// A command exits with 1.
    pub commands: Share,
    /// A command never ends by itself.
    pub hangs: Share,
    /// A request, scrape or question to the Alertmanager is refused.
    pub requests: Share,
    /// A message is not taken.
    pub messages: Share,
    /// A file cannot be written.
    pub files: Share,
}

fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    let text = written.to_string();
    let parsed = text.parse::<Timestamp>();
    parsed.map(Some).map_err(|_| {
        D::Error::custom(format!("`{text}` needs a date, a time and an offset, like 2025-11-18T08:30:00+08:00"))
    })
}

/// Parameters may be written as numbers and lists as well; from outside they all come as text.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    fn text(value: &toml::Value) -> Option<String> {
        match value {
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Integer(number) => Some(number.to_string()),
            toml::Value::Float(number) => Some(number.to_string()),
            toml::Value::Boolean(yes) => Some(yes.to_string()),
            toml::Value::Datetime(time) => Some(time.to_string()),
            toml::Value::Array(items) => items.iter().map(text).collect::<Option<Vec<_>>>().map(|all| all.join(",")),
            toml::Value::Table(_) => None,
        }
    }
    let values = BTreeMap::<String, toml::Value>::deserialize(deserializer)?;
    let read = values.into_iter().map(|(name, value)| match text(&value) {
        Some(text) => Ok((name, text)),
        None => Err(D::Error::custom(format!("parameter `{name}` cannot be a table"))),
    });
    read.collect()
}

impl Scenario {
    /// When a run begins whose scenario has no `start` and whose runbook has no window: a Tuesday, 09:00 UTC.
    pub const DEFAULT_START: Timestamp = Timestamp::constant(1_767_690_000, 0);

    /// Reads a scenario file. The error says what is wrong at which place of `text`.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        if text.len() > MAX_SCENARIO_BYTES {
            let bytes = text.len();
            let message = text!(
                "a scenario file of {bytes} bytes; at most {MAX_SCENARIO_BYTES} are read",
                "场景文件有 {bytes} 字节；最多读取 {MAX_SCENARIO_BYTES} 字节"
            );
            return Err(Diagnostic::error(Code::RB0850, diagnostic::Span::default(), message));
        }
        let scenario: Self = toml::from_str(text).map_err(|error| unreadable(&error))?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// What serde cannot see: blocks that could never be used.
    fn validate(&self) -> Result<(), Diagnostic> {
        for script in &self.command {
            let place = diagnostic::Span::new(script.span().start, script.span().end);
            let script = script.get_ref();
            let wrong = |message: Both, help: Both| Err(Diagnostic::error(Code::RB0850, place, message).help(help));
            if script.run.is_none() && script.pattern.is_none() && script.key.is_none() {
                return wrong(
                    Both(
                        "a command block that says nothing about the command it stands for",
                        "该 command 块没有说明它代表哪条命令",
                    ),
                    Both(
                        "add `run` (the command, whole), `match` (a regular expression) or `key` (of the statement)",
                        "请补上 `run`（完整命令）、`match`（正则表达式）或 `key`（语句的键）",
                    ),
                );
            }
            let single = ScriptAnswer {
                exit: script.exit,
                out: script.out.clone(),
                err: script.err.clone(),
                takes: script.takes,
                hang: script.hang,
            };
            if !script.answers.is_empty() && (single != ScriptAnswer::default() || script.fails != 0) {
                return wrong(
                    Both(
                        "a command block with `answers` and an answer of its own",
                        "该 command 块既有 `answers` 又有自己的结果",
                    ),
                    Both(
                        "put the block's own `exit`, `out`, `err`, `takes`, `hang` or `fails` into `answers`",
                        "请把块内的 `exit`、`out`、`err`、`takes`、`hang` 或 `fails` 移入 `answers`",
                    ),
                );
            }
        }
        let none =
            |service: &Service| service.instances == 0 || service.at.iter().any(|change| change.instances == Some(0));
        if self.service.as_ref().is_some_and(none) {
            let message = text!(
                "a service of 0 instances; `answer = \"refused\"` says that nobody is there",
                "服务有 0 个实例；无人应答请写 `answer = \"refused\"`"
            );
            return Err(Diagnostic::error(Code::RB0850, diagnostic::Span::default(), message));
        }
        Ok(())
    }

    /// The user who runs it.
    pub fn executor(&self) -> &str {
        self.persona(Some("executor"))
    }

    /// The user who answers for a role; for one that is not named the executor.
    pub fn persona(&self, role: Option<&str>) -> &str {
        let named = role.and_then(|role| self.people.get(role)).or_else(|| self.people.get("executor"));
        named.map_or(EXECUTOR, String::as_str)
    }
}

/// The words of the TOML reader as a diagnostic of ours.
fn unreadable(error: &toml::de::Error) -> Diagnostic {
    let span = error.span().map_or_else(diagnostic::Span::default, |span| diagnostic::Span::new(span.start, span.end));
    let (message, known) = match error.message().split_once(", expected ") {
        Some((unknown, known)) if unknown.starts_with("unknown field") => {
            let key = unknown.trim_start_matches("unknown field ");
            (text!("unknown key {key}", "未知的键 {key}"), Some(known))
        }
        _ => (Text::verbatim(error.message()), None),
    };
    let diagnostic = Diagnostic::error(Code::RB0850, span, message);
    match known {
        Some(known) => {
            let known = known.trim_start_matches("one of ");
            diagnostic.help(text!("the keys here are {known}", "此处可用的键：{known}"))
        }
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::Latency;
    use super::*;

    fn error(text: &str) -> (Diagnostic, String) {
        let error = Scenario::parse(text).unwrap_err();
        let span = error.span();
        let place = text[span.start as usize..span.end as usize].to_owned();
        (error, place)
    }

    #[test]
    fn an_empty_file_is_a_scenario() {
        let scenario = Scenario::parse("").unwrap();
        assert_eq!(scenario.executor(), "operator");
        assert!(scenario.faults == Faults::default(), "no fault unless it is written");
        assert_eq!(Scenario::DEFAULT_START.to_string(), "2026-01-06T09:00:00Z");
    }

    #[test]
    fn all_that_a_file_may_say_is_read() {
        let scenario = Scenario::parse(
            r#"
            title = "慢"
            env = "production"
            start = 2025-11-18T08:30:00+08:00
            seed = 7
            [expect]
            exit = 1
            slos = { p99 = "breach" }
            [params]
            samples = 12
            people = ["a", "b"]
            [people]
            executor = "li.na"
            oncall = "zhao.lei"
            [service]
            requests_per_min = 600
            latency = "80ms"
            [[service.at]]
            after = "45m"
            for = "10m"
            answer = 503
            [[service.at]]
            after = "50m"
            latency = [{ takes = "80ms", share = "98%" }, { takes = "3s", share = "2%" }]
            [alertmanager]
            [[alertmanager.alert]]
            after = "1h"
            labels = { alertname = "HighErrorRate" }
            [[http]]
            url = "http://grafana.sim/*"
            [[command]]
            match = "^kubectl .* rollout history"
            answers = [{ exit = 1 }, { out = "ok", takes = "2s" }]
            "#,
        )
        .unwrap();
        assert_eq!(scenario.start.unwrap().to_string(), "2025-11-18T00:30:00Z");
        assert_eq!(scenario.params["samples"], "12");
        assert_eq!(scenario.params["people"], "a,b");
        assert_eq!(scenario.persona(Some("oncall")), "zhao.lei");
        assert_eq!(scenario.persona(Some("approver")), "li.na");
        let service = scenario.service.unwrap();
        assert_eq!(service.latency, Latency::Exact(vec![(Span::millis(80), Share(1.0))]));
        assert_eq!(service.at[0].answer, Some(Manner::Status(503)));
        assert_eq!(scenario.command[0].get_ref().answers.len(), 2);
    }

    #[test]
    fn an_unknown_key_is_an_error_at_its_place() {
        let (error, place) = error("[service]\nlatncy = \"80ms\"\n");
        assert_eq!(place, "latncy");
        assert_eq!(error.message.en, "unknown key `latncy`");
        assert!(error.help.unwrap().en.contains("`latency`"));
    }

    #[test]
    fn a_value_that_does_not_fit_is_an_error_at_its_place() {
        let (message, place) = error("[service]\nerrors = 0.02\n");
        assert_eq!(place, "0.02");
        assert!(message.message.en.contains("2.5%"), "{}", message.message.en);
        let (message, place) = error("[[service.at]]\nafter = \"45\"\n");
        assert_eq!(place, "\"45\"");
        assert!(message.message.en.contains("10m"), "{}", message.message.en);
        let (message, _) = error("[service]\nanswer = \"hung\"\n");
        assert!(message.message.en.contains("\"hang\""), "{}", message.message.en);
        let (message, _) = error("start = 2025-11-18\n");
        assert!(message.message.en.contains("offset"), "{}", message.message.en);
        let (message, place) = error("[[command]]\nmatch = \"(\"\n");
        assert_eq!(place, "\"(\"");
        assert!(message.message.en.contains("regular expression"), "{}", message.message.en);
        let (message, _) = error("[service]\nlatency = [{ takes = \"1s\", share = \"50%\" }]\n");
        assert!(message.message.en.contains("50%"), "{}", message.message.en);
        let (message, _) = error("seed = \n");
        assert!(!message.message.is_empty());
    }

    #[test]
    fn a_block_that_could_never_be_used_is_an_error() {
        let (message, place) = error("[[command]]\nkey = \"a\"\n[[command]]\nout = \"x\"\n");
        assert_eq!((place.as_str(), message.span().start), ("[[command]]", 22));
        let (message, _) = error("[[command]]\nkey = \"a\"\nexit = 3\nanswers = [{ exit = 1 }]\n");
        assert!(message.message.en.contains("answers"));
        assert!(error("[service]\ninstances = 0\n").0.message.en.contains("refused"));
    }
}
