//! Bodies for bash: where a value stands decides how it is quoted, so a small machine follows the shell's own quotes.
//!
//! | the value stands | it becomes |
//! |---|---|
//! | outside quotes | one quoted word; a list that stands alone, several |
//! | in `'…'` | closed, inserted quoted, opened again |
//! | in `"…"` | closed, inserted quoted, opened again |
//! | in `$((…))` | as it is, if it is a whole number |
//! | in a heredoc, `` `…` ``, `$'…'`, `${…}`, a comment | an error: it goes by `env:` |

mod lint;
mod scan;

use crate::check::context::Checker;
use crate::check::expr::said;
use crate::check::program::{Shell, ShellPart};
use crate::check::signature::is_text;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, StrPart};
use crate::value::types::Type;

pub(super) use lint::Setting;
use scan::{Context, Scanner};

/// A body that was read.
pub(super) struct Body {
    /// Its pieces.
    pub parts: Vec<ShellPart>,
    /// What it runs, for the rules about commands.
    pub commands: scan::Commands,
    /// Where it is written.
    pub span: Span,
}

impl Checker<'_> {
    /// A command without options of its own: of a guard, of an `undo sh:`.
    pub(super) fn plain_shell(&mut self, e: &ast::Expr) -> Shell {
        let body = self.shell_body(e);
        self.command_rules(&body, Setting { limited: true, ..Setting::default() });
        plain(body.parts)
    }

    /// The body of a command.
    pub(super) fn shell_body(&mut self, e: &ast::Expr) -> Body {
        let mut scanner = Scanner::default();
        let mut parts = Vec::new();
        match &*e.kind {
            ast::ExprKind::Str(string) => {
                for (number, part) in string.parts.iter().enumerate() {
                    match part {
                        StrPart::Text(text, _) => {
                            scanner.text(text);
                            parts.push(ShellPart::Text(text.clone()));
                        }
                        StrPart::Interp(inner, span) => {
                            let next = match string.parts.get(number + 1) {
                                Some(StrPart::Text(text, _)) => text.chars().next(),
                                Some(StrPart::Interp(..)) => Some('x'),
                                None => None,
                            };
                            parts.extend(self.inserted_in_shell(inner, *span, &scanner, next));
                            scanner.value();
                        }
                    }
                }
            }
            ast::ExprKind::Error => {}
            // A command that is a value as a whole: the author's text would be quoted into one word.
            _ => self.say(
                Diagnostic::error(Code::RB0201, e.span, "a command is a text with its values in it")
                    .help("sh \"kubectl -n #{namespace} get pods\""),
            ),
        }
        let (commands, open) = scanner.finish();
        if let Some(open) = open {
            self.say(
                Diagnostic::error(Code::RB0402, e.span, format!("{open} is not closed in the command"))
                    .help("bash would wait for its end"),
            );
        }
        Body { parts, commands, span: e.span }
    }

    /// A value in a body.
    fn inserted_in_shell(
        &mut self,
        e: &ast::Expr,
        span: Span,
        scanner: &Scanner,
        next: Option<char>,
    ) -> Option<ShellPart> {
        let raw = match &*e.kind {
            ast::ExprKind::Call(name, args, _) if name.node == "raw" => {
                if let [inner] = args.as_slice() {
                    Some(inner)
                } else {
                    self.say(Diagnostic::error(Code::RB0208, e.span, "`raw` takes one value"));
                    return None;
                }
            }
            _ => None,
        };
        let value = self.expr(raw.unwrap_or(e));
        if let Type::Optional(_) | Type::Null = value.ty {
            self.may_be_null(&value);
            return None;
        }
        if value.ty == Type::Secret {
            self.say(
                Diagnostic::error(
                    Code::RB0403,
                    span,
                    "a secret in the text of a command is seen by every user of the machine",
                )
                .help("give it by `env: { TOKEN: x }` and write \"$TOKEN\", or by `stdin: x`"),
            );
            return None;
        }
        if raw.is_some() {
            self.say(
                Diagnostic::warning(Code::RB0413, span, "this goes into the command as it is, unquoted")
                    .help("whoever sets this value can run any command"),
            );
            return Some(ShellPart::Raw(value));
        }
        let list = matches!(value.ty, Type::List(_) | Type::ManyOf(_));
        if !list && !one_word(&value.ty) {
            let message = format!("{} is no word of a command", said(&value.ty));
            self.say(Diagnostic::error(Code::RB0201, span, message).help("take one of its fields"));
            return None;
        }
        match scanner.context() {
            Context::Command { after_dollar: false, word_start } => {
                let alone =
                    word_start && next.is_none_or(|next| next.is_whitespace() || matches!(next, ';' | '|' | '&' | ')'));
                if list && !alone {
                    self.list_in_word(span);
                    return None;
                }
                Some(ShellPart::Words(value))
            }
            Context::Single | Context::Double if list => {
                self.list_in_word(span);
                None
            }
            Context::Single => Some(ShellPart::InSingle(value)),
            Context::Double => Some(ShellPart::InDouble(value)),
            Context::Arithmetic if value.ty == Type::Int => Some(ShellPart::Raw(value)),
            context => {
                let place = context.describe();
                self.say(
                    Diagnostic::error(Code::RB0401, span, format!("a value cannot be put in safely {place}"))
                        .help("give it by `env: { NAME: value }` and write \"$NAME\""),
                );
                None
            }
        }
    }

    fn list_in_word(&mut self, span: Span) {
        self.say(
            Diagnostic::error(Code::RB0404, span, "a list gives several words, and this is a part of one")
                .help("let the list stand alone, or make one text of it: #{join(list, \",\")}"),
        );
    }
}

/// A command of these pieces, with nothing else.
pub(super) fn plain(body: Vec<ShellPart>) -> Shell {
    Shell {
        body,
        ok: Some(vec![0]),
        parse: None,
        env: Vec::new(),
        stdin: None,
        dir: None,
        tty: false,
        save: None,
        max_bytes: None,
    }
}

/// Is a value of this type one word?
fn one_word(ty: &Type) -> bool {
    is_text(ty)
        || matches!(
            ty,
            Type::Bool
                | Type::Int
                | Type::Float
                | Type::Percent
                | Type::Duration
                | Type::Bytes
                | Type::Time
                | Type::Verdict
                | Type::Json
                | Type::Unknown
        )
}
