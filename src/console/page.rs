//! A page of the catalogue of codes, for a terminal: the Markdown that the pages are written in, and no more of it.

use super::style::{Paint, Style};
use super::width::wrap;
use crate::diagnostic::Code;

/// Columns by which code stands apart from the text around it.
const CODE_INDENT: usize = 4;

/// Widest line of running text: longer ones are hard to follow with the eye.
const WIDEST: usize = 100;

/// The page of a code.
pub fn lines(code: Code, style: &Style) -> Vec<String> {
    let (first, second) = style.lang.pick((code.title(), code.title_zh()), (code.title_zh(), code.title()));
    let mut out = vec![
        format!("{}  {}", style.paint(Paint::Ask, code.as_str()), style.paint(Paint::Bold, first)),
        style.paint(Paint::Dim, &format!("{}  {second}", " ".repeat(code.as_str().len()))),
    ];
    let page = code.page(style.lang);
    let body = page.lines().skip_while(|line| line.starts_with("# ") || line.is_empty());
    let mut block = Block::default();
    let mut inside = false;
    for line in body {
        if line.trim_start().starts_with("```") {
            block.end(&mut out, style);
            inside = !inside;
            if inside {
                out.push(String::new());
            }
        } else if inside {
            let code = format!("{}{line}", " ".repeat(CODE_INDENT));
            out.push(style.paint(Paint::Care, code.trim_end()));
        } else if line.trim().is_empty() {
            block.end(&mut out, style);
        } else if let Some(heading) = line.strip_prefix("## ") {
            block.end(&mut out, style);
            out.extend([String::new(), style.paint(Paint::Bold, heading)]);
        } else {
            block.add(line, &mut out, style);
        }
    }
    block.end(&mut out, style);
    out
}

/// A paragraph, or the item of a list, that is being read.
#[derive(Default)]
struct Block {
    text: String,
    /// What stands before its first line.
    sign: &'static str,
    /// The one before was an item, too.
    listed: bool,
}

impl Block {
    fn add(&mut self, line: &str, out: &mut Vec<String>, style: &Style) {
        let item = line.trim_start().strip_prefix("- ");
        if let Some(item) = item {
            self.end(out, style);
            self.sign = "- ";
            item.clone_into(&mut self.text);
            return;
        }
        // Between Chinese signs there is no blank at the end of a line.
        let blank = !self.text.is_empty() && self.text.is_char_boundary(self.text.len()) && latin_end(&self.text);
        if blank {
            self.text.push(' ');
        }
        self.text.push_str(line.trim());
    }

    fn end(&mut self, out: &mut Vec<String>, style: &Style) {
        if self.text.is_empty() {
            self.listed = false;
            return;
        }
        let item = !self.sign.is_empty();
        if !(item && self.listed) {
            out.push(String::new());
        }
        let room = style.width.min(WIDEST).saturating_sub(self.sign.len());
        for (index, line) in wrap(&self.text, room).into_iter().enumerate() {
            let before = if index == 0 { self.sign.to_owned() } else { " ".repeat(self.sign.len()) };
            out.push(format!("{before}{line}"));
        }
        *self = Self { listed: item, ..Self::default() };
    }
}

fn latin_end(text: &str) -> bool {
    text.chars().next_back().is_some_and(|c| !crate::console::width::is_wide(c))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::text::Lang;

    #[test]
    fn every_page_is_drawn_within_the_terminal() {
        for lang in [Lang::En, Lang::Zh] {
            let style = Style::plain(lang, TimeZone::UTC);
            for code in Code::ALL {
                let lines = lines(*code, &style);
                assert!(lines[0].contains(code.as_str()), "{code}");
                assert!(lines[0].contains(lang.pick(code.title(), code.title_zh())), "{code}");
                assert!(!lines.iter().any(|line| line.contains("```") || line.starts_with("# ")), "{code}: {lines:#?}");
            }
        }
    }

    #[test]
    fn paragraphs_are_broken_and_code_is_not() {
        let style = Style { width: 40, ..Style::plain(Lang::En, TimeZone::UTC) };
        let lines = lines(Code::RB0863, &style);
        assert_eq!(lines[2], "");
        assert_eq!(lines[3], "The parameter is required, and neither");
        assert!(
            lines.contains(&"      help: set $METRICS_URL, or give --param metrics_url=VALUE".to_owned()),
            "{lines:#?}"
        );
    }
}
