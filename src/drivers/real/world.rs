//! The whole live world, composed of the real drivers.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use jiff::tz::TimeZone;

use super::clock::SystemClock;
use super::files::{FilesHere, Texts, WorkingDir};
use super::http::{HttpClient, Reach, Setting as HttpSetting};
use super::people::FileFirst;
use super::shell::{Bash, Grace, Setting as ShellSetting};
use crate::drivers::answers::Answers;
use crate::drivers::compose::{Drivers, Parts};
use crate::drivers::mailbox::Mailbox;
use crate::drivers::reply::{Message, Sending};
use crate::drivers::secrets::Secrets;
use crate::drivers::{Clock, Locks, People, Screen};
use crate::journal::store::{Artifacts, Inbox};
use crate::value::lang::Lang;

/// What a live world is made from.
#[expect(missing_docs, reason = "the types say what each of these is")]
pub struct Setting {
    /// Id of the run.
    pub run: String,
    /// Working directory of the run.
    pub dir: PathBuf,
    /// The user who executes it.
    pub executor: String,
    pub answers: Answers,
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// Language of the operator.
    pub lang: Lang,
    pub secrets: Secrets,
    pub artifacts: Arc<dyn Artifacts>,
    pub texts: Box<dyn Texts>,
    pub locks: Box<dyn Locks>,
    pub screen: Box<dyn Screen>,
    /// Whoever answers what the answers file does not cover.
    pub people: Box<dyn People>,
    pub inbox: Box<dyn Inbox>,
    /// HTTP goes by way of the proxies that the environment names.
    pub proxies: bool,
    /// The two ends of the channel of news.
    pub channel: (Sending, Receiver<Message>),
}

/// Makes it. Fails where the system gives no thread, or does not let a process adopt orphans.
///
/// Orphans of commands fall to this process, and a child in a session of its own that says nothing about where it comes from is
/// taken for one. A host that starts such children itself, gives them `RUNBOOK_EFFECT` with a value of its own.
pub fn live(setting: Setting) -> io::Result<Drivers> {
    let Setting { run, dir, executor, answers, zone, lang, secrets, artifacts, texts, locks, screen, .. } = setting;
    let Setting { people, inbox, proxies, channel, .. } = setting;
    let (sending, news) = channel;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let shell = Bash::new(ShellSetting {
        run,
        dir: dir.clone(),
        clock: Arc::clone(&clock),
        secrets: secrets.clone(),
        artifacts: Arc::clone(&artifacts),
        grace: Grace::default(),
    })?;
    let http = HttpClient::new(HttpSetting {
        clock: Arc::clone(&clock),
        secrets,
        artifacts: Arc::clone(&artifacts),
        reach: Reach::Anywhere { proxies },
        dir: dir.clone(),
    });
    let here = FileFirst {
        answers,
        then: people,
        executor,
        clock: Arc::clone(&clock),
        zone,
        lang,
        given: std::collections::BTreeSet::new(),
    };
    let people = Mailbox::start(inbox, Box::new(here), sending.clone())?;
    let parts = Parts {
        clock,
        shell: Box::new(shell),
        http: Box::new(http),
        files: Box::new(FilesHere::new(Box::new(WorkingDir(dir)), texts, artifacts)),
        locks,
        people: Box::new(people),
        screen,
    };
    Ok(Drivers::new(parts, sending, news))
}
