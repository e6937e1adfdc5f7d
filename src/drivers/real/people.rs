//! Who answers in a live run: the answers file first, then whoever sits at the terminal.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::drivers::answers::{Answers, Ready};
use crate::drivers::reply::Reply;
use crate::drivers::{Clock, People};
use crate::engine::action::{ActionId, Prompt, Start};
use crate::engine::input::{Answer, Via};
use crate::engine::world::Happening;
use crate::value::lang::Lang;

/// The answers file before others.
pub struct FileFirst {
    /// The file; an empty one covers nothing.
    pub answers: Answers,
    /// Who answers what it does not cover.
    pub then: Box<dyn People>,
    /// Whose answer it is where the file names nobody: whoever gave the file.
    pub executor: String,
    /// For answers that come after a time.
    pub clock: Arc<dyn Clock>,
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// Language of the operator.
    pub lang: Lang,
}

impl People for FileFirst {
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply) {
        match self.answers.take(&start.key, &start.id, prompt, &self.zone, self.lang) {
            Some(Ok(Ready { value, by, note, evidence, after })) => {
                reply.delivered();
                let by = by.unwrap_or_else(|| self.executor.clone());
                let answer = Answer { value, by, told_by: None, via: Via::File, note, evidence };
                if after.is_zero() {
                    return reply.answered(answer);
                }
                let now = self.clock.now();
                return reply.answered_at(now.saturating_add(after).unwrap_or(now), answer);
            }
            Some(Err(misfit)) => reply.output(format!("{}: {misfit}\n", start.key)),
            None => {}
        }
        self.then.ask(start, prompt, reply);
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.then.withdraw(id);
    }

    fn journaled(&mut self, happening: &Happening) {
        self.then.journaled(happening);
    }
}
