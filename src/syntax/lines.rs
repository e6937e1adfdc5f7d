//! A text as logical lines: a statement's line with all that continues it (brackets, a comma or an operator at the
//! end, the body of a heredoc). Linear, and never wrong for longer than one statement: where a bracket stays open and
//! the next line clearly begins a statement, the bracket is the error and the statement is read.

use std::collections::BTreeMap;

use super::damage::unclosed_bracket;
use super::grammar::is_word;
use super::lex::{Heredoc, Kind, Lexer, MAX_NESTING, Token, too_deep};
use super::{MAX_PROBLEMS, MAX_STATEMENT_BYTES, MAX_STATEMENTS};
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::text;

/// What a line is to its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `word …`
    Statement,
    /// `else`
    Else,
    /// `elsif …`
    Elsif,
    /// `end`
    End,
}

/// One logical line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// First byte of its first token.
    pub(super) start: usize,
    /// One past its last token, or past the end of its heredoc's tag.
    pub(super) end: usize,
    /// One past its last token.
    pub(super) head_end: usize,
    /// Columns before it; a tab goes to the next multiple of eight.
    pub(super) indent: usize,
    /// One past the first word; equal to `start` where the line does not begin with a word.
    pub(super) word_end: usize,
    pub(super) shape: Shape,
    /// How many `do` (and `if`) it has.
    pub(super) opens: usize,
    /// How many `end` it has.
    pub(super) closes: usize,
    /// Whether `do` is its last token.
    pub(super) do_last: bool,
    /// Whether it opens a block only because its word always does: its `do` is missing.
    pub(super) do_missing: bool,
    /// Nothing was found wrong with its tokens.
    pub(super) sound: bool,
}

impl Line {
    /// Whether it is `end` and nothing else.
    pub(super) fn is_bare_end(&self) -> bool {
        self.shape == Shape::End && self.sound && self.end - self.start == "end".len() && self.word_end == self.end
    }
}

/// A text, split.
#[derive(Debug, Default)]
pub(super) struct Split {
    pub(super) lines: Vec<Line>,
    pub(super) comments: Vec<Spanned<String>>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Ruby's words that open a block without `do`; they are no words here, but their `end` must not confuse.
pub(super) const FOREIGN_OPENERS: &[&str] =
    &["begin", "case", "class", "def", "for", "module", "unless", "until", "while"];

/// The arms of such blocks.
pub(super) const FOREIGN_ARMS: &[&str] = &["ensure", "in", "rescue", "then", "when"];

/// Splits `text`.
pub(super) fn split(text: &str) -> Split {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut splitter = Splitter::new(text, start);
    while splitter.out.lines.len() < MAX_STATEMENTS {
        if !splitter.line() || splitter.lexer.problems.len() >= MAX_PROBLEMS {
            return splitter.finish();
        }
    }
    let at = splitter.lexer.pos;
    splitter.out.problems.push(
        Diagnostic::error(
            Code::RB0004,
            Span::new(at, splitter.lexer.line_end(at)),
            text!(
                "the file has more than {MAX_STATEMENTS} statements; the rest was not read",
                "文件的语句多于 {MAX_STATEMENTS} 个；其余未读取"
            ),
        )
        .help(text!("this does not look like a runbook; or cut it into several", "这不像 runbook；或者请拆成几个文件")),
    );
    splitter.finish()
}

/// What splits a text.
pub(super) struct Splitter<'s> {
    pub(super) text: &'s str,
    pub(super) lexer: Lexer<'s>,
    pub(super) out: Split,
    /// Blocks that were opened by a brace and not yet closed by one.
    brace_blocks: usize,
    /// Where each row that is one bare word stands for the last time: tells at once that a heredoc has no end, where a
    /// search for each would make the whole quadratic. Built when it is first needed.
    last_rows: Option<BTreeMap<&'s str, usize>>,
}

/// What is known of a line while its tokens are read.
pub(super) struct Reading {
    pub(super) line: Line,
    /// The brackets that are open, each with its place.
    pub(super) brackets: Vec<(u8, usize)>,
    /// The last token.
    pub(super) last: Token,
    /// Where its first problem goes in the list of problems.
    pub(super) problems: usize,
    /// It closes a block that was opened by a brace: that was said where it was opened.
    quiet: bool,
}

impl<'s> Splitter<'s> {
    /// Over `text`, from byte `start`, where a line begins.
    pub(super) fn new(text: &'s str, start: usize) -> Self {
        Self { text, lexer: Lexer::new(text, start), out: Split::default(), brace_blocks: 0, last_rows: None }
    }

    fn finish(mut self) -> Split {
        self.out.problems.append(&mut self.lexer.problems);
        self.out
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'s str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn comment(&mut self, token: Token) {
        let text = self.slice(token.start, token.end).trim_end().to_owned();
        let span = Span::new(token.start, token.start + text.len());
        self.out.comments.push(Spanned::new(text, span));
    }

    /// Columns from the start of the row to `pos`.
    pub(super) fn indent(&self, pos: usize) -> usize {
        let before = self.text.as_bytes().get(..pos).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let row = before.get(start..).unwrap_or_default();
        let row = row.strip_prefix("\u{feff}".as_bytes()).unwrap_or(row);
        row.iter().fold(0, |column, byte| if *byte == b'\t' { (column / 8 + 1) * 8 } else { column + 1 })
    }

    /// Reads one logical line; false at the end of the text.
    pub(super) fn line(&mut self) -> bool {
        self.lexer.restart();
        let mut problems;
        let first = loop {
            problems = self.lexer.problems.len();
            let token = self.lexer.next();
            if token.kind == Kind::Comment {
                self.comment(token);
            } else if token.kind == Kind::Eof {
                return false;
            } else if token.kind != Kind::Newline {
                break token;
            }
            self.lexer.restart();
        };
        let word_end = if first.kind == Kind::Word { first.end } else { first.start };
        let word = self.slice(first.start, word_end);
        let mut reading = Reading {
            line: Line {
                start: first.start,
                end: first.end,
                head_end: first.end,
                indent: self.indent(first.start),
                word_end,
                shape: match word {
                    "end" => Shape::End,
                    "else" => Shape::Else,
                    "elsif" => Shape::Elsif,
                    _ => Shape::Statement,
                },
                opens: 0,
                closes: 0,
                do_last: false,
                do_missing: false,
                sound: true,
            },
            brackets: Vec::new(),
            last: first,
            problems,
            quiet: false,
        };
        if self.brace_blocks > 0 && self.slice(first.start, first.end) == "}" {
            self.brace_blocks -= 1;
            reading.line.shape = Shape::End;
            reading.line.closes = 1;
            reading.quiet = true;
        } else {
            self.token(&mut reading, first);
        }
        loop {
            let token = self.lexer.next();
            if token.kind == Kind::Eof {
                self.leave(&mut reading);
                break;
            } else if token.kind == Kind::Comment {
                self.comment(token);
            } else if token.kind == Kind::Newline {
                let had_body = self.heredocs(&mut reading);
                if !self.goes_on(&mut reading, had_body) {
                    break;
                }
            } else {
                self.token(&mut reading, token);
            }
        }
        if !self.lexer.heredocs.is_empty() {
            self.heredocs(&mut reading);
        }
        self.close(reading, word);
        true
    }

    /// Takes one token into the line.
    fn token(&mut self, reading: &mut Reading, token: Token) {
        reading.line.head_end = token.end;
        reading.line.end = reading.line.end.max(token.end);
        let text = self.slice(token.start, token.end);
        if token.kind == Kind::Open {
            reading.brackets.push((self.byte(token.start), token.start));
        } else if token.kind == Kind::Close {
            self.close_bracket(reading, token);
        } else if token.kind == Kind::Word && reading.brackets.is_empty() && reading.last.kind != Kind::Dot {
            reading.line.opens += usize::from(text == "do");
            reading.line.closes += usize::from(text == "end");
        } else if token.kind == Kind::Text && text.ends_with(" do") && self.lexer.problems.len() > reading.problems {
            // A forgotten quote has swallowed it.
            reading.line.opens += 1;
        }
        let nesting = reading.brackets.len() + reading.line.opens;
        if nesting == MAX_NESTING + 1 && self.lexer.nesting <= MAX_NESTING {
            self.lexer.problems.push(too_deep(Span::new(token.start, token.end)));
        }
        self.lexer.nesting = nesting;
        reading.last = token;
    }

    fn byte(&self, pos: usize) -> u8 {
        self.text.as_bytes().get(pos).copied().unwrap_or(0)
    }

    fn close_bracket(&mut self, reading: &mut Reading, token: Token) {
        let close = self.byte(token.start);
        let open = match close {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        match reading.brackets.iter().rposition(|(byte, _)| *byte == open) {
            Some(at) if at + 1 == reading.brackets.len() => {
                reading.brackets.pop();
            }
            Some(at) => {
                let between = reading.brackets.get(at + 1).copied().unwrap_or((open, token.start));
                reading.brackets.truncate(at);
                if self.lexer.problems.len() == reading.problems {
                    self.lexer.problems.push(unclosed_bracket(between).label(
                        Span::new(token.start, token.end),
                        text!(
                            "this `{}` closes the bracket outside of it",
                            "此 `{}` 闭合了外层的括号",
                            char::from(close)
                        ),
                    ));
                }
            }
            None => {
                if self.lexer.problems.len() == reading.problems {
                    self.lexer.problems.push(
                        Diagnostic::error(
                            Code::RB0008,
                            Span::new(token.start, token.end),
                            text!("this `{}` closes nothing", "此 `{}` 没有闭合任何括号", char::from(close)),
                        )
                        .help(text!(
                            "take it out, or write the `{}` that it closes",
                            "请删去，或补上它所闭合的 `{}`",
                            char::from(open)
                        )),
                    );
                }
            }
        }
    }

    /// Reads the bodies of the heredocs begun on the row that has just ended.
    fn heredocs(&mut self, reading: &mut Reading) -> bool {
        let heredocs = std::mem::take(&mut self.lexer.heredocs);
        if let [first, second, ..] = heredocs.as_slice() {
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0010,
                    Span::new(second.start, second.end),
                    text!("a statement has one heredoc at most", "一个语句最多有一个 heredoc"),
                )
                .label(Span::new(first.start, first.end), text!("the first one", "第一个"))
                .help(text!("give one of the two texts a name with `let`", "请用 `let` 为其中一段文本命名")),
            );
        }
        for heredoc in &heredocs {
            reading.line.end = self.heredoc(reading, *heredoc);
        }
        !heredocs.is_empty()
    }

    /// Past the body of one heredoc: the end of its closing tag.
    fn heredoc(&mut self, reading: &mut Reading, heredoc: Heredoc) -> usize {
        let tag = self.slice(heredoc.tag.0, heredoc.tag.1);
        let body = self.lexer.pos;
        let last = self.last_row(tag);
        let mut near = None;
        let mut pos = body;
        let closes = last.is_some_and(|last| last >= body);
        while pos < self.text.len() {
            let end = self.lexer.line_end(pos);
            let row = self.slice(pos, end);
            let bare = row.trim_start_matches([' ', '\t']);
            if bare == tag {
                self.lexer.pos = end;
                return end;
            }
            if !closes {
                if near.is_none()
                    && !tag.is_empty()
                    && bare.len() <= tag.len() + 3
                    && bare.trim_end_matches([' ', '\t', ',', ';', ')']).eq_ignore_ascii_case(tag)
                {
                    near = Some((Span::new(end - bare.len(), end), end));
                    break;
                }
                // It has no end: its body is what stands deeper than its statement.
                if !bare.is_empty() && self.indent(pos + row.len() - bare.len()) <= reading.line.indent {
                    break;
                }
            }
            pos = self.next_row(end);
        }
        let span = Span::new(heredoc.start, heredoc.end);
        let mut problem = Diagnostic::error(
            Code::RB0009,
            span,
            text!("the heredoc has no end: no line is just `{tag}`", "heredoc 没有结束：没有只含 `{tag}` 的行"),
        );
        problem = if let Some((at, end)) = near {
            self.lexer.pos = end;
            problem.label(at, text!("almost", "差一点")).help(text!(
                "write `{tag}` here, with nothing before it but blanks and nothing after it",
                "请在此处写 `{tag}`，前面只能有空格，后面不能有内容"
            ))
        } else {
            self.lexer.pos = pos.min(self.text.len());
            problem.help(text!("write `{tag}` on a line of its own after the text", "请在文本之后单独一行写 `{tag}`"))
        };
        self.lexer.problems.push(problem);
        let read = self.slice(body, self.lexer.pos);
        body + read.trim_end().len()
    }

    fn next_row(&self, line_end: usize) -> usize {
        let rest = self.text.as_bytes().get(line_end..).unwrap_or_default();
        match rest {
            [b'\n', ..] => line_end + 1,
            [b'\r', b'\n', ..] => line_end + 2,
            _ => self.text.len(),
        }
    }

    fn last_row(&mut self, tag: &str) -> Option<usize> {
        let text = self.text;
        let rows = self.last_rows.get_or_insert_with(|| {
            let mut rows = BTreeMap::new();
            let mut pos = 0;
            for row in text.split('\n') {
                let bare = row.trim_start_matches([' ', '\t']).trim_end_matches('\r');
                if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    rows.insert(bare, pos);
                }
                pos += row.len() + 1;
            }
            rows
        });
        rows.get(tag).copied()
    }

    /// Whether the statement goes on in the next row; says so where it should not.
    fn goes_on(&mut self, reading: &mut Reading, had_body: bool) -> bool {
        let inside = !reading.brackets.is_empty();
        let trailing = matches!(reading.last.kind, Kind::Comma | Kind::Operator | Kind::Dot);
        if !inside && !trailing {
            return self.stray_row(reading);
        }
        if had_body && trailing && self.lexer.problems.len() == reading.problems {
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0010,
                    Span::new(reading.last.start, reading.last.end),
                    text!(
                        "a heredoc's options stand on its own line, before its text",
                        "heredoc 的选项写在它自己的行上，文本之前"
                    ),
                )
                .help(text!("write them after the `<<~TAG`, on the same line", "请写在同一行的 `<<~TAG` 之后")),
            );
        }
        if inside && reading.last.kind == Kind::Word && self.slice(reading.last.start, reading.last.end) == "do" {
            reading.line.opens += 1;
            self.leave(reading);
            return false;
        }
        if self.begins_statement(self.lexer.pos, inside, reading.line.indent) {
            if self.brace_block(reading) {
                self.brace_blocks += 1;
                reading.line.opens += 1;
                reading.brackets.clear();
            }
            self.leave(reading);
            return false;
        }
        true
    }

    /// Whether the text at `pos` (the start of a row) is the beginning of a statement rather than more of one.
    fn begins_statement(&self, pos: usize, inside: bool, indent: usize) -> bool {
        let mut row = Lexer::new(self.text, pos);
        let first = row.next();
        if first.kind != Kind::Word {
            // Blank rows and comments decide nothing: the next row is asked again.
            return false;
        }
        let word = self.slice(first.start, first.end);
        if matches!(word, "end" | "else" | "elsif" | "if" | "unless" | "while" | "until" | "case") {
            return true;
        }
        let next = (self.byte(first.end), self.byte(first.end + 1));
        let blank = matches!(next.0, b' ' | b'\t');
        let rest = self.slice(first.end, row.line_end(first.end)).trim_start();
        let follows = rest.bytes().next().unwrap_or(b'#');
        if blank
            && (follows.is_ascii_alphanumeric() || matches!(follows, b'"' | b'\'' | b'_' | b':' | b'@' | b'$' | 0x80..))
        {
            return true;
        }
        if !is_word(word) {
            return false;
        }
        if blank {
            return match follows {
                b'[' | b'(' | b'{' | b'%' | b'`' => true,
                b'!' => !rest.starts_with("!=") && !rest.starts_with("!~"),
                b'<' | b'>' => rest.starts_with("<<") || matches!(word, "target" | "alert"),
                b'=' => word == "let",
                b'/' | b'-' => !rest.get(1..).is_some_and(|more| more.starts_with(' ')),
                b'#' => !inside && self.indent(first.start) <= indent,
                _ => false,
            };
        }
        // A bare word on a row: the last item of a list may look the same.
        matches!(next.0, b'\n' | b'\r' | 0) && !inside && self.indent(first.start) <= indent
    }

    fn close(&mut self, mut reading: Reading, word: &str) {
        let foreign = FOREIGN_OPENERS.contains(&word);
        let line = &mut reading.line;
        if (foreign || word == "if") && line.opens == 0 {
            line.opens = 1;
        }
        if line.head_end - line.start > MAX_STATEMENT_BYTES {
            self.lexer.problems.push(
                Diagnostic::error(
                    Code::RB0026,
                    Span::new(line.start, line.word_end.max(line.start + 1)),
                    text!(
                        "this statement is longer than {MAX_STATEMENT_BYTES} bytes",
                        "语句长于 {MAX_STATEMENT_BYTES} 字节"
                    ),
                )
                .help(text!(
                    "a long list belongs into a file, read by a `param … list`",
                    "长列表应放进文件，用 `param … list` 读取"
                )),
            );
        }
        line.do_last = line.opens > 0 && self.slice(reading.last.start, reading.last.end).ends_with("do");
        line.sound = self.lexer.problems.len() == reading.problems && !reading.quiet;
        self.one_a_row(&reading);
        let line = &mut reading.line;
        if line.shape == Shape::Statement
            && let Some(column) = self.nearly_end(line)
        {
            (line.shape, line.opens, line.closes, line.indent) = (Shape::End, 0, 1, column);
        }
        self.out.lines.push(reading.line);
    }
}
