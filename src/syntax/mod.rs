//! Text to tree: a pest grammar (`grammar/runbook.pest`), recovery, the tree. Nothing here knows what a word means.
//!
//! `lines` cuts the text into logical lines, `blocks` pairs `do` and `end`, `statement` has the grammar read each line
//! by the rule of its first word, `tree` puts them together. A line that the grammar refuses goes through `repair`,
//! which keeps what can be kept, and `explain` says why; so all errors of a file come together, and none brings another.

pub mod ast;
mod blocks;
mod characters;
mod columns;
mod damage;
mod explain;
mod expression;
mod grammar;
mod lex;
mod lines;
mod quoted;
mod repair;
mod ruby;
mod statement;
mod strings;
mod tree;
#[cfg(test)]
mod walk;

use crate::diagnostic::{Code, Diagnostic, Severity, Span, Spanned};
use crate::text;

/// A runbook is written by people; 4 MiB is some 80,000 lines. Refused before parsing, so that a wrong file name
/// (an archive, a log) costs nothing.
pub const MAX_SOURCE_BYTES: usize = 4 * 1024 * 1024;

/// The longest statement, its heredoc aside: the grammar needs some thirty times its text in memory.
const MAX_STATEMENT_BYTES: usize = 256 * 1024;

/// A file of 4 MiB may hold two million statements of one letter; each costs 300 bytes. The largest runbook that was
/// thought of has 40,000 lines.
const MAX_STATEMENTS: usize = 200_000;

/// After so many errors the file is of another kind, and nobody reads further.
const MAX_PROBLEMS: usize = 1_000;

/// The words that begin a statement, in alphabetical order.
pub fn words() -> impl Iterator<Item = &'static str> {
    grammar::WORDS.iter().map(|(word, ..)| *word)
}

/// The text of a file's bytes, without a byte order mark: spans count from behind it.
///
/// The error is one diagnostic; its span counts in bytes, from behind the mark as well.
pub fn decode(bytes: &[u8]) -> Result<String, Diagnostic> {
    if bytes.len() > MAX_SOURCE_BYTES {
        let message = text!(
            "the file has {} bytes; a runbook has at most {MAX_SOURCE_BYTES}",
            "文件有 {} 字节；runbook 最大 {MAX_SOURCE_BYTES} 字节",
            bytes.len()
        );
        return Err(Diagnostic::error(Code::RB0004, Span::new(0, 0), message)
            .help(text!("is it the right file?", "文件选对了吗？")));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Diagnostic::error(
            Code::RB0002,
            Span::new(0, 2),
            text!("the file is in UTF-16, not in UTF-8", "文件是 UTF-16 编码，不是 UTF-8"),
        )
        .help(text!("save it as UTF-8", "请另存为 UTF-8")));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Diagnostic::error(
            Code::RB0003,
            Span::new(at, at + 1),
            text!("the file holds a NUL byte: it is no text", "文件中有 NUL 字节：这不是文本文件"),
        )
        .help(text!(
            "is it the right file? If it is, take the byte out, or save the file as UTF-8",
            "文件选对了吗？如果没错，请删去该字节，或另存为 UTF-8"
        )));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(wrong) => {
            let at = wrong.valid_up_to();
            let len = wrong.error_len().unwrap_or(bytes.len() - at);
            let row = bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            let byte = bytes.get(at).copied().unwrap_or_default();
            let message = text!(
                "the file is not UTF-8: line {row} holds the byte 0x{byte:02X}",
                "文件不是 UTF-8：第 {row} 行有字节 0x{byte:02X}"
            );
            Err(Diagnostic::error(Code::RB0002, Span::new(at, at + len), message).help(text!(
                "save it as UTF-8 (it may be GBK or Latin-1)",
                "请另存为 UTF-8（原编码可能是 GBK 或 Latin-1）"
            )))
        }
    }
}

/// Reads a runbook: its tree, and all that is wrong with its text, in order of place.
///
/// The tree holds everything that could be read; where it could not, a diagnostic was given, and the tree says so
/// ([`ast::Stmt::broken`], [`ast::ExprKind::Error`], [`ast::File::unread`]).
pub fn parse(source: &str) -> (ast::File, Vec<Diagnostic>) {
    if source.len() > MAX_SOURCE_BYTES {
        return (ast::File::default(), decode(source.as_bytes()).err().into_iter().collect());
    }
    let lines::Split { mut lines, comments, mut problems } = lines::split(source);
    if lines.is_empty() && problems.is_empty() {
        let problem =
            Diagnostic::error(Code::RB0005, Span::new(0, 0), text!("the file holds no runbook", "文件中没有 runbook"))
                .help(text!(
                    "the smallest one: `runbook KEY, \"title\" do` … `end`",
                    "最小的写法：`runbook KEY, \"title\" do` … `end`"
                ));
        return (ast::File { comments, ..ast::File::default() }, vec![problem]);
    }
    if let Some(line) =
        lines.iter().find(|line| source.get(line.start..).is_some_and(|rest| rest.starts_with("Runbook.")))
    {
        let end = source.get(line.start..).map_or(0, |rest| rest.find([' ', '\n']).unwrap_or(rest.len()));
        let span = Span::new(line.start, line.start + end);
        let problem = Diagnostic::error(
            Code::RB0038,
            span,
            text!(
                "this is a runbook of the Ruby gem; nothing of Ruby runs here",
                "这是 Ruby gem 的 runbook；此处不运行任何 Ruby 代码"
            ),
        )
        .help(text!(
            "`runbook KEY, \"title\" do` … `end` is the form of this language",
            "本语言的写法是 `runbook KEY, \"title\" do` … `end`"
        ));
        return (unread(source, comments), vec![problem]);
    }
    if problems.len() >= MAX_PROBLEMS {
        problems.truncate(MAX_PROBLEMS);
        return (unread(source, comments), problems);
    }
    let (steps, unpaired) = blocks::pair(source, &mut lines);
    problems.extend(unpaired);
    let mut file = tree::build(source, &lines, &steps, &mut problems, MAX_PROBLEMS);
    file.comments = comments;
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        // Where something is broken, a column may be wrong because of it.
        problems.retain(|problem| problem.code != Code::RB0020);
    }
    problems.sort_by_key(|problem| (problem.span(), problem.code));
    problems.truncate(MAX_PROBLEMS);
    (file, problems)
}

/// The tree of a file of another kind: nothing of it was read.
fn unread(source: &str, comments: Vec<Spanned<String>>) -> ast::File {
    let unread = vec![Spanned::new(source.to_owned(), Span::new(0, source.len()))];
    ast::File { comments, unread, ..ast::File::default() }
}
