//! Which `end` closes which block.
//!
//! Where the counts agree, they decide, as in Ruby, and an `end` that stands under another statement than the one it
//! closes is a warning. Where they do not, something is missing or too much, and the indentation says what: a block
//! whose own column never sees its `end` is the one that has none.

use std::cell::OnceCell;

use super::columns::{self, Columns};
use super::lines::{FOREIGN_ARMS, FOREIGN_OPENERS, Line, Shape};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;
use crate::text::Text;

/// What a line does to the tree, after `closes_before` blocks that have no `end` of their own were closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) closes_before: usize,
    pub(super) act: Act,
}

/// The act itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A statement; it opens this many blocks, or (after its own) closes some.
    Statement { opens: usize, closes: usize },
    /// A further arm of the `if` on top.
    Arm,
    /// Closes this many blocks.
    Close(usize),
    /// Belongs to nothing; a diagnostic says so.
    Skip,
}

/// Blocks in blocks: people write five; what walks the tree bears this many.
pub(super) const MAX_BLOCK_DEPTH: usize = 40;

/// Pairs the blocks of `lines`: one step for each, and what is wrong. Marks the lines whose `do` is missing.
pub(super) fn pair(text: &str, lines: &mut [Line]) -> (Vec<Step>, Vec<Diagnostic>) {
    columns::open_what_always_opens(text, lines);
    let mut columns = Columns::default();
    if !balanced(lines) {
        columns = Columns::of(text, lines);
        columns.correct(text, lines);
    }
    let lines: &[Line] = lines;
    let mut pairing = Pairing { text, lines, open: Vec::new(), problems: Vec::new(), columns, rows: OnceCell::new() };
    let by_count = balanced(lines);
    let steps = (0..lines.len()).map(|at| if by_count { pairing.counted(at) } else { pairing.indented(at) }).collect();
    pairing.left_open();
    (steps, pairing.problems)
}

struct Pairing<'s> {
    text: &'s str,
    lines: &'s [Line],
    /// The lines whose blocks are open.
    open: Vec<usize>,
    problems: Vec<Diagnostic>,
    columns: Columns,
    /// The row of each line, counted from 1, once a message needs one.
    rows: OnceCell<Vec<usize>>,
}

/// How many blocks a line opens and closes beyond those that it closes itself.
pub(super) fn net(line: &Line) -> (usize, usize) {
    (line.opens.saturating_sub(line.closes), line.closes.saturating_sub(line.opens))
}

/// Whether every `end` has its block and every block its `end`, by count alone.
fn balanced(lines: &[Line]) -> bool {
    let mut depth = 0_usize;
    for line in lines {
        let (opens, closes) = net(line);
        let Some(left) = depth.checked_sub(closes) else { return false };
        depth = left + opens;
    }
    depth == 0
}

impl Pairing<'_> {
    fn line(&self, at: usize) -> Option<&Line> {
        self.lines.get(at)
    }

    fn indent(&self, at: usize) -> usize {
        self.line(at).map_or(0, |line| line.indent)
    }

    fn head(&self, at: usize) -> Span {
        self.line(at).map_or_else(Span::default, |line| {
            let text = self.text.get(line.start..line.head_end).unwrap_or_default();
            let first_row = text.split('\n').next().unwrap_or_default().trim_end();
            Span::new(line.start, line.start + first_row.len().max(1).min(text.len()))
        })
    }

    /// `step deploy`: the word of a line and the name after it.
    fn name(&self, at: usize) -> String {
        let Some(line) = self.line(at) else { return String::new() };
        let text = self.text.get(line.start..line.head_end).unwrap_or_default();
        let word_len = line.word_end - line.start;
        let word = text.get(..word_len).unwrap_or_default();
        let rest = text.get(word_len..).unwrap_or_default().trim_start();
        let name: &str = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let labelled = rest.get(name.len()..).is_some_and(|more| more.starts_with(':'));
        if name.is_empty() || name == "do" || labelled { format!("`{word}`") } else { format!("`{word} {name}`") }
    }

    fn row(&self, at: usize) -> usize {
        let rows = self.rows.get_or_init(|| {
            let (mut row, mut seen) = (1, 0);
            let count = |line: &Line| {
                row += self.text.get(seen..line.start).unwrap_or_default().matches('\n').count();
                seen = line.start;
                row
            };
            self.lines.iter().map(count).collect()
        });
        rows.get(at).copied().unwrap_or(1)
    }

    fn push(&mut self, at: usize, count: usize) {
        for _ in 0..count {
            self.open.push(at);
            if self.open.len() == MAX_BLOCK_DEPTH + 1 {
                self.problems.push(
                    Diagnostic::error(
                        Code::RB0025,
                        self.head(at),
                        text!(
                            "blocks stand more than {MAX_BLOCK_DEPTH} deep here",
                            "此处语句块嵌套超过 {MAX_BLOCK_DEPTH} 层"
                        ),
                    )
                    .help(text!(
                        "make a `scenario` of the inner ones, and `run` it",
                        "请把内层写成 `scenario`，再用 `run` 执行"
                    )),
                );
            }
        }
    }

    fn extra(&mut self, at: usize) {
        let span = self.line(at).map_or_else(Span::default, |line| Span::new(line.start, line.word_end));
        self.problems.push(
            Diagnostic::error(Code::RB0019, span, text!("this `end` closes nothing", "此 `end` 没有闭合任何语句块"))
                .help(text!("take it out, or write the `do` that it was meant for", "请删去，或补上它所对应的 `do`")),
        );
    }

    fn missing(&mut self, block: usize, before: usize) {
        let message =
            text!("{} of line {} has no `end`", "第 {1} 行的 {0} 没有 `end`", self.name(block), self.row(block));
        self.problems.push(
            Diagnostic::error(Code::RB0018, self.head(block), message)
                .label(self.head(before), text!("its `end` belongs before this line", "它的 `end` 应在此行之前"))
                .help(text!(
                    "write `end` in column {}, under its word",
                    "请在第 {} 列写 `end`，与其语句词对齐",
                    self.indent(block) + 1
                )),
        );
    }

    fn is_if(&self, at: usize) -> bool {
        self.line(at).is_some_and(|line| self.text.get(line.start..line.word_end).unwrap_or_default() == "if")
    }

    /// Inside a block of Ruby's, its own arms say nothing new: the block was refused as a whole.
    fn foreign_arm(&self, at: usize) -> bool {
        let word =
            |at: usize| self.line(at).map_or("", |line| self.text.get(line.start..line.word_end).unwrap_or_default());
        (FOREIGN_ARMS.contains(&word(at)) || matches!(word(at), "else" | "elsif"))
            && self.open.last().is_some_and(|top| FOREIGN_OPENERS.contains(&word(*top)))
    }

    fn lone_arm(&mut self, at: usize) -> Step {
        let Some(line) = self.line(at) else { return Step { closes_before: 0, act: Act::Skip } };
        let word = self.text.get(line.start..line.word_end).unwrap_or_default().to_owned();
        let span = Span::new(line.start, line.word_end);
        self.problems.push(
            Diagnostic::error(
                Code::RB0023,
                span,
                text!("this `{word}` belongs to no `if`", "此 `{word}` 没有对应的 `if`"),
            )
            .help(Text::verbatim("`if COND` … `elsif COND` … `else` … `end`")),
        );
        Step { closes_before: 0, act: Act::Skip }
    }

    /// By count: the file is balanced.
    fn counted(&mut self, at: usize) -> Step {
        let Some(line) = self.line(at) else { return Step { closes_before: 0, act: Act::Skip } };
        if self.foreign_arm(at) {
            return Step { closes_before: 0, act: Act::Skip };
        }
        let (opens, closes) = net(line);
        match line.shape {
            Shape::Else | Shape::Elsif => {
                return match self.open.last().copied() {
                    Some(top) if self.is_if(top) => Step { closes_before: 0, act: Act::Arm },
                    _ => self.lone_arm(at),
                };
            }
            Shape::End => {
                let own = line.indent;
                let span = Span::new(line.start, line.word_end);
                if let Some(top) = self.open.last().copied()
                    && self.indent(top) != own
                {
                    let message = text!(
                        "this `end` closes {} of line {}, but does not stand under it",
                        "此 `end` 闭合第 {1} 行的 {0}，但没有与它对齐",
                        self.name(top),
                        self.row(top)
                    );
                    self.problems.push(
                        Diagnostic::warning(Code::RB0020, span, message)
                            .label(self.head(top), text!("closed by it", "由它闭合"))
                            .help(text!(
                                "`runbook fmt` puts every line where it belongs; look whether an `end` is missing or \
                                too much",
                                "`runbook fmt` 会把每一行放到应在的位置；请检查是否少了或多了一个 `end`"
                            )),
                    );
                }
                self.open.truncate(self.open.len().saturating_sub(closes));
                self.push(at, opens);
                return Step { closes_before: 0, act: Act::Close(closes) };
            }
            Shape::Statement => {}
        }
        self.open.truncate(self.open.len().saturating_sub(closes));
        self.push(at, opens);
        Step { closes_before: 0, act: Act::Statement { opens, closes } }
    }

    /// By indentation: the counts do not agree.
    fn indented(&mut self, at: usize) -> Step {
        let Some(line) = self.line(at) else { return Step { closes_before: 0, act: Act::Skip } };
        let (opens, closes) = net(line);
        let (shape, sound) = (line.shape, line.sound);
        let arm = matches!(shape, Shape::Else | Shape::Elsif);
        let Some(own) = self.columns.column(at) else {
            // Its column says nothing, and so its `do` and `end` say nothing.
            let act = if shape == Shape::End {
                if sound {
                    self.extra(at);
                    Act::Skip
                } else {
                    Act::Statement { opens: 0, closes: 0 }
                }
            } else if arm {
                self.lone_arm(at).act
            } else {
                Act::Statement { opens: 0, closes: 0 }
            };
            return Step { closes_before: 0, act };
        };
        let mut closes_before = 0;
        while let Some(top) = self.open.last().copied() {
            let own_arm = (arm && self.is_if(top) || self.foreign_arm(at)) && self.indent(top) == own;
            if self.columns.closed(top) || self.indent(top) < own || own_arm {
                break;
            }
            self.missing(top, at);
            self.open.pop();
            closes_before += 1;
        }
        let act = if self.foreign_arm(at) {
            Act::Skip
        } else if arm {
            match self.open.last().copied() {
                Some(top) if self.is_if(top) => Act::Arm,
                _ => self.lone_arm(at).act,
            }
        } else if shape == Shape::End {
            match self.open.last().copied() {
                Some(top) if self.indent(top) == own || !self.columns.closed(top) => {
                    let closes = closes.min(self.open.len());
                    self.open.truncate(self.open.len() - closes);
                    Act::Close(closes)
                }
                _ if sound => {
                    self.extra(at);
                    Act::Skip
                }
                // It has its diagnostic.
                _ => Act::Statement { opens: 0, closes: 0 },
            }
        } else {
            // An `end` behind a statement closes a block that has none of its own; another was told with its line.
            let lacking = self.open.last().is_some_and(|top| !self.columns.closed(*top));
            let closes = if lacking { closes.min(self.open.len()) } else { 0 };
            self.open.truncate(self.open.len() - closes);
            self.push(at, opens);
            Act::Statement { opens, closes }
        };
        Step { closes_before, act }
    }

    fn left_open(&mut self) {
        let Some(inner) = self.open.pop() else { return };
        let mut names = text!("{} of line {}", "第 {1} 行的 {0}", self.name(inner), self.row(inner));
        let outer: Vec<usize> = self.open.drain(..).rev().collect();
        for at in outer.iter().take(4) {
            names = text!("{}, {} of line {}", "{}、第 {2} 行的 {1}", names, self.name(*at), self.row(*at));
        }
        let count = outer.len() + 1;
        let message = if count == 1 {
            text!("the file ends, and {} has no `end`", "文件结束时，{} 没有 `end`", names)
        } else {
            text!(
                "the file ends inside {} blocks: {}{}",
                "文件在 {} 层语句块中结束：{}{}",
                count,
                names,
                if count > 5 { ", …" } else { "" }
            )
        };
        let mut problem = Diagnostic::error(Code::RB0018, self.head(inner), message).help(if count == 1 {
            text!("write its `end`", "请补上 `end`")
        } else {
            text!("{count} `end` are missing", "缺少 {count} 个 `end`")
        });
        for at in outer.into_iter().take(4) {
            problem = problem.label(self.head(at), text!("open as well", "同样未闭合"));
        }
        self.problems.push(problem);
    }
}
