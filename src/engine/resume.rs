//! A run is taken up again: by the same executor after a suspension, or by another after a crash. What has an outcome
//! is not run again; what has none is looked at one by one.

use std::collections::BTreeSet;

use super::action::{Action, ActionId, Effect, Start};
use super::machine::{Kind, Machine, is_prompt};
use super::observe;
use super::record::plain;
use super::state::{FiberId, Owner, Phase, Resumable};
use super::step::effect::Phase as EffectPhase;
use super::telling::Telling;
use super::view::DeviationView;
use crate::check::program::{Again, Class, NodeId};
use crate::text;

impl Machine<'_> {
    /// Takes the run up.
    pub(crate) fn resume(&mut self, executor: &str, running: &BTreeSet<ActionId>, changed: Option<String>) {
        if let Phase::Suspended(resumable) = self.state.phase {
            self.state.phase = match resumable {
                Resumable::Main => Phase::Main,
                Resumable::RollingBack => Phase::RollingBack,
                Resumable::Finally(ending) => Phase::Finally(ending),
            };
        }
        self.state.leaving = None;
        self.state.detached = None;
        executor.clone_into(&mut self.state.begin.executor);
        self.tell(Telling::Began { resumed: true });
        if let Some(what) = changed {
            let what = text!("the runbook file was changed: {what}", "runbook 文件有变更：{what}");
            let by = executor.to_owned();
            self.state.deviations.push(DeviationView { at: self.state.now, by: by.clone(), what: what.clone() });
            self.tell(Telling::Deviation { by, what });
        }
        for fiber in self.state.fibers.values_mut() {
            fiber.parked = None;
            fiber.ready = true;
        }
        self.take_locks_again();
        let open: Vec<ActionId> = self.state.open.keys().cloned().collect();
        for id in open {
            if !running.contains(&id) {
                self.look_at(&id);
            } else if let Some(open) = self.state.open.get_mut(&id) {
                open.taken_over = true;
            }
        }
        observe::missed_while_away(self);
    }

    /// The locks of targets outlive an executor, and may have been given back by hand since: the new one takes them again,
    /// or does not go on.
    fn take_locks_again(&mut self) {
        let targets: Vec<String> = self.state.held_locks.keys().cloned().collect();
        for target in targets {
            let id = self.builtin_id(&format!("lock {target}"));
            let title = plain(&target);
            let effect = Effect::Lock { target };
            let start = Start { id, key: "lock".to_owned(), title, class: Class::Record, timeout: None, effect };
            self.open(Owner::Nobody, None, start);
        }
    }

    /// One effect or prompt without an outcome.
    pub(crate) fn look_at(&mut self, id: &ActionId) {
        let Some(open) = self.state.open.get_mut(id) else { return };
        if is_prompt(&open.start) {
            // It is put again, and counts its time from its new delivery.
            open.unattended = false;
            open.delivered = false;
            open.deadline = None;
            open.remind = None;
            let start = open.start.clone();
            self.actions.push(Action::Start(Box::new(start)));
            return;
        }
        if open.in_doubt {
            // It was looked at before: the question about it, or its probe, is open as well and is looked at by itself.
            return;
        }
        let (owner, orphan, class, node, start) =
            (open.owner, open.orphan, open.start.class, open.node, open.start.clone());
        if orphan || matches!(start.effect, Effect::Lock { .. }) && owner == Owner::Nobody {
            if !matches!(start.effect, Effect::Lock { .. }) {
                self.state.open.remove(id);
            }
            return;
        }
        match owner {
            Owner::Alive(sample) => {
                self.state.open.remove(id);
                if let Some(beat) = self.state.observations.get_mut(&sample).and_then(|o| o.alive.as_mut()) {
                    beat.in_flight = false;
                }
            }
            Owner::Alerts(sample, source) => {
                self.state.open.remove(id);
                if let Some(beat) = self.state.observations.get_mut(&sample).and_then(|o| o.alerts.get_mut(&source)) {
                    beat.in_flight = false;
                }
            }
            Owner::Sample(sample, n) => self.sample_in_doubt(id, sample, n, start),
            Owner::Nobody => self.actions.push(Action::Start(Box::new(start))),
            Owner::Fiber(fiber) => {
                let again = node.map(|node| &self.program.node(node).again);
                match again {
                    _ if class < Class::Write => self.actions.push(Action::Start(Box::new(start))),
                    Some(Again::Safe) => self.again(fiber, id, start),
                    Some(Again::Probe { .. }) => {
                        open.in_doubt = true;
                        self.set_phase(fiber, EffectPhase::Probing(id.clone()));
                    }
                    Some(Again::Ask | Again::Never) | None => self.doubt_of(fiber, id),
                }
            }
        }
    }

    /// A write that may run again does, as a new attempt: behind its guards, since the world may be another one now.
    fn again(&mut self, fiber: FiberId, id: &ActionId, start: Start) {
        let top = self.state.fibers.get_mut(&fiber).and_then(|fiber| fiber.frames.last_mut());
        match top {
            Some(frame) if matches!(frame.kind, Kind::Effect(_)) => {
                frame.attempt += 1;
                self.state.open.remove(id);
                self.set_phase(fiber, EffectPhase::Fresh);
            }
            Some(_) | None => self.actions.push(Action::Start(Box::new(start))),
        }
    }

    /// A write in doubt goes to a person; one that has no statement (a person's own command, a restored file) is only
    /// told: its frame goes on as if it had been stopped.
    fn doubt_of(&mut self, fiber: FiberId, id: &ActionId) {
        let effect = self
            .state
            .fibers
            .get(&fiber)
            .and_then(|fiber| fiber.frames.last())
            .is_some_and(|frame| matches!(frame.kind, Kind::Effect(_)));
        if effect {
            if let Some(open) = self.state.open.get_mut(id) {
                open.in_doubt = true;
            }
            self.set_phase(fiber, EffectPhase::InDoubt(id.clone(), None));
        } else {
            self.state.open.remove(id);
        }
    }

    fn set_phase(&mut self, fiber: FiberId, phase: EffectPhase) {
        if let Some(fiber) = self.state.fibers.get_mut(&fiber) {
            if let Some(frame) = fiber.frames.last_mut() {
                frame.kind = Kind::Effect(phase);
            }
            fiber.ready = true;
        }
    }

    /// The scrape of a sample is a read and is taken again while its slot lasts; later it is missed.
    fn sample_in_doubt(&mut self, id: &ActionId, sample: NodeId, n: u32, start: Start) {
        let now = self.state.now;
        let Some(observation) = self.state.observations.get_mut(&sample) else { return };
        let slot_end = observation.due(n).saturating_add(observation.every).unwrap_or(jiff::Timestamp::MAX);
        if now < slot_end {
            self.actions.push(Action::Start(Box::new(start)));
            return;
        }
        self.state.open.remove(id);
        if let Some(observation) = self.state.observations.get_mut(&sample) {
            observation.in_flight = None;
            observation.next = n;
        }
        observe::missed(self, sample);
    }
}
