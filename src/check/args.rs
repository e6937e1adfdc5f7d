//! A statement against its entry in the table: arguments and options are handed out once each, and what nobody took is
//! reported, so that nothing is accepted and then ignored.

use crate::check::signature::{Arg, Body, Count, PLANNED_OPTIONS, Place, Takes, Word};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{self, ExprKind, Opt, Stmt};
use crate::text;
use crate::text::{Both, Text};
use crate::value::nearest::nearest;

/// The arguments and options of one statement.
#[derive(Debug)]
pub(super) struct Args<'a> {
    /// The statement.
    pub stmt: &'a Stmt,
    /// Its entry in the table.
    pub word: &'static Word,
    /// An option was refused: what seems to be missing may be what was meant by it.
    pub refused: bool,
    positional: Vec<(&'static str, &'a ast::Expr)>,
    options: Vec<&'a Opt>,
}

impl<'a> Args<'a> {
    /// Matches a statement against its word. `open`: further options are allowed (those of `run`), see [`Args::rest`].
    pub(super) fn new(stmt: &'a Stmt, word: &'static Word, open: bool, say: &mut Vec<Diagnostic>) -> Self {
        let mut options: Vec<&Opt> = Vec::with_capacity(stmt.options.len());
        let mut refused = false;
        for option in &stmt.options {
            let name = option.name.node.as_str();
            if let Some(first) = options.iter().find(|known| known.name.node == name) {
                say.push(
                    Diagnostic::error(
                        Code::RB0306,
                        option.name.span,
                        text!("`{name}:` stands twice", "`{name}:` 重复出现"),
                    )
                    .label(first.name.span, text!("first here", "首次出现于此")),
                );
            } else if open || word.option(name).is_some() {
                options.push(option);
            } else {
                refused = true;
                say.push(unknown_option(word, option));
            }
        }
        for known in word.all_options().filter(|known| known.required) {
            let meant = |option: &Opt| nearest(&option.name.node, [known.name]).is_some();
            if !stmt.options.iter().any(|option| option.name.node == known.name || (refused && meant(option))) {
                let message = text!("`{}` needs `{}:`", "`{}` 需要 `{}:`", word.name, known.name);
                say.push(Diagnostic::error(Code::RB0307, stmt.head, message).help(text!(
                    "{} Form: {}",
                    "{}。写法：{}",
                    Both(known.en, known.zh),
                    word.form
                )));
            }
        }
        Self { stmt, word, refused, positional: positional(stmt, word, say), options }
    }

    /// The argument of this name, if it is there.
    pub(super) fn arg(&self, name: &str) -> Option<&'a ast::Expr> {
        self.positional.iter().find(|(known, _)| *known == name).map(|(_, expr)| *expr)
    }

    /// All arguments of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a ast::Expr> + use<'_, 'a> {
        let name = name.to_owned();
        self.positional.iter().filter(move |(known, _)| *known == name).map(|(_, expr)| *expr)
    }

    /// Is the option there?
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.name.node == name)
    }

    /// Takes the option: it is dealt with.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a Opt> {
        let at = self.options.iter().position(|option| option.name.node == name)?;
        Some(self.options.swap_remove(at))
    }

    /// Options that are no options of the word: the parameters of `run`, in order as written.
    pub(super) fn rest(&mut self) -> Vec<&'a Opt> {
        let word = self.word;
        let (known, mut rest): (Vec<_>, Vec<_>) =
            self.options.drain(..).partition(|option| word.option(&option.name.node).is_some());
        self.options = known;
        rest.sort_by_key(|option| option.span.start);
        rest
    }

    /// Reports what nobody took.
    pub(super) fn finish(self, say: &mut Vec<Diagnostic>) {
        for option in self.options {
            let message = text!(
                "`{}:` means nothing in this form of `{}`",
                "`{}:` 在 `{}` 的这种形式中没有意义",
                option.name.node,
                self.word.name
            );
            say.push(Diagnostic::error(Code::RB0313, option.span, message).help(Text::verbatim(self.word.form)));
        }
    }

    /// Where the message about the whole statement belongs.
    pub(super) fn head(&self) -> Span {
        self.stmt.head
    }
}

/// What may stand in the body of a statement that stands in `place`.
pub(super) fn inside(word: &Word, place: Place) -> Place {
    match word.body {
        Body::Must(inside) | Body::Maybe(inside) => inside,
        // What stands in an `if` directly in the runbook is done, and declares nothing.
        Body::Same if place == Place::Runbook => Place::Flow,
        Body::Same => place,
        Body::None => Place::Flow,
    }
}

fn unknown_option(word: &Word, option: &Opt) -> Diagnostic {
    let name = option.name.node.as_str();
    let message = text!("`{}` has no option `{name}:`", "`{}` 没有选项 `{name}:`", word.name);
    let diagnostic = Diagnostic::error(Code::RB0305, option.name.span, message);
    if PLANNED_OPTIONS.contains(&(word.name, name)) {
        return diagnostic.help(text!("it is planned, and not built yet", "已列入计划，尚未实现"));
    }
    let names: Vec<&str> = word.all_options().map(|known| known.name).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => diagnostic.did_you_mean(format_args!("{near}:")),
        None if names.is_empty() => diagnostic.help(text!("it takes none: {}", "它没有选项：{}", word.form)),
        None => diagnostic.help(text!("it takes {}", "它的选项有 {}", listed(&names))),
    }
}

/// `a:, b: and c:`
fn listed(names: &[&str]) -> Text {
    let mut listed = Text::default();
    for (number, name) in names.iter().enumerate() {
        let between = match number {
            0 => Both("", ""),
            last if last + 1 == names.len() => Both(" and ", " 和 "),
            _ => Both(", ", "、"),
        };
        listed = text!("{}{}{}:", "{}{}{}:", listed, between, name);
    }
    listed
}

fn positional<'a>(
    stmt: &'a Stmt,
    word: &'static Word,
    say: &mut Vec<Diagnostic>,
) -> Vec<(&'static str, &'a ast::Expr)> {
    let mut given = stmt.args.iter().peekable();
    let mut args = Vec::with_capacity(stmt.args.len());
    for known in word.args {
        match (known.count, given.peek()) {
            (Count::One, Some(_)) => args.extend(given.next().map(|expr| (known.name, expr))),
            (Count::Maybe, Some(next)) if looks_like(known, next) => {
                args.extend(given.next().map(|expr| (known.name, expr)));
            }
            (Count::Many, Some(_)) => args.extend(given.by_ref().map(|expr| (known.name, expr))),
            (Count::Maybe, _) => {}
            (Count::One | Count::Many, None) => {
                let message = text!("`{}` needs its {}", "`{}` 缺少参数 `{}`", word.name, known.name);
                say.push(Diagnostic::error(Code::RB0303, stmt.head, message).help(Text::verbatim(word.form)));
                return args;
            }
        }
    }
    if let Some(extra) = given.next()
        && !matches!(*extra.kind, ExprKind::Error)
    {
        let message = text!("`{}` takes no further argument", "`{}` 没有更多参数", word.name);
        say.push(Diagnostic::error(Code::RB0304, extra.span, message).help(Text::verbatim(word.form)));
    }
    args
}

/// Whether an argument that may be missing is the one that stands here: a title is text, a name is a name.
fn looks_like(known: &Arg, expr: &ast::Expr) -> bool {
    match known.takes {
        Takes::Title | Takes::Command => {
            !matches!(*expr.kind, ExprKind::Map(_) | ExprKind::List(_) | ExprKind::Int(_) | ExprKind::Bool(_))
        }
        Takes::Words(_) => matches!(*expr.kind, ExprKind::Name(_)),
        Takes::Value(_)
        | Takes::Const(_)
        | Takes::NewName
        | Takes::Key
        | Takes::Name(_)
        | Takes::Type
        | Takes::Form(_) => true,
    }
}
