//! A run that another process executes, seen and answered from here. Nothing is shared but the journal, which is replayed
//! again when it has grown, and the inbox, into which answers and commands go: so it works beside an executor whose
//! terminal is gone, and with none at all.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use jiff::Timestamp;

use super::replay::{Replayed, replay};
use crate::check::program::Program;
use crate::diagnostic::Code;
use crate::drivers::reply::{Message, News, Sending};
use crate::drivers::{Clock, People, Screen};
use crate::engine;
use crate::engine::action::{ActionId, Effect, Ending, Start};
use crate::engine::input::{Answer, Via};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::{Happening, ViewRequest};
use crate::journal::canonical::question_digest;
use crate::journal::store::{Delivery, Post, Posted, Store, StoreError};

/// How often it is looked whether the journal has grown.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How often in a row a journal may be met in the middle of a batch: then it is not written at this moment, but wrong.
const MAX_TORN: u32 = 20;

/// Somebody who looks at a run.
pub struct Attachment<'a> {
    /// Where its journal is.
    pub store: &'a dyn Store,
    /// Its id.
    pub run: String,
    /// What it executes.
    pub program: &'a Program,
    /// The user here.
    pub user: String,
    /// Puts its questions before that user.
    pub people: Box<dyn People>,
    /// Shows what happens.
    pub screen: Box<dyn Screen>,
    /// Time.
    pub clock: &'a dyn Clock,
    /// The channel of `people`.
    pub channel: (Sending, Receiver<Message>),
}

/// Why nobody looks any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// The run is over, or over for now.
    Ended(Ending),
    /// The person here has left; the run goes on.
    Detached,
}

/// What is seen of the run.
struct Seen {
    replayed: Replayed,
    /// Tellings that have been shown.
    told: usize,
}

impl Attachment<'_> {
    /// Shows the run and passes answers on, until it ends or the person leaves.
    pub fn follow(mut self) -> Result<Left, StoreError> {
        let mut seen = self.look(None)?;
        let view = self.view(&seen);
        self.screen.show(&ViewRequest::Status, &view);
        let mut asked: BTreeMap<ActionId, Start> = BTreeMap::new();
        let mut torn = 0;
        loop {
            self.ask(&seen, &mut asked);
            if let Some(ending) = seen.replayed.ended {
                return Ok(Left::Ended(ending));
            }
            match self.channel.1.recv_timeout(LOOK_AGAIN) {
                Ok(Message { news: News::Happened(happening), .. }) => {
                    if let Some(left) = self.happened(happening, &seen, &mut asked)? {
                        return Ok(left);
                    }
                    continue;
                }
                Ok(Message { news: News::Output { id, text }, .. }) => self.screen.output(&id, &text),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Left::Detached),
            }
            if torn == 0 && self.store.read(&self.run, &mut |_| Ok(()))?.head == seen.replayed.head {
                continue;
            }
            match self.look(Some(&seen)) {
                Ok(now) => (seen, torn) = (now, 0),
                // The executor is writing: what follows belongs to the same batch.
                Err(StoreError::Fatal(problem)) if problem.code == Code::RB0904 && torn < MAX_TORN => torn += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Replays the run, and shows what is new.
    fn look(&mut self, before: Option<&Seen>) -> Result<Seen, StoreError> {
        let Self { store, run, program, screen, .. } = self;
        let shown = before.map_or(0, |before| before.told);
        let mut told = 0;
        let replayed =
            replay(*store, run, program, &mut |at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView| {
                told += 1;
                if before.is_some() && told > shown {
                    screen.tell(at, telling, view);
                }
            })?;
        Ok(Seen { replayed, told })
    }

    fn view(&self, seen: &Seen) -> RunView {
        engine::view(self.program, &seen.replayed.state, seen.replayed.at)
    }

    /// Puts the questions that wait before the person, and takes back those that do not wait any more.
    fn ask(&mut self, seen: &Seen, asked: &mut BTreeMap<ActionId, Start>) {
        let own = seen.replayed.header.executor == self.user;
        asked.retain(|id, start| {
            let waits = seen.replayed.open.get(id).is_some_and(|open| question_digest(open) == question_digest(start));
            if !waits {
                self.people.withdraw(id);
            }
            waits
        });
        for (id, start) in &seen.replayed.open {
            let Effect::Ask(prompt) = &start.effect else { continue };
            if asked.contains_key(id) {
                continue;
            }
            let mut prompt = prompt.clone();
            // Whoever is here is somebody else than the executor, who alone may not answer it.
            prompt.not_executor &= own;
            self.people.ask(start, &prompt, self.channel.0.reply(id));
            asked.insert(id.clone(), start.clone());
        }
    }

    fn happened(
        &mut self,
        happening: Happening,
        seen: &Seen,
        asked: &mut BTreeMap<ActionId, Start>,
    ) -> Result<Option<Left>, StoreError> {
        match happening {
            Happening::Answered { id, answer } => {
                if let Some(start) = asked.get(&id) {
                    let answer = Answer { via: Via::Inbox, ..answer };
                    let post = Post::Answer { prompt: id.clone(), question: question_digest(start), answer };
                    self.post(&id, post)?;
                }
                Ok(None)
            }
            Happening::Command { by, command } => {
                let id = ActionId(String::new());
                self.post(&id, Post::Command { by, command })?;
                Ok(None)
            }
            Happening::View(what) => {
                let view = self.view(seen);
                self.screen.show(&what, &view);
                Ok(None)
            }
            Happening::Interrupt | Happening::Terminate | Happening::Detached | Happening::NobodyThere { .. } => {
                Ok(Some(Left::Detached))
            }
            Happening::Delivered { .. }
            | Happening::Due
            | Happening::Outcome { .. }
            | Happening::Started { .. }
            | Happening::Idle => Ok(None),
        }
    }

    /// Puts something into the inbox; one that came too late is told.
    fn post(&mut self, id: &ActionId, post: Post) -> Result<(), StoreError> {
        let at = self.clock.now();
        if let Delivery::Already(first) = self.store.post(&self.run, &Posted { at, post })? {
            let by = match first.post {
                Post::Answer { answer, .. } => answer.by,
                Post::Command { by, .. } => by,
            };
            self.screen.output(id, &format!("{id} was answered before, by {by}\n"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
