//! Nothing that one key can do to a runbook, at any place of it, makes the reader panic or hang.
//!
//! A hundred thousand damaged texts of fourteen thousand bytes each: too many to read each from its first byte. But a
//! line is split and read by itself, so what stands before and behind the damage is what it was; the walk splits only
//! the lines around it, reads only lines that it has not yet seen, and pairs the blocks of all of them. That the short
//! way gives the lines of the long one is held by the first test.

use std::collections::HashSet;
use std::ops::Range;

use super::lines::{Line, Splitter, split};
use super::{blocks, decode, statement};
use crate::diagnostic::Span;

const RUNBOOK: &str = include_str!("../../runbooks/phase5.rb");

/// Put in at every place. A byte that is not UTF-8 is put in as well, and never gets as far as the lines.
const SIGNS: [&str; 7] = ["\0", "\n", ",", "'", "#", "{", ")"];

/// One edit of the runbook: `len` bytes at `at` replaced by `new`, or everything behind `at` cut off.
#[derive(Clone, Copy)]
struct Edit {
    at: usize,
    len: usize,
    new: &'static str,
}

impl Edit {
    fn text(self) -> String {
        format!("{}{}{}", &RUNBOOK[..self.at], self.new, &RUNBOOK[self.at + self.len..])
    }

    fn cut(at: usize) -> Self {
        Self { at, len: RUNBOOK.len() - at, new: "" }
    }

    /// All edits at one place.
    fn all(at: usize) -> impl Iterator<Item = Self> {
        let next = RUNBOOK[at..].chars().next().map_or(0, char::len_utf8);
        let put = SIGNS.iter().map(move |sign| Self { at, len: 0, new: sign });
        [Self::cut(at), Self { at, len: next, new: "" }].into_iter().chain(put)
    }
}

/// The lines of the runbook, undamaged, and those that were read already.
struct Walk {
    lines: Vec<Line>,
    read: HashSet<(String, bool, bool)>,
}

impl Walk {
    fn new() -> Self {
        Self { lines: split(RUNBOOK).lines, read: HashSet::new() }
    }

    /// The lines of the edited text; only those around the edit (the range) are split anew.
    fn lines(&self, text: &str, edit: Edit) -> (Vec<Line>, Range<usize>) {
        // A line is split by looking into the next row at most: the one before the damaged one may change as well.
        let first = self.lines.partition_point(|line| line.start <= edit.at).saturating_sub(3);
        let mut lines = self.lines[..first].to_vec();
        let behind = edit.at + edit.len;
        let start = if first == 0 { 0 } else { self.lines[first].start };
        let mut splitter = Splitter::new(text, start);
        loop {
            let more = splitter.line();
            lines.append(&mut splitter.out.lines);
            if !more {
                let fresh = first..lines.len();
                return (lines, fresh);
            }
            let last = lines.pop().unwrap();
            let was = (last.start + edit.len).wrapping_sub(edit.new.len());
            let same = self.lines.binary_search_by_key(&was, |line| line.start).ok();
            let Some(same) = same.filter(|_| was > behind && RUNBOOK[behind..was].contains('\n')) else {
                lines.push(last);
                continue;
            };
            let fresh = first..lines.len();
            let moved = |at: usize| at + edit.new.len() - edit.len;
            lines.extend(self.lines[same..].iter().map(|line| Line {
                start: moved(line.start),
                end: moved(line.end),
                head_end: moved(line.head_end),
                word_end: moved(line.word_end),
                ..line.clone()
            }));
            return (lines, fresh);
        }
    }

    /// Everything that `parse` does with the edited text.
    fn walk(&mut self, edit: Edit) {
        let text = edit.text();
        let (mut lines, fresh) = self.lines(&text, edit);
        let (steps, problems) = blocks::pair(&text, &mut lines);
        assert_eq!(steps.len(), lines.len());
        for problem in &problems {
            let Span { start, end } = problem.span();
            assert!(text.get(start as usize..end as usize).is_some());
        }
        for (at, line) in lines.iter().enumerate() {
            // Lines that are not fresh are read as they always were, unless the pairing changed them.
            if !(fresh.contains(&at) || line.do_missing) {
                continue;
            }
            let key = (text[line.start..line.end].to_owned(), line.sound, line.do_missing);
            if !self.read.contains(&key) {
                let read = statement::read(&text, line);
                assert!(read.stmt.span.end as usize <= text.len());
                self.read.insert(key);
            }
        }
    }
}

fn places() -> impl Iterator<Item = usize> {
    (0..RUNBOOK.len()).filter(|at| RUNBOOK.is_char_boundary(*at))
}

#[test]
fn the_short_way_gives_the_lines_of_the_long_one() {
    let walk = Walk::new();
    for at in places().step_by(211) {
        for edit in Edit::all(at) {
            let text = edit.text();
            assert!(walk.lines(&text, edit).0 == split(&text).lines, "{:?} at byte {at}", edit.new);
        }
    }
}

#[test]
fn every_edit_at_every_place_is_read() {
    let places: Vec<usize> = places().collect();
    let (left, right) = places.split_at(places.len() / 2);
    let walk = |places: &[usize]| {
        let mut walk = Walk::new();
        for at in places {
            Edit::all(*at).for_each(|edit| walk.walk(edit));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| walk(left));
        walk(right);
    });
}

#[test]
fn every_byte_may_be_lost_or_be_no_text() {
    let bytes = RUNBOOK.as_bytes();
    for at in 0..bytes.len() {
        let cut = decode(&bytes[..at]);
        assert_eq!(cut.is_ok(), RUNBOOK.is_char_boundary(at), "cut at byte {at}");
        let (before, after) = bytes.split_at(at);
        let put = decode(&[before, &[0x80], after].concat());
        assert!(put.is_err(), "0x80 put in at byte {at}");
        // A byte less: of a character of several bytes, no text is left.
        let less = decode(&[before, &after[1..]].concat());
        assert_eq!(less.is_ok(), after[0].is_ascii(), "byte {at} taken out");
    }
}
