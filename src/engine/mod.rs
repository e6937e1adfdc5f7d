//! The pure interpreter: `step(&Program, &mut State, Input) -> Vec<Action>`. No file, no clock, no network.
//!
//! A run is a set of fibers over a checked program (`machine`): the main flow, the handlers of observations, what
//! people asked for. Everything that a fiber wants from the world it says as an action; what becomes known comes as an
//! input with its time. The same inputs always give the same actions, so a journal of inputs is a run.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a look at one form of a statement or value; the places that must know every statement, machine::fresh and \
              machine::advance, name them all"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "all constructs take what the frame above returned in the same way, whether they keep it or not"
)]

pub mod action;
mod begin;
mod commands;
mod ending;
mod eval;
pub mod evidence;
mod explain;
pub mod input;
mod interrupt;
mod jump;
pub mod limits;
mod machine;
mod observe;
pub mod preview;
mod reason;
mod record;
mod resume;
mod said;
mod set;
mod state;
mod step;
mod suspending;
pub mod telling;
mod undo_lines;
pub mod view;
mod view_of;
pub mod words;
pub mod world;

use action::{Action, ActionId, PromptKind};
use input::{Answer, Event, FailureKind, Input, Outcome};
use jiff::Timestamp;
use machine::{Machine, is_prompt};
use state::{Owner, Phase, Return, Role};

use crate::check::program::{NodeKind, Program};
use crate::text;
use crate::text::Text;
use crate::value::Value;

pub use state::State;
pub use view_of::view;

/// Tells the run what became known, and gives what it wants now, in order. The last action of a run that is over (for
/// now) is [`Action::End`].
pub fn step(program: &Program, state: &mut State, input: Input) -> Vec<Action> {
    // Records are ordered by the journal; a clock that was set back does not turn time around inside the run.
    state.now = state.now.max(input.at);
    let unattended = match &input.event {
        Event::NobodyThere { id } => Some(id.clone()),
        _other => None,
    };
    let mut machine = Machine { program, state, actions: Vec::new(), running: None };
    machine.take(input.event);
    machine.settle();
    machine.left();
    machine.suspend_if_deserted();
    machine.tell_unattended(unattended);
    machine.actions
}

/// When the run next wants [`Event::Due`], if nothing else happens before.
pub fn next_due(state: &State) -> Option<Timestamp> {
    if state.ending().is_some() {
        return None;
    }
    if let Some(until) = state.leaving {
        return Some(until);
    }
    let fibers = state.fibers.values().filter(|fiber| fiber.parked.is_none()).filter_map(|fiber| fiber.until);
    let deadlines = state.open.values().flat_map(|open| open.deadline.into_iter().chain(open.remind));
    fibers.chain(deadlines).chain(observe::next_due(state)).min()
}

impl Machine<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Begin(begin) => {
                if self.state.phase == Phase::New {
                    self.begin(begin);
                }
            }
            Event::Resumed { executor, running, changed } => {
                if !matches!(self.state.phase, Phase::Over(_) | Phase::New) {
                    self.resume(&executor, &running, changed);
                    self.time_passed();
                }
            }
            // What comes after the end, or while suspended, changes nothing.
            _ if self.state.ending().is_some() => {}
            Event::Outcome { id, outcome } => self.outcome(&id, outcome),
            Event::Delivered { id } => self.delivered(&id),
            Event::Answered { id, answer } => self.answer(&id, answer),
            Event::Due => self.time_passed(),
            Event::Command { by, command } => self.command(&by, command),
            Event::Interrupt => self.interrupt(),
            Event::Terminate => self.leave(),
            Event::Detached => {
                if self.state.detached.is_none() {
                    self.state.detached = Some(self.state.now);
                    self.tell(telling::Telling::Detached);
                }
            }
            Event::NobodyThere { id } => {
                if let Some(open) = self.state.open.get_mut(&id) {
                    open.unattended = true;
                }
            }
        }
    }

    fn outcome(&mut self, id: &ActionId, outcome: Outcome) {
        let Some(mut open) = self.state.open.remove(id) else { return };
        let in_doubt = outcome.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::InDoubt);
        if std::mem::take(&mut open.taken_over) && in_doubt && !open.orphan {
            // Its process is gone now: it is like any other that an interruption left without an outcome.
            self.state.open.insert(id.clone(), open);
            return self.look_at(id);
        }
        if open.orphan {
            // The rollback may be waiting for the last stopped write.
            for fiber in self.state.fibers.values_mut() {
                if fiber.role == Role::Rollback {
                    fiber.ready = true;
                }
            }
            // So may the next write, and a `watch` that was stopped.
            self.let_writes_begin();
            observe::handlers_changed(self);
            return;
        }
        if let action::Effect::Scrape(scrape) = &open.start.effect {
            observe::scraped(self, scrape, &outcome);
        }
        match open.owner {
            Owner::Fiber(fiber) => self.give(fiber, Return::Outcome(Box::new(outcome))),
            Owner::Sample(sample, n) => observe::sampled(self, sample, n, &outcome),
            Owner::Alive(sample) => observe::asked_alive(self, sample, &outcome),
            Owner::Alerts(sample, source) => observe::asked_alerts(self, sample, source, &outcome),
            Owner::Nobody => {
                if let Some(failure) = outcome.failure {
                    self.warn(text!("{}: {}", "{}：{}", open.start.title, failure.message));
                    if matches!(open.start.effect, action::Effect::Lock { .. }) {
                        self.suspend();
                    }
                }
                self.let_writes_begin();
                // An observation ends when the last line of its log is written.
                observe::handlers_changed(self);
            }
        }
    }

    fn delivered(&mut self, id: &ActionId) {
        let now = self.state.now;
        let Some(open) = self.state.open.get_mut(id) else { return };
        if open.delivered {
            return;
        }
        open.delivered = true;
        open.unattended = false;
        if let action::Effect::Ask(prompt) = &open.start.effect {
            let after = |span: jiff::SignedDuration| now.saturating_add(span).unwrap_or(Timestamp::MAX);
            open.deadline = prompt.within.map(after);
            open.remind = prompt.remind.map(after);
        }
    }

    fn answer(&mut self, id: &ActionId, answer: Answer) {
        // A late click, after the decision was taken, finds no prompt any more.
        let Some(open) = self.state.open.get(id) else { return };
        let action::Effect::Ask(prompt) = &open.start.effect else { return };
        let prompt = prompt.clone();
        if let Some(why) = self.not_allowed(&prompt, &answer) {
            self.warn(why);
            self.ask_again(id);
            return;
        }
        let (start, owner, node) = (open.start.clone(), open.owner, open.node);
        let quorum = node.map_or(1, |node| quorum(&prompt, &self.program.node(node).kind, &answer.value));
        if quorum > 1 {
            let Some(open) = self.state.open.get_mut(id) else { return };
            // Who answers again counts for what was said last.
            let agreed = |vote: &Answer| vote.value == answer.value;
            let again = open.votes.iter().any(|vote| vote.by == answer.by && agreed(vote));
            open.votes.retain(|vote| vote.by != answer.by);
            open.votes.push(answer.clone());
            let votes = open.votes.iter().filter(|vote| agreed(vote)).count();
            if votes < quorum as usize {
                self.note_answer(owner, id, &start, &answer, &prompt.choices);
                let by = &answer.by;
                self.warn(if again {
                    text!(
                        "{by} has said so before and counts once: {votes} of {quorum}",
                        "{by} 已经这样答复过，只计一次：{votes}/{quorum}"
                    )
                } else {
                    text!("{votes} of {quorum} agree so far: {}", "目前 {votes}/{quorum} 人意见一致：{}", start.title)
                });
                self.ask_again(id);
                return;
            }
        }
        self.state.open.remove(id);
        self.note_answer(owner, id, &start, &answer, &prompt.choices);
        if let Owner::Fiber(fiber) = owner {
            self.give(fiber, Return::Answer(Box::new(answer)));
        }
    }

    fn ask_again(&mut self, id: &ActionId) {
        if let Some(open) = self.state.open.get(id) {
            self.actions.push(Action::Start(Box::new(open.start.clone())));
        }
    }

    /// Why this person's answer does not count. A simulation takes every persona.
    fn not_allowed(&self, prompt: &action::Prompt, answer: &Answer) -> Option<Text> {
        if self.state.begin.simulated {
            return None;
        }
        let by = &answer.by;
        let executor = *by == self.state.begin.executor || answer.told_by.is_some();
        if prompt.not_executor && executor {
            return Some(text!(
                "{by} executes the run (or is quoted by its executor): somebody else has to answer this",
                "{by} 是执行者（或由执行者转述），这一问题须由他人答复"
            ));
        }
        match &prompt.by {
            // Told by the executor for a role of several people: which of them is not known, and need not be.
            Some(role) if answer.told_by.is_some() && *by == role.key => None,
            Some(role) if !role.people.is_empty() && !role.people.contains(by) => {
                let (key, title) = (&role.key, &role.title.text);
                let (en, zh) = (role.people.join(", "), role.people.join("、"));
                Some(text!("{by} is not among {key}: {en}", "{by} 不在“{title}”之列：{zh}"))
            }
            Some(_) | None => None,
        }
    }

    /// Says once more what waits for a person.
    fn remind(&mut self) {
        let now = self.state.now;
        let mut waiting = Vec::new();
        for open in self.state.open.values_mut() {
            let action::Effect::Ask(prompt) = &open.start.effect else { continue };
            if let (Some(at), Some(every)) = (open.remind, prompt.remind)
                && at <= now
            {
                open.remind = now.checked_add(every).ok().filter(|next| *next > now);
                waiting.push(open.start.title.clone());
            }
        }
        for title in waiting {
            self.warn(text!("still waiting for an answer: {}", "仍在等待答复：{}", title));
        }
    }

    /// Wakes what waits for this time.
    fn time_passed(&mut self) {
        let now = self.state.now;
        for fiber in self.state.fibers.values_mut() {
            if fiber.until.is_some_and(|until| until <= now) {
                fiber.until = None;
                fiber.ready = true;
            }
        }
        self.remind();
        let late: Vec<ActionId> = self
            .state
            .open
            .iter()
            .filter(|(_, open)| is_prompt(&open.start) && open.deadline.is_some_and(|deadline| deadline <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in late {
            if let Some(open) = self.state.open.remove(&id) {
                self.actions.push(Action::Withdraw(id));
                if let Owner::Fiber(fiber) = open.owner {
                    self.give(fiber, Return::TimedOut);
                }
            }
        }
        if self.state.phase == Phase::Main && self.state.leaving.is_none() {
            observe::due(self);
        }
    }
}

/// How many different people must give this answer. One no is enough, and so is one for the tool's own questions.
fn quorum(prompt: &action::Prompt, kind: &NodeKind, answer: &Value) -> u32 {
    let agrees = match &prompt.kind {
        PromptKind::Ask
        | PromptKind::Confirm { .. }
        | PromptKind::NoReturn { .. }
        | PromptKind::Item
        | PromptKind::Decide
        | PromptKind::Signoff => *answer != Value::Bool(false),
        PromptKind::Manual { .. } => *answer == Value::Text("done".to_owned()),
        _other => false,
    };
    if agrees { kind.people().map_or(1, |people| people.quorum.max(1)) } else { 1 }
}
