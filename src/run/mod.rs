//! The one loop: what happened → the engine → the journal → the world. Live runs, resumed runs and rehearsals all go
//! through it, with other worlds and other stores, so the order below is proved once:
//!
//! 1. Something happens; the engine learns it and says what it wants.
//! 2. What happened and the intent of everything that is to begin are made durable, as one batch.
//! 3. Only then is any of it begun, shown or relied on. A batch that is not durable stops the run before the effect.

pub mod accept;
pub mod attach;
pub mod difference;
pub mod find;
pub mod intent;
pub mod ledger;
pub mod params;
pub mod replay;
pub mod resume;
pub mod start;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::intent::Statements;
use self::ledger::Ledger;
use crate::check::program::{Class, Program};
use crate::engine::action::{Action, ActionId, Effect, Ending, Start};
use crate::engine::input::{Event, Input};
use crate::engine::world::{Happening, World};
use crate::engine::{self, State};
use crate::journal::codec::Stamped;
use crate::journal::convert;
use crate::journal::problem::Problem;
use crate::journal::record::{End, Record};

/// A run that goes on.
pub struct Run<'a> {
    program: &'a Program,
    world: &'a mut dyn World,
    ledger: Ledger<'a>,
    statements: Statements<'a>,
    state: State,
    /// The time of the last record: time in a journal never goes back, whatever a clock does.
    last: Timestamp,
    /// What has begun and has neither outcome nor answer; true: a prompt.
    open: BTreeMap<ActionId, bool>,
}

/// Why a run stopped without having come to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The store did not take a batch, so that nothing of it was begun. The run can be resumed.
    Store(Problem),
    /// The engine waits and nothing can come: a fault of this program.
    Stuck,
}

impl Run<'_> {
    /// Goes on until the run ends, or ends for now.
    pub fn drive(&mut self) -> Result<Ending, Stopped> {
        loop {
            let happening = self.world.next(engine::next_due(&self.state));
            let at = self.now();
            let event = match happening {
                Happening::View(what) => {
                    self.world.show(&what, &engine::view(self.program, &self.state, at));
                    continue;
                }
                Happening::Started { id, process } => {
                    self.record(&[Stamped { at, record: Record::Started(convert::started(&id, process)) }])?;
                    continue;
                }
                Happening::Idle => return Err(Stopped::Stuck),
                Happening::Outcome { id, outcome } => Event::Outcome { id, outcome: convert::settled(outcome) },
                Happening::Delivered { id } => Event::Delivered { id },
                Happening::Answered { id, answer } => Event::Answered { id, answer },
                Happening::NobodyThere { id } => Event::NobodyThere { id },
                Happening::Detached => Event::Detached,
                Happening::Command { by, command } => Event::Command { by, command },
                Happening::Interrupt => Event::Interrupt,
                Happening::Terminate => Event::Terminate,
                Happening::Due => Event::Due,
            };
            if let Some(ending) = self.learn(Vec::new(), at, event)? {
                return Ok(ending);
            }
        }
    }

    /// Tells the engine, records what it learned and wants (after `first`, if there is something), then does it.
    fn learn(&mut self, first: Vec<Stamped>, at: Timestamp, event: Event) -> Result<Option<Ending>, Stopped> {
        let mut batch = first;
        let actions = self.step(&mut batch, at, event);
        self.record(&batch)?;
        self.last = at;
        self.perform(at, &actions)
    }

    /// Tells the engine; what it learned and wants is added to `batch`.
    fn step(&mut self, batch: &mut Vec<Stamped>, at: Timestamp, event: Event) -> Vec<Action> {
        batch.extend(learned(&event).map(|record| Stamped { at, record }));
        if let Event::Outcome { id, .. } | Event::Answered { id, .. } = &event {
            self.open.remove(id);
        }
        let actions = engine::step(self.program, &mut self.state, Input { at, event });
        batch.extend(actions.iter().filter_map(|action| {
            let record = match action {
                Action::Start(start) => Record::Intent(Box::new(self.statements.intent(start))),
                Action::End(ending) => Record::End(End { ending: convert::ending(*ending) }),
                Action::Cancel(_) | Action::Withdraw(_) | Action::Tell(_) => return None,
            };
            Some(Stamped { at, record })
        }));
        actions
    }

    fn perform(&mut self, at: Timestamp, actions: &[Action]) -> Result<Option<Ending>, Stopped> {
        for action in actions {
            match action {
                Action::Start(start) => self.begin(start)?,
                Action::Cancel(id) => self.world.cancel(id),
                Action::Withdraw(id) => {
                    self.open.remove(id);
                    self.world.withdraw(id);
                }
                Action::Tell(telling) => {
                    let (program, state) = (self.program, &self.state);
                    self.world.tell(at, telling, &|| engine::view(program, state, at));
                }
                Action::End(ending) => {
                    self.world.ended();
                    return Ok(Some(*ending));
                }
            }
        }
        Ok(None)
    }

    fn begin(&mut self, start: &Start) -> Result<(), Stopped> {
        if start.class >= Class::Write {
            self.ledger.still_ours().or_else(|problem| self.stop(problem))?;
        }
        self.open.insert(start.id.clone(), matches!(start.effect, Effect::Ask(_)));
        self.world.start(start);
        Ok(())
    }

    fn record(&mut self, batch: &[Stamped]) -> Result<(), Stopped> {
        self.ledger.append(batch).or_else(|problem| self.stop(problem))
    }

    /// Ends what runs, so that nothing that the run started outlives it. No outcome can be recorded any more: a resume
    /// finds these effects in doubt.
    fn stop(&mut self, problem: Problem) -> Result<(), Stopped> {
        for (id, prompt) in std::mem::take(&mut self.open) {
            if prompt {
                self.world.withdraw(&id);
            } else {
                self.world.cancel(&id);
                self.open.insert(id, prompt);
            }
        }
        while !self.open.is_empty() {
            match self.world.next(None) {
                Happening::Outcome { id, .. } => drop(self.open.remove(&id)),
                Happening::Idle => break,
                Happening::Due
                | Happening::Started { .. }
                | Happening::Delivered { .. }
                | Happening::Answered { .. }
                | Happening::NobodyThere { .. }
                | Happening::Detached
                | Happening::Command { .. }
                | Happening::View(_)
                | Happening::Interrupt
                | Happening::Terminate => {}
            }
        }
        Err(Stopped::Store(problem))
    }

    fn now(&mut self) -> Timestamp {
        self.world.now().max(self.last)
    }

    /// The run as it stands.
    pub fn state(&self) -> &State {
        &self.state
    }
}

/// What an event becomes in the journal; the beginning of a run is its header, which is written where it is made.
fn learned(event: &Event) -> Option<Record> {
    if let Event::Outcome { id, outcome } = event {
        return Some(Record::Outcome(Box::new(convert::outcome(id, outcome))));
    }
    convert::input(event).map(|input| Record::Input(Box::new(input)))
}

#[cfg(test)]
mod tests;
