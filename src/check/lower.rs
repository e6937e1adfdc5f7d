//! From the tree to the program: one file a group of words. Each statement is matched against its entry in the table,
//! its arguments and options become typed, and a node comes of it in any case, so that the rules that look at the whole
//! find as much as there is.

mod declare;
mod effects;
mod ends;
mod logic;
mod narrowed;
mod objective;
mod observe;
mod outside;
mod param;
mod people;
mod promql;
mod report;
mod schedule;
mod structure;
mod values;

pub(super) use observe::Observed;
pub(super) use promql::Written;
use sha2::{Digest, Sha256};

use crate::check::args::{self, Args};
use crate::check::context::Checker;
use crate::check::names;
use crate::check::narrow;
use crate::check::program::{
    Again, Class, Expr, Narrowed, Node, NodeId, NodeKind, Program, Retry, Severity, Title, VarId,
};
use crate::check::signature::{self, Body, Group, Kind, PLANNED, Place, Takes, Word};
use crate::check::{Checked, Templates, blanks, branches, flow, follow, settle, undo};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{File, Stmt};
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::nearest::nearest;

/// Checks a whole file.
pub(super) fn file(source: &str, file: &File, files: &dyn Templates, mut said: Vec<Diagnostic>) -> Checked {
    let syntax_errors = !said.is_empty();
    let Some(runbook) = the_runbook(file, &mut said, syntax_errors) else {
        return Checked { program: None, diagnostics: said, strict: Vec::new() };
    };
    let body = runbook.body.as_ref().map(|body| body.stmts.as_slice()).unwrap_or_default();
    let by_syntax = said.len();
    let names = names::collect(source, body, &mut said);
    let mut checker = Checker::new(source, file, files, names, said);
    checker.nodes.reserve_exact(statements(body).saturating_sub(checker.nodes.len()));
    let program = checker.runbook(runbook, body);
    let diagnostics = follow::left_out(source, file, checker.found(by_syntax), by_syntax);
    Checked { program, diagnostics, strict: Vec::new() }
}

/// How many statements there are, so that the arena need not grow by copying.
fn statements(body: &[Stmt]) -> usize {
    let inside = |stmt: &Stmt| {
        let arms: usize = stmt.arms.iter().map(|arm| statements(&arm.body.stmts)).sum();
        arms + stmt.body.as_ref().map_or(0, |body| statements(&body.stmts))
    };
    body.len() + body.iter().map(inside).sum::<usize>()
}

/// A file is one runbook.
fn the_runbook<'a>(file: &'a File, said: &mut Vec<Diagnostic>, syntax_errors: bool) -> Option<&'a Stmt> {
    let mut found: Option<&Stmt> = None;
    for stmt in &file.body {
        match (stmt.word.node.as_str(), found) {
            ("runbook", None) => found = Some(stmt),
            ("runbook", Some(first)) => said.push(
                Diagnostic::error(
                    Code::RB0505,
                    stmt.head,
                    text!("a second runbook in one file", "一个文件中有第二个 runbook"),
                )
                .label(first.head, text!("the first", "第一个")),
            ),
            // What is wrong with it was said.
            _ if stmt.broken => {}
            _ => said.push(
                Diagnostic::error(
                    Code::RB0505,
                    stmt.head,
                    text!("`{}` stands outside the runbook", "`{}` 写在了 runbook 之外", stmt.word.node),
                )
                .help(text!(
                    "everything stands between `runbook NAME, \"title\" do` and its `end`",
                    "一切都写在 `runbook NAME, \"title\" do` 与其 `end` 之间"
                )),
            ),
        }
    }
    // What is no text or no runbook at all was said by the syntax.
    if found.is_none() && file.body.is_empty() && !syntax_errors {
        said.push(
            Diagnostic::error(
                Code::RB0505,
                Span::new(0, 0),
                text!("there is no runbook in this file", "文件中没有 runbook"),
            )
            .help(text!(
                "a file is `runbook NAME, \"title\" do … end`",
                "文件的写法是 `runbook NAME, \"title\" do … end`"
            )),
        );
    }
    found
}

/// What all kinds of statements have in common, while they are read.
pub(super) struct Head {
    /// Its id.
    pub id: NodeId,
    /// Its full key.
    pub key: String,
    title: Option<Title>,
    cond: Option<Expr>,
    severity: Severity,
    timeout: Option<Expr>,
    retry: Retry,
    /// Slot of its name.
    pub bind: Option<VarId>,
}

/// What a group's rules make of a statement.
pub(super) struct Made {
    kind: NodeKind,
    class: Class,
    narrowed: Option<Narrowed>,
    again: Again,
}

impl Made {
    /// A statement that does nothing outside the run.
    pub(super) fn pure(kind: NodeKind) -> Self {
        Self { kind, class: Class::Pure, narrowed: None, again: Again::Safe }
    }

    /// An effect of this class: what may change something is asked about after a crash.
    pub(super) fn of(kind: NodeKind, class: Class) -> Self {
        let again = if class >= Class::Write { Again::Ask } else { Again::Safe };
        Self { kind, class, narrowed: None, again }
    }

    /// An effect that `effect:` makes weaker than its form.
    pub(super) fn narrowed(mut self, narrowed: Option<Narrowed>) -> Self {
        self.narrowed = narrowed;
        self
    }

    /// An effect with its own answer to a crash.
    pub(super) fn again(mut self, again: Option<Again>) -> Self {
        if let Some(again) = again {
            self.again = again;
        }
        self
    }
}

impl Checker<'_> {
    fn runbook(&mut self, stmt: &Stmt, body: &[Stmt]) -> Option<Program> {
        let word = signature::find("runbook", true)?;
        let mut args = Args::new(stmt, word, false, &mut self.diagnostics);
        let name = args
            .arg("key")
            .and_then(|key| self.bare_name(key, &Both("the runbook's key", "runbook 的键")))
            .unwrap_or_default();
        self.diagnostics.extend(blanks::check(self.source, stmt));
        self.declarations(body);
        let title = self.title(&mut args, "title");
        args.finish(&mut self.diagnostics);
        let mut main = self.block(body, Place::Runbook);
        self.plan_times();
        let environments = self.names.environments.clone();
        let timezone = self.parts.timezone.take().map_or_else(|| "UTC".to_owned(), |(name, _)| name);
        let mut nodes = std::mem::take(&mut self.nodes);
        // Scenarios, `rollback` and `finally` stand among the others and run only when they are called for.
        main.retain(|id| {
            let kind = nodes.get(id.0 as usize).and_then(Option::as_ref).map(|node| &node.kind);
            !matches!(kind, Some(NodeKind::Scenario { .. } | NodeKind::Ending { .. }))
        });
        settle::classes(&mut nodes);
        settle::needs(&mut nodes);
        let whole = flow::Whole {
            nodes: &nodes,
            vars: &self.names.vars,
            main: &main,
            rollback: self.parts.rollback,
            finally: self.parts.finally,
            scenarios: &self.parts.scenarios,
        };
        let found = flow::check(&whole);
        self.diagnostics.extend(found.said);
        self.diagnostics.extend(branches::check(&whole));
        self.diagnostics.extend(undo::check(&whole, &found.beyond));
        let nodes = nodes.into_iter().collect::<Option<Vec<Node>>>()?;
        let parts = std::mem::take(&mut self.parts);
        Some(Program {
            name,
            title: title?,
            digest: hex(&Sha256::digest(self.source.as_bytes())),
            timezone,
            window: parts.window,
            owner: parts.owner,
            environments,
            params: parts.params,
            secrets: parts.secrets,
            lets: parts.lets,
            roles: parts.roles,
            sources: parts.sources,
            channels: parts.channels,
            guards: parts.guards,
            locks: parts.locks,
            objectives: parts.objectives,
            collects: parts.collects,
            notes: parts.notes,
            vars: std::mem::take(&mut self.names.vars),
            nodes,
            main,
            rollback: parts.rollback,
            finally: parts.finally,
            scenarios: parts.scenarios,
            templates: parts.templates,
        })
    }

    /// The statements of a block that run one after the other.
    pub(super) fn block<'s>(&mut self, body: impl IntoIterator<Item = &'s Stmt>, place: Place) -> Vec<NodeId> {
        let outer = std::mem::replace(&mut self.place, place);
        let mut ids = Vec::new();
        let lenient = self.lenient;
        for stmt in body {
            if let Some(id) = self.stmt(stmt, &ids) {
                ids.push(id);
            }
            // Its `do` is missing, which was said: what follows was meant to stand inside.
            let headless = stmt.body.is_none()
                && signature::find(&stmt.word.node, false).is_some_and(|word| matches!(word.body, Body::Must(_)));
            self.lenient |= headless;
        }
        self.lenient = lenient;
        self.place = outer;
        ids
    }

    /// The body of a statement.
    pub(super) fn body_of(&mut self, args: &Args<'_>) -> Vec<NodeId> {
        let place = match args.word.name {
            "branch" => self.in_branch,
            _ => args::inside(args.word, self.place),
        };
        match &args.stmt.body {
            Some(body) => self.block(&body.stmts, place),
            None => Vec::new(),
        }
    }

    /// One statement; none for those that are no nodes of the flow.
    fn stmt(&mut self, stmt: &Stmt, before: &[NodeId]) -> Option<NodeId> {
        let Some(word) = signature::find(&stmt.word.node, stmt.body.is_some()) else {
            self.unknown_word(stmt);
            return None;
        };
        if !word.stands.contains(&self.place) {
            if !self.lenient {
                self.misplaced(stmt, word);
            }
            return None;
        }
        match word.name {
            "note" if self.place == Place::Runbook && self.is_declaration(stmt) => return None,
            "probe" => {
                self.probe(stmt, word, before);
                return None;
            }
            _ if word.group == Group::Declarations && word.name != "note" => return None,
            _ => {}
        }
        Some(self.node_of(stmt, word))
    }

    /// A statement of the flow becomes a node.
    fn node_of(&mut self, stmt: &Stmt, word: &'static Word) -> NodeId {
        let open = word.name == "run";
        let mut args = Args::new(stmt, word, open, &mut self.diagnostics);
        let id = self.names.node_at(stmt.span.start).unwrap_or_else(|| self.new_id());
        let key = self.key_of(&mut args);
        let parent = self.parent.replace(id);
        let known = self.narrowed.len();

        let cond = self.option_of(&mut args, "if");
        if let Some(cond) = &cond {
            self.narrowed.extend(narrow::facts(cond).when_true);
        }
        let bind = self.bind_of(&mut args);
        let severity = self.severity(&mut args);
        let (timeout, retry) = self.attempts(&mut args);
        let head = Head { id, key, title: None, cond, severity, timeout, retry, bind };
        let (head, made) = self.kind_of(head, &mut args);
        args.finish(&mut self.diagnostics);

        self.narrowed.truncate(known);
        self.parent = parent;
        self.put(stmt, word.name, head, made);
        id
    }

    /// Puts a node into the arena.
    pub(super) fn put(&mut self, stmt: &Stmt, word: &'static str, head: Head, made: Made) {
        let node = Node {
            id: head.id,
            word,
            parent: self.parent,
            key: head.key,
            title: head.title,
            span: stmt.head,
            line: self.line(stmt.head.start),
            cond: head.cond,
            class: made.class,
            narrowed: made.narrowed,
            again: made.again,
            severity: head.severity,
            timeout: head.timeout,
            retry: head.retry,
            bind: head.bind,
            digest: self.digest_of(stmt, Some(&made.kind)),
            needs: Vec::new(),
            kind: made.kind,
        };
        if let Some(slot) = self.nodes.get_mut(head.id.0 as usize) {
            *slot = Some(node);
        }
    }

    fn kind_of(&mut self, mut head: Head, args: &mut Args<'_>) -> (Head, Made) {
        head.title = self.title_of(args);
        let made = match args.word.group {
            Group::Structure => self.structure(&head, args),
            Group::Effects => self.effect(&head, args),
            Group::People => self.prompt(&head, args),
            Group::Logic => self.logic_of(&head, args),
            Group::Observation => self.observation(&head, args),
            Group::Ends => self.end(&head, args),
            Group::Declarations => Self::note(&head),
        };
        (head, made)
    }

    /// The title of a statement: its argument, or `title:`.
    fn title_of(&mut self, args: &mut Args<'_>) -> Option<Title> {
        if let Some(arg) = args.word.args.iter().find(|arg| arg.takes == Takes::Title) {
            return self.title(args, arg.name);
        }
        args.word.option("title")?;
        let Some(title) = args.take("title") else {
            if let Some(en) = args.take("en") {
                let message =
                    text!("`en:` is the English of a title, and there is none", "`en:` 是标题的英文，而此处没有标题");
                self.say(
                    Diagnostic::error(Code::RB0313, en.span, message)
                        .help(text!("write `title:` beside it", "请同时写 `title:`")),
                );
            }
            return None;
        };
        let text = self.people_text(&title.value);
        let en = args.take("en").map(|en| self.people_text(&en.value));
        Some(Title { text, en })
    }

    /// The full key of a statement.
    fn key_of(&mut self, args: &mut Args<'_>) -> String {
        let word = args.word;
        let written = if word.option("key").is_some() { args.take("key") } else { None };
        let own = match word.name {
            "ask" | "each" => args.arg("name"),
            "sample" | "watch" => {
                args.stmt.options.iter().find(|option| option.name.node == "as").map(|option| &option.value)
            }
            _ => args.arg("key"),
        };
        let found = written.map(|option| &option.value).or(own);
        if let Some(expr) = found
            && let Some(key) = self.bare_name(expr, &Both("a key", "键"))
        {
            let (full, twice) = self.keys.keyed(&key, expr.span);
            let scenario = self.names.scenarios.get(&key);
            // That two scenarios have one name was said.
            if word.name != "scenario" || scenario.is_none_or(|first| first.span == expr.span) {
                self.diagnostics.extend(twice);
            }
            return full;
        }
        match word.name {
            "at" | "on" => {
                let key = Self::handler_key(args);
                let (full, twice) = self.keys.keyed(&key, args.head());
                self.diagnostics.extend(twice.map(|twice| {
                    twice.help(text!(
                        "put the two together, or give one a `key:`",
                        "请把两者合并，或给其中一个写 `key:`"
                    ))
                }));
                full
            }
            // That it stands twice was said.
            "rollback" | "finally" if args.stmt.body.is_some() => self.keys.keyed(word.name, args.head()).0,
            name => self.keys.keyless(name),
        }
    }

    fn bind_of(&mut self, args: &mut Args<'_>) -> Option<VarId> {
        if args.word.name == "ask" {
            return args.arg("name").and_then(|name| self.names.var_at(name.span.start));
        }
        args.word.option("as")?;
        let name = args.take("as")?;
        self.bare_name(&name.value, &"`as:`")?;
        self.names.var_at(name.value.span.start)
    }

    fn severity(&mut self, args: &mut Args<'_>) -> Severity {
        match self.word_option(args, "severity").as_deref() {
            Some("ask") => Severity::Ask,
            Some("warn") => Severity::Warn,
            _ => Severity::Fail,
        }
    }

    /// `timeout:`, `retry:`, `every:`, `backoff:` of an effect.
    fn attempts(&mut self, args: &mut Args<'_>) -> (Option<Expr>, Retry) {
        let mut retry = Retry { times: 0, every: None, backoff: 1.0 };
        if args.word.option("retry").is_none() {
            return (None, retry);
        }
        let timeout = self.option_of(args, "timeout");
        let written = args.has("retry");
        if let Some(times) = self.const_int(args, "retry", 0, MAX_ATTEMPTS) {
            retry.times = u32::try_from(times).unwrap_or(0);
        }
        for name in ["every", "backoff"] {
            if args.has(name) && !written {
                let message = text!(
                    "`{name}:` belongs to `retry:`, and there is none",
                    "`{name}:` 属于 `retry:`，而此处没有 `retry:`"
                );
                self.say(Diagnostic::error(Code::RB0313, args.head(), message));
            }
        }
        retry.every = self.option_of(args, "every");
        retry.backoff = self.backoff(args);
        (timeout, retry)
    }

    /// `backoff:`
    pub(super) fn backoff(&mut self, args: &mut Args<'_>) -> f64 {
        let Some(option) = args.take("backoff") else { return 1.0 };
        let expr = self.expr_of(&option.value, Kind::Number, &"`backoff:`");
        match expr.known() {
            Some(Value::Int(factor)) if (1..=100).contains(factor) => *factor as f64,
            Some(Value::Float(factor)) if (1.0..=100.0).contains(factor) => *factor,
            Some(Value::Int(_) | Value::Float(_)) => {
                self.say(Diagnostic::error(
                    Code::RB0212,
                    expr.span,
                    text!("`backoff:` is a factor from 1 to 100", "`backoff:` 是 1 至 100 的倍数"),
                ));
                1.0
            }
            _ => {
                self.must_be_known(&expr, &"`backoff:`");
                1.0
            }
        }
    }

    fn note(head: &Head) -> Made {
        let text = head.title.clone().unwrap_or_else(|| Title { text: Expr::unknown(Span::default()), en: None });
        Made::of(NodeKind::Note { text }, Class::Record)
    }

    fn unknown_word(&mut self, stmt: &Stmt) {
        let name = stmt.word.node.as_str();
        let diagnostic = Diagnostic::error(
            Code::RB0301,
            stmt.word.span,
            text!("`{name}` is no word of the language", "语言中没有 `{name}` 这个语句词"),
        );
        let near = nearest(name, signature::words().map(|word| word.name));
        self.say(match near {
            _ if PLANNED.contains(&name) => {
                diagnostic.help(text!("it is planned, and not built yet", "已列入计划，尚未实现"))
            }
            Some(near) => diagnostic.did_you_mean(near),
            None => diagnostic.help(text!("a command of the shell is written `sh \"…\"`", "shell 命令写作 `sh \"…\"`")),
        });
        // What stands inside is read all the same: its errors come with the others.
        if let Some(body) = &stmt.body {
            let place = if self.place == Place::Runbook { Place::Flow } else { self.place };
            let outer = std::mem::replace(&mut self.lenient, true);
            self.block(&body.stmts, place);
            self.lenient = outer;
        }
    }

    fn misplaced(&mut self, stmt: &Stmt, word: &Word) {
        let places: Vec<Text> = word.stands.iter().map(|place| Text::from(place.describe())).collect();
        let message = text!("`{}` cannot stand {}", "`{}` 不能写{}", word.name, self.place.describe());
        self.say(Diagnostic::error(Code::RB0302, stmt.head, message).help(text!(
            "it stands {}",
            "它应写{}",
            Text::join(&places, &text!(", or ", "，或"))
        )));
    }
}

/// Attempts and passes are counted in the journal, one record each; nobody waits for more.
pub(super) const MAX_ATTEMPTS: i64 = 1_000;

/// Bytes as lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
