//! Bodies for bash: where a value stands decides how it is quoted, so a small machine follows the shell's own quotes.
//!
//! | the value stands | it becomes |
//! |---|---|
//! | outside quotes | one quoted word; a list that stands alone, several |
//! | there, behind `ssh HOST` | the same, quoted once more for the remote shell |
//! | in `'…'` | closed, inserted quoted, opened again |
//! | in `"…"` | closed, inserted quoted, opened again |
//! | in `$((…))` | as it is, if it is a whole number |
//! | in a heredoc, `` `…` ``, `$'…'`, `${…}`, a comment | an error: it goes by `env:` |

mod lint;
mod remote;
mod scan;

use crate::check::context::Checker;
use crate::check::expr::said;
use crate::check::program::{Shell, ShellPart};
use crate::check::signature::is_text;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, StrPart};
use crate::value::types::Type;

use crate::text;
use crate::text::Text;
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
                Diagnostic::error(
                    Code::RB0201,
                    e.span,
                    text!("a command is a text with its values in it", "命令是文本，其中可以插入值"),
                )
                .help(Text::verbatim("sh \"kubectl -n #{namespace} get pods\"")),
            ),
        }
        let (commands, open) = scanner.finish();
        if let Some(open) = open {
            self.say(
                Diagnostic::error(
                    Code::RB0402,
                    e.span,
                    text!("{open} is not closed in the command", "命令中的 {open} 没有闭合", open = open),
                )
                .help(text!("bash would wait for its end", "bash 会一直等待它的结束")),
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
                    self.say(Diagnostic::error(
                        Code::RB0208,
                        e.span,
                        text!("`raw` takes one value", "`raw` 只有一个值"),
                    ));
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
                    text!(
                        "a secret in the text of a command is seen by every user of the machine",
                        "写在命令文本中的密钥，机器上的每个用户都能看到"
                    ),
                )
                .help(text!(
                    "give it by `env: {{ TOKEN: x }}` and write \"$TOKEN\", or by `stdin: x`",
                    "请用 `env: {{ TOKEN: x }}` 传入并写 \"$TOKEN\"，或用 `stdin: x`"
                )),
            );
            return None;
        }
        if raw.is_some() {
            self.say(
                Diagnostic::warning(
                    Code::RB0413,
                    span,
                    text!("this goes into the command as it is, unquoted", "它未加引号、原样进入命令"),
                )
                .help(text!("whoever sets this value can run any command", "能设置此值的人就能执行任意命令")),
            );
            return Some(ShellPart::Raw(value));
        }
        let list = matches!(value.ty, Type::List(_) | Type::ManyOf(_));
        if !list && !one_word(&value.ty) {
            let message = text!("{} is no word of a command", "{}不能作为命令中的词", said(&value.ty));
            self.say(
                Diagnostic::error(Code::RB0201, span, message)
                    .help(text!("take one of its fields", "请取它的一个字段")),
            );
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
                let (words, begun) = scanner.command();
                Some(if remote::goes_on(words, begun) { ShellPart::Remote(value) } else { ShellPart::Words(value) })
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
                    Diagnostic::error(
                        Code::RB0401,
                        span,
                        text!("a value cannot be put in safely {place}", "{place}无法安全地插入值", place = place),
                    )
                    .help(text!(
                        "give it by `env: {{ NAME: value }}` and write \"$NAME\"",
                        "请用 `env: {{ NAME: value }}` 传入，并写 \"$NAME\""
                    )),
                );
                None
            }
        }
    }

    fn list_in_word(&mut self, span: Span) {
        self.say(
            Diagnostic::error(
                Code::RB0404,
                span,
                text!(
                    "a list gives several words, and this is a part of one",
                    "列表会成为多个词，而此处只是一个词的一部分"
                ),
            )
            .help(text!(
                "let the list stand alone, or make one text of it: #{{join(list, \",\")}}",
                "请让列表单独成词，或合成一个文本：#{{join(list, \",\")}}"
            )),
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
