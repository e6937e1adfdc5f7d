//! The form of a statement that its digest is taken of: the same for the same meaning, whatever the layout.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::syntax::ast::{Expr, ExprKind, Opt, Stmt, StrPart};

/// Writes the own form of a statement: not what stands in its body, those statements have their own; but the forms of
/// declarations that it names (`declared`: their digests by name), since a changed target is a changed observation.
pub(super) fn form(stmt: &Stmt, declared: &BTreeMap<String, String>, out: &mut String) {
    head(stmt, declared, out);
    for arm in &stmt.arms {
        out.push('|');
        if let Some(cond) = &arm.cond {
            expr(cond, declared, out);
        }
    }
    // These are no statements of their own.
    for inner in stmt.body.iter().flat_map(|body| &body.stmts) {
        if matches!(inner.word.node.as_str(), "option" | "done_when") {
            out.push('\n');
            head(inner, declared, out);
        }
    }
}

/// The whole form of a declaration, body included.
pub(super) fn whole(stmt: &Stmt, declared: &BTreeMap<String, String>, out: &mut String) {
    head(stmt, declared, out);
    for inner in stmt.body.iter().flat_map(|body| &body.stmts) {
        out.push('\n');
        whole(inner, declared, out);
    }
}

fn head(stmt: &Stmt, declared: &BTreeMap<String, String>, out: &mut String) {
    out.push_str(&stmt.word.node);
    for arg in &stmt.args {
        out.push(' ');
        expr(arg, declared, out);
    }
    // The order of options means nothing.
    let mut options: Vec<&Opt> = stmt.options.iter().collect();
    options.sort_by(|a, b| a.name.node.cmp(&b.name.node));
    for option in options {
        option_form(option, declared, out);
    }
}

fn option_form(option: &Opt, declared: &BTreeMap<String, String>, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, " {}:", option.name.node);
    expr(&option.value, declared, out);
}

fn list(items: &[Expr], declared: &BTreeMap<String, String>, out: &mut String) {
    for item in items {
        expr(item, declared, out);
        out.push(',');
    }
}

fn expr(e: &Expr, declared: &BTreeMap<String, String>, out: &mut String) {
    match &*e.kind {
        ExprKind::Null => out.push_str("null"),
        ExprKind::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        ExprKind::Int(number) => {
            let _ = write!(out, "{number}");
        }
        ExprKind::Float(number) => {
            let _ = write!(out, "{number:?}");
        }
        ExprKind::Unit(number, unit) => {
            let _ = write!(out, "{number}.{}", unit.node);
        }
        ExprKind::Str(text) => {
            out.push('"');
            for part in &text.parts {
                match part {
                    StrPart::Text(text, _) => {
                        let _ = write!(out, "{}:{text}", text.len());
                    }
                    StrPart::Interp(e, _) => {
                        out.push('#');
                        expr(e, declared, out);
                    }
                }
            }
            out.push('"');
        }
        ExprKind::Regex(source, ignore_case) => {
            let _ = write!(out, "/{}:{source}/{ignore_case}", source.len());
        }
        ExprKind::List(items) => {
            out.push('[');
            list(items, declared, out);
            out.push(']');
        }
        ExprKind::Map(entries) => {
            out.push('{');
            for (key, value) in entries {
                let _ = write!(out, "{}:{}:", key.node.len(), key.node);
                expr(value, declared, out);
                out.push(',');
            }
            out.push('}');
        }
        ExprKind::Name(name) => {
            out.push_str(name);
            if let Some(digest) = declared.get(name) {
                let _ = write!(out, "@{digest}");
            }
        }
        ExprKind::Field(of, field) => {
            expr(of, declared, out);
            let _ = write!(out, ".{}", field.node);
        }
        ExprKind::Index(of, index) => {
            expr(of, declared, out);
            out.push('[');
            expr(index, declared, out);
            out.push(']');
        }
        ExprKind::Call(name, args, options) => {
            let _ = write!(out, "{}(", name.node);
            list(args, declared, out);
            for option in options {
                option_form(option, declared, out);
            }
            out.push(')');
        }
        ExprKind::Unary(op, inner) => {
            let _ = write!(out, "({op:?} ");
            expr(inner, declared, out);
            out.push(')');
        }
        ExprKind::Binary(op, left, right) => {
            let _ = write!(out, "({op:?} ");
            expr(left, declared, out);
            out.push(' ');
            expr(right, declared, out);
            out.push(')');
        }
        ExprKind::Bound(op, value) => {
            let _ = write!(out, "({op:?} ");
            expr(value, declared, out);
            out.push(')');
        }
        ExprKind::Error => out.push('?'),
    }
}
