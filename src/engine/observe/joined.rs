//! A scenario that runs already for an observation is joined, not started once more: two sets of questions about one
//! event would let a person answer one and believe that it was the other.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | joined | the scenario still runs in another handler | joined |
//! | joined | it has ended there | done |
//!
//! No two handlers wait for each other: what joins a scenario stands in one that leads to it, and scenarios do not run each
//! other in a circle (RB0109).

use crate::check::program::NodeId;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame};
use crate::engine::telling::Telling;
use crate::text::Text;
use crate::value::Verdict;

impl Machine<'_> {
    /// The frame that waits for a scenario which another handler of the same observation runs; none: nobody runs it.
    pub(crate) fn join(&mut self, fiber: FiberId, around: &Frame, scenario: NodeId, event: Text) -> Option<Frame> {
        let observation = self.state.set_off_by(fiber)?;
        if !runs(self, observation, scenario, Some(fiber)) {
            return None;
        }
        let key = self.state.observations.get(&observation)?.key.clone();
        self.tell(Telling::Fired { key, event, attached: true });
        Some(self.bare(Kind::Joined(scenario), around.scope, around.depth))
    }

    /// Waits until nobody else runs the scenario.
    pub(crate) fn joined(&self, fiber: FiberId, scenario: NodeId) -> Flow {
        if self.is_joined(fiber, scenario) { Flow::Block } else { Flow::done(Verdict::Pass) }
    }

    fn is_joined(&self, fiber: FiberId, scenario: NodeId) -> bool {
        self.state.set_off_by(fiber).is_some_and(|observation| runs(self, observation, scenario, Some(fiber)))
    }

    /// A fiber whose joined scenario has ended: it goes on.
    pub(crate) fn let_go(&self) -> Option<FiberId> {
        let waiting = self.state.fibers.iter().filter(|(_, fiber)| fiber.parked.is_none());
        let mut waiting = waiting.filter_map(|(id, fiber)| match &fiber.frames.last()?.kind {
            Kind::Joined(scenario) => Some((*id, *scenario)),
            _other => None,
        });
        waiting.find(|(id, scenario)| !self.is_joined(*id, *scenario)).map(|(id, _)| id)
    }
}

/// Another handler of the observation is inside of the scenario.
pub(super) fn runs(machine: &Machine<'_>, of: NodeId, scenario: NodeId, but: Option<FiberId>) -> bool {
    machine.state.fibers.iter().any(|(id, fiber)| {
        Some(*id) != but
            && machine.state.set_off_by(*id) == Some(of)
            && fiber.frames.iter().any(|frame| frame.node == Some(scenario))
    })
}
