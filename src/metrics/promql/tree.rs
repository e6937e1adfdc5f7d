//! From the outline to the tree: `promql-parser` decides what an operator binds, the outline says what stands there.
//!
//! The crate sees the query with stand-ins for its literals. Its own reading of numbers, durations and patterns is not
//! Prometheus', and some of them make it panic (`a offset NaN`, `a[1e30]`).

use std::fmt::Write;
use std::sync::Arc;

use promql_parser::parser as crate_parser;

use super::super::labels::METRIC_NAME;
use super::super::pattern::Pattern;
use super::super::selector::{Matcher, Test};
use super::error::PromqlError;
use super::expr::{Aggregate, At, Binary, Expr, Group, Matching, Selector, Subquery, When};
use super::outline::{Chain, Core, Operand, Operator, Selector as SelectorText, Suffix};
use super::signature::{Aggregation, Function};
use crate::diagnostic::{Code, Spanned};
use crate::text;
use crate::text::Text;

/// The tree of a chain that the check pass found nothing wrong with.
pub(super) fn build(chain: &Chain) -> Result<Expr, PromqlError> {
    let shape = parse(chain)?;
    let mut builder = Builder { selectors: 0 };
    builder.chain(&shape, chain).ok_or_else(|| {
        let message = text!("the two readings of this expression disagree", "对此表达式的两种读法不一致");
        PromqlError::new(Code::RB0700, chain.span, message)
            .help(text!("put parentheses around its parts", "请用括号括住其各部分"))
    })
}

/// What the crate makes of the shape of `chain`. What it refuses is placed at the innermost chain that it refuses.
fn parse(chain: &Chain) -> Result<crate_parser::Expr, PromqlError> {
    let mut shape = String::new();
    write_chain(&mut shape, chain);
    crate_parser::parse(&shape).map_err(|reason| {
        let inner = chains_within(chain).into_iter().find_map(|inner| parse(inner).err());
        inner.unwrap_or_else(|| refused(chain, &reason))
    })
}

/// The rules that only the tree shows, for chains of more than one operator.
fn refused(chain: &Chain, reason: &str) -> PromqlError {
    let (code, message, help) = if reason.contains("BOOL modifier") {
        (
            Code::RB0705,
            text!("two scalars are compared with bool", "两个标量比较须用 bool"),
            Some(text!("== bool gives 0 or 1", "== bool 的结果是 0 或 1")),
        )
    } else if reason.contains("set operator") {
        (
            Code::RB0703,
            text!(
                "and, or and unless join instant vectors, and one side here is a scalar",
                "and、or 和 unless 连接瞬时向量，而此处一侧是标量"
            ),
            None,
        )
    } else if reason.contains("vector matching only allowed") {
        (
            Code::RB0705,
            text!(
                "labels can be matched between instant vectors only, and one side here is a scalar",
                "只有瞬时向量之间才能匹配标签，而此处一侧是标量"
            ),
            None,
        )
    } else {
        return PromqlError::new(Code::RB0700, chain.span, Text::verbatim(reason));
    };
    let error = PromqlError::new(code, chain.span, message);
    match help {
        Some(help) => error.help(help),
        None => error,
    }
}

/// The chains directly inside `chain`.
fn chains_within(chain: &Chain) -> Vec<&Chain> {
    let mut inner = Vec::new();
    for operand in &chain.operands {
        match &operand.core.node {
            Core::Parens(chain) => inner.push(&**chain),
            Core::Call { arguments, .. } | Core::Aggregate { arguments, .. } => inner.extend(arguments),
            Core::Number(_) | Core::Text(_) | Core::Selector(_) => {}
        }
    }
    inner
}

/// `chain` as the crate reads it. Writing to a string cannot fail.
fn write_chain(out: &mut String, chain: &Chain) {
    let mut operators = chain.operators.iter();
    for operand in &chain.operands {
        write_operand(out, operand);
        if let Some(operator) = operators.next() {
            write_operator(out, operator);
        }
    }
}

fn write_operator(out: &mut String, operator: &Operator) {
    let _ = write!(out, " {} ", operator.op.as_str());
    if operator.boolean.is_some() {
        out.push_str("bool ");
    }
    if let Some(matching) = &operator.matching {
        out.push_str(if matching.on { "on " } else { "ignoring " });
        out.push_str(if matching.labels.is_empty() { "() " } else { "(l) " });
        if let Some(group) = &matching.group {
            out.push_str(if group.left { "group_left () " } else { "group_right () " });
        }
    }
}

fn write_operand(out: &mut String, operand: &Operand) {
    for minus in &operand.signs {
        out.push_str(if *minus { "- " } else { "+ " });
    }
    match &operand.core.node {
        Core::Number(_) => out.push('1'),
        Core::Text(_) => out.push_str("'t'"),
        Core::Selector(_) => out.push_str("metric"),
        Core::Call { name, arguments } => {
            out.push_str(&name.node);
            write_arguments(out, arguments);
        }
        Core::Aggregate { aggregation, arguments, .. } => {
            out.push_str(&aggregation.node);
            write_arguments(out, arguments);
        }
        Core::Parens(inner) => {
            out.push('(');
            write_chain(out, inner);
            out.push(')');
        }
    }
    for suffix in &operand.suffixes {
        out.push_str(match suffix.node {
            Suffix::Range(_) => "[1s]",
            Suffix::Subquery(..) => "[1s:1s]",
            Suffix::Offset(_) => " offset 1s",
            Suffix::At(_) | Suffix::AtBound => " @ 1",
        });
    }
}

fn write_arguments(out: &mut String, arguments: &[Chain]) {
    out.push('(');
    for (number, argument) in arguments.iter().enumerate() {
        if number > 0 {
            out.push_str(", ");
        }
        write_chain(out, argument);
    }
    out.push(')');
}

struct Builder {
    /// How many selectors were numbered.
    selectors: usize,
}

/// How far a chain was read.
struct Position<'c> {
    operands: std::slice::Iter<'c, Operand>,
    operators: std::slice::Iter<'c, Operator>,
    /// Signs of the next operand that are not used yet, outermost first.
    signs: &'c [bool],
}

impl Builder {
    /// `shape` with what stands in `chain`; nothing if they do not fit together.
    fn chain(&mut self, shape: &crate_parser::Expr, chain: &Chain) -> Option<Expr> {
        let mut position = Position { operands: chain.operands.iter(), operators: chain.operators.iter(), signs: &[] };
        position.signs = chain.operands.first().map_or(&[], |operand| &operand.signs);
        let expr = self.expression(shape, &mut position)?;
        position.operands.next().is_none().then_some(expr)
    }

    fn expression(&mut self, shape: &crate_parser::Expr, position: &mut Position<'_>) -> Option<Expr> {
        use crate_parser::Expr as Shape;
        match shape {
            Shape::Binary(binary) => {
                let left = self.expression(&binary.lhs, position)?;
                let operator = position.operators.next()?;
                position.signs = position.operands.as_slice().first().map_or(&[], |operand| &operand.signs);
                let right = self.expression(&binary.rhs, position)?;
                let matching = operator.matching.as_ref().map(|matching| Matching {
                    on: matching.on,
                    labels: names(&matching.labels),
                    group: matching.group.as_ref().map(|group| Group {
                        left: group.left,
                        include: group.include.iter().map(|l| l.node.clone()).collect(),
                    }),
                });
                Some(Expr::Binary(Box::new(Binary {
                    op: operator.op,
                    left,
                    right,
                    boolean: operator.boolean.is_some(),
                    matching: matching.unwrap_or_default(),
                })))
            }
            Shape::Unary(unary) => {
                // The crate drops a plus: pass over those, and take one minus for this node.
                let at = position.signs.iter().position(|minus| *minus)?;
                position.signs = position.signs.get(at + 1..)?;
                Some(Expr::Negate(Box::new(self.expression(&unary.expr, position)?)))
            }
            Shape::Aggregate(_)
            | Shape::Paren(_)
            | Shape::Subquery(_)
            | Shape::NumberLiteral(_)
            | Shape::StringLiteral(_)
            | Shape::VectorSelector(_)
            | Shape::MatrixSelector(_)
            | Shape::Call(_)
            | Shape::Extension(_) => {
                let operand = position.operands.next()?;
                let minus = position.signs.iter().filter(|minus| **minus).count() % 2 == 1;
                match (&operand.core.node, minus) {
                    // The crate folds the signs of a number into it.
                    (Core::Number(value), true) if operand.suffixes.is_empty() => Some(Expr::Number(-value)),
                    _ => self.operand(shape, operand),
                }
            }
        }
    }

    fn operand(&mut self, shape: &crate_parser::Expr, operand: &Operand) -> Option<Expr> {
        self.suffixed(shape, operand, operand.suffixes.len())
    }

    /// The operand with its first `count` suffixes.
    fn suffixed(&mut self, shape: &crate_parser::Expr, operand: &Operand, count: usize) -> Option<Expr> {
        use crate_parser::Expr as Shape;
        let suffixes = operand.suffixes.get(..count)?;
        match (shape, &operand.core.node) {
            (Shape::Subquery(inner), _) => {
                let at = suffixes.iter().rposition(|suffix| matches!(suffix.node, Suffix::Subquery(..)))?;
                let Suffix::Subquery(range_ns, step_ns) = suffixes.get(at)?.node else { return None };
                Some(Expr::Subquery(Box::new(Subquery {
                    inner: self.suffixed(&inner.expr, operand, at)?,
                    range_ns,
                    step_ms: step_ns.map(|ns| ns / 1_000_000),
                    when: when(suffixes.get(at + 1..)?),
                })))
            }
            (Shape::VectorSelector(_), Core::Selector(selector)) => {
                Some(Expr::Selector(self.selector(selector, when(suffixes))?))
            }
            (Shape::MatrixSelector(_), Core::Selector(selector)) => {
                let range_ns = suffixes.iter().find_map(|suffix| match suffix.node {
                    Suffix::Range(ns) => Some(ns),
                    Suffix::Subquery(..) | Suffix::Offset(_) | Suffix::At(_) | Suffix::AtBound => None,
                })?;
                Some(Expr::Range(self.selector(selector, when(suffixes))?, range_ns))
            }
            (Shape::NumberLiteral(_), Core::Number(value)) => Some(Expr::Number(*value)),
            (Shape::StringLiteral(_), Core::Text(text)) => Some(Expr::Text(text.clone())),
            (Shape::Paren(inner), Core::Parens(chain)) => self.chain(&inner.expr, chain),
            (Shape::Call(call), Core::Call { name, arguments }) => {
                if call.args.args.len() != arguments.len() {
                    return None;
                }
                let shapes = call.args.args.iter();
                let arguments: Option<Vec<Expr>> =
                    shapes.zip(arguments).map(|(shape, argument)| self.chain(shape, argument)).collect();
                Some(Expr::Call(Function::named(&name.node)?, arguments?))
            }
            (Shape::Aggregate(shape), Core::Aggregate { aggregation, grouping, arguments }) => {
                let (last, parameter) = arguments.split_last()?;
                let parameter = match (parameter, &shape.param) {
                    ([], None) => None,
                    ([chain], Some(shape)) => Some(self.chain(shape, chain)?),
                    _ => return None,
                };
                Some(Expr::Aggregate(Box::new(Aggregate {
                    aggregation: Aggregation::named(&aggregation.node)?,
                    parameter,
                    vector: self.chain(&shape.expr, last)?,
                    without: grouping.as_ref().is_some_and(|grouping| grouping.without),
                    labels: grouping.as_ref().map_or_else(Vec::new, |grouping| names(&grouping.labels)),
                })))
            }
            _ => None,
        }
    }

    fn selector(&mut self, text: &SelectorText, when: When) -> Option<Selector> {
        let number = self.selectors;
        self.selectors += 1;
        let mut name: Option<Arc<str>> = text.name.as_ref().map(|name| name.node.as_str().into());
        let mut matchers = Vec::new();
        for matcher in &text.matchers {
            let matcher = &matcher.node;
            // One plain name inside the braces is as good as one before them.
            if matcher.label == METRIC_NAME && matcher.op == "=" && name.is_none() && !matcher.value.is_empty() {
                name = Some(matcher.value.as_str().into());
                continue;
            }
            let condition = match matcher.op {
                "=" => Test::Is(matcher.value.clone()),
                "!=" => Test::IsNot(matcher.value.clone()),
                "=~" => Test::Matches(Pattern::new(&matcher.value).ok()?),
                _ => Test::MatchesNot(Pattern::new(&matcher.value).ok()?),
            };
            matchers.push(Matcher { label: matcher.label.clone(), test: condition });
        }
        Some(Selector { number, name, matchers, when })
    }
}

/// `offset` and `@` among `suffixes`.
fn when(suffixes: &[Spanned<Suffix>]) -> When {
    let mut when = When::default();
    for suffix in suffixes {
        match suffix.node {
            Suffix::Offset(ns) => when.offset_ns = ns,
            Suffix::At(ms) => when.at = Some(At::Time(ms)),
            Suffix::AtBound => when.at = Some(At::Query),
            Suffix::Range(_) | Suffix::Subquery(..) => {}
        }
    }
    when
}

/// Labels, sorted, each once.
fn names(labels: &[Spanned<String>]) -> Vec<String> {
    let mut names: Vec<String> = labels.iter().map(|label| label.node.clone()).collect();
    names.sort();
    names.dedup();
    names
}
