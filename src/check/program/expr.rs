//! Typed expressions.

use super::{NodeId, Pattern, VarId};
use crate::diagnostic::Span;
use crate::value::Value;
use crate::value::function::Function;
use crate::value::ops::{Arith, Comparison};
use crate::value::types::Type;

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Its type.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// The forms of a typed expression. All are pure and total but for a statement's failure with a message.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A value.
    Const(Value),
    /// Text with canonical forms of values put in.
    Text(Vec<TextPart>),
    /// A name.
    Var(VarId),
    /// Is the name assigned (and not `null`)?
    Assigned(VarId),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a: b }`
    Map(Vec<(String, Expr)>),
    /// `x.name`; a missing path of JSON fails the statement.
    Field(Expr, String),
    /// `x[i]`; out of range fails the statement.
    Index(Expr, Expr),
    /// `!x`
    Not(Expr),
    /// `-x`
    Neg(Expr),
    /// `a && b`, `a || b`: the right side is not evaluated where the left one decides.
    And(Expr, Expr),
    /// See `And`.
    Or(Expr, Expr),
    /// `==`, `<`, …
    Compare(Comparison, Expr, Expr),
    /// `+ - * /`
    Arith(Arith, Expr, Expr),
    /// `x =~ /re/`; negated for `!~`.
    Match(Expr, Pattern, bool),
    /// `default(x, y)`: y where x is null or its JSON path is missing; the only form that looks past a missing path.
    Default(Expr, Expr),
    /// A function of the closed set.
    Call(Function, Vec<Expr>),
    /// `reported(series, "name")`: the sample statement, the metric's name.
    Reported(NodeId, Expr),
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub enum TextPart {
    /// As it is.
    Text(String),
    /// The canonical form of a value.
    Value(Expr),
}

impl Expr {
    /// The expressions directly inside, in the order in which they are evaluated.
    pub(crate) fn parts<'a>(&'a self, found: &mut dyn FnMut(&'a Expr)) {
        match &*self.kind {
            ExprKind::Const(_) | ExprKind::Assigned(_) | ExprKind::Var(_) => {}
            ExprKind::Text(parts) => {
                for part in parts {
                    if let TextPart::Value(value) = part {
                        found(value);
                    }
                }
            }
            ExprKind::List(items) | ExprKind::Call(_, items) => items.iter().for_each(found),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| found(value)),
            ExprKind::Field(inner, _)
            | ExprKind::Not(inner)
            | ExprKind::Neg(inner)
            | ExprKind::Match(inner, _, _)
            | ExprKind::Reported(_, inner) => found(inner),
            ExprKind::Index(left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Compare(_, left, right)
            | ExprKind::Arith(_, left, right)
            | ExprKind::Default(left, right) => {
                found(left);
                found(right);
            }
        }
    }
}
