//! How a run is left so that it can be resumed.
//!
//! | from | by | to |
//! |---|---|---|
//! | any | SIGTERM, `suspend` from outside, no write runs | suspended |
//! | any | the same, a write runs | leaving: nothing new begins |
//! | leaving | the last write ends, its time is over, the same once more | suspended |
//! | any | nobody answers what alone is left | suspended |
//!
//! A resume goes on in the same phase.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::action::{Action, ActionId, Ending, Words};
use super::machine::{Machine, is_prompt};
use super::state::{FiberId, Frame, Phase, Resumable};
use super::telling::Telling;
use super::view::ParkedView;
use crate::check::program::Class;
use crate::text;

/// How long a write that runs is given to end by itself before it is stopped and in doubt. With what a stopped command is
/// given after that it is less than the 30 s after which whoever stops a machine or a container loses patience.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

impl Machine<'_> {
    /// Asked from outside to leave the run. What a write does is better known than in doubt, so it is waited for, once.
    pub(crate) fn leave(&mut self) {
        let writes = self.running_writes();
        if writes.is_empty() || self.state.leaving.is_some() {
            return self.suspend();
        }
        self.state.leaving = Some(self.state.now.saturating_add(GRACE).unwrap_or(self.state.now));
        let writes = writes.iter().map(ActionId::to_string).collect::<Vec<_>>().join(", ");
        let seconds = GRACE.as_secs();
        self.warn(text!(
            "about to suspend: {writes} may end by itself for {seconds} s",
            "即将挂起：最多等待 {seconds} 秒，让 {writes} 自行结束"
        ));
    }

    /// Suspends a run that is being left, once nothing is waited for any more.
    pub(crate) fn left(&mut self) {
        if self.state.leaving.is_some_and(|until| until <= self.state.now || self.running_writes().is_empty()) {
            self.suspend();
        }
    }

    fn running_writes(&self) -> BTreeSet<ActionId> {
        let open = self.state.open.iter().filter(|(_, open)| {
            open.start.class >= Class::Write && !is_prompt(&open.start) && !open.orphan && !open.in_doubt
        });
        open.map(|(id, _)| id.clone()).collect()
    }

    /// Leaves the run so that it can be resumed.
    pub(crate) fn suspend(&mut self) {
        let resumable = match self.state.phase {
            Phase::New | Phase::Over(_) | Phase::Suspended(_) => return,
            Phase::Main => Resumable::Main,
            Phase::RollingBack => Resumable::RollingBack,
            Phase::Finally(ending) => Resumable::Finally(ending),
        };
        self.state.phase = Phase::Suspended(resumable);
        self.state.leaving = None;
        let ids: Vec<(ActionId, bool)> =
            self.state.open.iter().map(|(id, open)| (id.clone(), is_prompt(&open.start))).collect();
        for (id, prompt) in ids {
            if let Some(open) = self.state.open.get_mut(&id) {
                open.deadline = None;
                open.remind = None;
                open.delivered = false;
            }
            self.actions.push(if prompt { Action::Withdraw(id) } else { Action::Cancel(id) });
        }
        let released: Vec<String> =
            self.state.held_locks.iter().filter(|(_, released)| **released).map(|(target, _)| target.clone()).collect();
        for target in released {
            let id = self.builtin_id(&format!("unlock {target}"));
            self.unlock(id, target);
        }
        self.tell(Telling::Ended { ending: Ending::Suspended, reasons: Vec::new() });
        self.actions.push(Action::End(Ending::Suspended));
    }

    /// `suspend` in a handler parks that fiber alone; elsewhere it suspends the run.
    pub(crate) fn park_or_suspend(&mut self, fiber: FiberId, frame: &Frame, because: Words) {
        if !self.in_handler(fiber) {
            return self.suspend();
        }
        let frames = self.state.fibers.get(&fiber).map(|fiber| fiber.frames.as_slice()).unwrap_or_default();
        let title = frames.iter().map(|frame| self.title_of(frame)).find(|title| !title.text.is_empty());
        let since = self.state.now;
        let parked = ParkedView { key: frame.key.clone(), title: title.unwrap_or_default(), because, since };
        if let Some(fiber) = self.state.fibers.get_mut(&fiber) {
            fiber.parked = Some(Box::new(parked));
        }
    }

    /// Suspends when nothing but prompts that nobody answers is left.
    pub(crate) fn suspend_if_deserted(&mut self) {
        if self.state.ending().is_some() || self.state.phase == Phase::New {
            return;
        }
        let prompts: Vec<bool> =
            self.state.open.values().filter(|open| is_prompt(&open.start)).map(|open| open.unattended).collect();
        let parked = self.state.fibers.values().any(|fiber| fiber.parked.is_some());
        let deserted = prompts.iter().all(|unattended| *unattended) && (!prompts.is_empty() || parked);
        let busy = self.state.open.values().any(|open| {
            !is_prompt(&open.start) && !open.in_doubt && !super::observe::only_looks_on(self.state, open.owner)
        });
        let timed =
            self.state.fibers.values().any(|fiber| fiber.parked.is_none() && (fiber.ready || fiber.until.is_some()));
        if deserted && !busy && !timed && super::observe::next_of_use(self.state).is_none() {
            self.suspend();
        }
    }

    /// Says how a prompt that nobody is there to answer can be answered from elsewhere, where the run goes on meanwhile.
    pub(crate) fn tell_unattended(&mut self, id: Option<ActionId>) {
        let Some(id) = id.filter(|_| self.state.ending().is_none()) else { return };
        if let Some(owner) = self.state.open.get(&id).map(|open| open.owner) {
            self.tell_of(owner.fiber(), Telling::Unattended { id });
        }
    }
}
