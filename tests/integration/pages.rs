//! The examples in the pages of the codes and in `docs/`: what they show is what happens.

use std::fs;
use std::path::Path;

use runbook::check::{NoTemplates, check};
use runbook::diagnostic::Code;
use runbook::syntax;

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
        if let Some(last) = ruby_blocks(code.page()).pop() {
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
        let blocks = ruby_blocks(code.page());
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
        let blocks = ruby_blocks(code.page());
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
