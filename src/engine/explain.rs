//! Why a condition came out as it did: the names in it with their values.

use super::eval::Env;
use crate::check::program::{Expr, ExprKind, TextPart};
use crate::text::Text;
use crate::value::{Value, text};

/// Longest value that is shown: enough for a count, a version, a line.
const LONGEST_CHARS: usize = 80;

/// `live.value.status.readyReplicas = 2`, one for each path in `expr`, in order, each once.
pub(crate) fn values(env: &Env<'_>, expr: &Expr) -> Vec<Text> {
    let mut out = Vec::new();
    walk(env, expr, &mut out);
    out
}

fn walk(env: &Env<'_>, expr: &Expr, out: &mut Vec<Text>) {
    match &*expr.kind {
        ExprKind::Var(_) | ExprKind::Field(..) | ExprKind::Index(..) => {
            let shown = match env.eval(expr) {
                Ok(Value::Map(_) | Value::Secret(_)) => return,
                Ok(value) => Text::verbatim(short(&text::text(&value))),
                Err(error) => error.0,
            };
            let line = crate::text!("{} = {}", "{} = {}", super::eval::path(env.program, expr), shown);
            if !out.contains(&line) {
                out.push(line);
            }
        }
        ExprKind::Const(_) | ExprKind::Assigned(_) => {}
        ExprKind::Text(parts) => {
            for part in parts {
                if let TextPart::Value(value) = part {
                    walk(env, value, out);
                }
            }
        }
        ExprKind::List(items) | ExprKind::Call(_, items) => items.iter().for_each(|item| walk(env, item, out)),
        ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| walk(env, value, out)),
        ExprKind::Not(inner) | ExprKind::Neg(inner) | ExprKind::Match(inner, ..) | ExprKind::Reported(_, inner) => {
            walk(env, inner, out);
        }
        ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Compare(_, left, right)
        | ExprKind::Arith(_, left, right)
        | ExprKind::Default(left, right) => {
            walk(env, left, out);
            walk(env, right, out);
        }
    }
}

fn short(text: &str) -> String {
    let one_line = text.replace('\n', "⏎");
    if one_line.chars().count() <= LONGEST_CHARS {
        return one_line;
    }
    let mut cut: String = one_line.chars().take(LONGEST_CHARS).collect();
    cut.push('…');
    cut
}
