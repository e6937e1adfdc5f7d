//! `parallel do branch … end`: branches that run at once, each a fiber of its own, in the scope of the `parallel`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | a fiber for each branch whose `if:` holds, in order of writing | running |
//! | running | a branch ended | running; how it ended is kept |
//! | running | the last branch ended | done, with the worst verdict of all |
//! | running | the last branch ended, and one failed where something around catches that | failed, to it |
//!
//! A branch that fails opens its menu as any statement does, while the others go on. What ends the run, from whichever
//! fiber, ends all of them: `ending`. A `watch` around that is stopped, and a jump, take them back: [`Machine::call_off`].

use std::collections::BTreeMap;

use crate::check::program::{NodeId, NodeKind, Program};
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::record::worse;
use crate::engine::state::{Fiber, FiberId, Frame, Owner, Return, Role, State};
use crate::engine::telling::Telling;
use crate::text;
use crate::text::Text;
use crate::value::Verdict;

/// How far a `parallel` is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parallel {
    /// The fibers of its branches, in order of writing, with how each ended; none: not begun.
    branches: Option<BTreeMap<FiberId, Option<Return>>>,
}

impl Machine<'_> {
    /// Runs a `parallel`.
    pub(crate) fn parallel(&mut self, fiber: FiberId, frame: &mut Frame) -> Flow {
        let Some(NodeKind::Parallel { branches }) = frame.node.map(|id| &self.node(id).kind) else {
            return Flow::done(Verdict::Pass);
        };
        let Kind::Parallel(parallel) = &frame.kind else { return Flow::Block };
        let Some(ended) = parallel.branches.clone() else {
            if frame.record.is_none() {
                self.open_record(frame, String::new());
            }
            let begun = self.branch_fibers(fiber, frame, branches);
            frame.kind = Kind::Parallel(Parallel { branches: Some(begun) });
            return Flow::Again;
        };
        let mut failed: Vec<Text> = Vec::new();
        for ended in ended.into_values() {
            match ended {
                None => return Flow::Block,
                Some(Return::Done(verdict)) => frame.worst = worse(frame.worst, verdict),
                Some(Return::Failed(message)) => failed.push(message),
                // Nothing else is given to the frame below a list.
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => {}
            }
        }
        if !failed.is_empty() {
            return self.fail(fiber, frame, Text::join(&failed, &text!("; ", "；")), String::new());
        }
        self.close_record(frame, frame.worst, Text::default());
        Flow::done(frame.worst)
    }

    fn branch_fibers(
        &mut self,
        fiber: FiberId,
        frame: &Frame,
        branches: &[NodeId],
    ) -> BTreeMap<FiberId, Option<Return>> {
        let urgency = self.urgency(fiber);
        let around = Frame { depth: frame.depth + 1, ..frame.clone() };
        let mut begun = BTreeMap::new();
        for branch in branches {
            let own = self.spawn(Role::Branch { of: fiber, branch: *branch, item: None }, urgency, Vec::new());
            if let Some(parallel) = frame.record {
                self.state.lanes.entry(parallel).or_default().push(own);
            }
            // Its record is written as that of a statement in its fiber.
            let outer = self.running.replace(own);
            let flow = self.enter(own, &around, *branch);
            self.running = outer;
            match (flow, self.state.fibers.get_mut(&own)) {
                (Flow::Push(child), Some(fiber)) => {
                    fiber.frames.push(*child);
                    begun.insert(own, None);
                }
                // It does not apply.
                _ => drop(self.state.fibers.remove(&own)),
            }
        }
        begun
    }

    /// A fiber came to its end: where it is a branch or a pass, its `parallel` or `each` keeps how.
    pub(crate) fn branch_ended(&mut self, own: FiberId, role: &Role, returned: Option<Return>) {
        let Role::Branch { of, .. } = role else { return };
        let Some(fiber) = self.state.fibers.get_mut(of) else { return };
        let returned = returned.unwrap_or(Return::Done(Verdict::Pass));
        match fiber.frames.last_mut().map(|frame| &mut frame.kind) {
            Some(Kind::Parallel(parallel)) => {
                if let Some(slot) = parallel.branches.as_mut().and_then(|branches| branches.get_mut(&own)) {
                    *slot = Some(returned);
                }
            }
            Some(Kind::Each(each)) => each.pass_ended(own, returned),
            _other => return,
        }
        fiber.ready = true;
    }

    /// Takes back what a fiber does for its top frames, with the branches that they began: questions are withdrawn, effects
    /// end, observations stop. That stopped effects have ended is still waited for.
    pub(crate) fn call_off(&mut self, fiber: FiberId, because: &Text) {
        self.cancel_of(fiber);
        let branches: Vec<FiberId> =
            self.state.fibers.iter().filter(|(_, own)| is_branch(own, fiber)).map(|(id, _)| *id).collect();
        for branch in branches {
            self.call_off(branch, because);
            let frames = self.state.fibers.remove(&branch).map(|own| own.frames).unwrap_or_default();
            let outer = self.running.replace(branch);
            for frame in frames.iter().rev().filter(|frame| frame.record.is_some()) {
                self.close_record(frame, Verdict::Fail, because.clone());
            }
            self.running = outer;
            self.call_off_observations(branch, because);
        }
    }

    /// The observations that a fiber has taken until now stop, with all that they set off.
    pub(crate) fn call_off_observations(&mut self, of: FiberId, because: &Text) {
        let taken = self.state.observations.values_mut().filter(|own| own.fiber == of && own.ended.is_none());
        let mut ids: Vec<NodeId> = Vec::new();
        for observation in taken {
            observation.break_off();
            ids.push(observation.node);
        }
        for id in ids {
            self.cancel_where(|open| match open.owner {
                Owner::Sample(sample, _) | Owner::Alive(sample) | Owner::Alerts(sample, _) => sample == id,
                Owner::Fiber(_) | Owner::Nobody => false,
            });
            let set_off = self
                .state
                .fibers
                .iter()
                .filter(|(_, fiber)| matches!(fiber.role, Role::Handler { observation, .. } if observation == id));
            for handler in set_off.map(|(id, _)| *id).collect::<Vec<_>>() {
                self.call_off(handler, because);
                self.state.fibers.remove(&handler);
            }
        }
    }

    /// The fiber of the innermost branch around the fiber that runs.
    pub(crate) fn lane(&self) -> Option<FiberId> {
        self.state.branches_around(self.running?).first().map(|(fiber, ..)| *fiber)
    }

    /// Tells something that happened for a fiber, with the branch that it is in; none: for the run as a whole.
    pub(crate) fn tell_of(&mut self, fiber: impl Into<Option<FiberId>>, telling: Telling) {
        let outer = std::mem::replace(&mut self.running, fiber.into());
        self.tell(telling);
        self.running = outer;
    }
}

fn is_branch(fiber: &Fiber, of: FiberId) -> bool {
    matches!(fiber.role, Role::Branch { of: other, .. } if other == of)
}

impl State {
    /// The branches and passes that a fiber is in, innermost first, each with its statement and the key of its item. What an
    /// observation sets off is in the branch of that observation.
    fn branches_around(&self, mut fiber: FiberId) -> Vec<(FiberId, NodeId, Option<&str>)> {
        let mut around = Vec::new();
        while let Some(own) = self.fibers.get(&fiber) {
            match &own.role {
                Role::Branch { of, branch, item } => {
                    around.push((fiber, *branch, item.as_deref()));
                    fiber = *of;
                }
                Role::Handler { observation, .. } => match self.observations.get(observation) {
                    Some(observation) => fiber = observation.fiber,
                    None => break,
                },
                Role::Main | Role::Rollback | Role::Finally | Role::Person => break,
            }
        }
        around
    }

    /// The keys of the branches, and of the items of the passes, that a fiber is in, outermost first: `eu`, `eu/node-7`;
    /// none: it is in none.
    pub(crate) fn branch_name(&self, program: &Program, fiber: FiberId) -> Option<String> {
        let around = self.branches_around(fiber);
        let own = |branch: NodeId| {
            let key = program.node(branch).key.as_str();
            key.rsplit_once('/').map_or(key, |(_, own)| own)
        };
        let names: Vec<&str> =
            around.iter().rev().map(|(_, branch, item)| item.unwrap_or_else(|| own(*branch))).collect();
        (!names.is_empty()).then(|| names.join("/"))
    }

    /// A fiber and those around it: a branch stands in the fiber of its `parallel`.
    pub(crate) fn line(&self, fiber: FiberId) -> impl Iterator<Item = (FiberId, &Fiber)> {
        let first = self.fibers.get(&fiber).map(|own| (fiber, own));
        std::iter::successors(first, |(_, own)| match own.role {
            Role::Branch { of, .. } => Some((of, self.fibers.get(&of)?)),
            Role::Main | Role::Handler { .. } | Role::Rollback | Role::Finally | Role::Person => None,
        })
    }

    /// The outermost fiber around one, and what it is there for.
    pub(crate) fn root_of(&self, fiber: FiberId) -> Option<(FiberId, &Role)> {
        self.line(fiber).last().map(|(id, own)| (id, &own.role))
    }

    /// The observation that set off what a fiber does: it is in a handler of this one.
    pub(crate) fn set_off_by(&self, fiber: FiberId) -> Option<NodeId> {
        match self.root_of(fiber)?.1 {
            Role::Handler { observation, .. } => Some(*observation),
            Role::Main | Role::Rollback | Role::Finally | Role::Person | Role::Branch { .. } => None,
        }
    }
}
