//! A line whose tokens are damaged: what is told of it, and what is not, because it follows from the same damage.

use std::collections::BTreeMap;

use super::lex::{Kind, Lexer, Token};
use super::lines::{Line, Reading, Shape, Splitter};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

impl Splitter<'_> {
    /// Whether the next row begins with what no statement begins with, and so belongs to this one: says so.
    pub(super) fn stray_row(&mut self, reading: &mut Reading) -> bool {
        let row = self.slice(self.lexer.pos, self.lexer.line_end(self.lexer.pos));
        let bare = row.trim_start_matches([' ', '\t']);
        let at = self.lexer.pos + row.len() - bare.len();
        let word = bare.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let after = bare.get(word.len()..).unwrap_or_default();
        if word == "do" && !after.starts_with([':', '.']) && reading.line.opens == 0 {
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0021,
                    Span::new(at, at + 2),
                    text!("`do` stands at the end of its statement's line", "`do` 写在其语句所在行的行尾"),
                )
                .help(text!("write it there", "请写到那里")),
            );
            return true;
        }
        if reading.last.kind == Kind::Label
            && bare.starts_with(['"', '\'', '[', '{', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        {
            if self.lexer.problems.len() == reading.problems {
                let span = Span::new(reading.last.start, reading.last.end);
                let name = self.slice(span.start as usize, span.end as usize);
                self.lexer.problems.push(
                    Diagnostic::error(
                        Code::RB0041,
                        span,
                        text!("a value is missing after `{name}`", "`{name}` 之后缺少值"),
                    )
                    .help(text!("it stands on the same line", "值写在同一行")),
                );
            }
            return true;
        }
        let label = !word.is_empty() && after.starts_with(':') && !after.starts_with("::");
        let sign = word.is_empty() && bare.starts_with([',', '.', '+', '-', '*', '/', '<', '>', '=', '&', '|']);
        if !label && !sign {
            return false;
        }
        let len = if label { word.len() + 1 } else { 1 };
        if self.lexer.problems.len() == reading.problems {
            let found = bare.get(..len).unwrap_or_default();
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0001,
                    Span::new(at, at + len),
                    text!("a line does not begin with `{found}`", "行不能以 `{found}` 开头"),
                )
                .help(text!(
                    "a statement goes on in the next line after a comma, an operator or inside brackets",
                    "在逗号、运算符之后或括号之内，语句可以续到下一行"
                )),
            );
        }
        true
    }

    /// `word … {` at the end of a row, perhaps with `|x|`: a block as Ruby has them.
    pub(super) fn brace_block(&mut self, reading: &Reading) -> bool {
        let Some((b'{', at)) = reading.brackets.last().copied() else { return false };
        let inner = self.slice(at + 1, reading.last.end).trim();
        if reading.line.shape != Shape::Statement
            || reading.line.opens > 0
            || reading.brackets.len() > 1
            || !(inner.is_empty() || inner.starts_with('|'))
        {
            return false;
        }
        if self.lexer.problems.len() == reading.problems {
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0033,
                    Span::new(at, at + 1),
                    text!("a block is not written with braces", "语句块不用花括号"),
                )
                .help(text!("write `do` here, and `end` where it closes", "请在此处写 `do`，在结束处写 `end`")),
            );
        }
        true
    }

    /// The statement ends although something is open.
    pub(super) fn leave(&mut self, reading: &mut Reading) {
        if self.lexer.problems.len() > reading.problems {
            return;
        }
        if let Some(bracket) = reading.brackets.first().copied() {
            self.lexer.problems.push(unclosed_bracket(bracket));
            return;
        }
        let span = Span::new(reading.last.start, reading.last.end);
        if reading.last.kind == Kind::Comma {
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0015,
                    span,
                    text!("a comma ends this line, and no argument follows", "行尾是逗号，之后没有参数"),
                )
                .help(text!(
                    "take it out: it would make the next statement an argument of this one",
                    "请删去：否则下一个语句会成为本语句的参数"
                )),
            );
        } else if matches!(reading.last.kind, Kind::Operator | Kind::Dot) {
            let operator = self.slice(reading.last.start, reading.last.end);
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0041,
                    span,
                    text!("nothing follows `{operator}`", "`{operator}` 之后没有内容"),
                )
                .help(text!(
                    "write the value after it, on this line or on the next",
                    "请在它之后补上值，写在本行或下一行"
                )),
            );
        }
    }

    /// The column of a damaged `end` (`en'd`, `)end`, `ed`), so that its block is not said to have none as well.
    pub(super) fn nearly_end(&self, line: &Line) -> Option<usize> {
        const LONGEST: usize = 12;
        let text = self.slice(line.start, line.head_end);
        if text.len() > LONGEST || text.contains('\n') {
            return None;
        }
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let one_word = line.word_end == line.head_end;
        let one_more = letters.len() == 4 && (0..4).any(|at| without(&letters, at) == "end");
        let less = matches!(letters.as_str(), "e" | "n" | "d" | "en" | "ed" | "nd");
        if letters != "end" && !(one_word && (less || one_more)) {
            return None;
        }
        let first = text.find(|c: char| c.is_ascii_alphanumeric())?;
        let stray = text.get(..first)?.chars().filter(|c| !c.is_whitespace()).count();
        Some(self.indent(line.start + first).saturating_sub(stray))
    }

    /// Of the problems of one row, those that follow from another are left out: behind a quote without its partner
    /// text is read as code and code as text.
    pub(super) fn one_a_row(&mut self, reading: &Reading) {
        let own = self.lexer.problems.split_off(reading.problems);
        let mut rows: BTreeMap<usize, Vec<Diagnostic>> = BTreeMap::new();
        for problem in own {
            rows.entry(self.lexer.line_end(problem.span().start as usize)).or_default().push(problem);
        }
        for mut row in rows.into_values() {
            let unclosed =
                row.iter().rposition(|problem| matches!(problem.code, Code::RB0006 | Code::RB0012 | Code::RB0013));
            let first = match unclosed {
                Some(at) => Some(at),
                None => row.iter().any(|problem| problem.code == Code::RB0039).then_some(0),
            };
            if let Some(at) = first {
                let mut kept = row.swap_remove(at);
                if kept.code == Code::RB0006
                    && let Some(token) = self.suspect(reading.line.start, kept.span().start as usize)
                {
                    kept = kept.label(
                        Span::new(token.start, token.end),
                        text!("or is a quote missing or too much here?", "或者此处少了或多了一个引号？"),
                    );
                }
                row.retain(|problem| problem.code == Code::RB0003);
                row.push(kept);
            }
            self.lexer.problems.extend(row);
        }
    }

    /// The first string before `unclosed` that touches a word: perhaps the quote that matters.
    pub(super) fn suspect(&self, start: usize, unclosed: usize) -> Option<Token> {
        let operand = |kind: Kind| matches!(kind, Kind::Word | Kind::Number | Kind::Text | Kind::Close | Kind::Label);
        let mut lexer = Lexer::new(self.text, start);
        let mut before = lexer.next();
        while before.start < unclosed && before.kind != Kind::Eof {
            let token = lexer.next();
            let touches = before.end == token.start && operand(before.kind) && operand(token.kind);
            if touches && (before.kind == Kind::Text || token.kind == Kind::Text) {
                let found = if token.kind == Kind::Text { token } else { before };
                return Some(found).filter(|found| found.start < unclosed);
            }
            before = token;
        }
        None
    }
}

/// The letters but the one at this place.
fn without(letters: &str, at: usize) -> String {
    letters.char_indices().filter(|(own, _)| *own != at).map(|(_, letter)| letter).collect()
}

/// A bracket that stays open.
pub(super) fn unclosed_bracket((byte, at): (u8, usize)) -> Diagnostic {
    let close = match byte {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    };
    Diagnostic::error(
        Code::RB0007,
        Span::new(at, at + 1),
        text!("this `{}` is not closed", "此 `{}` 没有闭合", char::from(byte)),
    )
    .help(text!("write `{close}` where it ends", "请在结束处写 `{close}`"))
}
