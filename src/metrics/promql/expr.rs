//! A query that was checked: typed, nothing left to look up.

use std::sync::Arc;

use super::super::selector::Matcher;
use super::signature::{Aggregation, Function, Type};

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    /// A scalar.
    Number(f64),
    /// A string.
    Text(String),
    /// An instant vector.
    Selector(Selector),
    /// A range vector of samples.
    Range(Selector, i64),
    /// A range vector of computed samples.
    Subquery(Box<Subquery>),
    /// The other sign.
    Negate(Box<Expr>),
    /// Two operands.
    Binary(Box<Binary>),
    /// Many series to few.
    Aggregate(Box<Aggregate>),
    /// A function.
    Call(Function, Vec<Expr>),
}

impl Expr {
    /// What it is.
    pub(super) fn kind(&self) -> Type {
        match self {
            Self::Number(_) => Type::Scalar,
            Self::Text(_) => Type::Text,
            Self::Range(..) | Self::Subquery(_) => Type::Matrix,
            Self::Negate(inner) => inner.kind(),
            Self::Binary(binary) if binary.left.kind() == Type::Scalar && binary.right.kind() == Type::Scalar => {
                Type::Scalar
            }
            Self::Selector(_) | Self::Aggregate(_) | Self::Binary(_) => Type::Vector,
            Self::Call(function, _) => function.signature().gives,
        }
    }
}

/// Which series, and when.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// Its number in the query, so that an evaluation looks for its series once.
    pub(super) number: usize,
    /// The metric's name, where it stands literally.
    pub(super) name: Option<Arc<str>>,
    /// All must match; those on the name are here only if they are not one plain name.
    pub(super) matchers: Vec<Matcher>,
    /// When.
    pub(super) when: When,
}

/// The selector as it would be written, without its time.
pub(super) fn written(selector: &Selector) -> String {
    plain(selector).to_string()
}

/// What it selects, whenever that is.
pub(super) fn plain(selector: &Selector) -> super::super::selector::Selector {
    let name = selector.name.as_deref().unwrap_or_default().to_owned();
    super::super::selector::Selector { name, matchers: selector.matchers.clone() }
}

/// `offset` and `@`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct When {
    /// How long before, in nanoseconds.
    pub(super) offset_ns: i64,
    /// Instead of the time of the evaluation.
    pub(super) at: Option<At>,
}

/// What `@` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum At {
    /// Unix milliseconds.
    Time(i64),
    /// The time at which the whole query is evaluated: `start()` and `end()` are the same for a single evaluation.
    Query,
}

/// `expression[5m:1m]`
#[derive(Clone, Debug)]
pub(super) struct Subquery {
    /// What is evaluated at each step.
    pub(super) inner: Expr,
    /// How far back, in nanoseconds.
    pub(super) range_ns: i64,
    /// From step to step, in milliseconds; at least 1.
    pub(super) step_ms: Option<i64>,
    /// When.
    pub(super) when: When,
}

/// `left op right`
#[derive(Clone, Debug)]
pub(super) struct Binary {
    pub(super) op: BinaryOp,
    pub(super) left: Expr,
    pub(super) right: Expr,
    /// A comparison gives 0 or 1 instead of leaving series out.
    pub(super) boolean: bool,
    pub(super) matching: Matching,
}

/// Which series of the two sides belong together.
#[derive(Clone, Debug, Default)]
pub(super) struct Matching {
    /// Only `labels` must agree, else all but `labels`.
    pub(super) on: bool,
    pub(super) labels: Vec<String>,
    pub(super) group: Option<Group>,
}

/// One side has several series for one of the other.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The many are on the left.
    pub(super) left: bool,
    /// Labels that come from the side of the one.
    pub(super) include: Vec<String>,
}

/// `sum by (a) (vector)`
#[derive(Clone, Debug)]
pub(super) struct Aggregate {
    pub(super) aggregation: Aggregation,
    pub(super) parameter: Option<Expr>,
    pub(super) vector: Expr,
    /// `without`, else `by`.
    pub(super) without: bool,
    /// Sorted, each once.
    pub(super) labels: Vec<String>,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    And,
    Or,
    Unless,
}

impl BinaryOp {
    const ALL: &[(&str, Self)] = &[
        ("+", Self::Add),
        ("-", Self::Sub),
        ("*", Self::Mul),
        ("/", Self::Div),
        ("%", Self::Mod),
        ("^", Self::Pow),
        ("atan2", Self::Atan2),
        ("==", Self::Eq),
        ("!=", Self::Ne),
        (">", Self::Gt),
        ("<", Self::Lt),
        (">=", Self::Ge),
        ("<=", Self::Le),
        ("and", Self::And),
        ("or", Self::Or),
        ("unless", Self::Unless),
    ];

    /// The operator of that sign.
    pub(super) fn of_sign(sign: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == sign).map(|(_, op)| *op)
    }

    /// The operator of that word, in any case.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::of_sign(&word.to_ascii_lowercase())
    }

    /// As it is written.
    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(sign, _)| sign)
    }

    /// `==` and its like.
    pub(super) fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Gt | Self::Lt | Self::Ge | Self::Le)
    }

    /// `and`, `or`, `unless`.
    pub(super) fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}
