//! Calls: the closed set of functions, and the forms that do not evaluate their argument plainly.

use crate::check::context::Checker;
use crate::check::expr::members;
use crate::check::names::Found;
use crate::check::narrow;
use crate::check::program::{Expr, ExprKind, NodeKind, VarKind};
use crate::check::signature::{Kind, inner};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::function::Function;
use crate::value::nearest::nearest;
use crate::value::types::Type;

/// Forms that look like functions.
const FORMS: &[&str] = &["assigned", "default", "reported", "raw"];

/// What other languages call a function, and how it is done here.
const ELSEWHERE: &[(&str, Both)] = &[
    (
        "now",
        Both(
            "time is an effect: an effect's record has `.started_at` and `.finished_at`, the run has `run.started_at`",
            "时间是一种影响：语句的记录有 `.started_at` 和 `.finished_at`，运行有 `run.started_at`",
        ),
    ),
    ("env", Both("declare `param NAME, TYPE, env: \"VARIABLE\"`", "请声明 `param NAME, TYPE, env: \"VARIABLE\"`")),
    (
        "file",
        Both(
            "a file is looked at by an effect: `sh read: \"cat …\", as: x`",
            "文件由语句查看：`sh read: \"cat …\", as: x`",
        ),
    ),
    (
        "exists",
        Both(
            "a file is looked at by an effect: `sh read: \"test -e …\", ok: [0, 1], as: x`",
            "文件由语句查看：`sh read: \"test -e …\", ok: [0, 1], as: x`",
        ),
    ),
    ("len", Both::verbatim("`count(x)`")),
    ("length", Both::verbatim("`count(x)`")),
    ("size", Both::verbatim("`count(x)`")),
    (
        "previous",
        Both("the value before is not kept; name what you need with `as:`", "不保留先前的值；请用 `as:` 命名需要的值"),
    ),
];

impl Checker<'_> {
    /// `f(a, b)`.
    pub(super) fn call(&mut self, name: &ast::Ident, args: &[ast::Expr], options: &[ast::Opt], span: Span) -> Expr {
        if let Some(option) = options.first() {
            let message = text!("`{}(…)` takes no options", "`{}(…)` 没有选项", name.node);
            self.say(Diagnostic::error(Code::RB0208, option.span, message));
        }
        match name.node.as_str() {
            "assigned" => self.assigned(args, span),
            "default" => self.default(args, span),
            "reported" => self.reported(args, span),
            "raw" => {
                self.say(
                    Diagnostic::error(
                        Code::RB0208,
                        span,
                        text!("`raw(…)` stands only in the body of a command", "`raw(…)` 只能写在命令文本中"),
                    )
                    .help(Text::verbatim("sh \"grep #{raw(flags)} file\"")),
                );
                Expr::unknown(span)
            }
            other => {
                if let Some(function) = Function::of_name(other) {
                    self.function(function, args, span)
                } else {
                    self.unknown_function(name);
                    for arg in args {
                        self.expr(arg);
                    }
                    Expr::unknown(span)
                }
            }
        }
    }

    fn function(&mut self, function: Function, args: &[ast::Expr], span: Span) -> Expr {
        let mut lowered: Vec<Expr> = Vec::with_capacity(args.len());
        for (number, arg) in args.iter().enumerate() {
            // `choose(assigned(x), x, y)`: its sides know what the condition decided.
            let known = self.narrowed.len();
            if function == Function::Choose
                && number > 0
                && let Some(cond) = lowered.first()
            {
                let facts = narrow::facts(cond);
                self.narrowed.extend(if number == 1 { facts.when_true } else { facts.when_false });
            }
            let expr = match &*arg.kind {
                ast::ExprKind::Regex(..) => match self.pattern(arg, &Both("the pattern", "模式")) {
                    Some(pattern) => {
                        let flags = if pattern.ignore_case { "(?i)" } else { "" };
                        Expr::constant(Value::Text(format!("{flags}{}", pattern.source)), Type::String, arg.span)
                    }
                    None => Expr::unknown(arg.span),
                },
                // `contains(answers, red)`: a bare name may be a member of what stands before it.
                _ => {
                    let known =
                        lowered.iter().find(|before| members(&before.ty).is_some()).map(|before| before.ty.clone());
                    match (self.free_word(arg), known) {
                        (Some(word), Some(ty)) => self.member(&word, arg, &ty),
                        _ => self.expr(arg),
                    }
                }
            };
            self.narrowed.truncate(known);
            lowered.push(expr);
        }
        let types: Vec<Type> = lowered.iter().map(|arg| arg.ty.clone()).collect();
        let ty = match function.result_type(&types) {
            Ok(ty) => ty,
            Err(mismatch) => {
                let wrong = mismatch.argument.and_then(|index| lowered.get(index)).cloned();
                match wrong {
                    Some(arg) if arg.ty == Type::Secret => self.say(Diagnostic::error(
                        Code::RB0205,
                        arg.span,
                        text!("a secret cannot go through `{}`", "密钥不能用于 `{}`", function.name()),
                    )),
                    Some(arg) if matches!(arg.ty, Type::Optional(_)) => self.may_be_null(&arg),
                    wrong => {
                        let usages = function.signature().forms.iter().map(|form| Text::verbatim(form.usage));
                        let usages: Vec<Text> = usages.collect();
                        let place = wrong.map_or(span, |arg| arg.span);
                        self.say(Diagnostic::error(Code::RB0208, place, mismatch.message).help(text!(
                            "{}: {}",
                            "{}：{}",
                            Text::join(&usages, &text!(" or ", " 或 ")),
                            function.signature().what
                        )));
                    }
                }
                Type::Unknown
            }
        };
        Expr { kind: Box::new(ExprKind::Call(function, lowered)), ty, span }
    }

    fn assigned(&mut self, args: &[ast::Expr], span: Span) -> Expr {
        let [arg] = args else {
            self.say(
                Diagnostic::error(
                    Code::RB0208,
                    span,
                    text!("`assigned` takes one name", "`assigned` 只有一个名称参数"),
                )
                .help(Text::verbatim("assigned(prom_url)")),
            );
            return Expr { ty: Type::Bool, ..Expr::unknown(span) };
        };
        let var = match &*arg.kind {
            ast::ExprKind::Name(name) => match self.names.find(self.scope, name) {
                Found::Var(var) => Some(var),
                Found::Several(_) | Found::Elsewhere(..) | Found::Nothing => {
                    self.expr(arg);
                    None
                }
            },
            ast::ExprKind::Error => None,
            _ => {
                self.say(
                    Diagnostic::error(
                        Code::RB0208,
                        arg.span,
                        text!("`assigned` takes a bare name", "`assigned` 的参数是单独的名称"),
                    )
                    .help(text!(
                        "what may be null inside a record is read with `default(x.y, …)`",
                        "记录中可能为 null 的值用 `default(x.y, …)` 读取"
                    )),
                );
                None
            }
        };
        match var {
            Some(var) => Expr { kind: Box::new(ExprKind::Assigned(var)), ty: Type::Bool, span },
            None => Expr { ty: Type::Bool, ..Expr::unknown(span) },
        }
    }

    fn default(&mut self, args: &[ast::Expr], span: Span) -> Expr {
        let [value, instead] = args else {
            self.say(
                Diagnostic::error(
                    Code::RB0208,
                    span,
                    text!(
                        "`default` takes a value and what stands in its place",
                        "`default` 的参数是一个值和它的替代值"
                    ),
                )
                .help(Text::verbatim("default(live.value.status.readyReplicas, 0)")),
            );
            return Expr::unknown(span);
        };
        let outer = std::mem::replace(&mut self.replaced, true);
        let value = self.expr(value);
        self.replaced = outer;
        let instead = self.expr(instead);
        let wanted = inner(&value.ty);
        let ty = match (wanted, &instead.ty) {
            // What comes out of JSON is taken for what stands in its place; the run judges it.
            (Type::Json, Type::Null) => Type::Json,
            (Type::Unknown | Type::Null | Type::Json, other) => other.clone(),
            (wanted, other) if wanted == other || other.is_open() => wanted.clone(),
            (Type::Int | Type::Float, Type::Int | Type::Float) => Type::Float,
            (a, b) if a.is_text() && b.is_text() => Type::Text,
            (Type::List(_), Type::List(_)) => wanted.clone(),
            (wanted, other) => {
                let message = text!(
                    "in the place of {} stands {}",
                    "这里应为{}，写的是{}",
                    super::said(wanted),
                    super::said(other)
                );
                self.say(Diagnostic::error(Code::RB0201, instead.span, message));
                Type::Unknown
            }
        };
        Expr { kind: Box::new(ExprKind::Default(value, instead)), ty, span }
    }

    fn reported(&mut self, args: &[ast::Expr], span: Span) -> Expr {
        let [series, metric] = args else {
            self.say(
                Diagnostic::error(
                    Code::RB0208,
                    span,
                    text!("`reported` takes a series and a metric's name", "`reported` 的参数是一个序列和指标名称"),
                )
                .help(Text::verbatim("reported(baseline, \"http_requests_total\")")),
            );
            return Expr { ty: Type::Bool, ..Expr::unknown(span) };
        };
        let of = self.expr(series);
        let metric = self.expr_of(metric, Kind::Text, &Both("the metric's name", "指标名称"));
        let node = match &*of.kind {
            ExprKind::Var(var) => self.names.var(*var).and_then(|var| match var.kind {
                VarKind::Series(node) => Some(node),
                _ => None,
            }),
            _ => None,
        };
        let source = node.and_then(|node| match self.node(node).map(|node| &node.kind) {
            Some(NodeKind::Sample(sample)) => Some(sample.source),
            // It is being read: what stands here is a handler of it.
            _ => self.observed.as_ref().and_then(|observed| observed.source),
        });
        if source.is_some_and(|source| self.is_server(source)) {
            let message = text!(
                "whether a target reports a metric is told by its scrapes, and this series is a server's",
                "目标是否上报某指标由其抓取得知，而此序列来自 Prometheus 服务器"
            );
            self.say(Diagnostic::error(Code::RB0208, series.span, message));
        }
        // That the series is there is `flow`'s.
        if let Some(node) = node {
            return Expr { kind: Box::new(ExprKind::Reported(node, metric)), ty: Type::Bool, span };
        }
        if of.ty != Type::Unknown {
            self.say(
                Diagnostic::error(Code::RB0208, series.span, text!("this is no series", "这不是序列"))
                    .help(text!("the name that `sample …, as: NAME` binds", "由 `sample …, as: NAME` 绑定的名称")),
            );
        }
        Expr { ty: Type::Bool, ..Expr::unknown(span) }
    }

    fn unknown_function(&mut self, name: &ast::Ident) {
        let diagnostic =
            Diagnostic::error(Code::RB0207, name.span, text!("there is no function `{}`", "没有函数 `{}`", name.node));
        let known = Function::ALL.iter().map(|function| function.name()).chain(FORMS.iter().copied());
        let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name.node).map(|(_, here)| *here);
        self.say(match (elsewhere, nearest(&name.node, known)) {
            (Some(here), _) => diagnostic.help(here),
            (None, Some(near)) => diagnostic.did_you_mean(format_args!("{near}(…)")),
            (None, None) => diagnostic.help(text!(
                "the set of functions is closed; there are no functions of one's own",
                "函数是固定的一组；不能自定义函数"
            )),
        });
    }
}
