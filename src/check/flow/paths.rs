//! One statement after the other, one branch after the other.

use super::Flow;
use crate::check::narrow;
use crate::check::program::{Again, Expr, ExprKind, Node, NodeId, NodeKind, Otherwise, UndoHow, VarId, VarKind};
use crate::check::{branches, settle, visit};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;
use crate::text::Both;
use crate::value::function::Function;

impl Flow<'_> {
    /// Statements that run one after the other.
    pub(super) fn body(&mut self, ids: &[NodeId]) {
        let mut reported = !self.path.alive;
        for id in ids {
            let Some(node) = self.whole.node(*id) else { continue };
            // Scenarios and endings are walked for themselves.
            if matches!(node.kind, NodeKind::Scenario { .. } | NodeKind::Ending { .. }) {
                continue;
            }
            if !self.path.alive && !reported {
                reported = true;
                self.said.push(
                    Diagnostic::error(Code::RB0108, node.span, text!("no path leads here", "没有路径到达此处")).help(
                        text!(
                            "what stands before it never goes on: `rollback`, `abort` and `finish` end the path",
                            "它前面的语句不再向下执行：`rollback`、`abort` 和 `finish` 结束该路径"
                        ),
                    ),
                );
            }
            self.statement(node);
        }
    }

    fn statement(&mut self, node: &Node) {
        let mark = self.path.trail.len();
        let alive = self.path.alive;
        let no_return = self.path.no_return;
        if let Some(cond) = &node.cond {
            self.expr(cond);
            self.assume(&narrow::facts(cond).when_true);
        }
        self.own(node);
        if self.path.no_return.is_some() {
            self.beyond.insert(node.id);
        }
        self.kind(node);
        self.wrote(node);
        let answered = !matches!(node.kind.people().map(|people| people.otherwise), Some(Otherwise::Run(_)));
        if answered {
            node.bind.into_iter().for_each(|var| self.path.assign(var));
        }
        if let Some(block) = self.blocks.get(&node.id).copied() {
            self.path.assign(block);
        }
        if node.cond.is_some() {
            // It may not apply.
            self.path.back_to(mark);
            self.path.alive = alive;
            self.path.no_return = no_return;
        }
    }

    /// The own expressions of a statement.
    fn own(&mut self, node: &Node) {
        // The item of a loop is there in `key_by:`.
        let mark = self.path.trail.len();
        if let NodeKind::Each(each) = &node.kind {
            self.path.assign(each.item);
        }
        let mut exprs: Vec<&Expr> = Vec::new();
        visit::exprs(node, &mut |expr| exprs.push(expr));
        // The condition was looked at before what it tells was taken for known.
        for expr in exprs.into_iter().skip(usize::from(node.cond.is_some())) {
            self.expr(expr);
        }
        if matches!(node.kind, NodeKind::Each(_)) {
            self.path.back_to(mark);
        }
        if let Some(series) = settle::series_read(node, &self.series) {
            self.needed(series, node.span, None);
        }
    }

    fn kind(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Section { body, .. }
            | NodeKind::Step { body, .. }
            | NodeKind::Branch { body }
            | NodeKind::Checklist { items: body } => self.body(body),
            NodeKind::Parallel { branches } => self.at_once(branches),
            NodeKind::Checks { body } => {
                if node.word == "precheck" {
                    if let Some(written) = self.path.written {
                        self.precheck_after(node.span, written, None);
                    }
                    self.path.summary.precheck.get_or_insert(node.span);
                }
                self.body(body);
            }
            NodeKind::Poll { body, done_when, .. } => {
                self.body(body);
                self.expr(done_when);
            }
            NodeKind::Decide { options, people } => {
                let mut arms: Vec<(Vec<VarId>, &[NodeId])> =
                    options.iter().map(|option| (Vec::new(), option.body.as_slice())).collect();
                if let Otherwise::Run(scenario) = people.otherwise {
                    self.enter(scenario, node.span, &Both("what `else:` runs", "`else:` 所执行的内容"));
                    arms.push((Vec::new(), &[]));
                }
                self.branches(&arms);
            }
            NodeKind::If { arms, otherwise } => self.arms(arms, otherwise),
            NodeKind::Each(each) => {
                let mark = self.path.trail.len();
                let (alive, no_return) = (self.path.alive, self.path.no_return);
                self.path.assign(each.item);
                self.repeated(|paths| paths.body(&each.body));
                self.path.back_to(mark);
                // The list may be empty.
                (self.path.alive, self.path.no_return) = (alive, no_return);
            }
            NodeKind::Try { body, repair, .. } => {
                let mark = self.path.trail.len();
                let entry = self.path.alive;
                self.repeated(|paths| {
                    paths.body(body);
                    let alive = paths.path.alive;
                    let bound = paths.path.back_to(mark);
                    paths.path.alive = entry;
                    paths.body(repair);
                    paths.path.back_to(mark);
                    paths.path.alive = alive;
                    paths.assume(&bound);
                });
            }
            NodeKind::Run { scenario, .. } => {
                self.path.alive &= self.enter(*scenario, node.span, &Both("what this runs", "此处所执行的内容"));
            }
            NodeKind::Sample(sample) => {
                let mark = self.path.trail.len();
                let alive = self.path.alive;
                node.bind.into_iter().for_each(|series| self.path.assign(series));
                for handler in &sample.handlers {
                    let Some(handler) = self.whole.node(*handler) else { continue };
                    let inside = self.path.trail.len();
                    self.body(&visit::children(handler));
                    self.path.back_to(inside);
                    self.path.alive = alive;
                }
                self.body(sample.steps());
                if sample.steps().is_empty() {
                    self.path.back_to(mark);
                }
            }
            NodeKind::Undo { how: UndoHow::Body(body), .. } => {
                // It runs later, in a rollback, if at all.
                let mark = self.path.trail.len();
                let (alive, written) = (self.path.alive, self.path.written);
                self.body(body);
                self.path.back_to(mark);
                (self.path.alive, self.path.written) = (alive, written);
            }
            NodeKind::Rollback { .. } => {
                if let Some(passed) = self.path.no_return {
                    self.said.push(
                        Diagnostic::error(
                            Code::RB0108,
                            node.span,
                            text!("a rollback is refused after the point of no return", "越过不可回退点之后不能回滚"),
                        )
                        .label(passed, text!("passed here", "在此处越过")),
                    );
                }
                if let Some(rollback) = self.whole.rollback {
                    self.enter(rollback, node.span, &Both("the rollback", "回滚"));
                }
                self.path.alive = false;
            }
            NodeKind::Abort { .. } | NodeKind::Finish { .. } => self.path.alive = false,
            NodeKind::NoReturn { .. } => {
                self.otherwise(node);
                self.path.no_return.get_or_insert(node.span);
            }
            NodeKind::Shell(_) | NodeKind::Http(_) => {
                if let Again::Probe { reads, done_when } = &node.again {
                    let mark = self.path.trail.len();
                    self.body(reads);
                    self.expr(done_when);
                    self.path.back_to(mark);
                }
            }
            _ => self.otherwise(node),
        }
    }

    /// `else: run(…)` of a question.
    fn otherwise(&mut self, node: &Node) {
        if let Some(Otherwise::Run(scenario)) = node.kind.people().map(|people| people.otherwise) {
            self.enter(scenario, node.span, &Both("what `else:` runs", "`else:` 所执行的内容"));
        }
    }

    fn arms(&mut self, arms: &[(Expr, Vec<NodeId>)], otherwise: &[NodeId]) {
        let mark = self.path.trail.len();
        let mut all: Vec<(Vec<VarId>, &[NodeId])> = Vec::with_capacity(arms.len() + 1);
        let mut known: Vec<VarId> = Vec::new();
        for (cond, body) in arms {
            self.expr(cond);
            let facts = narrow::facts(cond);
            let mut here = known.clone();
            here.extend(facts.when_true);
            all.push((here, body));
            self.assume(&facts.when_false);
            known.extend(facts.when_false);
        }
        self.path.back_to(mark);
        all.push((known, otherwise));
        self.branches(&all);
    }

    /// Branches of which one is taken; each knows some names to be assigned. What all of them assign stays.
    fn branches(&mut self, arms: &[(Vec<VarId>, &[NodeId])]) {
        if arms.is_empty() {
            return;
        }
        let mark = self.path.trail.len();
        let (alive, no_return) = (self.path.alive, self.path.no_return);
        let mut common: Option<Vec<VarId>> = None;
        let mut passed: Option<Option<Span>> = None;
        for (known, body) in arms {
            (self.path.alive, self.path.no_return) = (alive, no_return);
            self.assume(known);
            self.body(body);
            let mut bound = self.path.back_to(mark);
            if alive && !self.path.alive {
                continue;
            }
            passed = Some(passed.map_or(self.path.no_return, |others| others.and(self.path.no_return)));
            common = Some(match common {
                None => bound,
                Some(others) => {
                    bound.sort_unstable();
                    others.into_iter().filter(|var| bound.binary_search(var).is_ok()).collect()
                }
            });
        }
        self.path.alive = alive && common.is_some();
        self.path.no_return = passed.unwrap_or(no_return);
        common.unwrap_or_default().into_iter().for_each(|var| self.path.assign(var));
    }

    /// Branches that are all taken, at once: what each of them assigns stays, and whatever one of them writes may have
    /// been done before any statement of another one.
    fn at_once(&mut self, branches: &[NodeId]) {
        let mark = self.path.trail.len();
        let (alive, written, no_return) = (self.path.alive, self.path.written, self.path.no_return);
        let precheck = self.path.summary.precheck;
        let outer = self.path.beside.clone();
        let mut bound: Vec<VarId> = Vec::new();
        let mut goes_on = alive;
        let mut checks: Vec<Option<Span>> = Vec::new();
        let mut writes: Vec<Option<Span>> = Vec::new();
        for (id, beside) in branches.iter().zip(branches::bound_beside(self.whole, &self.blocks, branches)) {
            let Some(branch) = self.whole.node(*id) else { continue };
            (self.path.alive, self.path.written, self.path.no_return) = (alive, written, no_return);
            self.path.summary.precheck = None;
            // That it may not read these is said by itself.
            for var in &beside {
                self.path.assign(*var);
            }
            self.path.beside = outer.union(&beside).copied().collect();
            self.statement(branch);
            let assigned = self.path.back_to(mark);
            bound.extend(assigned.into_iter().filter(|var| !beside.contains(var)));
            goes_on &= self.path.alive;
            checks.push(self.path.summary.precheck);
            writes.push(self.path.written.filter(|_| written.is_none()));
        }
        for (own, check) in checks.iter().enumerate() {
            let mut others = writes.iter().enumerate().filter(|(other, _)| *other != own);
            if let (Some(check), Some(write)) = (check, others.find_map(|(_, write)| *write)) {
                self.said.push(
                    Diagnostic::error(
                        Code::RB0411,
                        *check,
                        text!("a precheck stands before any write", "precheck 必须位于任何写操作之前"),
                    )
                    .label(write, text!("another branch may have done this before", "另一分支可能已先执行此写操作"))
                    .help(text!(
                        "put the precheck before the `parallel`; `verify` is the same anywhere",
                        "请把 precheck 放在 `parallel` 之前；`verify` 可以放在任何地方"
                    )),
                );
            }
        }
        self.path.beside = outer;
        self.path.alive = goes_on;
        self.path.no_return = no_return;
        self.path.written = written.or_else(|| writes.into_iter().flatten().next());
        self.path.summary.precheck = precheck.or_else(|| checks.into_iter().flatten().next());
        self.assume(&bound);
    }

    /// What runs more than once comes behind its own writes: a precheck in it is no check before them.
    fn repeated(&mut self, run: impl FnOnce(&mut Self)) {
        let before = self.path.summary.precheck.take();
        let clean = self.path.written.is_none();
        run(self);
        let inside = self.path.summary.precheck;
        if let (true, Some(precheck), Some(written)) = (clean, inside, self.path.written) {
            let told = |diagnostic: &Diagnostic| diagnostic.code == Code::RB0411 && diagnostic.span() == precheck;
            if !self.said.iter().any(told) {
                self.precheck_after(precheck, written, None);
            }
        }
        self.path.summary.precheck = before.or(inside);
    }

    fn assume(&mut self, names: &[VarId]) {
        for var in names {
            self.path.assign(*var);
        }
    }

    /// The names that an expression reads, with what its own conditions tell.
    fn expr(&mut self, expr: &Expr) {
        match &*expr.kind {
            ExprKind::And(left, right) => self.decided(left, &[(right, true)]),
            ExprKind::Or(left, right) => self.decided(left, &[(right, false)]),
            ExprKind::Call(Function::Choose, args) if args.len() == 3 => {
                if let [cond, yes, no] = args.as_slice() {
                    self.decided(cond, &[(yes, true), (no, false)]);
                }
            }
            _ => {
                if let ExprKind::Reported(sample, _) = &*expr.kind
                    && let Some(var) = self.series.get(sample)
                {
                    self.needed(*var, expr.span, None);
                }
                let Some((var, place, field)) = visit::read(expr) else {
                    return expr.parts(&mut |part| self.expr(part));
                };
                // The verdict of a block that did not run yet is `pending`.
                let block = matches!(self.whole.var(var).map(|var| var.kind), Some(VarKind::Step(_)));
                if !(block && field == Some("verdict")) {
                    self.needed(var, place.span, None);
                }
            }
        }
    }

    /// Expressions that are evaluated only where a condition came out so.
    fn decided(&mut self, cond: &Expr, then: &[(&Expr, bool)]) {
        self.expr(cond);
        let facts = narrow::facts(cond);
        for (expr, when) in then {
            let mark = self.path.trail.len();
            self.assume(if *when { &facts.when_true } else { &facts.when_false });
            self.expr(expr);
            self.path.back_to(mark);
        }
    }
}
