//! Journals as files: one folder a run, readable by its owner alone; [`share`] opens one to a group.
//!
//! ```text
//! STATE/runs/ID/journal.jsonl    the journal
//!               executor.lock    locked while a process executes the run; the kernel unlocks it when that process dies
//!               created          when the run was made, by the clock of the machine
//!               source/          the runbook exactly as executed; source.2/ after an accepted change
//!               scrapes/ artifacts/
//!               inbox/           answers and commands from other terminals; inbox/taken/ once they are journaled
//! STATE/locks/                   locks on targets, each a file that names the run that has it
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "this is where journals are files; nothing else in `journal` reaches the disk"
)]

mod artifacts;
mod disk;
pub mod evidence;
mod inbox;
mod locks;
pub mod share;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use self::artifacts::FileArtifacts;
use self::disk::{TO_READ, TO_SHARE, TO_WRITE, cannot, create_private_dir, new_whole_file, sync_dir};
use self::locks::FileTargets;
use self::share::SharedWith;
use super::codec::{self, DecodeError, Entry, Head, Stamped, Tail};
use super::problem::Problem;
use super::record::Record;
use super::store::{
    ARTIFACTS, Artifacts, Claimant, Delivery, Glance, Inbox, Posted, SCRAPES, SECRETS, SourceText, Store, StoreError,
    Targets,
};
use crate::diagnostic::Code;
use crate::text;

/// Journals as files.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    claimed: BTreeMap<String, Claimed>,
}

/// What the executor of a run holds open.
#[derive(Debug)]
struct Claimed {
    journal: File,
    /// Locked as long as it is open.
    _executor: File,
}

const JOURNAL: &str = "journal.jsonl";
const EXECUTOR: &str = "executor.lock";
const CREATED: &str = "created";

/// How often and how long a claim waits for a lock that is only looked at: `status` holds it for some microseconds.
const CLAIM_TRIES: u32 = 10;
const CLAIM_PAUSE: Duration = Duration::from_millis(10);

/// How much of a journal's end is read at first to find its last record; nearly all are far smaller.
const TAIL_BYTES: u64 = 64 * 1024;

impl FileStore {
    /// The store below a state folder, which is made where it is not there.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        for folder in [root.to_path_buf(), root.join("runs"), root.join("locks")] {
            create_private_dir(&folder).map_err(|error| StoreError::Fatal(cannot(TO_WRITE, &folder, &error)))?;
        }
        Ok(Self { root: root.to_path_buf(), claimed: BTreeMap::new() })
    }

    /// The folder of a run.
    pub fn folder(&self, run: &str) -> PathBuf {
        self.root.join("runs").join(run)
    }

    /// Opens a run to a group of users, who may then see it and answer.
    pub fn share(&self, run: &str, with: SharedWith) -> Result<(), StoreError> {
        let folder = self.folder(run);
        share::share(&self.root, &folder, with)?;
        let source = folder.join("source");
        share::share_source(&folder, &source).map_err(|error| StoreError::Fatal(cannot(TO_SHARE, &source, &error)))
    }

    /// The file that locks a target.
    pub fn lock_file(&self, target: &str) -> PathBuf {
        locks::path(&self.root, target)
    }

    fn journal_path(&self, run: &str) -> Result<PathBuf, StoreError> {
        let path = self.folder(run).join(JOURNAL);
        if path.is_file() { Ok(path) } else { Err(no_such_run(run)) }
    }

    fn fill(&self, run: &str) -> std::io::Result<()> {
        let folder = self.folder(run);
        for inner in ["source", "inbox", "inbox/taken", SCRAPES, ARTIFACTS] {
            create_private_dir(&folder.join(inner))?;
        }
        let now = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
        for (name, text) in [(EXECUTOR, String::new()), (CREATED, format!("{now}\n")), (JOURNAL, String::new())] {
            new_whole_file(&folder.join(name), text.as_bytes())?;
        }
        sync_dir(&folder)?;
        sync_dir(&self.root.join("runs"))
    }
}

impl Store for FileStore {
    fn create(&mut self, run: &str) -> Result<(), StoreError> {
        let folder = self.folder(run);
        let failed = |error| StoreError::Fatal(cannot(TO_WRITE, &folder, &error));
        if !create_private_dir(&folder).map_err(failed)? {
            return Err(StoreError::Fatal(Problem::has_run(run)));
        }
        self.fill(run).map_err(|error| {
            // A run that could not be begun leaves nothing behind; what cannot be removed holds no journal and is no run.
            let _ = fs::remove_dir_all(&folder);
            failed(error)
        })
    }

    fn read(&self, run: &str, give: &mut dyn FnMut(Entry) -> Result<(), Problem>) -> Result<Tail, StoreError> {
        let path = self.journal_path(run)?;
        let unreadable = |error: &std::io::Error| StoreError::Fatal(cannot(TO_READ, &path, error));
        let file = File::open(&path).map_err(|error| unreadable(&error))?;
        codec::decode(&mut BufReader::new(file), give).map_err(|error| match error {
            DecodeError::Io(error) => unreadable(&error),
            DecodeError::Problem(problem) => StoreError::Fatal(problem),
        })
    }

    fn append(&mut self, run: &str, head: Head, batch: &[Stamped]) -> Result<Head, StoreError> {
        let path = self.folder(run).join(JOURNAL);
        let journal = match self.claimed.get_mut(run) {
            Some(claimed) => &mut claimed.journal,
            None => return Err(StoreError::Fatal(not_claimed(run))),
        };
        let (bytes, next) = codec::encode(head, batch).map_err(StoreError::Fatal)?;
        let length = journal.metadata().map_err(|error| StoreError::Unavailable(cannot(TO_READ, &path, &error)))?.len();
        if length != head.bytes {
            let (path, expected) = (path.display(), head.bytes);
            let message = text!(
                "{path}: expected {expected} bytes, found {length}: another executor wrote",
                "{path}：应有 {expected} 字节，实际有 {length} 字节：有另一执行者写入"
            );
            return Err(StoreError::Fenced(Problem::new(Code::RB0906, message)));
        }
        let durable = |file: &mut File| {
            let lasting = batch.iter().any(|stamped| !matches!(stamped.record, Record::Started(_)));
            if lasting { file.sync_data() } else { Ok(()) }
        };
        let written = journal.seek(SeekFrom::Start(length)).and_then(|_| journal.write_all(&bytes));
        let error = match written.map(|()| durable(journal)) {
            Ok(Ok(())) => return Ok(next),
            // The bytes are there, whether they last is not known.
            Ok(Err(error)) => {
                return Err(undone(journal, length, StoreError::Unknown(cannot(TO_WRITE, &path, &error))));
            }
            Err(error) => error,
        };
        Err(undone(journal, length, StoreError::Unavailable(cannot(TO_WRITE, &path, &error))))
    }

    fn claim(&mut self, run: &str, who: &Claimant) -> Result<(), StoreError> {
        let path = self.journal_path(run)?;
        let lock_path = self.folder(run).join(EXECUTOR);
        let failed = |path: &Path, error: &std::io::Error| StoreError::Fatal(cannot(TO_WRITE, path, error));
        let mut executor = disk::open_private(&lock_path).map_err(|error| failed(&lock_path, &error))?;
        let mut tries = 1;
        loop {
            match executor.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < CLAIM_TRIES => {
                    tries += 1;
                    std::thread::sleep(CLAIM_PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Fatal(taken(run, read_claimant(&mut executor))));
                }
                Err(TryLockError::Error(error)) => return Err(failed(&lock_path, &error)),
            }
        }
        let tail = self.read(run, &mut |_| Ok(()))?;
        let mut journal = disk::open_private(&path).map_err(|error| failed(&path, &error))?;
        if tail.torn_bytes > 0 {
            journal
                .set_len(tail.head.bytes)
                .and_then(|()| journal.sync_all())
                .map_err(|error| failed(&path, &error))?;
        }
        let text = serde_json::to_vec(who).unwrap_or_default();
        executor
            .set_len(0)
            .and_then(|()| executor.rewind())
            .and_then(|()| executor.write_all(&text))
            .map_err(|error| failed(&lock_path, &error))?;
        journal.seek(SeekFrom::End(0)).map_err(|error| failed(&path, &error))?;
        self.claimed.insert(run.to_owned(), Claimed { journal, _executor: executor });
        Ok(())
    }

    fn renew(&mut self, run: &str) -> Result<(), StoreError> {
        // The lock is the kernel's and does not run out.
        if self.claimed.contains_key(run) { Ok(()) } else { Err(StoreError::Fatal(not_claimed(run))) }
    }

    fn release(&mut self, run: &str) -> Result<(), StoreError> {
        self.claimed.remove(run);
        Ok(())
    }

    fn executor(&self, run: &str) -> Result<Option<Claimant>, StoreError> {
        self.journal_path(run)?;
        let path = self.folder(run).join(EXECUTOR);
        let unreadable = |error: &std::io::Error| StoreError::Fatal(cannot(TO_READ, &path, error));
        let mut file = match File::open(&path) {
            Ok(file) => file,
            // A run that was brought here without it, such as from a backup: nobody holds what is not there.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_claimant(&mut file).unwrap_or_else(|| Claimant {
                user: "unknown".to_owned(),
                hostname: "unknown".to_owned(),
                pid: 0,
                since: Timestamp::UNIX_EPOCH,
            }))),
            Err(TryLockError::Error(error)) => Err(unreadable(&error)),
        }
    }

    fn targets(&self) -> Arc<dyn Targets> {
        Arc::new(FileTargets::new(&self.root))
    }

    fn post(&self, run: &str, posted: &Posted) -> Result<Delivery, StoreError> {
        self.journal_path(run)?;
        inbox::post(&self.folder(run), posted)
    }

    fn inbox(&self, run: &str) -> Box<dyn Inbox> {
        Box::new(inbox::FileInbox::new(&self.folder(run)))
    }

    fn artifacts(&self, run: &str) -> Arc<dyn Artifacts> {
        Arc::new(FileArtifacts::new(self.folder(run)))
    }

    fn keep_source(&mut self, run: &str, folder: &str, files: &[SourceText]) -> Result<(), StoreError> {
        let root = self.folder(run).join(folder);
        for file in files {
            let path = root.join(inside(&file.path)?);
            disk::write_source(&root, &path, &file.bytes)
                .map_err(|error| StoreError::Fatal(cannot(TO_WRITE, &path, &error)))?;
        }
        let run = self.folder(run);
        let opened = if folder == SECRETS { Ok(()) } else { share::share_source(&run, &root) };
        opened.and_then(|()| sync_dir(&run)).map_err(|error| StoreError::Fatal(cannot(TO_WRITE, &root, &error)))
    }

    fn source(&self, run: &str, folder: &str, path: &str) -> Result<Vec<u8>, StoreError> {
        self.journal_path(run)?;
        let path = self.folder(run).join(folder).join(inside(path)?);
        fs::read(&path).map_err(|error| StoreError::Fatal(cannot(TO_READ, &path, &error)))
    }

    fn runs(&self) -> Result<Vec<String>, StoreError> {
        let folder = self.root.join("runs");
        let unreadable = |error: &std::io::Error| StoreError::Fatal(cannot(TO_READ, &folder, error));
        let mut runs = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|error| unreadable(&error))? {
            let entry = entry.map_err(|error| unreadable(&error))?;
            let Some(run) = entry.file_name().to_str().map(str::to_owned) else { continue };
            // One that was prepared and never begun is no run: its journal is empty, and nothing was done.
            if fs::metadata(entry.path().join(JOURNAL)).is_ok_and(|there| there.is_file() && there.len() > 0) {
                let created = fs::read_to_string(entry.path().join(CREATED)).unwrap_or_default();
                let created = created.trim().parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
                runs.push((created, run));
            }
        }
        runs.sort();
        Ok(runs.into_iter().map(|(_, run)| run).collect())
    }

    fn glance(&self, run: &str) -> Result<Glance, StoreError> {
        let path = self.journal_path(run)?;
        let unreadable = |error: &std::io::Error| StoreError::Fatal(cannot(TO_READ, &path, error));
        let file = File::open(&path).map_err(|error| unreadable(&error))?;
        let length = file.metadata().map_err(|error| unreadable(&error))?.len();
        let first = codec::first(&mut BufReader::new(&file)).map_err(|error| match error {
            DecodeError::Io(error) => unreadable(&error),
            DecodeError::Problem(problem) => StoreError::Fatal(problem),
        })?;
        let Record::Header(header) = first.record else {
            return Err(StoreError::Fatal(Problem::no_header(run)));
        };
        let mut window = TAIL_BYTES;
        let last = loop {
            let from = length.saturating_sub(window);
            let mut tail = Vec::new();
            let mut file = &file;
            file.seek(SeekFrom::Start(from))
                .and_then(|_| file.take(length - from).read_to_end(&mut tail))
                .map_err(|error| unreadable(&error))?;
            match codec::last(&tail, from == 0) {
                Some(last) => break last.map_err(StoreError::Fatal)?,
                None if from == 0 => break Entry { n: 1, at: first.at, record: Record::Header(header.clone()) },
                None => window *= 2,
            }
        };
        let ending = match last.record {
            Record::End(end) => Some(end.ending),
            Record::Header(_)
            | Record::Intent(_)
            | Record::Started(_)
            | Record::Outcome(_)
            | Record::Input(_)
            | Record::Takeover(_) => None,
        };
        Ok(Glance { header: *header, last_at: last.at, ending, executor: self.executor(run)? })
    }
}

/// Takes the bytes of a failed write away again. Where that fails too they are a batch without its end, or one of which
/// nobody knows whether it lasts.
fn undone(journal: &mut File, length: u64, error: StoreError) -> StoreError {
    match (journal.set_len(length), error) {
        (Err(_), StoreError::Unavailable(problem)) => StoreError::Unknown(problem),
        (_, error) => error,
    }
}

fn inside(path: &str) -> Result<PathBuf, StoreError> {
    let path = Path::new(path);
    let sound = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if sound {
        Ok(path.to_path_buf())
    } else {
        let message = text!(
            "{}: a file that belongs to a runbook lies in its folder or below",
            "{}：runbook 所用的文件必须位于其文件夹之内",
            path.display()
        );
        Err(StoreError::Fatal(Problem::new(Code::RB0908, message)))
    }
}

fn read_claimant(file: &mut File) -> Option<Claimant> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn no_such_run(run: &str) -> StoreError {
    StoreError::Fatal(Problem::no_run(run).help_to_find())
}

fn not_claimed(run: &str) -> Problem {
    Problem::new(Code::RB0906, text!("this process does not execute run {run}", "本进程不是运行 {run} 的执行者"))
}

fn taken(run: &str, by: Option<Claimant>) -> Problem {
    let who = by.map_or_else(
        || text!("another process", "另一进程"),
        |by| {
            let Claimant { user, hostname, pid, since } = by;
            text!(
                "{user} on {hostname} (process {pid}, since {since})",
                "{hostname} 上的 {user}（进程 {pid}，始于 {since}）"
            )
        },
    );
    Problem::new(Code::RB0906, text!("run {} is executed by {}", "运行 {} 正由{}执行", run, who)).help(text!(
        "`runbook attach {run}` joins it; `runbook suspend {run}` ends it so that it can be resumed here",
        "`runbook attach {run}` 可加入；`runbook suspend {run}` 可将其挂起，以便在此处继续"
    ))
}

#[cfg(test)]
mod tests;
