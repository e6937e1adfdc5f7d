//! Characters that do not belong into a runbook's code, each with what was probably meant.

use super::lex::{Kind, Lexer};
use crate::diagnostic::{Code, Diagnostic, Span};

impl Lexer<'_> {
    /// Control characters, and those that change the direction of writing: what is read is not what is seen.
    pub(super) fn control(&mut self, pos: usize) {
        let byte = self.at(pos);
        let hidden = match byte {
            b'\t' => false,
            0..=0x1f | 0x7f => true,
            0xe2 => {
                let next = (self.at(pos + 1), self.at(pos + 2));
                matches!(next, (0x80, 0xaa..=0xae) | (0x81, 0xa6..=0xa9))
            }
            _ => false,
        };
        if !hidden {
            return;
        }
        let (what, help, len) = match byte {
            0 => ("NUL".to_owned(), "take it out; a text file has none", 1),
            b'\r' => ("a bare carriage return".to_owned(), "end lines with \\n or \\r\\n", 1),
            0xe2 => {
                let character = self.text.get(pos..pos + 3).unwrap_or_default().chars().next().unwrap_or_default();
                (
                    format!("U+{:04X}, which changes the direction of writing", u32::from(character)),
                    "take it out: what is run would not be what is seen",
                    3,
                )
            }
            _ => (format!("U+{byte:04X}"), "take it out, or write it as \\u{…} in a string", 1),
        };
        self.problems.push(
            Diagnostic::error(
                Code::RB0003,
                Span::new(pos, pos + len),
                format!("the text holds a control character: {what}"),
            )
            .help(help),
        );
    }

    /// Characters beyond ASCII, outside of strings and comments.
    pub(super) fn foreign(&mut self, start: usize) -> Kind {
        let Some(character) = self.text.get(start..).and_then(|rest| rest.chars().next()) else {
            self.pos += 1;
            return Kind::Other;
        };
        self.pos += character.len_utf8();
        let span = Span::new(start, self.pos);
        if let Some((ascii, name)) = full_width(character) {
            let quoted = match character {
                '“' | '”' => Some(['“', '”']),
                '‘' | '’' => Some(['‘', '’']),
                _ => None,
            };
            if let Some(quotes) = quoted {
                let rest = self.text.get(self.pos..self.line_end(self.pos)).unwrap_or_default();
                if let Some(at) = rest.find(quotes) {
                    self.pos += at + rest.get(at..).and_then(|r| r.chars().next()).map_or(1, char::len_utf8);
                }
            }
            self.problems.push(
                Diagnostic::error(Code::RB0028, span, format!("`{character}` is {name}"))
                    .help(format!("write `{ascii}`; in strings and comments it may stand")),
            );
            return match ascii {
                "," => Kind::Comma,
                "\"" | "'" => Kind::Text,
                _ => Kind::Other,
            };
        }
        if character.is_alphabetic() {
            while let Some(more) = self.text.get(self.pos..).and_then(|rest| rest.chars().next()) {
                if !more.is_alphanumeric() && more != '_' {
                    break;
                }
                self.pos += more.len_utf8();
            }
            let word = self.text.get(start..self.pos).unwrap_or_default();
            self.problems.push(
                Diagnostic::error(Code::RB0039, Span::new(start, self.pos), format!("`{word}` cannot be a name"))
                    .help("names are made of a-z, 0-9 and _; text stands between quotes"),
            );
            return Kind::Word;
        }
        self.problems.push(
            Diagnostic::error(
                Code::RB0028,
                span,
                format!("the character U+{:04X} has no meaning here", u32::from(character)),
            )
            .help("take it out; it may stand in strings and comments"),
        );
        Kind::Other
    }
}

/// What a full-width or typographic character was meant as.
fn full_width(character: char) -> Option<(&'static str, &'static str)> {
    let wide = "a full-width character, as a Chinese keyboard gives it";
    let curly = "a typographic character, as a word processor makes it";
    Some(match character {
        '，' | '、' => (",", wide),
        '：' => (":", wide),
        '；' => (";", wide),
        '（' => ("(", wide),
        '）' => (")", wide),
        '【' | '［' => ("[", wide),
        '】' | '］' => ("]", wide),
        '｛' => ("{", wide),
        '｝' => ("}", wide),
        '。' | '．' => (".", wide),
        '！' => ("!", wide),
        '＝' => ("=", wide),
        '＜' | '《' => ("<", wide),
        '＞' | '》' => (">", wide),
        '＋' => ("+", wide),
        '－' => ("-", wide),
        '＃' => ("#", wide),
        '＂' => ("\"", wide),
        '＇' => ("'", wide),
        '≥' => (">=", curly),
        '≤' => ("<=", curly),
        '≠' => ("!=", curly),
        '×' => ("*", curly),
        '÷' => ("/", curly),
        '“' | '”' | '„' | '«' | '»' => ("\"", curly),
        '‘' | '’' => ("'", curly),
        '–' | '—' | '−' => ("-", curly),
        '…' => ("...", curly),
        '\u{3000}' => (" ", "a full-width blank"),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => (" ", "a blank of another kind than the usual one"),
        _ => return None,
    })
}
