//! Declarations, in the order of the file.

use std::collections::BTreeMap;

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::digest;
use crate::check::lower::hex;
use crate::check::lower::values::in_order;
use crate::check::program::{
    Collect, CollectField, Expr, ExprKind, Let, Lock, Owner, Param, Pattern, Role, Secret, SecretFrom, TextPart, Title,
    VarId, VarKind,
};
use crate::check::signature::{self, Group, Place, Word};
use crate::check::types;
use crate::check::visit;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, Stmt};
use crate::text;
use crate::text::{Both, Say, Text};
use crate::value::types::Type;
use crate::value::unit;
use crate::value::{Value, ops};
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

    fn param(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let title = self.title(args, "title");
        let ty = match args.arg("type").map(types::read) {
            Some(Ok(ty)) => ty,
            Some(Err(wrong)) => {
                self.say(wrong);
                Type::Unknown
            }
            None => Type::Unknown,
        };
        let env = self.variable(args);
        let default =
            args.take("default").and_then(|option| self.const_of(&option.value, &ty, &Both("the default", "默认值")));
        let per_env = self.per_env(args, &ty);
        let optional = self.flag(args, "optional").unwrap_or(false);
        let min = args.take("min").and_then(|option| self.const_of(&option.value, &ty, &"`min:`"));
        let max = args.take("max").and_then(|option| self.const_of(&option.value, &ty, &"`max:`"));
        self.limits(head, &ty, min.as_ref(), max.as_ref(), default.as_ref());
        let matches = self.matches_option(args, &ty);
        self.default_matches(head, matches.as_ref(), default.as_ref());
        let not_host = self.not_host(args, &ty);
        let unit = self.bare_unit(args, &ty);
        let name = args.arg("name").and_then(|name| self.bare_name(name, &Both("a parameter", "参数")));
        let (Some(name), Some(var)) = (name, self.own_var(args, "name")) else { return };
        let span = head;
        self.parts.params.push(Param {
            name,
            var,
            title,
            ty,
            env,
            default,
            per_env,
            optional,
            min,
            max,
            matches,
            not_host,
            unit,
            span,
        });
    }

    /// `env: "VARIABLE"`
    fn variable(&mut self, args: &mut Args<'_>) -> Option<String> {
        let (name, span) = self.const_text(args, "env")?;
        self.variable_name(&name, span);
        Some(name)
    }

    /// A name that the environment can hold and the shell can read.
    pub(super) fn variable_name(&mut self, name: &str, span: Span) {
        let sound = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !sound || name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
            self.say(
                Diagnostic::error(
                    Code::RB0312,
                    span,
                    text!("`{name}` is no name of a variable", "`{name}` 不是环境变量的名称"),
                )
                .help(text!("letters, digits and `_`: METRICS_URL", "字母、数字和 `_`：METRICS_URL")),
            );
        }
    }

    fn per_env(&mut self, args: &mut Args<'_>, ty: &Type) -> BTreeMap<String, Value> {
        let Some(option) = args.take("per_env") else { return BTreeMap::new() };
        let ast::ExprKind::Map(entries) = &*option.value.kind else {
            self.say(
                Diagnostic::error(
                    Code::RB0201,
                    option.value.span,
                    text!("`per_env:` is a map from environments to values", "`per_env:` 是从环境到值的映射"),
                )
                .help(Text::verbatim("per_env: { production: 3, rehearsal: 1 }")),
            );
            return BTreeMap::new();
        };
        let mut values = BTreeMap::new();
        for (name, value) in entries {
            self.known_environment(name);
            if let Some(value) = self.const_of(value, ty, &Both("the value", "值")) {
                values.insert(name.node.clone(), value);
            }
        }
        values
    }

    fn known_environment(&mut self, name: &ast::Ident) {
        if !self.names.environments.contains(&name.node) {
            let message = text!("there is no environment `{}`", "没有环境 `{}`", name.node);
            let known = self.names.environments.join(", ");
            self.say(
                Diagnostic::error(Code::RB0110, name.span, message)
                    .help(Text::verbatim(format!("environments {known}"))),
            );
        }
    }

    /// Limits and the default must agree.
    pub(super) fn limits(
        &mut self,
        head: Span,
        ty: &Type,
        min: Option<&Value>,
        max: Option<&Value>,
        default: Option<&Value>,
    ) {
        let ordered = matches!(
            ty,
            Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Bytes | Type::Time | Type::Unknown
        );
        if !ordered && (min.is_some() || max.is_some()) {
            self.say(Diagnostic::error(
                Code::RB0313,
                head,
                text!("{ty} has no smallest and no largest value", "`{ty}` 没有最小值和最大值"),
            ));
            return;
        }
        if let (Some(min), Some(max)) = (min, max)
            && !in_order(min, max)
        {
            self.say(Diagnostic::error(
                Code::RB0212,
                head,
                text!("`min:` is larger than `max:`: nothing fits", "`min:` 大于 `max:`：没有值能符合"),
            ));
        }
        if let Some(default) = default {
            let low = min.is_some_and(|min| ops::compare(ops::Comparison::Lt, default, min).unwrap_or(false));
            let high = max.is_some_and(|max| ops::compare(ops::Comparison::Gt, default, max).unwrap_or(false));
            if low || high {
                self.say(Diagnostic::error(
                    Code::RB0212,
                    head,
                    text!("the default is outside of `min:` and `max:`", "默认值不在 `min:` 与 `max:` 之间"),
                ));
            }
        }
    }

    /// `matches:` of a text.
    pub(super) fn matches_option(&mut self, args: &mut Args<'_>, ty: &Type) -> Option<Pattern> {
        let option = args.take("matches")?;
        if !signature::is_text(ty) && *ty != Type::Unknown {
            self.say(Diagnostic::error(
                Code::RB0313,
                option.span,
                text!("`matches:` is for text, not for {ty}", "`matches:` 用于文本，不能用于 `{ty}`"),
            ));
        }
        self.pattern(&option.value, &"`matches:`")
    }

    /// A default must be an answer that would be taken.
    pub(super) fn default_matches(&mut self, head: Span, matches: Option<&Pattern>, default: Option<&Value>) {
        let (Some(pattern), Some(Value::Text(text))) = (matches, default) else { return };
        let built = regex::RegexBuilder::new(&pattern.source).case_insensitive(pattern.ignore_case).build();
        if built.is_ok_and(|built| !built.is_match(text)) {
            let message = text!("the default does not match /{}/", "默认值与 /{}/ 不匹配", pattern.source);
            self.say(Diagnostic::error(Code::RB0212, head, message));
        }
    }

    fn not_host(&mut self, args: &mut Args<'_>, ty: &Type) -> BTreeMap<String, Vec<String>> {
        let Some(option) = args.take("not_host") else { return BTreeMap::new() };
        if !matches!(ty, Type::Url | Type::Unknown) {
            self.say(Diagnostic::error(
                Code::RB0313,
                option.span,
                text!("`not_host:` is for a url, not for {ty}", "`not_host:` 用于 url，不能用于 `{ty}`"),
            ));
        }
        let mut hosts = BTreeMap::new();
        if let ast::ExprKind::Map(entries) = &*option.value.kind {
            for (name, list) in entries {
                self.known_environment(name);
                let list = self.texts(list, &Both("the hosts", "主机列表"));
                hosts.insert(name.node.clone(), list);
            }
        } else {
            hosts.insert("*".to_owned(), self.texts(&option.value, &"`not_host:`"));
        }
        hosts
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

    fn bare_unit(&mut self, args: &mut Args<'_>, ty: &Type) -> Option<String> {
        let option = args.take("unit")?;
        let name = types::word(&option.value)?;
        let fits = match (unit::with_unit("1", &name), ty) {
            (Ok(Value::Duration(_)), Type::Duration)
            | (Ok(Value::Bytes(_)), Type::Bytes)
            | (Ok(Value::Percent(_)), Type::Percent)
            | (_, Type::Unknown) => true,
            (Ok(_), _) => {
                let message = text!("`{name}` is no unit of {ty}", "`{name}` 不是 `{ty}` 的单位");
                self.say(Diagnostic::error(Code::RB0202, option.value.span, message));
                false
            }
            (Err(error), _) => {
                self.say(Diagnostic::error(Code::RB0204, option.value.span, error.message));
                false
            }
        };
        fits.then_some(name)
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
