//! What is known of a runbook before it runs: values, titles and commands resolved as far as they can be. What becomes
//! known only later stays as it is written, `#{stable_version}`.

use super::action::Words;
use super::eval::Env;
use super::input::Begin;
use super::state::{ROOT, State};
use super::step::resolve::{quoted, quoted_twice, words};
use crate::check::program::{
    Expr, ExprKind, Node, NodeId, NodeKind, Program, Query, ReportFrom, Shell, ShellPart, SourceKind, TextPart, Title,
    Update, UpdateText, VarId, VarKind,
};
use crate::text;
use crate::text::Text;
use crate::value::Value;

/// A runbook with what is known of its values.
#[derive(Clone, Debug)]
pub struct Preview<'a> {
    program: &'a Program,
    source: &'a str,
    state: State,
}

/// A piece of a text.
enum Piece<'a> {
    Known(String),
    /// As written.
    Hole(&'a str),
}

impl<'a> Preview<'a> {
    /// `source` is the text that `program` was made from. Parameters that `begin` does not hold are not known, an
    /// executor without a name is not known either.
    pub fn new(program: &'a Program, source: &'a str, begin: Begin) -> Self {
        let mut state = State::new(program);
        for param in &program.params {
            if let Some(value) = begin.params.get(&param.name) {
                state.fixed.insert(param.var, value.clone());
            }
        }
        for secret in &program.secrets {
            // One that must be there will be there, or nothing runs.
            let there = !secret.optional || begin.secrets.contains(&secret.name);
            state.fixed.insert(secret.var, if there { Value::Secret(secret.name.clone()) } else { Value::Null });
        }
        state.begin = begin;
        let mut preview = Self { program, source, state };
        for binding in &program.lets {
            if let Some(value) = preview.value(&binding.value) {
                preview.state.fixed.insert(binding.var, value);
            }
        }
        preview
    }

    /// The program.
    pub fn program(&self) -> &'a Program {
        self.program
    }

    /// An expression as it is written.
    pub fn written(&self, expr: &Expr) -> &'a str {
        self.source.get(expr.span.start as usize..expr.span.end as usize).unwrap_or_default()
    }

    /// The value of an expression, where it is known.
    pub fn value(&self, expr: &Expr) -> Option<Value> {
        if self.known(expr) { self.env().eval(expr).ok() } else { None }
    }

    /// The value of a parameter, secret or `let`, where it is known.
    pub fn name(&self, var: VarId) -> Option<Value> {
        self.state.fixed.get(&var).cloned()
    }

    /// The truth of a condition, where it is known.
    pub fn truth(&self, expr: &Expr) -> Option<bool> {
        match self.value(expr) {
            Some(Value::Bool(value)) => Some(value),
            Some(_) | None => None,
        }
    }

    /// The text of an expression.
    pub fn text(&self, expr: &Expr) -> String {
        let mut pieces = Vec::new();
        self.pieces(expr, &mut pieces);
        pieces.iter().map(Piece::text).collect()
    }

    /// Text for people.
    pub fn words(&self, title: &Title) -> Words {
        Words::own(self.text(&title.text), title.en.as_ref().map(|en| self.text(en)))
    }

    /// The text for bash.
    pub fn command(&self, shell: &Shell) -> String {
        let mut out = String::new();
        for part in &shell.body {
            match part {
                ShellPart::Text(text) => out.push_str(text),
                ShellPart::Words(expr) => out.push_str(&self.word(expr, quoted)),
                ShellPart::Remote(expr) => out.push_str(&self.word(expr, quoted_twice)),
                // Closed, inserted, opened again, where there is something to insert.
                ShellPart::InSingle(expr) if self.known(expr) => out.extend(["'", &self.word(expr, quoted), "'"]),
                ShellPart::InDouble(expr) if self.known(expr) => out.extend(["\"", &self.word(expr, quoted), "\""]),
                ShellPart::InSingle(expr) | ShellPart::InDouble(expr) | ShellPart::Raw(expr) => {
                    out.push_str(&self.text(expr));
                }
            }
        }
        out
    }

    /// What an effect does, in one line or, for a command, as many as it has; none for what is no effect.
    pub fn effect(&self, node: &Node) -> Option<Text> {
        Some(match &node.kind {
            NodeKind::Shell(shell) => Text::verbatim(self.command(shell)),
            NodeKind::Http(http) => Text::verbatim(format!("{} {}", http.method, self.text(&http.url))),
            NodeKind::Query(query) => self.query(query),
            NodeKind::Sample(sample) => self.read(sample.source),
            NodeKind::Copy { from, to } => text!("copy {} to {}", "复制 {} 到 {}", self.text(from), self.text(to)),
            NodeKind::Update(update) => self.update(update),
            NodeKind::Notify { channel, text } => {
                let channel = self.program.channels.get(*channel).map_or("", |channel| channel.name.as_str());
                text!("notify {}: {}", "通知 {}：{}", channel, self.words(text))
            }
            NodeKind::Report { from, to } => {
                let (to, key) = (self.text(to), |sample: &NodeId| self.program.node(*sample).key.as_str());
                match from {
                    ReportFrom::Template(path) => text!("report to {to} by {path}", "用 {path} 写报告 {to}"),
                    ReportFrom::Table { sample, .. } => {
                        text!("report to {}: the objectives of {}", "写报告 {}：{} 的目标", to, key(sample))
                    }
                    ReportFrom::Chart { sample, .. } => {
                        text!("chart to {}: the samples of {}", "画图表 {}：{} 的样本", to, key(sample))
                    }
                    ReportFrom::Samples { sample, .. } => {
                        text!("report to {}: the samples of {}", "写报告 {}：{} 的样本", to, key(sample))
                    }
                }
            }
            _other => return None,
        })
    }

    fn query(&self, query: &Query) -> Text {
        let Query { source, compare, increase, asks } = query;
        // Only a scrape can come from several processes, and a server is asked at once.
        let server = self.is_server(*source);
        let scrape = if *compare && !server {
            text!("{}, several times: from one process", "{} 数次：来自同一个进程", self.read(*source))
        } else {
            self.read(*source)
        };
        if let Some(asks) = asks {
            let question = &asks.question.text;
            return if server {
                text!("{}: {question}", "{}：{question}", scrape)
            } else {
                text!("{}, and ask {question}", "{}，并查询 {question}", scrape)
            };
        }
        match increase {
            Some((selector, by)) if by.is_empty() => text!("{}, increase of {}", "{}，{} 的增量", scrape, selector),
            Some((selector, by)) => {
                text!("{}, increase of {} by {}", "{}，{} 的增量，按 {} 分组", scrape, selector, by.join(", "))
            }
            None => scrape,
        }
    }

    fn update(&self, update: &Update) -> Text {
        let file = self.text(&update.file);
        let under = match &update.under {
            Some(under) => text!(" under {}", "，在 {} 之下", self.text(under)),
            None => Text::default(),
        };
        let replaced = match &update.replace {
            Some(pattern) => text!(", replacing /{}/", "，替换 /{}/", pattern.source),
            None => Text::default(),
        };
        let with = match &update.text {
            UpdateText::Template(path) => text!(" by {path}", "，用 {path}"),
            UpdateText::Text(text) => text!(" with {}", "，写入 {}", self.text(text)),
        };
        text!("update {}{}{}{}", "更新 {}{}{}{}", file, under, replaced, with)
    }

    /// Where a source is read; none where it is not configured.
    pub fn urls(&self, source: usize) -> Option<String> {
        let url = self.program.sources.get(source)?.kind.url();
        match self.value(url) {
            Some(Value::Null) => None,
            Some(Value::List(urls)) => Some(urls.iter().map(crate::value::text::text).collect::<Vec<_>>().join(", ")),
            Some(_) | None => Some(self.text(url)),
        }
    }

    /// How a source is read: a server is asked, and anything else is scraped.
    fn read(&self, source: usize) -> Text {
        let place = self.place(source);
        if self.is_server(source) {
            text!("ask {place}", "查询 {place}")
        } else {
            text!("scrape {place}", "抓取 {place}")
        }
    }

    fn is_server(&self, source: usize) -> bool {
        let kind = self.program.sources.get(source).map(|source| &source.kind);
        matches!(kind, Some(SourceKind::Prometheus { .. }))
    }

    /// Where it is read, else its name.
    fn place(&self, source: usize) -> String {
        let name = || self.program.sources.get(source).map(|source| source.name.clone()).unwrap_or_default();
        self.urls(source).unwrap_or_else(name)
    }

    /// Sources, channels and roles that are not configured: `source prod_alerts`.
    pub fn absent(&self) -> Vec<String> {
        super::view_of::absent(&self.env())
    }

    fn env(&self) -> Env<'_> {
        Env { program: self.program, state: &self.state, scope: ROOT }
    }

    /// Does the value of this expression depend only on what is known?
    fn known(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Const(_) => true,
            ExprKind::Text(parts) => parts.iter().all(|part| match part {
                TextPart::Text(_) => true,
                TextPart::Value(value) => self.known(value),
            }),
            ExprKind::Var(var) | ExprKind::Assigned(var) => self.known_name(*var),
            ExprKind::List(items) | ExprKind::Call(_, items) => items.iter().all(|item| self.known(item)),
            ExprKind::Map(entries) => entries.iter().all(|(_, value)| self.known(value)),
            ExprKind::Field(of, name) => self.known(of) || self.is_environment(of, name),
            ExprKind::Not(inner) | ExprKind::Neg(inner) | ExprKind::Match(inner, ..) => self.known(inner),
            ExprKind::And(left, right) => self.decides(left, false) || (self.known(left) && self.known(right)),
            ExprKind::Or(left, right) => self.decides(left, true) || (self.known(left) && self.known(right)),
            ExprKind::Index(left, right)
            | ExprKind::Compare(_, left, right)
            | ExprKind::Arith(_, left, right)
            | ExprKind::Default(left, right) => self.known(left) && self.known(right),
            ExprKind::Reported(..) => false,
        }
    }

    fn decides(&self, left: &Expr, value: bool) -> bool {
        self.truth(left) == Some(value)
    }

    fn known_name(&self, var: VarId) -> bool {
        match self.program.var(var).kind {
            VarKind::Fixed => self.state.fixed.contains_key(&var),
            VarKind::Executor => !self.state.begin.executor.is_empty(),
            VarKind::Bound
            | VarKind::Collect(_)
            | VarKind::Series(_)
            | VarKind::Step(_)
            | VarKind::Source(_)
            | VarKind::Objective(_)
            | VarKind::Run
            | VarKind::Rollback
            | VarKind::Owner
            | VarKind::AllObjectives => false,
        }
    }

    /// `run.environment`, where `--env` is given or there are no environments.
    fn is_environment(&self, of: &Expr, name: &str) -> bool {
        let ExprKind::Var(var) = &*of.kind else { return false };
        let given = self.state.begin.environment.is_some() || self.program.environments.is_empty();
        name == "environment" && given && self.program.var(*var).kind == VarKind::Run
    }

    fn pieces(&self, expr: &Expr, out: &mut Vec<Piece<'a>>) {
        if let Some(value) = self.value(expr) {
            out.push(Piece::Known(match value {
                Value::Secret(name) => format!("(secret {name})"),
                other => crate::value::text::text(&other),
            }));
            return;
        }
        match &*expr.kind {
            ExprKind::Text(parts) => {
                for part in parts {
                    match part {
                        TextPart::Text(text) => out.push(Piece::Known(text.clone())),
                        TextPart::Value(value) => self.pieces(value, out),
                    }
                }
            }
            // A `let` that is known in part.
            ExprKind::Var(var) if let Some(value) = self.text_let(*var) => self.pieces(value, out),
            _other => out.push(Piece::Hole(self.written(expr))),
        }
    }

    fn text_let(&self, var: VarId) -> Option<&'a Expr> {
        let binding = self.program.lets.iter().find(|binding| binding.var == var)?;
        matches!(&*binding.value.kind, ExprKind::Text(_)).then_some(&binding.value)
    }

    /// A word of a command.
    fn word(&self, expr: &Expr, quoted: fn(&str) -> String) -> String {
        match self.value(expr) {
            Some(value) => words(&value, quoted),
            None => {
                let mut pieces = Vec::new();
                self.pieces(expr, &mut pieces);
                // Quoted by what is known of it; the whole is quoted when it is known.
                let bare = pieces.iter().all(|piece| match piece {
                    Piece::Known(text) => text.is_empty() || quoted(text) == *text,
                    Piece::Hole(_) => true,
                });
                let text: String = pieces.iter().map(Piece::text).collect();
                if bare { text } else { quoted(&text) }
            }
        }
    }
}

impl Piece<'_> {
    fn text(&self) -> String {
        match self {
            Piece::Known(text) => text.clone(),
            Piece::Hole(written) => format!("#{{{written}}}"),
        }
    }
}
