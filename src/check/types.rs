//! Types as they are written: `string`, `duration`, `one_of(low, high)`.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Expr, ExprKind, StrPart};
use crate::value::nearest::nearest;
use crate::value::types::Type;

/// Plain types with their names.
const TYPES: &[(&str, Type)] = &[
    ("string", Type::String),
    ("text", Type::Text),
    ("int", Type::Int),
    ("float", Type::Float),
    ("bool", Type::Bool),
    ("duration", Type::Duration),
    ("percent", Type::Percent),
    ("bytes", Type::Bytes),
    ("time", Type::Time),
    ("url", Type::Url),
    ("path", Type::Path),
    ("json", Type::Json),
];

/// Names of all types, for help and completion.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name).chain(["list", "map", "one_of", "many_of"])
}

/// Reads a type.
pub(super) fn read(expr: &Expr) -> Result<Type, Diagnostic> {
    match &*expr.kind {
        ExprKind::Name(name) => match name.as_str() {
            "list" => Ok(Type::List(Box::new(Type::String))),
            "map" => Ok(Type::Map(Box::new(Type::String))),
            "one_of" | "many_of" => {
                Err(Diagnostic::error(Code::RB0211, expr.span, format!("`{name}` needs its members: `{name}(a, b)`")))
            }
            other => TYPES
                .iter()
                .find(|(known, _)| *known == other)
                .map(|(_, ty)| ty.clone())
                .ok_or_else(|| unknown(expr, other)),
        },
        ExprKind::Call(name, args, options) if matches!(name.node.as_str(), "one_of" | "many_of") => {
            if let Some(option) = options.first() {
                let message = format!("`{}` takes names, no options", name.node);
                return Err(Diagnostic::error(Code::RB0211, option.span, message));
            }
            let mut members: Vec<String> = Vec::with_capacity(args.len());
            for arg in args {
                let member = word(arg).ok_or_else(|| {
                    Diagnostic::error(Code::RB0312, arg.span, "a member is a bare name or a text")
                        .help(format!("{}(low, medium, high)", name.node))
                })?;
                if members.contains(&member) {
                    return Err(Diagnostic::error(
                        Code::RB0211,
                        arg.span,
                        format!("the member `{member}` stands twice"),
                    ));
                }
                members.push(member);
            }
            if members.is_empty() {
                return Err(Diagnostic::error(Code::RB0211, expr.span, format!("`{}` needs its members", name.node)));
            }
            Ok(if name.node == "one_of" { Type::OneOf(members) } else { Type::ManyOf(members) })
        }
        ExprKind::Call(name, args, _) if name.node == "list" => match args.as_slice() {
            [item] => Ok(Type::List(Box::new(read(item)?))),
            _ => Err(Diagnostic::error(Code::RB0211, expr.span, "`list` takes one type: `list(int)`")),
        },
        ExprKind::Call(name, _, _) => Err(unknown(expr, &name.node)),
        ExprKind::Error => Ok(Type::Unknown),
        _ => Err(Diagnostic::error(Code::RB0211, expr.span, "a type is needed here").help(
            "string text int float bool duration percent bytes time url path list map json one_of(…) many_of(…)",
        )),
    }
}

/// A bare name, or a text without values in it.
pub(super) fn word(expr: &Expr) -> Option<String> {
    match &*expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Bool(truth) => Some(truth.to_string()),
        ExprKind::Str(text) => match text.parts.as_slice() {
            [] => Some(String::new()),
            [StrPart::Text(text, _)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn unknown(expr: &Expr, name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::RB0211, expr.span, format!("`{name}` is no type"));
    match nearest(name, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic
            .help("string text int float bool duration percent bytes time url path list map json one_of(…) many_of(…)"),
    }
}
