//! Ctrl-C: what a person sees go on is stopped, and its menu opens.
//!
//! | in the foreground | then |
//! |---|---|
//! | a command, in a `poll` too | it is stopped; when it has ended the menu of it, or of the `poll`, opens |
//! | one in a precheck or verify | the same, but the menu of all checks opens |
//! | no command, but a pause between attempts or reads, or a wait | the pause ends and the menu opens |
//! | neither | the run pauses and asks |

use super::action::{Action, ActionId, Urgency};
use super::machine::{Flow, Kind, Machine, Stopped, is_prompt};
use super::state::{Fiber, FiberId, Frame, ROOT, Return, Role, Trouble};
use super::step;
use super::telling::Telling;
use crate::check::program::NodeKind;
use crate::text;
use crate::text::Text;
use crate::value::Verdict;

impl Machine<'_> {
    /// A person wants what goes on to stop. Of several branches all are stopped: that the one which was meant goes on is
    /// worse than that another one is asked about.
    pub(crate) fn interrupt(&mut self) {
        let root = |fiber: FiberId| {
            let (root, role) = self.state.root_of(fiber)?;
            Some((root, *role == Role::Main))
        };
        let running: Vec<(ActionId, FiberId, FiberId, (bool, u64))> = self
            .state
            .open
            .iter()
            .filter(|(_, open)| !is_prompt(&open.start) && !open.orphan && !open.in_doubt)
            .filter_map(|(id, open)| {
                let fiber = open.owner.fiber()?;
                let (root, main) = root(fiber)?;
                Some((id.clone(), fiber, root, (main, open.arrival)))
            })
            .collect();
        let pausing: Vec<(FiberId, FiberId, bool)> = self
            .state
            .fibers
            .iter()
            .filter(|(_, fiber)| fiber.parked.is_none() && fiber.frames.last().is_some_and(pauses))
            .filter_map(|(id, _)| root(*id).map(|(root, main)| (*id, root, main)))
            .collect();
        // A command is what a person sees run; a pause beside it is likely not what is meant.
        let front = running.iter().max_by_key(|(.., order)| *order).map(|(_, _, root, _)| *root);
        let front =
            front.or_else(|| pausing.iter().max_by_key(|(_, root, main)| (*main, *root)).map(|(_, root, _)| *root));
        let Some(front) = front else {
            if !self.is_paused() && self.state.phase != super::state::Phase::New {
                let frame = self.bare(Kind::Paused(None), ROOT, 0);
                self.spawn(Role::Person, Urgency::Unreachable, vec![frame]);
            }
            return;
        };
        for (id, fiber, ..) in running.into_iter().filter(|(_, _, root, _)| *root == front) {
            if let Some(fiber) = self.state.fibers.get_mut(&fiber) {
                step::poll::stop_innermost(&mut fiber.frames);
            }
            self.actions.push(Action::Cancel(id));
        }
        for (fiber, ..) in pausing.into_iter().filter(|(_, root, _)| *root == front) {
            self.end_pause(fiber);
        }
    }

    /// What a person stopped stands in a precheck or verify: that stops as a whole, whatever in it goes on after a failure.
    /// None: it stands in none.
    pub(crate) fn stop_checks(&mut self, fiber: FiberId, frame: &Frame, trouble: &Trouble) -> Option<Flow> {
        let is_checks = |frame: &Frame| matches!(frame.kind, Kind::Checks { .. });
        let mut line = self.state.line(fiber);
        let (owner, at) = line.find_map(|(id, fiber)| Some((id, fiber.frames.iter().rposition(is_checks)?)))?;
        drop(line);
        let Trouble { message, output, .. } = trouble;
        let stop = Stopped {
            message: text!("stopped at {}: {}", "在 {} 处被中断：{}", self.named(frame), message),
            output: output.clone(),
        };
        self.close_record(frame, Verdict::Fail, message.clone());
        self.call_off(owner, message);
        let frames = &mut self.state.fibers.get_mut(&owner)?.frames;
        let inside = frames.split_off(at + 1);
        if let Some(Kind::Checks { stopped, .. }) = frames.last_mut().map(|frame| &mut frame.kind) {
            *stopped = Some(stop);
        }
        let outer = self.running.replace(owner);
        for frame in inside.iter().rev().filter(|frame| frame.record.is_some()) {
            self.close_record(frame, Verdict::Fail, message.clone());
        }
        self.running = outer;
        let failed = Return::Failed(message.clone());
        if owner == fiber {
            return Some(Flow::Done(failed));
        }
        let checks = self.state.fibers.get_mut(&owner)?;
        (checks.returned, checks.ready, checks.until) = (Some(failed), true, None);
        Some(Flow::Gone)
    }

    fn end_pause(&mut self, id: FiberId) {
        let top = self.state.fibers.get(&id).and_then(|fiber| fiber.frames.last());
        let Some((message, title)) = top.and_then(|frame| Some((self.why_stopped(frame)?, self.named(frame)))) else {
            return;
        };
        self.tell_of(id, Telling::Warning { text: text!("{}: {}", "{}：{}", title, message) });
        let Some(fiber) = self.state.fibers.get_mut(&id) else { return };
        if let Some(frame) = fiber.frames.last_mut() {
            frame.trouble = Some(Trouble { message, output: String::new(), menu: None, stopped: true });
        }
        let Fiber { ready, until, .. } = fiber;
        (*ready, *until) = (true, None);
    }

    /// What a frame that pauses was doing.
    fn why_stopped(&self, frame: &Frame) -> Option<Text> {
        let node = self.program.node(frame.node?);
        let before = |next: u32, all: u32| {
            text!("stopped before attempt {next} of {all}", "在第 {next} 次尝试前被中断（共 {all} 次）")
        };
        match (&frame.kind, &node.kind) {
            (Kind::Effect(_), _) => Some(before(frame.attempt + 1, node.retry.times.saturating_add(1))),
            (Kind::Try(step::retry::Try::Pausing(count, _)), NodeKind::Try { times, .. }) => {
                Some(before(count + 1, *times))
            }
            (Kind::Poll(step::poll::Poll::Pausing { rounds, why, .. }), _) => {
                Some(text!("stopped after {}: {}", "{}后被中断：{}", step::poll::reads(rounds.count), why))
            }
            (Kind::Wait(_), _) => Some(text!("the wait was stopped", "等待被中断")),
            _other => None,
        }
    }
}

/// Does it only wait for a time to come?
fn pauses(frame: &Frame) -> bool {
    let pauses = match &frame.kind {
        Kind::Effect(phase) => matches!(phase, step::effect::Phase::Pausing(_)),
        Kind::Try(phase) => matches!(phase, step::retry::Try::Pausing(..)),
        Kind::Poll(phase) => matches!(phase, step::poll::Poll::Pausing { .. }),
        Kind::Wait(phase) => matches!(phase, step::wait::Wait::Until(_)),
        _other => false,
    };
    pauses && frame.trouble.is_none()
}
