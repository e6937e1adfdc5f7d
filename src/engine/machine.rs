//! The fibers and how they go on: a fiber is a stack of frames, one a construct under way; the top frame runs until it
//! waits for something or gives its result to the one below.

use jiff::Timestamp;

use super::action::{Action, ActionId, Effect, Start, Urgency, Words};
use super::eval::Env;
use super::state::{Fiber, FiberId, Frame, Open, Owner, Return, Role, ScopeId, State, Trouble};
use super::step;
use super::telling::Telling;
use crate::check::program::{Class, Node, NodeId, NodeKind, Program};
use crate::text::Text;
use crate::value::Verdict;

/// Why a person's stop ended something inside, and the last of its output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stopped {
    pub(crate) message: Text,
    pub(crate) output: String,
}

/// Which construct a frame is, and how far it is. Each is described in the file that runs it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Statements one after another: `step::flow`.
    Seq { ids: Vec<NodeId>, at: usize },
    /// Section, step, scenario body: `step::flow`.
    Block,
    /// Precheck, verify: `step::flow`.
    Checks { at: usize, rows: Vec<(Words, Verdict, Text)>, stopped: Option<Stopped> },
    /// `if`, and the body of a chosen option.
    Branch,
    /// `each`: `step::each`.
    Each(step::each::Each),
    /// `parallel`: `step::parallel`.
    Parallel(step::parallel::Parallel),
    /// `try`: `step::retry`.
    Try(step::retry::Try),
    /// `poll`: `step::poll`.
    Poll(step::poll::Poll),
    /// `wait`: `step::wait`.
    Wait(step::wait::Wait),
    /// An effect: `step::effect`.
    Effect(step::effect::Phase),
    /// A guard before a write or after a wait: `step::guard`.
    Guard { index: usize, running: Option<ActionId> },
    /// A question: `step::prompt`.
    Prompt(step::prompt::Phase),
    /// `checklist`: `step::flow`.
    Checklist,
    /// `assert`, `note`, `undo`, …: done at once: `step::simple`.
    Simple,
    /// `run scenario`: `step::flow`.
    Call { scope: ScopeId },
    /// A scenario that another handler runs is waited for: `observe::joined`.
    Joined(NodeId),
    /// `sample`: `observe`.
    Sample(super::observe::Phase),
    /// `rollback`: `ending`. The question that is put, and the plan that it shows.
    Rollback { because: Words, asked: Option<(ActionId, Vec<Words>)> },
    /// The undos of a rollback, one after another: `ending`.
    Undos,
    /// One undo of a rollback: `ending`.
    Undo { undo: Box<super::state::Undo>, running: Option<ActionId> },
    /// What a run does before its first statement: `begin`.
    Opening(super::begin::Opening),
    /// A paused run asks how it goes on: `commands`.
    Paused(Option<ActionId>),
    /// A command of a person that is not in the runbook: `commands`.
    Adhoc { command: String, running: Option<ActionId> },
    /// An entry of a `collect` that a person opened: `commands`.
    Entry { collect: usize, asked: Option<ActionId> },
}

/// What became of a frame's turn.
pub(crate) enum Flow {
    /// This one runs first.
    Push(Box<Frame>),
    /// Once more.
    Again,
    /// All frames of its fiber are these instead.
    Replace(Vec<Frame>),
    /// It waits for an input.
    Block,
    /// It is finished.
    Done(Return),
    /// Its fiber is no longer there.
    Gone,
}

impl Flow {
    pub(crate) fn done(verdict: Verdict) -> Self {
        Flow::Done(Return::Done(verdict))
    }
}

/// One turn of the engine.
pub(crate) struct Machine<'a> {
    pub(crate) program: &'a Program,
    pub(crate) state: &'a mut State,
    pub(crate) actions: Vec<Action>,
    /// The fiber that runs now, or for which something is told.
    pub(crate) running: Option<FiberId>,
}

impl<'a> Machine<'a> {
    pub(crate) fn tell(&mut self, telling: Telling) {
        let telling = match self.running.and_then(|fiber| self.state.branch_name(self.program, fiber)) {
            Some(branch) => Telling::InBranch { branch, telling: Box::new(telling) },
            None => telling,
        };
        self.actions.push(Action::Tell(Box::new(telling)));
    }

    pub(crate) fn env(&self, scope: ScopeId) -> Env<'_> {
        Env { program: self.program, state: self.state, scope }
    }

    pub(crate) fn node(&self, id: NodeId) -> &'a Node {
        self.program.node(id)
    }

    /// A new fiber that can go on.
    pub(crate) fn spawn(&mut self, role: Role, urgency: Urgency, frames: Vec<Frame>) -> FiberId {
        let id = self.state.next_fiber;
        self.state.next_fiber += 1;
        let fiber = Fiber { role, frames, returned: None, ready: true, until: None, parked: None, urgency };
        self.state.fibers.insert(id, fiber);
        id
    }

    /// Runs all fibers until each of them waits.
    pub(crate) fn settle(&mut self) {
        loop {
            let running = self.state.ending().is_none() && self.state.leaving.is_none();
            let next =
                self.state.fibers.iter().find(|(_, fiber)| fiber.ready && fiber.parked.is_none()).map(|(id, _)| *id);
            let next = next.or_else(|| self.let_go());
            match next {
                Some(id) if running => {
                    self.running = Some(id);
                    self.run_fiber(id);
                    self.running = None;
                }
                _ => return,
            }
        }
    }

    fn run_fiber(&mut self, id: FiberId) {
        loop {
            let Some(fiber) = self.state.fibers.get_mut(&id) else { return };
            if fiber.parked.is_some() {
                return;
            }
            let returned = fiber.returned.take();
            let Some(mut frame) = fiber.frames.pop() else {
                let role = fiber.role.clone();
                self.state.fibers.remove(&id);
                self.branch_ended(id, &role, returned);
                super::observe::handlers_changed(self);
                self.phase_ended(&role);
                return;
            };
            let flow = self.advance(id, &mut frame, returned);
            let Some(fiber) = self.state.fibers.get_mut(&id) else { return };
            match flow {
                Flow::Push(child) => {
                    fiber.frames.push(frame);
                    fiber.frames.push(*child);
                }
                Flow::Again => fiber.frames.push(frame),
                Flow::Replace(frames) => fiber.frames = frames,
                Flow::Block => {
                    fiber.frames.push(frame);
                    fiber.ready = false;
                    return;
                }
                Flow::Done(result) => {
                    fiber.returned = Some(result);
                    fiber.until = None;
                }
                Flow::Gone => return,
            }
            if self.state.ending().is_some() {
                return;
            }
        }
    }

    fn advance(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        if frame.trouble.is_some() {
            return self.decide_trouble(fiber, frame, returned);
        }
        match &frame.kind {
            Kind::Seq { .. } => self.seq(fiber, frame, returned),
            Kind::Block => self.block(fiber, frame, returned),
            Kind::Checks { .. } => self.checks(fiber, frame, returned),
            Kind::Branch => self.branch(fiber, frame, returned),
            Kind::Each(_) => self.each(fiber, frame, returned),
            Kind::Parallel(_) => self.parallel(fiber, frame),
            Kind::Try(_) => self.attempt(fiber, frame, returned),
            Kind::Poll(_) => self.poll(fiber, frame, returned),
            Kind::Wait(_) => self.wait(fiber, frame, returned),
            Kind::Effect(_) => self.effect(fiber, frame, returned),
            Kind::Guard { .. } => self.guard(fiber, frame, returned),
            Kind::Prompt(_) => self.prompt(fiber, frame, returned),
            Kind::Checklist => self.checklist(fiber, frame, returned),
            Kind::Simple => self.simple(fiber, frame),
            Kind::Call { .. } => self.call(fiber, frame, returned),
            Kind::Joined(scenario) => self.joined(fiber, *scenario),
            Kind::Sample(_) => self.sample(fiber, frame, returned),
            Kind::Rollback { .. } => self.rollback_statement(fiber, frame, returned),
            Kind::Undos => self.undos(fiber, frame, returned),
            Kind::Undo { .. } => self.undo(fiber, frame, returned),
            Kind::Opening(_) => self.opening(fiber, frame, returned),
            Kind::Paused(_) => self.paused(fiber, frame, returned),
            Kind::Adhoc { .. } => self.adhoc(fiber, frame, returned),
            Kind::Entry { .. } => self.entry(fiber, frame, returned),
        }
    }

    /// A bare frame without a statement of its own.
    pub(crate) fn bare(&self, kind: Kind, scope: ScopeId, depth: u32) -> Frame {
        Frame {
            node: None,
            key: String::new(),
            scope,
            record: None,
            depth,
            began: self.state.now,
            worst: Verdict::Pass,
            attempt: 1,
            trouble: None,
            kind,
        }
    }

    /// A list of statements.
    pub(crate) fn list(&self, ids: &[NodeId], scope: ScopeId, depth: u32) -> Frame {
        self.bare(Kind::Seq { ids: ids.to_vec(), at: 0 }, scope, depth)
    }

    /// The frame of a statement, at its beginning.
    pub(crate) fn frame_of(&mut self, fiber: FiberId, id: NodeId, scope: ScopeId, depth: u32) -> Frame {
        let node = self.program.node(id);
        let stem = self.instance_stem(fiber, &node.key);
        let pass = self.state.next_pass(&stem);
        Frame {
            node: Some(id),
            key: format!("{stem}#{pass}"),
            scope,
            record: None,
            depth,
            began: self.state.now,
            worst: Verdict::Pass,
            attempt: 1,
            trouble: None,
            kind: fresh(&node.kind),
        }
    }

    /// The static key with the items of the loops around put in: `drain[node-7]/sh.1`.
    fn instance_stem(&self, fiber: FiberId, key: &str) -> String {
        let mut line: Vec<&Fiber> = self.state.line(fiber).map(|(_, fiber)| fiber).collect();
        line.reverse();
        let mut stem = String::new();
        let mut rest = key;
        let mut taken = 0;
        for (node, item) in line.into_iter().flat_map(passes_of) {
            let prefix = self.program.node(node).key.as_str();
            let inside = key.strip_prefix(prefix).is_some_and(|tail| tail.starts_with('/'));
            if inside && prefix.len() >= taken {
                stem.push_str(key.get(taken..prefix.len()).unwrap_or_default());
                stem.push('[');
                stem.push_str(item);
                stem.push(']');
                taken = prefix.len();
                rest = key.get(taken..).unwrap_or_default();
            }
        }
        stem.push_str(rest);
        stem
    }

    /// Opens an effect or a prompt for the top frame of a fiber.
    pub(crate) fn open(&mut self, owner: Owner, node: Option<NodeId>, start: Start) {
        if start.class >= Class::Write {
            self.state.wrote = true;
        }
        self.state.arrivals += 1;
        let open = Open {
            owner,
            node,
            since: self.state.now,
            deadline: None,
            remind: None,
            delivered: false,
            unattended: false,
            arrival: self.state.arrivals,
            votes: Vec::new(),
            orphan: false,
            in_doubt: false,
            taken_over: false,
            start: start.clone(),
        };
        self.state.open.insert(start.id.clone(), open);
        self.actions.push(Action::Start(Box::new(start)));
    }

    /// Gives a result to the top frame of a fiber and lets it go on.
    pub(crate) fn give(&mut self, fiber: FiberId, result: Return) {
        if let Some(fiber) = self.state.fibers.get_mut(&fiber) {
            fiber.returned = Some(result);
            fiber.ready = true;
            fiber.until = None;
        }
    }

    /// Lets a fiber go on at `at`.
    pub(crate) fn sleep_until(&mut self, fiber: FiberId, at: Timestamp) {
        if let Some(fiber) = self.state.fibers.get_mut(&fiber) {
            fiber.until = Some(at);
        }
    }

    /// A statement failed: a catcher around it, the author's severity, or a person decides.
    pub(crate) fn fail(&mut self, fiber: FiberId, frame: &mut Frame, message: Text, output: String) -> Flow {
        frame.trouble = Some(Trouble { message, output, menu: None, stopped: false });
        self.decide_trouble(fiber, frame, None)
    }

    /// A person stopped a statement: a person decides.
    pub(crate) fn fail_stopped(&mut self, fiber: FiberId, frame: &mut Frame, message: Text, output: String) -> Flow {
        frame.trouble = Some(Trouble { message, output, menu: None, stopped: true });
        self.decide_trouble(fiber, frame, None)
    }

    /// Something around the top frame handles failures itself.
    pub(crate) fn has_catcher(&self, fiber: FiberId) -> bool {
        self.catcher(fiber).is_some()
    }

    /// A command that a person stopped asks, itself or the checks around it; but a `poll` asks as a whole, and a probe
    /// leaves its write in doubt.
    pub(crate) fn asks_where_stopped(&self, fiber: FiberId) -> bool {
        !matches!(self.catcher(fiber), Some(Kind::Poll(_) | Kind::Effect(_)))
    }

    /// It is a read of a `poll`.
    pub(crate) fn is_polled(&self, fiber: FiberId) -> bool {
        matches!(self.catcher(fiber), Some(Kind::Poll(_)))
    }

    /// The innermost construct around the top frame that handles failures itself.
    fn catcher(&self, fiber: FiberId) -> Option<&Kind> {
        let around = self.state.line(fiber).flat_map(|(_, fiber)| fiber.frames.iter().rev()).map(|frame| &frame.kind);
        let catches = |kind: &&Kind| match kind {
            Kind::Try(_) | Kind::Poll(_) | Kind::Checks { .. } => true,
            Kind::Each(each) => each.catches(),
            Kind::Effect(phase) => phase.is_probing(),
            Kind::Seq { .. }
            | Kind::Block
            | Kind::Branch
            | Kind::Parallel(_)
            | Kind::Wait(_)
            | Kind::Guard { .. }
            | Kind::Prompt(_)
            | Kind::Checklist
            | Kind::Simple
            | Kind::Call { .. }
            | Kind::Joined(_)
            | Kind::Sample(_)
            | Kind::Rollback { .. }
            | Kind::Undos
            | Kind::Undo { .. }
            | Kind::Entry { .. }
            | Kind::Opening(_)
            | Kind::Paused(_)
            | Kind::Adhoc { .. } => false,
        };
        around.into_iter().find(catches)
    }

    /// In a handler of an observation.
    pub(crate) fn in_handler(&self, fiber: FiberId) -> bool {
        self.state.set_off_by(fiber).is_some()
    }

    pub(crate) fn urgency(&self, fiber: FiberId) -> Urgency {
        self.state.fibers.get(&fiber).map_or(Urgency::Other, |fiber| fiber.urgency)
    }
}

/// The passes that a fiber is in, outermost first, each with its loop and the key of its item: its own where it is one,
/// then those that its frames run one after the other.
fn passes_of(fiber: &Fiber) -> impl Iterator<Item = (NodeId, &str)> {
    let own = match &fiber.role {
        Role::Branch { branch, item: Some(item), .. } => Some((*branch, item.as_str())),
        Role::Branch { .. } | Role::Main | Role::Handler { .. } | Role::Rollback | Role::Finally | Role::Person => None,
    };
    let inside = fiber.frames.iter().filter_map(|frame| match &frame.kind {
        Kind::Each(each) => Some((frame.node?, each.item_key()?)),
        _other => None,
    });
    own.into_iter().chain(inside)
}

/// A construct at its beginning.
pub(crate) fn fresh(kind: &NodeKind) -> Kind {
    match kind {
        NodeKind::Section { .. }
        | NodeKind::Step { .. }
        | NodeKind::Scenario { .. }
        | NodeKind::Ending { .. }
        | NodeKind::Branch { .. }
        | NodeKind::At { .. }
        | NodeKind::On { .. } => Kind::Block,
        NodeKind::Checks { .. } => Kind::Checks { at: 0, rows: Vec::new(), stopped: None },
        NodeKind::Shell(_)
        | NodeKind::Http(_)
        | NodeKind::Query(_)
        | NodeKind::Copy { .. }
        | NodeKind::Update(_)
        | NodeKind::Notify { .. }
        | NodeKind::Report { .. } => Kind::Effect(step::effect::Phase::Fresh),
        NodeKind::Wait { .. } => Kind::Wait(step::wait::Wait::Fresh),
        NodeKind::Poll { .. } => Kind::Poll(step::poll::Poll::Fresh),
        NodeKind::Ask { .. }
        | NodeKind::Confirm { .. }
        | NodeKind::Manual { .. }
        | NodeKind::Item { .. }
        | NodeKind::Add { .. }
        | NodeKind::Decide { .. }
        | NodeKind::Signoff { .. }
        | NodeKind::NoReturn { .. } => Kind::Prompt(step::prompt::Phase::Fresh),
        NodeKind::Checklist { .. } => Kind::Checklist,
        NodeKind::If { .. } => Kind::Branch,
        NodeKind::Each(_) => Kind::Each(step::each::Each::default()),
        NodeKind::Parallel { .. } => Kind::Parallel(step::parallel::Parallel::default()),
        NodeKind::Try { .. } => Kind::Try(step::retry::Try::default()),
        NodeKind::Run { .. } => Kind::Call { scope: super::state::ROOT },
        NodeKind::Sample(_) => Kind::Sample(super::observe::Phase::Fresh),
        NodeKind::Rollback { .. } => Kind::Rollback { because: Words::default(), asked: None },
        NodeKind::Assert { .. }
        | NodeKind::Note { .. }
        | NodeKind::Undo { .. }
        | NodeKind::Settles { .. }
        | NodeKind::Extend { .. }
        | NodeKind::Stop { .. }
        | NodeKind::Suspend { .. }
        | NodeKind::Abort { .. }
        | NodeKind::Finish { .. } => Kind::Simple,
    }
}

/// A prompt or an effect?
pub(crate) fn is_prompt(start: &Start) -> bool {
    matches!(start.effect, Effect::Ask(_))
}
