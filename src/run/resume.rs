//! A run that is taken up again, after a suspension, a crash or a reboot.

use std::collections::{BTreeMap, BTreeSet};

use super::intent::Statements;
use super::ledger::Ledger;
use super::replay::{Replayed, Witness, replay};
use super::{Run, Stopped};
use crate::check::program::Program;
use crate::diagnostic::Code;
use crate::engine::action::{ActionId, Effect, Ending};
use crate::engine::input::Event;
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
            let message = format!("run {run} is over");
            let help = format!("`runbook report {run}` shows what it did");
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
    let ending = run.learn(vec![first], at, event)?;
    Ok((run, ending))
}
