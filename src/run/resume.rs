//! A run that is taken up again, after a suspension, a crash or a reboot.

use std::collections::{BTreeMap, BTreeSet};

use super::intent::Statements;
use super::ledger::Ledger;
use super::replay::{Replayed, Witness, replay};
use super::{Run, Stopped};
use crate::text;
use jiff::{SignedDuration, Timestamp};

use crate::check::program::Program;
use crate::diagnostic::Code;
use crate::engine::action::{Action, ActionId, Effect, Ending, Start};
use crate::engine::input::{Data, Event, Failure, FailureKind, Outcome};
use crate::engine::world::World;
use crate::journal::codec::Stamped;
use crate::journal::problem::Problem;
use crate::journal::record::{Record, Takeover};
use crate::journal::store::{Claimant, Store, StoreError};

/// Becomes the executor of a run and rebuilds it, seen by `witness`. Nothing is written.
pub fn claim(
    store: &mut dyn Store,
    run: &str,
    who: &Claimant,
    program: &Program,
    witness: &mut dyn Witness,
) -> Result<Replayed, StoreError> {
    store.claim(run, who)?;
    let replayed = replay(store, run, program, witness)?;
    match replayed.ended {
        None | Some(Ending::Suspended) => Ok(replayed),
        Some(Ending::Passed | Ending::NotPassed | Ending::RolledBack | Ending::Aborted | Ending::Refused) => {
            let message = text!("run {run} is over", "运行 {run} 已经结束");
            let help = text!("`runbook report {run}` shows what it did", "`runbook report {run}` 会显示其执行情况");
            Err(StoreError::Fatal(Problem::new(Code::RB0911, message).help(help)))
        }
    }
}

/// Goes on with a run that was claimed. `running`: effects whose process was found alive and will still give an outcome,
/// through `world`. `changed`: what is different in a changed runbook that was accepted. Some ending: it was over at once.
pub fn go_on<'a>(
    program: &'a Program,
    store: &'a mut dyn Store,
    world: &'a mut dyn World,
    replayed: Replayed,
    takeover: Takeover,
    running: BTreeSet<ActionId>,
    changed: Option<String>,
) -> Result<(Run<'a>, Option<Ending>), Stopped> {
    let Replayed { header, state, head, at: last, open, .. } = replayed;
    let at = world.now().max(last);
    let open: BTreeMap<ActionId, bool> = open
        .into_iter()
        .filter(|(id, _)| running.contains(id))
        .map(|(id, start)| (id, matches!(start.effect, Effect::Ask(_))))
        .collect();
    let mut run = Run {
        program,
        world,
        ledger: Ledger::new(store, &header.run, head),
        statements: Statements::of(program),
        state,
        last,
        open,
    };
    let event = Event::Resumed { executor: takeover.executor.clone(), running, changed };
    let first = Stamped { at, record: Record::Takeover(Box::new(takeover)) };
    let ending = run.take_up(first, at, event)?;
    Ok((run, ending))
}

impl Run<'_> {
    /// Goes on, unless a command to leave is there already: then what was interrupted is not begun once more before it.
    fn take_up(&mut self, first: Stamped, at: Timestamp, event: Event) -> Result<Option<Ending>, Stopped> {
        let Some((by, command)) = self.world.leaving() else { return self.learn(vec![first], at, event) };
        let mut batch = vec![first];
        let begun = self.step(&mut batch, at, event);
        let left = self.step(&mut batch, at, Event::Command { by, command });
        self.record(&batch)?;
        self.last = at;
        // What would begin and is taken back at once, or has no run to belong to any more, is not begun at all.
        let taken_back = |id: &ActionId| {
            left.iter().any(|action| match action {
                Action::Cancel(other) | Action::Withdraw(other) => other == id,
                Action::End(_) => true,
                Action::Start(_) | Action::Tell(_) => false,
            })
        };
        let (never_begun, mut actions): (Vec<Action>, Vec<Action>) =
            begun.into_iter().partition(|action| matches!(action, Action::Start(start) if taken_back(&start.id)));
        let never_begun: Vec<Start> = never_begun
            .into_iter()
            .filter_map(|action| if let Action::Start(start) = action { Some(*start) } else { None })
            .collect();
        let ends_one_of = |action: &Action| matches!(action, Action::Cancel(id) | Action::Withdraw(id) if never_begun.iter().any(|start| start.id == *id));
        actions.extend(left.into_iter().filter(|action| !ends_one_of(action)));
        if let Some(ending) = self.perform(at, &actions)? {
            return Ok(Some(ending));
        }
        for start in never_begun.into_iter().filter(|start| !matches!(start.effect, Effect::Ask(_))) {
            let failure = Failure {
                kind: FailureKind::Interrupted,
                message: text!("not begun again: the run was left before", "未再次开始：此前已离开该次运行"),
            };
            let outcome =
                Outcome { started_at: at, took: SignedDuration::ZERO, failure: Some(failure), data: Data::None };
            if let Some(ending) = self.learn(Vec::new(), at, Event::Outcome { id: start.id, outcome })? {
                return Ok(Some(ending));
            }
        }
        Ok(None)
    }
}
