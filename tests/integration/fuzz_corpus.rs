//! What the fuzzer has found and what it begins with holds what must hold for any input: the corpus of `fuzz/`, without the
//! fuzzer. Its invariants are used by the property tests too.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::program::repository;

#[path = "../../fuzz/invariants/mod.rs"]
pub(crate) mod invariants;

/// All of it, so that a clone stays small.
const MAX_CORPUS_BYTES: u64 = 1 << 20;

#[test]
fn every_input_of_the_corpus_holds() {
    let corpus = repository().join("fuzz/corpus");
    let mut broken = Vec::new();
    let mut bytes = 0;
    for (target, holds) in invariants::TARGETS {
        let mut files: Vec<_> = fs::read_dir(corpus.join(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{target} has no corpus");
        for file in files {
            let input = fs::read(&file).unwrap();
            bytes += input.len() as u64;
            // All are tried, so that one broken input does not hide another; each panic has said what is wrong.
            if catch_unwind(AssertUnwindSafe(|| holds(&input))).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(bytes < MAX_CORPUS_BYTES, "the corpus has {bytes} bytes: merge it, see fuzz/run");
}

#[test]
fn every_folder_of_the_corpus_is_a_targets() {
    let mut folders: Vec<String> = fs::read_dir(repository().join("fuzz/corpus"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, invariants::TARGETS.map(|(target, _)| target));
}
