//! A run of the past, or one that another process executes: rebuilt from its journal.

use jiff::Timestamp;

use super::load::{self, Loaded};
use super::refusal::Refusal;
use super::session::Session;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::engine::view;
use crate::engine::view::RunView;
use crate::journal::canonical::sha256_hex;
use crate::journal::file_store::FileStore;
use crate::journal::problem::Problem;
use crate::journal::store::Store;
use crate::run::find::{Outline, find, outline};
use crate::run::replay::{Replayed, Witness, replay};
use crate::text;
use crate::text::Text;

/// A run and the runbook that it was made from.
pub(super) struct Past {
    pub(super) store: FileStore,
    /// Its id.
    pub(super) run: String,
    /// What it was made from.
    pub(super) outline: Outline,
    /// The runbook that is in force.
    pub(super) runbook: Loaded,
}

/// The run that is meant.
pub(super) fn open(session: &Session, wanted: &str) -> Result<Past, Refusal> {
    let store = session.store()?;
    let run = find(&store, wanted)?;
    let outline = outline(&store, &run)?;
    let runbook = kept(&store, &run, &outline)?;
    Ok(Past { store, run, outline, runbook })
}

/// The runbook as it was executed: what was recorded of it is computed again, not trusted.
pub(super) fn kept(store: &dyn Store, run: &str, outline: &Outline) -> Result<Loaded, Refusal> {
    let sources = &outline.header.sources;
    let name = sources.first().map_or("", |file| file.path.as_str());
    let read = load::read_kept(store, run, &outline.source, name)?;
    let changed = |path: &str| {
        let source = &outline.source;
        let message = text!(
            "{source}/{path} of run {run} is not what was executed: it was changed since",
            "运行 {run} 的 {source}/{path} 与当时执行的不同：此后被修改过"
        );
        Problem::new(Code::RB0909, message)
            .help(text!("nothing ran: bring it back as it was", "未执行任何操作：请恢复原样"))
    };
    if sha256_hex(read.source.as_bytes()) != outline.digest {
        return Err(changed(name).into());
    }
    // Of an accepted change the journal has the runbook's digest alone.
    for file in sources.iter().skip(1).filter(|_| outline.changes == 0) {
        if sha256_hex(&store.source(run, &outline.source, &file.path)?) != file.sha256 {
            return Err(changed(&file.path).into());
        }
    }
    match read.runnable(std::path::Path::new(&outline.header.file)) {
        Err(Refusal::Diagnostics { found, .. }) => Err(too_old(run, outline, &found).into()),
        other => other,
    }
}

/// The check is stricter than that of the version which made the run.
fn too_old(run: &str, outline: &Outline, found: &[Diagnostic]) -> Problem {
    let (then, now) = (&outline.tool, env!("CARGO_PKG_VERSION"));
    let first = found.iter().find(|one| one.severity == Severity::Error);
    let why = first.map_or_else(Text::default, |one| text!(" ({}: {})", "（{}：{}）", one.code, one.message));
    let message = text!(
        "run {} was made by runbook {}; runbook {} does not accept its runbook any more{}",
        "运行 {} 由 runbook {} 执行；runbook {} 不再接受它的 runbook{}",
        run,
        then,
        now,
        why
    );
    Problem::new(Code::RB0914, message).help(text!(
        "nothing is lost: `runbook log`, `verify`, `bundle` and `runs` work without it; all else needs runbook {then}",
        "没有任何内容丢失：`runbook log`、`verify`、`bundle`、`runs` 不受影响；其他命令需要 runbook {then}"
    ))
}

/// A run without what it was made from: enough to read its records.
pub(super) struct Records {
    pub(super) store: FileStore,
    /// Its id.
    pub(super) run: String,
    /// What it was made from.
    pub(super) outline: Outline,
    /// Why its runbook is not there.
    pub(super) why: Problem,
}

/// The run that is meant, or what can be read of it where this version does not accept its runbook.
pub(super) fn open_or_records(session: &Session, wanted: &str) -> Result<Result<Past, Records>, Refusal> {
    match open(session, wanted) {
        Err(Refusal::Problem(why)) if why.code == Code::RB0914 => {
            let store = session.store()?;
            let run = find(&store, wanted)?;
            let outline = outline(&store, &run)?;
            Ok(Err(Records { store, run, outline, why }))
        }
        other => other.map(Ok),
    }
}

impl Past {
    /// Rebuilds it, seen by `witness`.
    pub(super) fn replayed(&self, witness: &mut dyn Witness) -> Result<Replayed, Refusal> {
        Ok(replay(&self.store, &self.run, &self.runbook.program, witness)?)
    }

    /// It as it stands at its last record, or now where somebody executes it.
    pub(super) fn view(&self, replayed: &Replayed, now: Timestamp) -> Result<(RunView, bool), Refusal> {
        let live = self.store.executor(&self.run)?.is_some();
        // A simulation has a clock of its own, which only its executor knows.
        let real = live && self.outline.header.simulation.is_none();
        let at = if real { now.max(replayed.at) } else { replayed.at };
        let interrupted = !live && replayed.ended.is_none();
        Ok((view(&self.runbook.program, &replayed.state, at), interrupted))
    }
}
