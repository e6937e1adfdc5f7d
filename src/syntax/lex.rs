//! Tokens, coarse ones: just enough to see where a statement ends (strings, brackets, comments, heredocs, `do` and
//! `end`) and to say what stands at the place where the grammar stopped. What a statement means is the grammar's.
//!
//! A string ends on its line at the latest, so that a forgotten quote spoils one line and no more.

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

/// Strings in `#{…}` in strings in `#{…}` …, and brackets in brackets: people write three, the parser's stack bears
/// hundreds.
pub(super) const MAX_NESTING: usize = 40;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// `name:`
    Label,
    /// Begins with a digit.
    Number,
    /// `"…"` or `'…'`
    Text,
    /// `/…/i`
    Regex,
    /// `<<~TAG`
    Heredoc,
    /// `(`, `[`, `{`
    Open,
    /// `)`, `]`, `}`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// A binary operator of the language, or `=`.
    Operator,
    /// Anything else.
    Other,
    /// `# …`
    Comment,
    /// The line's end.
    Newline,
    /// The text's end.
    Eof,
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A heredoc whose body is still to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heredoc {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) tag: (usize, usize),
}

/// Operators, the long ones first; those of the language are marked.
const OPERATORS: &[(&str, bool)] = &[
    ("===", false),
    ("<=>", false),
    ("**=", false),
    ("||=", false),
    ("&&=", false),
    ("...", false),
    ("||", true),
    ("&&", true),
    ("==", true),
    ("!=", true),
    ("<=", true),
    (">=", true),
    ("=~", true),
    ("!~", true),
    ("=>", false),
    ("->", false),
    ("<<", false),
    (">>", false),
    ("**", false),
    ("+=", false),
    ("-=", false),
    ("*=", false),
    ("/=", false),
    ("%=", false),
    ("..", false),
    ("::", false),
    ("&.", false),
    ("<", true),
    (">", true),
    ("+", true),
    ("-", true),
    ("*", true),
    ("/", true),
    ("=", true),
];

/// Reads tokens from a text, from any place outside of a string.
pub(super) struct Lexer<'s> {
    pub(super) text: &'s str,
    pub(super) bytes: &'s [u8],
    /// The next byte to read.
    pub(super) pos: usize,
    /// What the last token was, line ends and comments aside.
    last: Kind,
    /// How many tokens of the statement were read.
    count: usize,
    /// How deep in brackets and blocks of its line the next token stands.
    pub(super) nesting: usize,
    /// Heredocs begun on this line.
    pub(super) heredocs: Vec<Heredoc>,
    /// What was found wrong.
    pub(super) problems: Vec<Diagnostic>,
}

impl<'s> Lexer<'s> {
    /// Over `text`, from byte `pos`.
    pub(super) fn new(text: &'s str, pos: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            pos,
            last: Kind::Newline,
            count: 0,
            nesting: 0,
            heredocs: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The next token begins a statement.
    pub(super) fn restart(&mut self) {
        self.last = Kind::Newline;
        self.count = 0;
        self.nesting = 0;
    }

    pub(super) fn at(&self, pos: usize) -> u8 {
        self.bytes.get(pos).copied().unwrap_or(0)
    }

    pub(super) fn starts_with(&self, pos: usize, prefix: &str) -> bool {
        self.bytes.get(pos..).is_some_and(|rest| rest.starts_with(prefix.as_bytes()))
    }

    /// Past blanks and continued lines.
    fn skip_blanks(&mut self) {
        loop {
            match self.at(self.pos) {
                b' ' | b'\t' => self.pos += 1,
                b'\\' if self.at(self.pos + 1) == b'\n' => self.pos += 2,
                b'\\' if self.starts_with(self.pos + 1, "\r\n") => self.pos += 3,
                _ => return,
            }
        }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Token {
        self.skip_blanks();
        let start = self.pos;
        let kind = self.read(start);
        if !matches!(kind, Kind::Newline | Kind::Comment) {
            self.last = kind;
            self.count += 1;
        }
        Token { kind, start, end: self.pos }
    }

    /// Whether a value has just ended, so that `/` divides.
    pub(super) fn after_operand(&self) -> bool {
        match self.last {
            // `assert /re/ =~ x`: nothing is divided by the statement's own word.
            Kind::Word => self.count > 1,
            Kind::Number | Kind::Text | Kind::Regex | Kind::Heredoc | Kind::Close => true,
            Kind::Label
            | Kind::Open
            | Kind::Comma
            | Kind::Dot
            | Kind::Operator
            | Kind::Other
            | Kind::Comment
            | Kind::Newline
            | Kind::Eof => false,
        }
    }

    fn read(&mut self, start: usize) -> Kind {
        let Some(&byte) = self.bytes.get(start) else { return Kind::Eof };
        let single = |lexer: &mut Self, kind| {
            lexer.pos += 1;
            kind
        };
        match byte {
            b'\n' => single(self, Kind::Newline),
            b'\r' if self.at(start + 1) == b'\n' => {
                self.pos += 2;
                Kind::Newline
            }
            b'#' => {
                self.comment();
                Kind::Comment
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.word(),
            b'0'..=b'9' => self.number(),
            b'"' => self.string(start),
            b'\'' => self.raw_string(start),
            b'(' | b'[' | b'{' => single(self, Kind::Open),
            b')' | b']' | b'}' => single(self, Kind::Close),
            b',' => single(self, Kind::Comma),
            b'/' if !self.after_operand() => self.regex(start),
            b'<' if self.heredoc(start) => Kind::Heredoc,
            b'%' if !self.after_operand() && self.percent_literal(start) => Kind::Other,
            b'`' => {
                self.pos = self.find_on_line(start + 1, b'`').map_or(start + 1, |end| end + 1);
                Kind::Other
            }
            0x80.. => self.foreign(start),
            0..=0x1f | 0x7f => {
                self.control(start);
                self.pos += 1;
                Kind::Other
            }
            _ => self.operator(start),
        }
    }

    fn operator(&mut self, start: usize) -> Kind {
        for (text, ours) in OPERATORS {
            if self.starts_with(start, text) {
                self.pos += text.len();
                return if *ours { Kind::Operator } else { Kind::Other };
            }
        }
        self.pos += 1;
        if self.at(start) == b'.' { Kind::Dot } else { Kind::Other }
    }

    pub(super) fn word_end(&self, mut pos: usize) -> usize {
        while matches!(self.at(pos), b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_') {
            pos += 1;
        }
        pos
    }

    fn word(&mut self) -> Kind {
        self.pos = self.word_end(self.pos);
        if self.last != Kind::Dot && self.at(self.pos) == b':' && self.at(self.pos + 1) != b':' {
            self.pos += 1;
            return Kind::Label;
        }
        Kind::Word
    }

    fn number(&mut self) -> Kind {
        self.pos = self.word_end(self.pos);
        if self.at(self.pos) == b'.' && self.at(self.pos + 1).is_ascii_digit() {
            self.pos = self.word_end(self.pos + 1);
        }
        Kind::Number
    }

    fn comment(&mut self) {
        while let Some(&byte) = self.bytes.get(self.pos) {
            match byte {
                b'\n' => return,
                b'\r' if self.at(self.pos + 1) == b'\n' => return,
                0..=0x1f | 0x7f | 0xe2 => self.control(self.pos),
                _ => {}
            }
            self.pos += 1;
        }
    }

    /// The end of the line that holds `pos`, its line end aside.
    pub(super) fn line_end(&self, pos: usize) -> usize {
        let rest = self.bytes.get(pos..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |at| pos + at);
        if end > pos && self.at(end - 1) == b'\r' { end - 1 } else { end }
    }

    pub(super) fn find_on_line(&self, from: usize, byte: u8) -> Option<usize> {
        (from..self.line_end(from)).find(|&pos| self.at(pos) == byte)
    }

    /// `%w[a b]` and its relatives in Ruby: one token, so that what is in it says nothing.
    fn percent_literal(&mut self, start: usize) -> bool {
        let mut pos = start + 1;
        if matches!(self.at(pos), b'w' | b'W' | b'i' | b'I' | b'q' | b'Q') {
            pos += 1;
        }
        let close = match self.at(pos) {
            b'[' => b']',
            b'(' => b')',
            b'{' => b'}',
            b'<' => b'>',
            same @ (b'|' | b'!' | b'/') => same,
            _ => return false,
        };
        let Some(end) = self.find_on_line(pos + 1, close) else { return false };
        self.pos = end + 1;
        true
    }
}

/// Nested more deeply than [`MAX_NESTING`].
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(Code::RB0025, span, text!("nested more than {MAX_NESTING} deep", "嵌套超过 {MAX_NESTING} 层"))
        .help(text!("give a part of it a name with `let`", "请用 `let` 为其中一部分命名"))
}
