//! The world of a run, put together from drivers: real ones, or simulated ones beside them.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::inputs;
use super::load::Loaded;
use super::refusal::Refusal;
use super::scenario::Chosen;
use super::session::Session;
use crate::console::prompt::dialogue::Context;
use crate::diagnostic::Code;
use crate::drivers::answers::Answers;
use crate::drivers::compose::{Drivers, Surroundings};
use crate::drivers::history::History;
use crate::drivers::locks::StoreLocks;
use crate::drivers::mailbox::Mailbox;
use crate::drivers::real::terminal::{self, AtTerminal, OnScreen};
use crate::drivers::real::world::{self as real, live};
use crate::drivers::reply::{Sending, channel_of_news};
use crate::drivers::secrets::Secrets;
use crate::drivers::sim::clock::SimClock;
use crate::drivers::sim::world::{self as sim, simulate};
use crate::drivers::texts::Templates;
use crate::journal::file_store::FileStore;
use crate::journal::problem::Problem;
use crate::journal::store::{Holder, Store};
use crate::report::page::Page;
use crate::text;

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
pub(super) fn world(store: &FileStore, mut stage: Stage<'_>) -> Result<Drivers, Refusal> {
    let (sending, news) = channel_of_news();
    let not_begun = |error: std::io::Error| {
        Problem::new(Code::RB0908, text!("the run could not be begun: {error}", "无法开始运行：{error}"))
    };
    let (at, screen) = terminal(&stage, sending.clone()).map_err(not_begun)?;
    terminal::listen(sending.clone(), Some(&at)).map_err(not_begun)?;
    let now = stage.simulated.map_or_else(inputs::now, |(_, _, now)| now);
    let holder =
        Holder { run: stage.run.to_owned(), user: stage.executor.clone(), hostname: inputs::hostname(), since: now };
    let locks = Box::new(StoreLocks::new(store.targets(), holder, stage.simulated.is_some()));
    let texts = Box::new(templates(store, &stage));
    if stage.simulated.is_none() {
        stage.history.pass_over(&mut stage.answers);
    }
    let (run, inbox) = (stage.run.to_owned(), store.inbox(stage.run));
    let around = Surroundings {
        dir: stage.dir,
        answers: stage.answers,
        zone: stage.zone,
        lang: stage.session.lang,
        secrets: stage.secrets,
        artifacts: store.artifacts(stage.run),
        texts,
        locks,
        screen: Box::new(screen),
        channel: (sending.clone(), news),
    };
    let Some((chosen, start, now)) = stage.simulated else {
        let (executor, people) = (stage.executor, Box::new(at));
        return Ok(
            live(real::Setting { run, executor, people, inbox, proxy: inputs::proxy()?, around }).map_err(not_begun)?
        );
    };
    let people = Mailbox::start(inbox, Box::new(at), sending).map_err(not_begun)?;
    let simulation = simulate(sim::Setting {
        scenario: Arc::clone(&chosen.scenario),
        file: chosen.name.clone(),
        start,
        clock: Arc::new(SimClock::new(now, stage.pace)),
        below: store.folder(stage.run).join("sim"),
        history: stage.history,
        terminal: Some(Box::new(people)),
        around,
    });
    Ok(simulation.map_err(not_begun)?.world)
}

/// The terminal of whoever executes the run; without one, all is shown all the same.
fn terminal(stage: &Stage<'_>, sending: Sending) -> std::io::Result<(AtTerminal, OnScreen)> {
    let style = stage.session.style_of_account(&stage.zone);
    terminal::open(terminal::Setting {
        context: Context {
            run: stage.run.to_owned(),
            executor: stage.executor.clone(),
            simulated: stage.simulated.is_some(),
            style: style.clone(),
        },
        style,
        sending,
        secrets: stage.secrets.clone(),
        history: stage.session.history(),
        source: stage.runbook.source_lines(),
    })
}

/// The templates as they were when the run began.
fn templates(store: &FileStore, stage: &Stage<'_>) -> Templates {
    let kept = |path: &String| {
        let bytes = store.source(stage.run, stage.source, path).ok()?;
        Some((path.clone(), String::from_utf8(bytes).ok()?))
    };
    Templates {
        sources: stage.runbook.program.templates.iter().filter_map(kept).collect(),
        page: Page { lang: stage.session.lang, zone: stage.zone.clone() },
    }
}
