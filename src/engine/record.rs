//! What is written down of the way: the records of statements, the marks that keep a run from passing.

use std::collections::BTreeMap;

use super::action::Words;
use super::machine::{Kind, Machine};
use super::state::{Frame, Mark, ScopeId, State};
use super::telling::Telling;
use super::view::StepView;
use crate::check::program::{NodeId, NodeKind};
use crate::text::Text;
use crate::value::{Value, Verdict};

/// The worse of two outcomes of statements.
pub(crate) fn worse(left: Verdict, right: Verdict) -> Verdict {
    if rank(right) > rank(left) { right } else { left }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::NotApplicable => 0,
        Verdict::Pending => 1,
        Verdict::Skipped => 2,
        Verdict::NoData => 3,
        Verdict::Breach => 4,
        Verdict::Fail | Verdict::RolledBack | Verdict::Aborted | Verdict::CutOff => 5,
        Verdict::Error => 6,
    }
}

/// Words that are the same in all languages.
pub(crate) fn plain(text: &str) -> Words {
    Words::own(text, None)
}

/// Words of our own, in both languages.
pub(crate) fn both(zh: impl Into<String>, en: impl Into<String>) -> Words {
    Words::own(zh, Some(en.into()))
}

impl Machine<'_> {
    /// The title of a frame's statement.
    pub(crate) fn title_of(&self, frame: &Frame) -> Words {
        let Some(id) = frame.node else { return Words::default() };
        let node = self.program.node(id);
        match (&node.title, &node.kind) {
            (Some(title), _) => self.env(frame.scope).words_lossy(title),
            (None, NodeKind::Sample(_)) => {
                plain(&node.bind.map_or_else(String::new, |var| self.program.var(var).name.clone()))
            }
            (None, NodeKind::Parallel { branches }) => {
                let count = branches.len();
                both(format!("{count} 个分支同时执行"), format!("{count} branches at once"))
            }
            (None, NodeKind::At { samples, .. }) => {
                let numbers: Vec<String> = samples.iter().map(ToString::to_string).collect();
                let numbers = numbers.join(", ");
                both(format!("样本 {numbers} 检查点"), format!("checkpoint at sample {numbers}"))
            }
            (None, NodeKind::On { event, .. }) => super::observe::event_words(&self.env(frame.scope), event),
            (None, _) => Words::default(),
        }
    }

    /// What a frame's statement is called where a person is asked about it: its title, else what it does.
    pub(crate) fn named(&self, frame: &Frame) -> Words {
        let title = self.title_of(frame);
        if !title.text.is_empty() {
            return title;
        }
        match &frame.kind {
            Kind::Undo { undo, .. } => self.env(undo.scope).undo_line(undo),
            // Its record names a point in time, which is for programs.
            Kind::Wait(_) => crate::text!("wait {}", "等待 {}", frame.stem()).into(),
            _other => match (self.what_of(frame), frame.node) {
                (Some(Words { text, en, zh }), _) => {
                    let first = |text: String| first_line(&text);
                    Words { text: first(text), en: en.map(first), zh: zh.map(first) }
                }
                // Its command could not even be put together.
                (None, Some(id)) => plain(&self.program.node(id).key),
                (None, None) => Words::default(),
            },
        }
    }

    /// The full command or request of a frame's effect; none: it has none.
    pub(crate) fn what_of(&self, frame: &Frame) -> Option<Words> {
        let step = self.state.steps.get(frame.record?)?;
        Some(step.what.clone()).filter(|what| !what.is_empty())
    }

    /// Writes down that a statement began. `what` is its full command or request.
    pub(crate) fn open_record(&mut self, frame: &mut Frame, what: String) {
        let Some(id) = frame.node else { return };
        let node = self.program.node(id);
        let title = self.title_of(frame);
        let key = frame.key.clone();
        frame.began = self.state.now;
        frame.record = Some(self.state.steps.len());
        self.state.last_step.insert((frame.scope, id), self.state.steps.len());
        if let Some(branch) = self.lane() {
            self.state.lane_of.insert(self.state.steps.len(), branch);
        }
        self.state.steps.push(StepView {
            key: key.clone(),
            static_key: node.key.clone(),
            word: node.word.to_owned(),
            depth: frame.depth,
            title: title.clone(),
            what: plain(&what),
            stdin: None,
            state: Verdict::Pending,
            started_at: self.state.now,
            took: None,
            attempts: frame.attempt,
            detail: Text::default(),
        });
        if is_block(&node.kind) {
            let planned = match &node.kind {
                NodeKind::Section { at: Some(at), until, .. } => Some((*at, *until)),
                _other => None,
            };
            let late_s = planned.and_then(|(at, _)| {
                let zone = super::eval::zone(self.program);
                let date = self.day();
                let due = date.at(at.hour(), at.minute(), at.second(), 0).to_zoned_datetime(zone).ok()?.timestamp();
                Some(self.state.now.duration_since(due).as_secs())
            });
            self.tell(Telling::BlockBegan { word: node.word, key, depth: frame.depth, title, planned, late_s });
        }
    }

    /// Writes down how it ended.
    pub(crate) fn close_record(&mut self, frame: &Frame, verdict: Verdict, detail: Text) {
        let took = self.state.elapsed_since(frame.began);
        let Some(step) = frame.record.and_then(|index| self.state.steps.get_mut(index)) else { return };
        step.state = verdict;
        step.took = Some(took);
        step.attempts = frame.attempt;
        if !detail.is_empty() {
            step.detail = detail;
        }
        let Some(id) = frame.node else { return };
        let node = self.program.node(id);
        if is_block(&node.kind) {
            let took_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
            let title = self.title_of(frame);
            let (key, depth) = (frame.key.clone(), frame.depth);
            self.tell(Telling::BlockEnded { word: node.word, key, depth, title, verdict, took_ms });
        }
    }

    /// Notes what keeps the run from passing.
    pub(crate) fn mark(&mut self, frame: &Frame, verdict: Verdict, detail: Text) {
        let title = self.title_of(frame);
        let line: Vec<_> = self.running.map(|fiber| self.state.line(fiber).collect()).unwrap_or_default();
        let frames = line.into_iter().rev().flat_map(|(_, fiber)| &fiber.frames);
        let within = frames.filter(|frame| frame.node.is_some()).map(|frame| frame.key.clone()).collect();
        self.state.marks.push(Mark { key: frame.key.clone(), title, verdict, detail, within });
    }

    /// A flow that left statements out does not pass, whatever they were.
    pub(crate) fn mark_jump(&mut self, key: &str, detail: Text) {
        let verdict = Verdict::Skipped;
        self.state.marks.push(Mark { key: key.to_owned(), title: plain(key), verdict, detail, within: Vec::new() });
    }

    /// What failed inside a statement is not held against the run when the statement is done after all.
    pub(crate) fn forgive(&mut self, frame: &Frame) {
        let stem = frame.stem();
        let inside = |mark: &Mark| match &frame.kind {
            // The passes of a loop that succeeded are not done again: what was skipped in them stays so.
            Kind::Each(each) => each.not_succeeded().any(|item| {
                let pass = format!("{stem}[{item}]/");
                // The keys in a scenario that it ran do not begin with its own.
                std::iter::once(&mark.key).chain(&mark.within).any(|key| key.starts_with(&pass))
            }),
            _other => mark.key.starts_with(&format!("{stem}/")) || mark.within.contains(&frame.key),
        };
        self.state.marks.retain(|mark| !inside(mark));
    }

    /// The day on which bare times of day are meant: the window's, else that of the run's start.
    pub(crate) fn day(&self) -> jiff::civil::Date {
        match &self.program.window {
            Some(window) => window.date,
            None => {
                let zone = super::eval::zone(self.program);
                self.state.begun_at.unwrap_or(self.state.now).to_zoned_datetime(zone).date()
            }
        }
    }
}

fn is_block(kind: &NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Section { .. }
            | NodeKind::Step { .. }
            | NodeKind::Checks { .. }
            | NodeKind::Checklist { .. }
            | NodeKind::Parallel { .. }
            | NodeKind::Branch { .. }
            | NodeKind::Scenario { .. }
            | NodeKind::Sample(_)
            | NodeKind::At { .. }
            | NodeKind::On { .. }
    )
}

/// `.verdict .took .started_at .finished_at` of a step or section, as seen from a scope.
pub(crate) fn of_step(state: &State, scope: ScopeId, node: NodeId) -> Value {
    let step = state.step_seen(scope, node);
    let mut record = BTreeMap::new();
    record.insert("verdict".to_owned(), Value::Verdict(step.map_or(Verdict::Pending, |step| step.state)));
    if let Some(step) = step {
        record.insert("started_at".to_owned(), Value::Time(step.started_at));
        if let Some(took) = step.took {
            record.insert("took".to_owned(), Value::Duration(took));
            if let Ok(finished) = step.started_at.checked_add(took) {
                record.insert("finished_at".to_owned(), Value::Time(finished));
            }
        }
    }
    Value::Map(record)
}

/// A script by its first line.
pub(super) fn first_line(what: &str) -> String {
    match what.trim().split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => what.trim().to_owned(),
    }
}

/// `run.id .started_at .environment .verdict`
pub(crate) fn of_run(state: &State) -> Value {
    let environment = state.begin.environment.clone().map_or(Value::Null, Value::Text);
    Value::Map(BTreeMap::from([
        ("id".to_owned(), Value::Text(state.begin.run.clone())),
        ("started_at".to_owned(), state.begun_at.map_or(Value::Null, Value::Time)),
        ("environment".to_owned(), environment),
        ("verdict".to_owned(), Value::Verdict(super::ending::verdict(state))),
    ]))
}

/// `rollback.done .reason`
pub(crate) fn of_rollback(state: &State) -> Value {
    let done = state.rollback.as_ref().is_some_and(|rollback| rollback.done);
    let reason = state.rollback.as_ref().map(|rollback| &rollback.because).or(state.because.as_ref());
    let reason = reason.map_or(Value::Null, |reason| Value::Text(reason.text.clone()));
    Value::Map(BTreeMap::from([("done".to_owned(), Value::Bool(done)), ("reason".to_owned(), reason)]))
}
