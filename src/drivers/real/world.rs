//! The whole live world, composed of the real drivers.

use std::io;
use std::sync::Arc;

use super::clock::SystemClock;
use super::files::{FilesHere, WorkingDir};
use super::http::{HttpClient, Reach, Setting as HttpSetting};
use super::people::FileFirst;
use super::proxy::Proxy;
use super::shell::{Bash, Grace, Setting as ShellSetting};
use crate::drivers::compose::{Drivers, Parts, Surroundings};
use crate::drivers::mailbox::Mailbox;
use crate::drivers::{Clock, People};
use crate::journal::store::Inbox;

/// What a live world is made from.
#[expect(missing_docs, reason = "the types say what each of these is")]
pub struct Setting {
    /// Id of the run.
    pub run: String,
    /// The user who executes it.
    pub executor: String,
    /// Whoever answers what the answers file does not cover.
    pub people: Box<dyn People>,
    pub inbox: Box<dyn Inbox>,
    /// HTTP goes by way of this proxy.
    pub proxy: Option<Arc<Proxy>>,
    pub around: Surroundings,
}

/// Makes it. Fails where the system gives no thread, or does not let a process adopt orphans.
///
/// Orphans of commands fall to this process, and a child in a session of its own that says nothing about where it comes from is
/// taken for one. A host that starts such children itself, gives them `RUNBOOK_EFFECT` with a value of its own.
pub fn live(setting: Setting) -> io::Result<Drivers> {
    let Setting { run, executor, people, inbox, proxy, around } = setting;
    let Surroundings { dir, answers, zone, lang, secrets, artifacts, texts, locks, screen, channel } = around;
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
        reach: Reach::Anywhere { proxy },
        dir: dir.clone(),
    });
    let here = FileFirst {
        answers,
        then: people,
        executor,
        clock: Arc::clone(&clock),
        zone,
        lang,
        given: std::collections::BTreeMap::new(),
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
