//! What happens when a statement fails.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | failed | a person stopped it | the menu; in a precheck or verify, theirs |
//! | failed | `severity: warn` | done, noted; it does not count |
//! | failed | `severity: ask` | asked to accept |
//! | failed | something around it handles failures (checks, `try`, `poll`, `each` that goes on) | failed, to it |
//! | failed | else | the menu |
//! | menu | retry | the statement again, next attempt; a loop goes on with the passes that did not succeed |
//! | menu | skip, with a reason | skipped; the run is not passed |
//! | menu | rollback, suspend, abort | as they say |
//! | asked to accept | yes | skipped (waived); the run is not passed |
//! | asked to accept | no | failed, as if it had no severity |

use crate::check::program::{NodeKind, Severity};
use crate::engine::action::{ActionId, Choice, PromptKind, Words};
use crate::engine::input::Answer;
use crate::engine::machine::{Flow, Kind, Machine, fresh};
use crate::engine::record::plain;
use crate::engine::state::{FiberId, Frame, Return};
use crate::engine::step::wait::Wait;
use crate::text;
use crate::text::Text;
use crate::value::{Value, Verdict};

impl Machine<'_> {
    /// Decides about a failure, or asks who does.
    pub(crate) fn decide_trouble(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(trouble) = frame.trouble.clone() else { return Flow::Again };
        let severity = frame.node.map_or(Severity::Fail, |id| self.program.node(id).severity);
        if let Some(menu) = &trouble.menu {
            return match returned {
                Some(Return::Answer(answer)) => {
                    let flow = self.chosen(fiber, frame, &answer, &trouble.message);
                    if frame.trouble.is_none() {
                        self.go_on_with_loops(fiber);
                    }
                    flow
                }
                Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
                None if self.state.open.contains_key(menu) => Flow::Block,
                None => {
                    // A suspension took the menu back: it is asked again.
                    if let Some(trouble) = &mut frame.trouble {
                        trouble.menu = None;
                    }
                    Flow::Again
                }
            };
        }
        if trouble.stopped {
            if let Some(flow) = self.stop_checks(fiber, frame, &trouble) {
                return flow;
            }
            return self.asked_about(fiber, frame, &trouble.message, &trouble.output);
        }
        if severity == Severity::Warn {
            let title = self.title_of(frame);
            self.warn(if title.is_empty() {
                trouble.message.clone()
            } else {
                text!("{}: {}", "{}：{}", title, trouble.message)
            });
            self.close_record(frame, Verdict::Fail, trouble.message);
            return Flow::done(Verdict::Pass);
        }
        if severity == Severity::Ask {
            let kind = PromptKind::Accept { message: trouble.message.clone() };
            return self.open_menu(fiber, frame, "accept", kind, yes_no());
        }
        self.failed(fiber, frame, &trouble.message, &trouble.output)
    }

    /// The failure goes to what catches it, else to a person.
    fn failed(&mut self, fiber: FiberId, frame: &mut Frame, message: &Text, output: &str) -> Flow {
        if self.has_catcher(fiber) && !matches!(frame.kind, Kind::Guard { .. }) {
            self.close_record(frame, Verdict::Fail, message.clone());
            self.mark(frame, Verdict::Fail, message.clone());
            return Flow::Done(Return::Failed(message.clone()));
        }
        self.asked_about(fiber, frame, message, output)
    }

    /// A person decides what becomes of a failure.
    fn asked_about(&mut self, fiber: FiberId, frame: &mut Frame, message: &Text, output: &str) -> Flow {
        if let Some(step) = frame.record.and_then(|index| self.state.steps.get_mut(index)) {
            step.state = Verdict::Fail;
            step.detail.clone_from(message);
        }
        let kind = PromptKind::Failed { message: message.clone(), output: output.to_owned() };
        let choices = self.menu_choices(frame);
        self.open_menu(fiber, frame, "failed", kind, choices)
    }

    fn menu_choices(&self, frame: &Frame) -> Vec<Choice> {
        let mut keys = vec!["retry"];
        if self.may_skip(frame) {
            keys.push("skip");
        }
        if self.can_rollback() {
            keys.push("rollback");
        }
        keys.extend(["suspend", "abort"]);
        keys.into_iter().map(builtin).collect()
    }

    /// A guard is never skipped, nor is a required step or what stands in one. That a step is required says nothing of
    /// its undo: one that cannot be done must not keep the rest of a rollback from running.
    pub(crate) fn may_skip(&self, frame: &Frame) -> bool {
        if matches!(frame.kind, Kind::Undo { .. }) {
            return true;
        }
        let Some(id) = frame.node else { return false };
        let decides = std::iter::once(self.node(id)).chain(self.program.around(id)).find_map(|node| match &node.kind {
            NodeKind::Step { required: true, .. } => Some(false),
            NodeKind::Undo { .. } => Some(true),
            _other => None,
        });
        decides.unwrap_or(true)
    }

    fn open_menu(
        &mut self,
        fiber: FiberId,
        frame: &mut Frame,
        suffix: &str,
        kind: PromptKind,
        choices: Vec<Choice>,
    ) -> Flow {
        let static_key = match frame.node {
            Some(id) => self.program.node(id).key.clone(),
            None => frame.stem().to_owned(),
        };
        let id = self.builtin_id(&format!("{}!{suffix}", frame.stem()));
        let title = self.named(frame);
        let question = super::question::Question { kind, choices, ..super::question::Question::default() };
        self.ask(fiber, frame.node, id.clone(), format!("{static_key}!{suffix}"), title, question);
        if let Some(trouble) = &mut frame.trouble {
            trouble.menu = Some(id);
        }
        Flow::Block
    }

    /// `KEY!suffix#PASS`
    pub(crate) fn builtin_id(&mut self, stem: &str) -> ActionId {
        let pass = self.state.next_pass(stem);
        ActionId(format!("{stem}#{pass}"))
    }

    /// A menu was answered.
    fn chosen(&mut self, fiber: FiberId, frame: &mut Frame, answer: &Answer, message: &Text) -> Flow {
        let because = answer.note.clone().unwrap_or_default();
        match &answer.value {
            // severity: ask
            Value::Bool(true) => {
                let why = text!("accepted by {}: {}", "{} 接受：{}", answer.by, message);
                self.close_record(frame, Verdict::Skipped, why.clone());
                self.mark(frame, Verdict::Skipped, why);
                frame.trouble = None;
                Flow::done(Verdict::Skipped)
            }
            Value::Bool(false) => {
                let output = frame.trouble.as_ref().map(|trouble| trouble.output.clone()).unwrap_or_default();
                if let Some(trouble) = &mut frame.trouble {
                    trouble.menu = None;
                }
                self.failed(fiber, frame, message, &output)
            }
            Value::Text(choice) => match choice.as_str() {
                "retry" => {
                    self.forgive(frame);
                    frame.trouble = None;
                    frame.attempt += 1;
                    frame.worst = Verdict::Pass;
                    if let Kind::Wait(Wait::Until(until)) = frame.kind {
                        self.tell_waiting(frame, until);
                    }
                    frame.kind = match (&frame.kind, frame.node) {
                        (Kind::Guard { index, .. }, _) => Kind::Guard { index: *index, running: None },
                        (Kind::Undo { undo, .. }, _) => Kind::Undo { undo: undo.clone(), running: None },
                        (Kind::Each(each), Some(_)) => Kind::Each(each.again()),
                        // The end of a wait is computed once.
                        (Kind::Wait(wait @ Wait::Until(_)), Some(_)) => Kind::Wait(wait.clone()),
                        (_, Some(id)) => fresh(&self.program.node(id).kind),
                        (other, None) => other.clone(),
                    };
                    if let Some(step) = frame.record.and_then(|index| self.state.steps.get_mut(index)) {
                        step.state = Verdict::Pending;
                    }
                    Flow::Again
                }
                "skip" => {
                    let why = text!("skipped by {}: {} ({})", "{} 跳过：{}（{}）", answer.by, because, message);
                    self.close_record(frame, Verdict::Skipped, why.clone());
                    self.mark(frame, Verdict::Skipped, why);
                    frame.trouble = None;
                    Flow::done(Verdict::Skipped)
                }
                "rollback" => {
                    if let Some(trouble) = &mut frame.trouble {
                        trouble.menu = None;
                    }
                    let because = if because.is_empty() { message.clone().into() } else { plain(&because) };
                    let mut child = self.bare(Kind::Rollback { because, asked: None }, frame.scope, frame.depth);
                    "run!rollback".clone_into(&mut child.key);
                    Flow::Push(Box::new(child))
                }
                "abort" => {
                    self.abort(plain(&because));
                    Flow::Gone
                }
                // `suspend`: the menu opens again after the resume.
                _ => {
                    if let Some(trouble) = &mut frame.trouble {
                        trouble.menu = None;
                    }
                    self.suspend();
                    Flow::Block
                }
            },
            // The console offers nothing else; whatever came is no decision, so the menu opens again.
            Value::Null
            | Value::Int(_)
            | Value::Float(_)
            | Value::Percent(_)
            | Value::Duration(_)
            | Value::Bytes(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Secret(_)
            | Value::Verdict(_) => {
                if let Some(trouble) = &mut frame.trouble {
                    trouble.menu = None;
                }
                Flow::Again
            }
        }
    }
}

/// A built-in choice; the console words it.
pub(crate) fn builtin(key: &str) -> Choice {
    Choice { key: key.to_owned(), title: Words::default(), refused: None }
}

/// No choices: a yes/no question.
fn yes_no() -> Vec<Choice> {
    Vec::new()
}
