//! Runbooks: any text is read and checked, every place that is named lies in it, and what was found can be shown.

use runbook::check::{NoTemplates, check};
use runbook::diagnostic::{Diagnostic, Severity, Span};
use runbook::syntax::ast::{Block, Expr, ExprKind, File, Opt, Stmt, StrPart};
use runbook::syntax::{decode, parse};

pub(crate) fn holds(bytes: &[u8]) {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(problem) => {
            assert!(problem.span().end as usize <= bytes.len(), "{problem:?}");
            String::from_utf8_lossy(bytes).into_owned()
        }
    };
    is_read(&text);
    let checked = check(&text, &NoTemplates);
    assert_eq!(checked.program.is_none(), checked.has_errors(), "a program or an error");
    places(&text, checked.diagnostics.iter().chain(&checked.strict));
}

/// Any text becomes a tree, whose places lie in it.
pub(crate) fn is_read(text: &str) {
    let (file, problems) = parse(text);
    sound(text, &file, &problems);
}

/// Every place lies in the text, between two characters.
fn places<'a>(text: &str, problems: impl IntoIterator<Item = &'a Diagnostic>) {
    for problem in problems {
        assert!(!problem.labels.is_empty(), "{problem:?} is nowhere");
        for label in &problem.labels {
            place(text, label.span);
        }
    }
}

fn place(text: &str, span: Span) {
    assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?} of {} bytes", text.len());
    assert!(text.is_char_boundary(span.start as usize), "{span:?} begins inside a character");
    assert!(text.is_char_boundary(span.end as usize), "{span:?} ends inside a character");
}

/// Every place of a tree and of what was found lies in the text.
pub(crate) fn sound(text: &str, file: &File, problems: &[Diagnostic]) {
    let place = |span: Span| place(text, span);
    places(text, problems);
    file.comments.iter().chain(&file.unread).for_each(|piece| {
        place(piece.span);
        assert_eq!(&text[piece.span.start as usize..piece.span.end as usize], piece.node);
    });
    for stmt in &file.body {
        stmt_is_sound(stmt, &place);
    }
    if file.body.iter().any(has_error) {
        assert!(problems.iter().any(|problem| problem.severity == Severity::Error), "broken, and nothing is said");
    }
}

fn has_error(stmt: &Stmt) -> bool {
    let inner = |block: &Block| block.stmts.iter().any(has_error);
    stmt.broken || stmt.body.as_ref().is_some_and(inner) || stmt.arms.iter().any(|arm| inner(&arm.body))
}

fn stmt_is_sound(stmt: &Stmt, place: &dyn Fn(Span)) {
    place(stmt.span);
    place(stmt.head);
    place(stmt.word.span);
    for arg in &stmt.args {
        expr_is_sound(arg, place);
    }
    for option in &stmt.options {
        option_is_sound(option, place);
    }
    if let Some(body) = &stmt.body {
        place(body.span);
        for stmt in &body.stmts {
            stmt_is_sound(stmt, place);
        }
    }
    for arm in &stmt.arms {
        place(arm.span);
        if let Some(cond) = &arm.cond {
            expr_is_sound(cond, place);
        }
        for stmt in &arm.body.stmts {
            stmt_is_sound(stmt, place);
        }
    }
}

fn option_is_sound(option: &Opt, place: &dyn Fn(Span)) {
    place(option.span);
    place(option.name.span);
    expr_is_sound(&option.value, place);
}

fn expr_is_sound(expr: &Expr, place: &dyn Fn(Span)) {
    place(expr.span);
    match &*expr.kind {
        ExprKind::Str(text) => {
            for part in &text.parts {
                match part {
                    StrPart::Text(_, span) => place(*span),
                    StrPart::Interp(inner, span) => {
                        place(*span);
                        expr_is_sound(inner, place);
                    }
                }
            }
        }
        ExprKind::List(items) => {
            for item in items {
                expr_is_sound(item, place);
            }
        }
        ExprKind::Map(entries) => {
            for (_, value) in entries {
                expr_is_sound(value, place);
            }
        }
        ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) | ExprKind::Bound(_, inner) => {
            expr_is_sound(inner, place);
        }
        ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
            expr_is_sound(left, place);
            expr_is_sound(right, place);
        }
        ExprKind::Call(_, args, options) => {
            for arg in args {
                expr_is_sound(arg, place);
            }
            for option in options {
                option_is_sound(option, place);
            }
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
