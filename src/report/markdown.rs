//! The report for people, as Markdown.

use super::document::{Block, Document, Section, Text};
use super::model::Beside;
use super::page::{Page, block, cell, code, table};
use super::sections::document;
use crate::engine::view::RunView;

/// All of it.
pub fn markdown(run: &RunView, beside: &Beside, page: &Page) -> String {
    let Document { title, warning, facts, sections } = document(run, beside, page);
    let mut out = format!("# {}\n\n", text(&title));
    out.extend(warning.map(|warning| format!("> {warning}\n\n")));
    out.push_str(&blocks(&[facts]));
    for Section { heading, blocks, .. } in sections {
        out.extend([format!("\n## {}\n\n{}", text(&heading), self::blocks(&blocks))]);
    }
    out
}

/// Parts of a section, a blank line between two.
pub(super) fn blocks(blocks: &[Block]) -> String {
    blocks.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(part: &Block) -> String {
    let line = |line: &Text| format!("- {}\n", text(line));
    match part {
        Block::Table { head, rows } => {
            let cells = |row: &Vec<Text>| row.iter().map(text).collect::<Vec<_>>();
            table(&cells(head), &rows.iter().map(cells).collect::<Vec<_>>())
        }
        Block::Says(says) => format!("{}\n", text(says)),
        Block::List(lines) => lines.iter().map(line).collect::<Vec<_>>().concat(),
        Block::Numbered(lines) => {
            let one = |(number, (head, below)): (u32, &(Text, Vec<Text>))| {
                let below: Vec<String> = below.iter().map(|below| format!("   {}", line(below))).collect();
                format!("{number}. {}\n{}", text(head), below.concat())
            };
            (1..).zip(lines).map(one).collect::<Vec<_>>().concat()
        }
        Block::Commands { heading, all } => {
            let one = |(key, what): &(String, String)| format!("\n{}\n\n{}", code(key), block(what));
            let all = all.iter().map(one).collect::<Vec<_>>().concat();
            format!("### {heading}\n{all}")
        }
    }
}

fn text(part: &Text) -> String {
    match part {
        Text::Outside(text) => cell(text),
        Text::Ours(text) => text.clone(),
        Text::Code(text) => code(text),
        Text::Spaced(parts) => parts.iter().map(self::text).collect::<Vec<_>>().join(" "),
        Text::Indented(depth, inner) => format!("{}{}", "&emsp;".repeat(*depth as usize), text(inner)),
    }
}

#[cfg(test)]
mod tests;
