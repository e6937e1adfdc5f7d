//! Types as they are written: `string`, `duration`, `one_of(low, high)`.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Expr, ExprKind, StrPart};
use crate::text;
use crate::text::Text;
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
            "one_of" | "many_of" => Err(Diagnostic::error(
                Code::RB0211,
                expr.span,
                text!("`{name}` needs its members: `{name}(a, b)`", "`{name}` 需要列出成员：`{name}(a, b)`"),
            )),
            other => TYPES
                .iter()
                .find(|(known, _)| *known == other)
                .map(|(_, ty)| ty.clone())
                .ok_or_else(|| unknown(expr, other)),
        },
        ExprKind::Call(name, args, options) if matches!(name.node.as_str(), "one_of" | "many_of") => {
            if let Some(option) = options.first() {
                let message = text!("`{}` takes names, no options", "`{}` 的参数是名称，没有选项", name.node);
                return Err(Diagnostic::error(Code::RB0211, option.span, message));
            }
            let mut members: Vec<String> = Vec::with_capacity(args.len());
            for arg in args {
                let member = word(arg).ok_or_else(|| {
                    Diagnostic::error(
                        Code::RB0312,
                        arg.span,
                        text!("a member is a bare name or a text", "成员是单独的名称或文本"),
                    )
                    .help(Text::verbatim(format!("{}(low, medium, high)", name.node)))
                })?;
                if members.contains(&member) {
                    return Err(Diagnostic::error(
                        Code::RB0211,
                        arg.span,
                        text!("the member `{member}` stands twice", "成员 `{member}` 重复出现"),
                    ));
                }
                members.push(member);
            }
            if members.is_empty() {
                return Err(Diagnostic::error(
                    Code::RB0211,
                    expr.span,
                    text!("`{}` needs its members", "`{}` 缺少成员", name.node),
                ));
            }
            Ok(if name.node == "one_of" { Type::OneOf(members) } else { Type::ManyOf(members) })
        }
        ExprKind::Call(name, args, _) if name.node == "list" => match args.as_slice() {
            [item] => Ok(Type::List(Box::new(read(item)?))),
            _ => Err(Diagnostic::error(
                Code::RB0211,
                expr.span,
                text!("`list` takes one type: `list(int)`", "`list` 只有一个类型：`list(int)`"),
            )),
        },
        ExprKind::Call(name, _, _) => Err(unknown(expr, &name.node)),
        ExprKind::Error => Ok(Type::Unknown),
        _ => Err(Diagnostic::error(Code::RB0211, expr.span, text!("a type is needed here", "此处需要一个类型"))
            .help(every_form())),
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
    let diagnostic = Diagnostic::error(Code::RB0211, expr.span, text!("`{name}` is no type", "没有类型 `{name}`"));
    match nearest(name, names()) {
        Some(near) => diagnostic.did_you_mean(near),
        None => diagnostic.help(every_form()),
    }
}

/// All types as they are written, for messages.
fn every_form() -> Text {
    text!(
        "string text int float bool duration percent bytes time url path list map json one_of(…) many_of(…)",
        "类型有：string text int float bool duration percent bytes time url path list map json one_of(…) many_of(…)"
    )
}
