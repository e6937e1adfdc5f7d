//! Every write of a runbook that offers a rollback says how it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::flow::Whole;
use crate::check::program::{Class, Node, NodeId, NodeKind, UndoHow};
use crate::check::settle;
use crate::diagnostic::{Code, Diagnostic};
use crate::text;

/// Looks at all writes. `beyond`: statements behind a point of no return, which no rollback reaches.
pub(super) fn check(whole: &Whole<'_>, beyond: &BTreeSet<NodeId>) -> Vec<Diagnostic> {
    let nodes = || whole.nodes.iter().flatten();
    let offers = whole.rollback.is_some()
        || nodes().any(|node| matches!(node.kind, NodeKind::Undo { .. } | NodeKind::Rollback { .. }));
    let mut undos = Undos { whole, steps: BTreeSet::new(), callers: BTreeMap::new() };
    for node in nodes() {
        if matches!(node.kind, NodeKind::Undo { .. }) {
            undos.steps.extend(undos.step_around(node).map(|step| step.id));
        }
        for scenario in settle::scenarios_run(node) {
            undos.callers.entry(scenario).or_default().push(node.id);
        }
    }
    let mut said: Vec<Diagnostic> = Vec::new();
    for node in nodes() {
        if let NodeKind::Settles { block } = &node.kind
            && let Some(settled) = whole.node(*block)
            && !undos.within(settled)
        {
            said.push(
                Diagnostic::error(
                    Code::RB0506,
                    node.span,
                    text!("there is no undo that this would settle", "没有可由此取消的 undo"),
                )
                .label(settled.span, text!("no `undo` stands in here", "此处没有 `undo`")),
            );
        }
    }
    for node in nodes().filter(|node| beyond.contains(&node.id)) {
        if let NodeKind::Undo { how: UndoHow::Body(_) | UndoHow::Manual(_), .. } = &node.kind {
            said.push(
                Diagnostic::warning(
                    Code::RB0506,
                    node.span,
                    text!(
                        "this undo never runs: it stands behind the point of no return",
                        "此 undo 永远不会执行：它位于不可回退点之后"
                    ),
                )
                .help(text!(
                    "take it out; after the point of no return a rollback is refused",
                    "请删去；越过不可回退点之后不能回滚"
                )),
            );
        }
    }
    let bare = nodes().filter(|node| offers && is_write(node) && !beyond.contains(&node.id) && !undos.covered(node, 0));
    said.extend(bare.map(|node| {
        Diagnostic::error(
            Code::RB0412,
            node.span,
            text!(
                "this changes something, and nothing says how it is taken back",
                "这里会作出改动，却没有说明如何撤销"
            ),
        )
        .help(text!(
            "put it into a step with its undo: `undo sh: \"…\"`, `undo do … end`, `undo manual: \"…\"`, or \
            `undo none, because: \"…\"`",
            "请把它放入带 undo 的步骤：`undo sh: \"…\"`、`undo do … end`、`undo manual: \"…\"`，或 \
            `undo none, because: \"…\"`"
        ))
    }));
    said
}

/// A write that does not bring its own undo.
fn is_write(node: &Node) -> bool {
    node.class >= Class::Write && matches!(node.kind, NodeKind::Shell(_) | NodeKind::Http(_))
}

/// Scenarios that run scenarios are not nested deeper; where they run in a circle, it was said.
const MAX_DEPTH: usize = 100;

struct Undos<'a> {
    whole: &'a Whole<'a>,
    /// Steps with an undo.
    steps: BTreeSet<NodeId>,
    /// Who runs a scenario.
    callers: BTreeMap<NodeId, Vec<NodeId>>,
}

impl<'a> Undos<'a> {
    fn above(&self, node: &Node) -> Option<&'a Node> {
        node.parent.and_then(|id| self.whole.node(id))
    }

    /// Does an undo stand in this block?
    fn within(&self, block: &Node) -> bool {
        !self.whole.inside(block.id).is_disjoint(&self.steps)
    }

    fn step_around(&self, node: &Node) -> Option<&'a Node> {
        let mut at = self.above(node);
        while let Some(node) = at {
            if matches!(node.kind, NodeKind::Step { .. }) {
                return Some(node);
            }
            at = self.above(node);
        }
        None
    }

    /// A step with an undo stands around it, or around everyone who runs it; or it takes back or ends itself.
    fn covered(&self, node: &Node, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        let mut at = self.above(node);
        while let Some(node) = at {
            match &node.kind {
                NodeKind::Undo { .. } | NodeKind::Ending { .. } => return true,
                // No write may stand there, and that was said.
                NodeKind::Checks { .. } | NodeKind::Poll { .. } => return true,
                NodeKind::Step { .. } if self.steps.contains(&node.id) => return true,
                NodeKind::Scenario { .. } => {
                    let callers = self.callers.get(&node.id).map(Vec::as_slice).unwrap_or_default();
                    let covered = |id: &NodeId| self.whole.node(*id).is_some_and(|node| self.covered(node, depth + 1));
                    return !callers.is_empty() && callers.iter().all(covered);
                }
                _ => {}
            }
            at = self.above(node);
        }
        false
    }
}
