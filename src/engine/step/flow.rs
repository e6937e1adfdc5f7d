//! Plain flow: lists, blocks, checks, branches, checklists, calls of scenarios.
//!
//! | construct | pushes | ends |
//! |---|---|---|
//! | list | each statement in turn; one whose `if:` is false is not applicable | worst of its statements |
//! | section, step, scenario, handler, branch | its list | as its list; a step then closes its undos |
//! | precheck, verify | each statement in turn, also after a failure | failed if any is, after one table |
//! | `if` | the list of the first true arm | as that list |
//! | checklist | each item | passed: an item never fails by itself |
//! | `run` | the scenario in a scope of its own | as the scenario; `as:` binds what was bound inside |

use std::collections::BTreeMap;

use crate::check::program::{NodeId, NodeKind};
use crate::engine::action::Words;
use crate::engine::machine::{Flow, Kind, Machine, Stopped};
use crate::engine::record::worse;
use crate::engine::state::{FiberId, Frame, Return, ScopeId};
use crate::engine::telling::Telling;
use crate::text;
use crate::text::{Lang, Text};
use crate::value::{Value, Verdict};

impl Machine<'_> {
    /// A list of statements.
    pub(crate) fn seq(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        match returned {
            None => {}
            Some(Return::Done(verdict)) => frame.worst = worse(frame.worst, verdict),
            Some(Return::Failed(message)) => return Flow::Done(Return::Failed(message)),
            // Nothing else is given to a list: its statements end as done or failed.
            Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => {}
        }
        let Kind::Seq { ids, at } = &mut frame.kind else { return Flow::done(frame.worst) };
        let Some(id) = ids.get(*at).copied() else { return Flow::done(frame.worst) };
        *at += 1;
        self.enter(fiber, frame, id)
    }

    /// Begins a statement, or passes it by where its `if:` is false.
    pub(crate) fn enter(&mut self, fiber: FiberId, parent: &Frame, id: NodeId) -> Flow {
        let node = self.node(id);
        let mut frame = self.frame_of(fiber, id, parent.scope, parent.depth);
        let Some(cond) = &node.cond else { return Flow::Push(Box::new(frame)) };
        match self.env(parent.scope).bool(cond) {
            Ok(true) => Flow::Push(Box::new(frame)),
            Ok(false) => {
                self.open_record(&mut frame, String::new());
                self.close_record(&frame, Verdict::NotApplicable, Text::default());
                Flow::Again
            }
            Err(error) => {
                // The condition itself fails: the statement is entered and fails at once, so that its menu opens there.
                self.open_record(&mut frame, String::new());
                frame.trouble = Some(crate::engine::state::Trouble {
                    message: text!("its `if:` could not be evaluated: {}", "它的 `if:` 无法求值：{}", error.0),
                    output: String::new(),
                    menu: None,
                    stopped: false,
                });
                Flow::Push(Box::new(frame))
            }
        }
    }

    /// Section, step, scenario body, handler, the blocks at the top.
    pub(crate) fn block(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(frame.worst) };
        let node = self.node(id);
        let (body, step): (&[NodeId], bool) = match &node.kind {
            NodeKind::Section { body, .. }
            | NodeKind::Scenario { body, .. }
            | NodeKind::Ending { body }
            | NodeKind::Branch { body }
            | NodeKind::At { body, .. }
            | NodeKind::On { body, .. } => (body, false),
            NodeKind::Step { body, .. } => (body, true),
            _other => (&[], false),
        };
        match returned {
            None if frame.record.is_none() => {
                self.open_record(frame, String::new());
                Flow::Push(Box::new(self.list(body, frame.scope, frame.depth + 1)))
            }
            None => Flow::Block,
            Some(Return::Done(verdict)) => {
                frame.worst = worse(frame.worst, verdict);
                self.close_record(frame, frame.worst, Text::default());
                self.overrun(frame);
                if step {
                    for undo in &mut self.state.undos {
                        if undo.step == frame.key {
                            undo.half = false;
                        }
                    }
                }
                if let Some(var) = node.bind {
                    let value = crate::engine::record::of_step(self.state, frame.scope, id);
                    self.state.bind(frame.scope, var, value);
                }
                let _ = fiber;
                Flow::done(frame.worst)
            }
            Some(Return::Failed(message)) => {
                self.close_record(frame, Verdict::Fail, message.clone());
                Flow::Done(Return::Failed(message))
            }
            Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => Flow::Block,
        }
    }

    /// A section that took longer than it should, or ended later than planned, is said and recorded.
    fn overrun(&mut self, frame: &Frame) {
        let Some(NodeKind::Section { until, budget, .. }) = frame.node.map(|id| &self.program.node(id).kind) else {
            return;
        };
        let title = self.title_of(frame);
        let now = self.state.now;
        let mut lines = Vec::new();
        let budget = budget.as_ref().and_then(|budget| self.env(frame.scope).duration(budget).ok());
        let took = self.state.elapsed_since(frame.began);
        if let Some(budget) = budget.filter(|budget| took > *budget) {
            let (took, budget) = (Value::Duration(took), Value::Duration(budget));
            let (took, budget) = (crate::value::text::text(&took), crate::value::text::text(&budget));
            lines.push(text!(
                "{}: took {}, more than its budget of {}",
                "{}：用时 {}，超出预算 {}",
                title,
                took,
                budget
            ));
        }
        let zone = crate::engine::eval::zone(self.program);
        let planned = until.and_then(|until| self.day().to_datetime(until).to_zoned_datetime(zone).ok());
        if let Some(late) = planned.map(|planned| now.duration_since(planned.timestamp())).filter(|l| l.as_secs() > 0) {
            let late = crate::value::text::text(&Value::Duration(jiff::SignedDuration::from_secs(late.as_secs())));
            lines.push(text!("{}: ended {} later than planned", "{}：比计划晚 {} 结束", title, late));
        }
        for line in lines {
            self.state.notes.push((now, Words::zh_first(line.clone())));
            self.warn(line);
        }
    }

    /// Precheck and verify: all of it runs, then one table is shown. A person's stop ends it where it is.
    pub(crate) fn checks(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(frame.worst) };
        let NodeKind::Checks { body } = &self.node(id).kind else { return Flow::done(frame.worst) };
        if frame.record.is_none() {
            self.open_record(frame, String::new());
        }
        let Kind::Checks { at, rows, .. } = &mut frame.kind else { return Flow::done(frame.worst) };
        if let Some(result) = returned {
            let (verdict, detail) = match result {
                Return::Done(verdict) => (verdict, Text::default()),
                Return::Failed(message) => (Verdict::Fail, message),
                Return::Outcome(_) | Return::Answer(_) | Return::TimedOut => (Verdict::Error, Text::default()),
            };
            if let Some(child) = at.checked_sub(1).and_then(|index| body.get(index)) {
                let child = self.program.node(*child);
                let seen = self.state.step_seen(frame.scope, child.id);
                let title = match &child.title {
                    Some(title) => self.env(frame.scope).words_lossy(title),
                    None => {
                        let what = seen.map(|step| step.what.clone()).filter(|what| !what.is_empty());
                        what.unwrap_or_else(|| crate::engine::record::plain(child.word))
                    }
                };
                let (verdict, detail) = match seen {
                    Some(step) => (step.state, step.detail.clone()),
                    None => (verdict, detail),
                };
                rows.extend(self.rows_of(frame.scope, child.id, title, verdict, detail));
            }
            frame.worst = worse(frame.worst, verdict);
        }
        let (index, title) = (*at, self.title_of(frame));
        if let Kind::Checks { rows, stopped: Some(stopped), .. } = &mut frame.kind {
            let (rows, Stopped { message, output }) = (std::mem::take(rows), stopped.clone());
            self.tell(Telling::CheckTable { title, rows });
            return self.fail_stopped(fiber, frame, message, output);
        }
        if let Some(child) = body.get(index).copied() {
            if let Kind::Checks { at, .. } = &mut frame.kind {
                *at += 1;
            }
            let inside = Frame { depth: frame.depth + 1, ..frame.clone() };
            return match self.enter(fiber, &inside, child) {
                Flow::Again => self.checks(fiber, frame, Some(Return::Done(Verdict::NotApplicable))),
                other => other,
            };
        }
        let Kind::Checks { rows, .. } = &mut frame.kind else { return Flow::done(frame.worst) };
        let rows = std::mem::take(rows);
        let failed: Vec<Text> = rows
            .iter()
            .filter(|(_, verdict, _)| matches!(verdict, Verdict::Fail | Verdict::Error))
            .map(|(title, _, _)| Text { en: title.text.clone(), zh: title.said(Lang::Zh).to_owned() })
            .collect();
        self.tell(Telling::CheckTable { title, rows });
        if frame.worst == Verdict::Fail || frame.worst == Verdict::Error {
            let titles = Text::join(&failed, &text!("; ", "；"));
            let message = text!("{} of its checks failed: {}", "{} 项检查未通过：{}", failed.len(), titles);
            return self.fail(fiber, frame, message, String::new());
        }
        self.close_record(frame, frame.worst, Text::default());
        Flow::done(frame.worst)
    }

    /// The rows of a check in its table: itself, or the passes of a loop one by one.
    fn rows_of(
        &self,
        scope: ScopeId,
        id: NodeId,
        title: Words,
        verdict: Verdict,
        detail: Text,
    ) -> Vec<(Words, Verdict, Text)> {
        let loop_at = match &self.program.node(id).kind {
            NodeKind::Each(_) => self.state.record_seen(scope, id),
            _other => None,
        };
        let depth = |index: usize| self.state.steps.get(index).map(|step| step.depth);
        let Some((at, outer)) = loop_at.and_then(|at| Some((at, depth(at)?))) else {
            return vec![(title, verdict, detail)];
        };
        // Those of another branch may stand between them, and passes that run at once stand in fibers of their own.
        let stem = format!("{}/", self.program.node(id).key);
        let lane = |index: usize| self.state.lane_of.get(&index).copied();
        let own = self.state.lanes.get(&at).into_iter().flatten().copied().map(Some);
        let inside = std::iter::once(lane(at)).chain(own).flat_map(|of| {
            let behind = self.state.steps.iter().enumerate().skip(at + 1).filter(move |(index, _)| lane(*index) == of);
            behind.map(|(_, step)| step).filter(|step| step.static_key.starts_with(&stem))
        });
        let rows = inside.filter(|step| step.depth == outer + 1).map(|step| {
            let title = if step.title.is_empty() { step.what.clone() } else { step.title.clone() };
            (title, step.state, step.detail.clone())
        });
        rows.collect()
    }

    /// `if`, and the body of a chosen option.
    pub(crate) fn branch(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        match returned {
            Some(Return::Failed(message)) => return Flow::Done(Return::Failed(message)),
            Some(Return::Done(verdict)) => return Flow::done(verdict),
            Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => {}
        }
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::If { arms, otherwise } = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        for (cond, body) in arms {
            match self.env(frame.scope).bool(cond) {
                Ok(true) => return Flow::Push(Box::new(self.list(body, frame.scope, frame.depth))),
                Ok(false) => {}
                Err(error) => return self.fail(fiber, frame, error.0, String::new()),
            }
        }
        Flow::Push(Box::new(self.list(otherwise, frame.scope, frame.depth)))
    }

    /// `checklist`
    pub(crate) fn checklist(&mut self, _fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::Checklist { items } = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        match returned {
            None if frame.record.is_none() => {
                self.open_record(frame, String::new());
                Flow::Push(Box::new(self.list(items, frame.scope, frame.depth + 1)))
            }
            None => Flow::Block,
            Some(Return::Failed(message)) => {
                self.close_record(frame, Verdict::Fail, message.clone());
                Flow::Done(Return::Failed(message))
            }
            Some(Return::Done(verdict)) => {
                self.close_record(frame, verdict, Text::default());
                Flow::done(verdict)
            }
            Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => Flow::Block,
        }
    }

    /// `run scenario`
    pub(crate) fn call(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::Run { scenario, args } = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        match returned {
            None => {
                // With values of its own, or a result that is kept, it is another one.
                if args.is_empty()
                    && self.node(id).bind.is_none()
                    && let Some(joined) = self.join(fiber, frame, *scenario, Text::verbatim(&frame.key))
                {
                    return Flow::Push(Box::new(joined));
                }
                let values: Result<BTreeMap<_, _>, _> = args
                    .iter()
                    .map(|(var, value)| Ok((*var, self.env(frame.scope).eval(value)?)))
                    .collect::<Result<_, crate::engine::eval::EvalError>>();
                match values {
                    Ok(values) => {
                        let scope = self.state.new_scope(frame.scope);
                        for (var, value) in values {
                            self.state.bind(scope, var, value);
                        }
                        frame.kind = Kind::Call { scope };
                        let child = self.frame_of(fiber, *scenario, scope, frame.depth);
                        Flow::Push(Box::new(child))
                    }
                    Err(error) => self.fail(fiber, frame, error.0, String::new()),
                }
            }
            Some(Return::Failed(message)) => Flow::Done(Return::Failed(message)),
            Some(Return::Done(verdict)) => {
                if let (Some(var), Kind::Call { scope }) = (self.node(id).bind, &frame.kind) {
                    let fields = self.state.scopes.get(*scope as usize).map(|scope| scope.vars.clone());
                    let record = fields
                        .unwrap_or_default()
                        .into_iter()
                        .map(|(var, value)| (self.program.var(var).name.clone(), value))
                        .collect();
                    self.state.bind(frame.scope, var, Value::Map(record));
                }
                Flow::done(verdict)
            }
            Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => Flow::Block,
        }
    }
}
