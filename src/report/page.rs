//! In what language and zone a report is, and Markdown that text from outside cannot break.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::text::Lang;
use crate::value::human;

/// In what language and zone a report is.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its language.
    pub lang: Lang,
    /// Zone of its times.
    pub zone: TimeZone,
}

impl Page {
    /// Day and time.
    pub fn moment(&self, time: Timestamp) -> String {
        human::moment(time, &self.zone)
    }

    /// One of two wordings.
    pub fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.lang.pick(en, zh)
    }

    /// What is said of a value that is not there. A blank could be read as "nothing", which is another thing.
    pub fn no_data(&self) -> &'static str {
        self.lang.pick("no data", "无数据")
    }
}

/// Text in a cell of a table: one line, nothing in it is Markdown or HTML.
pub fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push_str("<br>"),
            '\r' => {}
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\t' => out.push(' '),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// Text as code: commands, keys, hashes. In a table too.
pub fn code(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let fence = "`".repeat(longest_run(&one_line, '`') + 1);
    let gap = if one_line.starts_with('`') || one_line.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{}{gap}{fence}", one_line.replace('|', "\\|"))
}

/// Text of several lines as a block of code.
pub fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    format!("{fence}text\n{}\n{fence}\n", clean.trim_end_matches('\n'))
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Rows as a table. Cells are Markdown already.
pub fn table(heading: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(heading);
    out.extend([format!("|{}\n", "---|".repeat(heading.len()))]);
    out.extend(rows.iter().map(|row| line(row)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_in_its_cell() {
        assert_eq!(cell("a|b\n<script>*x*"), r"a\|b<br>&lt;script&gt;\*x\*");
        assert_eq!(code("a `b` | c"), "``a `b` \\| c``");
        assert_eq!(block("```\nx"), "````text\n```\nx\n````\n");
    }

    #[test]
    fn a_table_has_its_line_below_the_heading() {
        let cells = |row: &[&str]| row.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
        assert_eq!(table(&cells(&["a", "b"]), &[cells(&["1", "2"])]), "| a | b |\n|---|---|\n| 1 | 2 |\n");
    }
}
