//! Journals: whatever stands in one is read up to its last whole batch or refused, what an interrupted write left is cut, and
//! writing goes on there. A run is rebuilt from what verifies, or its journal is refused.
//!
//! No chance finds a SHA-256, so the bytes are also taken as the beginnings of lines, `{"n":1,…,"record":{…}`, without what
//! seals them; the first line says after how many bytes the sealed journal is cut.

use runbook::check::program::Program;
use runbook::check::{NoTemplates, check};
use runbook::journal::canonical::{hex, sha256_hex};
use runbook::journal::codec::{DecodeError, Entry, Head, Stamped, Tail, decode, encode};
use runbook::journal::memory_store::MemoryStore;
use runbook::journal::problem::Problem;
use runbook::journal::record::{End, Ending, Record};
use runbook::run::replay::{Unseen, replay};

/// The runbook of the journal that is kept of form 1.
const KEPT: &str = include_str!("../../tests/journals/v1/20261126-0730-kept-4rvw/source/kept.rb");

pub(crate) fn holds(bytes: &[u8]) {
    thread_local! {
        static PROGRAM: Program = check(KEPT, &NoTemplates).program.expect("a runbook without errors");
    }
    is_recovered(bytes);
    let (first, lines) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    let sealed = seal(lines);
    is_recovered(&sealed);
    let cut: usize = std::str::from_utf8(first).ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
    let cut = &sealed[..cut.min(sealed.len())];
    if let Ok((all, _)) = read(&sealed) {
        let (kept, tail) = read(cut).expect("a cut journal is what an interrupted write leaves");
        assert_eq!(kept, all[..kept.len()], "what was durable stays as it was");
        assert!(tail.head.bytes <= cut.len() as u64);
    }
    is_recovered(cut);
    let store = MemoryStore::default();
    store.set_journal("run", cut.to_vec());
    if let Ok(run) = PROGRAM.with(|program| replay(&store, "run", program, &mut Unseen)) {
        let (_, tail) = read(cut).expect("it was just read");
        assert_eq!(run.head, tail.head);
    }
}

/// What is read is all but what is to be cut, and a record that is written behind it is read with it.
fn is_recovered(bytes: &[u8]) {
    let Ok((entries, tail)) = read(bytes) else { return };
    assert_eq!(tail.head.bytes + tail.torn_bytes, bytes.len() as u64);
    let whole = usize::try_from(tail.head.bytes).expect("shorter than memory");
    let mut whole = bytes[..whole].to_vec();
    assert_eq!(read(&whole).expect("a part that was read"), (entries.clone(), Tail { torn_bytes: 0, ..tail }));
    let Some(last) = entries.last() else { return };
    let end = Stamped { at: last.at, record: Record::End(End { ending: Ending::Aborted }) };
    let (more, head) = encode(tail.head, &[end]).expect("an end can be written");
    whole.extend(more);
    let (again, tail) = read(&whole).expect("a journal that goes on");
    assert_eq!((again.len(), tail), (entries.len() + 1, Tail { head, torn_bytes: 0 }));
}

fn read(mut bytes: &[u8]) -> Result<(Vec<Entry>, Tail), Problem> {
    let mut entries = Vec::new();
    let give = &mut |entry| {
        entries.push(entry);
        Ok(())
    };
    match decode(&mut bytes, give) {
        Ok(tail) => Ok((entries, tail)),
        Err(DecodeError::Problem(problem)) => Err(problem),
        Err(DecodeError::Io(error)) => panic!("memory can be read: {error}"),
    }
}

/// Chains the lines by the hashes that they would have been written with.
fn seal(lines: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    let mut before = hex(&Head::default().hash);
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut text = line.to_vec();
        text.extend_from_slice(format!(",\"prev\":\"{before}\"").as_bytes());
        before = sha256_hex(&text);
        text.extend_from_slice(format!(",\"hash\":\"{before}\"}}\n").as_bytes());
        sealed.append(&mut text);
    }
    sealed
}
