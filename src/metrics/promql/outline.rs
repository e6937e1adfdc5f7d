//! The query as it stands in the text: every part with its place, before types and precedence.

use super::expr::BinaryOp;
use crate::diagnostic::{Span, Spanned};

/// Operands with operators between them, in the order of the text.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) span: Span,
    /// At least one.
    pub(super) operands: Vec<Operand>,
    /// One fewer than there are operands.
    pub(super) operators: Vec<Operator>,
}

/// An operator with what stands between it and its right side.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub(super) op: BinaryOp,
    pub(super) span: Span,
    /// `bool`
    pub(super) boolean: Option<Span>,
    pub(super) matching: Option<Matching>,
}

/// `on (…)` or `ignoring (…)`.
#[derive(Clone, Debug)]
pub(super) struct Matching {
    pub(super) span: Span,
    /// `on`, else `ignoring`.
    pub(super) on: bool,
    pub(super) labels: Vec<Spanned<String>>,
    pub(super) group: Option<Group>,
}

/// `group_left (…)` or `group_right (…)`.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) span: Span,
    /// The left side has many series for each of the right side.
    pub(super) left: bool,
    pub(super) include: Vec<Spanned<String>>,
}

/// One side of an operator.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    /// Signs and all.
    pub(super) span: Span,
    /// The signs before it: is it a minus?
    pub(super) signs: Vec<bool>,
    /// Without signs and what follows.
    pub(super) core: Spanned<Core>,
    /// Ranges, offsets and times after it.
    pub(super) suffixes: Vec<Spanned<Suffix>>,
}

/// An operand without its signs.
#[derive(Clone, Debug)]
pub(super) enum Core {
    Number(f64),
    Text(String),
    Selector(Selector),
    Call { name: Spanned<String>, arguments: Vec<Chain> },
    Aggregate { aggregation: Spanned<String>, grouping: Option<Grouping>, arguments: Vec<Chain> },
    Parens(Box<Chain>),
}

/// A metric's name and matchers.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// The name before the braces.
    pub(super) name: Option<Spanned<String>>,
    pub(super) matchers: Vec<Spanned<MatcherText>>,
}

/// `label op "value"`, or a quoted name alone.
#[derive(Clone, Debug)]
pub(super) struct MatcherText {
    pub(super) label: String,
    /// `=`, `!=`, `=~` or `!~`
    pub(super) op: &'static str,
    pub(super) value: String,
}

/// `by (…)` or `without (…)`.
#[derive(Clone, Debug)]
pub(super) struct Grouping {
    pub(super) without: bool,
    pub(super) labels: Vec<Spanned<String>>,
}

/// What may follow an operand. Durations are nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Suffix {
    /// `[5m]`
    Range(i64),
    /// `[5m:1m]`
    Subquery(i64, Option<i64>),
    /// `offset 5m`
    Offset(i64),
    /// `@ 1609746000`, in unix milliseconds
    At(i64),
    /// `@ start()` or `@ end()`
    AtBound,
}
