//! `runbook resume RUN`: the run is claimed and rebuilt, what may still run of it is looked for, and only then it goes on.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::Resume;
use super::compose::{Stage, world};
use super::exec::read_answers;
use super::exit_code::ExitCode;
use super::load::{self, Loaded};
use super::refusal::Refusal;
use super::session::Session;
use super::{ending, history, inputs, output, scenario, secrets};
use crate::drivers::compose::Drivers;
use crate::drivers::history::History;
use crate::engine::action::{ActionId, Effect};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::Process;
use crate::journal::file_store::FileStore;
use crate::journal::record::Takeover;
use crate::journal::store::{Claimant, Store};
use crate::run::accept::accepts;
use crate::run::difference::difference;
use crate::run::find::{Outline, find, outline};
use crate::run::replay::{Replayed, Witness};
use crate::run::resume::{claim, go_on};

/// What a simulation must know of what was before.
#[derive(Default)]
struct Before(History);

impl Witness for Before {
    fn told(&mut self, at: Timestamp, told: &Telling, _: &dyn Fn() -> RunView) {
        self.0.hear(at, told);
    }
}

pub(super) fn run(session: &Session, args: &Resume) -> Result<ExitCode, Refusal> {
    let mut store = session.store()?;
    let run = find(&store, &args.run)?;
    let outline = outline(&store, &run)?;
    let Version { runbook, source, changed, fresh } = version(session, &store, &run, &outline, args.as_executed)?;
    let header = &outline.header;
    inputs::enter(Path::new(&header.working_dir))?;
    let zone = TimeZone::get(&runbook.program.timezone).unwrap_or(TimeZone::UTC);
    let chosen = header.simulation.as_ref().map(|simulation| scenario::kept(&store, &run, simulation)).transpose()?;
    let executor = chosen.as_ref().map_or_else(inputs::user, |chosen| chosen.scenario.executor().to_owned());
    let answers = read_answers(args.answers.as_deref(), &runbook, &zone)?;
    let from = match &chosen {
        Some(chosen) => secrets::From::Scenario(&chosen.scenario.secrets),
        None => secrets::From::Sealed(&store, &run),
    };
    let secrets = secrets::find(session, (&runbook.program, &runbook.name, &runbook.source), &from)?;
    secrets.warn(session);

    let who = Claimant { user: executor.clone(), ..inputs::claimant() };
    let mut before = Before::default();
    let replayed = claim(&mut store, &run, &who, &runbook.program, &mut before)?;
    if fresh {
        store.keep_source(&run, &source, &runbook.files)?;
    }
    output::say(&format!("run {run}"));
    let stage = Stage {
        session,
        run: &run,
        dir: Path::new(&header.working_dir).to_path_buf(),
        runbook: &runbook,
        source: &source,
        secrets: secrets.texts,
        answers,
        zone,
        executor: executor.clone(),
        simulated: chosen.as_ref().map(|chosen| (chosen, header.started_at, replayed.at)),
        pace: args.speed,
        history: before.0,
    };
    let mut drivers = world(&store, stage)?;
    let running = survivors(session, &replayed, &mut drivers);
    let takeover = Takeover {
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        executor,
        hostname: inputs::hostname(),
        digest: runbook.program.digest.clone(),
        source: source.clone(),
    };
    let ended = go_on(&runbook.program, &mut store, &mut drivers, replayed, takeover, running, changed)
        .and_then(|(mut run, over)| over.map_or_else(|| run.drive(), Ok));
    drop(drivers);
    Ok(ending::report(session, &store, &run, ended))
}

/// The runbook with which a run goes on.
struct Version {
    runbook: Loaded,
    /// Folder of the run that holds it.
    source: String,
    /// What is different from the one that was in force.
    changed: Option<String>,
    /// It is not in the run's folder yet.
    fresh: bool,
}

/// The runbook as it was executed; or its file as it is now, where that or a template was changed in a way that the run can
/// go on with.
fn version(
    session: &Session,
    store: &FileStore,
    run: &str,
    outline: &Outline,
    as_executed: bool,
) -> Result<Version, Refusal> {
    let kept = history::kept(store, run, outline)?;
    let same = |kept| Version { runbook: kept, source: outline.source.clone(), changed: None, fresh: false };
    let path = Path::new(&outline.header.file);
    if as_executed || !inputs::is_file(path) {
        return Ok(same(kept));
    }
    let now = load::read(path)?;
    let mut changes: Vec<String> = difference(&kept.source, &now.source).into_iter().collect();
    for template in now.templates() {
        // One that is new here belongs to a change of the runbook itself.
        let Ok(before) = store.source(run, &outline.source, &template.path) else { continue };
        let (before, now) = (String::from_utf8_lossy(&before), String::from_utf8_lossy(&template.bytes));
        changes.extend(difference(&before, &now).map(|changed| format!("{}:\n{changed}", template.path)));
    }
    if changes.is_empty() {
        return Ok(same(kept));
    }
    let changed = changes.join("\n");
    let lang = session.lang;
    output::say(&lang.pick(
        format!("{} was changed since it was executed:\n{changed}", path.display()),
        format!("{} 在执行之后被修改：\n{changed}", path.display()),
    ));
    let runbook = now.runnable(path)?;
    accepts(store, outline, &kept.program, &runbook.program)?;
    let source = format!("source.{}", outline.changes + 2);
    Ok(Version { runbook, source, changed: Some(changed), fresh: true })
}

/// Looks for what an earlier executor left running: it is waited for, as long as its time-out says, and a person may end it
/// like any command. To end what changes the world half-way is a person's to say. Either way its outcome is in doubt.
fn survivors(session: &Session, replayed: &Replayed, drivers: &mut Drivers) -> BTreeSet<ActionId> {
    let mut running = BTreeSet::new();
    let commands = replayed.open.iter().filter(|(_, start)| matches!(start.effect, Effect::Shell(_)));
    for (id, start) in commands {
        let process = replayed.started.get(id).copied().unwrap_or(Process::UNKNOWN);
        let alive = drivers.survivors(id, process);
        if alive.is_empty() {
            continue;
        }
        let lang = session.lang;
        output::say(&lang.pick(format!("{id} still runs:"), format!("{id} 仍在运行：")));
        for survivor in &alive {
            output::say(&format!("  {}  {}", survivor.pid, survivor.command));
        }
        output::say(lang.pick("it is waited for; Ctrl-C ends it", "等待其结束；Ctrl-C 可终止它"));
        drivers.adopt(id, process, start.timeout);
        running.insert(id.clone());
    }
    running
}
