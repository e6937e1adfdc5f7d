//! How a run ends: its verdict, rollback, `finally`, abort. How it is left for a while: `suspending`.
//!
//! | from | by | to |
//! |---|---|---|
//! | main | its last statement, `finish` | finally, then passed or not passed |
//! | main | `rollback`, confirmed | everything else cancelled; undos newest first, the `rollback` block, finally, then rolled back |
//! | main, rolling back | `abort` | everything cancelled, finally, then aborted |

use super::action::{Action, ActionId, Effect, Ending, PromptKind, Start, Urgency, Words, stem_of};
use super::machine::{Flow, Kind, Machine, is_prompt};
use super::observe::{Observation, series};
use super::record::{both, plain};
use super::state::{Cut, FiberId, Frame, Mark, Open, Owner, Phase, ROOT, Resumable, Return, Role, State, Undo};
use super::step::question::Question;
use super::telling::Telling;
use super::view::RollbackView;
use crate::check::program::{Class, Half, NodeKind, Program, UndoHow};
use crate::text;
use crate::text::{Lang, Text};
use crate::value::{Value, Verdict};

/// The verdict of the run as it stands.
pub(crate) fn verdict(state: &State) -> Verdict {
    match state.phase {
        Phase::Over(ending) | Phase::Finally(ending) | Phase::Suspended(Resumable::Finally(ending)) => match ending {
            Ending::Passed => Verdict::Pass,
            Ending::NotPassed => Verdict::Fail,
            Ending::RolledBack => Verdict::RolledBack,
            Ending::Aborted | Ending::Refused => Verdict::Aborted,
            Ending::Suspended => Verdict::Pending,
        },
        // Nothing is rolled back until all of it is.
        Phase::New | Phase::RollingBack | Phase::Suspended(Resumable::RollingBack) => Verdict::Pending,
        // What is open may still turn out well; what was skipped, rejected or signed as not passed stays so.
        Phase::Main | Phase::Suspended(Resumable::Main) => {
            if settled(state).is_empty() {
                Verdict::Pending
            } else {
                Verdict::Fail
            }
        }
    }
}

/// Passed exactly when nothing speaks against it.
pub(crate) fn main_verdict(program: &Program, state: &State) -> Verdict {
    if reasons(program, state).is_empty() { Verdict::Pass } else { Verdict::Fail }
}

/// What speaks against a passed run whatever still comes, one line each.
pub(crate) fn settled(state: &State) -> Vec<Words> {
    let marks = state.marks.iter().map(|mark| {
        let title = if mark.title.text.is_empty() { plain(&mark.key) } else { mark.title.clone() };
        let Text { en, zh } = text!("{}: {}", "{}：{}", title, mark.detail);
        // Programs have always read the detail in English behind the runbook's own title.
        Words { text: format!("{}：{}", title.text, mark.detail.en), en: Some(en), zh: Some(zh) }
    });
    let signed = state.signoff.as_ref().filter(|(_, passed)| !passed).map(|(answer, _)| {
        let chosen = answer.choice.clone().unwrap_or_else(|| plain(&crate::value::text::text(&answer.value)));
        Words::zh_first(text!("signed as: {}", "签字结论：{}", chosen))
    });
    marks.chain(signed).collect()
}

/// What speaks against a passed run if it ended now, one line each.
pub(crate) fn reasons(program: &Program, state: &State) -> Vec<Words> {
    let mut reasons = settled(state);
    for (index, objective) in program.objectives.iter().enumerate() {
        let observed: Vec<_> = state
            .observations
            .values()
            .filter(|observation| match &program.node(observation.node).kind {
                NodeKind::Sample(sample) => sample.objectives.contains(&index),
                _other => false,
            })
            .collect();
        let title = super::eval::Env { program, state, scope: ROOT }.words_lossy(&objective.title);
        if observed.is_empty() {
            reasons.push(Words::zh_first(text!("objective {}: it was never observed", "SLO {}：没有观察过", title)));
        }
        for observation in observed {
            let (verdict, why) = series::verdict(program, state, observation.node, index);
            if !matches!(verdict, Verdict::Pass | Verdict::NotApplicable) {
                let behind = if why.is_empty() { Text::default() } else { text!(" ({})", "（{}）", why) };
                let word = Text { en: verdict.word(Lang::En).to_owned(), zh: verdict.word(Lang::Zh).to_owned() };
                reasons.push(Words::zh_first(text!("objective {}: {}{}", "SLO {}：{}{}", title, word, behind)));
            }
        }
    }
    let wants_signoff = program.nodes.iter().any(|node| matches!(node.kind, NodeKind::Signoff { .. }));
    if wants_signoff && state.signoff.is_none() {
        reasons.push(Words::zh_first(text!("it was not signed off", "没有签字")));
    }
    reasons
}

/// What was said by whoever ended the run; none: it came to its own end, or nothing was said.
pub(crate) fn because(state: &State, ending: Ending) -> Option<Words> {
    let said = state.reason.as_ref().filter(|said| !said.text.is_empty())?;
    match ending {
        Ending::Passed | Ending::NotPassed => None,
        Ending::RolledBack => Some(own_first(said, "已回滚", text!("rolled back: {}", "已回滚：{}", said))),
        Ending::Aborted | Ending::Refused | Ending::Suspended => Some(said.clone()),
    }
}

/// Why it is being rolled back, where that was said.
pub(crate) fn rolling_back(state: &State) -> Option<Words> {
    let said = state.reason.as_ref().filter(|said| !said.text.is_empty())?;
    let told = text!("rolling back: {}", "回滚中：{}", said);
    Some(own_first(said, "回滚中", told))
}

/// Words around others, which programs read as the others are written.
fn own_first(said: &Words, before: &str, told: Text) -> Words {
    Words { text: format!("{before}：{}", said.text), en: Some(told.en), zh: Some(told.zh) }
}

impl Machine<'_> {
    /// Rollback may be offered: a write happened, and there is a way back.
    pub(crate) fn can_rollback(&self) -> bool {
        self.state.wrote
            && self.state.no_return.is_none()
            && self.state.phase == Phase::Main
            && (self.program.rollback.is_some() || !self.state.undos.is_empty())
            && self.rollback_names_assigned()
    }

    fn rollback_names_assigned(&self) -> bool {
        let Some(id) = self.program.rollback else { return true };
        let env = self.env(ROOT);
        self.program.node(id).needs.iter().all(|var| env.peek(*var).is_some())
    }

    /// `rollback`: shown with its full commands, confirmed, then begun.
    pub(crate) fn rollback_statement(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Rollback { because, asked } = frame.kind.clone() else { return Flow::done(Verdict::Pass) };
        match returned {
            Some(Return::Answer(answer)) if answer.value == Value::Bool(true) => {
                // Other fibers went on meanwhile: what nobody has seen is not agreed to, and it is put once more.
                let seen = asked.map(|(_, plan)| plan).filter(|plan| *plan == self.rollback_plan());
                match seen.filter(|_| self.state.no_return.is_none()) {
                    Some(plan) => {
                        self.close_record(frame, Verdict::Pass, Text::default());
                        self.start_rollback(because, plan);
                        Flow::Gone
                    }
                    None => {
                        frame.kind = Kind::Rollback { because, asked: None };
                        Flow::Again
                    }
                }
            }
            Some(Return::Answer(answer)) => {
                let why = text!("the rollback was declined by {}", "{} 未同意回滚", answer.by);
                if frame.node.is_none() {
                    return Flow::done(Verdict::Skipped);
                }
                frame.kind = Kind::Rollback { because, asked: None };
                self.fail(fiber, frame, why, String::new())
            }
            Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
            None if asked.as_ref().is_some_and(|(id, _)| self.state.open.contains_key(id)) => Flow::Block,
            None => {
                let because = match frame.node.map(|id| &self.program.node(id).kind) {
                    Some(NodeKind::Rollback { because: Some(title) }) => self.env(frame.scope).words_lossy(title),
                    Some(_) | None => because,
                };
                if let Some(point) = self.state.no_return.clone() {
                    let why = text!(
                        "rollback is refused: there is no way back after `{}`",
                        "拒绝回滚：已过不可回退点 `{}`",
                        point
                    );
                    if frame.node.is_none() {
                        self.warn(why);
                        return Flow::done(Verdict::Skipped);
                    }
                    return self.fail(fiber, frame, why, String::new());
                }
                if frame.node.is_some() && frame.record.is_none() {
                    self.open_record(frame, String::new());
                }
                let id = self.builtin_id("run!rollback");
                self.state.because = Some(because.clone());
                let plan = self.rollback_plan();
                frame.kind = Kind::Rollback { because: because.clone(), asked: Some((id.clone(), plan.clone())) };
                let kind = PromptKind::Rollback { plan, because };
                let question = Question { kind, ..Question::default() };
                self.ask(fiber, frame.node, id, "run!rollback".to_owned(), both("回滚", "rollback"), question);
                Flow::Block
            }
        }
    }

    /// What a rollback would do, in order, each with its full command.
    fn rollback_plan(&self) -> Vec<Words> {
        let env = self.env(ROOT);
        let mut plan = env.undo_lines();
        if let Some(id) = self.program.rollback
            && let NodeKind::Ending { body } = &self.program.node(id).kind
        {
            plan.extend(env.body_lines(body));
        }
        plan
    }

    fn start_rollback(&mut self, because: Words, plan: Vec<Words>) {
        self.cancel_all();
        self.cut(Cut::Rollback);
        self.state.phase = Phase::RollingBack;
        self.state.reason = Some(because.clone());
        let at = self.state.now;
        self.state.rollback = Some(RollbackView { because: because.clone(), at, done: false, plan: plan.clone() });
        self.tell(Telling::RollbackBegan { because, plan });
        let frame = self.bare(Kind::Undos, ROOT, 0);
        self.spawn(Role::Rollback, Urgency::Other, vec![frame]);
    }

    /// The undos, newest first, then the `rollback` block.
    pub(crate) fn undos(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        // A write that was stopped is undone only when it has really ended.
        if self.is_stopping() {
            return Flow::Block;
        }
        if let Some(Return::Done(verdict)) = returned {
            frame.worst = super::record::worse(frame.worst, verdict);
        }
        if let Some(undo) = self.state.undos.pop() {
            let mut child =
                self.bare(Kind::Undo { undo: Box::new(undo.clone()), running: None }, undo.scope, frame.depth);
            child.node = Some(undo.node);
            child.key = format!("{}!undo", undo.step);
            return Flow::Push(Box::new(child));
        }
        match self.program.rollback {
            Some(id) if frame.attempt == 1 => {
                frame.attempt = 2;
                Flow::Push(Box::new(self.frame_of(fiber, id, ROOT, 0)))
            }
            Some(_) | None => {
                if let Some(rollback) = &mut self.state.rollback {
                    rollback.done = true;
                }
                self.begin_finally(Ending::RolledBack);
                Flow::Gone
            }
        }
    }

    /// One undo.
    pub(crate) fn undo(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Undo { undo, running } = frame.kind.clone() else { return Flow::done(Verdict::Pass) };
        match returned {
            Some(Return::Done(verdict)) => return Flow::done(verdict),
            Some(Return::Failed(message)) => return self.fail(fiber, frame, message, String::new()),
            Some(Return::Outcome(outcome)) => {
                return match outcome.failure {
                    None => Flow::done(Verdict::Pass),
                    Some(failure) => {
                        frame.kind = Kind::Undo { undo, running: None };
                        self.fail(fiber, frame, failure.message, String::new())
                    }
                };
            }
            Some(Return::Answer(answer)) => {
                let said = crate::value::text::text(&answer.value);
                match said.as_str() {
                    "done" | "not_applicable" => return Flow::done(Verdict::Pass),
                    "skip" => return Flow::done(Verdict::Skipped),
                    "run" => {
                        let undo = Box::new(Undo { half: false, ..*undo });
                        frame.kind = Kind::Undo { undo, running: None };
                        return Flow::Again;
                    }
                    _failed => {
                        frame.kind = Kind::Undo { undo, running: None };
                        let why = text!("{} says it failed", "{} 答复：失败", answer.by);
                        return self.fail(fiber, frame, why, String::new());
                    }
                }
            }
            Some(Return::TimedOut) => {}
            None => {
                if running.as_ref().is_some_and(|id| self.state.open.contains_key(id)) {
                    return Flow::Block;
                }
            }
        }
        self.begin_undo(fiber, frame, *undo)
    }

    fn begin_undo(&mut self, fiber: FiberId, frame: &mut Frame, undo: Undo) -> Flow {
        let line = self.env(ROOT).undo_line(&undo);
        if let Some((path, written)) = undo.restores.clone() {
            let undo_node = undo.node;
            let id = self.builtin_id(&format!("{}!restore", undo.step));
            frame.kind = Kind::Undo { undo: Box::new(undo), running: Some(id.clone()) };
            let (key, title) = (format!("{}!restore", self.program.node(undo_node).key), line);
            let start =
                Start { id, key, title, class: Class::Write, timeout: None, effect: Effect::Restore { path, written } };
            self.open(Owner::Fiber(fiber), frame.node, start);
            return Flow::Block;
        }
        if let Some(path) = &undo.by_hand {
            let title = both(
                format!("将 {path} 恢复原状：崩溃时对它的修改结果已丢失"),
                format!("put {path} back as it was: the outcome of its update was lost in a crash"),
            );
            let key = format!("{}!restore", self.node(undo.node).key);
            return self.undo_by_hand(fiber, frame, undo, key, title);
        }
        let NodeKind::Undo { how, half } = &self.node(undo.node).kind else { return Flow::done(Verdict::Pass) };
        // Nothing is to be undone, whether or not its step came to its end: nobody is asked.
        if undo.half && !matches!(how, UndoHow::None(_)) {
            match half {
                Half::Run => {}
                Half::Skip => {
                    self.tell(Telling::Noted {
                        depth: 0,
                        text: text!("{} — not run: its step did not finish", "{}——未执行：它的步骤没有完成", line)
                            .into(),
                    });
                    return Flow::done(Verdict::Skipped);
                }
                Half::Ask => {
                    let id = self.builtin_id(&format!("{}!half", stem_of(&undo.step)));
                    let key = format!("{}!half", self.node(undo.node).key);
                    frame.kind = Kind::Undo { undo: Box::new(undo), running: Some(id.clone()) };
                    let choices = ["run", "skip"].into_iter().map(super::step::trouble::builtin).collect();
                    let question =
                        Question { kind: PromptKind::HalfUndo { what: line }, choices, ..Question::default() };
                    self.ask(
                        fiber,
                        frame.node,
                        id,
                        key,
                        both("中途失败的步骤的回退", "undo of a step that failed half-way"),
                        question,
                    );
                    return Flow::Block;
                }
            }
        }
        match how {
            UndoHow::None(_) => {
                self.tell(Telling::Noted { depth: 0, text: line });
                Flow::done(Verdict::Pass)
            }
            UndoHow::Body(body) => Flow::Push(Box::new(self.list(body, undo.scope, frame.depth + 1))),
            UndoHow::Manual(title) => {
                let title = self.env(undo.scope).words_lossy(title);
                let key = self.node(undo.node).key.clone();
                self.undo_by_hand(fiber, frame, undo, key, title)
            }
        }
    }

    fn undo_by_hand(&mut self, fiber: FiberId, frame: &mut Frame, undo: Undo, key: String, title: Words) -> Flow {
        let id = self.builtin_id(&format!("{}!undo", stem_of(&undo.step)));
        frame.kind = Kind::Undo { undo: Box::new(undo), running: Some(id.clone()) };
        let choices = ["done", "failed"].into_iter().map(super::step::trouble::builtin).collect();
        let kind = PromptKind::Manual { links: Vec::new(), later: false };
        let question = Question { kind, choices, ..Question::default() };
        self.ask(fiber, frame.node, id, key, title, question);
        Flow::Block
    }

    /// Everything under way is taken back; running effects are stopped, and nobody looks at their outcomes.
    pub(crate) fn cancel_all(&mut self) {
        self.cancel_where(|open| !matches!(open.start.effect, Effect::Append { .. } | Effect::Lock { .. }));
        let under_way = self.state.observations.values_mut().filter(|own| own.ended.is_none());
        under_way.for_each(Observation::break_off);
        self.state.fibers.clear();
    }

    /// What has begun until now comes to no end of its own any more.
    fn cut(&mut self, by: Cut) {
        self.state.cuts.push((self.state.steps.len(), by));
    }

    /// Takes back the questions of one fiber and ends its effects; that they have ended is still waited for.
    pub(crate) fn cancel_of(&mut self, fiber: FiberId) {
        self.cancel_where(|open| open.owner == Owner::Fiber(fiber));
    }

    pub(crate) fn cancel_where(&mut self, is_one: impl Fn(&Open) -> bool) {
        let open = self.state.open.iter().filter(|(_, open)| is_one(open));
        let ids: Vec<ActionId> = open.map(|(id, _)| id.clone()).collect();
        for id in ids {
            let Some(open) = self.state.open.get_mut(&id) else { continue };
            if is_prompt(&open.start) {
                self.state.open.remove(&id);
                self.actions.push(Action::Withdraw(id));
            } else if !std::mem::replace(&mut open.orphan, true) {
                if open.start.class >= Class::Write {
                    self.stopped_half_way(&id);
                }
                self.actions.push(Action::Cancel(id));
            }
        }
    }

    /// A write was stopped and has not ended: what it still does must not meet another one.
    pub(crate) fn is_stopping(&self) -> bool {
        self.state.open.values().any(|open| open.orphan && open.start.class >= Class::Write)
    }

    /// A write is stopped with all else, and no outcome of it is looked at: that it may be half done is kept in sight.
    fn stopped_half_way(&mut self, id: &ActionId) {
        let Some(open) = self.state.open.get(id) else { return };
        let detail = text!(
            "stopped while it ran: what it did until then is not known",
            "执行途中被停止：停止前做到了哪一步不明"
        );
        let (key, title) = (open.start.key.clone(), open.start.title.clone());
        let fiber = open.owner.fiber().and_then(|fiber| self.state.fibers.get(&fiber));
        let step = fiber.and_then(|fiber| fiber.frames.last()?.record);
        if let Some(step) = step.and_then(|step| self.state.steps.get_mut(step)) {
            step.state = Verdict::Aborted;
            step.detail.clone_from(&detail);
        }
        self.warn(text!("{}: {}", "{}：{}", title, detail));
        self.state.marks.push(Mark { key, title, verdict: Verdict::Aborted, detail, within: Vec::new() });
    }

    /// Aborts the run.
    pub(crate) fn abort(&mut self, because: Words) {
        self.state.reason = Some(because);
        self.cancel_all();
        self.cut(Cut::Abort);
        match self.state.phase {
            Phase::Finally(_) | Phase::Suspended(Resumable::Finally(_)) => self.end(Ending::Aborted),
            Phase::New
            | Phase::Main
            | Phase::RollingBack
            | Phase::Suspended(Resumable::Main | Resumable::RollingBack)
            | Phase::Over(_) => self.begin_finally(Ending::Aborted),
        }
    }

    /// Runs `finally`, then ends the run so.
    pub(crate) fn begin_finally(&mut self, ending: Ending) {
        self.cancel_all();
        // A write that was stopped just now, of another branch or of a person, speaks against it too.
        let spoiled = ending == Ending::Passed && !settled(self.state).is_empty();
        let ending = if spoiled { Ending::NotPassed } else { ending };
        self.cut(Cut::End);
        self.state.phase = Phase::Finally(ending);
        match self.program.finally {
            Some(id) => {
                self.tell(Telling::FinallyBegan);
                let fiber = self.spawn(Role::Finally, Urgency::Other, Vec::new());
                let frame = self.frame_of(fiber, id, ROOT, 0);
                if let Some(fiber) = self.state.fibers.get_mut(&fiber) {
                    fiber.frames.push(frame);
                }
            }
            None => self.end(ending),
        }
    }

    /// A fiber ended; the last of a phase ends that phase.
    pub(crate) fn phase_ended(&mut self, role: &Role) {
        if let (Role::Finally, Phase::Finally(ending)) = (role, self.state.phase) {
            // What goes wrong in `finally` counts like everything else.
            let spoiled = ending == Ending::Passed && main_verdict(self.program, self.state) != Verdict::Pass;
            self.end(if spoiled { Ending::NotPassed } else { ending });
        }
    }

    /// Gives a lock back. The run ends with it, so nobody waits for its outcome.
    pub(crate) fn unlock(&mut self, id: ActionId, target: String) {
        let (key, title) = ("unlock".to_owned(), plain(&target));
        let effect = Effect::Unlock { target };
        let start = Start { id, key, title, class: Class::Record, timeout: None, effect };
        self.actions.push(Action::Start(Box::new(start)));
    }

    /// Over.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.state.phase = Phase::Over(ending);
        self.state.finished_at = Some(self.state.now);
        for (target, _) in std::mem::take(&mut self.state.held_locks) {
            let id = ActionId(format!("unlock {target}"));
            self.unlock(id, target);
        }
        let reasons = match (because(self.state, ending), ending) {
            (Some(reason), Ending::Aborted | Ending::Refused) => vec![reason],
            (said, _) => said.into_iter().chain(reasons(self.program, self.state)).collect(),
        };
        self.tell(Telling::Ended { ending, reasons });
        self.actions.push(Action::End(ending));
    }
}
