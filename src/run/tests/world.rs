//! A world in which every command succeeds at once, and people answer as they are told.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::engine::action::{ActionId, Effect, PromptKind, Start};
use crate::engine::input::{Answer, Data, Failure, FailureKind, Outcome, Output, Via};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::{Happening, Process, ViewRequest, World};
use crate::value::Value;

pub(in crate::run) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_763_427_600 + second).unwrap()
}

pub(in crate::run) struct Script {
    now: Timestamp,
    ready: VecDeque<Happening>,
    hangs: bool,
    away: bool,
    /// It has been there from the beginning: what it did not perform did not happen.
    saw_all: bool,
    /// Commands that really ran, in order.
    pub(super) performed: Vec<String>,
    /// Prompts that were put.
    pub(super) asked: Vec<String>,
    /// Effects that were stopped.
    pub(super) cancelled: Vec<String>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            now: at(1),
            ready: VecDeque::new(),
            hangs: false,
            away: false,
            saw_all: false,
            performed: Vec::new(),
            asked: Vec::new(),
            cancelled: Vec::new(),
        }
    }
}

impl Script {
    /// Commands say that they have started, and never end.
    pub(super) fn hanging() -> Self {
        Self { hangs: true, ..Self::default() }
    }

    /// It is there from the beginning of a run to its end.
    pub(super) fn from_the_beginning() -> Self {
        Self { saw_all: true, ..Self::default() }
    }

    /// Nobody answers.
    pub(super) fn away() -> Self {
        Self { away: true, ..Self::default() }
    }

    /// What it was about to say is lost with its executor.
    pub(super) fn reopen(&mut self) {
        self.ready.clear();
    }

    fn outcome(&self, failure: Option<Failure>, code: i32) -> Outcome {
        let (out, err) = (Output::default(), Output::default());
        let data = Data::Shell { code: Some(code), out, err, value: None };
        Outcome { started_at: self.now, took: SignedDuration::from_millis(1), failure, data }
    }

    fn ask(&mut self, start: &Start, kind: &PromptKind) {
        self.asked.push(start.id.0.clone());
        assert!(matches!(kind, PromptKind::InDoubt { .. }), "nobody was told how to answer {kind:?}");
        // The command of the statement is its key: whoever is asked looks whether it ran.
        let key = start.key.split('!').next().unwrap();
        let ran = self.performed.iter().any(|command| command == key) || !self.saw_all && self.performed.is_empty();
        let choice = if ran { "ran" } else { "run_again" };
        let value = Value::Text(choice.to_owned());
        let (by, via) = ("bob".to_owned(), Via::Terminal);
        let answer = Answer { value, by, told_by: None, via, note: None, evidence: None };
        self.ready.push_back(Happening::Delivered { id: start.id.clone() });
        if self.away {
            self.ready.push_back(Happening::NobodyThere { id: start.id.clone() });
            return;
        }
        self.ready.push_back(Happening::Answered { id: start.id.clone(), answer });
    }
}

impl World for Script {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn start(&mut self, start: &Start) {
        let id = start.id.clone();
        if let Effect::Ask(prompt) = &start.effect {
            return self.ask(start, &prompt.kind);
        }
        let Effect::Shell(shell) = &start.effect else { panic!("no such effect in these programs: {start:?}") };
        self.performed.push(shell.command.clone());
        self.ready.push_back(if self.hangs {
            Happening::Started { id, process: Process { pid: 5, start_ticks: 5 } }
        } else {
            Happening::Outcome { id, outcome: self.outcome(None, 0) }
        });
    }

    fn cancel(&mut self, id: &ActionId) {
        self.cancelled.push(id.0.clone());
        let failure = Failure { kind: FailureKind::Interrupted, message: crate::text!("stopped", "已停止") };
        self.ready.push_back(Happening::Outcome { id: id.clone(), outcome: self.outcome(Some(failure), 130) });
    }

    fn withdraw(&mut self, _: &ActionId) {}

    fn next(&mut self, due: Option<Timestamp>) -> Happening {
        match (self.ready.pop_front(), due) {
            (Some(happening), _) => happening,
            (None, Some(due)) => {
                self.now = self.now.max(due);
                Happening::Due
            }
            (None, None) => Happening::Idle,
        }
    }

    fn tell(&mut self, _: Timestamp, _: &Telling, _: &dyn Fn() -> RunView) {}

    fn show(&mut self, _: &ViewRequest, _: &RunView) {}
}
