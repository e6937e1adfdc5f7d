//! The corpus: files of the language with their expected diagnostics drawn under the lines.
//!
//! ```text
//!   sh "kubectl apply" timeout: 1.min
//! #                    ^^^^^^^^ RB0016 a comma is missing between `"kubectl apply"` and `timeout:`
//! # help: write the comma; arguments and options are separated by commas
//! ```
//!
//! The carets stand under the place, column by column as a terminal shows them (a Chinese character has two); where a
//! place goes over several rows, they end with the first. At column 0 the `#` itself is the first caret. `----` marks
//! a related place, `warning:` before the message a warning. Marks are taken out before the text is read. A mark
//! without `# help:` does not look at the help. `UPDATE_CORPUS=1 cargo test corpus` draws all marks anew, for review.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use runbook::diagnostic::{Code, Diagnostic, Severity, Span};
use runbook::text::Text;
use unicode_width::UnicodeWidthStr;

/// Codes that no text of a runbook can have, and the test that shows each.
const NO_CASE: &[(&str, &str)] = &[
    ("RB0002", "syntax::bytes_that_are_no_text_are_told"),
    ("RB0004", "syntax::a_file_that_is_too_large_is_told"),
    ("RB0026", "syntax::a_statement_that_is_too_long_is_told"),
    ("RB0112", "pages::the_examples_of_the_check_show_their_code_and_the_way_out"),
    ("RB0502", "pages::the_examples_of_the_check_show_their_code_and_the_way_out"),
];

/// Blocks of codes that are raised of the text of a runbook, and so have a case for each.
const OF_TEXTS: &[&str] = &["RB00", "RB01", "RB02", "RB03", "RB04", "RB05", "RB06"];

/// Every template that a case names is there, and empty.
struct EveryTemplate;

impl runbook::check::Templates for EveryTemplate {
    fn text(&self, _: &str) -> Option<String> {
        Some(String::new())
    }
}

/// What the tool says of a text of this area.
fn diagnostics(area: &str, source: &str) -> Vec<Diagnostic> {
    match area {
        // Syntax alone, so that its cases can be short.
        "syntax" => runbook::syntax::parse(source).1,
        _ => runbook::check::check(source, &EveryTemplate).diagnostics,
    }
}

/// A file of the corpus.
pub(crate) struct Case {
    /// Its path, from the corpus' folder.
    pub(crate) name: String,
    path: PathBuf,
    text: String,
}

impl Case {
    fn area(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The text without its marks.
    pub(crate) fn source(&self) -> String {
        self.text.split_inclusive('\n').filter(|row| !is_mark(row)).collect()
    }

    /// Whether nothing is wrong with it.
    pub(crate) fn is_clean(&self) -> bool {
        !self.text.lines().any(|row| is_mark(row) && !row.contains(" warning: "))
    }
}

fn is_mark(row: &str) -> bool {
    let Some(rest) = row.strip_prefix('#') else { return false };
    if rest.starts_with(" help: ") || rest.starts_with(" here: ") {
        return true;
    }
    let rest = rest.trim_start_matches(' ').trim_start_matches(['^', '-']);
    let rest = rest.trim_start_matches(' ').as_bytes();
    rest.len() >= 6 && rest.starts_with(b"RB") && rest[2..6].iter().all(u8::is_ascii_digit)
}

/// All cases, in order of their names.
pub(crate) fn cases() -> Vec<Case> {
    fn walk(folder: &Path, root: &Path, out: &mut Vec<Case>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, out);
            } else if path.extension().is_some_and(|ext| ext == "rb") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).unwrap();
                out.push(Case { name, path, text });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// The rows of a text, each with the byte that it starts at.
fn rows(text: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut out = Vec::new();
    for row in text.split_inclusive('\n') {
        out.push((start, row.trim_end_matches(['\n', '\r'])));
        start += row.len();
    }
    if out.is_empty() || text.ends_with('\n') {
        out.push((start, ""));
    }
    out
}

/// The row of a place, and a row of signs under it.
fn underline(rows: &[(usize, &str)], span: Span, sign: char) -> (usize, String) {
    let (start, end) = (span.start as usize, span.end as usize);
    let at = rows.partition_point(|(from, _)| *from <= start).saturating_sub(1);
    let (from, row) = rows[at];
    let first = (start - from).min(row.len());
    let last = (end - from).clamp(first, row.len());
    let column = row[..first].width();
    let width = row[first..last].width().max(1);
    assert!(column != 1, "column 1 cannot be drawn: put the line elsewhere\n{row}");
    let signs = sign.to_string();
    let drawn = match column {
        0 => format!("#{}", signs.repeat(width - 1)),
        _ => format!("#{}{}", " ".repeat(column - 1), signs.repeat(width)),
    };
    (at, drawn)
}

/// The source with all marks drawn.
fn drawn(source: &str, found: &[Diagnostic]) -> String {
    let rows = rows(source);
    let mut marks: BTreeMap<usize, Vec<(Span, String)>> = BTreeMap::new();
    for problem in found {
        let (at, line) = underline(&rows, problem.span(), '^');
        let warning = if problem.severity == Severity::Warning { "warning: " } else { "" };
        let mut text = format!("{line} {} {warning}{}\n", problem.code, problem.message.en);
        if let Some(here) = problem.labels.first().map(|label| &label.text.en).filter(|text| !text.is_empty()) {
            let _ = writeln!(text, "# here: {here}");
        }
        if let Some(help) = &problem.help {
            let _ = writeln!(text, "# help: {}", help.en);
        }
        marks.entry(at).or_default().push((problem.span(), text));
        for label in problem.labels.iter().skip(1) {
            let (at, line) = underline(&rows, label.span, '-');
            let text = format!("{line} {} {}", problem.code, label.text.en);
            marks.entry(at).or_default().push((label.span, format!("{}\n", text.trim_end())));
        }
    }
    let mut out = String::new();
    for (at, row) in source.split_inclusive('\n').enumerate() {
        out.push_str(row);
        if let Some(marks) = marks.remove(&at) {
            if !row.ends_with('\n') {
                out.push('\n');
            }
            // Those of one line in order of place.
            let mut marks = marks;
            marks.sort_by_key(|(span, _)| *span);
            marks.dedup();
            out.extend(marks.into_iter().map(|(_, text)| text));
        }
    }
    out.extend(marks.into_values().flatten().map(|(_, text)| text));
    out
}

/// Leaves out what the author of a case left out: its helps and related places are looked at only where it has some.
fn comparable(text: &str, expected: &str) -> String {
    let optional = |row: &str| {
        row.starts_with("# help: ")
            || row.starts_with("# here: ")
            || is_mark(row) && row.trim_start_matches(['#', ' ']).starts_with('-')
    };
    if expected.lines().any(optional) {
        return text.to_owned();
    }
    text.split_inclusive('\n').filter(|row| !optional(row)).collect()
}

/// Whether there is nothing to translate in a text: a form of the language, a name, a number. Words between backticks are
/// code; elsewhere a text is code where it begins as a statement or an option does, and none of the small words of English
/// prose stands in it.
fn is_code(text: &str) -> bool {
    const PROSE: &[&str] = &[
        "a", "an", "and", "are", "as", "at", "be", "by", "is", "it", "its", "no", "none", "not", "of", "or", "that",
        "the", "this", "to", "with", "write",
    ];
    let outside: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    if !outside.contains(|c: char| c.is_ascii_alphabetic()) {
        return true;
    }
    let word_end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (first, rest) = text.split_at(word_end);
    let begins = runbook::syntax::words().any(|word| word == first)
        || rest.starts_with([':', '(', '['])
        || text.starts_with(['{', '/', '['])
        || (!text.contains(' ') && text.contains(['{', '(']))
        || outside.trim() == "null";
    let prose = outside.split(' ').any(|word| PROSE.contains(&word));
    begins && !prose
}

/// Whether a text has a wording of its own in Chinese, where it needs one.
pub(crate) fn has_chinese(text: &Text) -> bool {
    let han = text.zh.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if text.zh == text.en { is_code(&text.en) } else { han }
}

/// Whoever reads Chinese reads every sentence of every case in Chinese.
#[test]
fn every_text_has_a_chinese_wording() {
    let mut missing = std::collections::BTreeSet::new();
    for case in cases() {
        for diagnostic in diagnostics(case.area(), &case.source()) {
            let labels = diagnostic.labels.iter().map(|label| &label.text);
            let texts = std::iter::once(&diagnostic.message).chain(labels).chain(diagnostic.help.as_deref());
            for text in texts.filter(|text| !text.is_empty()) {
                if !has_chinese(text) {
                    missing.insert(format!("{}: {} | {}", diagnostic.code.as_str(), text.en, text.zh));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_case_gives_the_diagnostics_drawn_in_it() {
    let update = std::env::var_os("UPDATE_CORPUS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let source = case.source();
        let found = diagnostics(case.area(), &source);
        let now = drawn(&source, &found);
        if update && now != case.text {
            fs::write(&case.path, &now).unwrap();
        } else if comparable(&now, &case.text) != case.text {
            wrong.push(format!("── {}\n{}", case.name, difference(&case.text, &now)));
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE_CORPUS=1 draws what is found now, for review", wrong.join("\n"));
}

/// The rows that differ: `-` expected, `+` found.
fn difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let mut out = String::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                if !is_mark(a) && old.get(i + 1) != new.get(j + 1) {
                    let _ = writeln!(out, "  {a}");
                }
                i += 1;
                j += 1;
            }
            (Some(a), _) if is_mark(a) => {
                let _ = writeln!(out, "- {a}");
                i += 1;
            }
            (_, Some(b)) => {
                let _ = writeln!(out, "+ {b}");
                j += 1;
            }
            (Some(a), None) => {
                let _ = writeln!(out, "- {a}");
                i += 1;
            }
            (None, None) => {}
        }
    }
    out
}

#[test]
fn every_code_has_a_page_with_its_titles_and_an_example() {
    for code in Code::ALL {
        let mut rows = code.written().lines();
        assert_eq!(rows.next(), Some(format!("# {}", code.title()).as_str()), "{code}: first line of its page");
        assert_eq!(rows.next(), Some(format!("# {}", code.title_zh()).as_str()), "{code}: second line of its page");
        if OF_TEXTS.iter().any(|block| code.as_str().starts_with(block)) {
            assert!(code.written().contains("```"), "{code}: its page shows no example");
            assert!(code.written().len() > 200, "{code}: its page explains nothing");
        }
    }
}

#[test]
fn every_code_has_a_case() {
    let texts: String = cases().into_iter().map(|case| case.text).collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| OF_TEXTS.iter().any(|block| code.starts_with(block)))
        .filter(|code| {
            let drawn = texts.lines().any(|row| is_mark(row) && row.contains(&format!(" {code} ")));
            let excused = NO_CASE.iter().any(|(name, _)| name == code);
            assert!(!(drawn && excused), "{code} has a case: take it out of NO_CASE");
            !drawn && !excused
        })
        .collect();
    assert!(missing.is_empty(), "no case in tests/corpus for {}", missing.join(" "));
}
