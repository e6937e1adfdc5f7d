//! Reading arguments and options by what the table says they take.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::digest;
use crate::check::expr::said;
use crate::check::lower::declare::bound_at;
use crate::check::lower::hex;
use crate::check::names::RESERVED;
use crate::check::program::{Expr, NodeId, NodeKind, Title, VarId, VarKind};
use crate::check::signature::{Kind, Named, Takes, inner, is_text};
use crate::check::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, ExprKind, Stmt};
use crate::text;
use crate::text::{Both, Say, Spaced, Text};
use crate::value::nearest::nearest;
use crate::value::read::Reader;
use crate::value::types::Type;
use crate::value::{Value, ops};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

impl Checker<'_> {
    /// Text for people, from an argument and its `en:`.
    pub(super) fn title(&mut self, args: &mut Args<'_>, name: &str) -> Option<Title> {
        let text = args.arg(name).map(|arg| self.people_text(arg));
        let english = args.take("en");
        if text.is_none()
            && let Some(en) = english
        {
            let message =
                text!("`en:` is the English of a title, and there is none", "`en:` 是标题的英文，而此处没有标题");
            self.say(Diagnostic::error(Code::RB0313, en.span, message));
        }
        let en = english.map(|en| self.people_text(&en.value));
        Some(Title { text: text?, en })
    }

    /// Text for people from an option.
    pub(super) fn title_option(&mut self, args: &mut Args<'_>, name: &str) -> Option<Title> {
        let option = args.take(name)?;
        let text = self.people_text(&option.value);
        let en = if args.word.option("title").is_none() { args.take("en") } else { None };
        let en = en.map(|en| self.people_text(&en.value));
        Some(Title { text, en })
    }

    /// A text for people: what is not there is shown as not there.
    pub(super) fn people_text(&mut self, e: &ast::Expr) -> Expr {
        let outer = std::mem::replace(&mut self.for_people, true);
        let expr = self.expr(e);
        self.for_people = outer;
        self.must_fit(&expr, Kind::Text, &Both("a title", "标题"));
        expr
    }

    /// An option whose value is an expression, by its kind in the table.
    pub(super) fn option_of(&mut self, args: &mut Args<'_>, name: &str) -> Option<Expr> {
        let takes = args.word.option(name)?.takes;
        let option = args.take(name)?;
        let Takes::Value(kind) = takes else { return None };
        let what = format!("`{name}:`");
        let expr = self.expr_of(&option.value, kind, &what);
        self.above_zero(&expr, &what);
        Some(expr)
    }

    /// Times and sizes that are given as options are those of something that happens.
    pub(super) fn above_zero(&mut self, expr: &Expr, what: &dyn Say) {
        let none = match expr.known() {
            Some(Value::Duration(span)) => span.is_zero() || span.is_negative(),
            Some(Value::Bytes(bytes)) => *bytes < 1,
            _ => false,
        };
        if none {
            self.say(Diagnostic::error(
                Code::RB0212,
                expr.span,
                text!("{what} must be more than nothing", "{what}必须大于零", what = Spaced(what)),
            ));
        }
    }

    /// The same, where the table says that it must be there (it was said if not).
    pub(super) fn required(&mut self, args: &mut Args<'_>, name: &str) -> Expr {
        self.option_of(args, name).unwrap_or_else(|| Expr::unknown(args.head()))
    }

    /// An argument whose value is an expression, by its kind in the table.
    pub(super) fn argument(&mut self, args: &Args<'_>, name: &str) -> Expr {
        let kind = args.word.args.iter().find(|arg| arg.name == name).and_then(|arg| match arg.takes {
            Takes::Value(kind) | Takes::Const(kind) => Some(kind),
            _ => None,
        });
        match (args.arg(name), kind) {
            (Some(e), Some(kind)) => self.expr_of(e, kind, &format!("`{}`", args.word.name)),
            _ => Expr::unknown(args.head()),
        }
    }

    /// `name: true`
    pub(super) fn flag(&mut self, args: &mut Args<'_>, name: &str) -> Option<bool> {
        let option = args.take(name)?;
        match &*option.value.kind {
            ExprKind::Bool(truth) => Some(*truth),
            ExprKind::Error => None,
            _ => {
                let message = text!("`{name}:` is `true` or `false`", "`{name}:` 的值是 `true` 或 `false`");
                self.say(Diagnostic::error(Code::RB0210, option.value.span, message));
                None
            }
        }
    }

    /// An option that is one of a few words.
    pub(super) fn word_option(&mut self, args: &mut Args<'_>, name: &str) -> Option<String> {
        let takes = args.word.option(name)?.takes;
        let option = args.take(name)?;
        let Takes::Words(words) = takes else { return None };
        self.one_of(&option.value, words, &format!("`{name}:`"))
    }

    /// One of a few words.
    pub(super) fn one_of(&mut self, e: &ast::Expr, words: &[&str], what: &dyn Say) -> Option<String> {
        let found = types::word(e);
        if let Some(word) = &found
            && words.contains(&word.as_str())
        {
            return found;
        }
        if matches!(*e.kind, ExprKind::Error) {
            return None;
        }
        let diagnostic = match &found {
            Some(word) => Diagnostic::error(
                Code::RB0311,
                e.span,
                text!("{what} knows no `{word}`", "{what}不能是 `{word}`", what = Spaced(what)),
            ),
            None => Diagnostic::error(
                Code::RB0311,
                e.span,
                text!("{what} takes a bare word", "{what}应为单独的词", what = Spaced(what)),
            ),
        };
        let near = found.as_deref().and_then(|word| nearest(word, words.iter().copied()));
        self.say(match near {
            Some(near) => diagnostic.did_you_mean(near),
            None => diagnostic.help(text!("one of: {}", "可以是：{}", words.join(" "))),
        });
        None
    }

    /// A whole number that is known before the run, from `least` to `most`.
    pub(super) fn const_int(&mut self, args: &mut Args<'_>, name: &str, least: i64, most: i64) -> Option<i64> {
        let option = args.take(name)?;
        self.int_of(&option.value, &format!("`{name}:`"), least, most)
    }

    /// See [`Checker::const_int`].
    pub(super) fn int_of(&mut self, e: &ast::Expr, what: &dyn Say, least: i64, most: i64) -> Option<i64> {
        let expr = self.expr_of(e, Kind::Int, what);
        match expr.known() {
            Some(Value::Int(number)) if (least..=most).contains(number) => Some(*number),
            Some(Value::Int(_)) => {
                let message = if least == most {
                    text!("{what} must be {least}", "{what}必须为 {least}", what = Spaced(what))
                } else {
                    text!(
                        "{what} is a number from {least} to {most}",
                        "{what}是 {least} 至 {most} 的数",
                        what = Spaced(what)
                    )
                };
                self.say(Diagnostic::error(Code::RB0212, e.span, message));
                None
            }
            _ => {
                if Kind::Int.fits(&expr.ty) {
                    self.must_be_known(&expr, what);
                }
                None
            }
        }
    }

    /// Text that is known before the run, with its place.
    pub(super) fn const_text(&mut self, args: &mut Args<'_>, name: &str) -> Option<(String, Span)> {
        let option = args.take(name)?;
        self.text_of(&option.value, &format!("`{name}:`"))
    }

    /// See [`Checker::const_text`].
    pub(super) fn text_of(&mut self, e: &ast::Expr, what: &dyn Say) -> Option<(String, Span)> {
        let expr = self.expr_of(e, Kind::Text, what);
        if let Some(Value::Text(text)) = expr.known() {
            Some((text.clone(), e.span))
        } else {
            if Kind::Text.fits(&expr.ty) {
                self.must_be_known(&expr, what);
            }
            None
        }
    }

    /// Says that a value must be known before the run.
    pub(super) fn must_be_known(&mut self, expr: &Expr, what: &dyn Say) {
        if expr.ty != Type::Unknown {
            let message = text!("{what} must be known before the run", "{what}必须在运行前已知", what = Spaced(what));
            self.say(
                Diagnostic::error(Code::RB0210, expr.span, message)
                    .help(text!("write the value itself", "请直接写出值")),
            );
        }
    }

    /// A bare name: a key, a new name.
    pub(super) fn bare_name(&mut self, e: &ast::Expr, what: &dyn Say) -> Option<String> {
        match &*e.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Error => None,
            _ => {
                let message = text!("{what} is a bare name", "{what}应为单独的名称", what = Spaced(what));
                self.say(
                    Diagnostic::error(Code::RB0312, e.span, message)
                        .help(text!("lower case letters, digits and `_`", "小写字母、数字和 `_`")),
                );
                None
            }
        }
    }

    /// The index of a declared thing.
    pub(super) fn named(&mut self, e: &ast::Expr, kind: Named) -> Option<usize> {
        let name = self.bare_name(e, &kind.describe())?;
        let list = match kind {
            Named::Source => &self.names.sources,
            Named::Channel => &self.names.channels,
            Named::Role => &self.names.roles,
            Named::Collect => &self.names.collects,
            Named::Objective => &self.names.objectives,
            Named::Scenario | Named::Series | Named::Block | Named::Scrape => return None,
        };
        let found = list.get(&name).copied();
        if found.is_none() {
            let known: Vec<String> = list.keys().cloned().collect();
            self.not_declared(&name, e.span, kind, &known);
        }
        found
    }

    /// Says that there is no such thing.
    pub(super) fn not_declared(&mut self, name: &str, span: Span, kind: Named, known: &[String]) {
        if self.in_broken_text(name) {
            return;
        }
        let message = text!("there is no {} `{name}`", "没有{} `{name}`", kind.noun());
        let diagnostic = Diagnostic::error(Code::RB0110, span, message);
        let diagnostic = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => diagnostic.did_you_mean(near),
            None if known.is_empty() => {
                diagnostic.help(text!("none is declared: {}", "尚未声明：{}", kind.declared_by()))
            }
            None => diagnostic.help(text!("there is {}", "已有 {}", known.join(", "))),
        };
        self.say_once(format!("{} {name}", kind.noun().0), diagnostic);
    }

    /// The variable of a bare name that must name a thing of this kind.
    pub(super) fn named_var(&mut self, e: &ast::Expr, kind: Named) -> Option<(VarId, VarKind)> {
        self.bare_name(e, &kind.describe())?;
        let expr = self.expr(e);
        let crate::check::program::ExprKind::Var(id) = *expr.kind else { return None };
        let var = self.names.var(id)?;
        let fits = match kind {
            Named::Series => matches!(var.kind, VarKind::Series(_)),
            Named::Block => matches!(var.kind, VarKind::Step(_)),
            _ => true,
        };
        if fits {
            return Some((id, var.kind));
        }
        let message = text!("`{}` is no {}", "`{}` 不是{}", var.name, kind.noun());
        let declared = var.span;
        let diagnostic = Diagnostic::error(Code::RB0110, e.span, message).help(Text::verbatim(kind.declared_by()));
        self.say(bound_at(diagnostic, declared, text!("this is what it is", "它的声明在此")));
        None
    }

    /// The statement of a series or block.
    pub(super) fn named_node(&mut self, e: &ast::Expr, kind: Named) -> Option<NodeId> {
        match self.named_var(e, kind)?.1 {
            VarKind::Series(node) | VarKind::Step(node) => Some(node),
            VarKind::Fixed
            | VarKind::Bound
            | VarKind::Collect(_)
            | VarKind::Source(_)
            | VarKind::Objective(_)
            | VarKind::Run
            | VarKind::Rollback
            | VarKind::Executor
            | VarKind::Owner
            | VarKind::AllObjectives => None,
        }
    }

    /// An expression that must be of a declared type: a default, a parameter of a scenario. Bare names are members.
    pub(super) fn value_of(&mut self, e: &ast::Expr, ty: &Type, what: &dyn Say) -> Expr {
        if let (Type::OneOf(known) | Type::ManyOf(known), Some(word)) = (ty, types::word(e)) {
            if known.contains(&word) {
                let value = Value::Text(word);
                let value = if matches!(ty, Type::ManyOf(_)) { Value::List(vec![value]) } else { value };
                return Expr::constant(value, ty.clone(), e.span);
            }
            if matches!(&*e.kind, ExprKind::Str(_)) || self.is_free(e) {
                self.no_member(&word, known, e.span);
                return Expr::unknown(e.span);
            }
        }
        let expr = self.expr(e);
        if let Some(Value::Text(text)) = expr.known()
            && matches!(ty, Type::Url | Type::Path)
            && let Err(error) = Reader::new(TimeZone::UTC).read(text, ty)
        {
            self.say(Diagnostic::error(Code::RB0201, e.span, error.message));
            return expr;
        }
        if !fits(&expr.ty, ty) {
            if let Type::Optional(inside) = &expr.ty
                && fits(inside, ty)
            {
                self.may_be_null(&expr);
            } else {
                let units = matches!(expr.ty, Type::Int | Type::Float)
                    && matches!(ty, Type::Duration | Type::Percent | Type::Bytes);
                let code = if units { Code::RB0202 } else { Code::RB0201 };
                let message =
                    text!("{} is {}, this is {}", "{}应为{}，这里是{}", Spaced(what), said(ty), said(&expr.ty));
                self.say(Diagnostic::error(code, e.span, message));
            }
        }
        expr
    }

    /// A text that is known must be a url that can be asked over HTTP; also each of a list.
    pub(super) fn is_url(&mut self, expr: &Expr) {
        let known = expr.known().cloned();
        let texts = match &known {
            Some(Value::List(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for text in texts {
            let Value::Text(text) = text else { continue };
            let over_http = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
            let wrong = |message: Text| Diagnostic::error(Code::RB0201, expr.span, message);
            match Reader::new(TimeZone::UTC).read(text, &Type::Url) {
                Err(error) => self.say(wrong(error.message)),
                Ok(_) if over_http => {}
                Ok(_) => {
                    let message = text!("{text:?} is not asked over HTTP", "{text:?} 不能通过 HTTP 请求");
                    let help = text!("it begins with https:// or http://", "应以 https:// 或 http:// 开头");
                    self.say(wrong(message).help(help));
                }
            }
        }
    }

    /// A value of a declared type that is known before the run.
    pub(super) fn const_of(&mut self, e: &ast::Expr, ty: &Type, what: &dyn Say) -> Option<Value> {
        let expr = self.value_of(e, ty, what);
        if let Some(value) = expr.known() {
            return (expr.ty != Type::Unknown).then(|| value.clone());
        }
        self.must_be_known(&expr, what);
        None
    }

    fn is_free(&self, e: &ast::Expr) -> bool {
        match &*e.kind {
            ExprKind::Name(name) => {
                !RESERVED.contains(&name.as_str())
                    && !matches!(self.names.find(self.scope, name), crate::check::names::Found::Var(_))
            }
            _ => false,
        }
    }

    /// The digest of a statement's own form: words and values without places, comments and layout, and what it names
    /// of the declarations.
    pub(super) fn digest_of(&self, stmt: &Stmt, kind: Option<&NodeKind>) -> String {
        let mut form = String::new();
        digest::form(stmt, &self.declared, &mut form);
        // `slos: all` names none of them.
        if let Some(NodeKind::Sample(sample)) = kind {
            let observed = sample.objectives.iter().filter_map(|index| self.objective_at(*index));
            for digest in observed.filter_map(|objective| self.declared.get(&objective.key)) {
                form.push('\n');
                form.push_str(digest);
            }
        }
        hex(&Sha256::digest(form.as_bytes()))
    }
}

/// May a value of type `given` stand where `wanted` is declared?
pub(super) fn fits(given: &Type, wanted: &Type) -> bool {
    if given.is_open() || wanted.is_open() || given == wanted {
        return true;
    }
    match (given, wanted) {
        (Type::Int, Type::Float) | (Type::Null, Type::Optional(_)) | (Type::Record(_) | Type::Map(_), Type::Map(_)) => {
            true
        }
        (given, Type::Optional(wanted)) => fits(inner(given), wanted),
        (Type::List(given), Type::List(wanted)) => fits(given, wanted),
        (Type::List(given), Type::ManyOf(_)) => given.is_open() || is_text(given),
        (given, wanted) => is_text(given) && is_text(wanted) && !matches!(wanted, Type::OneOf(_)),
    }
}

/// Is `least` not above `most`, where both have an order?
pub(super) fn in_order(least: &Value, most: &Value) -> bool {
    ops::compare(ops::Comparison::Le, least, most).unwrap_or(true)
}

impl Named {
    /// For messages: "a source".
    fn describe(self) -> Both {
        match self {
            Named::Source => Both("a source", "来源"),
            Named::Channel => Both("a channel", "频道"),
            Named::Role => Both("a role", "角色"),
            Named::Collect => Both("a collect", "收集列表"),
            Named::Scenario => Both("a scenario", "场景"),
            Named::Series => Both("a series", "序列"),
            Named::Objective => Both("an objective", "目标"),
            Named::Block => Both("a step", "步骤"),
            Named::Scrape => Both("a scrape", "抓取"),
        }
    }

    fn noun(self) -> Both {
        match self {
            Named::Source => Both("source", "来源"),
            Named::Channel => Both("channel", "频道"),
            Named::Role => Both("role", "角色"),
            Named::Collect => Both("collect", "收集列表"),
            Named::Scenario => Both("scenario", "场景"),
            Named::Series => Both("series", "序列"),
            Named::Objective => Both("objective", "目标"),
            Named::Block => Both("step or section", "步骤或章节"),
            Named::Scrape => Both("scrape", "抓取"),
        }
    }

    fn declared_by(self) -> &'static str {
        match self {
            Named::Source => "source NAME, scrape: URL",
            Named::Channel => "channel NAME, slack: SECRET",
            Named::Role => "role KEY, \"title\", people: LIST",
            Named::Collect => "collect NAME, \"title\" do ask … end",
            Named::Scenario => "scenario KEY, \"title\" do … end",
            Named::Series => "sample SOURCE, …, as: NAME",
            Named::Objective => "slo KEY, \"title\", from: SOURCE do … end",
            Named::Block => "step KEY, \"title\" do … end",
            Named::Scrape => "query SOURCE, as: NAME",
        }
    }
}
