//! Keys: the stable names of statements.
//!
//! A full static key is the chain of the keyed blocks around a statement and its own: `observe/baseline/at.4/confirm.1`.
//! - A statement with a key, `key:` or a name of its own (`ask`, `decide`, `sample … as:`) uses it.
//! - A loop is keyed by the name of its item, `at 4, 7` by its first sample (`at.4`), `on breach` by its event
//!   (`on.breach`); `rollback` and `finally` at the top by their word.
//! - Any other keyless statement is its word and its ordinal among the keyless statements of that word in the same keyed
//!   block: `confirm.1`.
//! - A `parallel` is a keyed block, also where its key is only its ordinal: `parallel.1/eu/sh.1`.
//! - `if`, `try`, `repair`, `poll` and `probe` are no part of the chain, whether keyed or not: putting a statement into an
//!   `if` does not change its key.
//! - A scenario's keys begin with its own.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

/// The keyed blocks around the place where the check stands.
#[derive(Debug)]
pub(super) struct Keys {
    /// The chain, each block followed by `/`.
    prefix: String,
    frames: Vec<Frame>,
}

#[derive(Debug, Default)]
struct Frame {
    /// Length of the chain without this block.
    outer: usize,
    /// Keys in this block and where they stand.
    seen: BTreeMap<String, Span>,
    /// Keyless statements so far, by word.
    ordinals: BTreeMap<&'static str, u32>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { prefix: String::new(), frames: vec![Frame::default()] }
    }
}

impl Keys {
    /// The full key of a statement with a key; an error where its block has it already.
    pub(super) fn keyed(&mut self, key: &str, span: Span) -> (String, Option<Diagnostic>) {
        let full = format!("{}{key}", self.prefix);
        let Some(frame) = self.frames.last_mut() else { return (full, None) };
        let twice = frame.seen.get(key).map(|first| {
            Diagnostic::error(
                Code::RB0501,
                span,
                text!("the key `{key}` stands twice in its block", "键 `{key}` 在其语句块中重复出现"),
            )
            .label(*first, text!("first here", "首次出现于此"))
            .help(text!(
                "keys name answers, records and undos: give one of them another key",
                "键是答复、记录和 undo 的名称：请为其中一个另取一个键"
            ))
        });
        frame.seen.entry(key.to_owned()).or_insert(span);
        (full, twice)
    }

    /// The full key of a keyless statement.
    pub(super) fn keyless(&mut self, word: &'static str) -> String {
        let ordinal = self.frames.last_mut().map_or(1, |frame| {
            let ordinal = frame.ordinals.entry(word).or_insert(0);
            *ordinal += 1;
            *ordinal
        });
        format!("{}{word}.{ordinal}", self.prefix)
    }

    /// Goes into a block of this full key.
    pub(super) fn enter(&mut self, full: &str) {
        let outer = self.prefix.len();
        self.prefix.clear();
        self.prefix.push_str(full);
        self.prefix.push('/');
        self.frames.push(Frame { outer, ..Frame::default() });
    }

    /// Leaves the block that was entered last.
    pub(super) fn leave(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.prefix.truncate(frame.outer);
        }
    }
}
