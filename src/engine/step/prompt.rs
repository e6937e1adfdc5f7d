//! Questions of the author: `ask confirm manual item add decide signoff no_return`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | `manual … later`, `item … is:` | done at once |
//! | fresh | the question | open |
//! | open | an answer | done; `decide`: its option's statements |
//! | open | a clear no, or its deadline passed | what `else:` says |
//! | chosen | the option's statements ended | done |
//! | otherwise | the scenario of `else: run(…)` ended | done, as failed |

use crate::check::program::{AnswerType, Expr, NodeKind, Otherwise, People};
use crate::engine::action::{ActionId, Choice, Field, PromptKind, Start};
use crate::engine::eval::{Env, EvalError};
use crate::engine::input::Answer;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame, Owner, Return};
use crate::engine::step::question::Question;
use crate::engine::telling::Telling;
use crate::engine::view::{AnswerView, ItemView};
use crate::text::Text;
use crate::value::answer::AnswerSpec;
use crate::value::types::Type;
use crate::value::{Value, Verdict, text};

/// How far a question is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// Not asked.
    Fresh,
    /// Asked.
    Open(ActionId),
    /// The statements of the chosen option run.
    Chosen,
    /// The scenario of `else:` runs, because of this.
    Otherwise(Text),
}

impl Machine<'_> {
    /// Runs a question.
    pub(crate) fn prompt(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Prompt(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Phase::Fresh => self.put(fiber, frame),
            Phase::Open(id) => match returned {
                Some(Return::Answer(answer)) => self.answered(fiber, frame, &answer),
                Some(Return::TimedOut) => {
                    let (key, title) = (frame.key.clone(), self.title_of(frame));
                    self.tell(Telling::TimedOut { key, title });
                    self.no(fiber, frame, crate::text!("nobody answered in time", "超时无人答复"))
                }
                Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_)) => Flow::Block,
                None if self.state.open.contains_key(&id) => Flow::Block,
                None => {
                    // A suspension took it back: it is asked again.
                    frame.attempt += 1;
                    frame.kind = Kind::Prompt(Phase::Fresh);
                    Flow::Again
                }
            },
            Phase::Chosen => match returned {
                Some(Return::Done(verdict)) => {
                    self.close_record(frame, verdict, Text::default());
                    Flow::done(verdict)
                }
                Some(Return::Failed(message)) => {
                    self.close_record(frame, Verdict::Fail, message.clone());
                    Flow::Done(Return::Failed(message))
                }
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => Flow::Block,
            },
            Phase::Otherwise(why) => match returned {
                // The scenario has dealt with the "no"; it still was one.
                Some(Return::Done(_)) => {
                    self.close_record(frame, Verdict::Fail, why);
                    Flow::done(Verdict::Fail)
                }
                Some(Return::Failed(message)) => Flow::Done(Return::Failed(message)),
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => Flow::Block,
            },
        }
    }

    fn people(&self, frame: &Frame) -> Option<&People> {
        self.program.node(frame.node?).kind.people()
    }

    /// Asks it, or decides it where no person is needed.
    fn put(&mut self, fiber: FiberId, frame: &mut Frame) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let node = self.node(id);
        if frame.record.is_none() {
            self.open_record(frame, String::new());
        }
        match &node.kind {
            NodeKind::Manual { later: true, .. } => {
                let title = self.title_of(frame);
                let key = frame.key.clone();
                self.state.items.push(ItemView { key, title, state: Verdict::Pending, by: None });
                self.close_record(frame, Verdict::Pass, crate::text!("to be done after the run", "待运行结束后完成"));
                return Flow::done(Verdict::Pass);
            }
            NodeKind::Item { is: Some(is), .. } => {
                return match self.env(frame.scope).bool(is) {
                    Ok(holds) => self.item(frame, if holds { Verdict::Pass } else { Verdict::Fail }, None),
                    Err(error) => {
                        self.item(frame, Verdict::Error, None);
                        self.fail(fiber, frame, error.0, String::new())
                    }
                };
            }
            _other => {}
        }
        let question = self.question(frame);
        let question = match question {
            Ok(question) => question,
            Err(error) => return self.fail(fiber, frame, error.0, String::new()),
        };
        let action = frame.action();
        let title = self.title_of(frame);
        self.ask(fiber, Some(id), action.clone(), node.key.clone(), title, question);
        frame.kind = Kind::Prompt(Phase::Open(action));
        Flow::Block
    }

    fn question(&self, frame: &Frame) -> Result<Question, EvalError> {
        let env = self.env(frame.scope);
        let people = match self.people(frame) {
            Some(people) => self.asked(frame.scope, people)?,
            None => crate::engine::step::question::Asked::default(),
        };
        let kind = frame.node.map(|id| &self.program.node(id).kind);
        let mut question = Question { people, ..Question::default() };
        match kind {
            Some(NodeKind::Ask { answer, .. }) => {
                question.answer = Some(env.answer_spec(answer)?);
                question.default = answer.default.as_ref().map(|default| env.eval(default)).transpose()?;
            }
            Some(NodeKind::Confirm { typed, after_clean, .. }) => {
                let typed = typed.as_ref().map(|typed| env.text(typed)).transpose()?;
                let refused = if *after_clean { self.unclean() } else { Vec::new() };
                question.kind = PromptKind::Confirm { typed, refused };
            }
            Some(NodeKind::Manual { links, later, .. }) => {
                let links = links.iter().map(|link| env.text_opt(link)).collect::<Result<Vec<_>, _>>()?;
                question.kind = PromptKind::Manual { links: links.into_iter().flatten().collect(), later: *later };
                question.choices =
                    ["done", "failed", "not_applicable"].into_iter().map(super::trouble::builtin).collect();
            }
            Some(NodeKind::Item { .. }) => question.kind = PromptKind::Item,
            Some(NodeKind::Add { collect, .. }) => {
                let people = question.people;
                question = Question { people, ..self.entry_question(*collect, frame.scope) };
            }
            Some(NodeKind::Decide { options, .. }) => {
                question.kind = PromptKind::Decide;
                for option in options {
                    let title = env.words(&option.title)?;
                    question.choices.push(Choice { key: option.key.clone(), title, refused: None });
                }
            }
            Some(NodeKind::Signoff { options, .. }) => {
                question.kind = PromptKind::Signoff;
                for option in options {
                    let holds = option.requires.as_ref().map_or(Ok(true), |requires| env.bool(requires))?;
                    let refused = (!holds).then(|| crate::text!("what it requires does not hold", "所需条件不成立"));
                    let title = env.words(&option.title)?;
                    question.choices.push(Choice { key: option.key.clone(), title, refused });
                }
            }
            Some(NodeKind::NoReturn { typed, .. }) => {
                let typed = typed.as_ref().map(|typed| env.text(typed)).transpose()?;
                question.kind = PromptKind::NoReturn { typed };
            }
            Some(_) | None => {}
        }
        Ok(question)
    }

    /// The question for entries of a `collect`.
    pub(crate) fn entry_question(&self, collect: usize, scope: crate::engine::state::ScopeId) -> Question {
        let any = |ty, optional| AnswerSpec { ty, optional, min: None, max: None, matches: None, typed: None };
        let env = self.env(scope);
        let fields = self.program.collects.get(collect).map(|collect| &collect.fields);
        let fields = fields.into_iter().flatten().map(|field| Field {
            name: field.name.clone(),
            title: env.words_lossy(&field.title),
            answer: any(field.ty.clone(), field.optional),
        });
        Question {
            kind: PromptKind::Collect { fields: fields.collect() },
            answer: Some(any(Type::List(Box::new(Type::Map(Box::new(Type::Json)))), false)),
            ..Question::default()
        }
    }

    /// Keys of what failed or was skipped so far.
    fn unclean(&self) -> Vec<String> {
        self.state.marks.iter().map(|mark| mark.key.clone()).collect()
    }

    fn answered(&mut self, fiber: FiberId, frame: &mut Frame, answer: &Answer) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let node = self.node(id);
        match &node.kind {
            NodeKind::Ask { answer: wanted, .. } => {
                if let Some(var) = node.bind {
                    self.state.bind(frame.scope, var, answer.value.clone());
                }
                if wanted.must && answer.value == Value::Bool(false) {
                    return self.no(fiber, frame, crate::text!("{} answered no", "{} 答复：否", answer.by));
                }
                self.close_record(frame, Verdict::Pass, Text::verbatim(text::text(&answer.value)));
                Flow::done(Verdict::Pass)
            }
            NodeKind::Confirm { after_clean, .. } => {
                let unclean = if *after_clean { self.unclean() } else { Vec::new() };
                match &answer.value {
                    Value::Bool(true) if unclean.is_empty() => {
                        self.close_record(frame, Verdict::Pass, Text::default());
                        Flow::done(Verdict::Pass)
                    }
                    Value::Bool(true) => {
                        let why = crate::text!(
                            "it cannot be confirmed: failed or skipped before it: {}",
                            "不能确认：此前有失败或被跳过的项：{}",
                            unclean.join(", ")
                        );
                        self.fail(fiber, frame, why, String::new())
                    }
                    _other => self.no(fiber, frame, crate::text!("rejected by {}", "{} 未同意", answer.by)),
                }
            }
            NodeKind::Manual { .. } => match text::text(&answer.value).as_str() {
                "done" => self.item(frame, Verdict::Pass, Some(answer)),
                "not_applicable" => self.item(frame, Verdict::NotApplicable, Some(answer)),
                _failed => self.no(fiber, frame, crate::text!("{} says it failed", "{} 答复：失败", answer.by)),
            },
            NodeKind::Item { .. } => {
                let verdict = if answer.value == Value::Bool(true) { Verdict::Pass } else { Verdict::Fail };
                self.item(frame, verdict, Some(answer))
            }
            NodeKind::Add { collect, .. } => {
                let entries = match &answer.value {
                    Value::List(entries) => entries.clone(),
                    other => vec![other.clone()],
                };
                if let Some(list) = self.state.collected.get_mut(*collect) {
                    list.extend(entries);
                }
                self.close_record(frame, Verdict::Pass, Text::default());
                Flow::done(Verdict::Pass)
            }
            NodeKind::Decide { options, .. } => {
                let chosen = text::text(&answer.value);
                let Some(option) = options.iter().find(|option| option.key == chosen) else { return Flow::Block };
                if let Some(var) = node.bind {
                    self.state.bind(frame.scope, var, Value::Text(chosen.clone()));
                }
                // It is answered, also where what was chosen ends the run.
                self.close_record(frame, Verdict::Pass, Text::verbatim(chosen));
                frame.kind = Kind::Prompt(Phase::Chosen);
                Flow::Push(Box::new(self.list(&option.body, frame.scope, frame.depth)))
            }
            NodeKind::Signoff { options, .. } => {
                let chosen = text::text(&answer.value);
                let first = options.first().is_some_and(|option| option.key == chosen);
                let refused = options
                    .iter()
                    .find(|option| option.key == chosen)
                    .and_then(|option| option.requires.as_ref())
                    .is_some_and(|requires| !self.env(frame.scope).bool(requires).unwrap_or(false));
                if refused {
                    let why = crate::text!(
                        "`{chosen}` cannot be signed: what it requires does not hold",
                        "不能签署 `{chosen}`：所需条件不成立"
                    );
                    return self.fail(fiber, frame, why, String::new());
                }
                if let Some(view) = self.state.answers.last().cloned() {
                    self.state.signoff = Some((view, first));
                }
                if let Some(var) = node.bind {
                    self.state.bind(frame.scope, var, Value::Text(chosen.clone()));
                }
                self.close_record(frame, Verdict::Pass, Text::verbatim(chosen));
                Flow::done(Verdict::Pass)
            }
            NodeKind::NoReturn { .. } => {
                if answer.value == Value::Bool(true) {
                    self.state.no_return = Some(self.title_of(frame));
                    self.close_record(frame, Verdict::Pass, Text::default());
                    Flow::done(Verdict::Pass)
                } else {
                    self.no(fiber, frame, crate::text!("rejected by {}", "{} 未同意", answer.by))
                }
            }
            _other => Flow::done(Verdict::Pass),
        }
    }

    /// An item or a manual action is decided.
    fn item(&mut self, frame: &mut Frame, verdict: Verdict, answer: Option<&Answer>) -> Flow {
        let title = self.title_of(frame);
        let by = answer.map(|answer| answer.by.clone());
        self.state.items.push(ItemView { key: frame.key.clone(), title, state: verdict, by });
        let detail = answer.and_then(|answer| answer.note.clone()).map(Text::verbatim).unwrap_or_default();
        self.close_record(frame, verdict, detail);
        // An item that is false is shown and never fails by itself.
        Flow::done(if verdict == Verdict::NotApplicable { verdict } else { Verdict::Pass })
    }

    /// A clear no, or silence: what `else:` says.
    fn no(&mut self, fiber: FiberId, frame: &mut Frame, why: Text) -> Flow {
        let otherwise = self.people(frame).map_or(Otherwise::Fail, |people| people.otherwise);
        match otherwise {
            Otherwise::Fail => self.fail(fiber, frame, why, String::new()),
            Otherwise::Run(scenario) => {
                self.mark(frame, Verdict::Fail, why.clone());
                let event = crate::text!("{}: {}", "{}：{}", frame.key, why);
                frame.kind = Kind::Prompt(Phase::Otherwise(why));
                if let Some(joined) = self.join(fiber, frame, scenario, event) {
                    return Flow::Push(Box::new(joined));
                }
                let scope = self.state.new_scope(frame.scope);
                let child = self.frame_of(fiber, scenario, scope, frame.depth);
                Flow::Push(Box::new(child))
            }
            Otherwise::Suspend => {
                // Asked again after the resume.
                frame.attempt += 1;
                frame.kind = Kind::Prompt(Phase::Fresh);
                self.park_or_suspend(fiber, frame, why.into());
                Flow::Block
            }
            Otherwise::Abort => {
                self.mark(frame, Verdict::Fail, why.clone());
                self.abort(why.into());
                Flow::Gone
            }
        }
    }

    /// Writes an answer down, whatever it answers.
    pub(crate) fn note_answer(
        &mut self,
        owner: Owner,
        id: &ActionId,
        start: &Start,
        answer: &Answer,
        choices: &[Choice],
    ) {
        let (key, title) = (start.key.as_str(), start.title.clone());
        let chosen = match &answer.value {
            Value::Text(chosen) => {
                choices.iter().find(|choice| choice.key == *chosen).map(|choice| choice.title.clone())
            }
            _other => None,
        };
        let telling = Telling::Answered {
            key: id.0.clone(),
            title: title.clone(),
            value: answer.value.clone(),
            choice: chosen.clone(),
            by: answer.by.clone(),
        };
        self.tell_of(owner.fiber(), telling);
        self.state.answers.push(AnswerView {
            key: id.0.clone(),
            static_key: key.to_owned(),
            title,
            value: answer.value.clone(),
            choice: chosen,
            by: answer.by.clone(),
            told_by: answer.told_by.clone(),
            at: self.state.now,
            note: answer.note.clone(),
            evidence: answer.evidence.clone(),
        });
    }
}

impl Env<'_> {
    /// What fits as the answer of an `ask`.
    pub(crate) fn answer_spec(&self, answer: &AnswerType) -> Result<AnswerSpec, EvalError> {
        let limit = |expr: &Option<Expr>| expr.as_ref().map(|expr| self.eval(expr)).transpose();
        Ok(AnswerSpec {
            ty: answer.ty.clone(),
            optional: answer.optional,
            min: limit(&answer.min)?,
            max: limit(&answer.max)?,
            matches: answer.matches.as_ref().map(|pattern| (pattern.source.clone(), pattern.ignore_case)),
            typed: None,
        })
    }
}
