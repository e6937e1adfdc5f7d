//! What a run does before its first statement.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | locks | each target's lock in turn; a busy one refuses the run | window |
//! | window | outside it: in production a person decides, elsewhere it is only noted | owner |
//! | owner | `owner …, ask: true` | the statements |

use super::action::{ActionId, Effect, Ending, PromptKind, Start};
use super::input::Begin;
use super::machine::{Flow, Kind, Machine};
use super::record::plain;
use super::state::{FiberId, Frame, Owner, Phase, ROOT, Return, Role};
use super::step::question::Question;
use super::telling::Telling;
use super::view::DeviationView;
use crate::check::program::Class;
use crate::text::Text;
use crate::value::answer::AnswerSpec;
use crate::value::types::Type;
use crate::value::{Value, Verdict, text};

/// The environment in which a run outside its window needs a person's word.
const PRODUCTION: &str = "production";

/// How far the beginning is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Opening {
    /// The lock with this index is being taken.
    Locks(usize, Option<ActionId>),
    /// A person is asked about the window.
    Window(Option<ActionId>),
    /// The owner's name is asked.
    Owner(Option<ActionId>),
    /// The statements run.
    Main,
}

impl Machine<'_> {
    /// The first input.
    pub(crate) fn begin(&mut self, begin: Begin) {
        let state = &mut *self.state;
        state.begun_at = Some(state.now);
        state.phase = Phase::Main;
        for param in &self.program.params {
            let value = begin.params.get(&param.name).cloned().unwrap_or(Value::Null);
            state.fixed.insert(param.var, value);
        }
        for secret in &self.program.secrets {
            let there = begin.secrets.contains(&secret.name);
            let value = if there { Value::Secret(secret.name.clone()) } else { Value::Null };
            state.fixed.insert(secret.var, value);
        }
        state.begin = begin;
        self.tell(Telling::Began { resumed: false });
        for binding in &self.program.lets {
            match self.env(ROOT).eval(&binding.value) {
                Ok(value) => {
                    self.state.fixed.insert(binding.var, value);
                }
                Err(error) => {
                    let name = &self.program.var(binding.var).name;
                    self.refuse(crate::text!("`{}` has no value: {}", "`{}` 没有值：{}", name, error.0));
                    return;
                }
            }
        }
        let frame = self.bare(Kind::Opening(Opening::Locks(0, None)), ROOT, 0);
        self.spawn(Role::Main, super::action::Urgency::Other, vec![frame]);
    }

    /// Nothing ran, and nothing will.
    fn refuse(&mut self, why: Text) {
        self.state.reason = Some(why.into());
        self.state.fibers.clear();
        self.end(Ending::Refused);
    }

    /// Runs the beginning.
    pub(crate) fn opening(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Opening(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Opening::Locks(index, running) => self.take_locks(fiber, frame, index, running, returned),
            Opening::Window(asked) => match returned {
                Some(Return::Answer(answer)) => {
                    if text::text(&answer.value) != "go_on" {
                        self.abort(crate::text!("outside the window", "不在上线窗口内").into());
                        return Flow::Gone;
                    }
                    let why = answer.note.clone().unwrap_or_default();
                    let what = crate::text!("outside the window: {why}", "在上线窗口之外执行：{why}");
                    self.state.deviations.push(DeviationView {
                        at: self.state.now,
                        by: answer.by.clone(),
                        what: what.clone(),
                    });
                    self.tell(Telling::Deviation { by: answer.by.clone(), what });
                    frame.kind = Kind::Opening(Opening::Owner(None));
                    Flow::Again
                }
                Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
                None if asked.as_ref().is_some_and(|id| self.state.open.contains_key(id)) => Flow::Block,
                None => self.window(fiber, frame),
            },
            Opening::Owner(asked) => match returned {
                Some(Return::Answer(answer)) => {
                    self.state.owner = Some(text::text(&answer.value));
                    self.enter_main(frame)
                }
                Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
                None if asked.as_ref().is_some_and(|id| self.state.open.contains_key(id)) => Flow::Block,
                None => self.owner(fiber, frame),
            },
            Opening::Main => match returned {
                Some(Return::Done(_) | Return::Failed(_)) => {
                    let passed = super::ending::main_verdict(self.program, self.state) == Verdict::Pass;
                    self.begin_finally(if passed { Ending::Passed } else { Ending::NotPassed });
                    Flow::Gone
                }
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => Flow::Block,
            },
        }
    }

    fn take_locks(
        &mut self,
        fiber: FiberId,
        frame: &mut Frame,
        index: usize,
        running: Option<ActionId>,
        returned: Option<Return>,
    ) -> Flow {
        if let (Some(Return::Outcome(outcome)), Some(_)) = (returned, &running) {
            if let Some(failure) = outcome.failure {
                self.refuse(failure.message);
                return Flow::Gone;
            }
            let taken = self.program.locks.get(index).map(|lock| (self.env(ROOT).text(&lock.target), lock.released));
            if let Some((Ok(target), released)) = taken {
                self.state.held_locks.insert(target, released);
            }
            frame.kind = Kind::Opening(Opening::Locks(index + 1, None));
            return Flow::Again;
        }
        if running.is_some() {
            return Flow::Block;
        }
        let Some(lock) = self.program.locks.get(index) else {
            frame.kind = Kind::Opening(Opening::Window(None));
            return Flow::Again;
        };
        match self.env(ROOT).text(&lock.target) {
            Ok(target) => {
                let id = ActionId(format!("lock.{}#1", index + 1));
                frame.kind = Kind::Opening(Opening::Locks(index, Some(id.clone())));
                let (key, title) = (format!("lock.{}", index + 1), plain(&target));
                let effect = Effect::Lock { target };
                let start = Start { id, key, title, class: Class::Record, timeout: None, effect };
                self.open(Owner::Fiber(fiber), None, start);
                Flow::Block
            }
            Err(error) => {
                self.refuse(error.0);
                Flow::Gone
            }
        }
    }

    fn window(&mut self, fiber: FiberId, frame: &mut Frame) -> Flow {
        frame.kind = Kind::Opening(Opening::Owner(None));
        let Some(window) = &self.program.window else { return Flow::Again };
        let now = self.state.now;
        if now >= window.opens && now <= window.to {
            return Flow::Again;
        }
        let environment = self.state.begin.environment.as_deref();
        if environment.is_some_and(|name| name != PRODUCTION) {
            let text = super::record::both("在上线窗口之外", "outside the window");
            self.warn(text.told());
            self.state.notes.push((now, text));
            return Flow::Again;
        }
        let id = self.builtin_id("run!window");
        frame.kind = Kind::Opening(Opening::Window(Some(id.clone())));
        let kind = PromptKind::Window { from: window.from, to: window.to };
        let choices = ["go_on", "abort"].into_iter().map(super::step::trouble::builtin).collect();
        let question = Question { kind, choices, ..Question::default() };
        self.ask(fiber, None, id, "run!window".to_owned(), super::record::both("上线窗口", "window"), question);
        Flow::Block
    }

    fn owner(&mut self, fiber: FiberId, frame: &mut Frame) -> Flow {
        match &self.program.owner {
            Some(owner) if owner.ask => {
                let id = self.builtin_id("owner");
                frame.kind = Kind::Opening(Opening::Owner(Some(id.clone())));
                let title = self.env(ROOT).words_lossy(&owner.title);
                let answer =
                    AnswerSpec { ty: Type::String, optional: false, min: None, max: None, matches: None, typed: None };
                let question = Question { answer: Some(answer), ..Question::default() };
                self.ask(fiber, None, id, "owner".to_owned(), title, question);
                return Flow::Block;
            }
            Some(owner) => {
                if let Some(name) = &owner.name {
                    self.state.owner = self.env(ROOT).text_opt(name).ok().flatten();
                }
            }
            None => {}
        }
        self.enter_main(frame)
    }

    /// The statements begin, at the first one or where `--from` says.
    fn enter_main(&mut self, frame: &mut Frame) -> Flow {
        frame.kind = Kind::Opening(Opening::Main);
        let Some(key) = self.state.begin.from.clone() else {
            return Flow::Push(Box::new(self.list(&self.program.main, ROOT, 0)));
        };
        match super::jump::target(self.program, self.state, &key) {
            Ok(path) => {
                let by = self.state.begin.executor.clone();
                self.deviate(&by, crate::text!("began at {key}", "从 {key} 开始执行"));
                self.mark_jump(&key, crate::text!("the statements before it were left out", "略过了它之前的语句"));
                let frames = super::jump::frames(self, &path);
                Flow::Replace(frames)
            }
            Err(why) => {
                self.refuse(why);
                Flow::Gone
            }
        }
    }
}
