//! The world as the loop of `run` sees it. [`crate::engine::step`] never takes it: the loop performs what the engine
//! wants, and tells it what happened. Implement this trait to embed the interpreter with drivers of your own.

use jiff::Timestamp;

use super::action::{ActionId, Start};
use super::input::{Answer, Command, Outcome};
use super::telling::Telling;
use super::view::RunView;

/// Everything outside the engine.
pub trait World {
    /// The time, for records.
    fn now(&mut self) -> Timestamp;

    /// Begins an effect and returns at once; its outcome comes through [`World::next`]. A prompt is an effect as well.
    fn start(&mut self, start: &Start);

    /// Stops a running effect early; its outcome still comes.
    fn cancel(&mut self, id: &ActionId);

    /// Takes a prompt back; no answer to it comes any more.
    fn withdraw(&mut self, id: &ActionId);

    /// Waits for the next thing that happens, or until `due`. With nothing running, no prompt open and no `due` it
    /// returns [`Happening::Idle`] and does not wait for ever.
    fn next(&mut self, due: Option<Timestamp>) -> Happening;

    /// A command to leave (`suspend`, `abort`) that came while nobody executed the run: asked for before anything of a run
    /// that is taken up goes on.
    fn leaving(&mut self) -> Option<(String, Command)> {
        None
    }

    /// The run is over, or over for now, and all that happened is in the journal: nothing more is asked of this world.
    fn ended(&mut self) {}

    /// Shows what the engine tells.
    fn tell(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView);

    /// Shows an answer to [`Happening::View`].
    fn show(&mut self, what: &ViewRequest, view: &RunView);
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// `due` has come.
    Due,
    /// An effect ended.
    Outcome {
        /// Which.
        id: ActionId,
        /// How.
        outcome: Outcome,
    },
    /// A process was started for an effect; recorded so that it can be found after a crash.
    Started {
        /// Which.
        id: ActionId,
        /// The process.
        process: Process,
    },
    /// A prompt is in front of a person.
    Delivered {
        /// Which.
        id: ActionId,
    },
    /// A prompt was answered.
    Answered {
        /// Which.
        id: ActionId,
        /// How.
        answer: Answer,
    },
    /// A prompt is open and nobody is there to answer it.
    NobodyThere {
        /// Which.
        id: ActionId,
    },
    /// A person wants something.
    Command {
        /// Who.
        by: String,
        /// What.
        command: Command,
    },
    /// A person wants to see something: nothing is journaled.
    View(ViewRequest),
    /// The terminal is gone.
    Detached,
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM, or SIGHUP with nobody to come back.
    Terminate,
    /// Nothing runs, nothing is due, nobody is asked.
    Idle,
}

/// A process of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Process {
    /// Its id; also its session and process group.
    pub pid: i32,
    /// Start time in clock ticks since boot, as the kernel gives it: tells it from a later process of the same id.
    pub start_ticks: u64,
}

impl Process {
    /// One that was perhaps started: its executor was gone before it could be written down. What it leaves in the
    /// environment of a command tells it.
    pub const UNKNOWN: Process = Process { pid: 0, start_ticks: 0 };
}

/// What a person wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewRequest {
    /// `status`
    Status,
    /// `vars`
    Vars,
    /// `metrics`
    Metrics,
    /// `log`
    Log,
    /// `source`: the statement that asks, as written.
    Source(String),
    /// `why`: what led here.
    Why(String),
    /// A prompt that is about to be put before a person, with what belongs to it: its name.
    Question(ActionId),
}
