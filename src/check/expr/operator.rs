//! Binary operators.

use crate::check::context::Checker;
use crate::check::expr::{members, said};
use crate::check::names::Found;
use crate::check::narrow;
use crate::check::program::{Expr, ExprKind};
use crate::check::signature::{Kind, inner, is_text};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, BinaryOp};
use crate::text;
use crate::text::Text;
use crate::value::nearest::nearest;
use crate::value::ops::{self, Arith, Comparison};
use crate::value::types::Type;
use crate::value::{Value, Verdict};

impl Checker<'_> {
    /// `left op right`.
    pub(super) fn binary(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logic(op, left, right, span),
            BinaryOp::Eq => self.compare(Comparison::Eq, left, right, span),
            BinaryOp::Ne => self.compare(Comparison::Ne, left, right, span),
            BinaryOp::Lt => self.compare(Comparison::Lt, left, right, span),
            BinaryOp::Le => self.compare(Comparison::Le, left, right, span),
            BinaryOp::Gt => self.compare(Comparison::Gt, left, right, span),
            BinaryOp::Ge => self.compare(Comparison::Ge, left, right, span),
            BinaryOp::Match => self.matches(left, right, false, span),
            BinaryOp::NotMatch => self.matches(left, right, true, span),
            BinaryOp::Add => self.arith(Arith::Add, left, right, span),
            BinaryOp::Sub => self.arith(Arith::Sub, left, right, span),
            BinaryOp::Mul => self.arith(Arith::Mul, left, right, span),
            BinaryOp::Div => self.arith(Arith::Div, left, right, span),
        }
    }

    /// The right side knows what the left one decided.
    fn logic(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        let and = op == BinaryOp::And;
        let what = if and { "`&&`" } else { "`||`" };
        let left = self.expr_of(left, Kind::Bool, &what);
        let facts = narrow::facts(&left);
        let known = self.narrowed.len();
        self.narrowed.extend(if and { facts.when_true } else { facts.when_false });
        let right = self.expr_of(right, Kind::Bool, &what);
        self.narrowed.truncate(known);
        let kind = if and { ExprKind::And(left, right) } else { ExprKind::Or(left, right) };
        Expr { kind: Box::new(kind), ty: Type::Bool, span }
    }

    fn compare(&mut self, op: Comparison, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        let (left_written, right_written) = (left, right);
        // `severity == sev1`, `x.verdict == pass`: a bare name that is no name may be a member of the other side's type.
        let (left, right) = match (self.free_word(left), self.free_word(right)) {
            (None, Some(word)) => {
                let left = self.expr(left);
                let right = self.member(&word, right, &left.ty);
                (left, right)
            }
            (Some(word), None) => {
                let right = self.expr(right);
                let left = self.member(&word, left, &right.ty);
                (left, right)
            }
            _ => (self.expr(left), self.expr(right)),
        };
        if !ops::comparable(op, &as_bare(&left, &right), &as_bare(&right, &left)) {
            let written = text_meant((left_written, &left), (right_written, &right));
            self.not_comparable(op, &left, &right, span, written);
        } else if let (Some(known), Some(Value::Text(text))) = (members(&left.ty), right.known())
            && !known.contains(text)
            && is_text(inner(&left.ty))
        {
            self.no_member(text, &known, right.span);
        }
        Expr { kind: Box::new(ExprKind::Compare(op, left, right)), ty: Type::Bool, span }
    }

    fn not_comparable(&mut self, op: Comparison, left: &Expr, right: &Expr, span: Span, meant: Option<Text>) {
        for side in [left, right] {
            if let Type::Optional(inner) = &side.ty
                && *side.ty_of_other(left, right) != Type::Null
                && ops::comparable(op, inner, side.ty_of_other(left, right))
            {
                self.may_be_null(side);
                return;
            }
        }
        let message = text!(
            "`{}` cannot compare {} with {}",
            "`{}` 不能比较：{}与{}",
            op.as_str(),
            said(&left.ty),
            said(&right.ty)
        );
        let units = left.ty != right.ty && is_quantity(&left.ty) && is_quantity(&right.ty);
        let code = if units { Code::RB0202 } else { Code::RB0203 };
        let mut diagnostic =
            Diagnostic::error(code, span, message).label(left.span, said(&left.ty)).label(right.span, said(&right.ty));
        if units {
            diagnostic = diagnostic.help(unit_help(left, right));
        } else if let Some(help) = meant.or_else(|| json_help(left, right)) {
            diagnostic = diagnostic.help(help);
        }
        self.say(diagnostic);
    }

    /// A bare name that means nothing here.
    pub(super) fn free_word(&self, e: &ast::Expr) -> Option<String> {
        match &*e.kind {
            ast::ExprKind::Name(name) if matches!(self.names.find(self.scope, name), Found::Nothing) => {
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// A bare name as a member of a type.
    pub(super) fn member(&mut self, word: &str, e: &ast::Expr, ty: &Type) -> Expr {
        let Some(known) = members(ty) else {
            if *ty == Type::Unknown {
                return Expr::unknown(e.span);
            }
            return self.expr(e);
        };
        if *inner(ty) == Type::Verdict {
            if let Some(verdict) = verdict(word) {
                return Expr::constant(Value::Verdict(verdict), Type::Verdict, e.span);
            }
        } else if known.iter().any(|member| member == word) {
            return Expr::constant(Value::Text(word.to_owned()), Type::OneOf(known), e.span);
        }
        self.no_member(word, &known, e.span);
        Expr::unknown(e.span)
    }

    /// Says that a word is none of the members of a type.
    pub(in crate::check) fn no_member(&mut self, word: &str, known: &[String], span: Span) {
        let diagnostic =
            Diagnostic::error(Code::RB0209, span, text!("`{word}` is none of its values", "`{word}` 不是它的取值"));
        let near = nearest(word, known.iter().map(String::as_str));
        self.say(match near {
            Some(near) => diagnostic.did_you_mean(near),
            None => diagnostic.help(text!("its values: {}", "其取值有：{}", known.join(" "))),
        });
    }

    fn matches(&mut self, left: &ast::Expr, right: &ast::Expr, negated: bool, span: Span) -> Expr {
        let what = if negated { "`!~`" } else { "`=~`" };
        let left = self.expr_of(left, Kind::Text, &what);
        match self.pattern(right, &what) {
            Some(pattern) => Expr { kind: Box::new(ExprKind::Match(left, pattern, negated)), ty: Type::Bool, span },
            None => Expr { ty: Type::Bool, ..Expr::unknown(span) },
        }
    }

    fn arith(&mut self, op: Arith, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        let left = self.expr(left);
        let right = self.expr(right);
        if let (Some(a), Some(b)) = (left.known(), right.known())
            && let Ok(value) = ops::arith(op, a, b)
        {
            let ty = ops::arith_type(op, &left.ty, &right.ty).unwrap_or(Type::Unknown);
            return Expr::constant(value, ty, span);
        }
        let ty = ops::arith_type(op, &as_bare(&left, &right), &as_bare(&right, &left)).unwrap_or_else(|| {
            self.no_arith(op, &left, &right, span);
            Type::Unknown
        });
        if op == Arith::Div && right.known().is_some_and(is_zero) {
            self.say(Diagnostic::error(Code::RB0212, right.span, text!("a division by zero", "除数为零")));
        }
        Expr { kind: Box::new(ExprKind::Arith(op, left, right)), ty, span }
    }

    fn no_arith(&mut self, op: Arith, left: &Expr, right: &Expr, span: Span) {
        for side in [left, right] {
            if matches!(side.ty, Type::Optional(_)) {
                self.may_be_null(side);
                return;
            }
        }
        let units = is_quantity(&left.ty) && is_quantity(&right.ty);
        let code = if units { Code::RB0202 } else { Code::RB0203 };
        let message =
            text!("`{}` cannot take {} and {}", "`{}` 不能用于{}与{}", op.as_str(), said(&left.ty), said(&right.ty));
        let mut diagnostic =
            Diagnostic::error(code, span, message).label(left.span, said(&left.ty)).label(right.span, said(&right.ty));
        if units && matches!(op, Arith::Add | Arith::Sub) {
            diagnostic = diagnostic.help(unit_help(left, right));
        } else if let Some(help) = json_help(left, right) {
            diagnostic = diagnostic.help(help);
        } else if left.ty.is_text() || right.ty.is_text() {
            diagnostic = diagnostic.help(text!("put values into a text with #{{…}}", "用 #{{…}} 把值放入文本"));
        }
        self.say(diagnostic);
    }
}

impl Expr {
    /// The type of the other side.
    fn ty_of_other<'a>(&self, left: &'a Expr, right: &'a Expr) -> &'a Type {
        if self.span == left.span { &right.ty } else { &left.ty }
    }
}

fn is_quantity(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Bytes)
}

/// The type of a side beside the other one. A document of JSON has numbers and texts, and never a unit: beside a quantity what
/// stands in it is a bare number, beside a time a text, which is known before anything runs.
fn as_bare(side: &Expr, other: &Expr) -> Type {
    match inner(&other.ty) {
        Type::Percent | Type::Duration | Type::Bytes if in_document(side) => Type::Float,
        Type::Time if in_document(side) => Type::String,
        _ => side.ty.clone(),
    }
}

/// Does it stand in the `value` of a `parse: json`? Other values that are open may hold quantities.
fn in_document(e: &Expr) -> bool {
    match &*e.kind {
        ExprKind::Field(of, _) | ExprKind::Index(of, _) if of.ty == Type::Json => in_document(of),
        ExprKind::Field(of, name) => e.ty == Type::Json && name == "value" && matches!(of.ty, Type::Record(_)),
        _ => false,
    }
}

/// `way == merge` where `merge` is a step as well: the text was meant.
fn text_meant(left: (&ast::Expr, &Expr), right: (&ast::Expr, &Expr)) -> Option<Text> {
    let meant = |(written, side): (&ast::Expr, &Expr), other: &Expr| match &*written.kind {
        ast::ExprKind::Name(name) if matches!(side.ty, Type::Record(_)) && is_text(inner(&other.ty)) => Some(text!(
            "`{name}` is what a statement gives; if the text is meant, write `\"{name}\"`",
            "`{name}` 是一个语句的结果；如果指文本，请写 `\"{name}\"`"
        )),
        _ => None,
    };
    meant(left, right.1).or_else(|| meant(right, left.1))
}

fn json_help(left: &Expr, right: &Expr) -> Option<Text> {
    let other = if in_document(left) { right } else { left };
    Some(match inner(&other.ty) {
        _ if !in_document(left) && !in_document(right) => return None,
        Type::Duration => text!(
            "JSON has no units: write `duration(x, \"ms\")` of the number",
            "JSON 中没有单位：请对数字写 `duration(x, \"ms\")`"
        ),
        Type::Bytes => text!(
            "JSON has no units: write `bytes(x, \"B\")` of the number",
            "JSON 中没有单位：请对数字写 `bytes(x, \"B\")`"
        ),
        Type::Percent => text!(
            "JSON has no units: write `percent(x, 1)` where 1 is all, `percent(x, 100)` where 100 is",
            "JSON 中没有单位：全部为 1 时写 `percent(x, 1)`，全部为 100 时写 `percent(x, 100)`"
        ),
        Type::Time => text!("JSON has no times: write `time(x)` of the text", "JSON 中没有时间：请对文本写 `time(x)`"),
        _ => return None,
    })
}

fn unit_help(left: &Expr, right: &Expr) -> Text {
    let (unit, bare) = if matches!(left.ty, Type::Int | Type::Float) { (&right.ty, left) } else { (&left.ty, right) };
    let number = match bare.known() {
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        _ => return text!("both sides need the same unit", "两边的单位应相同"),
    };
    match unit {
        Type::Percent => text!("write `{number}.pct`", "请写 `{number}.pct`"),
        Type::Duration => text!("write `{number}.s` or `{number}.min`", "请写 `{number}.s` 或 `{number}.min`"),
        Type::Bytes => text!("write `{number}.MB` or `{number}.MiB`", "请写 `{number}.MB` 或 `{number}.MiB`"),
        _ => text!("both sides need the same unit", "两边的单位应相同"),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(number) => *number == 0,
        Value::Float(number) | Value::Percent(number) => *number == 0.0,
        Value::Duration(span) => span.is_zero(),
        Value::Bytes(bytes) => *bytes == 0,
        _ => false,
    }
}

/// The verdict of this name.
pub(in crate::check) fn verdict(word: &str) -> Option<Verdict> {
    [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Breach,
        Verdict::NoData,
        Verdict::Error,
        Verdict::Skipped,
        Verdict::NotApplicable,
        Verdict::Pending,
    ]
    .into_iter()
    .find(|verdict| verdict.as_str() == word)
}
