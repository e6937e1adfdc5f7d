//! A new run: its id, its place in the store, its first batch.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::intent::Statements;
use super::ledger::Ledger;
use super::{Run, Stopped};
use crate::check::program::Program;
use crate::engine::State;
use crate::engine::action::Ending;
use crate::engine::input::Event;
use crate::engine::world::World;
use crate::journal::codec::{Head, Stamped};
use crate::journal::convert;
use crate::journal::record::{FORMAT, Header, Record};
use crate::journal::store::{Claimant, SourceText, Store, StoreError};

/// `20251118-0900-phase5-k3f9`: the local time of the beginning, the runbook, and 20 bits of chance as base32, so that
/// two runs of a minute differ.
pub fn run_id(at: Timestamp, zone: &TimeZone, runbook: &str, chance: u32) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let local = zone.to_datetime(at).strftime("%Y%m%d-%H%M").to_string();
    let chance: String = (0..4)
        .filter_map(|place| DIGITS.get((chance >> (5 * place)) as usize & 31).map(|digit| char::from(*digit)))
        .collect();
    format!("{local}-{runbook}-{chance}")
}

/// The header of a run of a runbook that needs nothing from outside: no parameters, no secrets, no environment. For whoever
/// embeds the interpreter.
pub fn header(run: &str, program: &Program, who: &Claimant) -> Header {
    Header {
        format: FORMAT,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.to_owned(),
        digest: program.digest.clone(),
        runbook: program.name.clone(),
        title: program.name.clone(),
        file: String::new(),
        sources: Vec::new(),
        params: BTreeMap::new(),
        secrets: BTreeSet::new(),
        environment: None,
        zone: program.timezone.clone(),
        language: "en".to_owned(),
        working_dir: String::new(),
        simulation: None,
        started_at: who.since,
        executor: who.user.clone(),
        hostname: who.hostname.clone(),
        from: None,
        step: false,
    }
}

/// Makes the place of a run, claims it, keeps what it is made from. An error leaves nothing that could be resumed.
pub fn prepare(store: &mut dyn Store, run: &str, who: &Claimant, sources: &[SourceText]) -> Result<(), StoreError> {
    store.create(run)?;
    store.claim(run, who)?;
    store.keep_source(run, "source", sources)
}

/// Begins a run that was prepared: header and first intents are durable before anything of it is performed. Some ending:
/// it was over at once.
pub fn begin<'a>(
    program: &'a Program,
    store: &'a mut dyn Store,
    world: &'a mut dyn World,
    header: Header,
) -> Result<(Run<'a>, Option<Ending>), Stopped> {
    let at = header.started_at;
    let mut run = Run {
        program,
        world,
        ledger: Ledger::new(store, &header.run, Head::default()),
        statements: Statements::of(program),
        state: State::new(program),
        last: at,
        open: BTreeMap::new(),
    };
    let begin = convert::begin(&header);
    let first = Stamped { at, record: Record::Header(Box::new(header)) };
    let ending = run.learn(vec![first], at, Event::Begin(begin))?;
    Ok((run, ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_local_time_the_runbook_and_some_chance() {
        let at: Timestamp = "2025-11-18T01:00:59Z".parse().unwrap();
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(run_id(at, &shanghai, "phase5", 0), "20251118-0900-phase5-aaaa");
        assert_eq!(run_id(at, &TimeZone::UTC, "phase5", u32::MAX), "20251118-0100-phase5-7777");
        assert_ne!(run_id(at, &shanghai, "phase5", 1), run_id(at, &shanghai, "phase5", 2));
    }
}
