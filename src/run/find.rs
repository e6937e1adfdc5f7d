//! Which run is meant, and what it was made from.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::engine::input::Artifact;
use crate::journal::convert;
use crate::journal::problem::Problem;
use crate::journal::record::{Ending, Header, Record};
use crate::journal::store::{Store, StoreError};
use crate::text;

/// How many ids a message about an ambiguous one lists.
const MAX_LISTED: usize = 5;

/// The run that is meant: an id, a beginning that only one id has, or `last`.
pub fn find(store: &dyn Store, wanted: &str) -> Result<String, StoreError> {
    let runs = store.runs()?;
    let none = |problem: Problem| StoreError::Fatal(problem.help_to_find());
    if wanted == "last" {
        // One that was refused did nothing, and is not what anybody wants to go on with.
        let ran = |run: &&String| !store.glance(run).is_ok_and(|seen| seen.ending == Some(Ending::Refused));
        let meant = runs.iter().rev().find(ran).or(runs.last());
        return meant
            .cloned()
            .ok_or_else(|| none(Problem::new(Code::RB0905, text!("there is no run yet", "还没有任何运行"))));
    }
    if runs.iter().any(|run| run == wanted) {
        return Ok(wanted.to_owned());
    }
    let meant: Vec<&String> = runs.iter().filter(|run| !wanted.is_empty() && run.starts_with(wanted)).collect();
    match meant.as_slice() {
        [] => Err(none(Problem::no_run(wanted))),
        [one] => Ok((*one).clone()),
        several => {
            let listed: Vec<&str> = several.iter().take(MAX_LISTED).map(|run| run.as_str()).collect();
            let more = if several.len() > MAX_LISTED { ", …" } else { "" };
            let listed = listed.join(", ");
            let count = several.len();
            let message = text!(
                "{wanted} is the beginning of {count} runs: {listed}{more}",
                "有 {count} 个运行以 {wanted} 开头：{listed}{more}"
            );
            Err(none(Problem::new(Code::RB0905, message)))
        }
    }
}

/// What a run was made from and what it did, read without the engine.
pub struct Outline {
    /// With what it began.
    pub header: Header,
    /// Folder of the run that holds the runbook that is in force: `source`, or the one of the last accepted change.
    pub source: String,
    /// SHA-256 in hex of that runbook file.
    pub digest: String,
    /// Version of the tool that accepted that runbook.
    pub tool: String,
    /// Number of accepted changes.
    pub changes: u32,
    /// Digest of each statement that has begun an effect, by its key.
    pub done: BTreeMap<String, String>,
}

/// The files beside a run's journal that its records name, in order of path.
pub fn artifacts(store: &dyn Store, run: &str) -> Result<Vec<Artifact>, StoreError> {
    let mut found = BTreeMap::new();
    store.read(run, &mut |entry| {
        if let Record::Outcome(outcome) = &entry.record {
            for artifact in outcome.data.artifacts() {
                found.insert(artifact.path.clone(), convert::artifact_back(artifact));
            }
        }
        Ok(())
    })?;
    Ok(found.into_values().collect())
}

/// Reads the outline of a run.
pub fn outline(store: &dyn Store, run: &str) -> Result<Outline, StoreError> {
    let mut outline: Option<Outline> = None;
    store.read(run, &mut |entry| {
        match (entry.record, &mut outline) {
            (Record::Header(header), none) => {
                let digest = header.digest.clone();
                let source = "source".to_owned();
                let tool = header.tool.clone();
                *none = Some(Outline { header: *header, source, digest, tool, changes: 0, done: BTreeMap::new() });
            }
            (Record::Takeover(takeover), Some(outline)) => {
                outline.changes += u32::from(takeover.source != outline.source);
                outline.source = takeover.source;
                outline.tool = takeover.tool;
                outline.digest = takeover.digest;
            }
            (Record::Intent(intent), Some(outline)) => {
                let intent = *intent;
                outline.done.extend(intent.node.map(|digest| (intent.key, digest)));
            }
            (
                Record::Takeover(_)
                | Record::Intent(_)
                | Record::Started(_)
                | Record::Outcome(_)
                | Record::Input(_)
                | Record::End(_),
                _,
            ) => {}
        }
        Ok(())
    })?;
    outline.ok_or_else(|| {
        StoreError::Fatal(Problem::new(
            Code::RB0905,
            text!("{run}: nothing was recorded: it had not begun", "{run}：没有任何记录：它尚未开始"),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::memory_store::MemoryStore;

    fn store(runs: &[&str]) -> MemoryStore {
        let mut store = MemoryStore::default();
        for run in runs {
            store.create(run).unwrap();
        }
        store
    }

    fn refused(store: &MemoryStore, wanted: &str) -> String {
        find(store, wanted).unwrap_err().problem().message.en.clone()
    }

    #[test]
    fn a_run_is_meant_by_its_id_a_beginning_that_is_its_own_or_as_the_last() {
        let store = store(&["20251118-0900-a-aaaa", "20251118-0900-a-aaaab", "20251118-0901-b-bbbb"]);
        assert_eq!(find(&store, "20251118-0901").unwrap(), "20251118-0901-b-bbbb");
        assert_eq!(find(&store, "last").unwrap(), "20251118-0901-b-bbbb");
        // The whole of an id means that run, also where it begins another one's.
        assert_eq!(find(&store, "20251118-0900-a-aaaa").unwrap(), "20251118-0900-a-aaaa");
    }

    #[test]
    fn what_means_no_run_or_several_is_refused_with_what_there_is() {
        let store = store(&["20251118-0900-a-aaaa", "20251118-0900-a-bbbb"]);
        let several = refused(&store, "20251118-0900");
        assert_eq!(several, "20251118-0900 is the beginning of 2 runs: 20251118-0900-a-aaaa, 20251118-0900-a-bbbb");
        assert_eq!(refused(&store, "2024"), "there is no run 2024");
        assert_eq!(refused(&store, ""), "there is no run ");
        assert_eq!(refused(&MemoryStore::default(), "last"), "there is no run yet");
        let many: Vec<String> = (0..9).map(|n| format!("20251118-0900-a-aaa{n}")).collect();
        let many = self::store(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let said = refused(&many, "2025");
        assert!(said.starts_with("2025 is the beginning of 9 runs: ") && said.ends_with("-aaa4, …"), "{said}");
    }
}
