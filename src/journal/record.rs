//! What stands in a journal: types of their own, versioned by hand, apart from the running types, so that neither can
//! change the other by accident.
//!
//! Rules of a change: within one [`FORMAT`] only additions, each `Option` or with a default, each such that an older tool
//! may ignore it; anything else is a new number and a reader for both. A journal of each released format stays in
//! `tests/journals` for ever.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::stored_value::StoredValue;

/// The format that is written.
pub const FORMAT: u32 = 1;

/// One thing that is durable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Always the first: with what the run began.
    Header(Box<Header>),
    /// An effect is about to begin.
    Intent(Box<Intent>),
    /// A process was started for an effect.
    Started(Started),
    /// An effect ended.
    Outcome(Box<Outcome>),
    /// Anything else that the engine learned.
    Input(Box<Input>),
    /// An executor took the run up again.
    Takeover(Box<Takeover>),
    /// The run is over, or over for now.
    End(End),
}

impl Record {
    /// Its kind as it stands in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Record::Header(_) => "header",
            Record::Intent(_) => "intent",
            Record::Started(_) => "started",
            Record::Outcome(_) => "outcome",
            Record::Input(_) => "input",
            Record::Takeover(_) => "takeover",
            Record::End(_) => "end",
        }
    }
}

/// With what a run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the tool that wrote it.
    pub tool: String,
    /// Id of the run.
    pub run: String,
    /// SHA-256 in hex of the runbook file.
    pub digest: String,
    /// Name of the runbook.
    pub runbook: String,
    /// Its title as written.
    pub title: String,
    /// Absolute path of the runbook file.
    pub file: String,
    /// What was copied to `source/`, the runbook itself first.
    pub sources: Vec<SourceFile>,
    /// A value for each parameter.
    pub params: BTreeMap<String, StoredValue>,
    /// Names of the secrets that are there; their texts never reach a record.
    pub secrets: BTreeSet<String>,
    /// `--env`
    pub environment: Option<String>,
    /// IANA zone of the runbook.
    pub zone: String,
    /// Language in which people were spoken to: `en`, `zh`.
    pub language: String,
    /// Absolute path of the folder to which the runbook's paths are relative.
    pub working_dir: String,
    /// Where it is a simulation: of what.
    pub simulation: Option<Simulation>,
    /// When it began.
    pub started_at: Timestamp,
    /// The user who began it.
    pub executor: String,
    /// The machine on which it began.
    pub hostname: String,
    /// `--from`: the statement at which the main flow began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// `--step`: a person was asked before each effect.
    #[serde(default)]
    pub step: bool,
}

/// A file that the run was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path relative to the runbook file.
    pub path: String,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// Of what a run is a simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// Name or path of the scenario, as given.
    pub scenario: String,
    /// SHA-256 in hex of the scenario file.
    pub digest: String,
}

/// An effect is about to begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Its name.
    pub id: String,
    /// Static key of its statement.
    pub key: String,
    /// Its title as shown.
    pub title: String,
    /// SHA-256 in hex of its statement; none for built-in prompts and sources.
    pub node: Option<String>,
    /// `read`, `record`, `write`, `destroy`, `pure`
    pub class: String,
    /// What a crash in the middle of it means: `safe`, `ask`, `never`, `probe`; none for built-in ones.
    pub again: Option<String>,
    /// SHA-256 in hex of `effect`.
    pub digest: String,
    /// The whole effect, for people: what was run, sent or asked, with secrets as names. Never read back.
    pub effect: serde_json::Value,
}

/// A process was started for an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Name of the effect.
    pub id: String,
    /// Process, session and process group.
    pub pid: i32,
    /// Start time in clock ticks since boot.
    pub start_ticks: u64,
}

/// An effect ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its name.
    pub id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in nanoseconds.
    pub took_ns: i64,
    /// None: it succeeded.
    pub failure: Option<Failure>,
    /// What it gave.
    pub data: Data,
}

/// Why an effect failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// One sentence, in English.
    pub message: String,
    /// In Chinese, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_zh: Option<String>,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of engine::input::FailureKind, which says what they mean")]
pub enum FailureKind {
    Failed,
    NotStarted,
    TimedOut,
    Interrupted,
    Unreachable,
    BadAnswer,
    Denied,
    TooLarge,
    InDoubt,
    Absent,
}

/// What an effect gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Data {
    /// Nothing.
    None,
    /// A command.
    Shell {
        /// Exit code; none: killed.
        code: Option<i32>,
        /// Standard output.
        out: Output,
        /// Standard error.
        err: Output,
        /// Parsed output.
        value: Option<StoredValue>,
    },
    /// A request.
    Http {
        /// Status; none: there was no answer.
        status: Option<u16>,
        /// The body.
        body: Output,
        /// Parsed body.
        value: Option<StoredValue>,
    },
    /// A good scrape: where its raw bodies are kept, one an instance. A replay reads and parses them again.
    Scrape {
        /// One an instance; empty where it was not to be kept.
        kept: Vec<Kept>,
    },
    /// Firing alerts.
    Alerts {
        /// In order of fingerprint.
        firing: Vec<Alert>,
    },
    /// A file that was written.
    File {
        /// Path as the effect named it.
        path: String,
        /// SHA-256 in hex of its new bytes.
        sha256: String,
        /// Its size.
        bytes: u64,
        /// False: it already was as it should be.
        changed: bool,
        /// The file as it was before.
        before: Option<Artifact>,
        /// What was written, where the run made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<Artifact>,
    },
}

impl Data {
    /// The files beside the journal that it names.
    pub fn artifacts(&self) -> Vec<&Artifact> {
        match self {
            Self::None | Self::Alerts { .. } => Vec::new(),
            Self::Shell { out, err, .. } => out.artifact.iter().chain(&err.artifact).collect(),
            Self::Http { body, .. } => body.artifact.iter().collect(),
            Self::Scrape { kept } => kept.iter().map(|kept| &kept.artifact).collect(),
            Self::File { before, kept, .. } => before.iter().chain(kept).collect(),
        }
    }
}

/// The raw body of one instance of a scrape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// `text`, `openmetrics`, or `prometheus` for the answers of a server: how it is parsed.
    pub format: String,
    /// The gzipped body.
    pub artifact: Artifact,
}

/// Text that an effect gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The text, or its first part.
    pub text: String,
    /// All its bytes.
    pub bytes: u64,
    /// The whole, where `text` is not.
    pub artifact: Option<Artifact>,
}

/// A file beside the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Path relative to the run's folder.
    pub path: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
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

/// Anything else that the engine learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A time that the engine had named has come.
    Due,
    /// A prompt is in front of a person.
    Delivered {
        /// Which.
        id: String,
    },
    /// A prompt was answered.
    Answered {
        /// Which.
        id: String,
        /// How.
        answer: Answer,
    },
    /// A person wanted something.
    Command {
        /// Who.
        by: String,
        /// What.
        command: Command,
    },
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// Nobody is there to answer.
    NobodyThere {
        /// Which prompt.
        id: String,
    },
    /// The terminal was gone, and the run went on.
    Detached,
    /// The run was taken up again.
    Resumed {
        /// The user.
        executor: String,
        /// Effects that were found running.
        running: BTreeSet<String>,
        /// What changed in the runbook file.
        changed: Option<String>,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The value.
    pub value: StoredValue,
    /// Who.
    pub by: String,
    /// The executor who typed it for `by`.
    pub told_by: Option<String>,
    /// How it came.
    pub via: Via,
    /// Words with it.
    pub note: Option<String>,
    /// Path or link given as evidence.
    pub evidence: Option<String>,
}

/// How an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of engine::input::Via, which says what they mean")]
pub enum Via {
    Terminal,
    File,
    Inbox,
}

/// What a person wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of engine::input::Command, which says what they mean")]
pub enum Command {
    Suspend,
    Abort {
        because: String,
    },
    Rollback {
        because: String,
    },
    Note {
        text: String,
    },
    Set {
        name: String,
        value: String,
    },
    Shell {
        command: String,
    },
    Jump {
        key: String,
    },
    /// A skip without a key and a reason, as the first journals have it.
    SkipWait,
    Skip {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        because: String,
    },
    Add {
        collect: String,
    },
}

/// An executor took the run up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takeover {
    /// Version of the tool.
    pub tool: String,
    /// The user.
    pub executor: String,
    /// The machine.
    pub hostname: String,
    /// SHA-256 in hex of the runbook file that holds from here on.
    pub digest: String,
    /// Folder of the run that holds it and its templates: `source`, `source.2`, …
    pub source: String,
}

/// The run is over, or over for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How.
    pub ending: Ending,
}

/// How a run left off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of engine::action::Ending, which says what they mean")]
pub enum Ending {
    Passed,
    NotPassed,
    RolledBack,
    Suspended,
    Aborted,
    Refused,
}
