//! Characters that do not belong into a runbook's code, each with what was probably meant.

use super::lex::{Kind, Lexer};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;
use crate::text::{Both, Text};

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
            0 => {
                (Text::verbatim("NUL"), text!("take it out; a text file has none", "请删去；文本文件中不应有此字符"), 1)
            }
            b'\r' => (
                text!("a bare carriage return", "单独的回车符"),
                text!("end lines with \\n or \\r\\n", "行尾应为 \\n 或 \\r\\n"),
                1,
            ),
            0xe2 => {
                let code =
                    u32::from(self.text.get(pos..pos + 3).unwrap_or_default().chars().next().unwrap_or_default());
                (
                    text!("U+{code:04X}, which changes the direction of writing", "U+{code:04X}，会改变书写方向"),
                    text!("take it out: what is run would not be what is seen", "请删去：否则所见与所执行的会不一致"),
                    3,
                )
            }
            _ => (
                Text::verbatim(format!("U+{byte:04X}")),
                text!("take it out, or write it as \\u{{…}} in a string", "请删去，或在字符串中写作 \\u{{…}}"),
                1,
            ),
        };
        self.problems.push(
            Diagnostic::error(
                Code::RB0003,
                Span::new(pos, pos + len),
                text!("the text holds a control character: {}", "文本中有控制字符：{}", what),
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
                Diagnostic::error(Code::RB0028, span, text!("`{}` is {}", "`{}` 是{}", character, name)).help(text!(
                    "write `{ascii}`; in strings and comments it may stand",
                    "请写 `{ascii}`；它只能出现在字符串和注释中"
                )),
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
                Diagnostic::error(
                    Code::RB0039,
                    Span::new(start, self.pos),
                    text!("`{word}` cannot be a name", "`{word}` 不能作为名称"),
                )
                .help(text!(
                    "names are made of a-z, 0-9 and _; text stands between quotes",
                    "名称由 a-z、0-9 和 _ 组成；文本写在引号之间"
                )),
            );
            return Kind::Word;
        }
        let code = u32::from(character);
        self.problems.push(
            Diagnostic::error(
                Code::RB0028,
                span,
                text!("the character U+{code:04X} has no meaning here", "字符 U+{code:04X} 在此处没有意义"),
            )
            .help(text!("take it out; it may stand in strings and comments", "请删去；它只能出现在字符串和注释中")),
        );
        Kind::Other
    }
}

/// What a full-width or typographic character was meant as.
fn full_width(character: char) -> Option<(&'static str, Both)> {
    let wide = Both("a full-width character, as a Chinese keyboard gives it", "全角字符，由中文输入法输入");
    let curly = Both("a typographic character, as a word processor makes it", "排版字符，由文字处理软件生成");
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
        '\u{3000}' => (" ", Both("a full-width blank", "全角空格")),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => {
            (" ", Both("a blank of another kind than the usual one", "特殊的空格"))
        }
        _ => return None,
    })
}
