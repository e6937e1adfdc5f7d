//! Declarations, in the order of the file.

use std::collections::BTreeMap;

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::digest;
use crate::check::lower::hex;
use crate::check::program::{
    Collect, CollectField, Expr, ExprKind, Let, Lock, Owner, Role, Secret, SecretFrom, TextPart, Title, VarId, VarKind,
};
use crate::check::signature::{self, Group, Place, Word};
use crate::check::types;
use crate::check::visit;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, Stmt};
use crate::text;
use crate::text::{Both, Say, Text};
use crate::value::Value;
use crate::value::types::Type;
use sha2::{Digest, Sha256};

/// Words that a runbook has once.
const ONCE: &[&str] = &["language", "timezone", "window", "owner", "environments", "rollback", "finally"];

/// The version of the language that this tool reads.
const LANGUAGE: i64 = 1;

/// A generated secret is at least this long: some 95 bits of letters and digits.
const MIN_SECRET: i64 = 16;
/// And at most this long: longer ones are refused by most programs.
const MAX_SECRET: i64 = 1024;

impl Checker<'_> {
    /// All declarations of the runbook.
    pub(super) fn declarations(&mut self, body: &[Stmt]) {
        let mut once: BTreeMap<&str, Span> = BTreeMap::new();
        for stmt in body {
            let word = stmt.word.node.as_str();
            if let Some(name) = ONCE.iter().find(|name| **name == word)
                && (stmt.body.is_some() || !matches!(word, "rollback" | "finally"))
                && let Some(first) = once.insert(name, stmt.head)
            {
                self.say(
                    Diagnostic::error(Code::RB0315, stmt.head, text!("`{word}` stands twice", "`{word}` 重复出现"))
                        .label(first, text!("first here", "首次出现于此")),
                );
            }
        }
        let done = |stmt: &&Stmt| {
            signature::find(&stmt.word.node, stmt.body.is_some()).is_some_and(|word| word.group != Group::Declarations)
                && !matches!(stmt.word.node.as_str(), "scenario" | "finally")
                && !(stmt.word.node == "rollback" && stmt.body.is_some())
        };
        self.flow_begins = body.iter().find(done).map_or(u32::MAX, |stmt| stmt.span.start);
        // The window needs the zone; everything else comes in order.
        for zone in body.iter().filter(|stmt| stmt.word.node == "timezone") {
            self.declaration(zone);
        }
        for stmt in body.iter().filter(|stmt| stmt.word.node != "timezone") {
            let declared = signature::find(&stmt.word.node, stmt.body.is_some())
                .is_some_and(|word| word.group == Group::Declarations && word.stands.contains(&Place::Runbook));
            if declared && (stmt.word.node != "note" || self.is_declaration(stmt)) {
                self.declaration(stmt);
            }
        }
    }

    fn declaration(&mut self, stmt: &Stmt) {
        let Some(word) = signature::find(&stmt.word.node, stmt.body.is_some()) else { return };
        let mut args = Args::new(stmt, word, false, &mut self.diagnostics);
        match word.name {
            "language" => self.language(&args),
            "timezone" => self.timezone(&args),
            "window" => self.window(&mut args),
            "owner" => self.owner(&mut args),
            "environments" => self.environments(&args),
            "param" => self.param(&mut args),
            "secret" => self.secret(&mut args),
            "let" => self.let_(&args),
            "role" => self.role(&mut args),
            "source" => self.source(&mut args),
            "channel" => self.channel(&mut args),
            "guard" => self.guard(&mut args),
            "lock" => {
                let target = self.argument(&args, "target");
                let released = self.word_option(&mut args, "suspended").as_deref() == Some("release");
                self.parts.locks.push(Lock { target, released });
            }
            "slo" => self.objective(&mut args),
            "collect" => self.collect(&mut args),
            "link" => self.link(&mut args),
            "note" => {
                if let Some(title) = self.title(&mut args, "text") {
                    title.en.iter().chain([&title.text]).for_each(|text| self.known_at_start(text));
                    self.parts.notes.push(title);
                }
            }
            _ => {}
        }
        args.finish(&mut self.diagnostics);
        if let Some(name) = stmt.args.first().and_then(types::word) {
            let mut form = String::new();
            digest::whole(stmt, &self.declared, &mut form);
            self.declared.insert(name, hex(&Sha256::digest(form.as_bytes())));
        }
    }

    fn language(&mut self, args: &Args<'_>) {
        if let Some(version) = args.arg("version") {
            self.int_of(version, &"`language`", LANGUAGE, LANGUAGE);
        }
    }

    fn environments(&mut self, args: &Args<'_>) {
        let mut seen: Vec<String> = Vec::new();
        for name in args.all("name") {
            let Some(word) = self.bare_name(name, &Both("an environment", "环境")) else { continue };
            if seen.contains(&word) {
                self.say(Diagnostic::error(
                    Code::RB0102,
                    name.span,
                    text!("the environment `{word}` stands twice", "环境 `{word}` 重复出现"),
                ));
            }
            seen.push(word);
        }
    }

    fn owner(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let title = self.title(args, "title");
        let ask = self.flag(args, "ask").unwrap_or(false);
        let name = self.option_of(args, "name");
        if ask == name.is_some() && !args.refused {
            self.say(
                Diagnostic::error(
                    Code::RB0308,
                    head,
                    text!("an owner is asked for, or has a name", "负责人要么询问，要么写明姓名"),
                )
                .help(text!(
                    "owner \"title\", ask: true   or   owner \"title\", name: \"…\"",
                    "owner \"title\", ask: true   或   owner \"title\", name: \"…\""
                )),
            );
        }
        let title = title.unwrap_or_else(|| plain_title("Owner", "负责人", head));
        self.parts.owner = Some(Owner { title, ask, name });
    }

    /// The variable that this declaration makes.
    pub(super) fn own_var(&self, args: &Args<'_>, name: &str) -> Option<VarId> {
        args.arg(name).and_then(|arg| self.names.var_at(arg.span.start))
    }

    /// A list of texts that are known before the run.
    pub(super) fn texts(&mut self, e: &ast::Expr, what: &dyn Say) -> Vec<String> {
        match &*e.kind {
            ast::ExprKind::List(items) => {
                items.iter().filter_map(|item| self.text_of(item, what)).map(|(text, _)| text).collect()
            }
            _ => self.text_of(e, what).map(|(text, _)| text).into_iter().collect(),
        }
    }

    fn secret(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let places = ["env", "file", "command", "ask", "generate"].iter().filter(|name| args.has(name)).count();
        let mut from = Vec::new();
        from.extend(self.variable(args).map(SecretFrom::Env));
        from.extend(self.const_text(args, "file").map(|(text, _)| SecretFrom::File(text)));
        if let Some(option) = args.take("command")
            && let Some((text, _)) = self.text_of(&option.value, &"`command:`")
        {
            // For what is said about its quotes.
            self.plain_shell(&option.value);
            from.push(SecretFrom::Command(text));
        }
        if self.flag(args, "ask") == Some(true) {
            from.push(SecretFrom::Ask);
        }
        if args.has("generate")
            && let Some(length) = self.const_int(args, "generate", MIN_SECRET, MAX_SECRET)
        {
            from.push(SecretFrom::Generate(u32::try_from(length).unwrap_or(0)));
        }
        let optional = self.flag(args, "optional").unwrap_or(false);
        if places != 1 && !args.refused {
            self.say(
                Diagnostic::error(
                    Code::RB0308,
                    head,
                    text!("a secret comes from exactly one place", "密钥只有一个来源"),
                )
                .help(text!(
                    "one of `env:`, `file:`, `command:`, `ask: true`, `generate: 24`",
                    "`env:`、`file:`、`command:`、`ask: true`、`generate: 24` 中的一个"
                )),
            );
        }
        let name = args.arg("name").and_then(|name| self.bare_name(name, &Both("a secret", "密钥")));
        let (Some(name), Some(var), Some(from)) = (name, self.own_var(args, "name"), from.pop()) else { return };
        self.parts.secrets.push(Secret { name, var, from, optional, span: head });
    }

    fn let_(&mut self, args: &Args<'_>) {
        let Some(name) = args.arg("name") else { return };
        self.bare_name(name, &Both("a name", "名称"));
        let value = self.argument(args, "value");
        self.known_at_start(&value);
        let Some(var) = self.names.var_at(name.span.start) else { return };
        self.names.set_type(var, value.ty.clone());
        self.parts.lets.push(Let { var, value });
    }

    fn role(&mut self, args: &mut Args<'_>) {
        let key = args.arg("key").and_then(|key| self.bare_name(key, &Both("a role", "角色")));
        let title = self.title(args, "title");
        let people = self.option_of(args, "people");
        if let Some(people) = &people {
            self.known_at_start(people);
            if matches!(people.known(), Some(Value::List(names)) if names.is_empty()) {
                self.say(
                    Diagnostic::error(
                        Code::RB0503,
                        people.span,
                        text!(
                            "nobody has this role: its prompts could not be answered",
                            "此角色没有任何人：它的问题将无人能答复"
                        ),
                    )
                    .help(text!("without `people:` anyone may answer", "不写 `people:` 则任何人都可以答复")),
                );
            }
        }
        let not_executor = self.word_option(args, "not").is_some();
        if let (Some(key), Some(title)) = (key, title) {
            if matches!(key.as_str(), "owner" | "executor") {
                let message = text!("the role `{key}` is there already", "已有角色 `{key}`");
                self.say(
                    Diagnostic::error(Code::RB0104, args.head(), message).help(text!("take another key", "请换一个键")),
                );
            }
            self.parts.roles.push(Role { key, title, people, not_executor });
        }
    }

    fn collect(&mut self, args: &mut Args<'_>) {
        let title = self.title(args, "title");
        let mut fields: Vec<CollectField> = Vec::new();
        let stmts = args.stmt.body.iter().flat_map(|body| &body.stmts);
        for stmt in stmts {
            let Some(word) = self.word_in(stmt, Place::Collect) else { continue };
            let mut ask = Args::new(stmt, word, false, &mut self.diagnostics);
            let name = ask.arg("name").and_then(|name| self.bare_name(name, &Both("a field", "字段")));
            let ty = self.type_arg(&ask);
            let title = self.title(&mut ask, "title");
            let optional = self.flag(&mut ask, "optional").unwrap_or(false);
            ask.finish(&mut self.diagnostics);
            let (Some(name), Some(title)) = (name, title) else { continue };
            if fields.iter().any(|field| field.name == name) {
                self.say(Diagnostic::error(
                    Code::RB0102,
                    stmt.head,
                    text!("the field `{name}` stands twice", "字段 `{name}` 重复出现"),
                ));
            }
            fields.push(CollectField { name, title, ty, optional });
        }
        let name = args.arg("name").and_then(|name| self.bare_name(name, &Both("a collect", "收集列表")));
        if fields.is_empty() {
            self.say(
                Diagnostic::error(
                    Code::RB0316,
                    args.head(),
                    text!("a `collect` asks something: it needs an `ask`", "`collect` 要提问：至少需要一个 `ask`"),
                )
                .help(Text::verbatim("ask problem, text, \"What happened?\"")),
            );
        }
        let (Some(name), Some(var), Some(title)) = (name, self.own_var(args, "name"), title) else { return };
        self.parts.collects.push(Collect { name, var, title, fields });
    }

    /// The type of an `ask`.
    pub(super) fn type_arg(&mut self, args: &Args<'_>) -> Type {
        match args.arg("type").map(types::read) {
            Some(Ok(ty)) => ty,
            Some(Err(wrong)) => {
                self.say(wrong);
                Type::Unknown
            }
            None => Type::Unknown,
        }
    }

    /// The word of a statement that must stand in `place`.
    pub(super) fn word_in(&mut self, stmt: &Stmt, place: Place) -> Option<&'static Word> {
        let Some(word) = signature::find(&stmt.word.node, stmt.body.is_some()) else {
            self.unknown_word(stmt);
            return None;
        };
        if !word.stands.contains(&place) {
            let outer = std::mem::replace(&mut self.place, place);
            self.misplaced(stmt, word);
            self.place = outer;
            return None;
        }
        Some(word)
    }

    fn link(&mut self, args: &mut Args<'_>) {
        let Some(title) = self.title(args, "title") else { return };
        let to = self.required(args, "to");
        let joined = |text: Expr, to: &Expr| Expr {
            span: text.span,
            ty: Type::Text,
            kind: Box::new(ExprKind::Text(vec![
                TextPart::Value(text),
                TextPart::Text(": ".to_owned()),
                TextPart::Value(to.clone()),
            ])),
        };
        let en = title.en.map(|en| joined(en, &to));
        self.parts.notes.push(Title { text: joined(title.text, &to), en });
    }
}

/// With the place where a name is declared; names of the language have none.
pub(super) fn bound_at(diagnostic: Diagnostic, declared: Span, text: Text) -> Diagnostic {
    if declared == Span::default() { diagnostic } else { diagnostic.label(declared, text) }
}

/// A title that the author left out.
fn plain_title(en: &str, zh: &str, span: Span) -> Title {
    let text = |text: &str| Expr::constant(Value::Text(text.to_owned()), Type::String, span);
    Title { text: text(zh), en: Some(text(en)) }
}

impl Checker<'_> {
    /// What a declaration reads must be there when the run begins.
    pub(super) fn known_at_start(&mut self, expr: &Expr) {
        let mut late: Vec<(VarId, Span)> = Vec::new();
        visit::names(expr, &mut |var, place, field| {
            let fixed = match self.names.var(var).map(|var| var.kind) {
                // A `let` further down has no value yet, and no type.
                Some(VarKind::Fixed) => {
                    self.names.var(var).is_none_or(|var| var.ty != Type::Unknown || var.span.start < place.span.start)
                }
                Some(VarKind::Run) => !matches!(field, None | Some("verdict")),
                Some(VarKind::Executor | VarKind::Owner) | None => true,
                Some(
                    VarKind::Bound
                    | VarKind::Collect(_)
                    | VarKind::Series(_)
                    | VarKind::Step(_)
                    | VarKind::Source(_)
                    | VarKind::Objective(_)
                    | VarKind::Rollback
                    | VarKind::AllObjectives,
                ) => false,
            };
            if !fixed {
                late.push((var, place.span));
            }
        });
        for (var, span) in late {
            let Some(var) = self.names.var(var) else { continue };
            let (name, declared) = (var.name.clone(), var.span);
            self.say(
                bound_at(
                    Diagnostic::error(
                        Code::RB0111,
                        span,
                        text!("`{name}` has no value when the run begins", "运行开始时 `{name}` 还没有值"),
                    ),
                    declared,
                    text!("bound here", "在此处绑定"),
                )
                .help(text!(
                    "a declaration reads parameters, secrets, earlier `let`s, `run` and `executor`",
                    "声明只能读取参数、密钥、前面的 `let`、`run` 和 `executor`"
                )),
            );
        }
    }
}
