//! The world, cut into one small trait for each kind of effect: `real`, and `sim` with the same traits beside it.
//! [`compose::Drivers`] makes an [`crate::engine::world::World`] of them.
//!
//! Every effect that takes time is *begun* by a call that returns at once; what becomes of it is said through the
//! [`reply::Reply`] that came with it, from whatever thread. A driver says at most one [`reply::Reply::started`] and
//! exactly one [`reply::Reply::done`] for each effect, also for one that was cancelled, that timed out or that could not
//! be begun: the engine waits for it. [`Start::timeout`] is the driver's to keep.

pub mod answers;
pub mod compose;
pub mod history;
pub mod locks;
pub mod mailbox;
pub mod real;
pub mod redact;
pub mod reply;
pub mod secrets;
pub mod sim;
pub mod texts;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use jiff::{SignedDuration, Timestamp};

use crate::engine::action::{self, ActionId, Prompt, Start};
use crate::engine::input::{Failure, FileData};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::{Happening, Process, ViewRequest};
use reply::{Message, Reply};

pub use crate::journal::store::{ArtifactWriter, Artifacts};

/// Time. Shared with the threads of other drivers, which stamp their outcomes by it.
pub trait Clock: Send + Sync {
    /// Wall time, for records.
    fn now(&self) -> Timestamp;

    /// Time since some fixed point by a clock that does not jump, for lengths.
    fn monotonic(&self) -> SignedDuration;

    /// Waits for the next message, or until `until`; none: the time has come, or it is worth looking again. With
    /// `until` none it waits for a message alone. A clock of a simulation jumps to `until` as soon as `busy` says that
    /// nothing is under way and no person is waited for.
    fn wait(&self, inbox: &Receiver<Message>, until: Option<Timestamp>, busy: Busy) -> Option<Message>;
}

/// What is under way while a clock waits. What has said already when its outcome or answer will be due (a simulated
/// effect, an answer of a script) is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Effects that have begun and have no outcome.
    pub effects: usize,
    /// Prompts that somebody is there to answer.
    pub people: usize,
}

/// Commands.
pub trait Shell {
    /// Begins a command in a session of its own. Says `started` when the process is there, `output` while it prints
    /// (masked, bounded in size and rate), and one `done` with [`crate::engine::input::Data::Shell`]. By then nothing
    /// that it started is alive.
    fn run(&mut self, start: &Start, shell: &action::Shell, reply: Reply);

    /// Ends it: `done` comes as `Interrupted`, as soon as nothing of it is alive. Unknown ids are ignored.
    fn cancel(&mut self, id: &ActionId);

    /// Returns when nothing of the commands that were cancelled is alive, or no further patience would end them.
    fn wait_for_cancelled(&mut self);

    /// What is still alive of the process that an earlier executor started for an effect.
    fn survivors(&mut self, id: &ActionId, process: Process) -> Vec<Survivor>;

    /// Waits for what is still alive of it; then says `done`: `InDoubt`, since its exit code went to nobody. What takes
    /// longer than `timeout`, from now on, is ended: `TimedOut`.
    fn adopt(&mut self, process: Process, timeout: Option<SignedDuration>, reply: Reply);
}

/// A process that outlived its executor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// Its id.
    pub pid: i32,
    /// Its command line.
    pub command: String,
}

/// Everything that is asked over HTTP.
pub trait Http {
    /// A request: `done` with [`crate::engine::input::Data::Http`]. A request of class write or destroy whose
    /// connection broke after it was sent is `InDoubt`.
    fn request(&mut self, start: &Start, request: &action::Http, reply: Reply);

    /// One scrape of all URLs of a source: `done` with [`crate::engine::input::Data::Scrape`], or a failure where any
    /// of the instances gave no good answer.
    fn scrape(&mut self, start: &Start, scrape: &action::Scrape, reply: Reply);

    /// The firing alerts of a source: `done` with [`crate::engine::input::Data::Alerts`], in order of fingerprint.
    fn alerts(&mut self, start: &Start, alerts: &action::Alerts, reply: Reply);

    /// A message to a channel: `done` without data; `Absent` where there is no webhook.
    fn notify(&mut self, start: &Start, notify: &action::Notify, reply: Reply);

    /// Ends it: `done` comes as `Interrupted` (a write: `InDoubt`). Unknown ids are ignored.
    fn cancel(&mut self, id: &ActionId);
}

/// Where hosts are really reached. A simulation has a way of its own, so that its symbolic hosts are found on loopback and
/// nothing else is ever connected to.
pub trait Route: Send + Sync {
    /// The address to connect to for a host and port as a runbook names them, which stay in the request and in every
    /// message; none: it is not part of the simulation.
    fn address(&self, host: &str, port: u16) -> Option<SocketAddr>;
}

/// A way that never changes.
impl Route for BTreeMap<(String, u16), SocketAddr> {
    fn address(&self, host: &str, port: u16) -> Option<SocketAddr> {
        self.get(&(host.to_owned(), port)).copied()
    }
}

/// Files of the operator. Paths are relative to the run's working directory. These are quick, so they are answered at
/// once; each leaves the file either as it was or as it is to be.
pub trait Files {
    /// Copies a file.
    fn copy(&mut self, from: &str, to: &str) -> Result<FileData, Failure>;

    /// Changes a document in one place; the file as it was before is kept as an artifact.
    fn update(&mut self, update: &action::Update) -> Result<FileData, Failure>;

    /// Writes a report.
    fn report(&mut self, report: &action::Report) -> Result<FileData, Failure>;

    /// Adds a line at the end.
    fn append(&mut self, path: &str, line: &str) -> Result<FileData, Failure>;

    /// Undoes an `update`, whose outcome is `written`; refused where the file is no longer what that left.
    fn restore(&mut self, path: &str, written: &FileData) -> Result<FileData, Failure>;

    /// Where what is written to a path lies, where that is another place than the path names.
    fn lies_at(&self, path: &str) -> Option<PathBuf>;
}

/// Locks on targets, owned by the run.
pub trait Locks {
    /// Takes the lock, or says at once who holds it.
    fn lock(&mut self, target: &str) -> Result<(), Failure>;

    /// Gives it back; one that the run does not hold is no error.
    fn unlock(&mut self, target: &str) -> Result<(), Failure>;
}

/// Whoever answers prompts: an answers file, a terminal, the run's inbox, a script.
pub trait People {
    /// Asks. Says `delivered` when the prompt is in front of a person (again after each time that nobody was there),
    /// then `answered` once, or `nobody_there`, after which an answer may still come.
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply);

    /// Takes a prompt back, also one that was answered by somebody else; no answer to it is said any more. Unknown ids
    /// are ignored.
    fn withdraw(&mut self, id: &ActionId);

    /// An answer or command that was said before is in the journal now.
    fn journaled(&mut self, _: &Happening) {}
}

/// Where the run is shown.
pub trait Screen {
    /// Shows what the engine tells.
    fn tell(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView);

    /// Shows what a person wanted to see.
    fn show(&mut self, what: &ViewRequest, view: &RunView);

    /// Shows what a command prints while it runs: data from outside, to be stripped of control sequences.
    fn output(&mut self, id: &ActionId, text: &str);
}
