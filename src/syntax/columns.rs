//! What the columns of the lines say about the blocks, where the counts of `do` and `end` disagree.

use super::blocks::net;
use super::grammar::{Body, body_of};
use super::lines::{FOREIGN_ARMS, FOREIGN_OPENERS, Line, Shape};

/// The columns of the lines, and which blocks have their `end` in their own.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// None for a line whose column says nothing: it begins with a stray character, or stands out to the left.
    columns: Vec<Option<usize>>,
    /// Whether the next line that is not deeper is its `end` (arms of an `if` between).
    closed: Vec<bool>,
}

/// A statement that always has a block opens it, also where its `do` was forgotten.
pub(super) fn open_what_always_opens(text: &str, lines: &mut [Line]) {
    for at in 0..lines.len() {
        let next = lines.get(at + 1).map(|next| (next.indent, next.shape));
        let (Some(line), Some((indent, shape))) = (lines.get_mut(at), next) else { return };
        let own_end = shape == Shape::End && indent == line.indent;
        if line.opens == 0
            && line.closes == 0
            && (indent > line.indent || own_end)
            && line.shape == Shape::Statement
            && body_of(word(text, line)) == Body::Always
        {
            line.opens = 1;
            line.do_missing = true;
        }
    }
}

fn word<'s>(text: &'s str, line: &Line) -> &'s str {
    text.get(line.start..line.word_end).unwrap_or_default()
}

impl Columns {
    pub(super) fn of(text: &str, lines: &[Line]) -> Self {
        let columns = trusted(text, lines);
        let closed = closed_in_their_column(text, lines, &columns);
        Self { columns, closed }
    }

    pub(super) fn column(&self, at: usize) -> Option<usize> {
        self.columns.get(at).copied().flatten()
    }

    pub(super) fn closed(&self, at: usize) -> bool {
        self.closed.get(at).copied().unwrap_or(false)
    }

    /// Takes back a `do` that opens nothing, and adds one where a line, otherwise whole, has a body and an `end` in its
    /// column: one wrong line is told as itself, not as the blocks that it upsets.
    pub(super) fn correct(&self, text: &str, lines: &mut [Line]) {
        let mut next = None;
        for (at, line) in lines.iter_mut().enumerate().rev() {
            let own = self.column(at);
            let deeper = next.is_some_and(|next| own.is_some_and(|own| next > own));
            let ends = self.closed(at);
            next = own.or(next);
            if line.shape != Shape::Statement {
                continue;
            }
            let (opens, closes) = net(line);
            let word = word(text, line);
            let ruby = word == "if" || FOREIGN_OPENERS.contains(&word);
            let wanted = line.do_last && line.sound && body_of(word) != Body::Never;
            if opens > 0 && (own.is_none() || !(ends || deeper || ruby || wanted)) {
                line.opens = line.closes;
            } else if opens > 1 && ends {
                line.opens = line.closes + 1;
            } else if opens == 0 && closes == 0 && ends && deeper {
                line.opens = line.closes + 1;
                line.do_missing = true;
            }
        }
    }
}

/// The columns of the lines that can be trusted.
fn trusted(text: &str, lines: &[Line]) -> Vec<Option<usize>> {
    let regular = |line: &Line| line.word_end > line.start && word(text, line) != "do" || line.shape == Shape::End;
    let mut later: Vec<Option<usize>> = vec![None; lines.len()];
    let mut next = None;
    for (slot, line) in later.iter_mut().zip(lines).rev() {
        *slot = next;
        if regular(line) {
            next = Some(line.indent);
        }
    }
    let mut before = None;
    let mut out = Vec::with_capacity(lines.len());
    for (line, next) in lines.iter().zip(later) {
        if !regular(line) {
            out.push(None);
            continue;
        }
        let own = line.indent;
        let left_of_next = next.is_some_and(|next| own < next);
        let stands_out = match line.shape {
            Shape::End => left_of_next,
            Shape::Statement => left_of_next && before.is_some_and(|before| own < before) && net(line).0 == 0,
            Shape::Else | Shape::Elsif => false,
        };
        out.push((!stands_out).then_some(own));
        if !stands_out {
            before = Some(own);
        }
    }
    out
}

/// For each line, whether its `end` stands in its own column: one pass from the end, with a stack.
fn closed_in_their_column(text: &str, lines: &[Line], columns: &[Option<usize>]) -> Vec<bool> {
    let mut closed = vec![false; lines.len()];
    // Candidates for "the next line that is not deeper", their columns rising towards the top.
    let mut later: Vec<(usize, usize)> = Vec::new();
    for (at, column) in columns.iter().enumerate().rev() {
        let Some(own) = *column else { continue };
        while later.last().is_some_and(|(_, column)| *column > own) {
            later.pop();
        }
        let ends = later.last().is_some_and(|(next, column)| {
            *column == own
                && lines.get(*next).is_some_and(|other| match other.shape {
                    Shape::End => true,
                    Shape::Else | Shape::Elsif => closed.get(*next).copied().unwrap_or(false),
                    Shape::Statement => {
                        FOREIGN_ARMS.contains(&word(text, other)) && closed.get(*next).copied().unwrap_or(false)
                    }
                })
        });
        if let Some(slot) = closed.get_mut(at) {
            *slot = ends;
        }
        later.push((at, own));
    }
    closed
}
