//! The larger parts of statements: commands, requests, questions, loops, observations.

use jiff::civil;

use super::{Expr, NodeId, Pattern, Title, VarId};
use crate::metrics::question::Question;
use crate::metrics::selector::Selector;
use crate::value::human::Unit;
use crate::value::parse::Parse;
use crate::value::types::Type;

/// A command.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Its pieces; put together they are the text for bash.
    pub body: Vec<ShellPart>,
    /// Exit codes that count as success; none: any.
    pub ok: Option<Vec<i32>>,
    /// How its output becomes `.value`.
    pub parse: Option<Parse>,
    /// Variables added to its environment; secrets are allowed here.
    pub env: Vec<(String, Expr)>,
    /// Its standard input; a secret is allowed here.
    pub stdin: Option<Expr>,
    /// Its working directory, relative to that of the run.
    pub dir: Option<Expr>,
    /// It gets a terminal.
    pub tty: bool,
    /// Path to which its output is also written.
    pub save: Option<Expr>,
    /// Most bytes of output; beyond is an error.
    pub max_bytes: Option<Expr>,
}

/// A piece of a shell body. The state of the shell's quotes at that place is already in the form.
#[derive(Clone, Debug)]
pub enum ShellPart {
    /// Text of the author.
    Text(String),
    /// Outside quotes: one word, quoted; a list gives several.
    Words(Expr),
    /// A word, or several, for the shell at the other end of an `ssh`: quoted for that one, and again for this one.
    Remote(Expr),
    /// Inside `'…'`: closed, inserted quoted, opened again.
    InSingle(Expr),
    /// Inside `"…"`: closed, inserted quoted, opened again.
    InDouble(Expr),
    /// `raw(x)`: as it is.
    Raw(Expr),
}

/// A request.
#[derive(Clone, Debug)]
pub struct Http {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`
    pub method: &'static str,
    /// Where.
    pub url: Expr,
    /// Token of `Authorization: Bearer`; a secret, or `null`.
    pub bearer: Option<Expr>,
    /// Further headers; secrets are allowed here.
    pub headers: Vec<(String, Expr)>,
    /// Body: text, or a map that is sent as JSON.
    pub body: Option<Expr>,
    /// Statuses that count as success; none: any answer counts.
    pub expect_status: Option<Vec<u16>>,
    /// `format: prometheus | json` that the body must have.
    pub expect_format: Option<BodyFormat>,
    /// How its body becomes `.value`.
    pub parse: Option<Parse>,
}

/// What a body must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the formats")]
pub enum BodyFormat {
    Prometheus,
    Json,
}

/// `query src …`
#[derive(Clone, Debug)]
pub struct Query {
    /// Index into [`Program::sources`](super::Program::sources).
    pub source: usize,
    /// It stands among checks: several scrapes are taken and compared, so that several instances behind one URL are found.
    pub compare: bool,
    /// One scrape alone, or a question about the increase since the observation's scrape before.
    pub increase: Option<(Selector, Vec<String>)>,
    /// A question over all that the run has scraped from the source, or to the server.
    pub asks: Option<Asks>,
}

/// `promql: '…', by: [label], unit: s`
#[derive(Clone, Debug)]
pub struct Asks {
    /// The question.
    pub question: Question,
    /// The unit of its numbers.
    pub unit: Unit,
}

/// `update file: …`
#[derive(Clone, Debug)]
pub struct Update {
    /// Path, relative to the working directory.
    pub file: Expr,
    /// A heading, exactly as its line reads (its `#`s may be left out); must be there once.
    pub under: Option<Expr>,
    /// What is replaced (once, below `under` where given); without it the text is added at the end of that section.
    pub replace: Option<Pattern>,
    /// The new text.
    pub text: UpdateText,
    /// Text whose presence below the heading means that it was done before.
    pub once: Option<Expr>,
}

/// The new text of an `update`.
#[derive(Clone, Debug)]
pub enum UpdateText {
    /// A template, path as written.
    Template(String),
    /// Text.
    Text(Expr),
}

/// What `wait` waits for.
#[derive(Clone, Debug)]
pub enum WaitFor {
    /// A span.
    Span(Expr),
    /// A time of day on the window's date, else on the run's first day.
    TimeOfDay(civil::Time),
    /// A point in time.
    Time(Expr),
}

/// What `report` is made from.
#[derive(Clone, Debug)]
pub enum ReportFrom {
    /// A template, path as written.
    Template(String),
    /// The objectives of a series as a table.
    Table {
        /// The `sample` statement.
        sample: NodeId,
        /// Columns in order.
        columns: Vec<Column>,
    },
    /// The samples of a series, for programs.
    Samples {
        /// The `sample` statement.
        sample: NodeId,
        /// In which form.
        format: SamplesFormat,
    },
    /// `chart`: the samples of a series as a picture.
    Chart {
        /// The `sample` statement.
        sample: NodeId,
        /// Indices into [`Program::objectives`](super::Program::objectives), in order; none: all of the series.
        objectives: Option<Vec<usize>>,
    },
}

impl ReportFrom {
    /// The `sample` statement whose series it reads.
    pub fn sample(&self) -> Option<NodeId> {
        match self {
            Self::Template(_) => None,
            Self::Table { sample, .. } | Self::Samples { sample, .. } | Self::Chart { sample, .. } => Some(*sample),
        }
    }
}

/// Forms of samples for programs, by the ending of their file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplesFormat {
    /// `.csv`: one sample a row.
    Csv,
    /// `.json`: the observation with its objectives and samples.
    Json,
}

/// A column of an objectives' table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Column {
    Target,
    Min,
    Max,
    Mean,
    Last,
    Whole,
    Verdict,
}

/// What fits as an answer.
#[derive(Clone, Debug)]
pub struct AnswerType {
    /// Its type, without the optional.
    pub ty: Type,
    /// It may be left empty: then it is `null`.
    pub optional: bool,
    /// Taken for an empty line.
    pub default: Option<Expr>,
    /// Smallest.
    pub min: Option<Expr>,
    /// Largest.
    pub max: Option<Expr>,
    /// Pattern that it must match, unanchored.
    pub matches: Option<Pattern>,
    /// `must: true`: false is a "no".
    pub must: bool,
}

/// Who is asked, what they see, and what a "no" or silence leads to.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Who may answer; none: anyone.
    pub by: Option<Who>,
    /// How many different people must agree; 1 where none is written.
    pub quorum: u32,
    /// Whoever executes the run does not count.
    pub not_executor: bool,
    /// What is shown with it.
    pub show: Vec<Expr>,
    /// Evidence is asked with the answer: a path or link, with this title.
    pub evidence: Option<Title>,
    /// Time to answer, counted from delivery.
    pub within: Option<Expr>,
    /// Reminded after this.
    pub remind: Option<Expr>,
    /// What a "no" or a passed deadline leads to.
    pub otherwise: Otherwise,
    /// `auto: false`: an answers file never covers it.
    pub never_auto: bool,
}

/// Who may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The owner.
    Owner,
    /// The executor.
    Executor,
    /// Index into [`Program::roles`](super::Program::roles).
    Role(usize),
}

/// `else: run(key) | suspend | abort | fail`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otherwise {
    /// The failure menu.
    #[default]
    Fail,
    /// A scenario.
    Run(NodeId),
    /// Suspends (in a handler: parks that fiber alone).
    Suspend,
    /// Aborts.
    Abort,
}

/// `option k, "t" do … end` of a `decide`.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Title,
    /// What runs.
    pub body: Vec<NodeId>,
}

/// One option of a `signoff`.
#[derive(Clone, Debug)]
pub struct SignChoice {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Title,
    /// Must be true for it to be chosen.
    pub requires: Option<Expr>,
}

/// Most passes of an `each` at once: each may hold a process, its pipes and a thread, of which a system has not many
/// hundreds for one program.
pub const MAX_AT_ONCE: u32 = 100;

/// How many passes of an `each`: run at once, or may fail before no other begins.
#[derive(Clone, Debug)]
pub enum Passes {
    /// One.
    One,
    /// So many, of type int; it may turn out to be one.
    Count(Expr),
    /// All of them.
    All,
}

/// `each n, in: LIST, …`
#[derive(Clone, Debug)]
pub struct Each {
    /// Slot of the item.
    pub item: VarId,
    /// The list.
    pub list: Expr,
    /// The pass's key, of type text; without it the item itself.
    pub key_by: Option<Expr>,
    /// Most items; more is an error.
    pub max: Option<Expr>,
    /// Failed passes after which the rest is not begun; all: they are run, then it fails if any did.
    pub stop_after: Passes,
    /// How many passes run at once at most; one: one after the other.
    pub at_once: Passes,
    /// A person is asked between passes, or between as many as run at once.
    pub ask_between: bool,
    /// The names bound in its body that the results have as fields; empty where nothing binds the results.
    pub results: Vec<VarId>,
    /// What runs for each.
    pub body: Vec<NodeId>,
}

impl Each {
    /// Its passes run beside each other, or may: how many may be known only while it runs.
    pub fn runs_at_once(&self) -> bool {
        !matches!(self.at_once, Passes::One)
    }
}

/// `sample src, since: every: count: slos: log: as: do … end`; the series is the node's `bind`.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Index into [`Program::sources`](super::Program::sources).
    pub source: usize,
    /// Slot of the record of the scrape that the first sample is measured from.
    pub since: Option<VarId>,
    /// Time between samples.
    pub every: Expr,
    /// When it ends.
    pub until: Until,
    /// Indices into [`Program::objectives`](super::Program::objectives).
    pub objectives: Vec<usize>,
    /// Path of the log of samples.
    pub log: Option<Expr>,
    /// [`NodeKind::At`](super::NodeKind::At) and [`NodeKind::On`](super::NodeKind::On) in order.
    pub handlers: Vec<NodeId>,
    /// Indices into [`Program::sources`](super::Program::sources) of the alert sources that its rules name.
    pub alert_sources: Vec<usize>,
}

/// When an observation ends.
#[derive(Clone, Debug)]
pub enum Until {
    /// After so many samples: `sample`.
    Count(Expr),
    /// When these steps are done: `watch`.
    Steps(Vec<NodeId>),
}

impl Sample {
    /// The steps that run meanwhile.
    pub fn steps(&self) -> &[NodeId] {
        match &self.until {
            Until::Count(_) => &[],
            Until::Steps(steps) => steps,
        }
    }
}

/// What fires an `on`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A sample missed the target of one of these (indices into [`Program::objectives`](super::Program::objectives)).
    Breach(Vec<usize>),
    /// A sample crossed the alert level of one of these.
    AlertLevel(Vec<usize>),
    /// One of these passed again after a breach.
    Recovered(Vec<usize>),
    /// A sample had no data for one of these.
    NoData(Vec<usize>),
    /// The source did not answer as it must: index into [`Program::sources`](super::Program::sources).
    Unreachable(usize),
    /// An alert fires: index into [`Program::sources`](super::Program::sources).
    Alert(usize),
    /// Counters went back: index into [`Program::sources`](super::Program::sources).
    Reset(usize),
    /// A sample was missed.
    Missed,
}

/// What an `undo` does.
#[derive(Clone, Debug)]
pub enum UndoHow {
    /// Statements.
    Body(Vec<NodeId>),
    /// A person does it.
    Manual(Title),
    /// Nothing needs to be done, because …
    None(Title),
}

/// `half: run | skip | ask`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Half {
    Run,
    Skip,
    Ask,
}
