//! Journals in memory, with faults on demand: for rehearsals and simulation tests, and for programs that embed the
//! interpreter without a disk. Handles of one store share it; what a handle has claimed is free again when it is dropped,
//! as a lock of the file store is when its process dies.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::canonical::sha256_hex;
use super::codec::{self, DecodeError, Entry, Head, Stamped, Tail};
use super::names::file_name;
use super::posts;
use super::problem::Problem;
use super::record::Record;
use super::store::{
    ArtifactWriter, Artifacts, Claimant, Delivery, Glance, Holder, Inbox, Locked, Posted, SourceText, Store,
    StoreError, Targets,
};
use crate::diagnostic::Code;
use crate::engine::input::Artifact;
use crate::text;
use crate::text::Text;

/// Probabilities of faults, 0 to 1; all zero by default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// The seed from which they are drawn.
    pub seed: u64,
    /// An append is refused and nothing is written.
    pub unavailable: f64,
    /// An append is answered with `Unknown` and was written.
    pub unknown_written: f64,
    /// An append is answered with `Unknown` and was not written.
    pub unknown_lost: f64,
    /// An append is written in part: the next claim cuts it.
    pub torn: f64,
}

#[derive(Debug, Default)]
struct Run {
    journal: Vec<u8>,
    executor: Option<Claimant>,
    files: BTreeMap<String, Vec<u8>>,
    inbox: BTreeMap<String, Posted>,
    taken: BTreeMap<String, Posted>,
}

#[derive(Debug, Default)]
struct Shared {
    runs: BTreeMap<String, Run>,
    order: Vec<String>,
    locks: BTreeMap<String, Holder>,
    faults: Faults,
    drawn: u64,
}

type Handle = Arc<Mutex<Shared>>;

/// Journals in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    shared: Handle,
    claimed: BTreeSet<String>,
}

/// Clones share the store and have claimed nothing.
impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), claimed: BTreeSet::new() }
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        let mut shared = open(&self.shared);
        for run in &self.claimed {
            if let Some(run) = shared.runs.get_mut(run) {
                run.executor = None;
            }
        }
    }
}

fn open(shared: &Handle) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryStore {
    /// Faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        let mut shared = open(&self.shared);
        shared.faults = faults;
        shared.drawn = 0;
    }

    /// The bytes of a run's journal as they lie there.
    pub fn journal(&self, run: &str) -> Option<Vec<u8>> {
        open(&self.shared).runs.get(run).map(|run| run.journal.clone())
    }

    /// Puts these bytes in the place of a run's journal: to continue from any moment of another run.
    pub fn set_journal(&self, run: &str, bytes: Vec<u8>) {
        let mut shared = open(&self.shared);
        if !shared.runs.contains_key(run) {
            shared.order.push(run.to_owned());
        }
        shared.runs.entry(run.to_owned()).or_default().journal = bytes;
    }
}

impl Shared {
    fn run(&mut self, run: &str) -> Result<&mut Run, StoreError> {
        self.runs.get_mut(run).ok_or_else(|| StoreError::Fatal(Problem::no_run(run)))
    }

    /// Draws a number from 0 to 1 by the `SplitMix64` sequence of the seed.
    fn draw(&mut self) -> f64 {
        self.drawn += 1;
        let mut z = self.faults.seed.wrapping_add(self.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn fault(what: &str) -> Problem {
    Problem::new(Code::RB0908, text!("the store in memory was told to fail: {what}", "内存存储按要求失败：{what}"))
}

impl Store for MemoryStore {
    fn create(&mut self, run: &str) -> Result<(), StoreError> {
        let mut shared = open(&self.shared);
        if shared.runs.contains_key(run) {
            return Err(StoreError::Fatal(Problem::has_run(run)));
        }
        shared.runs.insert(run.to_owned(), Run::default());
        shared.order.push(run.to_owned());
        Ok(())
    }

    fn read(&self, run: &str, give: &mut dyn FnMut(Entry) -> Result<(), Problem>) -> Result<Tail, StoreError> {
        let bytes = open(&self.shared).run(run)?.journal.clone();
        codec::decode(&mut bytes.as_slice(), give).map_err(|error| match error {
            DecodeError::Io(error) => {
                StoreError::Unavailable(Problem::new(Code::RB0908, Text::verbatim(error.to_string())))
            }
            DecodeError::Problem(problem) => StoreError::Fatal(problem),
        })
    }

    fn append(&mut self, run: &str, head: Head, batch: &[Stamped]) -> Result<Head, StoreError> {
        self.renew(run)?;
        let (bytes, next) = codec::encode(head, batch).map_err(StoreError::Fatal)?;
        let mut shared = open(&self.shared);
        let (drawn, faults) = (shared.draw(), shared.faults);
        let journal = &mut shared.run(run)?.journal;
        if journal.len() as u64 != head.bytes {
            let (expected, found) = (head.bytes, journal.len());
            let message =
                text!("expected {expected} bytes, found {found}", "应有 {expected} 字节，实际有 {found} 字节");
            return Err(StoreError::Fenced(Problem::new(Code::RB0906, message)));
        }
        let mut bound = faults.unavailable;
        if drawn < bound {
            return Err(StoreError::Unavailable(fault("unavailable")));
        }
        bound += faults.unknown_lost;
        if drawn < bound {
            return Err(StoreError::Unknown(fault("unknown")));
        }
        bound += faults.torn;
        if drawn < bound {
            journal.extend(bytes.iter().take(bytes.len() / 2));
            return Err(StoreError::Fatal(fault("torn")));
        }
        journal.extend(bytes);
        bound += faults.unknown_written;
        if drawn < bound { Err(StoreError::Unknown(fault("unknown"))) } else { Ok(next) }
    }

    fn claim(&mut self, run: &str, who: &Claimant) -> Result<(), StoreError> {
        let tail = self.read(run, &mut |_| Ok(()))?;
        let mut shared = open(&self.shared);
        let there = shared.run(run)?;
        if let Some(by) = &there.executor {
            let message =
                text!("run {} is executed by {} on {}", "运行 {0} 正由 {2} 上的 {1} 执行", run, by.user, by.hostname);
            return Err(StoreError::Fatal(Problem::new(Code::RB0906, message)));
        }
        let whole = there.journal.len().saturating_sub(usize::try_from(tail.torn_bytes).unwrap_or(0));
        there.journal.truncate(whole);
        there.executor = Some(who.clone());
        self.claimed.insert(run.to_owned());
        Ok(())
    }

    fn renew(&mut self, run: &str) -> Result<(), StoreError> {
        if self.claimed.contains(run) {
            Ok(())
        } else {
            let message = text!("this handle does not execute run {run}", "该句柄不是运行 {run} 的执行者");
            Err(StoreError::Fatal(Problem::new(Code::RB0906, message)))
        }
    }

    fn release(&mut self, run: &str) -> Result<(), StoreError> {
        if self.claimed.remove(run) {
            open(&self.shared).run(run)?.executor = None;
        }
        Ok(())
    }

    fn executor(&self, run: &str) -> Result<Option<Claimant>, StoreError> {
        Ok(open(&self.shared).run(run)?.executor.clone())
    }

    fn targets(&self) -> Arc<dyn Targets> {
        Arc::new(MemoryTargets(Arc::clone(&self.shared)))
    }

    fn post(&self, run: &str, posted: &Posted) -> Result<Delivery, StoreError> {
        let mut shared = open(&self.shared);
        let there = shared.run(run)?;
        let name = posts::name(&posted.post);
        let taken = there.taken.get(&name).filter(|first| posts::is_same_question(first, posted));
        let waits = there.inbox.get(&name).filter(|first| !posts::is_other_question(first, posted));
        if let Some(first) = taken.or(waits) {
            return Ok(Delivery::Already(first.clone()));
        }
        there.inbox.insert(name, posted.clone());
        Ok(Delivery::Done)
    }

    fn inbox(&self, run: &str) -> Box<dyn Inbox> {
        Box::new(MemoryInbox { shared: Arc::clone(&self.shared), run: run.to_owned(), given: BTreeMap::new() })
    }

    fn artifacts(&self, run: &str) -> Arc<dyn Artifacts> {
        Arc::new(MemoryArtifacts { shared: Arc::clone(&self.shared), run: run.to_owned() })
    }

    fn keep_source(&mut self, run: &str, folder: &str, files: &[SourceText]) -> Result<(), StoreError> {
        let mut shared = open(&self.shared);
        let there = shared.run(run)?;
        there.files.extend(files.iter().map(|file| (format!("{folder}/{}", file.path), file.bytes.clone())));
        Ok(())
    }

    fn source(&self, run: &str, folder: &str, path: &str) -> Result<Vec<u8>, StoreError> {
        let name = format!("{folder}/{path}");
        let missing = || StoreError::Fatal(Problem::new(Code::RB0908, text!("{name} is not there", "{name} 不存在")));
        open(&self.shared).run(run)?.files.get(&name).cloned().ok_or_else(missing)
    }

    fn runs(&self) -> Result<Vec<String>, StoreError> {
        Ok(open(&self.shared).order.clone())
    }

    fn glance(&self, run: &str) -> Result<Glance, StoreError> {
        let (mut header, mut last) = (None, None);
        self.read(run, &mut |entry| {
            match entry.record {
                Record::Header(first) => {
                    header = Some(first);
                    last = Some((entry.at, None));
                }
                Record::End(end) => last = Some((entry.at, Some(end.ending))),
                Record::Intent(_)
                | Record::Started(_)
                | Record::Outcome(_)
                | Record::Input(_)
                | Record::Takeover(_) => last = Some((entry.at, None)),
            }
            Ok(())
        })?;
        let (Some(header), Some((last_at, ending))) = (header, last) else {
            return Err(StoreError::Fatal(Problem::no_header(run)));
        };
        Ok(Glance { header: *header, last_at, ending, executor: self.executor(run)? })
    }
}

struct MemoryTargets(Handle);

impl Targets for MemoryTargets {
    fn lock(&self, target: &str, holder: &Holder) -> Result<Locked, StoreError> {
        let mut shared = open(&self.0);
        let there = shared.locks.entry(target.to_owned()).or_insert_with(|| holder.clone());
        Ok(if there.run == holder.run { Locked::Yes } else { Locked::Busy(there.clone()) })
    }

    fn unlock(&self, target: &str, run: &str) -> Result<(), StoreError> {
        let mut shared = open(&self.0);
        if shared.locks.get(target).is_some_and(|holder| holder.run == run) {
            shared.locks.remove(target);
        }
        Ok(())
    }
}

struct MemoryInbox {
    shared: Handle,
    run: String,
    given: BTreeMap<String, Posted>,
}

impl Inbox for MemoryInbox {
    fn take(&mut self) -> Result<Vec<(String, Posted)>, StoreError> {
        let mut shared = open(&self.shared);
        let found = &shared.run(&self.run)?.inbox;
        let mut found: Vec<(String, Posted)> = found
            .iter()
            .filter(|(name, posted)| self.given.get(*name) != Some(*posted))
            .map(|(n, p)| (n.clone(), p.clone()))
            .collect();
        found.sort_by_key(|(_, posted)| posted.at);
        self.given.extend(found.iter().cloned());
        Ok(found)
    }

    fn settle(&mut self, name: &str) -> Result<(), StoreError> {
        let mut shared = open(&self.shared);
        let there = shared.run(&self.run)?;
        if let Some(posted) = there.inbox.remove(name) {
            there.taken.insert(name.to_owned(), posted);
        }
        self.given.remove(name);
        Ok(())
    }
}

struct MemoryArtifacts {
    shared: Handle,
    run: String,
}

impl Artifacts for MemoryArtifacts {
    fn create(&self, folder: &str, name: &str) -> io::Result<Box<dyn ArtifactWriter>> {
        let (shared, run, name) = (Arc::clone(&self.shared), self.run.clone(), file_name(name));
        Ok(Box::new(MemoryArtifact { shared, run, folder: folder.to_owned(), name, bytes: Vec::new() }))
    }

    fn read(&self, artifact: &Artifact) -> io::Result<Vec<u8>> {
        let mut shared = open(&self.shared);
        let bytes = shared.run(&self.run).map_err(io::Error::other)?.files.get(&artifact.path);
        match bytes {
            Some(bytes) if sha256_hex(bytes) == artifact.sha256 => Ok(bytes.clone()),
            Some(_) | None => {
                let message = text!("{} is missing or not as it was written", "{} 缺失或与写入时不一致", artifact.path);
                Err(io::Error::new(io::ErrorKind::InvalidData, Problem::new(Code::RB0909, message)))
            }
        }
    }
}

struct MemoryArtifact {
    shared: Handle,
    run: String,
    folder: String,
    name: String,
    bytes: Vec<u8>,
}

impl io::Write for MemoryArtifact {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ArtifactWriter for MemoryArtifact {
    fn finish(self: Box<Self>) -> io::Result<Artifact> {
        let mut shared = open(&self.shared);
        let files = &mut shared.run(&self.run).map_err(io::Error::other)?.files;
        let mut path = format!("{}/{}", self.folder, self.name);
        let mut number = 1;
        while files.contains_key(&path) {
            number += 1;
            path = format!("{}/{number}.{}", self.folder, self.name);
        }
        let artifact = Artifact { path: path.clone(), sha256: sha256_hex(&self.bytes), bytes: self.bytes.len() as u64 };
        files.insert(path, self.bytes);
        Ok(artifact)
    }
}
