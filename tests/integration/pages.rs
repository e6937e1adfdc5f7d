//! The examples in the pages of the codes and in `docs/`: what they show is what happens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use runbook::check::{NoTemplates, check};
use runbook::diagnostic::Code;
use runbook::syntax;
use runbook::text::Lang;

/// The blocks of a Markdown text that are marked `ruby`.
pub(crate) fn ruby_blocks(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut block: Option<String> = None;
    for row in text.lines() {
        let fence = row.trim_start();
        match &mut block {
            None if fence == "```ruby" => block = Some(String::new()),
            Some(_) if fence == "```" => out.extend(block.take()),
            Some(block) => {
                block.push_str(row);
                block.push('\n');
            }
            None => {}
        }
    }
    out
}

/// The codes of texts and syntax.
fn syntax_codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| code.as_str() < "RB0100")
}

/// The examples that are right: in the pages of syntax the last of each, in `docs/language.md` all.
pub(crate) fn valid_examples() -> Vec<(String, String)> {
    let mut out = Vec::new();
    for code in syntax_codes() {
        if let Some(last) = ruby_blocks(code.written()).pop() {
            out.push((format!("{code}.md"), last));
        }
    }
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    if let Ok(text) = fs::read_to_string(reference) {
        for (at, block) in ruby_blocks(&text).into_iter().enumerate() {
            out.push((format!("language.md:{}", at + 1), block));
        }
    }
    out
}

/// The codes that the check raises of a text.
fn check_codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| ("RB0100".."RB0700").contains(&code.as_str()))
}

/// An example as a whole file: most of them show a few lines.
fn whole(example: &str) -> String {
    if example.starts_with("runbook ") {
        return example.to_owned();
    }
    format!("runbook example, \"Example\" do\n{example}end\n")
}

#[test]
fn the_examples_of_the_check_show_their_code_and_the_way_out() {
    let mut wrong = Vec::new();
    for code in check_codes() {
        let blocks = ruby_blocks(code.written());
        let [first, last] = blocks.as_slice() else { panic!("{code}.md shows a mistake and the way out") };
        let found = |example: &str| {
            let checked = check(&whole(example), &NoTemplates);
            let mut found: Vec<Code> =
                checked.diagnostics.iter().chain(&checked.strict).map(|problem| problem.code).collect();
            // Examples about other things need no keys, and show no use of what they declare.
            let other = [Code::RB0112, Code::RB0502, Code::RB0508];
            found.retain(|found| *found == code || !other.contains(found));
            found.dedup();
            found
        };
        let (of_first, of_last) = (found(first), found(last));
        if of_first != [code] {
            wrong.push(format!("the first example of {code}.md gives {of_first:?}:\n{first}"));
        }
        if !of_last.is_empty() {
            wrong.push(format!("the last example of {code}.md gives {of_last:?}:\n{last}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_a_page_show_its_code_and_the_way_out() {
    for code in syntax_codes() {
        let blocks = ruby_blocks(code.written());
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { continue };
        if blocks.len() > 1 {
            let mut found: Vec<Code> = syntax::parse(first).1.iter().map(|problem| problem.code).collect();
            found.dedup();
            assert_eq!(found, [code], "the first example of {code}.md:\n{first}");
        }
        let found = syntax::parse(last).1;
        assert!(found.is_empty(), "the last example of {code}.md: {found:?}\n{last}");
    }
}

/// The paragraphs of a page, each on one line, and its blocks of code.
fn parts(page: &str) -> (Vec<String>, Vec<String>) {
    let (mut paragraphs, mut examples) = (Vec::new(), Vec::new());
    for (at, part) in page.split("```").enumerate() {
        if at % 2 == 1 {
            examples.push(part.to_owned());
        } else {
            let said = part.split("\n\n").map(|one| one.trim().replace('\n', " ")).filter(|one| !one.is_empty());
            paragraphs.extend(said);
        }
    }
    (paragraphs, examples)
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn each_page_says_in_chinese_what_it_says_in_english() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let (english, examples) = parts(&code.page(Lang::En));
        let (chinese, same) = parts(&code.page(Lang::Zh));
        if english.len() != chinese.len() || english.len() < 2 {
            wrong.push(format!("{code}: {} paragraphs in English, {} in Chinese", english.len(), chinese.len()));
        }
        let other: Vec<&String> =
            examples.iter().zip(&same).filter(|(one, two)| one != two).map(|(_, two)| two).collect();
        if examples.len() != same.len() || !other.iter().all(|other| other.starts_with("text\n")) {
            wrong.push(format!("{code}: other examples in Chinese: {other:?}"));
        }
        if other.iter().any(|other| !other.contains(is_chinese)) {
            wrong.push(format!("{code}: a block of Chinese that has none: {other:?}"));
        }
        for (one, two) in english.iter().zip(&chinese) {
            // What stands between backticks is code, and in either language the same.
            let spans = |said: &str| said.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
            let words = |said: &str| said.split('`').step_by(2).collect::<Vec<_>>().join("`");
            let title = one.starts_with("# ");
            if words(one).contains(is_chinese) || !two.contains(is_chinese) {
                wrong.push(format!("{code}: by turns in English and Chinese: {one}\n  {two}"));
            }
            let missing: Vec<String> = spans(one).difference(&spans(two)).cloned().collect();
            if !title && !missing.is_empty() {
                wrong.push(format!("{code}: not in the Chinese: {missing:?}"));
            }
            let narrow = |(a, b): (char, char)| {
                let mark = |c: char| ",;:!?()".contains(c);
                (is_chinese(a) && mark(b)) || (mark(a) && is_chinese(b))
            };
            if !title && words(two).chars().zip(words(two).chars().skip(1)).any(narrow) {
                wrong.push(format!("{code}: narrow punctuation in {two}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
