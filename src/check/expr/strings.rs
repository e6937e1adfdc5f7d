//! Strings with values in them.

use crate::check::context::Checker;
use crate::check::program::{Expr, ExprKind, TextPart};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Str, StrPart};
use crate::text;
use crate::value::Value;
use crate::value::types::Type;

/// Stands in a text for people where a value is not there: it is never left blank.
const NOTHING: &str = "—";

impl Checker<'_> {
    /// A string.
    pub(super) fn text(&mut self, text: &Str, span: Span) -> Expr {
        let mut parts = Vec::with_capacity(text.parts.len());
        for part in &text.parts {
            match part {
                StrPart::Text(text, _) => parts.push(TextPart::Text(text.clone())),
                StrPart::Interp(e, _) => {
                    let value = self.expr(e);
                    parts.push(TextPart::Value(self.inserted(value)));
                }
            }
        }
        let plain: Option<String> = parts
            .iter()
            .map(|part| match part {
                TextPart::Text(text) => Some(text.as_str()),
                TextPart::Value(_) => None,
            })
            .collect();
        let ty = if plain.as_ref().is_some_and(|plain| plain.contains('\n')) { Type::Text } else { Type::String };
        match plain {
            Some(plain) => Expr::constant(Value::Text(plain), ty, span),
            None => Expr { kind: Box::new(ExprKind::Text(parts)), ty: Type::Text, span },
        }
    }

    /// A value that is put into a text.
    fn inserted(&mut self, value: Expr) -> Expr {
        match &value.ty {
            Type::Secret => {
                self.say(
                    Diagnostic::error(Code::RB0205, value.span, text!("a secret has no text", "密钥没有文本形式"))
                        .help(super::ways_of_secrets()),
                );
                Expr::unknown(value.span)
            }
            Type::Optional(inner) if **inner == Type::Secret => {
                self.say(Diagnostic::error(
                    Code::RB0205,
                    value.span,
                    text!("a secret has no text", "密钥没有文本形式"),
                ));
                Expr::unknown(value.span)
            }
            Type::Optional(_) | Type::Null if self.for_people => {
                let span = value.span;
                let nothing = Expr::constant(Value::Text(NOTHING.to_owned()), Type::String, span);
                Expr { kind: Box::new(ExprKind::Default(value, nothing)), ty: Type::Text, span }
            }
            Type::Optional(_) | Type::Null => {
                self.may_be_null(&value);
                value
            }
            _ => value,
        }
    }
}
