//! Who answers in a live run: the answers file first, then whoever sits at the terminal.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::drivers::answers::{Answers, Ready};
use crate::drivers::reply::Reply;
use crate::drivers::{Clock, People};
use crate::engine::action::{ActionId, Prompt, Start};
use crate::engine::input::{Answer, Via};
use crate::engine::world::Happening;
use crate::text::Lang;

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
    /// How often the file has answered each prompt. One that is put again was not satisfied by the file, or by one
    /// person of a quorum: after the last of them a person answers.
    pub given: BTreeMap<ActionId, usize>,
}

/// In whose name an answer of the file stands, and who tells it. The executor gave the file: an answer that belongs to
/// somebody else is told by the executor, which is not enough where the executor may not answer.
fn in_the_name_of(named: Option<String>, prompt: &Prompt, executor: &str) -> (String, Option<String>) {
    let people = prompt.by.as_ref().map(|role| role.people.as_slice()).unwrap_or_default();
    let by = match (named, people) {
        (Some(name), _) => name,
        (None, []) => executor.to_owned(),
        (None, people) if people.iter().any(|person| person == executor) => executor.to_owned(),
        (None, [person]) => person.clone(),
        (None, _) => prompt.by.as_ref().map_or_else(|| executor.to_owned(), |role| role.key.clone()),
    };
    let told_by = (by != executor).then(|| executor.to_owned());
    (by, told_by)
}

impl People for FileFirst {
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply) {
        let given = self.given.get(&start.id).copied().unwrap_or_default();
        if given >= self.answers.quorum(&start.key) {
            return self.then.ask(start, prompt, reply);
        }
        match self.answers.take(&start.key, &start.id, prompt, &self.zone) {
            Some(Ok(Ready { value, by, note, evidence, after })) => {
                reply.delivered();
                self.given.insert(start.id.clone(), given + 1);
                let (by, told_by) = in_the_name_of(by, prompt, &self.executor);
                let answer = Answer { value, by, told_by, via: Via::File, note, evidence };
                if after.is_zero() {
                    return reply.answered(answer);
                }
                let wait = self.lang.pick("the answers file answers in", "答复文件将在此时间后作答：");
                reply.output(format!("{}: {wait} {after:#}\n", start.key));
                let now = self.clock.now();
                return reply.answered_at(now.saturating_add(after).unwrap_or(now), answer);
            }
            Some(Err(misfit)) => reply.output(format!("{}: {}\n", start.key, misfit.get(self.lang))),
            None => {}
        }
        self.then.ask(start, prompt, reply);
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.then.withdraw(id);
    }

    fn journaled(&mut self, happening: &Happening) {
        if let Happening::Answered { id, .. } = happening {
            self.answers.used(id);
        }
        self.then.journaled(happening);
    }
}
