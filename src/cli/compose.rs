//! The world of a run, put together from drivers: real ones, or simulated ones beside them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::load::Loaded;
use super::refusal::Refusal;
use super::scenario::Chosen;
use super::session::Session;
use super::texts::KeptTexts;
use super::{inputs, output};
use crate::diagnostic::Code;
use crate::drivers::answers::Answers;
use crate::drivers::compose::{Drivers, Parts};
use crate::drivers::locks::StoreLocks;
use crate::drivers::mailbox::Mailbox;
use crate::drivers::plain::{Answering, Lines, Nobody};
use crate::drivers::real::clock::SystemClock;
use crate::drivers::real::files::{FilesHere, Texts, WorkingDir};
use crate::drivers::real::http::{self, HttpClient, Reach};
use crate::drivers::real::shell::{self, Bash, Grace};
use crate::drivers::reply::{Message, Sending, channel_of_news};
use crate::drivers::secrets::Secrets;
use crate::drivers::sim::clock::SimClock;
use crate::drivers::sim::history::History;
use crate::drivers::sim::world::{Setting, simulate};
use crate::drivers::{Clock, Locks, People, Screen};
use crate::journal::file_store::FileStore;
use crate::journal::problem::Problem;
use crate::journal::store::{Holder, Store};

/// What a world is made for.
pub(super) struct Stage<'a> {
    pub(super) session: &'a Session,
    /// Id of the run.
    pub(super) run: &'a str,
    /// Its working directory.
    pub(super) dir: PathBuf,
    /// Its runbook.
    pub(super) runbook: &'a Loaded,
    /// Folder of the run that holds the runbook and its templates.
    pub(super) source: &'a str,
    pub(super) secrets: Secrets,
    pub(super) answers: Answers,
    pub(super) zone: TimeZone,
    /// The user who executes it.
    pub(super) executor: String,
    /// The scenario of a simulation, when the run began, and the virtual time at which it goes on.
    pub(super) simulated: Option<(&'a Chosen, Timestamp, Timestamp)>,
    /// `--speed`
    pub(super) pace: Option<f64>,
    /// What happened in a simulation before it was taken up.
    pub(super) history: History,
}

/// Puts the world of a run together.
pub(super) fn world(store: &FileStore, stage: Stage<'_>) -> Result<Drivers, Refusal> {
    let channel = channel_of_news();
    // Answers from elsewhere come before whoever is here, and after the answers file.
    let people = Mailbox::start(store.inbox(stage.run), Box::new(Nobody), channel.0.clone());
    let people = people.map_err(|error| not_begun("inbox", &error))?;
    let style = stage.session.style(&stage.runbook.program.timezone);
    let screen = Lines::new(output::account(), style);
    match stage.simulated {
        None => real(store, stage, Box::new(people), Box::new(screen), channel),
        Some(simulated) => simulation(store, stage, simulated, Box::new(people), Box::new(screen), channel),
    }
}

fn not_begun(what: &str, error: &std::io::Error) -> Problem {
    Problem::new(Code::RB0908, format!("the {what} could not be begun: {error}"))
}

fn texts(store: &FileStore, stage: &Stage<'_>) -> Box<dyn Texts> {
    let templates = &stage.runbook.program.templates;
    Box::new(KeptTexts::of(store, stage.run, stage.source, templates, stage.session.lang, &stage.zone))
}

fn locks(store: &FileStore, stage: &Stage<'_>, since: Timestamp) -> Box<dyn Locks> {
    let (run, user, hostname) = (stage.run.to_owned(), stage.executor.clone(), inputs::hostname());
    Box::new(StoreLocks::new(store.targets(), Holder { run, user, hostname, since }, stage.simulated.is_some()))
}

type Channel = (Sending, Receiver<Message>);

fn real(
    store: &FileStore,
    stage: Stage<'_>,
    here: Box<dyn People>,
    screen: Box<dyn Screen>,
    channel: Channel,
) -> Result<Drivers, Refusal> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let artifacts = store.artifacts(stage.run);
    let texts = texts(store, &stage);
    let locks = locks(store, &stage, clock.now());
    let shell = Bash::new(shell::Setting {
        run: stage.run.to_owned(),
        dir: stage.dir.clone(),
        clock: Arc::clone(&clock),
        secrets: stage.secrets.clone(),
        artifacts: Arc::clone(&artifacts),
        grace: Grace::default(),
    })
    .map_err(|error| not_begun("commands", &error))?;
    let http = HttpClient::new(http::Setting {
        clock: Arc::clone(&clock),
        secrets: stage.secrets,
        artifacts: Arc::clone(&artifacts),
        reach: Reach::Anywhere { proxies: true },
    });
    let (answers, executor, zone, lang) = (stage.answers, stage.executor, stage.zone, stage.session.lang);
    let parts = Parts {
        clock,
        shell: Box::new(shell),
        http: Box::new(http),
        files: Box::new(FilesHere::new(Box::new(WorkingDir(stage.dir)), texts, artifacts)),
        locks,
        people: Box::new(Answering { answers, here, executor, zone, lang }),
        screen,
    };
    Ok(Drivers::new(parts, channel.0, channel.1))
}

fn simulation(
    store: &FileStore,
    stage: Stage<'_>,
    (chosen, start, now): (&Chosen, Timestamp, Timestamp),
    here: Box<dyn People>,
    screen: Box<dyn Screen>,
    channel: Channel,
) -> Result<Drivers, Refusal> {
    let setting = Setting {
        scenario: Arc::clone(&chosen.scenario),
        file: chosen.name.clone(),
        start,
        clock: Arc::new(SimClock::new(now, stage.pace)),
        below: store.folder(stage.run).join("sim"),
        lang: stage.session.lang,
        artifacts: store.artifacts(stage.run),
        texts: texts(store, &stage),
        locks: locks(store, &stage, now),
        dir: stage.dir,
        answers: stage.answers,
        history: stage.history,
        zone: stage.zone,
        secrets: stage.secrets,
        screen,
        terminal: Some(here),
        channel,
    };
    let simulation = simulate(setting).map_err(|error| not_begun("simulated world", &error))?;
    Ok(simulation.world)
}
