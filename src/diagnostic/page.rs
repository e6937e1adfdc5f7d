//! The pages of the codes as they are written: what is said comes by turns in English and in Chinese, and an example stands
//! once for both. Only where an example is itself made of words, such as messages of the program, a block marked
//! `text zh` right behind it takes its place in Chinese.

use crate::text::Lang;

/// What a block of code is marked with that stands for the one before it in Chinese.
const CHINESE: &str = " zh";

/// What `written` says in one language, as Markdown.
pub(super) fn in_language(written: &str, lang: Lang) -> String {
    let all = blocks(written);
    let mut said = 0_usize;
    let mut page = String::new();
    for (at, block) in all.iter().enumerate() {
        let wanted = match block.code {
            Some(mark) if mark.ends_with(CHINESE) => lang == Lang::Zh,
            Some(_) => {
                let replaced = all.get(at + 1).and_then(|next| next.code).is_some_and(|mark| mark.ends_with(CHINESE));
                lang == Lang::En || !replaced
            }
            None => {
                said += 1;
                said % 2 == lang.pick(1, 0)
            }
        };
        if wanted {
            for (row, line) in block.lines.iter().enumerate() {
                page.push_str(if row == 0 { line.strip_suffix(CHINESE).unwrap_or(line) } else { line });
                page.push('\n');
            }
            page.push('\n');
        }
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

/// A title, a paragraph, or a block of code with its fences.
#[derive(Default)]
struct Block<'a> {
    /// What a block of code is marked with.
    code: Option<&'a str>,
    lines: Vec<&'a str>,
}

fn blocks(written: &str) -> Vec<Block<'_>> {
    let mut all = Vec::new();
    let mut now = Block::default();
    for line in written.lines() {
        let fence = line.strip_prefix("```");
        let begins = fence.is_some() || line.starts_with("# ") || line.is_empty();
        if now.code.is_none() && begins && !now.lines.is_empty() {
            all.push(std::mem::take(&mut now));
        }
        let ends = now.code.is_some() && fence.is_some();
        if now.code.is_none() {
            now.code = fence;
        }
        if now.code.is_some() || !line.is_empty() {
            now.lines.push(line);
        }
        if ends {
            all.push(std::mem::take(&mut now));
        }
    }
    if !now.lines.is_empty() {
        all.push(now);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "# a title\n# 标题\n\nOne\nthing.\n\n一件事。\n\n```ruby\nnote \"x\"\n\nwait 1.s\n```\n\n\
                           ```text\nit failed\n```\n\n```text zh\n失败\n```\n\nAnother.\n\n另一件。\n";

    #[test]
    fn what_is_said_is_in_one_language_and_examples_are_in_both() {
        let examples = "```ruby\nnote \"x\"\n\nwait 1.s\n```";
        assert_eq!(
            in_language(WRITTEN, Lang::En),
            format!("# a title\n\nOne\nthing.\n\n{examples}\n\n```text\nit failed\n```\n\nAnother.\n")
        );
        assert_eq!(
            in_language(WRITTEN, Lang::Zh),
            format!("# 标题\n\n一件事。\n\n{examples}\n\n```text\n失败\n```\n\n另一件。\n")
        );
    }
}
