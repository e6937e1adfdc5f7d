//! What is known only when all statements are there: the names that each needs, and the class of what runs a scenario.

use std::collections::BTreeMap;

use crate::check::program::{Class, Expr, ExprKind, Node, NodeId, NodeKind, Otherwise, VarId};
use crate::check::visit;

/// Series by the statement that takes them.
pub(super) type Series = BTreeMap<NodeId, VarId>;

/// The series of a program.
pub(super) fn series(nodes: &[Option<Node>]) -> Series {
    let samples = nodes.iter().flatten().filter(|node| matches!(node.kind, NodeKind::Sample(_)));
    samples.filter_map(|node| Some((node.id, node.bind?))).collect()
}

/// The series that a statement reads without naming it in an expression.
pub(super) fn series_read(node: &Node, series: &Series) -> Option<VarId> {
    match &node.kind {
        NodeKind::Extend { sample, .. } | NodeKind::Stop { watch: sample, .. } => series.get(sample).copied(),
        NodeKind::Report { from, .. } => series.get(&from.sample()?).copied(),
        NodeKind::Sample(sample) => sample.since,
        _ => None,
    }
}

/// The series that `reported(series, …)` reads.
pub(super) fn series_in(expr: &Expr, series: &Series, found: &mut dyn FnMut(VarId)) {
    if let ExprKind::Reported(sample, _) = &*expr.kind {
        series.get(sample).into_iter().for_each(|var| found(*var));
    }
    expr.parts(&mut |part| series_in(part, series, found));
}

/// Fills in what each statement needs.
pub(super) fn needs(nodes: &mut [Option<Node>]) {
    let series = series(nodes);
    for node in nodes.iter_mut().flatten() {
        let mut needs: Vec<VarId> = Vec::new();
        visit::all_exprs(node, &mut |expr| {
            visit::names(expr, &mut |var, _, _| needs.push(var));
            series_in(expr, &series, &mut |var| needs.push(var));
        });
        needs.extend(series_read(node, &series));
        needs.sort_unstable();
        needs.dedup();
        node.needs = needs;
    }
}

/// A statement that runs a scenario is as strong as that scenario, and the blocks around it as strong as what they hold.
pub(super) fn classes(nodes: &mut [Option<Node>]) {
    let mut known: Vec<Option<Class>> = vec![None; nodes.len()];
    for index in 0..nodes.len() {
        let class = class(nodes, &mut known, index, 0);
        if let Some(Some(node)) = nodes.get_mut(index)
            && class > node.class
        {
            node.class = class;
        }
    }
}

/// Blocks are nested less deeply than this by the syntax, and scenarios do not run in a circle; where they do, it was
/// said, and the walk must end all the same.
const MAX_DEPTH: usize = 500;

fn class(nodes: &[Option<Node>], known: &mut [Option<Class>], index: usize, depth: usize) -> Class {
    if let Some(Some(class)) = known.get(index) {
        return *class;
    }
    let Some(Some(node)) = nodes.get(index) else { return Class::Pure };
    let mut strongest = node.class;
    if depth < MAX_DEPTH {
        let called = scenarios_run(node);
        // An undo does its work in the rollback, not where it is armed.
        let inside = if matches!(node.kind, NodeKind::Undo { .. }) { Vec::new() } else { visit::children(node) };
        for id in inside.into_iter().chain(called) {
            strongest = strongest.max(class(nodes, known, id.0 as usize, depth + 1));
        }
    }
    if let Some(slot) = known.get_mut(index) {
        *slot = Some(strongest);
    }
    strongest
}

/// The scenarios that a statement may run itself.
pub(super) fn scenarios_run(node: &Node) -> Vec<NodeId> {
    let mut found = Vec::new();
    if let NodeKind::Run { scenario, .. } = &node.kind {
        found.push(*scenario);
    }
    if let Some(people) = node.kind.people()
        && let Otherwise::Run(scenario) = people.otherwise
    {
        found.push(scenario);
    }
    found
}
