//! Expressions: names found, types and units judged, the tree made closed.

mod call;
mod operator;
mod strings;

use crate::check::context::Checker;
use crate::check::names::Found;
use crate::check::program::{Expr, ExprKind, Pattern, VarId};
use crate::check::shape;
use crate::check::signature::Kind;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, UnaryOp};
use crate::text;
use crate::text::{Say, Spaced, Text};
use crate::value::nearest::nearest;
use crate::value::types::Type;
use crate::value::unit;
use crate::value::{Value, Verdict};

/// Longest pattern after compilation: far beyond what people write, small enough that a runbook cannot fill the memory.
pub(super) const MAX_PATTERN_BYTES: usize = 1 << 20;

impl Expr {
    /// A value that is known.
    pub(super) fn constant(value: Value, ty: Type, span: Span) -> Self {
        Self { kind: Box::new(ExprKind::Const(value)), ty, span }
    }

    /// Stands for what could not be read; something was said about it.
    pub(super) fn unknown(span: Span) -> Self {
        Self::constant(Value::Null, Type::Unknown, span)
    }

    /// The value, where it is known before the run.
    pub(super) fn known(&self) -> Option<&Value> {
        match &*self.kind {
            ExprKind::Const(value) => Some(value),
            _ => None,
        }
    }
}

impl Checker<'_> {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, e: &ast::Expr) -> Expr {
        let span = e.span;
        match &*e.kind {
            ast::ExprKind::Null => Expr::constant(Value::Null, Type::Null, span),
            ast::ExprKind::Bool(truth) => Expr::constant(Value::Bool(*truth), Type::Bool, span),
            ast::ExprKind::Int(number) => Expr::constant(Value::Int(*number), Type::Int, span),
            ast::ExprKind::Float(number) => Expr::constant(Value::Float(*number), Type::Float, span),
            ast::ExprKind::Unit(number, name) => self.with_unit(number, name, span),
            ast::ExprKind::Str(text) => self.text(text, span),
            ast::ExprKind::Regex(..) => {
                self.say(Diagnostic::error(
                    Code::RB0201,
                    span,
                    text!(
                        "a pattern stands only after `=~`, `!~`, `matches:`, `replace:` and in `capture`",
                        "模式只能写在 `=~`、`!~`、`matches:`、`replace:` 之后和 `capture` 中"
                    ),
                ));
                Expr::unknown(span)
            }
            ast::ExprKind::List(items) => self.list(items, span),
            ast::ExprKind::Map(entries) => {
                let entries: Vec<(String, Expr)> =
                    entries.iter().map(|(key, value)| (key.node.clone(), self.expr(value))).collect();
                let ty = Type::record(entries.iter().map(|(key, value)| (key.clone(), value.ty.clone())).collect());
                Expr { kind: Box::new(ExprKind::Map(entries)), ty, span }
            }
            ast::ExprKind::Name(name) => self.name(name, span),
            ast::ExprKind::Field(of, field) => self.field(of, field, span),
            ast::ExprKind::Index(of, index) => self.index(of, index, span),
            ast::ExprKind::Call(name, args, options) => self.call(name, args, options, span),
            ast::ExprKind::Unary(op, inner) => self.unary(*op, inner, span),
            ast::ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span),
            ast::ExprKind::Bound(..) => {
                self.say(Diagnostic::error(
                    Code::RB0201,
                    span,
                    text!("a bound stands only after `target` and `alert`", "界限只能写在 `target` 和 `alert` 之后"),
                ));
                Expr::unknown(span)
            }
            ast::ExprKind::Error => Expr::unknown(span),
        }
    }

    /// Lowers an expression that must be of a kind.
    pub(super) fn expr_of(&mut self, e: &ast::Expr, kind: Kind, what: &dyn Say) -> Expr {
        let expr = self.expr(e);
        self.must_fit(&expr, kind, what);
        expr
    }

    /// Says where an expression is not of the kind that is needed. `what` names the place: "`timeout:`".
    pub(super) fn must_fit(&mut self, expr: &Expr, kind: Kind, what: &dyn Say) {
        if kind.fits(&expr.ty) {
            return;
        }
        if let Type::Optional(inner) = &expr.ty
            && kind.fits(inner)
        {
            self.may_be_null(expr);
            return;
        }
        let message = text!("{} takes {}, this is {}", "{}应为{}，这里是{}", Spaced(what), kind.name(), said(&expr.ty));
        let mut diagnostic = Diagnostic::error(Code::RB0201, expr.span, message);
        if expr.ty == Type::Secret {
            diagnostic = Diagnostic::error(
                Code::RB0205,
                expr.span,
                text!("a secret cannot stand in {what}", "{what}不能使用密钥", what = Spaced(what)),
            )
            .help(ways_of_secrets());
        } else if let Some(number) = bare_number(expr) {
            match kind {
                Kind::Duration => {
                    diagnostic = Diagnostic::error(
                        Code::RB0202,
                        expr.span,
                        text!("{what} needs a unit of time", "{what}需要时间单位", what = Spaced(what)),
                    )
                    .help(text!("write `{number}.s` or `{number}.min`", "请写 `{number}.s` 或 `{number}.min`"));
                }
                Kind::Bytes => {
                    diagnostic = Diagnostic::error(
                        Code::RB0202,
                        expr.span,
                        text!("{what} needs a unit of size", "{what}需要大小单位", what = Spaced(what)),
                    )
                    .help(text!("write `{number}.MB` or `{number}.MiB`", "请写 `{number}.MB` 或 `{number}.MiB`"));
                }
                _ => {}
            }
        }
        self.say(diagnostic);
    }

    /// Says that a value may be null here.
    pub(super) fn may_be_null(&mut self, expr: &Expr) {
        let (name, help) = match &*expr.kind {
            ExprKind::Var(var) => {
                let name = self.names.var(*var).map(|var| var.name.clone()).unwrap_or_default();
                let help = text!(
                    "ask `assigned({name})` first (in an `if` or `if:`), or write `default({name}, …)`",
                    "请先用 `assigned({name})` 判断（写在 `if` 或 `if:` 中），或写 `default({name}, …)`"
                );
                (Text::verbatim(format!("`{name}`")), help)
            }
            _ => (
                text!("this", "此值"),
                text!("write `default(…, …)` with what stands in its place", "请写 `default(…, …)`，给出替代的值"),
            ),
        };
        self.say(
            Diagnostic::error(
                Code::RB0106,
                expr.span,
                text!("{name} may be null here", "{name}在此处可能为 null", name = Spaced(&name)),
            )
            .help(help),
        );
    }

    fn with_unit(&mut self, number: &str, name: &ast::Ident, span: Span) -> Expr {
        match unit::with_unit(number, &name.node) {
            Ok(value) => {
                let ty = type_of(&value);
                Expr::constant(value, ty, span)
            }
            Err(error) => {
                let help = text!("units: {}", "单位有：{}", unit::names().collect::<Vec<_>>().join(" "));
                self.say(Diagnostic::error(Code::RB0204, span, error.message).help(help));
                Expr::unknown(span)
            }
        }
    }

    fn list(&mut self, items: &[ast::Expr], span: Span) -> Expr {
        let items: Vec<Expr> = items.iter().map(|item| self.expr(item)).collect();
        let mut ty: Option<Type> = None;
        for item in &items {
            ty = Some(match ty {
                None => item.ty.clone(),
                Some(known) => common(&known, &item.ty).unwrap_or(Type::Json),
            });
        }
        let ty = Type::List(Box::new(ty.unwrap_or(Type::Unknown)));
        if let Some(values) = items.iter().map(|item| item.known().cloned()).collect::<Option<Vec<_>>>() {
            return Expr::constant(Value::List(values), ty, span);
        }
        Expr { kind: Box::new(ExprKind::List(items)), ty, span }
    }

    fn name(&mut self, name: &str, span: Span) -> Expr {
        match self.names.find(self.scope, name) {
            Found::Var(var) => self.var(var, span),
            Found::Several(several) => {
                let mut diagnostic = Diagnostic::error(
                    Code::RB0101,
                    span,
                    text!("`{name}` is the key of several blocks", "`{name}` 是多个语句块的键"),
                );
                for var in several {
                    if let Some(var) = self.names.var(var) {
                        diagnostic = diagnostic.label(var.span, text!("one of them", "其中之一"));
                    }
                }
                self.say(
                    diagnostic.help(text!("give the one that is meant a key of its own", "请为要用的那个另取一个键")),
                );
                Expr::unknown(span)
            }
            Found::Elsewhere(var, of) => {
                let declared = self.names.var(var).map(|var| var.span).unwrap_or_default();
                self.say(
                    Diagnostic::error(
                        Code::RB0107,
                        span,
                        text!("`{}` belongs to {} and is not seen here", "`{}` 属于{}，在此处不可见", name, of),
                    )
                    .label(declared, text!("bound here", "在此处绑定"))
                    .help(text!(
                        "what is bound in a handler, scenario, loop or undo is local to that one instance; the fields \
                        of `run …, as: r` bring names out of a scenario",
                        "在处理块、场景、循环或 undo 中绑定的名称只属于该次执行；`run …, as: r` 的字段可以把名称带出场\
                        景"
                    )),
                );
                Expr::unknown(span)
            }
            Found::Nothing => match name {
                "pass" => Expr::constant(Value::Verdict(Verdict::Pass), Type::Verdict, span),
                "fail" => Expr::constant(Value::Verdict(Verdict::Fail), Type::Verdict, span),
                _ => {
                    self.unknown_name(name, span);
                    Expr::unknown(span)
                }
            },
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span) {
        if self.in_broken_text(name) {
            return;
        }
        let mut diagnostic =
            Diagnostic::error(Code::RB0101, span, text!("there is no name `{name}`", "没有名称 `{name}`"));
        if let Some(near) = self.suggest(name) {
            diagnostic = diagnostic.did_you_mean(near);
        }
        self.say_once(format!("name {name}"), diagnostic);
    }

    /// The nearest of the names that are seen here.
    fn suggest(&mut self, name: &str) -> Option<String> {
        if self.suggestions == 0 {
            return None;
        }
        self.suggestions -= 1;
        nearest(name, self.names.candidates(self.scope)).map(str::to_owned)
    }

    /// A variable, with what is known of it on this path.
    pub(super) fn var(&mut self, id: VarId, span: Span) -> Expr {
        let ty = self.names.var(id).map_or(Type::Unknown, |var| var.ty.clone());
        let ty = match ty {
            Type::Optional(inner) if self.narrowed.contains(&id) => *inner,
            other => other,
        };
        Expr { kind: Box::new(ExprKind::Var(id)), ty, span }
    }

    fn field(&mut self, of: &ast::Expr, field: &ast::Ident, span: Span) -> Expr {
        let of = self.expr(of);
        let (of_ty, perhaps) = self.along_a_path(&of);
        let ty = match &of_ty {
            Type::Json | Type::Unknown => of.ty.clone(),
            Type::Map(item) => (**item).clone(),
            Type::Record(fields) => {
                if let Some(ty) = fields.get(&field.node) {
                    ty.clone()
                } else {
                    let message = text!("there is no field `{}`", "没有字段 `{}`", field.node);
                    let diagnostic = Diagnostic::error(Code::RB0105, field.span, message);
                    let diagnostic = match nearest(&field.node, fields.keys().map(String::as_str)) {
                        Some(near) => diagnostic.did_you_mean(near),
                        None if field.node == "value" => {
                            diagnostic.help(text!("`.value` is there with `parse:`", "写了 `parse:` 才有 `.value`"))
                        }
                        None if fields.is_empty() => diagnostic.help(text!("it has none", "它没有字段")),
                        None => {
                            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
                            diagnostic.help(text!("its fields: {}", "其字段有：{}", names.join(" ")))
                        }
                    };
                    self.say(diagnostic);
                    Type::Unknown
                }
            }
            Type::Optional(_) => {
                self.may_be_null(&of);
                Type::Unknown
            }
            other => {
                let message = text!("{} has no fields", "{}没有字段", said(other));
                self.say(Diagnostic::error(Code::RB0105, field.span, message));
                Type::Unknown
            }
        };
        let ty = if perhaps { ty.or_null() } else { ty };
        Expr { kind: Box::new(ExprKind::Field(of, field.node.clone())), ty, span }
    }

    /// The type of what a path goes on from, and whether it may be null there: what stands in its place is known.
    fn along_a_path(&self, of: &Expr) -> (Type, bool) {
        match &of.ty {
            Type::Optional(inner) if self.replaced || self.for_people => ((**inner).clone(), true),
            ty => (ty.clone(), false),
        }
    }

    fn index(&mut self, of: &ast::Expr, index: &ast::Expr, span: Span) -> Expr {
        let of = self.expr(of);
        let at = self.expr(index);
        let (of_ty, perhaps) = self.along_a_path(&of);
        let (wanted, ty) = match &of_ty {
            Type::Json | Type::Unknown => (None, of.ty.clone()),
            Type::List(item) => (Some(Kind::Int), (**item).clone()),
            Type::ManyOf(members) => (Some(Kind::Int), Type::OneOf(members.clone())),
            Type::Map(item) => (Some(Kind::Text), (**item).clone()),
            Type::Optional(_) => {
                self.may_be_null(&of);
                (None, Type::Unknown)
            }
            other => {
                let message = text!("{} has no `[…]`", "{}不能用 `[…]`", said(other));
                self.say(
                    Diagnostic::error(Code::RB0201, span, message)
                        .help(text!("a list takes a place (from 0), a map a key", "列表用位置（从 0 起），映射用键")),
                );
                (None, Type::Unknown)
            }
        };
        match wanted {
            Some(kind) => self.must_fit(&at, kind, &"`[…]`"),
            None if Kind::Int.fits(&at.ty) || Kind::Text.fits(&at.ty) => {}
            None => self.must_fit(&at, Kind::Int, &"`[…]`"),
        }
        let ty = if perhaps { ty.or_null() } else { ty };
        Expr { kind: Box::new(ExprKind::Index(of, at)), ty, span }
    }

    fn unary(&mut self, op: UnaryOp, inner: &ast::Expr, span: Span) -> Expr {
        let inner = self.expr(inner);
        match op {
            UnaryOp::Not => {
                self.must_fit(&inner, Kind::Bool, &"`!`");
                Expr { kind: Box::new(ExprKind::Not(inner)), ty: Type::Bool, span }
            }
            UnaryOp::Neg => {
                let sound = matches!(
                    inner.ty,
                    Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Json | Type::Unknown
                );
                if !sound {
                    self.say(Diagnostic::error(
                        Code::RB0203,
                        span,
                        text!("{} has no negative", "{}不能取负", said(&inner.ty)),
                    ));
                }
                if let Some(value) = inner.known()
                    && let Ok(value) = crate::value::ops::negate(value)
                {
                    return Expr::constant(value, inner.ty, span);
                }
                let ty = inner.ty.clone();
                Expr { kind: Box::new(ExprKind::Neg(inner)), ty, span }
            }
        }
    }

    /// A pattern that compiles.
    pub(super) fn pattern(&mut self, e: &ast::Expr, what: &dyn Say) -> Option<Pattern> {
        let ast::ExprKind::Regex(source, ignore_case) = &*e.kind else {
            if !matches!(*e.kind, ast::ExprKind::Error) {
                let message = text!(
                    "{what} takes a pattern between slashes",
                    "{what}应为写在两个斜杠之间的模式",
                    what = Spaced(what)
                );
                self.say(Diagnostic::error(Code::RB0201, e.span, message).help(Text::verbatim("/^v\\d+$/")));
            }
            return None;
        };
        let built =
            regex::RegexBuilder::new(source).case_insensitive(*ignore_case).size_limit(MAX_PATTERN_BYTES).build();
        if let Err(error) = built {
            let diagnostic =
                Diagnostic::error(Code::RB0206, pattern_span(source, e.span, &error), pattern_message(&error));
            self.say(diagnostic);
            return None;
        }
        Some(Pattern { source: source.clone(), ignore_case: *ignore_case })
    }
}

/// The place inside the pattern that is wrong.
fn pattern_span(source: &str, span: Span, error: &regex::Error) -> Span {
    // The message of the parser draws the pattern and a caret under the place; the line with the caret tells the column.
    let text = error.to_string();
    let caret = text.lines().find(|line| !line.is_empty() && line.trim_start().starts_with('^'));
    let column = caret.and_then(|line| line.find('^')).and_then(|at| at.checked_sub(4));
    let start = span.start as usize + 1;
    match column.and_then(|column| source.char_indices().nth(column)) {
        Some((at, letter)) => Span::new(start + at, start + at + letter.len_utf8()),
        None => span,
    }
}

fn pattern_message(error: &regex::Error) -> Text {
    let text = error.to_string();
    match text.lines().find_map(|line| line.strip_prefix("error: ")) {
        Some(reason) => text!("the pattern is not valid: {reason}", "模式无效：{reason}"),
        None => text!("the pattern is too large", "模式过大"),
    }
}

/// The type of a known value.
pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::Percent(_) => Type::Percent,
        Value::Duration(_) => Type::Duration,
        Value::Bytes(_) => Type::Bytes,
        Value::Time(_) => Type::Time,
        Value::Text(_) => Type::Text,
        Value::List(items) => Type::List(Box::new(items.first().map_or(Type::Unknown, type_of))),
        Value::Map(fields) => Type::record(fields.iter().map(|(key, value)| (key.clone(), type_of(value))).collect()),
        Value::Secret(_) => Type::Secret,
        Value::Verdict(_) => Type::Verdict,
    }
}

/// The one type of two members of a list.
fn common(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (a, b) if a == b => Some(a.clone()),
        (Type::Unknown, other) | (other, Type::Unknown) => Some(other.clone()),
        (a, b) if a.is_text() && b.is_text() => Some(Type::Text),
        (Type::Int, Type::Float) | (Type::Float, Type::Int) => Some(Type::Float),
        _ => None,
    }
}

/// Where a secret may go.
fn ways_of_secrets() -> Text {
    text!(
        "a secret reaches a command only by `env:` or `stdin:`, a request by `bearer:` or `headers:`",
        "密钥只能通过 `env:` 或 `stdin:` 交给命令，通过 `bearer:` 或 `headers:` 交给请求"
    )
}

/// A type as messages say it.
pub(super) fn said(ty: &Type) -> Text {
    let Text { en, zh } = ty.named();
    let en = match ty {
        Type::Record(_) => "a record".to_owned(),
        Type::Optional(inner) => format!("{} or null", said(inner).en),
        Type::Map(_) => "a map".to_owned(),
        Type::List(_) => "a list".to_owned(),
        Type::Int => "an int".to_owned(),
        Type::Null | Type::Bytes | Type::Text | Type::Json | Type::OneOf(_) => en,
        _ => format!("a {en}"),
    };
    Text { en, zh }
}

fn bare_number(expr: &Expr) -> Option<String> {
    match expr.known() {
        Some(Value::Int(number)) => Some(number.to_string()),
        Some(Value::Float(number)) => Some(number.to_string()),
        _ => None,
    }
}

/// Members that a bare name may mean where a value of this type is compared.
pub(super) fn members(ty: &Type) -> Option<Vec<String>> {
    match ty {
        Type::OneOf(members) | Type::ManyOf(members) => Some(members.clone()),
        Type::Verdict => Some(shape::VERDICTS.iter().map(|word| (*word).to_owned()).collect()),
        Type::Optional(inner) => members(inner),
        _ => None,
    }
}
