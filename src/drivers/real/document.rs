//! One change inside a Markdown document: pure. Everything outside the changed place stays byte for byte as it was.

use crate::text;
use crate::text::Text;
use regex::RegexBuilder;

/// Most headings that a message lists.
const MAX_LISTED: usize = 5;

/// What is to change. At least one of `under` and `replace` is there.
pub(super) struct Edit<'a> {
    /// Heading whose section is meant, with or without its `#`s; none: the whole document.
    pub(super) under: Option<&'a str>,
    /// Pattern of what is replaced; none: the text is added at the end of the section.
    pub(super) replace: Option<(&'a str, bool)>,
    /// The new text.
    pub(super) text: &'a str,
    /// Text whose presence in the section means that it was done before.
    pub(super) once: Option<&'a str>,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    level: usize,
    text: String,
    /// 1-based.
    line: usize,
    /// Where it begins, and where what is below it begins.
    from: usize,
    below: usize,
}

/// The document after the change; none: it was done before. An error says in one sentence why it cannot be done.
pub(super) fn edit(document: &str, edit: &Edit<'_>) -> Result<Option<String>, Text> {
    let (from, to) = match edit.under {
        Some(wanted) => section(document, wanted)?,
        None => (0, document.len()),
    };
    let (before, rest) = document.split_at(from);
    let (section, after) = rest.split_at(to - from);
    if edit.once.is_some_and(|once| section.contains(once)) {
        return Ok(None);
    }
    let ending = if document.contains("\r\n") { "\r\n" } else { "\n" };
    let text = edit.text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").replace('\n', ending);
    let changed = match edit.replace {
        Some((pattern, ignore_case)) => replaced(section, pattern, ignore_case, &text)?,
        None => added(before, section, after.is_empty(), &text, ending),
    };
    Ok((changed != section).then(|| [before, &changed, after].concat()))
}

/// Begin and end of what is below a heading, up to the next one that is not deeper.
fn section(document: &str, wanted: &str) -> Result<(usize, usize), Text> {
    let headings = headings(document);
    let level = wanted.chars().take_while(|letter| *letter == '#').count();
    let text = wanted.trim_start_matches('#').trim();
    let same = |heading: &&Heading| heading.text == text && (level == 0 || heading.level == level);
    let mut found = headings.iter().filter(same);
    let (Some(heading), None) = (found.next(), found.next()) else {
        return Err(not_once(&headings, wanted, text));
    };
    let next = headings.iter().find(|other| other.from >= heading.below && other.level <= heading.level);
    Ok((heading.below, next.map_or(document.len(), |next| next.from)))
}

fn not_once(headings: &[Heading], wanted: &str, text: &str) -> Text {
    let shown = |heading: &Heading| {
        let (level, line) = ("#".repeat(heading.level), heading.line);
        text!("“{} {}” on line {}", "第 {2} 行的“{0} {1}”", level, heading.text, line)
    };
    let list = |some: Vec<&Heading>| {
        let shown: Vec<Text> = some.into_iter().take(MAX_LISTED).map(shown).collect();
        Text::join(&shown, &text!(", ", "、"))
    };
    let same: Vec<_> = headings.iter().filter(|heading| heading.text == text).collect();
    if same.len() > 1 {
        let (times, list) = (same.len(), list(same));
        return text!("the heading “{}” is there {} times: {}", "标题“{}”出现了 {} 次：{}", wanted, times, list);
    }
    let short = text.to_lowercase();
    let near = |heading: &&Heading| {
        let other = heading.text.to_lowercase();
        other.contains(&short) || short.contains(&other)
    };
    let near: Vec<_> = headings.iter().filter(near).collect();
    let hint = if near.is_empty() {
        Text::default()
    } else {
        let list = list(near);
        text!("; there is {}", "；文中有{}", list)
    };
    text!("the heading “{}” is not there{}", "没有标题“{}”{}", wanted, hint)
}

fn replaced(section: &str, pattern: &str, ignore_case: bool, text: &str) -> Result<String, Text> {
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .build()
        .map_err(|error| text!("the pattern cannot be used: {error}", "该模式无法使用：{error}"))?;
    let mut found = regex.find_iter(section);
    let Some(first) = found.next() else {
        return Err(text!("nothing matches /{pattern}/ there", "该处没有内容匹配 /{pattern}/"));
    };
    let more = found.count();
    if more > 0 {
        let times = more + 1;
        return Err(text!(
            "/{pattern}/ matches {times} times there, and may be replaced only once",
            "/{pattern}/ 在该处匹配了 {times} 次，而只能替换一次"
        ));
    }
    let (before, after) = (section.get(..first.start()), section.get(first.end()..));
    // `.*` takes the `\r` of a line's end with it.
    let cut_end = if first.as_str().ends_with('\r') { "\r" } else { "" };
    Ok([before.unwrap_or_default(), text, cut_end, after.unwrap_or_default()].concat())
}

/// The section with `text` at its end: before the empty lines and rules that set it apart from the next one.
fn added(before: &str, section: &str, is_last: bool, text: &str, ending: &str) -> String {
    let lines: Vec<&str> = section.split_inclusive('\n').collect();
    let mut kept = section.len();
    for (number, line) in lines.iter().enumerate().rev() {
        let above = number.checked_sub(1).and_then(|above| lines.get(above)).map_or("", |above| above.trim());
        if !(line.trim().is_empty() || is_rule(line.trim(), above)) {
            break;
        }
        kept -= line.len();
    }
    let (content, apart) = section.split_at(kept);
    let last = if content.is_empty() { before } else { content };
    let end_line = if last.is_empty() || last.ends_with('\n') { "" } else { ending };
    let apart = if apart.is_empty() && !is_last { ending } else { apart };
    // Between a section and its next heading or rule stands one empty line at least; at the end of the file none.
    let apart = if is_last && apart.trim().is_empty() { "" } else { apart };
    let gap = if apart.is_empty() || apart.starts_with(['\n', '\r']) { "" } else { ending };
    [content, end_line, ending, text, ending, gap, apart].concat()
}

/// A line across the page; under a line of text, `---` makes that a heading instead.
fn is_rule(line: &str, above: &str) -> bool {
    let marks = line.replace(' ', "");
    let of = |mark: char| marks.len() >= 3 && marks.chars().all(|letter| letter == mark);
    of('*') || of('_') || of('-') && above.is_empty()
}

/// All headings, of both kinds. What only looks like one, in code, comments or front matter, is none.
fn headings(document: &str) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut inside = Inside::Text;
    let mut at = 0;
    // The line before, where it can be the text of an underlined heading.
    let mut above: Option<(usize, &str)> = None;
    for (number, whole) in document.split_inclusive('\n').enumerate() {
        let (from, below) = (at, at + whole.len());
        at = below;
        let line = whole.trim_end_matches(['\n', '\r']);
        let line = if number == 0 { line.trim_start_matches('\u{feff}') } else { line };
        let was_text = inside == Inside::Text;
        inside = inside.after(number, line);
        if !was_text || inside != Inside::Text {
            above = None;
            continue;
        }
        let bare = line.trim_start_matches(' ');
        if line.len() - bare.len() > 3 || bare.starts_with('\t') {
            continue;
        }
        let marks = bare.chars().take_while(|letter| *letter == '#').count();
        let rest = bare.get(marks..).unwrap_or_default();
        if (1..=6).contains(&marks) && (rest.is_empty() || rest.starts_with([' ', '\t'])) {
            let text = closed(rest.trim()).to_owned();
            found.push(Heading { level: marks, text, line: number + 1, from, below });
            above = None;
            continue;
        }
        let underline = match bare.trim_end() {
            "" => None,
            marks if marks.bytes().all(|byte| byte == b'=') => Some(1),
            marks if marks.bytes().all(|byte| byte == b'-') => Some(2),
            _ => None,
        };
        if let (Some(level), Some((from, text))) = (underline, above) {
            found.push(Heading { level, text: text.trim().to_owned(), line: number, from, below });
            above = None;
            continue;
        }
        let starts_other_block = bare.starts_with(['>', '|', '-', '*', '+', '<']);
        above = (!bare.is_empty() && !starts_other_block).then_some((from, bare));
    }
    found
}

/// Without the closing `#`s that a heading may have.
fn closed(text: &str) -> &str {
    let open = text.trim_end_matches('#');
    if open.is_empty() || open.ends_with([' ', '\t']) { open.trim_end() } else { text }
}

/// In what a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Text,
    /// A fenced code block: its mark and how many of it.
    Fence(char, usize),
    /// `<!-- … -->`
    Comment,
    /// `---` on the first line, to the next one.
    FrontMatter,
}

impl Inside {
    /// In what the line after this one stands; the line itself is text if both are.
    fn after(self, number: usize, line: &str) -> Inside {
        let bare = line.trim_start_matches(' ');
        let fence = |mark: char| bare.chars().take_while(|letter| *letter == mark).count();
        match self {
            Inside::Text => {
                if number == 0 && line.trim_end() == "---" {
                    return Inside::FrontMatter;
                }
                if let Some(open) = bare.rfind("<!--")
                    && !bare.get(open..).unwrap_or_default().contains("-->")
                {
                    return Inside::Comment;
                }
                if line.len() - bare.len() <= 3 {
                    for mark in ['`', '~'] {
                        let marks = fence(mark);
                        let info = bare.get(marks..).unwrap_or_default();
                        if marks >= 3 && !(mark == '`' && info.contains('`')) {
                            return Inside::Fence(mark, marks);
                        }
                    }
                }
                Inside::Text
            }
            Inside::Fence(mark, marks) => {
                let closes = fence(mark) >= marks && bare.trim_end().chars().all(|letter| letter == mark);
                if closes { Inside::Text } else { self }
            }
            Inside::Comment => {
                if line.contains("-->") {
                    Inside::Text
                } else {
                    self
                }
            }
            Inside::FrontMatter => {
                if matches!(line.trim_end(), "---" | "...") {
                    Inside::Text
                } else {
                    self
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
