//! Blanks of a plan that nobody filled: `____`, `metasheet-xxx`.

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Expr, ExprKind, Stmt, StrPart};
use crate::text;

/// Shortest row of underscores that is a blank: Python's names have two.
const MIN_UNDERSCORES: usize = 3;

/// Looks at all texts of a statement and of what stands inside it.
pub(super) fn check(source: &str, stmt: &Stmt) -> Vec<Diagnostic> {
    let mut blanks = Blanks { source, found: Vec::new() };
    blanks.stmt(stmt);
    blanks.found
}

struct Blanks<'a> {
    source: &'a str,
    found: Vec<Diagnostic>,
}

impl Blanks<'_> {
    fn stmt(&mut self, stmt: &Stmt) {
        stmt.args.iter().chain(stmt.options.iter().map(|option| &option.value)).for_each(|expr| self.expr(expr));
        for inner in stmt.body.iter().flat_map(|body| &body.stmts) {
            self.stmt(inner);
        }
        for arm in &stmt.arms {
            arm.cond.iter().for_each(|cond| self.expr(cond));
            arm.body.stmts.iter().for_each(|inner| self.stmt(inner));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &*expr.kind {
            ExprKind::Str(text) => {
                for part in &text.parts {
                    match part {
                        StrPart::Text(_, span) => self.text(*span),
                        StrPart::Interp(inner, _) => self.expr(inner),
                    }
                }
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| self.expr(value)),
            ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) | ExprKind::Bound(_, inner) => self.expr(inner),
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Call(_, args, options) => {
                args.iter().chain(options.iter().map(|option| &option.value)).for_each(|arg| self.expr(arg));
            }
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Unit(..)
            | ExprKind::Regex(..)
            | ExprKind::Name(_)
            | ExprKind::Error => {}
        }
    }

    fn text(&mut self, span: Span) {
        let text = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        for (at, word) in words(text) {
            let blank = if word.bytes().all(|byte| byte == b'_') {
                word.len() >= MIN_UNDERSCORES
            } else {
                word == "xxx" || word == "xxxx"
            };
            if blank {
                let start = span.start as usize + at;
                let place = Span::new(start, start + word.len());
                self.found.push(
                    Diagnostic::error(
                        Code::RB0606,
                        place,
                        text!("`{word}` is a blank that nobody filled", "`{word}` 是未填写的空白"),
                    )
                    .help(text!(
                        "ask for it (`ask name, string, \"…\"`) or take it from a parameter, and write #{{name}}",
                        "请用提问获取（`ask name, string, \"…\"`）或取自参数，并写成 #{{name}}"
                    )),
                );
            }
        }
    }
}

/// Rows of letters, digits and underscores, with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}
