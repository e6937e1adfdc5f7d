//! Why the grammar stopped, told of the token it stopped at.

use pest::error::{ErrorVariant, InputLocation};

use super::grammar::{Rule, is_word};
use super::lex::{Kind, Lexer, Token};
use super::ruby;
use crate::diagnostic::{Code, Diagnostic, Span};

/// A token in a message is cut after so many characters.
const SHOWN: usize = 40;

/// Rules with which a value begins.
const VALUES: &[Rule] = &[Rule::expression, Rule::prefix, Rule::operand, Rule::number, Rule::string];

/// Where the grammar stopped, and what it could have gone on with.
pub(super) type Stopped = pest::error::Error<Rule>;

/// The tokens of `text`, comments and line ends aside; of a heredoc only its tag.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer::new(text, 0);
    let mut out = Vec::new();
    loop {
        let token = lexer.next();
        if token.kind == Kind::Eof || token.kind == Kind::Newline && !lexer.heredocs.is_empty() {
            return out;
        }
        if token.kind != Kind::Newline && token.kind != Kind::Comment {
            out.push(token);
        }
    }
}

/// A token as a message shows it: its first row, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    let first_row = text.lines().next().unwrap_or_default();
    if first_row.chars().count() <= SHOWN {
        return first_row.to_owned();
    }
    let cut: String = first_row.chars().take(SHOWN - 1).collect();
    format!("{cut}…")
}

/// Why the grammar stopped in `text`, which begins at byte `base` of its file.
pub(super) fn explain(text: &str, base: usize, stopped: &Stopped) -> Diagnostic {
    let at = match stopped.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let expected: &[Rule] = match &stopped.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => {
            let span = Span::new(base, base + text.len());
            return Diagnostic::error(Code::RB0026, span, "this statement is too complicated to be read")
                .help("give its parts names with `let`");
        }
    };
    let tokens = tokens(text);
    let found = tokens.iter().position(|token| token.end > at);
    let expects = |rules: &[Rule]| expected.iter().any(|rule| rules.contains(rule));
    let wants_value = expects(VALUES);
    let Some(index) = found else {
        let last = tokens.last().copied();
        let span =
            last.map_or(Span::new(base, base + text.len()), |last| Span::new(base + last.start, base + last.end));
        let after = last.and_then(|last| text.get(last.start..last.end)).map(shown).unwrap_or_default();
        return if wants_value {
            Diagnostic::error(Code::RB0041, span, format!("a value is missing after `{after}`")).help("write it")
        } else {
            Diagnostic::error(Code::RB0001, span, format!("the line ends too early, after `{after}`"))
        };
    };
    let token = tokens.get(index).copied().unwrap_or(Token { kind: Kind::Eof, start: at, end: at });
    if token.start < at || token.kind == Kind::Regex && wants_value {
        return inside(text, base, at, token, wants_value);
    }
    if let Some(problem) = ruby::token(text, &tokens, index, base) {
        return problem;
    }
    let span = Span::new(base + token.start, base + token.end);
    let piece = text.get(token.start..token.end).map(shown).unwrap_or_default();
    if wants_value && !expects(&[Rule::operator, Rule::comma]) {
        return Diagnostic::error(Code::RB0041, span, format!("a value is missing before `{piece}`"))
            .help("write the value that belongs here");
    }
    let begins_argument = matches!(
        token.kind,
        Kind::Word | Kind::Label | Kind::Number | Kind::Text | Kind::Regex | Kind::Heredoc | Kind::Open
    );
    if token.kind == Kind::Word && piece == "end" {
        return Diagnostic::error(Code::RB0027, span, "`end` stands on a line of its own").help("one statement a line");
    }
    if begins_argument && index > 0 {
        let before = tokens.get(index - 1).and_then(|before| text.get(before.start..before.end)).map(shown);
        let before = before.unwrap_or_default();
        return Diagnostic::error(Code::RB0016, span, format!("a comma is missing between `{before}` and `{piece}`"))
            .help("write the comma; arguments and options are separated by commas");
    }
    Diagnostic::error(Code::RB0001, span, format!("`{piece}` cannot stand here")).help(if is_word(&piece) {
        "one statement a line"
    } else {
        "`word NAME, \"title\", option: value`"
    })
}

/// Why the grammar stopped in a row of a heredoc, which begins at byte `base` of its file.
pub(super) fn explain_row(row: &str, base: usize, stopped: &Stopped) -> Diagnostic {
    let at = match stopped.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let wants_value = match &stopped.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.iter().any(|rule| VALUES.contains(rule)),
        ErrorVariant::CustomError { .. } => false,
    };
    inside(row, base, at, Token { kind: Kind::Text, start: 0, end: row.len() }, wants_value)
}

/// The grammar stopped inside a token: in a string's `#{…}`, or in a number.
fn inside(text: &str, base: usize, at: usize, token: Token, wants_value: bool) -> Diagnostic {
    if token.kind == Kind::Text {
        // From the `#{` on, as far as the string goes.
        let before = text.get(token.start..at).unwrap_or_default();
        let start = before.rfind("#{").map_or(at, |open| token.start + open + 2);
        let inner_text = text.get(start..token.end).unwrap_or_default();
        let inner = tokens(inner_text);
        let found = inner.iter().position(|token| start + token.end > at).unwrap_or(inner.len());
        if let Some(problem) = ruby::token(inner_text, &inner, found, base + start) {
            return problem;
        }
        let end = inner.get(found).map_or(at + 1, |found| start + found.end).min(token.end);
        let piece = text.get(at..end).map(shown).unwrap_or_default();
        let span = Span::new(base + at, base + end.max(at));
        let message = if piece.is_empty() {
            let open = Span::new(base + start - 2, base + start);
            return Diagnostic::error(Code::RB0012, open, "this `#{` has no `}` before the end of its line")
                .help("close it: `#{name}`");
        } else if wants_value {
            format!("a value is missing before `{piece}` inside `#{{…}}`")
        } else {
            format!("`{piece}` cannot stand here inside `#{{…}}`")
        };
        return Diagnostic::error(Code::RB0012, span, message)
            .help("between the braces stands one expression: `#{name}`, `#{a + b}`; as text it is written `\\#{`");
    }
    let whole = [Token { start: token.start, ..token }];
    let span = Span::new(base + token.start, base + token.end);
    let piece = text.get(token.start..token.end).map(shown).unwrap_or_default();
    if token.kind == Kind::Regex {
        let message = format!("`{piece}` is no regular expression of this language");
        return Diagnostic::error(Code::RB0013, span, message)
            .help("only `i` may follow the closing `/`; nothing is put into it with `#{…}`; it is not empty");
    }
    ruby::token(text, &whole, 0, base)
        .unwrap_or_else(|| Diagnostic::error(Code::RB0001, span, format!("`{piece}` cannot be read")))
}
