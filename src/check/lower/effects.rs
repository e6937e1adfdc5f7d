//! Effects.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::lower::{Head, Made, hex};
use crate::check::program::{
    Again, BodyFormat, Class, Expr, Http, NodeId, NodeKind, Query, Shell, Title, Update, UpdateText, WaitFor,
};
use crate::check::shell::Setting;
use crate::check::signature::{Named, Place, Word};
use crate::check::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::metrics::selector::Selector;
use crate::syntax::ast::{self, Stmt};
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::parse::Parse;
use sha2::{Digest, Sha256};

/// Methods with their options and classes.
const METHODS: &[(&str, &str, Class)] = &[
    ("get", "GET", Class::Read),
    ("head", "HEAD", Class::Read),
    ("post", "POST", Class::Write),
    ("put", "PUT", Class::Write),
    ("patch", "PATCH", Class::Write),
    ("delete", "DELETE", Class::Write),
];

impl Checker<'_> {
    /// A word of the group.
    pub(super) fn effect(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let made = match args.word.name {
            "sh" => self.sh(head, args),
            "http" => self.http(args),
            "query" => self.query(args),
            "copy" => {
                let from = self.argument(args, "from");
                let to = self.required(args, "to");
                self.another_place(&from, &to);
                Made::of(NodeKind::Copy { from, to }, Class::Record)
            }
            "update" => self.update(args),
            "wait" => self.wait(args),
            "poll" => self.poll(args),
            "notify" => {
                let channel = args.arg("channel").and_then(|channel| self.named(channel, Named::Channel));
                let text = head.title.clone().unwrap_or_else(|| nothing(args.head()));
                Made::of(NodeKind::Notify { channel: channel.unwrap_or(0), text }, Class::Record)
            }
            "report" => self.report(args),
            "chart" => self.chart(args),
            // `done_when` is read by its block.
            _ => {
                self.say(
                    Diagnostic::error(
                        Code::RB0507,
                        args.head(),
                        text!(
                            "`done_when` is the last statement of its block, once",
                            "`done_when` 是其语句块的最后一个语句，且只有一个"
                        ),
                    )
                    .help(Text::verbatim("poll every: 5.s, for: 2.min do READS… done_when COND end")),
                );
                Made::pure(NodeKind::Note { text: nothing(args.head()) })
            }
        };
        if matches!(self.place, Place::Checks | Place::Reads) && made.class > Class::Read {
            self.say(
                Diagnostic::error(
                    Code::RB0410,
                    args.head(),
                    text!("only reads may stand {}", "{}只能有读操作", self.place.describe()),
                )
                .help(text!(
                    "write `sh read: \"…\"` if it only looks; move it into a step if it changes something",
                    "如果只是查看，请写 `sh read: \"…\"`；如果会作出改动，请移到步骤中"
                )),
            );
        }
        made
    }

    fn sh(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let mut forms: Vec<(&ast::Expr, Class)> = Vec::new();
        forms.extend(args.arg("command").map(|e| (e, Class::Write)));
        forms.extend(args.take("read").map(|option| (&option.value, Class::Read)));
        forms.extend(args.take("destroy").map(|option| (&option.value, Class::Destroy)));
        let (command, formal) = match forms.as_slice() {
            [one] => *one,
            [] => {
                self.say(
                    Diagnostic::error(Code::RB0303, args.head(), text!("`sh` needs its command", "`sh` 缺少命令"))
                        .help(text!(
                            "sh \"…\"   or, if it only looks,   sh read: \"…\"",
                            "sh \"…\"   如果只是查看，则写   sh read: \"…\""
                        )),
                );
                return Made::of(NodeKind::Shell(Box::new(crate::check::shell::plain(Vec::new()))), Class::Read);
            }
            [_, (second, _), ..] => {
                self.say(
                    Diagnostic::error(
                        Code::RB0308,
                        second.span,
                        text!("a statement has one command", "一个语句只有一条命令"),
                    )
                    .help(text!("write two statements", "请写成两个语句")),
                );
                return Made::of(NodeKind::Shell(Box::new(crate::check::shell::plain(Vec::new()))), formal_of(&forms));
            }
        };
        let (class, narrowed) = self.class_of(args, formal);
        let body = self.shell_body(command);
        let ok = self.exit_codes(args);
        let other_codes = ok.as_ref().is_none_or(|codes| codes.iter().any(|code| *code != 0));
        let limited = head.timeout.is_some();
        self.command_rules(&body, Setting { limited, other_codes, writes: class >= Class::Write });
        let shell = Shell {
            body: body.parts,
            ok,
            parse: self.parse(args),
            env: self.text_map(args, "env"),
            stdin: self.option_of(args, "stdin"),
            dir: self.option_of(args, "in"),
            tty: self.flag(args, "tty").unwrap_or(false),
            save: self.option_of(args, "save"),
            max_bytes: self.option_of(args, "max"),
        };
        let again = self.again(args);
        Made::of(NodeKind::Shell(Box::new(shell)), class).narrowed(narrowed).again(again)
    }

    fn again(&mut self, args: &mut Args<'_>) -> Option<Again> {
        match self.word_option(args, "again").as_deref() {
            Some("safe") => Some(Again::Safe),
            Some("ask") => Some(Again::Ask),
            Some("never") => Some(Again::Never),
            _ => None,
        }
    }

    fn parse(&mut self, args: &mut Args<'_>) -> Option<Parse> {
        let word = self.word_option(args, "parse")?;
        Parse::ALL.iter().copied().find(|parse| parse.as_str() == word)
    }

    /// `ok: [0, 3]` or `ok: any`.
    fn exit_codes(&mut self, args: &mut Args<'_>) -> Option<Vec<i32>> {
        let Some(option) = args.take("ok") else { return Some(vec![0]) };
        match &*option.value.kind {
            ast::ExprKind::Name(name) if name == "any" => None,
            ast::ExprKind::List(items) => Some(
                items
                    .iter()
                    .filter_map(|item| self.int_of(item, &Both("an exit code", "退出码"), 0, 255))
                    .filter_map(|code| i32::try_from(code).ok())
                    .collect(),
            ),
            _ => {
                let code = self.int_of(&option.value, &"`ok:`", 0, 255).and_then(|code| i32::try_from(code).ok());
                Some(vec![code.unwrap_or(0)])
            }
        }
    }

    fn http(&mut self, args: &mut Args<'_>) -> Made {
        let mut found: Option<(&'static str, Class, Expr)> = None;
        for (name, method, class) in METHODS {
            if !args.has(name) {
                continue;
            }
            let url = self.required(args, name);
            self.is_url(&url);
            if found.is_some() {
                self.say(
                    Diagnostic::error(
                        Code::RB0308,
                        url.span,
                        text!("a request has one method", "一个请求只有一个方法"),
                    )
                    .help(text!("write two statements", "请写成两个语句")),
                );
            }
            found = Some((method, *class, url));
        }
        let (method, formal, url) = found.unwrap_or_else(|| {
            if args.refused || !args.stmt.args.is_empty() {
                return ("GET", Class::Read, Expr::unknown(args.head()));
            }
            self.say(
                Diagnostic::error(
                    Code::RB0307,
                    args.head(),
                    text!("`http` needs a method with its url", "`http` 需要方法及其 url"),
                )
                .help(Text::verbatim("http get: metrics_url")),
            );
            ("GET", Class::Read, Expr::unknown(args.head()))
        });
        let (class, narrowed) = self.class_of(args, formal);
        let bearer = self.option_of(args, "bearer");
        let headers = self.text_map(args, "headers");
        let body = self.option_of(args, "body");
        if let (Some(body), "GET" | "HEAD") = (&body, method) {
            self.say(Diagnostic::error(Code::RB0313, body.span, text!("a {method} has no body", "{method} 没有正文")));
        }
        let (expect_status, expect_format) = self.expect(args);
        let parse = self.parse(args);
        if let (Some(_), "HEAD") = (parse, method) {
            self.say(Diagnostic::error(
                Code::RB0313,
                args.head(),
                text!("the answer to a HEAD has no body to parse", "HEAD 的响应没有可解析的正文"),
            ));
        }
        let again = self.again(args);
        let http = Http { method, url, bearer, headers, body, expect_status, expect_format, parse };
        Made::of(NodeKind::Http(Box::new(http)), class).narrowed(narrowed).again(again)
    }

    /// `expect: { status: 200, format: prometheus }` or `expect: any`.
    fn expect(&mut self, args: &mut Args<'_>) -> (Option<Vec<u16>>, Option<BodyFormat>) {
        let success = || Some((200..300).collect::<Vec<u16>>());
        let Some(option) = args.take("expect") else { return (success(), None) };
        if types::word(&option.value).as_deref() == Some("any") {
            return (None, None);
        }
        let ast::ExprKind::Map(entries) = &*option.value.kind else {
            self.say(
                Diagnostic::error(
                    Code::RB0201,
                    option.value.span,
                    text!("`expect:` says what counts as success", "`expect:` 说明怎样算成功"),
                )
                .help(text!(
                    "expect: {{ status: 200, format: prometheus }}   or   expect: any",
                    "expect: {{ status: 200, format: prometheus }}   或   expect: any"
                )),
            );
            return (success(), None);
        };
        let (mut status, mut format) = (success(), None);
        for (key, value) in entries {
            match key.node.as_str() {
                "status" => {
                    let codes: Vec<&ast::Expr> = match &*value.kind {
                        ast::ExprKind::List(items) => items.iter().collect(),
                        _ => vec![value],
                    };
                    let codes =
                        codes.into_iter().filter_map(|code| self.int_of(code, &Both("a status", "状态码"), 100, 599));
                    status = Some(codes.filter_map(|code| u16::try_from(code).ok()).collect());
                }
                "format" => {
                    format = match self.one_of(value, &["prometheus", "json"], &"`format:`").as_deref() {
                        Some("prometheus") => Some(BodyFormat::Prometheus),
                        Some("json") => Some(BodyFormat::Json),
                        _ => None,
                    };
                }
                other => {
                    self.say(
                        Diagnostic::error(
                            Code::RB0305,
                            key.span,
                            text!("`expect:` knows no `{other}:`", "`expect:` 不能写 `{other}:`"),
                        )
                        .help(text!("it takes status: and format:", "可以写 `status:` 和 `format:`")),
                    );
                }
            }
        }
        (status, format)
    }

    fn query(&mut self, args: &mut Args<'_>) -> Made {
        let source = args.arg("source").and_then(|source| self.named(source, Named::Source));
        let selector = args.take("increase").map(|option| self.selector(&option.value));
        let asked = args.take("promql");
        let by = args.take("by");
        if let (None, None, Some(by)) = (&selector, asked, by) {
            self.say(Diagnostic::error(
                Code::RB0313,
                by.span,
                text!(
                    "`by:` belongs to `increase:` or `promql:`, and there is none",
                    "`by:` 属于 `increase:` 或 `promql:`，而此处都没有"
                ),
            ));
        }
        if let (Some(_), Some(asked)) = (&selector, asked) {
            self.say(Diagnostic::error(
                Code::RB0308,
                asked.span,
                text!("`increase:` and `promql:` are two questions", "`increase:` 和 `promql:` 是两个不同的问题"),
            ));
        }
        let labels = by.map(|option| self.labels(&option.value));
        let asks = asked.and_then(|asked| self.asks(args, &asked.value, labels.clone()));
        let by = labels.unwrap_or_default();
        let increase = selector.flatten().map(|selector| (selector, by));
        if increase.is_some() && source.is_some_and(|source| self.is_server(source)) {
            let message = text!(
                "`increase:` compares scrapes, and a Prometheus server is not scraped",
                "`increase:` 比较的是抓取，而 Prometheus 服务器不被抓取"
            );
            self.say(
                Diagnostic::error(Code::RB0313, args.head(), message)
                    .help(text!("`promql:` asks it: increase(…[10m])", "请用 `promql:` 提问：increase(…[10m])")),
            );
        }
        Made::of(
            NodeKind::Query(Query {
                source: source.unwrap_or(0),
                compare: self.place == Place::Checks,
                increase,
                asks,
            }),
            Class::Read,
        )
    }

    /// A list of names of labels.
    fn labels(&mut self, e: &ast::Expr) -> Vec<String> {
        let items: Vec<&ast::Expr> = match &*e.kind {
            ast::ExprKind::List(items) => items.iter().collect(),
            _ => vec![e],
        };
        let mut labels = Vec::new();
        for item in items {
            match types::word(item) {
                Some(label) => labels.push(label),
                None => {
                    self.say(
                        Diagnostic::error(Code::RB0312, item.span, text!("a label is a bare name", "标签是单独的名称"))
                            .help(Text::verbatim("by: [status]")),
                    );
                }
            }
        }
        labels
    }

    /// A selector, with the place inside its text where it is wrong.
    pub(super) fn selector(&mut self, e: &ast::Expr) -> Option<Selector> {
        let (text, span) = self.text_of(e, &Both("a selector", "选择器"))?;
        match Selector::parse(&text) {
            Ok(selector) => Some(selector),
            Err(error) => {
                // Behind the quote; a text with escapes has its own lengths, the whole text is marked then.
                let quoted = self.source_of(span);
                let plain = quoted.get(1..quoted.len().saturating_sub(1)) == Some(text.as_str());
                let place = match text.get(error.offset..).and_then(|rest| rest.chars().next()) {
                    Some(letter) if plain => {
                        let at = span.start as usize + 1 + error.offset;
                        Span::new(at, at + letter.len_utf8())
                    }
                    _ => span,
                };
                let diagnostic = Diagnostic::error(Code::RB0650, place, error.message);
                self.say(diagnostic.help_where(error.help));
                None
            }
        }
    }

    fn update(&mut self, args: &mut Args<'_>) -> Made {
        let head = args.head();
        let file = self.required(args, "file");
        let under = self.option_of(args, "under");
        let replace = args.take("replace").and_then(|option| self.pattern(&option.value, &"`replace:`"));
        let template = self.const_text(args, "with");
        let text = self.option_of(args, "text");
        let once = self.option_of(args, "once");
        if under.is_none() && replace.is_none() {
            self.say(
                Diagnostic::error(
                    Code::RB0307,
                    head,
                    text!(
                        "`update` needs a place: `under:` a heading, or `replace:`",
                        "`update` 需要位置：某个标题之下（`under:`），或 `replace:`"
                    ),
                )
                .help(Text::verbatim(args.word.form)),
            );
        }
        let text = match (template, text) {
            (Some((path, span)), None) => {
                self.template(&path, span);
                UpdateText::Template(path)
            }
            (None, Some(text)) => UpdateText::Text(text),
            (Some(_), Some(_)) | (None, None) => {
                self.say(Diagnostic::error(
                    Code::RB0308,
                    head,
                    text!(
                        "the new text comes `with:` a template, or is a `text:`",
                        "新文本来自模板（`with:`），或写在 `text:` 中"
                    ),
                ));
                UpdateText::Text(Expr::unknown(head))
            }
        };
        Made::of(NodeKind::Update(Box::new(Update { file, under, replace, text, once })), Class::Write)
            .again(Some(Again::Safe))
    }

    /// A copy whose two paths are the same place by their letters alone.
    fn another_place(&mut self, from: &Expr, to: &Expr) {
        let (Some(Value::Text(from)), Some(Value::Text(place))) = (from.known(), to.known()) else { return };
        if same_place(from, place) {
            let message = text!("`{from}` is copied onto itself", "`{from}` 复制到自身");
            self.say(Diagnostic::error(Code::RB0416, to.span, message).help(text!(
                "name the place where the copy is kept: to: \"archive/{from}\"",
                "请写出副本存放的位置：to: \"archive/{from}\""
            )));
        }
    }

    fn wait(&mut self, args: &mut Args<'_>) -> Made {
        let skip = self.flag(args, "skip").unwrap_or(false);
        let span = args.arg("time").map(|_| self.argument(args, "time"));
        if let Some(span) = &span {
            self.above_zero(span, &"`wait`");
        }
        let until = args.take("until").map(|option| self.until(&option.value));
        let what = match (span, until) {
            (Some(span), None) => WaitFor::Span(span),
            (None, Some(until)) => until,
            (Some(_), Some(_)) | (None, None) => {
                self.say(
                    Diagnostic::error(
                        Code::RB0308,
                        args.head(),
                        text!("`wait` takes a span, or `until:` a time", "`wait` 需要时长，或用 `until:` 指定时刻"),
                    )
                    .help(text!("wait 5.min   or   wait until: \"11:10\"", "wait 5.min   或   wait until: \"11:10\"")),
                );
                WaitFor::Span(Expr::unknown(args.head()))
            }
        };
        Made::pure(NodeKind::Wait { what, skip })
    }

    fn poll(&mut self, args: &mut Args<'_>) -> Made {
        let every = self.required(args, "every");
        let within = self.required(args, "for");
        let (body, done_when) = self.reads(args.stmt);
        Made::of(NodeKind::Poll { every, within, body, done_when }, Class::Read)
    }

    /// `READS… done_when COND`
    fn reads(&mut self, stmt: &Stmt) -> (Vec<NodeId>, Expr) {
        let stmts = stmt.body.as_ref().map(|body| body.stmts.as_slice()).unwrap_or_default();
        let (last, reads) = match stmts.split_last() {
            Some((last, reads)) if last.word.node == "done_when" => (Some(last), reads),
            _ => (None, stmts),
        };
        let ids = self.block(reads, Place::Reads);
        if ids.is_empty() && !reads.iter().any(|stmt| stmt.word.node == "done_when") {
            self.say(Diagnostic::error(
                Code::RB0316,
                stmt.head,
                text!("`{}` reads nothing", "`{}` 没有读取任何内容", stmt.word.node),
            ));
        }
        let Some(last) = last else {
            self.say(Diagnostic::error(
                Code::RB0507,
                stmt.head,
                text!("`{}` ends with `done_when COND`", "`{}` 以 `done_when COND` 结尾", stmt.word.node),
            ));
            return (ids, Expr::unknown(stmt.head));
        };
        let Some(word) = self.word_in(last, Place::Reads) else { return (ids, Expr::unknown(last.head)) };
        let args = Args::new(last, word, false, &mut self.diagnostics);
        let done_when = self.argument(&args, "condition");
        args.finish(&mut self.diagnostics);
        (ids, done_when)
    }

    /// `probe do … end`: belongs to the write just before it.
    pub(super) fn probe(&mut self, stmt: &Stmt, word: &'static Word, before: &[NodeId]) {
        let args = Args::new(stmt, word, false, &mut self.diagnostics);
        args.finish(&mut self.diagnostics);
        let parent = self.parent;
        self.parent = before.last().copied().or(parent);
        let (reads, done_when) = self.reads(stmt);
        self.parent = parent;
        let asked = self.digest_of(stmt, None);
        let write = before.last().and_then(|id| self.nodes.get_mut(id.0 as usize)).and_then(Option::as_mut);
        match write {
            Some(node) if node.class >= Class::Write && matches!(node.kind, NodeKind::Shell(_) | NodeKind::Http(_)) => {
                node.again = Again::Probe { reads, done_when };
                node.digest = hex(&Sha256::digest(format!("{} {asked}", node.digest).as_bytes()));
            }
            Some(_) | None => self.say(
                Diagnostic::error(
                    Code::RB0507,
                    stmt.head,
                    text!(
                        "`probe` stands just after the write that it asks about",
                        "`probe` 紧接在它所询问的写操作之后"
                    ),
                )
                .help(text!(
                    "first `sh \"helm upgrade …\"`, then `probe do … done_when … end`",
                    "先写 `sh \"helm upgrade …\"`，再写 `probe do … done_when … end`"
                )),
            ),
        }
    }
}

fn formal_of(forms: &[(&ast::Expr, Class)]) -> Class {
    forms.iter().map(|(_, class)| *class).max().unwrap_or(Class::Read)
}

fn nothing(span: Span) -> Title {
    Title { text: Expr::unknown(span), en: None }
}

/// Without `.` and `a/..`, by the letters of the paths: what links lead to is seen when it runs.
fn same_place(one: &str, other: &str) -> bool {
    let parts = |path: &str| {
        let mut parts: Vec<String> = Vec::new();
        for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
            if part == ".." && parts.last().is_some_and(|last| last != "..") {
                parts.pop();
            } else {
                parts.push(part.to_owned());
            }
        }
        (path.starts_with('/'), parts)
    };
    parts(one) == parts(other)
}
