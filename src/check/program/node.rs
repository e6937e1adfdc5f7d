//! Statements: what all of them have, and what each of them is.

use jiff::civil;

use super::parts::{
    AnswerType, Choice, Each, Half, Http, People, Query, ReportFrom, Sample, Shell, SignChoice, Trigger, UndoHow,
    Update, WaitFor,
};
use super::{Expr, NodeId, Title, VarId};
use crate::diagnostic::Span;

/// One statement.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its own index.
    pub id: NodeId,
    /// The word it was written with: `sh`, `step`.
    pub word: &'static str,
    /// The statement around it; none at the top.
    pub parent: Option<NodeId>,
    /// Full static key: `observe/baseline/at/checkpoint`, `confirm.1` where none was written.
    pub key: String,
    /// Its title.
    pub title: Option<Title>,
    /// Where it was written, head only.
    pub span: Span,
    /// 1-based line of `span`.
    pub line: u32,
    /// `if:`; false: not applicable.
    pub cond: Option<Expr>,
    /// What it does to the world (for a block: the strongest inside).
    pub class: Class,
    /// `effect:` says that it does less than its form.
    pub narrowed: Option<Narrowed>,
    /// What a crash in the middle of it means.
    pub again: Again,
    /// `severity:` of a check or effect that fails.
    pub severity: Severity,
    /// Whole time of the effect.
    pub timeout: Option<Expr>,
    /// `retry: n, every: d, backoff: f`
    pub retry: Retry,
    /// Slot of `as:` (for `ask`: of its name).
    pub bind: Option<VarId>,
    /// SHA-256 in hex of its own form without places, so that comments and layout do not count.
    pub digest: String,
    /// Names that it reads.
    pub needs: Vec<VarId>,
    /// What it is.
    pub kind: NodeKind,
}

impl Class {
    /// As `effect:` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Read => "read",
            Self::Record => "record",
            Self::Write => "write",
            Self::Destroy => "destroy",
        }
    }
}

/// What `effect:` makes weaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The class of its form.
    pub form: Class,
    /// Why, where the author says so; without it the check warns.
    pub because: Option<String>,
}

/// What a statement does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing outside the run.
    Pure,
    /// Looks.
    Read,
    /// Leaves a trace that needs no undo.
    Record,
    /// Changes the target.
    Write,
    /// Changes it so that nothing brings it back.
    Destroy,
}

/// `again: safe | ask | never`
#[derive(Clone, Debug)]
pub enum Again {
    /// It may simply run again.
    Safe,
    /// A person decides.
    Ask,
    /// It must not run again.
    Never,
    /// Reads tell whether it happened.
    Probe {
        /// The reads.
        reads: Vec<NodeId>,
        /// True: it happened.
        done_when: Expr,
    },
}

/// `severity: fail | ask | warn`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Opens the failure menu (in precheck and verify: counts as failed).
    Fail,
    /// A person may accept it.
    Ask,
    /// Noted; it does not count against the run.
    Warn,
}

/// `retry: 3, every: 10.s, backoff: 2`
#[derive(Clone, Debug, Default)]
pub struct Retry {
    /// Attempts after the first; 0: none.
    pub times: u32,
    /// Pause before the next attempt; none: at once.
    pub every: Option<Expr>,
    /// Factor by which the pause grows; 1 where none is written.
    pub backoff: f64,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// `section key, "t", at: until: budget: do … end`
    Section {
        /// Planned begin.
        at: Option<civil::Time>,
        /// Planned end.
        until: Option<civil::Time>,
        /// Planned length.
        budget: Option<Expr>,
        /// What is in it.
        body: Vec<NodeId>,
    },
    /// `step key, "t" do … end`
    Step {
        /// It cannot be skipped.
        required: bool,
        /// What is in it.
        body: Vec<NodeId>,
    },
    /// `precheck` / `verify`: all of it runs, then one table is shown.
    Checks {
        /// What is in it: reads and asserts.
        body: Vec<NodeId>,
    },
    /// `sh`
    Shell(Box<Shell>),
    /// `http`
    Http(Box<Http>),
    /// `query src`
    Query(Query),
    /// `copy from, to:`
    Copy {
        /// Path, relative to the working directory.
        from: Expr,
        /// Path, relative to the working directory.
        to: Expr,
    },
    /// `update file: …`
    Update(Box<Update>),
    /// `wait 5.min`, `wait until: "11:10", skip: true`
    Wait {
        /// A span, a time of day on the window's date, or a point in time.
        what: WaitFor,
        /// A person may go on earlier.
        skip: bool,
    },
    /// `poll every: for: do READS… done_when COND end`
    Poll {
        /// Pause between rounds.
        every: Expr,
        /// Whole time.
        within: Expr,
        /// The reads.
        body: Vec<NodeId>,
        /// True: done.
        done_when: Expr,
    },
    /// `notify channel, "…"`
    Notify {
        /// Index into [`Program::channels`](super::Program::channels).
        channel: usize,
        /// What is said.
        text: Title,
    },
    /// `report template: to:` / `report table: columns: to:` / `report samples: to:` / `chart series, to:`
    Report {
        /// What it is made from.
        from: ReportFrom,
        /// Path, relative to the working directory.
        to: Expr,
    },
    /// `note "…"`
    Note {
        /// What is noted.
        text: Title,
    },
    /// `ask name, type, "t", …`; its slot is `bind`.
    Ask {
        /// What fits.
        answer: Box<AnswerType>,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `confirm "t", …`
    Confirm {
        /// Text that must be typed.
        typed: Option<Expr>,
        /// Refused while anything before it failed or was skipped (`after: clean`).
        after_clean: bool,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `manual "t", …`
    Manual {
        /// Links shown.
        links: Vec<Expr>,
        /// It may be done after the run: it is listed as open and does not count.
        later: bool,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `checklist key, "t" do item … end`
    Checklist {
        /// Its items, [`NodeKind::Item`].
        items: Vec<NodeId>,
    },
    /// `item k, "t", is: COND`
    Item {
        /// Decides it; without it a person does.
        is: Option<Expr>,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `add findings, "t"`
    Add {
        /// Index into [`Program::collects`](super::Program::collects).
        collect: usize,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `decide key, "t" do option … end`
    Decide {
        /// The choices.
        options: Vec<Choice>,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `signoff k, "t", options: by: requires:`
    Signoff {
        /// The choices; the first is the only one that counts as passed.
        options: Vec<SignChoice>,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// `assert COND, "t"`
    Assert {
        /// Must be true.
        cond: Expr,
    },
    /// `if … elsif … else … end`
    If {
        /// Condition and body, in order.
        arms: Vec<(Expr, Vec<NodeId>)>,
        /// `else`
        otherwise: Vec<NodeId>,
    },
    /// `each n, in: LIST do … end`
    Each(Box<Each>),
    /// `try 3, every: 10.s do … repair do … end end`
    Try {
        /// Whole number of attempts, 1 at least.
        times: u32,
        /// Pause before the next attempt.
        every: Option<Expr>,
        /// Factor by which the pause grows.
        backoff: f64,
        /// What is tried.
        body: Vec<NodeId>,
        /// What runs before another attempt.
        repair: Vec<NodeId>,
    },
    /// `parallel do branch … end`: they run at once.
    Parallel {
        /// Its branches, [`NodeKind::Branch`], in order of writing.
        branches: Vec<NodeId>,
    },
    /// `branch key, "t" do … end` in a `parallel`
    Branch {
        /// What is in it.
        body: Vec<NodeId>,
    },
    /// `scenario key, "t", params: do … end`
    Scenario {
        /// Its parameters.
        params: Vec<VarId>,
        /// What is in it.
        body: Vec<NodeId>,
    },
    /// `run key, param: x, as: r`
    Run {
        /// The scenario.
        scenario: NodeId,
        /// Values of its parameters.
        args: Vec<(VarId, Expr)>,
    },
    /// `sample src, … do at … on … end`
    Sample(Box<Sample>),
    /// `at 4, 7 do … end` in a `sample`
    At {
        /// Numbers of samples, from 1.
        samples: Vec<u32>,
        /// What runs.
        body: Vec<NodeId>,
    },
    /// `on EVENT, for: k, of: n do … end` in a `sample`
    On {
        /// What fires it.
        event: Trigger,
        /// Samples that must show it, of the last `of`.
        for_: u32,
        /// See `for_`; at least as large.
        of: u32,
        /// What runs.
        body: Vec<NodeId>,
    },
    /// `undo …` in a step
    Undo {
        /// What it does.
        how: UndoHow,
        /// What happens to it when its step failed half-way.
        half: Half,
    },
    /// `settles: key` of a step: the undos of that block have become pointless.
    Settles {
        /// The block whose undos are dropped.
        block: NodeId,
    },
    /// `stop series, because: "…"`
    Stop {
        /// The [`NodeKind::Sample`] that is a `watch`.
        watch: NodeId,
        /// Reason.
        because: Option<Title>,
    },
    /// `extend series, by: n`
    Extend {
        /// The `sample` statement.
        sample: NodeId,
        /// How many more samples.
        by: Expr,
    },
    /// `rollback because: "…"`: undo and end; never returns.
    Rollback {
        /// Why.
        because: Option<Title>,
    },
    /// `suspend because: "…"`
    Suspend {
        /// Why.
        because: Option<Title>,
    },
    /// `abort because: "…"`
    Abort {
        /// Why.
        because: Option<Title>,
    },
    /// `finish because: "…"`: the rest is not needed.
    Finish {
        /// Why.
        because: Option<Title>,
    },
    /// `no_return "t", type: "…"`
    NoReturn {
        /// Text that must be typed.
        typed: Option<Expr>,
        /// Who, until when, what is shown.
        people: Box<People>,
    },
    /// The `rollback do … end` and `finally do … end` at the top.
    Ending {
        /// What is in it.
        body: Vec<NodeId>,
    },
}

impl NodeKind {
    /// Who is asked by the statement, where it asks.
    pub fn people(&self) -> Option<&People> {
        match self {
            Self::Ask { people, .. }
            | Self::Confirm { people, .. }
            | Self::Manual { people, .. }
            | Self::Item { people, .. }
            | Self::Add { people, .. }
            | Self::Decide { people, .. }
            | Self::Signoff { people, .. }
            | Self::NoReturn { people, .. } => Some(people),
            Self::Section { .. }
            | Self::Step { .. }
            | Self::Checks { .. }
            | Self::Shell(_)
            | Self::Http(_)
            | Self::Query(_)
            | Self::Copy { .. }
            | Self::Update(_)
            | Self::Wait { .. }
            | Self::Poll { .. }
            | Self::Notify { .. }
            | Self::Report { .. }
            | Self::Note { .. }
            | Self::Checklist { .. }
            | Self::Assert { .. }
            | Self::If { .. }
            | Self::Each(_)
            | Self::Try { .. }
            | Self::Parallel { .. }
            | Self::Branch { .. }
            | Self::Scenario { .. }
            | Self::Run { .. }
            | Self::Sample(_)
            | Self::At { .. }
            | Self::On { .. }
            | Self::Undo { .. }
            | Self::Settles { .. }
            | Self::Extend { .. }
            | Self::Stop { .. }
            | Self::Rollback { .. }
            | Self::Suspend { .. }
            | Self::Abort { .. }
            | Self::Finish { .. }
            | Self::Ending { .. } => None,
        }
    }
}
