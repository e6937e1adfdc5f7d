//! What the tests of the real drivers share: a folder, a store, and a channel that is read with a bound.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use jiff::SignedDuration;
use runbook::check::program::Class;
use runbook::drivers::Clock;
use runbook::drivers::real::clock::SystemClock;
use runbook::drivers::reply::{Message, News, Reply, Sending, channel_of_news};
use runbook::drivers::secrets::Secrets;
use runbook::engine::action::{ActionId, Effect, Start, Words};
use runbook::engine::input::{Artifact, Failure, FailureKind, Outcome};
use runbook::engine::world::{Happening, Process};
use runbook::journal::file_store::FileStore;
use runbook::journal::store::{Artifacts, Store};
use tempfile::TempDir;

/// A test that waits longer than this has hung.
/// What a test that starts a process in a session of its own puts into its environment (a name and a value): else a shell
/// driver of another test, which lives in the same process, takes it for a runaway of its command.
pub(crate) const NO_RUNAWAY: (&str, &str) = ("RUNBOOK_EFFECT", "started by a test");

pub(crate) const HANG: Duration = Duration::from_mins(1);

pub(crate) struct Bench {
    root: TempDir,
    pub(crate) run: String,
    pub(crate) artifacts: Arc<dyn Artifacts>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secrets: Secrets,
    pub(crate) sending: Sending,
    inbox: Receiver<Message>,
}

/// What came of an effect.
pub(crate) struct Seen {
    pub(crate) process: Option<Process>,
    /// All that was shown while it ran.
    pub(crate) shown: String,
    pub(crate) outcome: Outcome,
}

impl Bench {
    pub(crate) fn new(run: &str) -> Bench {
        let root = TempDir::new().unwrap();
        std::fs::create_dir(root.path().join("work")).unwrap();
        let mut store = FileStore::open(&root.path().join("state")).unwrap();
        store.create(run).unwrap();
        let (sending, inbox) = channel_of_news();
        Bench {
            artifacts: store.artifacts(run),
            root,
            run: run.to_owned(),
            clock: Arc::new(SystemClock::default()),
            secrets: Secrets::default(),
            sending,
            inbox,
        }
    }

    /// The run's working directory.
    pub(crate) fn dir(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.dir().join(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir().join(path)).unwrap()
    }

    pub(crate) fn artifact(&self, artifact: &Artifact) -> Vec<u8> {
        self.artifacts.read(artifact).unwrap()
    }

    pub(crate) fn reply(&self, id: &str) -> Reply {
        self.sending.reply(&ActionId(id.to_owned()))
    }

    /// The next message, or the end of the test.
    pub(crate) fn next(&self) -> News {
        self.inbox.recv_timeout(HANG).expect("something happens").news
    }

    /// All that is said until the outcome of `id`.
    pub(crate) fn until_done(&self, id: &str) -> Seen {
        let (mut process, mut shown) = (None, String::new());
        loop {
            match self.next() {
                News::Output { text, .. } => shown.push_str(&text),
                News::Happened(Happening::Started { process: started, .. }) => process = Some(started),
                News::Happened(Happening::Outcome { id: done, outcome }) if done.0 == id => {
                    return Seen { process, shown, outcome };
                }
                News::Happened(other) => panic!("{other:?} instead of the outcome of {id}"),
            }
        }
    }

    /// Waits until the command has shown `text`.
    pub(crate) fn until_shown(&self, text: &str) {
        let mut shown = String::new();
        while !shown.contains(text) {
            match self.next() {
                News::Output { text, .. } => shown.push_str(&text),
                News::Happened(Happening::Started { .. }) => {}
                News::Happened(other) => panic!("{other:?} before {text:?} was shown, only {shown:?}"),
            }
        }
    }
}

pub(crate) fn start(id: &str, class: Class, timeout: Option<Duration>, effect: Effect) -> Start {
    let timeout = timeout.map(|timeout| SignedDuration::try_from(timeout).unwrap());
    let key = id.split('#').next().unwrap().to_owned();
    Start { id: ActionId(id.to_owned()), key, title: Words::default(), class, timeout, effect }
}

/// The kind and the words of its failure.
pub(crate) fn failed(outcome: &Outcome) -> (FailureKind, &str) {
    let Failure { kind, message } = outcome.failure.as_ref().expect("it failed");
    (*kind, &message.en)
}

/// Waits until nothing more is true; a test that asks for what never comes ends here.
pub(crate) fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + HANG;
    while !is() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Is a process alive (and not only waiting to be buried)?
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}
