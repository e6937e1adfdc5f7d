//! `watch`: an observation that is as long as the steps inside it. They run in the fiber of the `watch` itself, on top of
//! its frame; samples and handlers happen beside them, as with any observation.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | observing | the steps are done | a last sample at once, then as `sample` |
//! | observing | the steps failed where something catches it, or a handler says `stop` | stopped |
//! | stopped | stopped writes have ended, handlers too | the statement fails: a menu, or whatever catches it |

use crate::check::program::{NodeId, NodeKind, Until};
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::record::worse;
use crate::engine::state::{FiberId, Frame, Return};
use crate::text;
use crate::text::Text;
use crate::value::Verdict;

impl Machine<'_> {
    /// The steps of a `watch` begin; none for a `sample`.
    pub(super) fn steps_of(&self, frame: &Frame, id: NodeId) -> Option<Flow> {
        let NodeKind::Sample(sample) = &self.node(id).kind else { return None };
        match &sample.until {
            Until::Count(_) => None,
            Until::Steps(steps) => Some(Flow::Push(Box::new(self.list(steps, frame.scope, frame.depth + 1)))),
        }
    }

    /// The steps of a `watch` came to an end.
    pub(super) fn steps_ended(&mut self, frame: &mut Frame, id: NodeId, returned: Return) {
        let now = self.state.now;
        let Some(observation) = self.state.observations.get_mut(&id) else { return };
        match returned {
            Return::Done(verdict) => {
                frame.worst = worse(frame.worst, verdict);
                // What the steps did last is seen too.
                observation.last_at(now);
            }
            Return::Failed(message) => {
                observation.no_more();
                observation.stopped.get_or_insert(message);
            }
            // Nothing else is given to the frame below a list.
            Return::Outcome(_) | Return::Answer(_) | Return::TimedOut => {}
        }
    }

    /// The statement fails with the reason of its stop, once no stopped write runs any more: what is chosen in the menu
    /// must not meet it.
    pub(super) fn stopped(&mut self, fiber: FiberId, frame: &mut Frame, id: NodeId, message: Text) -> Flow {
        if self.is_stopping() {
            return Flow::Block;
        }
        if let Some(observation) = self.state.observations.get_mut(&id) {
            observation.ended = Some("stopped");
        }
        self.fail(fiber, frame, message, String::new())
    }
}

/// `stop series, because: "…"`: ends what the steps of a `watch` are doing.
pub(crate) fn stop(machine: &mut Machine<'_>, id: NodeId, because: Text) -> Result<(), Text> {
    let Some(observation) = machine.state.observations.get_mut(&id) else {
        return Err(text!("the observation has not begun: there is nothing to stop", "观察尚未开始，没有可停止的内容"));
    };
    if observation.ended.is_some() {
        return Err(text!("the observation has ended: there is nothing to stop", "观察已经结束，没有可停止的内容"));
    }
    observation.no_more();
    observation.stopped.get_or_insert(because.clone());
    let fiber = observation.fiber;
    let Some(frames) = machine.state.fibers.get(&fiber).map(|fiber| &fiber.frames) else { return Ok(()) };
    let own = frames.iter().position(|frame| frame.node == Some(id) && matches!(frame.kind, Kind::Sample(_)));
    let Some(own) = own.filter(|own| own + 1 < frames.len()) else { return Ok(()) };
    let above: Vec<Frame> = frames.iter().skip(own + 1).rev().cloned().collect();
    machine.call_off(fiber, &because);
    for frame in &above {
        if frame.record.is_some() {
            machine.close_record(frame, Verdict::Fail, because.clone());
        }
    }
    if let Some(fiber) = machine.state.fibers.get_mut(&fiber) {
        fiber.frames.truncate(own + 1);
        fiber.parked = None;
    }
    machine.give(fiber, Return::Failed(because));
    Ok(())
}
