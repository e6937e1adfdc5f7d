//! Why the grammar stopped, told of the token it stopped at.

use pest::error::{ErrorVariant, InputLocation};

use super::grammar::{Rule, is_word};
use super::lex::{Kind, Lexer, Token};
use super::ruby;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;
use crate::text::Text;

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
            return Diagnostic::error(
                Code::RB0026,
                span,
                text!("this statement is too complicated to be read", "语句过于复杂，无法识别"),
            )
            .help(text!("give its parts names with `let`", "请用 `let` 为其各部分命名"));
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
            Diagnostic::error(Code::RB0041, span, text!("a value is missing after `{after}`", "`{after}` 之后缺少值"))
                .help(text!("write it", "请补上"))
        } else {
            Diagnostic::error(
                Code::RB0001,
                span,
                text!("the line ends too early, after `{after}`", "行在 `{after}` 之后过早结束"),
            )
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
        return Diagnostic::error(
            Code::RB0041,
            span,
            text!("a value is missing before `{piece}`", "`{piece}` 之前缺少值"),
        )
        .help(text!("write the value that belongs here", "请补上此处应有的值"));
    }
    let begins_argument = matches!(
        token.kind,
        Kind::Word | Kind::Label | Kind::Number | Kind::Text | Kind::Regex | Kind::Heredoc | Kind::Open
    );
    if token.kind == Kind::Word && piece == "end" {
        return Diagnostic::error(Code::RB0027, span, text!("`end` stands on a line of its own", "`end` 应单独成行"))
            .help(text!("one statement a line", "一行一个语句"));
    }
    if begins_argument && index > 0 {
        let before = tokens.get(index - 1).and_then(|before| text.get(before.start..before.end)).map(shown);
        let before = before.unwrap_or_default();
        return Diagnostic::error(
            Code::RB0016,
            span,
            text!("a comma is missing between `{before}` and `{piece}`", "`{before}` 与 `{piece}` 之间缺少逗号"),
        )
        .help(text!(
            "write the comma; arguments and options are separated by commas",
            "请加上逗号；参数与选项之间用逗号分隔"
        ));
    }
    Diagnostic::error(Code::RB0001, span, text!("`{piece}` cannot stand here", "此处不能写 `{piece}`")).help(
        if is_word(&piece) {
            text!("one statement a line", "一行一个语句")
        } else {
            Text::verbatim("`word NAME, \"title\", option: value`")
        },
    )
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
        if text.get(at..).is_some_and(|rest| rest.starts_with("\\\"") || rest.starts_with("\\'")) {
            return super::quoted::escaped_quote(Span::new(base + at, base + at + 2));
        }
        let message = if piece.is_empty() {
            let open = Span::new(base + start - 2, base + start);
            return Diagnostic::error(
                Code::RB0012,
                open,
                text!("this `#{{` has no `}}` before the end of its line", "此 `#{{` 到行尾都没有对应的 `}}`"),
            )
            .help(text!("close it: `#{{name}}`", "请补上右括号：`#{{name}}`"));
        } else if wants_value {
            text!("a value is missing before `{piece}` inside `#{{…}}`", "`#{{…}}` 中 `{piece}` 之前缺少值")
        } else {
            text!("`{piece}` cannot stand here inside `#{{…}}`", "`#{{…}}` 中不能写 `{piece}`")
        };
        return Diagnostic::error(Code::RB0012, span, message).help(text!(
            "between the braces stands one expression: `#{{name}}`, `#{{a + b}}`; as text it is written `\\#{{`",
            "花括号之间只写一个表达式：`#{{name}}`、`#{{a + b}}`；作为文本则写 `\\#{{`"
        ));
    }
    let whole = [Token { start: token.start, ..token }];
    let span = Span::new(base + token.start, base + token.end);
    let piece = text.get(token.start..token.end).map(shown).unwrap_or_default();
    if token.kind == Kind::Regex {
        let message = text!("`{piece}` is no regular expression of this language", "`{piece}` 不是本语言的正则表达式");
        return Diagnostic::error(Code::RB0013, span, message).help(text!(
            "only `i` may follow the closing `/`; nothing is put into it with `#{{…}}`; it is not empty",
            "结尾的 `/` 之后只能跟 `i`；不能用 `#{{…}}` 插值；不能为空"
        ));
    }
    ruby::token(text, &whole, 0, base).unwrap_or_else(|| {
        Diagnostic::error(Code::RB0001, span, text!("`{piece}` cannot be read", "无法识别 `{piece}`"))
    })
}
