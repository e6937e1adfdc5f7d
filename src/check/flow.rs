//! What holds on every path: names are assigned where they are read, nothing stands where no path leads, a precheck
//! comes before any write, and no rollback after the point of no return.
//!
//! The walk follows the structure, path by path: a branch is walked from where it begins and taken back, and what all
//! branches assign stays. A scenario is walked once; what it reads of the names around it must be assigned wherever it is
//! run. A handler reads what was assigned before its observation began; the endings read what is there in any case.

mod paths;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::program::{Class, Node, NodeId, NodeKind, Var, VarId, VarKind};
use crate::check::visit;
use crate::diagnostic::{Code, Diagnostic, Span};

use crate::check::settle::{self, Series};
use crate::text;
use crate::text::{Say, Spaced};

/// All that the rules about the whole look at.
pub(super) struct Whole<'a> {
    /// The statements; empty where one stands in a wrong place.
    pub nodes: &'a [Option<Node>],
    /// The names.
    pub vars: &'a [Var],
    /// What runs.
    pub main: &'a [NodeId],
    /// `rollback do … end`
    pub rollback: Option<NodeId>,
    /// `finally do … end`
    pub finally: Option<NodeId>,
    /// The scenarios.
    pub scenarios: &'a [NodeId],
}

impl<'a> Whole<'a> {
    /// A statement.
    pub(super) fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.nodes.get(id.0 as usize).and_then(Option::as_ref)
    }

    fn var(&self, id: VarId) -> Option<&'a Var> {
        self.vars.get(id.0 as usize)
    }

    /// A block and the statements in it, at any depth.
    pub(super) fn inside(&self, block: NodeId) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let mut open = vec![block];
        while let Some(id) = open.pop() {
            if let Some(node) = self.node(id).filter(|_| found.insert(id)) {
                open.extend(visit::children(node));
            }
        }
        found
    }
}

/// What the walk found.
pub(super) struct Found {
    /// What is wrong.
    pub said: Vec<Diagnostic>,
    /// Statements behind a point of no return: nothing takes them back.
    pub beyond: BTreeSet<NodeId>,
}

/// Walks all paths.
pub(super) fn check(whole: &Whole<'_>) -> Found {
    let given = given(whole);
    let mut flow = Flow {
        whole,
        series: settle::series(whole.nodes),
        blocks: blocks(whole),
        owner: owners(whole),
        said: Vec::new(),
        beyond: BTreeSet::new(),
        summaries: BTreeMap::new(),
        open: Vec::new(),
        path: Path::new(&given, None),
        given,
    };
    // The endings first: what the rollback reads must be there wherever a `rollback` stands.
    if let Some(rollback) = whole.rollback {
        flow.summary(rollback);
    }
    for scenario in whole.scenarios {
        flow.summary(*scenario);
    }
    flow.path = Path::new(&flow.given, None);
    flow.body(whole.main);
    if let Some(finally) = whole.finally.and_then(|id| whole.node(id)) {
        flow.path = Path::new(&flow.given, None);
        flow.body(&visit::children(finally));
    }
    Found { said: flow.said, beyond: flow.beyond }
}

/// The names of blocks by their statement.
pub(super) fn blocks(whole: &Whole<'_>) -> BTreeMap<NodeId, VarId> {
    let mut found = BTreeMap::new();
    for (index, var) in whole.vars.iter().enumerate() {
        if let VarKind::Step(node) = var.kind {
            found.insert(node, VarId(u32::try_from(index).unwrap_or(u32::MAX)));
        }
    }
    found
}

/// Names that no statement binds: those of declarations, and those of statements that could not be read, which was said.
fn given(whole: &Whole<'_>) -> Vec<bool> {
    let mut given = vec![true; whole.vars.len()];
    let mut bound = |var: VarId| {
        if let Some(slot) = given.get_mut(var.0 as usize) {
            *slot = false;
        }
    };
    blocks(whole).into_iter().filter(|(node, _)| whole.node(*node).is_some()).for_each(|(_, var)| bound(var));
    for node in whole.nodes.iter().flatten() {
        node.bind.into_iter().for_each(&mut bound);
        match &node.kind {
            NodeKind::Each(each) => bound(each.item),
            NodeKind::Scenario { params, .. } => params.iter().copied().for_each(&mut bound),
            _ => {}
        }
    }
    given
}

/// For each name, the scenario or ending in which it is bound; none: the main flow.
fn owners(whole: &Whole<'_>) -> Vec<Option<NodeId>> {
    let mut owners = vec![None; whole.vars.len()];
    let roots = whole.scenarios.iter().copied().chain(whole.rollback).chain(whole.finally);
    let blocks = blocks(whole);
    for root in roots {
        for id in whole.inside(root) {
            let Some(node) = whole.node(id) else { continue };
            let mut own = |var: VarId| {
                if let Some(owner) = owners.get_mut(var.0 as usize) {
                    *owner = Some(root);
                }
            };
            node.bind.into_iter().chain(blocks.get(&id).copied()).for_each(&mut own);
            match &node.kind {
                NodeKind::Each(each) => own(each.item),
                NodeKind::Scenario { params, .. } => params.iter().copied().for_each(own),
                _ => {}
            }
        }
    }
    owners
}

/// What the callers of a scenario, and those who begin a rollback, must know of it.
#[derive(Clone, Debug, Default)]
struct Summary {
    /// Names of the flow around that it reads without being sure of them, and where.
    needs: Vec<(VarId, Span)>,
    /// It has a precheck.
    precheck: Option<Span>,
    /// It changes something.
    writes: Option<Span>,
    /// Some path leads through it.
    returns: bool,
}

/// Where the walk stands.
struct Path {
    assigned: Vec<bool>,
    /// What was assigned, in order: so that a branch can be taken back.
    trail: Vec<VarId>,
    /// The first write that may have been done.
    written: Option<Span>,
    /// The point of no return that was surely passed.
    no_return: Option<Span>,
    /// The path goes on.
    alive: bool,
    /// Names that other branches bind at the same time.
    beside: BTreeSet<VarId>,
    /// The scenario or ending that is walked.
    root: Option<NodeId>,
    summary: Summary,
}

impl Path {
    fn new(given: &[bool], root: Option<NodeId>) -> Self {
        Self {
            assigned: given.to_vec(),
            trail: Vec::new(),
            written: None,
            no_return: None,
            alive: true,
            beside: BTreeSet::new(),
            root,
            summary: Summary::default(),
        }
    }

    fn assign(&mut self, var: VarId) {
        if let Some(slot) = self.assigned.get_mut(var.0 as usize)
            && !*slot
        {
            *slot = true;
            self.trail.push(var);
        }
    }

    fn is_assigned(&self, var: VarId) -> bool {
        // A name that could not be found is not reported again.
        self.assigned.get(var.0 as usize).copied().unwrap_or(true)
    }

    /// Takes back what was assigned since.
    fn back_to(&mut self, mark: usize) -> Vec<VarId> {
        let since = self.trail.split_off(mark.min(self.trail.len()));
        for var in &since {
            if let Some(slot) = self.assigned.get_mut(var.0 as usize) {
                *slot = false;
            }
        }
        since
    }
}

struct Flow<'a> {
    whole: &'a Whole<'a>,
    series: Series,
    blocks: BTreeMap<NodeId, VarId>,
    /// Names that are there when a path begins.
    given: Vec<bool>,
    owner: Vec<Option<NodeId>>,
    said: Vec<Diagnostic>,
    beyond: BTreeSet<NodeId>,
    summaries: BTreeMap<NodeId, Summary>,
    /// Scenarios that are being walked, outermost first.
    open: Vec<NodeId>,
    path: Path,
}

impl Flow<'_> {
    /// The summary of a scenario or of the rollback; it is walked where that was not done.
    fn summary(&mut self, id: NodeId) -> Summary {
        if let Some(known) = self.summaries.get(&id) {
            return known.clone();
        }
        let Some(node) = self.whole.node(id) else { return Summary { returns: true, ..Summary::default() } };
        if self.open.contains(&id) {
            return Summary { returns: true, ..Summary::default() };
        }
        self.open.push(id);
        let outer = std::mem::replace(&mut self.path, Path::new(&self.given, Some(id)));
        if let NodeKind::Scenario { params, .. } = &node.kind {
            for param in params {
                self.path.assign(*param);
            }
        }
        self.body(&visit::children(node));
        let path = std::mem::replace(&mut self.path, outer);
        self.open.pop();
        let mut summary = path.summary;
        summary.returns = path.alive;
        summary.writes = path.written;
        self.summaries.insert(id, summary.clone());
        summary
    }

    /// A scenario is run here: what holds for a statement holds for what it runs.
    fn enter(&mut self, called: NodeId, place: Span, what: &dyn Say) -> bool {
        if let Some(at) = self.open.iter().position(|open| *open == called) {
            let ring: Vec<&str> =
                self.open.iter().skip(at).filter_map(|id| self.whole.node(*id)).map(|node| node.key.as_str()).collect();
            self.said.push(
                Diagnostic::error(
                    Code::RB0109,
                    place,
                    text!("scenarios run in a circle: {}", "场景互相循环调用：{}", ring.join(" → ")),
                )
                .help(text!("repeat with `each`, `try` or `poll`", "重复执行用 `each`、`try` 或 `poll`")),
            );
            return true;
        }
        let summary = self.summary(called);
        for (var, used) in &summary.needs {
            self.needed(*var, place, Some((*used, what)));
        }
        if let (Some(precheck), Some(written)) = (summary.precheck, self.path.written) {
            self.precheck_after(precheck, written, Some(place));
        }
        if self.path.summary.precheck.is_none() {
            self.path.summary.precheck = summary.precheck;
        }
        if self.path.written.is_none() {
            self.path.written = summary.writes.map(|_| place);
        }
        summary.returns
    }

    /// A name is read: it must be assigned on this path. `through`: it is read in what is run here.
    fn needed(&mut self, id: VarId, place: Span, through: Option<(Span, &dyn Say)>) {
        // A read beside the branch that binds the name is said by itself. What the rollback reads is no such read: when
        // it runs the branches are gone, and how far they came is not known.
        let back = through.is_some_and(|(used, _)| self.rollback_reads(id, used));
        let beside = back && self.path.beside.remove(&id);
        if self.path.is_assigned(id) && !beside {
            return;
        }
        let Some(var) = self.whole.var(id) else { return };
        if !matches!(var.kind, VarKind::Bound | VarKind::Series(_) | VarKind::Step(_)) {
            return;
        }
        // Once a path is enough.
        self.path.assign(id);
        let own = self.owner.get(id.0 as usize).copied().flatten() == self.path.root;
        if self.path.root.is_some() && !own {
            let used = through.map_or(place, |(used, _)| used);
            let needs = &mut self.path.summary.needs;
            if !needs.iter().any(|(known, _)| *known == id) {
                needs.push((id, used));
            }
            return;
        }
        let later = var.span.start > place.start;
        let mut diagnostic = match through {
            Some((used, what)) => Diagnostic::error(
                Code::RB0103,
                place,
                text!(
                    "{} reads `{}`, which may not be assigned here",
                    "{}读取 `{}`，而它在此处可能尚未赋值",
                    Spaced(what),
                    var.name
                ),
            )
            .label(used, text!("read here", "在此处读取")),
            None => Diagnostic::error(
                Code::RB0103,
                place,
                text!("`{}` may not be assigned here", "`{}` 在此处可能尚未赋值", var.name),
            ),
        };
        diagnostic = diagnostic.label(
            var.span,
            match (var.kind, later) {
                _ if beside => text!("another branch binds it, at the same time", "由同时执行的另一分支绑定"),
                (VarKind::Step(_), true) => text!("it runs only further down", "它在下文才会执行"),
                (VarKind::Step(_), false) => text!("a path leads around this", "有路径绕过此处"),
                (_, true) => text!("it is bound only further down", "它在下文才会绑定"),
                (_, false) => text!("a path leads around this", "有路径绕过此处"),
            },
        );
        self.said.push(diagnostic.help(text!(
            "ask `assigned({})` first, or bind it on every path that leads here",
            "请先用 `assigned({})` 判断，或在到达此处的每条路径上绑定它",
            var.name
        )));
    }

    /// The rollback reads it there, without being sure of it.
    fn rollback_reads(&self, name: VarId, at: Span) -> bool {
        let rollback = self.whole.rollback.and_then(|id| self.summaries.get(&id));
        rollback.is_some_and(|rollback| rollback.needs.contains(&(name, at)))
    }

    fn precheck_after(&mut self, precheck: Span, written: Span, place: Option<Span>) {
        let diagnostic = Diagnostic::error(
            Code::RB0411,
            place.unwrap_or(precheck),
            text!("a precheck stands before any write", "预检应在任何写操作之前"),
        )
        .label(written, text!("this may have been done before", "此操作可能先已执行"));
        let diagnostic = match place {
            Some(_) => diagnostic.label(precheck, text!("the precheck", "预检")),
            None => diagnostic,
        };
        self.said.push(diagnostic.help(text!("`verify` is the same anywhere", "`verify` 可以写在任何位置")));
    }

    /// Remembers a write.
    fn wrote(&mut self, node: &Node) {
        let block = !visit::children(node).is_empty();
        if !block && node.class >= Class::Write && self.path.written.is_none() {
            self.path.written = Some(node.span);
        }
    }
}
