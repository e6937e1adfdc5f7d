//! Where journals live, as the loop, the command line and the drivers see it. The file store is its first form; a shared
//! one can take its place without a change of anything above.
//!
//! The [`Head`] is the fence: an append that does not follow the journal's end is refused, whoever claims to be the
//! executor. A claim is only for liveness. Fencing the journal does not fence the world: an executor that was frozen and
//! wakes could perform an effect before its next append is refused, so [`Store::renew`] is asked right before each write.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::codec::{Entry, Head, Stamped, Tail};
use super::problem::Problem;
use super::record::{Ending, Header};
use crate::engine::action::ActionId;
use crate::engine::input::{Answer, Artifact, Command};

/// A place for journals and for what stands beside them.
pub trait Store {
    /// Makes the place of a new run; it is an error when it is there.
    fn create(&mut self, run: &str) -> Result<(), StoreError>;

    /// Gives the records of a run in order, whoever executes it. What an interrupted write left is not given.
    fn read(&self, run: &str, give: &mut dyn FnMut(Entry) -> Result<(), Problem>) -> Result<Tail, StoreError>;

    /// Makes a batch durable: all of it or nothing. `head` must be the journal's end. A batch of nothing but `started`
    /// records need not outlive the machine, only the process: no process outlives the machine either.
    fn append(&mut self, run: &str, head: Head, batch: &[Stamped]) -> Result<Head, StoreError>;

    /// Becomes the executor of a run, and cuts what an interrupted write left. Another one that lives is an error that
    /// names it.
    fn claim(&mut self, run: &str, who: &Claimant) -> Result<(), StoreError>;

    /// Is the claim still ours? Extends it.
    fn renew(&mut self, run: &str) -> Result<(), StoreError>;

    /// Gives the claim back.
    fn release(&mut self, run: &str) -> Result<(), StoreError>;

    /// Who executes the run right now; none: nobody does.
    fn executor(&self, run: &str) -> Result<Option<Claimant>, StoreError>;

    /// A handle for the locks on targets.
    fn targets(&self) -> Arc<dyn Targets>;

    /// Puts an answer or a command into a run's inbox, whoever executes the run. The first one of a name wins.
    fn post(&self, run: &str, post: &Posted) -> Result<Delivery, StoreError>;

    /// A handle for taking out of a run's inbox.
    fn inbox(&self, run: &str) -> Box<dyn Inbox>;

    /// A handle for the files beside a run's journal.
    fn artifacts(&self, run: &str) -> Arc<dyn Artifacts>;

    /// Keeps files that a run was made from below `folder` (`source`, `source.2`, …).
    fn keep_source(&mut self, run: &str, folder: &str, files: &[SourceText]) -> Result<(), StoreError>;

    /// A file that was kept by [`Store::keep_source`].
    fn source(&self, run: &str, folder: &str, path: &str) -> Result<Vec<u8>, StoreError>;

    /// Ids of all runs, oldest first.
    fn runs(&self) -> Result<Vec<String>, StoreError>;

    /// Beginning and end of a run, without reading what is between.
    fn glance(&self, run: &str) -> Result<Glance, StoreError>;
}

/// Why a store did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The journal does not end where the caller thinks: another executor wrote.
    Fenced(Problem),
    /// Nothing was written.
    Unavailable(Problem),
    /// It may have been written, or may still be: ask again with the same head, and look for one's own record where
    /// that is refused.
    Unknown(Problem),
    /// It will not do it: not there, not allowed, damaged, taken.
    Fatal(Problem),
}

impl StoreError {
    /// What is said about it.
    pub fn problem(&self) -> &Problem {
        match self {
            Self::Fenced(problem) | Self::Unavailable(problem) | Self::Unknown(problem) | Self::Fatal(problem) => {
                problem
            }
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem().fmt(f)
    }
}

impl std::error::Error for StoreError {}

/// Who executes a run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Claimant {
    /// The user.
    pub user: String,
    /// The machine.
    pub hostname: String,
    /// The process.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
}

/// Who holds the lock on a target.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holder {
    /// The run.
    pub run: String,
    /// The user who executed it when the lock was taken.
    pub user: String,
    /// The machine.
    pub hostname: String,
    /// Since when.
    pub since: Timestamp,
}

/// What came of asking for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// The run has it.
    Yes,
    /// Another run has it.
    Busy(Holder),
}

/// A file that a run is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Path relative to the runbook file.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Beginning and end of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance {
    /// With what it began.
    pub header: Header,
    /// When its last record was written.
    pub last_at: Timestamp,
    /// How it left off; none: it is running, or its executor is gone.
    pub ending: Option<Ending>,
    /// Who executes it right now.
    pub executor: Option<Claimant>,
}

/// Something that came from another terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// When it was posted.
    pub at: Timestamp,
    /// What.
    pub post: Post,
}

impl Posted {
    /// Puts it into the name of who really posted it: nobody speaks for another by way of an inbox.
    pub fn is_from(&mut self, user: &str) {
        match &mut self.post {
            Post::Answer { answer, .. } => {
                user.clone_into(&mut answer.by);
                answer.told_by = None;
            }
            Post::Command { by, .. } => user.clone_into(by),
        }
    }

    /// The answer to this very question, where it is one.
    pub fn answer_to(&self, asked: &ActionId, digest: &str) -> Option<&Answer> {
        match &self.post {
            Post::Answer { prompt, question, answer } if prompt == asked && question == digest => Some(answer),
            Post::Answer { .. } | Post::Command { .. } => None,
        }
    }
}

/// What may come from another terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Post {
    /// An answer to a question.
    Answer {
        /// Which.
        prompt: ActionId,
        /// [`super::canonical::question_digest`] of the question that was answered; one that is asked differently now is
        /// another question.
        question: String,
        /// The answer.
        answer: Answer,
    },
    /// Something that was not asked for.
    Command {
        /// Who.
        by: String,
        /// What.
        command: Command,
    },
}

/// What came of posting.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// It lies in the inbox.
    Done,
    /// Another one came first.
    Already(Posted),
}

/// Takes out of a run's inbox. For the world, which turns what it finds into happenings.
pub trait Inbox: Send {
    /// What has come and was not given before by this handle, oldest first.
    fn take(&mut self) -> Result<Vec<(String, Posted)>, StoreError>;

    /// Marks one as dealt with, by the name under which it was given. Call it once its effect is in the journal (that is,
    /// at the next [`crate::engine::world::World::next`]): else a crash would lose it.
    fn settle(&mut self, name: &str) -> Result<(), StoreError>;
}

/// Locks on targets.
pub trait Targets: Send + Sync {
    /// Locks a target for a run, until it is unlocked: over suspensions and crashes. Locking it again for the same run
    /// is no error.
    fn lock(&self, target: &str, holder: &Holder) -> Result<Locked, StoreError>;

    /// Gives the lock on a target back; one that another run has stays.
    fn unlock(&self, target: &str, run: &str) -> Result<(), StoreError>;
}

/// Where what is too large for the journal goes: the run's folder, from any thread.
pub trait Artifacts: Send + Sync {
    /// Begins an artifact below `folder` ([`ARTIFACTS`], [`SCRAPES`]), named after `name` in letters that a file name
    /// takes; a second one of a name gets a number of its own.
    fn create(&self, folder: &str, name: &str) -> io::Result<Box<dyn ArtifactWriter>>;

    /// Reads one back whole. An error (of kind `InvalidData`, around a [`Problem`]) where its bytes are not those that
    /// were written.
    fn read(&self, artifact: &Artifact) -> io::Result<Vec<u8>>;
}

/// Folder of outputs, and of files as they were before an update.
pub const ARTIFACTS: &str = "artifacts";

/// Folder in which secrets are sealed that were made for the run. It is the executor's alone, also where a run is shared.
pub const SECRETS: &str = "secrets";

/// Folder of the raw bodies of scrapes, gzipped.
pub const SCRAPES: &str = "scrapes";

/// An artifact that is being written. Dropped without [`ArtifactWriter::finish`] it leaves no file behind.
pub trait ArtifactWriter: io::Write + Send {
    /// Makes it durable. Only then may an outcome name it.
    fn finish(self: Box<Self>) -> io::Result<Artifact>;
}
