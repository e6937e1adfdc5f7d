//! What the branches of a `parallel`, and the passes of an `each` that run at once, may not do to each other: no branch
//! reads what another one binds, for how far that one is is not known; no observation runs twice at once; and none takes
//! the way back from the others. What a pass binds is its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::flow::{self, Whole};
use crate::check::program::{Expr, ExprKind, Node, NodeId, NodeKind, VarId};
use crate::check::settle::{self, Series};
use crate::check::visit;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

/// Looks at all of them.
pub(super) fn check(whole: &Whole<'_>) -> Vec<Diagnostic> {
    let series = settle::series(whole.nodes);
    let blocks = flow::blocks(whole);
    let mut said = Vec::new();
    for node in whole.nodes.iter().flatten() {
        match &node.kind {
            NodeKind::Parallel { branches } => {
                let mut rules = Rules { whole, series: &series, branches: Vec::new(), said: &mut said };
                rules.branches = branches.iter().map(|branch| Branch::of(whole, *branch)).collect();
                rules.reads(&bound_beside(whole, &blocks, branches));
                rules.observations();
                rules.ways_back();
            }
            NodeKind::Each(each) if each.runs_at_once() => {
                passes(whole, &Branch::of(whole, node.id), &mut said);
            }
            _ => {}
        }
    }
    said
}

/// For each branch the names that its siblings bind.
pub(super) fn bound_beside(
    whole: &Whole<'_>,
    blocks: &BTreeMap<NodeId, VarId>,
    branches: &[NodeId],
) -> Vec<BTreeSet<VarId>> {
    // The names that the statements of a branch bind, and those of its blocks.
    let names = |id: &NodeId| whole.node(*id).and_then(|node| node.bind).into_iter().chain(blocks.get(id).copied());
    let bound: Vec<BTreeSet<VarId>> =
        branches.iter().map(|branch| whole.inside(*branch).iter().flat_map(names).collect()).collect();
    let beside = |own: usize| {
        let others = bound.iter().enumerate().filter(|(other, _)| *other != own);
        others.flat_map(|(_, names)| names.iter().copied()).collect()
    };
    (0..bound.len()).map(beside).collect()
}

/// A branch with all that it may run.
struct Branch {
    own: BTreeSet<NodeId>,
    /// Each statement with the place in the branch that leads to it: its own, or that of a `run`.
    reached: BTreeMap<NodeId, Span>,
}

impl Branch {
    fn of(whole: &Whole<'_>, branch: NodeId) -> Self {
        let own = whole.inside(branch);
        let mut reached = BTreeMap::new();
        let mut open: Vec<(NodeId, Span)> = own.iter().filter_map(|id| Some((*id, whole.node(*id)?.span))).collect();
        while let Some((id, place)) = open.pop() {
            let Some(node) = whole.node(id) else { continue };
            if reached.contains_key(&id) {
                continue;
            }
            reached.insert(id, place);
            for scenario in settle::scenarios_run(node) {
                open.extend(whole.inside(scenario).into_iter().map(|id| (id, place)));
            }
        }
        Self { own, reached }
    }
}

struct Rules<'a> {
    whole: &'a Whole<'a>,
    series: &'a Series,
    branches: Vec<Branch>,
    said: &'a mut Vec<Diagnostic>,
}

impl Rules<'_> {
    /// No branch reads what another one binds, nor asks whether it is assigned.
    fn reads(&mut self, beside: &[BTreeSet<VarId>]) {
        for (branch, beside) in self.branches.iter().zip(beside) {
            let mut told = BTreeSet::new();
            for (id, place) in &branch.reached {
                let Some(node) = self.whole.node(*id) else { continue };
                let mut read: Vec<(VarId, Span)> = Vec::new();
                visit::all_exprs(node, &mut |expr| names_in(expr, self.series, &mut |var, at| read.push((var, at))));
                read.extend(settle::series_read(node, self.series).map(|var| (var, node.span)));
                for (var, at) in read {
                    let Some(name) = self.whole.vars.get(var.0 as usize).filter(|_| beside.contains(&var)) else {
                        continue;
                    };
                    if told.insert(var) {
                        self.said.push(read_beside(&name.name, name.span, at, *place, branch.own.contains(id)));
                    }
                }
            }
        }
    }

    /// An observation is one: it cannot be taken twice at once.
    fn observations(&mut self) {
        let mut first: BTreeMap<NodeId, Span> = BTreeMap::new();
        for branch in &self.branches {
            let samples = branch.reached.iter().filter_map(|(id, place)| Some((self.whole.node(*id)?, *place)));
            for (sample, place) in samples.filter(|(node, _)| matches!(node.kind, NodeKind::Sample(_))) {
                match first.get(&sample.id) {
                    None => drop(first.insert(sample.id, place)),
                    Some(other) => self.said.push(
                        Diagnostic::error(
                            Code::RB0509,
                            place,
                            text!("an observation cannot be taken twice at once", "同一观察不能同时进行两次"),
                        )
                        .label(*other, text!("another branch takes it here", "另一分支在此处进行该观察"))
                        .label(sample.span, text!("the observation", "该观察"))
                        .help(text!(
                            "write the observation into each branch: each has its own grid, samples and rules",
                            "请在各分支中分别写出观察：各有自己的时间网格、样本和规则"
                        )),
                    ),
                }
            }
        }
    }

    /// What all of them may still need is not taken away by one.
    fn ways_back(&mut self) {
        for (own, branch) in self.branches.iter().enumerate() {
            for (id, place) in &branch.reached {
                let Some(node) = self.whole.node(*id) else { continue };
                match &node.kind {
                    NodeKind::NoReturn { .. } => {
                        self.said.push(no_return(node, *place));
                    }
                    NodeKind::Settles { block } => {
                        let mut others = self.branches.iter().enumerate().filter(|(other, _)| *other != own);
                        if others.any(|(_, other)| other.own.contains(block)) {
                            self.said.push(
                                Diagnostic::error(
                                    Code::RB0509,
                                    *place,
                                    text!(
                                        "this drops an undo that another branch may not have armed yet",
                                        "此处取消的 undo，另一分支可能尚未使其生效"
                                    ),
                                )
                                .help(text!("put it behind the `parallel`", "请放到 `parallel` 之后")),
                            );
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What the passes of a loop would do to each other, since each of them does it.
fn passes(whole: &Whole<'_>, pass: &Branch, said: &mut Vec<Diagnostic>) {
    for (id, place) in &pass.reached {
        let Some(node) = whole.node(*id) else { continue };
        let (message, help) = match &node.kind {
            NodeKind::Sample(_) => (
                text!("an observation cannot be taken by several passes at once", "同一观察不能由多轮同时进行"),
                text!(
                    "an observation is one: take it around or behind the loop, or let the passes run one after the other",
                    "观察只有一个：请放到循环之外或之后，或让各轮依次执行"
                ),
            ),
            NodeKind::NoReturn { .. } => (
                text!(
                    "a point of no return cannot stand in a pass that runs beside others",
                    "不可回退点不能放在同时执行的循环中"
                ),
                text!(
                    "the other passes may still need their way back: put it behind the loop",
                    "其他各轮可能仍需要回退：请放到循环之后"
                ),
            ),
            NodeKind::Settles { block } if pass.own.contains(block) => (
                text!("this drops the undos that other passes have armed, too", "此处也会取消其他各轮已生效的 undo"),
                text!("put it behind the loop", "请放到循环之后"),
            ),
            _ => continue,
        };
        said.push(at_place(Diagnostic::error(Code::RB0509, *place, message), node, *place).help(help));
    }
}

/// With the statement itself, where the place is only what leads to it.
fn at_place(diagnostic: Diagnostic, node: &Node, place: Span) -> Diagnostic {
    if place == node.span { diagnostic } else { diagnostic.label(node.span, text!("it stands here", "它在此处")) }
}

fn no_return(node: &Node, place: Span) -> Diagnostic {
    let message = text!("a point of no return cannot stand in a branch", "不可回退点不能放在分支中");
    at_place(Diagnostic::error(Code::RB0509, place, message), node, place).help(text!(
        "the other branches may still need their way back: put it behind the `parallel`",
        "其他分支可能仍需要回退：请放到 `parallel` 之后"
    ))
}

fn read_beside(name: &str, bound: Span, at: Span, place: Span, own: bool) -> Diagnostic {
    let message =
        text!("another branch, which runs at the same time, binds `{name}`", "`{name}` 由同时执行的另一分支绑定");
    let diagnostic = Diagnostic::error(Code::RB0113, if own { at } else { place }, message);
    let diagnostic = if own { diagnostic } else { diagnostic.label(at, text!("read here", "在此处读取")) };
    diagnostic.label(bound, text!("bound here", "在此处绑定")).help(text!(
        "read `{name}` behind the `parallel`, where all branches have ended",
        "请在 `parallel` 之后读取 `{name}`，那时所有分支都已结束"
    ))
}

/// The names in an expression, also those that are only asked about.
fn names_in(expr: &Expr, series: &Series, found: &mut dyn FnMut(VarId, Span)) {
    match &*expr.kind {
        ExprKind::Var(var) | ExprKind::Assigned(var) => found(*var, expr.span),
        ExprKind::Reported(sample, _) => series.get(sample).into_iter().for_each(|var| found(*var, expr.span)),
        _ => {}
    }
    expr.parts(&mut |part| names_in(part, series, found));
}
