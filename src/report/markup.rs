//! Text in SVG and HTML.

use unicode_width::UnicodeWidthChar;

/// Text between tags or in an attribute with double quotes: nothing in it is markup, and what XML does not know is left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            // Marks that turn the direction of what follows could show a text as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// Text in one line that takes about `width` pixels at `size`, cut with `…`. Only a browser knows the exact width.
pub fn fitted(text: &str, width: f64, size: f64) -> String {
    let one_line = text.replace(['\n', '\t'], " ");
    if text_width(&one_line, size) <= width {
        return one_line;
    }
    let mut out = String::new();
    let mut used = size;
    for c in one_line.chars() {
        used += char_width(c, size);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// About how wide a text is, in pixels.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| char_width(c, size)).sum()
}

/// Chinese takes a square, Latin letters of usual fonts a little more than half of it.
fn char_width(c: char, size: f64) -> f64 {
    match c.width() {
        Some(2) => size,
        Some(1) => size * 0.58,
        Some(_) | None => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(escape("<a b='c' d=\"e\">&\u{1b}[0m\0"), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;[0m");
        assert_eq!(escape("pass\u{202e}liaf"), "passliaf");
    }

    #[test]
    fn a_long_title_is_cut_by_its_width() {
        assert_eq!(fitted("HTTP 成功率", 200.0, 13.0), "HTTP 成功率");
        assert_eq!(fitted("成功率成功率成功率", 60.0, 10.0), "成功率成功…");
        assert_eq!(fitted("two\nlines", 200.0, 10.0), "two lines");
    }
}
