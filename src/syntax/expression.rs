//! What the grammar read as an expression, as a tree: precedence, depth, and the few things that a grammar cannot say.

use pest::iterators::{Pair, Pairs};

use super::ast::{BinaryOp, Expr, ExprKind, Ident, Opt, UnaryOp};
use super::grammar::Rule;
use super::lex::{MAX_NESTING, too_deep};
use super::strings::Heredoc;
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::text;

/// A tree of expressions is walked by recursion, one frame a level: a sum of more terms than this is refused.
const MAX_DEPTH: usize = 200;

/// From loose to tight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Add,
    Multiply,
    Negate,
    Tight,
}

/// An expression, how deep it is, and how tightly its outermost operator binds.
struct Built {
    expr: Expr,
    depth: usize,
    level: Level,
}

/// Makes trees of what the grammar read in one text.
pub(super) struct Reader<'s> {
    /// Where the text begins in its file.
    pub(super) base: usize,
    /// The body of the statement's heredoc.
    pub(super) heredoc: Option<Heredoc<'s>>,
    /// What was found wrong.
    pub(super) problems: Vec<Diagnostic>,
    /// The depth of the deepest expression inside of the atom that is being read.
    deepest: usize,
}

type Parts<'s> = std::iter::Peekable<Pairs<'s, Rule>>;

impl<'s> Reader<'s> {
    /// For a text that begins at byte `base` of its file.
    pub(super) fn new(base: usize, heredoc: Option<Heredoc<'s>>) -> Self {
        Self { base, heredoc, problems: Vec::new(), deepest: 0 }
    }

    /// Where `pair` stands in the file.
    pub(super) fn span(&self, pair: &Pair<'s, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.base + span.start(), self.base + span.end())
    }

    /// The name that `pair` is, without the last `cut` bytes.
    pub(super) fn ident(&self, pair: &Pair<'s, Rule>, cut: usize) -> Ident {
        let text = pair.as_str();
        let name = text.get(..text.len().saturating_sub(cut)).unwrap_or_default();
        let start = self.base + pair.as_span().start();
        Spanned::new(name.to_owned(), Span::new(start, start + name.len()))
    }

    /// What an option or an argument is: an `expression`, or a heredoc.
    fn value(&mut self, pair: Pair<'s, Rule>) -> Expr {
        if pair.as_rule() == Rule::expression { self.expression(pair) } else { self.heredoc(pair) }
    }

    /// A `heredoc` or a `raw_heredoc`.
    pub(super) fn heredoc(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let span = self.span(&pair);
        expr(self.string(pair), span)
    }

    /// An `expression`.
    pub(super) fn expression(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let built = self.whole(pair);
        self.deepest = self.deepest.max(built.depth);
        built.expr
    }

    /// `>= 98.pct`
    pub(super) fn bound(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let mut span = self.span(&pair);
        let mut op = BinaryOp::Ge;
        let mut value = None;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::comparison {
                op = binary(part.as_str()).map_or(BinaryOp::Ge, |(op, _)| op);
            } else {
                value = Some(self.whole(part));
            }
        }
        let Some(value) = value else { return error(span) };
        span.end = value.expr.span.end;
        if value.level <= Level::Compare {
            self.problems.push(
                Diagnostic::error(
                    Code::RB0024,
                    value.expr.span,
                    text!("a bound is one comparison with one value", "界限是与一个值的一次比较"),
                )
                .help(text!(
                    "`target >= 98.pct`; a second bound is a second objective",
                    "`target >= 98.pct`；第二个界限应写成第二个目标"
                )),
            );
            return error(span);
        }
        expr(ExprKind::Bound(op, value.expr), span)
    }

    fn whole(&mut self, pair: Pair<'s, Rule>) -> Built {
        let mut parts = pair.into_inner().peekable();
        self.climb(&mut parts, Level::Or)
    }

    fn climb(&mut self, parts: &mut Parts<'s>, least: Level) -> Built {
        let left = self.prefixed(parts);
        self.climb_from(left, parts, least)
    }

    fn climb_from(&mut self, mut left: Built, parts: &mut Parts<'s>, least: Level) -> Built {
        while let Some(next) = parts.peek() {
            let Some((op, level)) = binary(next.as_str()).filter(|_| next.as_rule() == Rule::operator) else { break };
            if level < least {
                break;
            }
            let operator = self.span(next);
            parts.next();
            let right = self.climb(parts, level.tighter());
            left = self.join(op, level, operator, left, right);
        }
        left
    }

    fn join(&mut self, op: BinaryOp, level: Level, operator: Span, left: Built, right: Built) -> Built {
        let span = left.expr.span.to(right.expr.span);
        let depth = 1 + left.depth.max(right.depth);
        if level == Level::Compare && left.level == Level::Compare {
            self.problems.push(
                Diagnostic::error(Code::RB0024, operator, text!("comparisons cannot be chained", "比较不能连写"))
                    .label(left.expr.span, text!("this is true or false already", "这里已经是真或假"))
                    .help(text!("write `a < b && b < c`", "请写 `a < b && b < c`")),
            );
            return Built { expr: error(span), depth: 1, level: Level::Tight };
        }
        self.checked(Built { expr: expr(ExprKind::Binary(op, left.expr, right.expr), span), depth, level })
    }

    fn checked(&mut self, built: Built) -> Built {
        if built.depth <= MAX_DEPTH {
            return built;
        }
        if !self.problems.iter().any(|problem| problem.code == Code::RB0025) {
            self.problems.push(too_deep(built.expr.span));
        }
        // What is below is dropped level by level, not all at once.
        Built { expr: error(built.expr.span), depth: 1, level: Level::Tight }
    }

    fn prefixed(&mut self, parts: &mut Parts<'s>) -> Built {
        let mut prefixes = Vec::new();
        while let Some(prefix) = parts.next_if(|part| part.as_rule() == Rule::prefix) {
            let op = if prefix.as_str().starts_with('-') { UnaryOp::Neg } else { UnaryOp::Not };
            prefixes.push((op, self.span(&prefix)));
        }
        let mut built = match parts.next() {
            Some(part) => self.operand(part),
            None => Built { expr: error(Span::new(self.base, self.base)), depth: 1, level: Level::Tight },
        };
        if let Some((_, at)) = prefixes.get(MAX_NESTING) {
            self.problems.push(too_deep(*at));
            return Built { expr: error(at.to(built.expr.span)), depth: 1, level: Level::Tight };
        }
        // `!a == b` is `!(a == b)`: what stands left of the last `!` has the whole comparison for its operand.
        let nots = prefixes.iter().rposition(|(op, _)| *op == UnaryOp::Not).map_or(0, |at| at + 1);
        let signs = prefixes.split_off(nots);
        built = self.apply(signs, built);
        if nots > 0 {
            built = self.climb_from(built, parts, Level::Compare);
            built = self.apply(prefixes, built);
        }
        built
    }

    fn apply(&mut self, prefixes: Vec<(UnaryOp, Span)>, mut built: Built) -> Built {
        for (op, at) in prefixes.into_iter().rev() {
            let span = at.to(built.expr.span);
            let level = if op == UnaryOp::Neg { Level::Negate } else { Level::Not };
            let depth = built.depth + 1;
            built = self.checked(Built { expr: expr(ExprKind::Unary(op, built.expr), span), depth, level });
        }
        built
    }

    /// An `operand`: an atom with its fields and indices.
    fn operand(&mut self, pair: Pair<'s, Rule>) -> Built {
        let mut parts = pair.into_inner();
        let Some(first) = parts.next() else {
            return Built { expr: error(Span::new(self.base, self.base)), depth: 1, level: Level::Tight };
        };
        let mut built = self.atom(first);
        for part in parts {
            let span = built.expr.span.to(self.span(&part));
            let is_field = part.as_rule() == Rule::field;
            let mut depth = built.depth + 1;
            let kind = match part.into_inner().next() {
                Some(name) if is_field => ExprKind::Field(built.expr, self.ident(&name, 0)),
                Some(index) => {
                    let index = self.whole(index);
                    depth = depth.max(index.depth + 1);
                    ExprKind::Index(built.expr, index.expr)
                }
                None => ExprKind::Error,
            };
            built = self.checked(Built { expr: expr(kind, span), depth, level: Level::Tight });
        }
        built
    }

    fn atom(&mut self, pair: Pair<'s, Rule>) -> Built {
        let span = self.span(&pair);
        if pair.as_rule() == Rule::group {
            let inner = pair.into_inner().next();
            let mut built = match inner {
                Some(inner) => self.whole(inner),
                None => Built { expr: error(span), depth: 1, level: Level::Tight },
            };
            built.expr.span = span;
            built.level = Level::Tight;
            return built;
        }
        let outside = std::mem::take(&mut self.deepest);
        let kind = self.atom_kind(pair);
        let depth = self.deepest + 1;
        self.deepest = outside.max(depth);
        self.checked(Built { expr: expr(kind, span), depth, level: Level::Tight })
    }

    fn atom_kind(&mut self, pair: Pair<'s, Rule>) -> ExprKind {
        let rule = pair.as_rule();
        if matches!(rule, Rule::string | Rule::raw_string) {
            return self.string(pair);
        }
        if rule == Rule::number {
            return self.number(pair);
        }
        if rule == Rule::regex {
            let mut parts = pair.into_inner();
            let pattern = parts.next().map(|part| part.as_str().to_owned()).unwrap_or_default();
            let ignore_case = parts.next().is_some_and(|flags| flags.as_str() == "i");
            return ExprKind::Regex(pattern, ignore_case);
        }
        if rule == Rule::list {
            let items = pair.into_inner().filter(|part| part.as_rule() == Rule::expression);
            return ExprKind::List(items.map(|item| self.expression(item)).collect());
        }
        if rule == Rule::map {
            let entries = pair.into_inner().filter(|part| part.as_rule() == Rule::entry);
            return ExprKind::Map(entries.filter_map(|entry| self.entry(entry)).collect());
        }
        self.reference(pair)
    }

    fn entry(&mut self, pair: Pair<'s, Rule>) -> Option<(Ident, Expr)> {
        let mut parts = pair.into_inner();
        let key = parts.next()?;
        let name = if key.as_rule() == Rule::string_key {
            let span = self.span(&key);
            let text = key.into_inner().next()?;
            let inner = Span { start: span.start, end: span.end.saturating_sub(1) };
            let ExprKind::Str(text) = self.string(text) else { return None };
            let Some(text) = text.literal() else {
                self.problems.push(
                    Diagnostic::error(
                        Code::RB0012,
                        inner,
                        text!("a key of a map is fixed text: nothing is put into it", "映射的键是固定文本：不能插值"),
                    )
                    .help(text!("write the key out", "请直接写出键")),
                );
                return None;
            };
            Spanned::new(text, inner)
        } else {
            self.ident(&key, 1)
        };
        let value = self.expression(parts.next()?);
        Some((name, value))
    }

    fn reference(&mut self, pair: Pair<'s, Rule>) -> ExprKind {
        let mut parts = pair.into_inner();
        let Some(name) = parts.next() else { return ExprKind::Error };
        let ident = self.ident(&name, 0);
        let Some(call) = parts.next() else {
            return match ident.node.as_str() {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                "null" => ExprKind::Null,
                _ => {
                    self.check_name(&ident);
                    ExprKind::Name(ident.node)
                }
            };
        };
        let (mut args, mut options) = (Vec::new(), Vec::new());
        for part in call.into_inner() {
            if part.as_rule() == Rule::expression {
                args.push(self.expression(part));
            } else if part.as_rule() == Rule::value_named {
                options.extend(self.named(part));
            }
        }
        self.check_name(&ident);
        ExprKind::Call(ident, args, options)
    }

    /// An option.
    pub(super) fn named(&mut self, pair: Pair<'s, Rule>) -> Option<Opt> {
        let mut parts = pair.into_inner();
        let name = self.ident(&parts.next()?, 1);
        let value = self.value(parts.next()?);
        let span = name.span.to(value.span);
        Some(Opt { name, value, span })
    }

    /// Ruby's own words are no names: the file would not be Ruby any more.
    pub(super) fn check_name(&mut self, name: &Ident) {
        let instead = match name.node.as_str() {
            "nil" => text!("write `null`", "请写 `null`"),
            word if RUBY_KEYWORDS.contains(&word) => {
                text!("choose another, such as `{word}_`", "请换一个名称，例如 `{word}_`")
            }
            _ => return,
        };
        let message = text!(
            "`{}` is a word of Ruby and cannot be a name here",
            "`{}` 是 Ruby 的关键字，此处不能作为名称",
            name.node
        );
        self.problems.push(Diagnostic::error(Code::RB0040, name.span, message).help(instead));
    }

    fn number(&mut self, pair: Pair<'s, Rule>) -> ExprKind {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let Some(amount) = parts.next() else { return ExprKind::Error };
        let written = amount.as_str();
        let digits = written.replace('_', "");
        if written.len() > 1 && written.starts_with('0') && !written.starts_with("0.") {
            self.problems.push(
                Diagnostic::error(Code::RB0014, span, text!("`{written}` begins with a zero", "`{written}` 以零开头"))
                    .help(text!("write `{}`", "请写 `{}`", number_without_zeros(&digits))),
            );
            return ExprKind::Error;
        }
        if let Some(unit) = parts.next() {
            let unit = self.ident(&unit, 0);
            return ExprKind::Unit(digits, unit);
        }
        if digits.contains('.') {
            return digits.parse().map_or(ExprKind::Error, ExprKind::Float);
        }
        if let Ok(number) = digits.parse() {
            return ExprKind::Int(number);
        }
        self.problems.push(
            Diagnostic::error(
                Code::RB0014,
                span,
                text!("`{written}` is too large for a whole number", "`{written}` 超出整数范围"),
            )
            .help(text!("the largest is {}", "最大为 {}", i64::MAX)),
        );
        ExprKind::Error
    }
}

fn number_without_zeros(digits: &str) -> &str {
    let bare = digits.trim_start_matches('0');
    if bare.is_empty() || bare.starts_with('.') {
        digits.get(digits.len() - bare.len() - 1..).unwrap_or("0")
    } else {
        bare
    }
}

impl Level {
    fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Compare,
            Self::Compare => Self::Add,
            Self::Add => Self::Multiply,
            Self::Multiply => Self::Negate,
            Self::Negate | Self::Tight => Self::Tight,
        }
    }
}

fn binary(operator: &str) -> Option<(BinaryOp, Level)> {
    Some(match operator {
        "||" => (BinaryOp::Or, Level::Or),
        "&&" => (BinaryOp::And, Level::And),
        "==" => (BinaryOp::Eq, Level::Compare),
        "!=" => (BinaryOp::Ne, Level::Compare),
        "<" => (BinaryOp::Lt, Level::Compare),
        "<=" => (BinaryOp::Le, Level::Compare),
        ">" => (BinaryOp::Gt, Level::Compare),
        ">=" => (BinaryOp::Ge, Level::Compare),
        "=~" => (BinaryOp::Match, Level::Compare),
        "!~" => (BinaryOp::NotMatch, Level::Compare),
        "+" => (BinaryOp::Add, Level::Add),
        "-" => (BinaryOp::Sub, Level::Add),
        "*" => (BinaryOp::Mul, Level::Multiply),
        "/" => (BinaryOp::Div, Level::Multiply),
        _ => return None,
    })
}

/// Words that Ruby keeps for itself where a value stands.
pub(super) const RUBY_KEYWORDS: &[&str] = &[
    "alias", "and", "begin", "break", "case", "class", "def", "ensure", "for", "in", "module", "next", "nil", "not",
    "or", "redo", "rescue", "retry", "return", "self", "super", "then", "undef", "unless", "until", "when", "while",
    "yield",
];

/// An expression of `kind` at `span`.
pub(super) fn expr(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), span }
}

/// What could not be read at `span`.
pub(super) fn error(span: Span) -> Expr {
    expr(ExprKind::Error, span)
}
