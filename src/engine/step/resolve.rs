//! From a statement to the effect that it asks for: every name resolved, every word of a command quoted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::check::program::{
    self, Expr, Http, Node, NodeId, NodeKind, Query, ReportFrom, Shell, ShellPart, SourceKind, Update, UpdateText,
};
use crate::engine::action::{self, Content, Effect, Input, Queries, ReportContent, Words};
use crate::engine::eval::{Env, EvalError};
use crate::engine::observe::questions;
use crate::metrics::promql::lookback_ms;
use crate::metrics::question::{LOOKBACK_MS, Question};
use crate::value::{Value, json, text};

/// An effect, ready to begin.
pub(crate) struct Resolved {
    pub(crate) effect: Effect,
    /// Its full command or request, for people.
    pub(crate) what: Words,
    pub(crate) timeout: Option<SignedDuration>,
}

type Result<T> = std::result::Result<T, EvalError>;

impl Env<'_> {
    /// The effect of a statement.
    pub(crate) fn resolve(&self, node: &Node) -> Result<Resolved> {
        let env = self;
        let mut timeout = node.timeout.as_ref().map(|timeout| env.duration(timeout)).transpose()?;
        let effect = match &node.kind {
            NodeKind::Shell(shell) => Effect::Shell(self.shell(shell)?),
            NodeKind::Http(http) => Effect::Http(request(env, http)?),
            NodeKind::Query(Query { source, compare, asks, .. }) => {
                let mut scrape = self.scrape(*source, true)?;
                scrape.0.compare = *compare;
                if let (Some(queries), Some(asks)) = (&mut scrape.0.queries, asks) {
                    self.ask_server(&asks.question, queries);
                }
                timeout = timeout.or(Some(scrape.1));
                Effect::Scrape(scrape.0)
            }
            NodeKind::Copy { from, to } => Effect::Copy { from: env.text(from)?, to: env.text(to)? },
            NodeKind::Update(update) => Effect::Update(self.update(update)?),
            NodeKind::Notify { channel, text } => {
                let words = env.words(text)?;
                let Some(channel) = self.program.channels.get(*channel) else {
                    return Err(EvalError(crate::text!("the channel is not declared", "未声明该通道")));
                };
                let webhook = input(env, &channel.webhook)?;
                Effect::Notify(action::Notify { channel: channel.name.clone(), webhook, text: words.text })
            }
            NodeKind::Report { from, to } => {
                let observation = |sample: NodeId| self.program.node(sample).key.clone();
                let content = match from {
                    ReportFrom::Template(path) => ReportContent::Template { path: path.clone() },
                    ReportFrom::Table { sample, columns } => {
                        ReportContent::Table { observation: observation(*sample), columns: columns.clone() }
                    }
                    ReportFrom::Samples { sample, format } => {
                        ReportContent::Samples { observation: observation(*sample), format: *format }
                    }
                    ReportFrom::Chart { sample, objectives } => ReportContent::Chart {
                        observation: observation(*sample),
                        objectives: objectives.as_ref().map(|chosen| {
                            let found = chosen.iter().filter_map(|index| self.program.objectives.get(*index));
                            found.map(|objective| objective.key.clone()).collect()
                        }),
                        title: node.title.as_ref().map(|title| env.words(title)).transpose()?,
                    },
                };
                let view = Box::new(crate::engine::view_of::view(self.program, self.state, self.state.now));
                Effect::Report(action::Report { to: env.text(to)?, content, view })
            }
            _other => return Err(EvalError(crate::text!("`{}` is not an effect", "`{}` 不是操作", node.word))),
        };
        let mut what = super::describe::describe(&effect);
        if let NodeKind::Query(Query { asks: Some(asks), .. }) = &node.kind {
            what = crate::text!("{}: {}", "{}：{}", what, asks.question.text);
        }
        Ok(Resolved { effect, what: what.into(), timeout })
    }

    /// A command.
    pub(crate) fn shell(&self, shell: &Shell) -> Result<action::Shell> {
        let env = self;
        let mut variables = BTreeMap::new();
        for (name, value) in &shell.env {
            if let Some(value) = input(env, value)? {
                variables.insert(name.clone(), value);
            }
        }
        Ok(action::Shell {
            command: command(env, &shell.body)?,
            ok: shell.ok.clone(),
            parse: shell.parse,
            env: variables,
            stdin: shell.stdin.as_ref().map(|stdin| input(env, stdin)).transpose()?.flatten(),
            dir: shell.dir.as_ref().map(|dir| env.text(dir)).transpose()?,
            tty: shell.tty,
            save: shell.save.as_ref().map(|save| env.text(save)).transpose()?,
            max_bytes: shell.max_bytes.as_ref().map(|max| bytes(env, max)).transpose()?,
        })
    }

    /// One scrape of a source, and its whole time.
    pub(crate) fn scrape(&self, source: usize, keep: bool) -> Result<(action::Scrape, SignedDuration)> {
        let env = self;
        let index = source;
        let Some(source) = self.program.sources.get(source) else {
            return Err(EvalError(crate::text!("the source is not declared", "未声明该数据源")));
        };
        let (url, queries) = match &source.kind {
            SourceKind::Scrape { url, .. } => (url, None),
            SourceKind::Prometheus { url, .. } => (url, Some(nothing_asked(self.state.now))),
            SourceKind::Alertmanager { .. } => {
                return Err(EvalError(crate::text!(
                    "source `{}` is not one of metrics",
                    "数据源 `{}` 不提供指标",
                    source.name
                )));
            }
        };
        let urls = match env.eval(url)? {
            Value::Null => {
                return Err(EvalError(crate::text!(
                    "source `{}` is not configured",
                    "数据源 `{}` 未配置",
                    source.name
                )));
            }
            Value::List(urls) => urls.iter().map(text::text).collect(),
            one => vec![text::text(&one)],
        };
        let scrape = action::Scrape {
            source: source.name.clone(),
            urls,
            access: access(env, &source.access)?,
            max_bytes: bytes(env, &source.max_bytes)?,
            families: if queries.is_some() { self.asked_of(index) } else { self.families() },
            keep,
            compare: false,
            queries,
        };
        Ok((scrape, env.duration(&source.timeout)?))
    }

    /// What a server is asked at once.
    fn ask_server(&self, question: &Question, queries: &mut Queries) {
        let begun_ms = self.state.begun_at.map_or(0, Timestamp::as_millisecond);
        let range_ms = queries.at.as_millisecond().saturating_sub(begun_ms);
        let reach = SignedDuration::from_millis(question.reach_ms(range_ms));
        queries.lookback = SignedDuration::from_millis(LOOKBACK_MS);
        queries.since = queries.at.saturating_sub(reach).unwrap_or(queries.since);
        queries.texts = vec![question.resolved(range_ms)];
    }

    /// The metrics that the objectives of a server name.
    fn asked_of(&self, source: usize) -> BTreeSet<String> {
        let own = self.program.objectives.iter().filter(|objective| objective.source == source);
        let asked = questions(self.program, source).flat_map(Question::names);
        own.flat_map(|objective| objective.indicator.names()).chain(asked).collect()
    }

    /// The families that the runbook names.
    fn families(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.program.objectives.iter().flat_map(|o| o.indicator.names()).collect();
        for node in &self.program.nodes {
            if let NodeKind::Query(Query { increase, asks, .. }) = &node.kind {
                names.extend(increase.iter().map(|(selector, _)| selector.name.clone()));
                names.extend(asks.iter().flat_map(|asks| asks.question.names()));
            }
        }
        names.insert(crate::metrics::scrape::START_TIME.to_owned());
        names
    }

    fn update(&self, update: &Update) -> Result<action::Update> {
        let env = self;
        let text = match &update.text {
            UpdateText::Text(text) => Content::Text(env.text(text)?),
            UpdateText::Template(path) => Content::Template {
                path: path.clone(),
                view: Box::new(crate::engine::view_of::view(self.program, self.state, self.state.now)),
            },
        };
        Ok(action::Update {
            file: env.text(&update.file)?,
            under: update.under.as_ref().map(|under| env.text(under)).transpose()?,
            replace: update.replace.as_ref().map(|pattern| (pattern.source.clone(), pattern.ignore_case)),
            text,
            once: update.once.as_ref().map(|once| env.text(once)).transpose()?,
        })
    }
}

/// Who asks a source. An absent secret is none; a name without its password is nobody.
pub(crate) fn access(env: &Env<'_>, access: &program::Access) -> Result<action::Access> {
    let credential = |expr: &Option<Expr>| -> Result<Option<Input>> {
        Ok(expr.as_ref().map(|expr| input(env, expr)).transpose()?.flatten())
    };
    let text = |expr: &Option<Expr>| expr.as_ref().map(|expr| env.text(expr)).transpose();
    let basic = text(&access.user)?.zip(credential(&access.password)?);
    Ok(action::Access { bearer: credential(&access.bearer)?, basic, ca: text(&access.ca)? })
}

/// A server is asked nothing but what it knows; an observation adds its expressions.
fn nothing_asked(at: Timestamp) -> Queries {
    let lookback = SignedDuration::from_millis(lookback_ms(0));
    Queries { at, since: at.saturating_sub(lookback).unwrap_or(at), lookback, texts: Vec::new() }
}

fn request(env: &Env<'_>, http: &Http) -> Result<action::Http> {
    let url = input(env, &http.url)?.ok_or_else(|| EvalError(crate::text!("the URL is not set", "未设置网址")))?;
    let mut headers = Vec::new();
    for (name, value) in &http.headers {
        if let Some(value) = input(env, value)? {
            headers.push((name.clone(), value));
        }
    }
    let (body, content_type) = match &http.body {
        None => (None, None),
        Some(body) => match env.eval(body)? {
            Value::Null => (None, None),
            Value::Secret(name) => (Some(Input::Secret(name)), None),
            Value::Text(text) => (Some(Input::Text(text)), Some("text/plain; charset=utf-8".to_owned())),
            other => (Some(Input::Text(json::to_json(&other).to_string())), Some("application/json".to_owned())),
        },
    };
    Ok(action::Http {
        method: http.method.to_owned(),
        url,
        bearer: http.bearer.as_ref().map(|bearer| input(env, bearer)).transpose()?.flatten(),
        headers,
        body,
        content_type,
        expect_status: http.expect_status.clone(),
        expect_format: http.expect_format,
        parse: http.parse,
    })
}

/// Text or secret; none where it is an unset optional.
pub(crate) fn input(env: &Env<'_>, expr: &Expr) -> Result<Option<Input>> {
    Ok(match env.eval(expr)? {
        Value::Null => None,
        Value::Secret(name) => Some(Input::Secret(name)),
        other => Some(Input::Text(text::text(&other))),
    })
}

fn bytes(env: &Env<'_>, expr: &Expr) -> Result<i64> {
    match env.eval(expr)? {
        Value::Bytes(bytes) | Value::Int(bytes) => Ok(bytes),
        other => Err(EvalError(crate::text!(
            "expected a number of bytes, found `{}`",
            "应为字节数，实际为 `{}`",
            text::text(&other)
        ))),
    }
}

/// A secret is not shown, only named.
pub(crate) fn shown(input: &Input) -> String {
    match input {
        Input::Text(text) => text.clone(),
        Input::Secret(name) => format!("(secret {name})"),
    }
}

/// The text for bash. Each value is quoted by the state of the shell's quotes at its place.
fn command(env: &Env<'_>, parts: &[ShellPart]) -> Result<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            ShellPart::Text(text) => out.push_str(text),
            ShellPart::Words(expr) => out.push_str(&words(&env.eval(expr)?, quoted)),
            ShellPart::Remote(expr) => out.push_str(&words(&env.eval(expr)?, quoted_twice)),
            ShellPart::InSingle(expr) => {
                let value = env.text(expr)?;
                out.push('\'');
                out.push_str(&quoted(&value));
                out.push('\'');
            }
            ShellPart::InDouble(expr) => {
                let value = env.text(expr)?;
                out.push('"');
                out.push_str(&quoted(&value));
                out.push('"');
            }
            ShellPart::Raw(expr) => out.push_str(&env.text(expr)?),
        }
    }
    if out.contains('\0') {
        return Err(EvalError(crate::text!(
            "the command holds a NUL byte, which no shell can take",
            "命令含有 NUL 字节，shell 无法接受"
        )));
    }
    Ok(out)
}

/// A value as a word, a list as several.
pub(crate) fn words(value: &Value, quoted: fn(&str) -> String) -> String {
    match value {
        Value::List(items) => items.iter().map(|item| quoted(&text::text(item))).collect::<Vec<_>>().join(" "),
        one => quoted(&text::text(one)),
    }
}

/// One word for a shell that the first shell hands it to, as `ssh` does.
pub(crate) fn quoted_twice(word: &str) -> String {
    quoted(&quoted(word))
}

/// One word for the shell, whatever is in it. Words of harmless characters stay bare, so that plans read well.
pub(crate) fn quoted(word: &str) -> String {
    let bare =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | ',');
    if !word.is_empty() && word.chars().all(bare) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
