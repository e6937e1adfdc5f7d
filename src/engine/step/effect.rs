//! Effects: commands, requests, scrapes, files, messages.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | a write or destroy: the guards, one after another | guarding |
//! | fresh | else: its intent | running |
//! | guarding | a guard holds | the next guard, then running |
//! | running | its outcome: good | done, `as:` bound |
//! | running | its outcome: failed, attempts left | pausing |
//! | running | its outcome: failed, none left | trouble |
//! | pausing | the time has come | running, next attempt |
//! | probing | the reads after a crash | done, or running again |

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::resolve::Resolved;
use crate::check::program::{Again, Class, Node, NodeKind, Severity};
use crate::engine::action::{ActionId, Effect, Start, Words};
use crate::engine::input::{Data, Failure, FailureKind, Outcome, Output};
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::record::plain;
use crate::engine::state::{FiberId, Frame, Owner, Return, Undo};
use crate::engine::telling::{Attempt, Telling};
use crate::text;
use crate::text::{Lang, Text};
use crate::value::{Value, Verdict};

/// Longest part of an output that a failure menu shows: the last lines tell why, the artifact has the rest.
const MENU_OUTPUT_CHARS: usize = 2_000;

/// How far an effect is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// Not begun.
    Fresh,
    /// `--step`: a person is asked before it, once the question is put.
    Stepping(Option<ActionId>),
    /// The guard with this index is being checked.
    Guarding(usize),
    /// Begun, its outcome is awaited.
    Running(ActionId),
    /// Waiting for the next attempt.
    Pausing(Timestamp),
    /// Was it done before the crash? The reads run.
    Probing(ActionId),
    /// Was it done before the crash? A person is asked, once the question is put.
    InDoubt(ActionId, Option<ActionId>),
}

impl Phase {
    /// Reads of a probe run inside it: their failures are its own.
    pub(crate) fn is_probing(&self) -> bool {
        matches!(self, Phase::Probing(_))
    }
}

impl Machine<'_> {
    /// Runs an effect.
    pub(crate) fn effect(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let node = self.node(id);
        let Kind::Effect(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Phase::Fresh if self.state.begin.step && node.class > Class::Read && frame.attempt == 1 => {
                frame.kind = Kind::Effect(Phase::Stepping(None));
                Flow::Again
            }
            Phase::Stepping(asked) => self.stepping(fiber, frame, node, asked, returned),
            Phase::Fresh => self.guard_then_start(fiber, frame, node),
            Phase::Guarding(index) => {
                if returned.is_none() {
                    return Flow::Push(Box::new(self.guard_frame(index, frame)));
                }
                if let Some(Return::Failed(message)) = returned {
                    return self.fail(fiber, frame, message, String::new());
                }
                let next = index + 1;
                if next < self.program.guards.len() {
                    frame.kind = Kind::Effect(Phase::Guarding(next));
                    return Flow::Push(Box::new(self.guard_frame(next, frame)));
                }
                self.start_effect(fiber, frame, node)
            }
            Phase::Running(action) => match returned {
                Some(Return::Outcome(outcome)) => self.effect_ended(fiber, frame, node, &action, *outcome),
                Some(Return::Done(_) | Return::Failed(_) | Return::Answer(_) | Return::TimedOut) | None => Flow::Block,
            },
            Phase::Pausing(until) => {
                if self.state.now < until {
                    self.sleep_until(fiber, until);
                    return Flow::Block;
                }
                frame.attempt += 1;
                frame.kind = Kind::Effect(Phase::Fresh);
                Flow::Again
            }
            Phase::Probing(action) => self.probed(frame, node, &action, returned),
            Phase::InDoubt(action, asked) => {
                let flow = self.in_doubt(fiber, frame, node, &action, asked, returned);
                if !matches!(frame.kind, Kind::Effect(Phase::InDoubt(..))) {
                    self.go_on_with_loops(fiber);
                }
                flow
            }
        }
    }

    /// `--step`: the effect is shown, and a person lets it begin.
    fn stepping(
        &mut self,
        fiber: FiberId,
        frame: &mut Frame,
        node: &Node,
        asked: Option<ActionId>,
        returned: Option<Return>,
    ) -> Flow {
        if let Some(Return::Answer(answer)) = returned {
            let because = answer.note.clone().unwrap_or_default();
            return match crate::value::text::text(&answer.value).as_str() {
                "go_on" => self.guard_then_start(fiber, frame, node),
                "skip" => {
                    let why = text!("skipped by {}: {}", "{} 跳过：{}", answer.by, because);
                    self.open_record(frame, String::new());
                    self.close_record(frame, Verdict::Skipped, why.clone());
                    self.mark(frame, Verdict::Skipped, why);
                    Flow::done(Verdict::Skipped)
                }
                "abort" => {
                    self.abort(plain(&because));
                    Flow::Gone
                }
                _suspend => {
                    frame.kind = Kind::Effect(Phase::Stepping(None));
                    self.suspend();
                    Flow::Block
                }
            };
        }
        if asked.as_ref().is_some_and(|id| self.state.open.contains_key(id)) {
            return Flow::Block;
        }
        let what = match self.env(frame.scope).resolve(node) {
            Ok(resolved) => resolved.what.text,
            Err(error) => return self.fail(fiber, frame, error.0, String::new()),
        };
        let id = self.builtin_id(&format!("{}!step", frame.stem()));
        frame.kind = Kind::Effect(Phase::Stepping(Some(id.clone())));
        let mut keys = vec!["go_on"];
        if self.may_skip(frame) {
            keys.push("skip");
        }
        keys.extend(["suspend", "abort"]);
        let choices = keys.into_iter().map(super::trouble::builtin).collect();
        let title = self.title_of(frame);
        let kind = crate::engine::action::PromptKind::Step { what };
        let question = super::question::Question { kind, choices, ..super::question::Question::default() };
        self.ask(fiber, frame.node, id, format!("{}!step", node.key), title, question);
        Flow::Block
    }

    /// The guards of a write, then the effect itself.
    fn guard_then_start(&mut self, fiber: FiberId, frame: &mut Frame, node: &Node) -> Flow {
        if node.class >= Class::Write && !self.program.guards.is_empty() {
            frame.kind = Kind::Effect(Phase::Guarding(0));
            return Flow::Push(Box::new(self.guard_frame(0, frame)));
        }
        self.start_effect(fiber, frame, node)
    }

    fn start_effect(&mut self, fiber: FiberId, frame: &mut Frame, node: &Node) -> Flow {
        if node.class >= Class::Write && (self.is_locking() || self.is_stopping() || self.is_paused()) {
            frame.kind = Kind::Effect(Phase::Fresh);
            return Flow::Block;
        }
        let resolved = match self.env(frame.scope).resolve(node) {
            Ok(resolved) => resolved,
            Err(error) => {
                if frame.record.is_none() {
                    self.open_record(frame, String::new());
                }
                return self.fail(fiber, frame, error.0, String::new());
            }
        };
        let Resolved { effect, what, timeout } = resolved;
        let stdin = super::describe::stdin(&effect);
        if frame.record.is_none() {
            self.open_record(frame, what.text.clone());
            if let Some(step) = frame.record.and_then(|at| self.state.steps.get_mut(at)) {
                (step.what, step.stdin) = (what.clone(), stdin.clone());
            }
        }
        let id = frame.action();
        let title = self.effect_title(frame, &what);
        let depth = frame.depth;
        let (attempt, polled) = (attempt(frame, node), self.is_polled(fiber));
        let (told, class) = (title.clone(), node.class);
        self.tell(Telling::EffectBegan {
            id: id.clone(),
            depth,
            title: told,
            what: what.text,
            stdin,
            class,
            attempt,
            polled,
        });
        frame.kind = Kind::Effect(Phase::Running(id.clone()));
        let start = Start { id, key: node.key.clone(), title, class: node.class, timeout, effect };
        self.open(Owner::Fiber(fiber), frame.node, start);
        Flow::Block
    }

    /// A lock is being taken: no write begins meanwhile.
    fn is_locking(&self) -> bool {
        self.state.open.values().any(|open| matches!(open.start.effect, Effect::Lock { .. }))
    }

    /// A person has paused the run, and was not answered for yet what comes next.
    pub(crate) fn is_paused(&self) -> bool {
        let paused = |frame: &Frame| matches!(frame.kind, Kind::Paused(_));
        self.state.fibers.values().any(|fiber| fiber.frames.last().is_some_and(paused))
    }

    /// A lock was taken, or a stopped write has ended: writes that waited for it look again.
    pub(crate) fn let_writes_begin(&mut self) {
        for fiber in self.state.fibers.values_mut() {
            fiber.ready |= fiber.frames.last().is_some_and(|frame| matches!(frame.kind, Kind::Effect(Phase::Fresh)));
        }
    }

    fn effect_title(&self, frame: &Frame, what: &Words) -> Words {
        let title = self.title_of(frame);
        if title.text.is_empty() { what.clone() } else { title }
    }

    fn effect_ended(
        &mut self,
        fiber: FiberId,
        frame: &mut Frame,
        node: &Node,
        action: &ActionId,
        outcome: Outcome,
    ) -> Flow {
        if outcome.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::InDoubt)
            && node.class >= Class::Write
        {
            return doubt(frame, action);
        }
        let (outcome, answered) = self.asked_promql(node, outcome);
        let absent = outcome.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Absent);
        let interrupted = outcome.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Interrupted);
        let failed = outcome.failure.is_some() && !absent;
        let may_retry = failed && !interrupted && frame.attempt <= node.retry.times;
        let retry_at = if may_retry { self.next_attempt(frame, node) } else { None };
        let mut title = self.effect_title(frame, &self.what_of(frame).unwrap_or_default());
        let shown = answered.as_ref().map(|value| self.read_by_people(value));
        if let (Some(shown), Some(value)) = (&shown, &answered) {
            let Text { en, zh } = text!("{}: {}", "{}：{}", title, shown);
            title = Words {
                text: format!("{}: {}", title.text, tail(&crate::value::text::text(value))),
                en: Some(en),
                zh: Some(zh),
            };
        }
        let took_ms = i64::try_from(outcome.took.as_millis()).unwrap_or(i64::MAX);
        let output = shown_output(&outcome);
        self.tell(Telling::EffectEnded {
            id: action.clone(),
            depth: frame.depth,
            title,
            failure: outcome.failure.clone(),
            output: output.clone(),
            took_ms,
            retry_at,
            attempt: attempt(frame, node),
            polled: self.is_polled(fiber),
        });
        if let Some(failure) = outcome.failure.clone().filter(|_| !absent) {
            if let Some(at) = retry_at {
                frame.kind = Kind::Effect(Phase::Pausing(at));
                self.sleep_until(fiber, at);
                return Flow::Again;
            }
            if node.severity != Severity::Fail {
                self.keep_failed(frame, node, &outcome);
            }
            let tail = tail(&output.text);
            if interrupted && self.asks_where_stopped(fiber) {
                return self.fail_stopped(fiber, frame, failure.message, tail);
            }
            return self.fail(fiber, frame, failure.message, tail);
        }
        if let Err(message) = self.keep_outcome(frame, node, &outcome, answered) {
            return self.fail(fiber, frame, message, String::new());
        }
        let detail = outcome.failure.map(|failure| failure.message).or(shown).unwrap_or_default();
        self.close_record(frame, Verdict::Pass, detail);
        Flow::done(Verdict::Pass)
    }

    /// When the next attempt begins: the pause grows by the factor with each attempt.
    fn next_attempt(&self, frame: &Frame, node: &Node) -> Option<Timestamp> {
        let pause = match &node.retry.every {
            Some(every) => self.env(frame.scope).duration(every).ok()?,
            None => SignedDuration::ZERO,
        };
        self.state.now.checked_add(grown(pause, node.retry.backoff, frame.attempt)).ok()
    }

    /// A value as people read it: rounded, with its unit, each language's own. What reads the value itself has it whole.
    fn read_by_people(&self, value: &Value) -> Text {
        let zone = crate::engine::eval::zone(self.program);
        let in_lang = |lang| tail(&crate::value::human::value(value, &zone, lang));
        Text { en: in_lang(Lang::En), zh: in_lang(Lang::Zh) }
    }

    /// What a question in `PromQL` gives. Where it gives nothing the effect has failed like any other: with its attempts and
    /// its menu.
    fn asked_promql(&self, node: &Node, mut outcome: Outcome) -> (Outcome, Option<Value>) {
        let (NodeKind::Query(query), Data::Scrape(data)) = (&node.kind, &outcome.data) else { return (outcome, None) };
        let Some(asks) = query.asks.as_ref().filter(|_| outcome.failure.is_none()) else { return (outcome, None) };
        match crate::engine::observe::answer(self.state, query.source, asks, data) {
            Ok(value) => (outcome, Some(value)),
            Err(message) => {
                outcome.failure = Some(Failure { kind: FailureKind::Failed, message });
                (outcome, None)
            }
        }
    }

    /// Binds `as:` and does what the kind of effect asks for besides.
    fn keep_outcome(
        &mut self,
        frame: &Frame,
        node: &Node,
        outcome: &Outcome,
        answered: Option<Value>,
    ) -> Result<(), Text> {
        let mut record = result_record(outcome);
        record.extend(answered.map(|value| ("value".to_owned(), value)));
        match (&node.kind, &outcome.data) {
            (NodeKind::Query(query), Data::Scrape(data)) => {
                if let Some((selector, by)) = &query.increase {
                    let rows = crate::engine::observe::increase(self, query.source, selector, by, data)?;
                    record.insert("value".to_owned(), rows);
                }
                if let Some(var) = node.bind {
                    self.state.scrapes.insert(var, (outcome.started_at, data.clone()));
                }
            }
            (NodeKind::Update(_), Data::File(file)) if file.changed => {
                let restores = Some((file.path.clone(), file.clone()));
                let undo = Undo { restores, ..self.undo_at(node.id, frame) };
                self.state.undos.push(undo);
            }
            (_, _) => {}
        }
        if let Some(var) = node.bind {
            self.state.bind(frame.scope, var, Value::Map(record));
        }
        Ok(())
    }

    /// A failure that the flow may go on after: what is known of it can be read, what is not there is null.
    fn keep_failed(&mut self, frame: &Frame, node: &Node, outcome: &Outcome) {
        let Some(var) = node.bind else { return };
        let mut record = result_record(outcome);
        for field in ["out", "err", "status", "value"] {
            record.entry(field.to_owned()).or_insert(Value::Null);
        }
        self.state.bind(frame.scope, var, Value::Map(record));
    }

    /// A write ran and its outcome is lost: what is known of it is kept. Its record has no output, so that a statement
    /// that reads it fails and says why; its built-in undo is left to a person, as what it changed is not known.
    fn keep_lost(&mut self, frame: &Frame, node: &Node, how: Text) {
        if let NodeKind::Update(update) = &node.kind {
            let path = self.env(frame.scope).text(&update.file);
            let path = path.unwrap_or_else(|_| self.what_of(frame).unwrap_or_default().text);
            let undo = Undo { by_hand: Some(path), ..self.undo_at(node.id, frame) };
            self.state.undos.push(undo);
        }
        if let Some(var) = node.bind {
            let known = [
                ("verdict".to_owned(), Value::Verdict(Verdict::Pass)),
                ("started_at".to_owned(), Value::Time(frame.began)),
            ];
            self.state.bind(frame.scope, var, Value::Map(known.into()));
            self.state.lost.insert(var, how);
        }
    }

    /// The reads of a probe ended.
    fn probed(&mut self, frame: &mut Frame, node: &Node, action: &ActionId, returned: Option<Return>) -> Flow {
        let Again::Probe { reads, done_when } = &node.again else { return Flow::Block };
        match returned {
            None => {
                let list = self.list(reads, frame.scope, frame.depth + 1);
                Flow::Push(Box::new(list))
            }
            Some(Return::Done(_)) => match self.env(frame.scope).bool(done_when) {
                Ok(true) => {
                    let how =
                        text!("the probe found after a crash that `{}` ran", "崩溃后探测发现 `{}` 已经执行", node.key);
                    self.keep_lost(frame, node, how);
                    self.state.open.remove(action);
                    self.close_record(frame, Verdict::Pass, text!("the probe found it done", "探测发现它已经完成"));
                    Flow::done(Verdict::Pass)
                }
                Ok(false) => {
                    self.state.open.remove(action);
                    frame.attempt += 1;
                    frame.kind = Kind::Effect(Phase::Fresh);
                    Flow::Again
                }
                Err(_) => doubt(frame, action),
            },
            Some(Return::Failed(_)) => doubt(frame, action),
            Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => Flow::Block,
        }
    }

    /// A write began and its outcome is not known: it is never guessed.
    fn in_doubt(
        &mut self,
        fiber: FiberId,
        frame: &mut Frame,
        node: &Node,
        action: &ActionId,
        asked: Option<ActionId>,
        returned: Option<Return>,
    ) -> Flow {
        if let Some(Return::Answer(answer)) = returned {
            let chosen = crate::value::text::text(&answer.value);
            if chosen == "ran" {
                let how =
                    text!("{} said after a crash that `{}` ran", "{} 在崩溃后确认 `{}` 已经执行", answer.by, node.key);
                self.keep_lost(frame, node, how);
            }
            self.state.open.remove(action);
            return match chosen.as_str() {
                "ran" => {
                    let why = text!(
                        "in doubt after a crash; {} says that it ran",
                        "崩溃后结果不明；{} 确认已经执行",
                        answer.by
                    );
                    self.close_record(frame, Verdict::Pass, why);
                    Flow::done(Verdict::Pass)
                }
                "run_again" => {
                    frame.attempt += 1;
                    frame.kind = Kind::Effect(Phase::Fresh);
                    Flow::Again
                }
                _abort => {
                    self.abort(plain(&answer.note.clone().unwrap_or_default()));
                    Flow::Gone
                }
            };
        }
        if asked.as_ref().is_some_and(|id| self.state.open.contains_key(id)) {
            return Flow::Block;
        }
        let id = self.builtin_id(&format!("{}!in_doubt", frame.stem()));
        frame.kind = Kind::Effect(Phase::InDoubt(action.clone(), Some(id.clone())));
        let title = self.named(frame);
        let what = self.what_of(frame).unwrap_or_default().text;
        let mut keys = vec!["ran"];
        if !matches!(node.again, Again::Never) {
            keys.push("run_again");
        }
        keys.push("abort");
        let choices = keys.into_iter().map(super::trouble::builtin).collect();
        let question = super::question::Question {
            kind: crate::engine::action::PromptKind::InDoubt { what },
            choices,
            ..super::question::Question::default()
        };
        self.ask(fiber, frame.node, id, format!("{}!in_doubt", node.key), title, question);
        Flow::Block
    }
}

fn attempt(frame: &Frame, node: &Node) -> Attempt {
    Attempt { n: frame.attempt, of: node.retry.times.saturating_add(1) }
}

/// `pause · backoff^(attempt − 1)`, at most a day: a longer pause is a mistake of the author's factor.
pub(crate) fn grown(pause: SignedDuration, backoff: f64, attempt: u32) -> SignedDuration {
    const LONGEST: SignedDuration = SignedDuration::from_hours(24);
    let factor =
        if backoff > 1.0 { backoff.powi(i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX)) } else { 1.0 };
    let seconds = pause.as_secs_f64() * factor;
    if seconds < LONGEST.as_secs_f64() {
        SignedDuration::try_from_secs_f64(seconds).unwrap_or(LONGEST)
    } else {
        LONGEST
    }
}

/// The record that `as:` binds.
pub(crate) fn result_record(outcome: &Outcome) -> BTreeMap<String, Value> {
    let mut record = BTreeMap::new();
    let mut put = |name: &str, value: Value| {
        record.insert(name.to_owned(), value);
    };
    put("verdict", Value::Verdict(if outcome.failure.is_some() { Verdict::Fail } else { Verdict::Pass }));
    put("took", Value::Duration(outcome.took));
    put("started_at", Value::Time(outcome.started_at));
    if let Ok(finished) = outcome.started_at.checked_add(outcome.took) {
        put("finished_at", Value::Time(finished));
    }
    match &outcome.data {
        Data::None | Data::Alerts(_) | Data::Scrape(_) => {}
        Data::Shell { code, out, err, value } => {
            put("status", code.map_or(Value::Null, |code| Value::Int(i64::from(code))));
            put("out", Value::Text(out.text.clone()));
            put("err", Value::Text(err.text.clone()));
            if let Some(value) = value {
                put("value", value.clone());
            }
        }
        Data::Http { status, body, value } => {
            put("status", status.map_or(Value::Null, |status| Value::Int(i64::from(status))));
            put("out", Value::Text(body.text.clone()));
            if let Some(value) = value {
                put("value", value.clone());
            }
        }
        Data::File(file) => {
            put("value", Value::Text(file.path.clone()));
        }
    }
    record
}

/// The output that is worth showing with an outcome: that of errors where there is one.
pub(super) fn shown_output(outcome: &Outcome) -> Output {
    match &outcome.data {
        Data::Shell { out, err, .. } if outcome.failure.is_some() && !err.text.trim().is_empty() => {
            let joined =
                if out.text.trim().is_empty() { err.text.clone() } else { format!("{}\n{}", out.text, err.text) };
            Output { text: joined, bytes: out.bytes + err.bytes, artifact: out.artifact.clone() }
        }
        Data::Shell { out, .. } => out.clone(),
        Data::Http { body, .. } => body.clone(),
        Data::None | Data::Scrape(_) | Data::Alerts(_) | Data::File(_) => Output::default(),
    }
}

fn tail(text: &str) -> String {
    let count = text.chars().count();
    text.chars().skip(count.saturating_sub(MENU_OUTPUT_CHARS)).collect()
}

/// A person is asked whether it ran.
fn doubt(frame: &mut Frame, action: &ActionId) -> Flow {
    frame.kind = Kind::Effect(Phase::InDoubt(action.clone(), None));
    Flow::Again
}
