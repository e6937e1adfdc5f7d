//! The loop, its journal and its resumption, with the real engine and a scripted world.

mod program;
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;

pub(super) use self::program::program;
pub(super) use self::world::{Script, at};
use super::replay::{Replayed, Unseen, replay};
use super::*;
use crate::diagnostic::Code;
use crate::journal::codec;
use crate::journal::memory_store::{Faults, MemoryStore};
use crate::journal::record::{FORMAT, Header, Takeover};
use crate::journal::store::{Claimant, Store};

pub(super) const RUN: &str = "20251118-0900-phase5-k3f9";

fn who(user: &str) -> Claimant {
    Claimant { user: user.into(), hostname: "ops1".into(), pid: 7, since: at(0) }
}

fn header() -> Header {
    Header {
        format: FORMAT,
        tool: "0.1.0".into(),
        run: RUN.into(),
        digest: "d".into(),
        runbook: "phase5".into(),
        title: "生产基线".into(),
        file: "/srv/phase5.rb".into(),
        sources: vec![],
        params: [].into(),
        secrets: [].into(),
        environment: None,
        zone: "UTC".into(),
        language: "en".into(),
        working_dir: "/srv".into(),
        simulation: None,
        started_at: at(0),
        executor: "alice".into(),
        hostname: "ops1".into(),
        from: None,
        step: false,
    }
}

/// Runs from the beginning until it ends or stops.
pub(super) fn exec(program: &Program, store: &mut MemoryStore, world: &mut Script) -> Result<Ending, Stopped> {
    start::prepare(store, RUN, &who("alice"), &[]).unwrap();
    let (mut run, ended) = start::begin(program, store, world, header())?;
    match ended {
        Some(ending) => Ok(ending),
        None => run.drive(),
    }
}

fn takeover() -> Takeover {
    Takeover {
        tool: "0.1.0".into(),
        executor: "bob".into(),
        hostname: "ops2".into(),
        digest: "d".into(),
        source: "source".into(),
    }
}

pub(super) fn take_up(program: &Program, store: &mut MemoryStore, world: &mut Script) -> Result<Ending, Stopped> {
    let replayed = resume::claim(store, RUN, &who("bob"), program, &mut Unseen).unwrap();
    let (mut run, ended) = resume::go_on(program, store, world, replayed, takeover(), BTreeSet::new(), None)?;
    match ended {
        Some(ending) => Ok(ending),
        None => run.drive(),
    }
}

fn rebuilt(program: &Program, store: &MemoryStore) -> Replayed {
    replay(store, RUN, program, &mut Unseen).unwrap()
}

/// The journal up to each of its batches, and the kinds of the records of the whole.
pub(super) fn prefixes(store: &MemoryStore) -> (Vec<Vec<u8>>, Vec<&'static str>) {
    let whole = store.journal(RUN).unwrap();
    let mut kinds = Vec::new();
    store
        .read(RUN, &mut |entry| {
            kinds.push(entry.record.kind());
            Ok(())
        })
        .unwrap();
    let ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let cut: BTreeSet<Vec<u8>> = ends
        .map(|end| {
            let head = codec::decode(&mut &whole[..end], &mut |_| Ok(())).unwrap().head;
            whole[..usize::try_from(head.bytes).unwrap()].to_vec()
        })
        .filter(|prefix| !prefix.is_empty())
        .collect();
    (cut.into_iter().collect(), kinds)
}

#[test]
fn intents_stand_before_effects_and_outcomes_with_what_they_lead_to() {
    let (program, mut store, mut world) = (program(&["one", "two"]), MemoryStore::default(), Script::default());
    assert_eq!(exec(&program, &mut store, &mut world), Ok(Ending::Passed));
    assert_eq!(world.performed, ["one", "two"]);
    let (prefixes, kinds) = prefixes(&store);
    assert_eq!(kinds, ["header", "intent", "outcome", "intent", "outcome", "end"]);
    assert_eq!(prefixes.len(), 3, "one batch for an outcome and all that it leads to");
}

#[test]
fn a_replay_gives_the_state_of_the_run_and_does_nothing() {
    let (program, mut store, mut world) = (program(&["one", "two"]), MemoryStore::default(), Script::default());
    start::prepare(&mut store, RUN, &who("alice"), &[]).unwrap();
    let (mut run, _) = start::begin(&program, &mut store, &mut world, header()).unwrap();
    assert_eq!(run.drive(), Ok(Ending::Passed));
    let state = run.state().clone();
    drop(run);
    let again = rebuilt(&program, &store);
    assert_eq!(again.state, state);
    assert_eq!(again.ended, Some(Ending::Passed));
    assert!(again.open.is_empty());
}

#[test]
fn every_moment_of_a_run_can_be_taken_up_and_no_write_is_repeated() {
    let commands = ["one", "two", "three"];
    let program = program(&commands);
    let (mut store, mut world) = (MemoryStore::default(), Script::default());
    assert_eq!(exec(&program, &mut store, &mut world), Ok(Ending::Passed));
    let (prefixes, _) = prefixes(&store);
    for prefix in &prefixes[..prefixes.len() - 1] {
        let mut store = MemoryStore::default();
        store.set_journal(RUN, prefix.clone());
        let before = rebuilt(&program, &store);
        let done = before.state.clone();
        // The effect that was open had happened: a person says so.
        let open: Vec<&ActionId> = before.open.keys().collect();
        assert_eq!(open.len(), 1);
        let mut world = Script::default();
        assert_eq!(take_up(&program, &mut store, &mut world), Ok(Ending::Passed));
        let in_doubt = open[0].0.split('#').next().unwrap().to_owned();
        let index = commands.iter().position(|command| in_doubt == *command).unwrap();
        assert_eq!(world.performed, &commands[index + 1..], "in doubt: {in_doubt}");
        assert_eq!(world.asked, [format!("{in_doubt}!in_doubt#1")]);
        let (_, kinds) = self::prefixes(&store);
        assert_eq!(kinds.iter().filter(|kind| **kind == "takeover").count(), 1);
        assert_ne!(rebuilt(&program, &store).state, done);
    }
}

#[test]
fn a_write_in_doubt_with_nobody_there_suspends_and_is_asked_about_again() {
    let program = program(&["one", "two"]);
    let (mut store, mut world) = (MemoryStore::default(), Script::default());
    assert_eq!(exec(&program, &mut store, &mut world), Ok(Ending::Passed));
    let (prefixes, _) = prefixes(&store);
    let mut store = MemoryStore::default();
    store.set_journal(RUN, prefixes[0].clone());
    let mut away = Script::away();
    assert_eq!(take_up(&program, &mut store, &mut away), Ok(Ending::Suspended));
    assert!(away.performed.is_empty());
    let shared = store.clone();
    drop(store);
    let mut store = shared;
    let mut world = Script::default();
    assert_eq!(take_up(&program, &mut store, &mut world), Ok(Ending::Passed));
    assert_eq!((world.asked.len(), world.performed), (1, vec!["two".to_owned()]));
}

#[test]
fn nothing_is_taken_up_twice_or_after_its_end() {
    let (program, mut store, mut world) = (program(&["one"]), MemoryStore::default(), Script::default());
    exec(&program, &mut store, &mut world).unwrap();
    let mut other = store.clone();
    let busy = resume::claim(&mut other, RUN, &who("bob"), &program, &mut Unseen).err().unwrap();
    assert_eq!(busy.problem().code, Code::RB0906);
    drop(store);
    let over = resume::claim(&mut other, RUN, &who("bob"), &program, &mut Unseen).err().unwrap();
    assert_eq!(over.problem().code, Code::RB0911);
}

#[test]
fn a_journal_of_another_runbook_diverges_where_it_differs() {
    let (one, mut store, mut world) = (program(&["one", "two"]), MemoryStore::default(), Script::default());
    exec(&one, &mut store, &mut world).unwrap();
    for (other, record, found) in [
        (program(&["one", "three"]), "record 4: expected the intent of three#1", "found the intent of two#1"),
        (program(&["one"]), "record 4: expected the end Passed", "found"),
        (program(&["one", "two", "three"]), "record 6: expected the intent of three#1", "found a record of kind end"),
    ] {
        let error = replay(&store, RUN, &other, &mut Unseen).err().unwrap();
        let problem = error.problem();
        assert_eq!(problem.code, Code::RB0904);
        assert!(problem.message.en.starts_with(record) && problem.message.en.contains(found), "{problem}");
    }
}

#[test]
fn a_changed_command_under_the_same_key_diverges() {
    let (one, mut store, mut world) = (program(&["one"]), MemoryStore::default(), Script::default());
    exec(&one, &mut store, &mut world).unwrap();
    let mut other = program(&["one"]);
    program::rewrite(&mut other, "one", "rm -rf /");
    let error = replay(&store, RUN, &other, &mut Unseen).err().unwrap();
    assert_eq!(error.problem().code, Code::RB0904);
}

#[test]
fn a_store_that_takes_nothing_stops_the_run_before_the_effect() {
    let (program, mut store, mut world) = (program(&["one", "two"]), MemoryStore::default(), Script::default());
    start::prepare(&mut store, RUN, &who("alice"), &[]).unwrap();
    let shared = store.clone();
    {
        let (mut run, _) = start::begin(&program, &mut store, &mut world, header()).unwrap();
        shared.set_faults(Faults { unavailable: 1.0, ..Faults::default() });
        assert!(matches!(run.drive(), Err(Stopped::Store(_))));
    }
    assert_eq!(world.performed, ["one"], "two was not begun");
    shared.set_faults(Faults::default());
    drop(store);
    // The outcome of `one` was not recorded, so it is in doubt.
    let (mut store, mut world) = (shared, Script::default());
    assert_eq!(take_up(&program, &mut store, &mut world), Ok(Ending::Passed));
    assert_eq!(world.performed, ["two"]);
}

#[test]
fn what_runs_is_stopped_when_the_store_is_gone() {
    let (program, mut store, mut world) = (program(&["one"]), MemoryStore::default(), Script::hanging());
    start::prepare(&mut store, RUN, &who("alice"), &[]).unwrap();
    let shared = store.clone();
    let (mut run, _) = start::begin(&program, &mut store, &mut world, header()).unwrap();
    shared.set_faults(Faults { unavailable: 1.0, ..Faults::default() });
    assert!(matches!(run.drive(), Err(Stopped::Store(_))));
    drop(run);
    assert_eq!(world.cancelled, ["one#1"]);
}

proptest! {
    // Each case runs and resumes a whole run several times.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_store_does_no_write_is_repeated_or_lost(
        seed in any::<u64>(),
        unavailable in 0.0..0.2_f64,
        unknown_written in 0.0..0.3_f64,
        unknown_lost in 0.0..0.3_f64,
        torn in 0.0..0.2_f64,
    ) {
        let commands = ["one", "two", "three", "four"];
        let program = program(&commands);
        let mut store = MemoryStore::default();
        let mut world = Script::from_the_beginning();
        let shared = store.clone();
        let faults = Faults { seed, unavailable, unknown_written, unknown_lost, torn };
        start::prepare(&mut store, RUN, &who("alice"), &[]).unwrap();
        shared.set_faults(faults);
        let first = start::begin(&program, &mut store, &mut world, header()).and_then(|(mut run, _)| run.drive());
        drop(store);
        let mut ended = first;
        let mut rounds: u64 = 0;
        while ended != Ok(Ending::Passed) {
            rounds += 1;
            prop_assert!(rounds < 200);
            let mut store = shared.clone();
            if store.read(RUN, &mut |_| Ok(())).unwrap().head.n == 0 {
                // Nothing was recorded and so nothing was done: the run had not begun.
                prop_assert!(world.performed.is_empty());
                return Ok(());
            }
            if rebuilt(&program, &store).ended == Some(Ending::Passed) {
                // The last batch is there although the store never said so: there is nothing to go on with.
                break;
            }
            // Of what was begun and has no outcome, the one that really happened is known to the person who is asked.
            world.reopen();
            shared.set_faults(Faults { seed: seed.wrapping_add(rounds), ..faults });
            ended = take_up(&program, &mut store, &mut world);
        }
        prop_assert_eq!(&world.performed, &commands);
        let again = replay(&shared, RUN, &program, &mut Unseen).unwrap();
        prop_assert_eq!(again.ended, Some(Ending::Passed));
    }
}
