//! The order in which a run would be taken back.

use std::collections::BTreeSet;

use serde::Serialize;

use super::asked::words;
use super::rows::trigger;
use crate::check::program::{Half, Node, NodeId, NodeKind, Otherwise, Program, UndoHow};
use crate::engine::action::Words;
use crate::engine::preview::Preview;
use crate::text;
use crate::text::Text;

/// One undo.
#[derive(Clone, Debug, Serialize)]
pub struct Undoing {
    /// Key of the step that it takes back.
    pub step: String,
    /// Title of that step.
    pub title: Words,
    /// `run`, `by hand` or `nothing`.
    pub how: &'static str,
    /// Its commands in full, what a person does, or why nothing needs to be done.
    pub what: Vec<Text>,
    /// On which ways it is armed at all: `if …`, `option terminate`, `on breach(any)`.
    pub when: Vec<String>,
    /// What happens to it when its step failed half-way: `run`, `skip`, `ask`.
    pub half: &'static str,
}

/// All undos, newest first, as if every way were gone once.
pub(super) fn of(preview: &Preview<'_>) -> Vec<Undoing> {
    let mut walk = Walk { preview, undos: Vec::new(), when: Vec::new(), step: None, seen: BTreeSet::new() };
    walk.body(&preview.program().main);
    walk.undos.reverse();
    walk.undos
}

/// Keys of the points of no return.
pub(super) fn no_return(program: &Program) -> Vec<String> {
    let points = program.nodes.iter().filter(|node| matches!(node.kind, NodeKind::NoReturn { .. }));
    points.map(|node| node.key.clone()).collect()
}

struct Walk<'a> {
    preview: &'a Preview<'a>,
    undos: Vec<Undoing>,
    when: Vec<String>,
    step: Option<&'a Node>,
    /// Scenarios that were gone through.
    seen: BTreeSet<NodeId>,
}

impl Walk<'_> {
    fn body(&mut self, body: &[NodeId]) {
        for id in body {
            self.node(*id);
        }
    }

    /// A body that is gone through only sometimes.
    fn way(&mut self, when: String, body: &[NodeId]) {
        self.when.push(when);
        self.body(body);
        self.when.pop();
    }

    fn node(&mut self, id: NodeId) {
        let program = self.preview.program();
        let node = program.node(id);
        let conditional = node.cond.as_ref().map(|cond| format!("if {}", self.preview.written(cond)));
        let ways = self.when.len();
        self.when.extend(conditional);
        match &node.kind {
            NodeKind::Step { body, .. } => {
                let outer = self.step.replace(node);
                self.body(body);
                self.step = outer;
            }
            NodeKind::Section { body, .. }
            | NodeKind::Checks { body }
            | NodeKind::Parallel { branches: body }
            | NodeKind::Branch { body }
            | NodeKind::Scenario { body, .. } => self.body(body),
            NodeKind::Undo { how, half } => self.undo(node, how, *half),
            NodeKind::Update(update) => {
                let file = self.preview.text(&update.file);
                let what = vec![text!("restore {file} as it was before", "恢复 {file} 原来的内容")];
                self.push(node, "run", what, "run");
            }
            NodeKind::If { arms, otherwise } => {
                for (cond, body) in arms {
                    self.way(format!("if {}", self.preview.written(cond)), body);
                }
                self.way("else".to_owned(), otherwise);
            }
            NodeKind::Each(each) => {
                let item = &program.var(each.item).name;
                self.way(format!("each {item}"), &each.body);
            }
            NodeKind::Try { body, repair, .. } => {
                self.body(body);
                self.way("repair".to_owned(), repair);
            }
            NodeKind::Decide { options, .. } => {
                for option in options {
                    self.way(format!("option {}", option.key), &option.body);
                }
            }
            NodeKind::Run { scenario, .. } => self.scenario(*scenario),
            NodeKind::Sample(sample) => {
                self.body(&sample.handlers);
                self.body(sample.steps());
            }
            NodeKind::At { samples, body } => {
                let samples: Vec<String> = samples.iter().map(ToString::to_string).collect();
                self.way(format!("at {}", samples.join(", ")), body);
            }
            NodeKind::On { event, body, .. } => self.way(format!("on {}", trigger(program, event)), body),
            NodeKind::Shell(_)
            | NodeKind::Http(_)
            | NodeKind::Query(_)
            | NodeKind::Copy { .. }
            | NodeKind::Wait { .. }
            | NodeKind::Poll { .. }
            | NodeKind::Notify { .. }
            | NodeKind::Report { .. }
            | NodeKind::Note { .. }
            | NodeKind::Ask { .. }
            | NodeKind::Confirm { .. }
            | NodeKind::Manual { .. }
            | NodeKind::Checklist { .. }
            | NodeKind::Item { .. }
            | NodeKind::Add { .. }
            | NodeKind::Signoff { .. }
            | NodeKind::Assert { .. }
            | NodeKind::Settles { .. }
            | NodeKind::Extend { .. }
            | NodeKind::Stop { .. }
            | NodeKind::Rollback { .. }
            | NodeKind::Suspend { .. }
            | NodeKind::Abort { .. }
            | NodeKind::Finish { .. }
            | NodeKind::NoReturn { .. }
            | NodeKind::Ending { .. } => {}
        }
        // What a "no" leads to.
        if let Some(Otherwise::Run(scenario)) = node.kind.people().map(|people| people.otherwise) {
            self.scenario(scenario);
        }
        self.when.truncate(ways);
    }

    fn scenario(&mut self, scenario: NodeId) {
        if self.seen.insert(scenario) {
            let key = &self.preview.program().node(scenario).key;
            self.way(format!("run {key}"), &[scenario]);
        }
    }

    fn undo(&mut self, node: &Node, how: &UndoHow, half: Half) {
        let half = match half {
            Half::Run => "run",
            Half::Skip => "skip",
            Half::Ask => "ask",
        };
        let (how, what) = match how {
            UndoHow::None(why) => ("nothing", vec![self.preview.words(why).told()]),
            UndoHow::Manual(title) => ("by hand", vec![self.preview.words(title).told()]),
            UndoHow::Body(body) => ("run", commands(self.preview, body)),
        };
        self.push(node, how, what, half);
    }

    fn push(&mut self, node: &Node, how: &'static str, what: Vec<Text>, half: &'static str) {
        let step = self.step.unwrap_or(node);
        let title = words(self.preview, step.title.as_ref());
        let when = self.when.clone();
        self.undos.push(Undoing { step: step.key.clone(), title, how, what, when, half });
    }
}

/// What the statements of an undo do, each in full; those of branches with whose they are.
fn commands(preview: &Preview<'_>, body: &[NodeId]) -> Vec<Text> {
    let mut all = Vec::new();
    for id in body {
        let node = preview.program().node(*id);
        if let NodeKind::Parallel { branches } = &node.kind {
            all.extend(commands(preview, branches));
        } else if let NodeKind::Branch { body } = &node.kind {
            let own = node.key.rsplit('/').next().unwrap_or_default();
            all.extend(commands(preview, body).into_iter().map(|line| line.map(|line| format!("[{own}] {line}"))));
        } else {
            let titled = || words(preview, node.title.as_ref()).text;
            let bare = || Text::verbatim(format!("{} {}", node.word, titled()).trim_end());
            all.push(preview.effect(node).unwrap_or_else(bare));
        }
    }
    all
}
