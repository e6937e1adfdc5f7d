//! Where strings, regular expressions and heredoc tags end: the part of the lexer that looks inside quotes.

use super::lex::{Heredoc, Kind, Lexer, MAX_NESTING, too_deep};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

/// Why a string does not end.
enum Open {
    /// No closing quote on the line.
    Quote,
    /// The `#{` at this place has no `}`.
    Interpolation(usize),
    /// Nested more deeply than [`MAX_NESTING`].
    Deep(usize),
}

/// A string is looked for over so many rows where it does not end on its own: more than a command written that way has,
/// and few enough that many forgotten quotes cost no more than one.
const MOST_ROWS: usize = 30;

impl Lexer<'_> {
    pub(super) fn string(&mut self, start: usize) -> Kind {
        let before = self.problems.len();
        let mut rows = 0;
        let mut found = self.quoted(start, self.nesting, &mut rows);
        if found.is_err() {
            // Over several rows, as Ruby has them?
            let said = self.problems.split_off(before);
            rows = MOST_ROWS;
            match self.quoted(start, self.nesting, &mut rows) {
                Ok(end) if self.ends_there(end, b'"') => {
                    self.over_rows(start, end);
                    found = Ok(end);
                }
                _ => {
                    self.problems.truncate(before);
                    self.problems.extend(said);
                }
            }
        }
        match found {
            Ok(end) => self.pos = end,
            Err(open) => {
                let end = start + self.text.get(start..self.line_end(start)).unwrap_or_default().trim_end().len();
                self.pos = end.max(start + 1);
                self.problems.push(match open {
                    Open::Quote => unclosed_string(Span::new(start, self.pos)),
                    Open::Interpolation(at) => self.unclosed_interpolation(at),
                    Open::Deep(at) => too_deep(Span::new(at, at + 2)),
                });
            }
        }
        Kind::Text
    }

    /// A `#{` without its `}`: often because of a quote inside that was escaped.
    fn unclosed_interpolation(&self, at: usize) -> Diagnostic {
        let line = self.text.get(at..self.line_end(at)).unwrap_or_default();
        if let Some(escaped) = line.find("\\\"") {
            return escaped_quote(Span::new(at + escaped, at + escaped + 2));
        }
        Diagnostic::error(
            Code::RB0012,
            Span::new(at, at + 2),
            text!("this `#{{` has no `}}` before the end of its line", "此 `#{{` 到行尾都没有对应的 `}}`"),
        )
        .help(text!(
            "close it: `#{{name}}`; a `#{{` that is meant as text is written `\\#{{`",
            "请补上右括号：`#{{name}}`；作为文本的 `#{{` 写作 `\\#{{`"
        ))
    }

    /// The end of the `'…'` that starts at `start`, over several rows.
    fn raw_end(&self, start: usize) -> Option<usize> {
        let mut pos = start + 1;
        let mut rows = MOST_ROWS;
        while let Some(&byte) = self.bytes.get(pos) {
            match byte {
                b'\\' => pos += 1,
                b'\'' => return Some(pos + 1),
                b'\n' => rows = rows.checked_sub(1)?,
                _ => {}
            }
            pos += 1;
        }
        None
    }

    /// Whether the quote before `end` closes a string rather than opens one: what follows it tells.
    fn ends_there(&self, end: usize, quote: u8) -> bool {
        let rest = self.text.get(end..self.line_end(end)).unwrap_or_default();
        let bare = rest.trim_start();
        let ends = bare.is_empty()
            || bare.starts_with('#')
            || rest.starts_with([',', ')', ']', '}', '.'])
            || rest.starts_with(" do");
        ends && rest.bytes().filter(|byte| *byte == quote).count().is_multiple_of(2)
    }

    /// Says of a string that it was written over several rows.
    fn over_rows(&mut self, start: usize, end: usize) {
        let first_row = start + self.text.get(start..self.line_end(start)).unwrap_or_default().trim_end().len();
        let span = Span::new(start, first_row.max(start + 1));
        self.problems.push(
            Diagnostic::error(
                Code::RB0006,
                span,
                text!("this string goes over the end of its line", "字符串跨过了行尾"),
            )
            .label(Span::new(end - 1, end), text!("and ends here", "到此结束"))
            .help(text!(
                "text of several lines is written as a heredoc, `<<~TEXT`; a line end in a string is `\\n`",
                "多行文本写成 heredoc：`<<~TEXT`；字符串中的换行写作 `\\n`"
            )),
        );
        self.pos = end;
    }

    /// The end of the `"…"` that starts at `start`.
    /// At most `rows` line ends are passed.
    fn quoted(&mut self, start: usize, depth: usize, rows: &mut usize) -> Result<usize, Open> {
        let mut pos = start + 1;
        while let Some(&byte) = self.bytes.get(pos) {
            match byte {
                b'"' => return Ok(pos + 1),
                b'\n' if *rows > 0 => {
                    *rows -= 1;
                    pos += 1;
                }
                b'\n' => return Err(Open::Quote),
                b'\\' if !matches!(self.at(pos + 1), b'\n' | b'\r') => pos += 2,
                b'#' if self.at(pos + 1) == b'{' => pos = self.interpolation(pos, depth + 1, rows)?,
                b'\r' if self.at(pos + 1) == b'\n' => pos += 1,
                0..=0x1f | 0x7f | 0xe2 => {
                    self.control(pos);
                    pos += 1;
                }
                _ => pos += 1,
            }
        }
        Err(Open::Quote)
    }

    /// The end of the `#{…}` that starts at `start`.
    fn interpolation(&mut self, start: usize, depth: usize, rows: &mut usize) -> Result<usize, Open> {
        let mut pos = start + 2;
        let (mut braces, mut brackets) = (0_usize, 0_usize);
        while let Some(&byte) = self.bytes.get(pos) {
            if depth + braces + brackets > MAX_NESTING {
                return Err(Open::Deep(start));
            }
            match byte {
                b'}' if braces == 0 => return Ok(pos + 1),
                b'}' => braces -= 1,
                b'{' => braces += 1,
                b'(' | b'[' => brackets += 1,
                b')' | b']' => brackets = brackets.saturating_sub(1),
                b'\n' if *rows > 0 => *rows -= 1,
                b'\n' => break,
                b'"' => {
                    pos = match self.quoted(pos, depth + braces + brackets, rows) {
                        Err(Open::Quote) => return Err(Open::Interpolation(start)),
                        other => other?,
                    };
                    continue;
                }
                b'\'' => {
                    // A quote that is not closed here is seen as an unclosed `#{`.
                    pos = self.find_on_line(pos + 1, b'\'').ok_or(Open::Interpolation(start))? + 1;
                    continue;
                }
                _ => {}
            }
            pos += 1;
        }
        Err(Open::Interpolation(start))
    }

    pub(super) fn raw_string(&mut self, start: usize) -> Kind {
        let mut pos = start + 1;
        let mut escaped = None;
        loop {
            match self.bytes.get(pos).copied() {
                Some(b'\'') => {
                    self.pos = pos + 1;
                    break;
                }
                Some(b'\\') if self.at(pos + 1) == b'\\' => pos += 2,
                Some(b'\\') if self.at(pos + 1) == b'\'' => {
                    escaped = escaped.or(Some(pos));
                    pos += 2;
                }
                None | Some(b'\n') => {
                    if escaped.is_none()
                        && let Some(end) = self.raw_end(start)
                        && self.ends_there(end, b'\'')
                    {
                        self.over_rows(start, end);
                        return Kind::Text;
                    }
                    let end = start + self.text.get(start..self.line_end(start)).unwrap_or_default().trim_end().len();
                    self.pos = end.max(start + 1);
                    if escaped.is_none() {
                        self.problems.push(unclosed_string(Span::new(start, self.pos)).help(text!(
                            "close it; a text with an apostrophe in it stands in double quotes",
                            "请补上引号；含撇号的文本写在双引号中"
                        )));
                    }
                    break;
                }
                Some(b'\r') if self.at(pos + 1) == b'\n' => pos += 1,
                Some(0..=0x1f | 0x7f | 0xe2) => {
                    self.control(pos);
                    pos += 1;
                }
                Some(_) => pos += 1,
            }
        }
        if let Some(at) = escaped {
            self.problems.push(
                Diagnostic::error(
                    Code::RB0011,
                    Span::new(at, at + 2),
                    text!(
                        "`\\'` in a raw string: nothing is escaped between single quotes",
                        "单引号字符串中的 `\\'`：单引号之间没有转义"
                    ),
                )
                .help(text!(
                    "write the text in double quotes, with `\\\\` for a backslash",
                    "请用双引号书写，反斜杠写作 `\\\\`"
                )),
            );
        }
        Kind::Text
    }

    pub(super) fn regex(&mut self, start: usize) -> Kind {
        let mut pos = start + 1;
        loop {
            match self.bytes.get(pos).copied() {
                Some(b'/') => {
                    self.pos = self.word_end(pos + 1);
                    return Kind::Regex;
                }
                Some(b'\\') if !matches!(self.at(pos + 1), b'\n' | b'\r') => pos += 2,
                None | Some(b'\n') => {
                    let end = start + self.text.get(start..self.line_end(start)).unwrap_or_default().trim_end().len();
                    self.pos = end.max(start + 1);
                    self.problems.push(
                        Diagnostic::error(
                            Code::RB0013,
                            Span::new(start, self.pos),
                            text!(
                                "this regular expression has no closing `/` on its line",
                                "正则表达式在本行没有结尾的 `/`"
                            ),
                        )
                        .help(text!(
                            "close it with `/`; a `/` inside is written `\\/`",
                            "请用 `/` 结束；其中的 `/` 写作 `\\/`"
                        )),
                    );
                    return Kind::Regex;
                }
                Some(0..=0x1f | 0x7f) => {
                    if self.at(pos) != b'\r' || self.at(pos + 1) != b'\n' {
                        self.control(pos);
                    }
                    pos += 1;
                }
                Some(_) => pos += 1,
            }
        }
    }

    /// `<<~TAG` and its relatives in Ruby; false where `<` is an operator.
    pub(super) fn heredoc(&mut self, start: usize) -> bool {
        if self.at(start + 1) != b'<' {
            return false;
        }
        let mut pos = start + 2;
        let squiggly = matches!(self.at(pos), b'~' | b'-');
        if squiggly {
            pos += 1;
        }
        let quote = self.at(pos);
        let quoted = matches!(quote, b'\'' | b'"');
        if quoted {
            pos += 1;
        }
        let tag = (pos, self.word_end(pos));
        let begins = self.at(pos);
        if tag.0 == tag.1
            || begins.is_ascii_digit()
            || !(squiggly || begins.is_ascii_uppercase() && !self.after_operand())
        {
            return false;
        }
        pos = tag.1;
        if quoted {
            if self.at(pos) != quote {
                return false;
            }
            pos += 1;
        }
        let span = Span::new(start, pos);
        let name = self.text.get(tag.0..tag.1).unwrap_or_default();
        if !self.starts_with(start, "<<~") || quote == b'"' {
            self.problems.push(
                Diagnostic::error(
                    Code::RB0010,
                    span,
                    text!(
                        "a heredoc is written `<<~TAG`, or `<<~'TAG'` where nothing in it works",
                        "heredoc 写作 `<<~TAG`；其中不作插值和转义时写 `<<~'TAG'`"
                    ),
                )
                .help(text!("write `<<~{name}`", "请写 `<<~{name}`")),
            );
        }
        self.heredocs.push(Heredoc { start, end: pos, tag });
        self.pos = pos;
        true
    }
}

/// A quote inside `#{…}` that is escaped as if it stood in the text around it.
pub(super) fn escaped_quote(span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::RB0012,
        span,
        text!("a `\\` cannot stand before a quote inside `#{{…}}`", "`#{{…}}` 中引号之前不能写 `\\`"),
    )
    .help(text!(
        "quotes inside `#{{…}}` need no backslash: `\"#{{join(names, \"; \")}}\"`",
        "`#{{…}}` 中的引号不需要反斜杠：`\"#{{join(names, \"; \")}}\"`"
    ))
}

fn unclosed_string(span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::RB0006,
        span,
        text!("this string has no closing quote on its line", "字符串在本行没有结束引号"),
    )
    .help(text!(
        "close it; text of several lines is written as a heredoc, `<<~TEXT`, or with `\\n`",
        "请补上引号；多行文本写成 heredoc：`<<~TEXT`，或用 `\\n`"
    ))
}
