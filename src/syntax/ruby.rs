//! Habits of Ruby (and of other languages) that the language does not have, each with the form that it has instead.

use super::ast::Ident;
use super::lex::{Kind, Token};
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::text::Text;

/// A token's text, or nothing past the end.
fn text_of<'s>(text: &'s str, tokens: &[Token], at: usize) -> &'s str {
    tokens.get(at).and_then(|token| text.get(token.start..token.end)).unwrap_or_default()
}

fn problem(code: Code, base: usize, token: Token, message: impl Into<Text>) -> Diagnostic {
    Diagnostic::error(code, Span::new(base + token.start, base + token.end), message)
}

/// What a whole line says in Ruby and not here. `text` is the line, `tokens` are its tokens, `base` its place.
pub(super) fn line(text: &str, tokens: &[Token], base: usize) -> Option<Diagnostic> {
    let first = *tokens.first()?;
    let word = text_of(text, tokens, 0);
    if matches!(word, "end" | "else") {
        return None;
    }
    if first.kind == Kind::Word {
        let span = Span::new(base + first.start, base + first.end);
        if text_of(text, tokens, 1) != "="
            && let Some(found) = self::word(&Spanned::new(word.to_owned(), span))
        {
            return Some(found);
        }
        let second = *tokens.get(1).unwrap_or(&first);
        match text_of(text, tokens, 1) {
            "=" if word != "let" => {
                return Some(problem(Code::RB0030, base, second, format!("`{word}` is not assigned with `=`")).help(
                    format!("a name is given once, with `let {word} = …`; a result is named with `as: {word}`"),
                ));
            }
            "+=" | "-=" | "*=" | "/=" | "%=" | "||=" | "&&=" | "**=" => {
                return Some(
                    problem(Code::RB0030, base, second, "a name keeps its value: nothing is assigned again")
                        .help("count with `count(…)`, collect with `collect` and `add`"),
                );
            }
            _ => {}
        }
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(1) {
        let piece = text_of(text, tokens, at);
        let before = tokens.get(at - 1).copied().unwrap_or(first);
        if token.kind == Kind::Open {
            let value_before = matches!(before.kind, Kind::Text | Kind::Number | Kind::Close)
                || before.kind == Kind::Word && before.end < token.start && text_of(text, tokens, at - 1) != "do";
            if piece == "{" && depth == 0 && value_before {
                return Some(
                    problem(Code::RB0033, base, *token, "a block is not written with braces")
                        .help("`… do`, its statements on lines of their own, and `end`"),
                );
            }
            depth += 1;
        } else if token.kind == Kind::Close {
            depth = depth.saturating_sub(1);
        } else if piece == "|" && text_of(text, tokens, at - 1) == "do" {
            return Some(
                problem(Code::RB0033, base, *token, "a block has no parameters")
                    .help("`each NAME, in: LIST do` names the item before the block"),
            );
        }
        let modifier = token.kind == Kind::Word
            && before.kind != Kind::Dot
            && depth == 0
            && matches!(piece, "if" | "unless" | "while" | "until")
            && !matches!(word, "if" | "elsif" | "else");
        if modifier {
            let cond = if piece == "if" { "if: COND" } else { "if: !COND" };
            return Some(
                problem(Code::RB0037, base, *token, format!("`{piece}` does not stand behind a statement"))
                    .help(format!("the condition is an option: `{word} …, {cond}`")),
            );
        }
    }
    None
}

/// What the first word of a statement, none of the language's, says in Ruby.
pub(super) fn word(word: &Ident) -> Option<Diagnostic> {
    let name = word.node.as_str();
    if let Some(instead) = control(name) {
        return Some(Diagnostic::error(Code::RB0029, word.span, format!("there is no `{name}` here")).help(instead));
    }
    let instead = method(name)?;
    let message = format!("`{name}` is Ruby; nothing of Ruby runs in a runbook");
    Some(Diagnostic::error(Code::RB0036, word.span, message).help(instead))
}

/// Ruby's control words at the start of a line.
fn control(word: &str) -> Option<&'static str> {
    Some(match word {
        "unless" => "`if !COND` … `end`, or the option `if: !COND`",
        "while" | "until" => {
            "`poll every: 5.s, for: 2.min do` … `done_when COND` `end` waits; `try 3 do` … `end` repeats"
        }
        "for" => "`each NAME, in: LIST do` … `end`",
        "loop" => "`each` goes over a list, `poll` waits for a condition, `try` repeats: each of them ends",
        "case" => "`if COND` … `elsif COND` … `else` … `end`; a person's choice is `decide`",
        "when" => "`elsif COND`, or an `option` of a `decide`",
        "begin" => "a failure opens a menu; `try 3 do` … `repair do` … `end` `end` repairs and tries again",
        "rescue" => "`try 3 do` … `repair do` … `end` `end`",
        "ensure" => "`finally do` … `end` runs at the end of every run",
        "then" => "the line ends after the condition; what is to be done stands on the next",
        "def" | "lambda" | "proc" => {
            "`scenario KEY, \"title\", params: { name: string } do` … `end`, run by `run KEY, name: …`"
        }
        "class" | "module" => "there are no classes; steps that are used twice are a `scenario`",
        "return" | "break" | "next" | "redo" => {
            "`finish because: \"…\"` ends the run well, `abort because: \"…\"` ends it badly"
        }
        _ => return None,
    })
}

/// Methods that people write out of habit.
fn method(word: &str) -> Option<&'static str> {
    Some(match word {
        "puts" | "print" | "p" | "pp" | "printf" => {
            "`note \"…\"` shows and records, `notify CHANNEL, \"…\"` tells others"
        }
        "system" | "exec" => "`sh \"…\"` runs a command, `sh read: \"…\"` one that changes nothing",
        "sleep" => "`wait 5.min`, or `poll` for a condition",
        "require" | "require_relative" | "load" | "include" => "a runbook is one file and needs nothing",
        "raise" | "throw" | "fail" => "`assert COND, \"…\"` fails, `abort because: \"…\"` ends the run",
        "exit" | "exit!" => "`finish because: \"…\"` ends the run well, `abort because: \"…\"` ends it badly",
        "gets" => "`ask NAME, TYPE, \"…\"` asks a person; `sh read: \"…\", as: NAME` takes a command's output",
        _ => return None,
    })
}

/// What the token at `at`, where the grammar stopped, says in Ruby and not here.
pub(super) fn token(text: &str, tokens: &[Token], at: usize, base: usize) -> Option<Diagnostic> {
    let token = *tokens.get(at)?;
    let piece = text_of(text, tokens, at);
    let before = at.checked_sub(1).and_then(|at| tokens.get(at)).copied();
    let next = tokens.get(at + 1).copied();
    let touches_before = before.is_some_and(|before| before.end == token.start);
    let say = |code, message: String| problem(code, base, token, message);
    if let Some(not) = before
        && text_of(text, tokens, at - 1) == "not"
        && not.kind == Kind::Word
    {
        return Some(problem(Code::RB0031, base, not, "`not` is written `!`").help("write `!`"));
    }
    Some(match (token.kind, piece) {
        (Kind::Word, "and") => say(Code::RB0031, "`and` is written `&&`".into()).help("write `&&`"),
        (Kind::Word, "or") => say(Code::RB0031, "`or` is written `||`".into()).help("write `||`"),
        (Kind::Word, "not") => say(Code::RB0031, "`not` is written `!`".into()).help("write `!`"),
        (Kind::Word, "then") => say(Code::RB0029, "there is no `then` here".into())
            .help("the line ends after the condition; what is to be done stands on the next"),
        (Kind::Other, "?") if touches_before && before.is_some_and(|before| before.kind == Kind::Word) => {
            say(Code::RB0039, "a name has no `?`".into()).help("compare: `x == null`, `count(x) == 0`")
        }
        (Kind::Other, "?") => say(Code::RB0035, "there is no `? :` here".into())
            .help("`choose(COND, A, B)` is A where COND holds, and B where not"),
        (Kind::Other, "%") if touches_before && before.is_some_and(|before| before.kind == Kind::Number) => {
            let digits = text_of(text, tokens, at - 1);
            say(Code::RB0014, format!("`{digits}%`: a percent is written as a unit"))
                .help(format!("write `{digits}.pct`"))
        }
        (Kind::Other, "%") => say(Code::RB0035, "there is no `%` here".into())
            .help("text is put together with `#{…}`; a share is written `5.pct`"),
        (Kind::Other, "->") => say(Code::RB0034, "there are no lambdas here".into())
            .help("functions such as `where`, `sort` and `find` take their condition as it is"),
        (Kind::Other, "=>") => {
            let key =
                at.checked_sub(1).map(|at| text_of(text, tokens, at)).unwrap_or_default().trim_matches(['"', '\'']);
            let key = if key.is_empty() { "key" } else { key };
            say(Code::RB0032, "`=>` is not used here".into()).help(format!("write `{key}: …`"))
        }
        (Kind::Other, "===") => say(Code::RB0035, "there is no `===` here".into()).help("`==` compares, `=~` matches"),
        (Kind::Other, "**" | "<=>" | "<<" | ">>" | "..." | ".." | "::" | "&." | "|" | "&" | "^" | "~") => {
            say(Code::RB0035, format!("there is no operator `{piece}` here")).help(operator_help(piece))
        }
        (Kind::Other, "+=" | "-=" | "*=" | "/=" | "%=" | "||=" | "&&=" | "**=") => {
            say(Code::RB0030, format!("there is no `{piece}` here")).help("a name is given once, with `let NAME = …`")
        }
        (Kind::Operator, "=") => say(Code::RB0030, "`=` compares nothing".into()).help("write `==`"),
        (Kind::Other, ":") => match next.filter(|next| next.start == token.end && next.kind == Kind::Word) {
            Some(name) => {
                let name_text = text.get(name.start..name.end).unwrap_or_default();
                Diagnostic::error(
                    Code::RB0032,
                    Span::new(base + token.start, base + name.end),
                    format!("`:{name_text}` is a symbol of Ruby"),
                )
                .help(if text_of(text, tokens, at + 2) == "=>" {
                    format!("write `{name_text}: …`")
                } else {
                    format!("write `{name_text}`, without the colon")
                })
            }
            None => return None,
        },
        (Kind::Other, ";") => say(Code::RB0027, "`;` does not separate statements".into()).help("one statement a line"),
        (Kind::Other, "@" | "$") => {
            let name = next.map_or("name", |next| text.get(next.start..next.end).unwrap_or("name"));
            let help = if piece == "$" {
                format!("`param {}, string, env: \"{name}\"` reads a variable of the environment", name.to_lowercase())
            } else {
                format!("write `{name}`")
            };
            say(Code::RB0039, format!("a name does not begin with `{piece}`")).help(help)
        }
        (Kind::Other, _) if piece.starts_with('`') => say(Code::RB0036, "no command runs inside an expression".into())
            .help("`sh read: \"…\", as: NAME` runs it; its output is `NAME.out`"),
        (Kind::Other, _) if piece.starts_with('%') => say(Code::RB0034, format!("`{piece}` is Ruby's shorthand"))
            .help("a list is written `[\"a\", \"b\"]`, a string `\"…\"`"),
        (Kind::Word, _)
            if piece.starts_with(|c: char| c.is_ascii_uppercase())
                && !matches!(text_of(text, tokens, at + 1), "." | "::" | "[") =>
        {
            say(Code::RB0039, format!("`{piece}`: a name begins with a small letter"))
                .help(format!("text stands between quotes, `\"{piece}\"`; a name would be `{}`", piece.to_lowercase()))
        }
        (Kind::Word, _) if piece.starts_with(|c: char| c.is_ascii_uppercase()) => {
            let help = if piece == "ENV" || piece == "ARGV" {
                "`param name, string, env: \"NAME\"` reads a variable of the environment"
            } else {
                "nothing of Ruby runs in a runbook: there are no classes and no methods"
            };
            say(Code::RB0039, format!("`{piece}` is a constant of Ruby")).help(help)
        }
        (Kind::Number, _) => number(piece, &say)?,
        (Kind::Dot, _) if next.is_some_and(|next| next.kind == Kind::Number && next.start == token.end) => {
            say(Code::RB0014, "a number begins with a digit".into()).help("write `0.5`")
        }
        (Kind::Open, "(") => {
            let named = before.filter(|before| before.kind == Kind::Word)?;
            let name = text.get(named.start..named.end).unwrap_or_default();
            if !touches_before {
                say(Code::RB0042, format!("no blank stands between `{name}` and its `(`"))
                    .help(format!("write `{name}(…)`"))
            } else if at >= 2 && text_of(text, tokens, at - 2) == "." {
                say(Code::RB0042, format!("`.{name}` takes no arguments: there are no methods here"))
                    .help(format!("functions stand before their values: `{name}(x, …)`"))
            } else {
                return None;
            }
        }
        (Kind::Open, "{") => say(Code::RB0033, "a block is not written with braces".into())
            .help("`… do`, its statements on lines of their own, and `end`"),
        _ => return None,
    })
}

fn operator_help(operator: &str) -> &'static str {
    match operator {
        "|" => "`||` is or",
        "&" | "&." => "`&&` is and; a field is read with `.`",
        ".." | "..." => "two comparisons: `x >= 1 && x <= 5`",
        "<<" => "`add NAME` adds to a `collect`; a heredoc is written `<<~TEXT`",
        "::" => "a field is read with `.`",
        _ => "there are + - * /, comparisons, && || !",
    }
}

fn number(piece: &str, say: &dyn Fn(Code, String) -> Diagnostic) -> Option<Diagnostic> {
    let digits_end = piece.find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.').unwrap_or(piece.len());
    let (digits, letters) = piece.split_at_checked(digits_end)?;
    if letters.is_empty() {
        return (piece.ends_with('_') || piece.contains("__")).then(|| {
            say(Code::RB0014, format!("`{piece}` is no number")).help("one `_` stands between digits: `1_000`")
        });
    }
    let unit = match letters {
        "h" | "d" | "s" | "min" | "ms" | "us" | "pct" | "pp" | "B" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB"
        | "GiB" | "TiB" => letters,
        "m" | "minutes" | "minute" | "mins" => "min",
        "sec" | "secs" | "seconds" => "s",
        "hours" | "hour" | "hr" => "h",
        "days" | "day" => "d",
        "e3" | "e6" | "e9" => {
            return Some(
                say(Code::RB0014, format!("`{piece}`: numbers have no exponent")).help("write the digits: `1_000`"),
            );
        }
        other if other.starts_with('x') || other.starts_with('b') && digits == "0" => {
            return Some(
                say(Code::RB0014, format!("`{piece}`: numbers are decimal")).help("write it in decimal digits"),
            );
        }
        _ => {
            return Some(
                say(Code::RB0039, format!("`{piece}` is neither a number nor a name"))
                    .help("a name begins with a letter; a number has its unit behind a dot, `10.min`"),
            );
        }
    };
    Some(
        say(Code::RB0014, format!("`{piece}`: a dot stands between a number and its unit"))
            .help(format!("write `{digits}.{unit}`")),
    )
}
