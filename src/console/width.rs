//! Columns of a terminal: Chinese takes two, colours none.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes. Our own colour sequences count nothing.
pub fn width(text: &str) -> usize {
    pieces(text).map(|piece| if piece.starts_with('\u{1b}') { 0 } else { piece.width() }).sum()
}

/// `text` with blanks behind it up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` with blanks before it up to `columns`.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` cut to `columns`, with `…` as its last one where something was cut. Colours stay closed.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    let mut coloured = false;
    for piece in pieces(text) {
        if piece.starts_with('\u{1b}') {
            coloured = !piece.ends_with("[0m");
            out.push_str(piece);
            continue;
        }
        for c in piece.chars() {
            let columns_of = c.width().unwrap_or(0);
            if used + columns_of > columns.saturating_sub(1) {
                out.push('…');
                if coloured {
                    out.push_str(RESET);
                }
                return out;
            }
            used += columns_of;
            out.push(c);
        }
    }
    out
}

/// `text` broken into lines of at most `columns`, at blanks where there are some and between Chinese characters. A colour is
/// closed at the end of a line and opened again on the next.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = broken(text, columns.max(2));
    let mut open = String::new();
    for line in &mut lines {
        let before = open.clone();
        for code in pieces(line).filter(|piece| piece.starts_with('\u{1b}')) {
            open = if code.ends_with("[0m") { String::new() } else { code.to_owned() };
        }
        let close = if open.is_empty() { "" } else { RESET };
        *line = format!("{before}{line}{close}");
    }
    lines
}

const RESET: &str = "\u{1b}[0m";

fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in words(paragraph) {
            if width(&line) + width(word.trim_end()) > columns && !line.is_empty() {
                lines.push(line.trim_end().to_owned());
                line = String::new();
            }
            if width(word) > columns {
                for piece in pieces(word) {
                    if piece.starts_with('\u{1b}') {
                        line.push_str(piece);
                        continue;
                    }
                    for c in piece.chars() {
                        if width(&line) + c.width().unwrap_or(0) > columns {
                            lines.push(std::mem::take(&mut line));
                        }
                        line.push(c);
                    }
                }
            } else {
                line.push_str(word);
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Pieces between which a line may be broken, each with the blanks behind it.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    let mut number = false;
    for (index, c) in text.char_indices() {
        let breaks = match before {
            // A number and its Chinese unit belong together.
            Some(' ') => c != ' ' && !(number && is_wide(c)),
            // Closing signs of Chinese do not begin a line, and opening ones do not end it.
            Some(b) => {
                c != ' ' && !"，。；：、）】？！”".contains(c) && !"（【“[(".contains(b) && (is_wide(b) || is_wide(c))
            }
            None => false,
        };
        if breaks {
            out.push(text.get(start..index).unwrap_or_default());
            start = index;
        }
        if c != ' ' {
            number = c.is_ascii_digit();
        }
        before = Some(c);
    }
    out.push(text.get(start..).unwrap_or_default());
    out
}

/// Does it take two columns?
pub(super) fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

/// Text and colour sequences in turn.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with('\u{1b}') {
            rest.find('m').map_or(rest.len(), |at| at + 1)
        } else {
            rest.find('\u{1b}').unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns_and_colour_none() {
        assert_eq!(width("成功率"), 6);
        assert_eq!(width("\u{1b}[1;31m✗\u{1b}[0m ok"), 4);
        assert_eq!(pad("成功", 6), "成功  ");
        assert_eq!(pad_left("9%", 4), "  9%");
    }

    #[test]
    fn what_is_too_long_is_cut_and_its_colour_closed() {
        assert_eq!(cut("成功率很高", 5), "成功…");
        assert_eq!(cut("成功", 4), "成功");
        assert_eq!(cut("\u{1b}[32mabcdef\u{1b}[0m", 4), "\u{1b}[32mabc…\u{1b}[0m");
    }

    #[test]
    fn lines_break_at_blanks_and_between_chinese_characters() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("观察期内没有插件重载：触发一次", 12), ["观察期内没有", "插件重载：触", "发一次"]);
        assert_eq!(wrap("步骤通过 4 分 30 秒", 12), ["步骤通过", "4 分 30 秒"]);
        assert_eq!(wrap("观察（重载）", 6), ["观察", "（重", "载）"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
        assert_eq!(wrap("\u{1b}[2mab cd\u{1b}[0m e", 3), ["\u{1b}[2mab\u{1b}[0m", "\u{1b}[2mcd\u{1b}[0m", "e"]);
        assert_eq!(wrap("\u{1b}[2mabcd\u{1b}[0m", 3), ["\u{1b}[2mabc\u{1b}[0m", "\u{1b}[2md\u{1b}[0m"]);
        assert_eq!(wrap("指标 http_requests_total 缺失", 14), ["指标", "http_requests_", "total 缺失"]);
    }
}
