//! Everything that a run knows. Plain data: cloned to explore, compared in tests, rebuilt from the journal.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::action::{ActionId, Ending, Start, Urgency, Words};
use super::input::{Alert, Answer, Begin, FileData, Outcome, ScrapeData};
use super::observe::Observation;
use super::view::{AnswerView, DeviationView, ItemView, StepView};
use crate::check::program::{NodeId, Program, VarId};
use crate::metrics::question::Scraped;
use crate::text::Text;
use crate::value::{Value, Verdict};

/// Index of a fiber; they run in this order.
pub(crate) type FiberId = u32;

/// Index of a scope.
pub(crate) type ScopeId = u32;

/// The scope of the main flow.
pub(crate) const ROOT: ScopeId = 0;

/// A run as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub(crate) begin: Begin,
    pub(crate) begun_at: Option<Timestamp>,
    /// The time of the last input.
    pub(crate) now: Timestamp,
    pub(crate) phase: Phase,
    /// Since when nobody is at the terminal of its executor, though somebody was.
    pub(crate) detached: Option<Timestamp>,
    /// It is being left; until then its running writes may end by themselves.
    pub(crate) leaving: Option<Timestamp>,
    pub(crate) fibers: BTreeMap<FiberId, Fiber>,
    pub(crate) next_fiber: FiberId,
    pub(crate) scopes: Vec<Scope>,
    /// Parameters, secrets and `let`s.
    pub(crate) fixed: BTreeMap<VarId, Value>,
    /// Entries of each `collect`.
    pub(crate) collected: Vec<Vec<Value>>,
    /// How often an instance key was used.
    pub(crate) passes: BTreeMap<String, u32>,
    /// Effects and prompts without an outcome.
    pub(crate) open: BTreeMap<ActionId, Open>,
    /// Order in which prompts were opened, for their queue.
    pub(crate) arrivals: u64,
    /// Scrapes that were bound by `as:` or belong to an observation's beginning.
    pub(crate) scrapes: BTreeMap<VarId, (Timestamp, ScrapeData)>,
    /// What was scraped from each source that some `query promql:` asks, by index of the source.
    pub(crate) scraped: BTreeMap<usize, Scraped>,
    pub(crate) observations: BTreeMap<NodeId, Observation>,
    /// Records of writes whose outcomes were lost in a crash, and who or what says that they ran.
    pub(crate) lost: BTreeMap<VarId, Text>,
    /// Alerts that fire now, by source.
    pub(crate) firing: BTreeMap<usize, Vec<Alert>>,
    pub(crate) alerts: Vec<super::view::AlertView>,
    pub(crate) undos: Vec<Undo>,
    /// A write was begun.
    pub(crate) wrote: bool,
    /// Why there is no way back.
    pub(crate) no_return: Option<Words>,
    pub(crate) rollback: Option<super::view::RollbackView>,
    /// Why a rollback was last asked for: its plan already names the reason.
    pub(crate) because: Option<Words>,
    /// Locked targets, and whether they are given back while the run is suspended.
    pub(crate) held_locks: BTreeMap<String, bool>,
    pub(crate) owner: Option<String>,
    pub(crate) steps: Vec<StepView>,
    /// What took back all that was under way: each with how many records of `steps` there were.
    pub(crate) cuts: Vec<(usize, Cut)>,
    /// The fibers of the branches of each `parallel`, by its record: as often as it was begun, in order of writing.
    pub(crate) lanes: BTreeMap<usize, Vec<FiberId>>,
    /// The branch's fiber in which a record of `steps` began, where it is one.
    pub(crate) lane_of: BTreeMap<usize, FiberId>,
    /// The last record of each statement in `steps`, by the scope in which it ran: a scenario may run several times at
    /// once.
    pub(crate) last_step: BTreeMap<(ScopeId, NodeId), usize>,
    pub(crate) answers: Vec<AnswerView>,
    pub(crate) deviations: Vec<DeviationView>,
    pub(crate) notes: Vec<(Timestamp, Words)>,
    pub(crate) items: Vec<ItemView>,
    pub(crate) signoff: Option<(AnswerView, bool)>,
    /// What keeps the run from passing.
    pub(crate) marks: Vec<Mark>,
    /// Objectives that a person ruled on: `SAMPLE NODE`, index.
    pub(crate) rulings: BTreeMap<(NodeId, usize), (Verdict, Words)>,
    pub(crate) reason: Option<Words>,
    pub(crate) finished_at: Option<Timestamp>,
}

/// Where the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing was told to it yet.
    New,
    /// The main flow.
    Main,
    /// The rollback runs.
    RollingBack,
    /// `finally` runs; then it ends so.
    Finally(Ending),
    /// Left; a `Resumed` takes it up again, in the phase that it was in.
    Suspended(Resumable),
    /// Over.
    Over(Ending),
}

/// What cuts off statements that have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The rollback began.
    Rollback,
    /// The run was aborted.
    Abort,
    /// The run ended in another way, as by `finish`.
    End,
}

/// The phase in which a suspended run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resumable {
    /// The main flow.
    Main,
    /// The rollback.
    RollingBack,
    /// `finally`.
    Finally(Ending),
}

/// One flow of statements.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fiber {
    pub(crate) role: Role,
    pub(crate) frames: Vec<Frame>,
    /// What the last finished frame gave to the one below it.
    pub(crate) returned: Option<Return>,
    /// It can go on.
    pub(crate) ready: bool,
    /// It waits until then.
    pub(crate) until: Option<Timestamp>,
    /// Parked by `else: suspend` in a handler: it goes on after the next resume.
    pub(crate) parked: Option<Box<super::view::ParkedView>>,
    pub(crate) urgency: Urgency,
}

/// Why a fiber is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The main flow.
    Main,
    /// An `at` or `on` of an observation.
    Handler {
        /// The `sample` statement.
        observation: NodeId,
        /// The `at` or `on` statement.
        handler: NodeId,
    },
    /// The undos, then the `rollback` block.
    Rollback,
    /// The `finally` block.
    Finally,
    /// A branch of a `parallel`, or a pass of an `each` that runs several at once.
    Branch {
        /// The fiber whose top frame is the `parallel` or the `each`.
        of: FiberId,
        /// The `branch` or the `each` statement.
        branch: NodeId,
        /// Key of the pass's item; none: it is a branch.
        item: Option<String>,
    },
    /// A command of a person.
    Person,
}

/// One construct under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Its statement; none for a bare list of statements.
    pub(crate) node: Option<NodeId>,
    /// Instance key with pass: `prechecks/environment#1`.
    pub(crate) key: String,
    pub(crate) scope: ScopeId,
    /// Its record in `State::steps`.
    pub(crate) record: Option<usize>,
    pub(crate) depth: u32,
    pub(crate) began: Timestamp,
    /// The worst of what is in it.
    pub(crate) worst: Verdict,
    /// Attempts so far, from 1.
    pub(crate) attempt: u32,
    /// It failed, and a person or a catcher decides.
    pub(crate) trouble: Option<Trouble>,
    pub(crate) kind: super::machine::Kind,
}

impl Frame {
    /// The key of its instance without the number of its pass.
    pub(crate) fn stem(&self) -> &str {
        super::action::stem_of(&self.key)
    }

    /// The name of what its statement opens now: its instance, and the attempt where it is not the first.
    pub(crate) fn action(&self) -> ActionId {
        ActionId(format!("{}{}", self.key, attempt_suffix(self.attempt)))
    }
}

/// What tells the actions of a later attempt from those of the first.
pub(crate) fn attempt_suffix(attempt: u32) -> String {
    if attempt > 1 { format!("~{attempt}") } else { String::new() }
}

/// A failure on its way to a decision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) message: Text,
    pub(crate) output: String,
    /// The menu, once it is open.
    pub(crate) menu: Option<ActionId>,
    /// A person stopped it: a person is asked, whatever around it handles failures.
    pub(crate) stopped: bool,
}

/// What a frame gives to the one below it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Return {
    /// It ended.
    Done(Verdict),
    /// It failed, and something around it handles that.
    Failed(Text),
    /// An effect's outcome.
    Outcome(Box<Outcome>),
    /// A prompt's answer.
    Answer(Box<Answer>),
    /// A prompt's deadline passed.
    TimedOut,
}

/// Names bound while the run goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scope {
    pub(crate) parent: Option<ScopeId>,
    pub(crate) vars: BTreeMap<VarId, Value>,
}

/// An effect or prompt without an outcome.
#[expect(clippy::struct_excessive_bools, reason = "four facts, each true or false by itself")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Open {
    pub(crate) start: Start,
    /// Who waits for it.
    pub(crate) owner: Owner,
    pub(crate) node: Option<NodeId>,
    pub(crate) since: Timestamp,
    /// A prompt that a person has before them: its deadline, if it has one.
    pub(crate) deadline: Option<Timestamp>,
    /// When somebody is reminded of it.
    pub(crate) remind: Option<Timestamp>,
    pub(crate) delivered: bool,
    /// A prompt that nobody is there to answer.
    pub(crate) unattended: bool,
    /// Order of arrival.
    pub(crate) arrival: u64,
    /// Answers of a question that needs several people.
    pub(crate) votes: Vec<Answer>,
    /// It was cancelled: its outcome is not looked at by anybody.
    pub(crate) orphan: bool,
    /// Its executor is gone and no outcome comes: a person or a probe says what became of it.
    pub(crate) in_doubt: bool,
    /// An earlier executor began it; its process is waited for, and tells no outcome.
    pub(crate) taken_over: bool,
}

/// Who waits for an open effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The top frame of a fiber.
    Fiber(FiberId),
    /// A sample of an observation.
    Sample(NodeId, u32),
    /// The question whether an observation's source is there.
    Alive(NodeId),
    /// The question which alerts fire, of a source.
    Alerts(NodeId, usize),
    /// Nobody.
    Nobody,
}

impl Owner {
    /// The fiber, where it is one.
    pub(crate) fn fiber(self) -> Option<FiberId> {
        match self {
            Owner::Fiber(fiber) => Some(fiber),
            Owner::Sample(..) | Owner::Alive(_) | Owner::Alerts(..) | Owner::Nobody => None,
        }
    }
}

/// An undo that is armed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Undo {
    /// The `undo` statement, or the `update` with its built-in one.
    pub(crate) node: NodeId,
    /// Instance key of the step that armed it.
    pub(crate) step: String,
    /// The step or block statements around it, for `settles:`.
    pub(crate) blocks: Vec<NodeId>,
    pub(crate) scope: ScopeId,
    /// The step is not finished.
    pub(crate) half: bool,
    /// What a built-in undo takes back: the path, and what the `update` left there.
    pub(crate) restores: Option<(String, FileData)>,
    /// The path of a built-in undo that only a person can do: what the `update` did there was lost with its outcome.
    pub(crate) by_hand: Option<String>,
}

/// Something that keeps the run from passing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) key: String,
    pub(crate) title: Words,
    pub(crate) verdict: Verdict,
    pub(crate) detail: Text,
    /// Instance keys of the statements around it that were under way, outermost first: also those that are no part of its
    /// key, such as a `try` or the `run` of a scenario.
    pub(crate) within: Vec<String>,
}

impl State {
    /// A run of `program` that has not begun.
    pub fn new(program: &Program) -> Self {
        Self {
            begin: Begin::default(),
            begun_at: None,
            now: Timestamp::UNIX_EPOCH,
            phase: Phase::New,
            detached: None,
            leaving: None,
            fibers: BTreeMap::new(),
            next_fiber: 0,
            scopes: vec![Scope::default()],
            fixed: BTreeMap::new(),
            collected: vec![Vec::new(); program.collects.len()],
            passes: BTreeMap::new(),
            open: BTreeMap::new(),
            arrivals: 0,
            scrapes: BTreeMap::new(),
            scraped: super::observe::to_be_asked(program),
            observations: BTreeMap::new(),
            lost: BTreeMap::new(),
            firing: BTreeMap::new(),
            alerts: Vec::new(),
            undos: Vec::new(),
            wrote: false,
            no_return: None,
            rollback: None,
            because: None,
            held_locks: BTreeMap::new(),
            owner: None,
            steps: Vec::new(),
            cuts: Vec::new(),
            lanes: BTreeMap::new(),
            lane_of: BTreeMap::new(),
            last_step: BTreeMap::new(),
            answers: Vec::new(),
            deviations: Vec::new(),
            notes: Vec::new(),
            items: Vec::new(),
            signoff: None,
            marks: Vec::new(),
            rulings: BTreeMap::new(),
            reason: None,
            finished_at: None,
        }
    }

    /// The time of the last input.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The run is over or suspended.
    pub fn ending(&self) -> Option<Ending> {
        match self.phase {
            Phase::Over(ending) => Some(ending),
            Phase::Suspended(_) => Some(Ending::Suspended),
            Phase::New | Phase::Main | Phase::RollingBack | Phase::Finally(_) => None,
        }
    }

    /// Effects and prompts without an outcome, in order of name.
    pub fn open_starts(&self) -> impl Iterator<Item = &Start> {
        self.open.values().map(|open| &open.start)
    }

    /// A scope and those around it, the innermost first.
    fn outwards(&self, scope: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope)> {
        let at = |id: ScopeId| self.scopes.get(id as usize).map(|scope| (id, scope));
        std::iter::successors(at(scope), move |(_, here)| at(here.parent?))
    }

    pub(crate) fn lookup(&self, scope: ScopeId, var: VarId) -> Option<&Value> {
        self.outwards(scope).find_map(|(_, here)| here.vars.get(&var))
    }

    /// The scope that binds a name, as seen from `scope`.
    pub(crate) fn binding(&self, scope: ScopeId, var: VarId) -> Option<ScopeId> {
        self.outwards(scope).find(|(_, here)| here.vars.contains_key(&var)).map(|(id, _)| id)
    }

    /// Where the last record of a statement is, as seen from `scope`: that of its own pass, not of one that runs beside it.
    pub(crate) fn record_seen(&self, scope: ScopeId, node: NodeId) -> Option<usize> {
        self.outwards(scope).find_map(|(id, _)| self.last_step.get(&(id, node)).copied())
    }

    /// The last record of a statement, in whichever scope it ran.
    pub(crate) fn last_step(&self, node: NodeId) -> Option<&StepView> {
        let of_node = self.last_step.iter().filter(|((_, id), _)| *id == node);
        self.steps.get(*of_node.map(|(_, index)| index).max()?)
    }

    /// The last record of a statement as seen from `scope`: see [`State::record_seen`].
    pub(crate) fn step_seen(&self, scope: ScopeId, node: NodeId) -> Option<&StepView> {
        self.steps.get(self.record_seen(scope, node)?)
    }

    pub(crate) fn bind(&mut self, scope: ScopeId, var: VarId, value: Value) {
        if let Some(scope) = self.scopes.get_mut(scope as usize) {
            scope.vars.insert(var, value);
        }
    }

    pub(crate) fn new_scope(&mut self, parent: ScopeId) -> ScopeId {
        let id = ScopeId::try_from(self.scopes.len()).unwrap_or(ScopeId::MAX);
        self.scopes.push(Scope { parent: Some(parent), vars: BTreeMap::new() });
        id
    }

    /// The next pass of this key, from 1.
    pub(crate) fn next_pass(&mut self, key: &str) -> u32 {
        let pass = self.passes.entry(key.to_owned()).or_insert(0);
        *pass += 1;
        *pass
    }

    /// Whole time since the run began.
    pub(crate) fn elapsed_since(&self, began: Timestamp) -> SignedDuration {
        self.now.duration_since(began)
    }
}
