//! How undos read: each with its full command, resolved as far as its names are known.

use super::eval::Env;
use super::state::Undo;
use crate::check::program::{NodeId, NodeKind, UndoHow};

impl Env<'_> {
    /// One line for each undo that is armed, newest first, with its full command.
    pub(crate) fn undo_lines(&self) -> Vec<String> {
        self.state.undos.iter().rev().map(|undo| self.undo_line(undo)).collect()
    }

    pub(crate) fn undo_line(&self, undo: &Undo) -> String {
        if let Some((path, _)) = &undo.restores {
            return format!("{}: restore 恢复 {path}", undo.step);
        }
        if let Some(path) = &undo.by_hand {
            return format!("{}: by hand 人工: restore 恢复 {path}", undo.step);
        }
        let NodeKind::Undo { how, .. } = &self.program.node(undo.node).kind else {
            return undo.step.clone();
        };
        let env = Env { scope: undo.scope, ..*self };
        let what = match how {
            UndoHow::None(why) => format!("nothing 无需操作: {}", env.words_lossy(why).text),
            UndoHow::Manual(title) => format!("by hand 人工: {}", env.words_lossy(title).text),
            UndoHow::Body(body) => env.body_lines(body).join("; "),
        };
        format!("{}: {what}", undo.step)
    }

    /// The commands of a body, resolved as far as they are known.
    pub(crate) fn body_lines(&self, body: &[NodeId]) -> Vec<String> {
        let mut lines = Vec::new();
        for id in body {
            let node = self.program.node(*id);
            match self.resolve(node) {
                Ok(resolved) => lines.push(resolved.what),
                Err(_) => lines.push(match &node.title {
                    Some(title) => self.words_lossy(title).text,
                    None => node.word.to_owned(),
                }),
            }
        }
        lines
    }
}
