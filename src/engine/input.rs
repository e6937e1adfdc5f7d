//! What the engine learns from the world. Every input carries the time at which it was known, so the engine never reads
//! a clock, and the same inputs give the same run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::action::ActionId;
use crate::metrics::server::Answers;
use crate::text::Text;
use crate::value::Value;

/// Something that became known.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// What became known.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The run begins; always the first input, once.
    Begin(Begin),
    /// An effect ended.
    Outcome {
        /// Which.
        id: ActionId,
        /// How.
        outcome: Outcome,
    },
    /// A prompt is in front of a person; its deadline counts from here.
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
    /// The time that [`super::next_due`] named has come.
    Due,
    /// A person wants something that was not asked for.
    Command {
        /// Who.
        by: String,
        /// What.
        command: Command,
    },
    /// Ctrl-C: the command in the foreground is stopped, then its failure menu opens.
    Interrupt,
    /// SIGTERM: suspends.
    Terminate,
    /// A prompt is open and nobody is there to answer it (end of input, no terminal, answers file exhausted).
    NobodyThere {
        /// The prompt.
        id: ActionId,
    },
    /// The terminal at which the run was executed is gone, and the run goes on.
    Detached,
    /// An executor took the run up again, after a suspension or a crash; what has no outcome is in doubt.
    Resumed {
        /// The user.
        executor: String,
        /// Effects whose process was found running and which will still give an outcome.
        running: BTreeSet<ActionId>,
        /// The runbook file changed, and the change was accepted: what changed.
        changed: Option<String>,
    },
}

/// With what a run begins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    /// Its id.
    pub run: String,
    /// `--env`
    pub environment: Option<String>,
    /// The user who runs it.
    pub executor: String,
    /// A value for each parameter (defaults filled in).
    pub params: BTreeMap<String, Value>,
    /// Names of the secrets that are there.
    pub secrets: BTreeSet<String>,
    /// It is a simulation.
    pub simulated: bool,
    /// `--from`: the main flow begins at the statement with this key; a deviation.
    pub from: Option<String>,
    /// `--step`: a person is asked before each effect that leaves a trace.
    pub step: bool,
}

/// What a person may want at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Suspend the run.
    Suspend,
    /// Abort it.
    Abort {
        /// Why.
        because: String,
    },
    /// Roll it back.
    Rollback {
        /// Why.
        because: String,
    },
    /// Note something.
    Note {
        /// The words.
        text: String,
    },
    /// Change a value: a deviation.
    Set {
        /// The name.
        name: String,
        /// The value, as typed.
        value: String,
    },
    /// Run a command that is not in the runbook: a deviation.
    Shell {
        /// The command.
        command: String,
    },
    /// Go on at another statement of the main flow: a deviation.
    Jump {
        /// Its key.
        key: String,
    },
    /// End a wait with `skip: true` now.
    Skip {
        /// Its key, or an ending that only this one has; none: the one that there is.
        key: Option<String>,
        /// Why; empty: nothing was said.
        because: String,
    },
    /// Open an entry of a `collect`.
    Add {
        /// Name of the `collect`.
        collect: String,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Of the prompt's type: a bool (confirm, item, `type:` prompts once the text fits), the key of a choice as text, a
    /// list of maps (collect), else a value of the asked type, `null` for an optional left empty.
    pub value: Value,
    /// Who answered.
    pub by: String,
    /// The executor typed it for `by`: "as told by".
    pub told_by: Option<String>,
    /// How it came.
    pub via: Via,
    /// Words with it: the reason of a skip, a note.
    pub note: Option<String>,
    /// Path or link given as evidence.
    pub evidence: Option<String>,
}

/// How an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Typed at the executor's terminal.
    Terminal,
    /// From an answers file.
    File,
    /// `runbook answer` from elsewhere.
    Inbox,
}

/// How an effect ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, by a clock that does not jump.
    pub took: SignedDuration,
    /// None: it succeeded.
    pub failure: Option<Failure>,
    /// What it gave, also where it failed (the output of a command that exited with 1).
    pub data: Data,
}

/// Why an effect failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// One sentence with the facts (exit code, status, time), without secrets.
    pub message: Text,
}

/// Kinds of failure: different outcomes are never taken for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It ran and said no: an exit code, a status, a check of the answer.
    Failed,
    /// It could not be begun: program missing, no permission, unknown script of a simulation.
    NotStarted,
    /// Its time was over.
    TimedOut,
    /// It was stopped (Ctrl-C, SIGTERM, rollback).
    Interrupted,
    /// Nothing answered: refused, unresolvable, connection lost.
    Unreachable,
    /// The answer is not what it must be: HTML, JSON, wrong format, cut off, does not parse.
    BadAnswer,
    /// Credentials were refused: 401, 403.
    Denied,
    /// More output than allowed.
    TooLarge,
    /// The connection broke during a write: it may have happened.
    InDoubt,
    /// Not configured: an absent channel.
    Absent,
}

/// What an effect gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// Nothing.
    #[default]
    None,
    /// A command: exit code (none: killed by a signal), its outputs, `.value` where it was parsed.
    Shell {
        /// Exit code.
        code: Option<i32>,
        /// Standard output.
        out: Output,
        /// Standard error.
        err: Output,
        /// Parsed output.
        value: Option<Value>,
    },
    /// A request.
    Http {
        /// Status; none: there was no answer.
        status: Option<u16>,
        /// The body.
        body: Output,
        /// Parsed body.
        value: Option<Value>,
    },
    /// A scrape that is good.
    Scrape(ScrapeData),
    /// Firing alerts, in order of fingerprint.
    Alerts(Vec<Alert>),
    /// A file that was written.
    File(FileData),
}

/// A good scrape, or the answers of a Prometheus server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScrapeData {
    /// One an instance, in order of the source's URLs, reduced to the families that were asked for.
    pub scrapes: Vec<Arc<crate::metrics::scrape::Scrape>>,
    /// Names of all families that have at least one sample, and of their samples (`_bucket`, `_sum`, …): whether a
    /// metric is reported can be asked of any name, also of one that is not kept in `scrapes`.
    pub reported: BTreeSet<String>,
    /// What a server answered; none: it was a scrape.
    pub answers: Option<Answers>,
    /// Where the raw bodies are kept, one an instance; empty where they were not to be kept.
    pub kept: Vec<Artifact>,
}

/// Text that an effect gave. Up to [`MAX_INLINE_BYTES`] stand here; the whole is an artifact where there is more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The text, or its first part; bytes that are not UTF-8 are replaced, secrets are masked.
    pub text: String,
    /// All its bytes.
    pub bytes: u64,
    /// The whole, where `text` is not.
    pub artifact: Option<Artifact>,
}

/// Longest output that stands in an outcome itself: a screenful of text a hundred times over, and small enough that a
/// journal of a thousand commands stays readable.
pub const MAX_INLINE_BYTES: usize = 64 * 1024;

/// A file beside the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Path relative to the run's folder.
    pub path: String,
    /// SHA-256 in hex of its bytes as they lie there.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileData {
    /// Path as the effect named it.
    pub path: String,
    /// SHA-256 in hex of its new bytes.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// False: it already was as it should be (`once:`).
    pub changed: bool,
    /// The file as it was before, where it was changed (`update`).
    pub before: Option<Artifact>,
    /// What was written, where the run made it (`report`, `chart`): the evidence stays when the file is changed later.
    pub kept: Option<Artifact>,
}

/// A firing alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Alertmanager's fingerprint.
    pub fingerprint: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// Since when.
    pub starts_at: Timestamp,
}
