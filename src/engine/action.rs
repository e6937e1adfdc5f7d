//! What the engine wants from the world. An action is plain data: it can be journaled, compared on a replay, performed
//! for real or simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::input::FileData;
pub use super::said::Words;
use super::telling::Telling;
use super::view::RunView;
use crate::check::program::{BodyFormat, Class, Column, SamplesFormat, Unit};
use crate::metrics::objective::Bound;
use crate::text::Text;
use crate::value::Value;
use crate::value::answer::AnswerSpec;
use crate::value::parse::Parse;

/// The stable name of an effect or prompt: `KEY#PASS` and, from the second attempt on, `~ATTEMPT`. Passes count from 1
/// over the run, in the engine's order; a pass of an `each` is named by its item: `drain[node-7]/sh.1#1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActionId(pub String);

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of an instance without the number of its pass. The key of an item may have any letter in it, also a `#`.
pub(crate) fn stem_of(key: &str) -> &str {
    key.rsplit_once('#').map_or(key, |(stem, _)| stem)
}

/// One thing that the engine wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Begin an effect. Its intent is durable before it begins; its outcome comes as an input.
    Start(Box<Start>),
    /// End a running effect early; its outcome (interrupted) still comes.
    Cancel(ActionId),
    /// Take a prompt back; no answer comes any more.
    Withdraw(ActionId),
    /// Say something: nothing depends on it and it is not journaled (a replay says it again).
    Tell(Box<Telling>),
    /// The run is over, or over for now. Always the last action of a step.
    End(Ending),
}

/// How the run left off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Completed and passed.
    Passed,
    /// Completed, not passed.
    NotPassed,
    /// Rolled back.
    RolledBack,
    /// Suspended: can be resumed.
    Suspended,
    /// Aborted.
    Aborted,
    /// Nothing ran: a target is locked by another run.
    Refused,
}

/// An effect that is to begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Its name.
    pub id: ActionId,
    /// Static key of its statement, as answers files and scenarios name it.
    pub key: String,
    /// Title of its statement.
    pub title: Words,
    /// What it does to the world.
    pub class: Class,
    /// Whole time; none: no limit.
    pub timeout: Option<SignedDuration>,
    /// What it is.
    pub effect: Effect,
}

/// The kinds of effects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A command.
    Shell(Shell),
    /// A request.
    Http(Http),
    /// One scrape of a source.
    Scrape(Scrape),
    /// The firing alerts of a source.
    Alerts(Alerts),
    /// A message to a channel.
    Notify(Notify),
    /// A copy of a file.
    Copy {
        /// Path relative to the run's working directory.
        from: String,
        /// Path relative to the run's working directory.
        to: String,
    },
    /// A change inside a document.
    Update(Update),
    /// A report through a template or as a table.
    Report(Report),
    /// A line at the end of a file.
    Append {
        /// Path relative to the run's working directory.
        path: String,
        /// The line, without its newline.
        line: String,
    },
    /// The undo of an `update`: the file as it was before.
    Restore {
        /// Path relative to the run's working directory.
        path: String,
        /// What the `update` said that it left, and where it kept what was there before.
        written: FileData,
    },
    /// A lock on a target.
    Lock {
        /// Its name.
        target: String,
    },
    /// The lock given back.
    Unlock {
        /// Its name.
        target: String,
    },
    /// A question.
    Ask(Box<Prompt>),
}

/// A command, resolved: what bash gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shell {
    /// Text for `bash -euo pipefail -c`.
    pub command: String,
    /// Exit codes that count as success; none: any.
    pub ok: Option<Vec<i32>>,
    /// How its output becomes a value.
    pub parse: Option<Parse>,
    /// Variables added to its environment, in order of name.
    pub env: BTreeMap<String, Input>,
    /// Its standard input; none: empty.
    pub stdin: Option<Input>,
    /// Its working directory, relative to that of the run.
    pub dir: Option<String>,
    /// It gets a terminal.
    pub tty: bool,
    /// Path to which its output is also written.
    pub save: Option<String>,
    /// Most bytes of output; beyond is a failure.
    pub max_bytes: Option<i64>,
}

/// Text, or the name of a secret whose text only the driver knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Text.
    Text(String),
    /// A secret, by name.
    Secret(String),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Http {
    /// `GET`, …
    pub method: String,
    /// Where.
    pub url: Input,
    /// Token of `Authorization: Bearer`.
    pub bearer: Option<Input>,
    /// Further headers.
    pub headers: Vec<(String, Input)>,
    /// Body.
    pub body: Option<Input>,
    /// Content type of the body.
    pub content_type: Option<String>,
    /// Statuses that count as success; none: any answer counts.
    pub expect_status: Option<Vec<u16>>,
    /// What the body must be.
    pub expect_format: Option<BodyFormat>,
    /// How its body becomes a value.
    pub parse: Option<Parse>,
}

/// One scrape of all URLs of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scrape {
    /// Name of the source.
    pub source: String,
    /// One URL an instance.
    pub urls: Vec<String>,
    /// Who asks.
    #[serde(flatten)]
    pub access: Access,
    /// Largest body in bytes.
    pub max_bytes: i64,
    /// Families that the runbook names: a body that has none of them is an error; only these are kept in memory.
    pub families: BTreeSet<String>,
    /// Kept as evidence (compressed, beside the journal); an `alive:` probe between samples is not.
    pub keep: bool,
    /// Several scrapes are taken, and must come from one process.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compare: bool,
    /// The one URL is that of a Prometheus server: what it is asked. None: exposition text is scraped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queries: Option<Queries>,
}

/// How a source is shown who asks, and how it shows who it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// Token of `Authorization: Bearer`.
    pub bearer: Option<Input>,
    /// Name and password of `Authorization: Basic`.
    pub basic: Option<(String, Input)>,
    /// A file of PEM certificates that are trusted instead of those of the system.
    pub ca: Option<String>,
}

/// What a Prometheus server is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queries {
    /// The time of the sample.
    pub at: Timestamp,
    /// Since when a metric must have been seen to be known.
    pub since: Timestamp,
    /// How long the last sample of a series speaks for it.
    pub lookback: SignedDuration,
    /// The expressions, their variables replaced.
    pub texts: Vec<String>,
}

/// The firing alerts of an Alertmanager.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// Name of the source.
    pub source: String,
    /// Base URL of the API.
    pub url: String,
    /// Who asks.
    #[serde(flatten)]
    pub access: Access,
    /// Labels that an alert must have.
    pub matchers: BTreeMap<String, String>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notify {
    /// Name of the channel.
    pub channel: String,
    /// Incoming webhook; none: the channel is not configured, and the outcome says so.
    pub webhook: Option<Input>,
    /// What is said.
    pub text: String,
}

/// A change inside a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// Path relative to the run's working directory.
    pub file: String,
    /// Heading; must be there exactly once.
    pub under: Option<String>,
    /// Pattern that is replaced once; pattern and "case does not count".
    pub replace: Option<(String, bool)>,
    /// The new text.
    pub text: Content,
    /// Text whose presence below the heading means that it was done before.
    pub once: Option<String>,
}

/// Text, or a template with what it may name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text as it is.
    Text(String),
    /// A template.
    Template {
        /// Path as written in the runbook.
        path: String,
        /// The run as it stands; not part of the journal, a replay makes it again.
        #[serde(skip)]
        view: Box<RunView>,
    },
}

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Path relative to the run's working directory.
    pub to: String,
    /// What is written.
    pub content: ReportContent,
    /// The run as it stands; not part of the journal, a replay makes it again.
    #[serde(skip)]
    pub view: Box<RunView>,
}

/// What a report is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportContent {
    /// A template.
    Template {
        /// Path as written in the runbook.
        path: String,
    },
    /// The objectives of an observation.
    Table {
        /// Key of the `sample` statement.
        observation: String,
        /// Columns in order.
        columns: Vec<Column>,
    },
    /// The samples of an observation, for programs.
    Samples {
        /// Key of the `sample` statement.
        observation: String,
        /// In which form.
        format: SamplesFormat,
    },
    /// The samples of an observation as a picture.
    Chart {
        /// Key of the `sample` statement.
        observation: String,
        /// Keys of what is drawn; none: all objectives.
        objectives: Option<Vec<String>>,
        /// What stands above it; none: the title of the observation.
        title: Option<Words>,
    },
}

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// What kind of question it is; the console words the built-in ones.
    pub kind: PromptKind,
    /// What fits as an answer.
    pub answer: AnswerSpec,
    /// Taken for an empty line.
    pub default: Option<Value>,
    /// Choices, where there are some.
    pub choices: Vec<Choice>,
    /// What is shown with it.
    pub show: Vec<Shown>,
    /// Who may answer.
    pub by: Option<Role>,
    /// Whoever executes the run does not count.
    pub not_executor: bool,
    /// Asked for with the answer: a path or link.
    pub evidence: Option<Words>,
    /// Time to answer, counted from delivery.
    pub within: Option<SignedDuration>,
    /// Reminded after this.
    pub remind: Option<SignedDuration>,
    /// An answers file may not cover it.
    pub never_auto: bool,
    /// What is asked first.
    pub urgency: Urgency,
    /// Rollback may be chosen here (a write happened, and every name that it needs is assigned).
    pub can_rollback: bool,
}

/// Order of the queue of prompts: smaller first, then arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the events that opened the fiber")]
pub enum Urgency {
    Unreachable,
    Alert,
    AlertLevel,
    Breach,
    Other,
}

/// The kinds of questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptKind {
    /// `ask`, `owner`.
    Ask,
    /// `confirm`: yes or no; or the text that must be typed.
    Confirm {
        /// The text that must be typed.
        typed: Option<String>,
        /// Why it cannot be confirmed now: keys of what failed or was skipped.
        refused: Vec<String>,
    },
    /// `manual`: `done`, `failed`, `not_applicable`.
    Manual {
        /// Links shown.
        links: Vec<String>,
        /// `later: true`
        later: bool,
    },
    /// `item` without `is:`: yes or no, a no is shown and never fails.
    Item,
    /// `add`: an entry of a `collect`; the answer is a list of maps, each an entry (`[]`: none).
    Collect {
        /// The questions of one entry.
        fields: Vec<Field>,
    },
    /// `decide`
    Decide,
    /// `signoff`
    Signoff,
    /// `severity: ask`: accept, or treat as failed.
    Accept {
        /// What is not as it should be.
        message: Text,
    },
    /// Something failed: `retry skip rollback suspend abort` as far as they are in `choices`.
    Failed {
        /// What happened.
        message: Text,
        /// Last lines of its output.
        output: String,
    },
    /// Ctrl-C with no command in the foreground: `go_on rollback suspend abort` as far as they are in `choices`.
    Paused,
    /// `--step`: the next effect: `go_on skip suspend abort`.
    Step {
        /// Its full command or request.
        what: String,
    },
    /// An effect was begun before a crash and its outcome is not known: `ran run_again abort`.
    InDoubt {
        /// The command or request.
        what: String,
    },
    /// Outside the window: `go_on abort`, with a reason.
    Window {
        /// Begin of the window.
        from: Timestamp,
        /// End of the window.
        to: Timestamp,
    },
    /// An objective had no data over the whole observation: `not_applicable fail`.
    NoData {
        /// Key of the objective.
        objective: String,
        /// What the author says about it.
        words: Option<Words>,
    },
    /// The undos that are about to run: yes or no.
    Rollback {
        /// In order, each with its full command.
        #[serde(with = "super::said::lines")]
        plan: Vec<Words>,
        /// Why.
        #[serde(with = "super::said::line")]
        because: Words,
    },
    /// Half-way undo (`half: ask`): `run skip`.
    HalfUndo {
        /// What it would do.
        #[serde(with = "super::said::line")]
        what: Words,
    },
    /// `no_return`: yes or no; or the text that must be typed.
    NoReturn {
        /// The text that must be typed.
        typed: Option<String>,
    },
    /// Between the passes of an `each`: yes or no.
    NextPass {
        /// The next item.
        item: String,
    },
}

/// One question of an entry of a `collect`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name of the field.
    pub name: String,
    /// Its title.
    pub title: Words,
    /// What fits.
    pub answer: AnswerSpec,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is typed.
    pub key: String,
    /// What it means; empty for built-in ones, which the console words.
    pub title: Words,
    /// It cannot be chosen now, because …
    pub refused: Option<Text>,
}

/// What is shown with a prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Text, several lines.
    Text(String),
    /// A value, canonical.
    Value(Value),
    /// Objectives with target and alert level.
    Objectives(Vec<ObjectiveShown>),
    /// The table of an observation's samples: its key; the console draws it from the run's view.
    Series(String),
    /// Alerts.
    Alerts(Vec<super::input::Alert>),
}

/// An objective as it is shown before it has values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveShown {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Words,
    /// `>= 98%`
    pub target: String,
    /// The target as a number, in base units.
    pub target_bound: Bound,
    /// `< 95%`
    pub alert: Option<String>,
    /// The alert level as a number, in base units.
    pub alert_bound: Option<Bound>,
    /// Its unit.
    pub unit: Unit,
}

/// Who may answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// `owner`, `executor`, or the role's key.
    pub key: String,
    /// Its title.
    pub title: Words,
    /// Users who have it; empty: anyone.
    pub people: Vec<String>,
}
