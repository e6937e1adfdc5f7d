//! How undos read: each with its full command, resolved as far as its names are known.

use super::action::Words;
use super::eval::Env;
use super::state::Undo;
use super::step::describe::stdin;
use super::step::resolve::Resolved;
use crate::check::program::{NodeId, NodeKind, UndoHow};
use crate::text;
use crate::text::Text;

impl Env<'_> {
    /// One line for each undo that is armed, newest first, with its full command.
    pub(crate) fn undo_lines(&self) -> Vec<Words> {
        self.state.undos.iter().rev().map(|undo| self.undo_line(undo)).collect()
    }

    pub(crate) fn undo_line(&self, undo: &Undo) -> Words {
        if let Some((path, _)) = &undo.restores {
            return line(undo, &format!("restore 恢复 {path}"), &text!("restore {path}", "恢复 {path}"));
        }
        if let Some(path) = &undo.by_hand {
            let mixed = format!("by hand 人工: restore 恢复 {path}");
            return line(undo, &mixed, &text!("by hand: restore {path}", "人工：恢复 {path}"));
        }
        let NodeKind::Undo { how, .. } = &self.program.node(undo.node).kind else {
            return Words::own(undo.step.clone(), None);
        };
        let env = Env { scope: undo.scope, ..*self };
        let (mixed, told) = match how {
            UndoHow::None(why) => {
                let why = env.words_lossy(why);
                (format!("nothing 无需操作: {}", why.text), text!("nothing: {}", "无需操作：{}", why))
            }
            UndoHow::Manual(title) => {
                let title = env.words_lossy(title);
                (format!("by hand 人工: {}", title.text), text!("by hand: {}", "人工：{}", title))
            }
            UndoHow::Body(body) => {
                let lines = env.body_lines(body);
                let lines: (Vec<&str>, Vec<Text>) = lines.iter().map(|line| (line.text.as_str(), line.told())).unzip();
                (lines.0.join("; "), Text::join(&lines.1, &Text::verbatim("; ")))
            }
        };
        line(undo, &mixed, &told)
    }

    /// The commands of a body, resolved as far as they are known.
    pub(crate) fn body_lines(&self, body: &[NodeId]) -> Vec<Words> {
        let mut lines = Vec::new();
        for id in body {
            let node = self.program.node(*id);
            if let NodeKind::Parallel { branches } = &node.kind {
                lines.extend(branches.iter().flat_map(|branch| self.branch_lines(*branch)));
                continue;
            }
            match self.resolve(node) {
                Ok(resolved) => lines.push(with_stdin(resolved)),
                Err(_) => lines.push(match &node.title {
                    Some(title) => self.words_lossy(title),
                    None => Words::own(node.word, None),
                }),
            }
        }
        lines
    }

    /// The commands of a branch, each with whose it is.
    fn branch_lines(&self, branch: NodeId) -> Vec<Words> {
        let node = self.program.node(branch);
        let NodeKind::Branch { body } = &node.kind else { return Vec::new() };
        let own = node.key.rsplit('/').next().unwrap_or_default();
        let beside = |words: String| format!("[{own}] {words}");
        let lines = self.body_lines(body).into_iter();
        lines
            .map(|Words { text, en, zh }| Words { text: beside(text), en: en.map(beside), zh: zh.map(beside) })
            .collect()
    }
}

/// The command, and for people the script that it is given: `ssh web-1 bash -s` alone does not say what will happen.
fn with_stdin(resolved: Resolved) -> Words {
    let what = resolved.what;
    let Some(stdin) = stdin(&resolved.effect) else { return what };
    let what = what.text;
    let stdin = stdin.replace('\n', " ⏎ ");
    let Text { en, zh } = text!("{}, stdin: {}", "{}，标准输入：{}", what, stdin);
    Words { text: what, en: Some(en), zh: Some(zh) }
}

/// `mixed` has both languages at once, as it has stood in the digests of questions since the first journals: those of runs
/// that wait must stay what they are.
fn line(undo: &Undo, mixed: &str, told: &Text) -> Words {
    let step = &undo.step;
    let Text { en, zh } = text!("{}: {}", "{}：{}", step, told);
    Words { text: format!("{step}: {mixed}"), en: Some(en), zh: Some(zh) }
}
