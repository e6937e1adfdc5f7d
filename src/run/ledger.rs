//! The journal of a run as its executor writes it: where it ends, and what to do when the store is not sure.

use crate::journal::codec::{self, Head, Stamped};
use crate::journal::problem::Problem;
use crate::journal::store::{Store, StoreError};

/// How often a batch is offered again while the store does not know whether it has it. A store that still does not know after
/// that is treated like one that is gone: the run stops, and a resume reads what is there.
const TRIES: u32 = 3;

/// The journal of a run, open for writing.
pub struct Ledger<'a> {
    store: &'a mut dyn Store,
    run: String,
    head: Head,
}

impl<'a> Ledger<'a> {
    /// The journal of a run that was claimed, and where it ends.
    pub fn new(store: &'a mut dyn Store, run: &str, head: Head) -> Self {
        Self { store, run: run.to_owned(), head }
    }

    /// Makes a batch durable, or says why nothing of it may be performed.
    pub fn append(&mut self, batch: &[Stamped]) -> Result<(), Problem> {
        let mut unsure = 0;
        loop {
            match self.store.append(&self.run, self.head, batch) {
                Ok(head) => {
                    self.head = head;
                    return Ok(());
                }
                Err(StoreError::Unknown(_)) if unsure < TRIES => unsure += 1,
                // The journal has moved on: by the batch that was offered before, or by another executor.
                Err(StoreError::Fenced(problem)) if unsure > 0 => {
                    self.head = self.landed(batch)?.ok_or(problem)?;
                    return Ok(());
                }
                Err(error) => return Err(error.problem().clone()),
            }
        }
    }

    /// The head after `batch`, where the journal ends with it.
    fn landed(&self, batch: &[Stamped]) -> Result<Option<Head>, Problem> {
        let (_, expected) = codec::encode(self.head, batch)?;
        let tail = self.store.read(&self.run, &mut |_| Ok(())).map_err(|error| error.problem().clone())?;
        Ok((tail.head == expected).then_some(expected))
    }

    /// Is this still the executor of the run? Asked right before each write.
    pub fn still_ours(&mut self) -> Result<(), Problem> {
        self.store.renew(&self.run).map_err(|error| error.problem().clone())
    }
}
