//! What the check gives and the engine runs: closed, resolved, typed. Nothing is looked up by name any more.
//!
//! All statements lie in one arena, [`Program::nodes`]; bodies are lists of ids. Every expression has its type, every
//! node its full static key, its class of effect, its digest and the names that it needs.

mod expr;
mod node;
mod parts;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil;

pub use expr::{Expr, ExprKind, TextPart};
pub use node::{Again, Class, Narrowed, Node, NodeKind, Retry, Severity};
pub use parts::{
    AnswerType, Asks, BodyFormat, Choice, Column, Each, Half, Http, MAX_AT_ONCE, Otherwise, Passes, People, Query,
    ReportFrom, Sample, SamplesFormat, Shell, ShellPart, SignChoice, Trigger, UndoHow, Until, Update, UpdateText,
    WaitFor, Who,
};

use crate::diagnostic::Span;
use crate::metrics::gate;
use crate::metrics::indicator::Indicator;
use crate::metrics::objective::Bound;
use crate::value::Value;
pub use crate::value::human::Unit;
pub use crate::value::ops::{Arith, Comparison};
use crate::value::types::Type;

/// Index into [`Program::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct NodeId(pub u32);

/// Index into [`Program::vars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct VarId(pub u32);

/// A checked runbook.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name: `phase5`; part of run ids.
    pub name: String,
    /// Its title.
    pub title: Title,
    /// SHA-256 of the file as it was read, in hex.
    pub digest: String,
    /// IANA zone in which bare times of day are meant; `UTC` where none is written.
    pub timezone: String,
    /// When it may run.
    pub window: Option<Window>,
    /// Who answers for it; the name is asked at the start where `ask: true`.
    pub owner: Option<Owner>,
    /// Names that `--env` may take; empty: there are no environments.
    pub environments: Vec<String>,
    /// Parameters in order of declaration.
    pub params: Vec<Param>,
    /// Secrets in order of declaration.
    pub secrets: Vec<Secret>,
    /// `let`s in order of declaration; each is evaluated once, when the run begins.
    pub lets: Vec<Let>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Sources of metrics and alerts.
    pub sources: Vec<Source>,
    /// Channels of notifications.
    pub channels: Vec<Channel>,
    /// Guards, checked again before each write and after each wait.
    pub guards: Vec<Guard>,
    /// Targets that are locked for the run.
    pub locks: Vec<Lock>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Lists that `add` fills.
    pub collects: Vec<Collect>,
    /// Notes and links at the top of the runbook, shown in plan and report.
    pub notes: Vec<Title>,
    /// All names.
    pub vars: Vec<Var>,
    /// All statements.
    pub nodes: Vec<Node>,
    /// What runs.
    pub main: Vec<NodeId>,
    /// The `rollback do … end` at the top.
    pub rollback: Option<NodeId>,
    /// The `finally do … end` at the top.
    pub finally: Option<NodeId>,
    /// The scenarios.
    pub scenarios: Vec<NodeId>,
    /// Templates that it uses: path as written, relative to the runbook file.
    pub templates: Vec<String>,
}

/// Text for people, in the runbook's own language and perhaps in English.
#[derive(Clone, Debug)]
pub struct Title {
    /// As written; of type text.
    pub text: Expr,
    /// `en: "…"`
    pub en: Option<Expr>,
}

/// `window from: to: opens: weekday:`, in absolute time.
#[derive(Clone, Debug)]
pub struct Window {
    /// Begin.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// When preparations may begin (`opens:`), else `from`.
    pub opens: Timestamp,
    /// The day on which bare times of day are meant.
    pub date: civil::Date,
}

/// `owner "负责人", ask: true`
#[derive(Clone, Debug)]
pub struct Owner {
    /// Its title.
    pub title: Title,
    /// The name is asked when the run begins (`owner` is the key of that prompt).
    pub ask: bool,
    /// A fixed name.
    pub name: Option<Expr>,
}

/// `param n, type, …`
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// The name's slot.
    pub var: VarId,
    /// Its title.
    pub title: Option<Title>,
    /// Type without the optional.
    pub ty: Type,
    /// Variable of the environment that gives it.
    pub env: Option<String>,
    /// Label of the alert that gives it.
    pub from_label: Option<String>,
    /// Value where none is given.
    pub default: Option<Value>,
    /// Values by environment name; before `default`.
    pub per_env: BTreeMap<String, Value>,
    /// Where it may be missing: then it is `null`.
    pub optional: bool,
    /// Smallest value.
    pub min: Option<Value>,
    /// Largest value.
    pub max: Option<Value>,
    /// Pattern that it must match, unanchored.
    pub matches: Option<Pattern>,
    /// Hosts that it must not name, by environment (`"*"`: in all).
    pub not_host: BTreeMap<String, Vec<String>>,
    /// Unit of a bare number from outside: `s`, `min`, `MB`, `pct`.
    pub unit: Option<String>,
    /// Where it was written.
    pub span: Span,
}

/// `/re/i`; it compiles (the check has tried).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As written between the slashes.
    pub source: String,
    /// `i`
    pub ignore_case: bool,
}

/// `secret n, env: …`
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The name's slot.
    pub var: VarId,
    /// Where its text comes from.
    pub from: SecretFrom,
    /// Where it may be missing.
    pub optional: bool,
    /// Where it was written.
    pub span: Span,
}

/// Where the text of a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretFrom {
    /// A variable of the environment.
    Env(String),
    /// A file, its last newline taken off.
    File(String),
    /// The output of a command (class read), its last newline taken off.
    Command(String),
    /// Typed at the start, not shown.
    Ask,
    /// Made by the tool, of this many characters, sealed in the run's folder.
    Generate(u32),
}

/// `let n = …`
#[derive(Clone, Debug)]
pub struct Let {
    /// The name's slot.
    pub var: VarId,
    /// Its value.
    pub value: Expr,
}

/// `role k, "t", people: not: executor`
#[derive(Clone, Debug)]
pub struct Role {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Title,
    /// Users who have it; `null` (an unset optional) or none: anyone.
    pub people: Option<Expr>,
    /// Whoever executes the run does not count.
    pub not_executor: bool,
}

/// `source n, scrape: … | alertmanager: …`
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The name's slot.
    pub var: VarId,
    /// What is asked.
    pub kind: SourceKind,
    /// Who asks.
    pub access: Access,
    /// Whole time of one request.
    pub timeout: Expr,
    /// Largest body in bytes.
    pub max_bytes: Expr,
}

/// How a source is shown who asks, and how it shows who it is.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Token of `Authorization: Bearer`; a secret, or `null`.
    pub bearer: Option<Expr>,
    /// Name of `Authorization: Basic`.
    pub user: Option<Expr>,
    /// Its password; a secret, or `null`.
    pub password: Option<Expr>,
    /// A file of PEM certificates that are trusted instead of those of the system.
    pub ca: Option<Expr>,
}

impl Access {
    /// Its expressions.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        [&self.bearer, &self.user, &self.password, &self.ca].into_iter().flatten()
    }
}

/// What a source asks.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// Exposition text at one URL or several (one for each instance, summed).
    Scrape {
        /// A url, or a list of them; `null`: the source is absent.
        url: Expr,
        /// How often it is asked whether it is there, also between samples.
        alive: Option<Expr>,
    },
    /// A Prometheus server's API: it is asked the expressions of the objectives.
    Prometheus {
        /// Its base URL; `null`: the source is absent.
        url: Expr,
        /// How often it is asked whether it is there, also between samples.
        alive: Option<Expr>,
    },
    /// Alertmanager's API.
    Alertmanager {
        /// Its base URL; `null`: the source is absent.
        url: Expr,
        /// Labels that an alert must have.
        matchers: Vec<(String, Expr)>,
        /// How often it is asked.
        every: Expr,
    },
}

impl SourceKind {
    /// Where it is.
    pub fn url(&self) -> &Expr {
        match self {
            Self::Scrape { url, .. } | Self::Prometheus { url, .. } | Self::Alertmanager { url, .. } => url,
        }
    }
}

/// `channel n, slack: secret`
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// A secret or url of a Slack-compatible incoming webhook; `null`: the channel is not configured.
    pub webhook: Expr,
}

/// A target that one run at a time may have.
#[derive(Clone, Debug)]
pub struct Lock {
    /// Its name: text.
    pub target: Expr,
    /// It is given back while the run is suspended, and taken again at the resume.
    pub released: bool,
}

/// `guard k, sh: is:`
#[derive(Clone, Debug)]
pub struct Guard {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Option<Title>,
    /// A shell read; its output, trimmed, is compared.
    pub shell: Shell,
    /// What it must be.
    pub is: Expr,
    /// Whole time of the command.
    pub timeout: Expr,
}

/// `slo n, "t", from: s do … end`
#[derive(Clone, Debug)]
pub struct Objective {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Title,
    /// Index into [`Program::sources`].
    pub source: usize,
    /// How its value is read.
    pub indicator: Indicator,
    /// Unit of the value; ratios are `Percent` (0..1), times are seconds.
    pub unit: Unit,
    /// What it must reach.
    pub target: Bound,
    /// The level whose crossing is an `alert_level` event.
    pub alert: Option<Bound>,
    /// What no data over the whole observation means.
    pub no_data: OnMissing,
    /// What an error over the whole observation means.
    pub on_error: OnMissing,
    /// So few samples with a value are no data; 0: any number will do.
    pub min_samples: u32,
    /// How many samples make a crossing, and how many end it.
    pub gate: gate::Rule,
    /// Samples taken this early in the observation fire no event.
    pub delay: Option<Expr>,
    /// Where it was written.
    pub span: Span,
}

/// `no_data fail|ask|ignore|inconclusive`
#[derive(Clone, Debug)]
pub enum OnMissing {
    /// It counts as not passed.
    Fail,
    /// A person rules: not applicable, or not passed; with the words shown then.
    Ask(Option<Title>),
    /// It does not count.
    Ignore,
    /// It is neither pass nor breach, and the run is not passed.
    Inconclusive,
}

/// `collect findings, "t" do ask … end`
#[derive(Clone, Debug)]
pub struct Collect {
    /// Its name.
    pub name: String,
    /// The name's slot: a list of records.
    pub var: VarId,
    /// Its title.
    pub title: Title,
    /// What is asked for each entry.
    pub fields: Vec<CollectField>,
}

/// One question of a `collect`.
#[derive(Clone, Debug)]
pub struct CollectField {
    /// Name of the field.
    pub name: String,
    /// Its title.
    pub title: Title,
    /// Its type, without the optional.
    pub ty: Type,
    /// It may be left empty.
    pub optional: bool,
}

/// A name.
#[derive(Clone, Debug)]
pub struct Var {
    /// As written.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// What it names.
    pub kind: VarKind,
    /// Where it is declared.
    pub span: Span,
}

/// What a name names, and so where its value is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarKind {
    /// Set when the run begins: parameter, secret, `let`.
    Fixed,
    /// Bound while the run goes: `as:`, an answer, a loop's item, a scenario's parameter. Lives in a scope.
    Bound,
    /// The list of a `collect`: index into [`Program::collects`].
    Collect(usize),
    /// A series: the `sample` statement that binds it.
    Series(NodeId),
    /// The record of a step or section (`.verdict .took .started_at .finished_at`).
    Step(NodeId),
    /// A source (`.firing`): index into [`Program::sources`].
    Source(usize),
    /// An objective (`slos` is a list of all): index into [`Program::objectives`].
    Objective(usize),
    /// `run`: `id started_at environment verdict`.
    Run,
    /// `rollback`: `done reason`.
    Rollback,
    /// `executor`: the user who runs it.
    Executor,
    /// `owner`: the name given.
    Owner,
    /// `slos`: all objectives.
    AllObjectives,
}

impl Program {
    /// The statement with this id.
    ///
    /// # Panics
    /// Never for an id of this program.
    #[expect(clippy::indexing_slicing, reason = "ids are made by the check as indices of this very arena")]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The statements around one, innermost first.
    pub fn around(&self, id: NodeId) -> impl Iterator<Item = &Node> {
        let outer = |node: &Node| Some(self.node(node.parent?));
        std::iter::successors(outer(self.node(id)), move |node| outer(node))
    }

    /// The name with this id.
    ///
    /// # Panics
    /// Never for an id of this program.
    #[expect(clippy::indexing_slicing, reason = "ids are made by the check as indices of this very arena")]
    pub fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }
}
