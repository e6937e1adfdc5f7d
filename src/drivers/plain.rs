//! Where no terminal is: the run is written as lines to a pipe or a file, and only an answers file answers.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::answers::{Answers, Ready};
use super::reply::Reply;
use super::{People, Screen};
use crate::console::outputs::Outputs;
use crate::console::style::Style;
use crate::console::{status, telling};
use crate::engine::action::{ActionId, Prompt, Start};
use crate::engine::input::{Answer, Via};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::{Happening, ViewRequest};
use crate::value::lang::Lang;

/// Writes the run as lines.
pub struct Lines {
    to: Box<dyn Write + Send>,
    style: Style,
    outputs: Outputs,
}

impl Lines {
    /// Writes to `to`, drawn in `style`.
    pub fn new(to: Box<dyn Write + Send>, style: Style) -> Self {
        Self { to, style, outputs: Outputs::default() }
    }

    /// A reader that has gone away (`| head`) does not stop a run: its record is the journal.
    fn put(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            drop(self.to.write_all(format!("{}\n", lines.join("\n")).as_bytes()).and_then(|()| self.to.flush()));
        }
    }
}

impl Screen for Lines {
    fn tell(&mut self, at: Timestamp, told: &Telling, view: &dyn Fn() -> RunView) {
        if let Telling::EffectEnded { id, .. } = told {
            let rest = self.outputs.finish(id, &self.style);
            self.put(&rest);
        }
        let lines = telling::lines(at, told, view, &self.style);
        self.put(&lines);
    }

    fn show(&mut self, what: &ViewRequest, view: &RunView) {
        let lines = status::shown(what, view, &self.style);
        self.put(&lines);
    }

    fn output(&mut self, id: &ActionId, text: &str) {
        let lines = self.outputs.feed(id, text, &self.style);
        self.put(&lines);
    }
}

/// Nobody.
pub struct Nobody;

impl People for Nobody {
    fn ask(&mut self, _: &Start, _: &Prompt, reply: Reply) {
        reply.delivered();
        reply.nobody_there();
    }

    fn withdraw(&mut self, _: &ActionId) {}
}

/// An answers file, and behind it whoever is here.
pub struct Answering {
    /// The file; a prompt that it does not cover goes on.
    pub answers: Answers,
    /// Whoever is here.
    pub here: Box<dyn People>,
    /// The user who executes the run, and gives the answers of the file.
    pub executor: String,
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// Language of the operator.
    pub lang: Lang,
}

impl People for Answering {
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply) {
        match self.answers.take(&start.key, &start.id, prompt, &self.zone, self.lang) {
            Some(Ok(Ready { value, by, note, evidence, after: _of_a_simulation })) => {
                let told_by = by.as_ref().filter(|by| **by != self.executor).map(|_| self.executor.clone());
                let by = by.unwrap_or_else(|| self.executor.clone());
                reply.delivered();
                return reply.answered(Answer { value, by, told_by, via: Via::File, note, evidence });
            }
            Some(Err(misfit)) => reply.output(format!("{}: {misfit}\n", start.key)),
            None => {}
        }
        self.here.ask(start, prompt, reply);
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.here.withdraw(id);
    }

    fn journaled(&mut self, happening: &Happening) {
        self.here.journaled(happening);
    }
}
