//! The scenario of a simulation: beside the runbook for a new run, in the run's folder for one that is taken up.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::inputs;
use super::load::Loaded;
use super::refusal::Refusal;
use crate::diagnostic::Code;
use crate::drivers::sim::load::{Wrong, load};
use crate::drivers::sim::scenario::Scenario;
use crate::journal::canonical::sha256_hex;
use crate::journal::problem::Problem;
use crate::journal::record::Simulation;
use crate::journal::store::{SourceText, Store};
use crate::text;
use crate::value::nearest::nearest;

/// Folder of a run in which its scenario is kept.
const KEPT: &str = "scenario";

/// A scenario that was chosen.
pub(super) struct Chosen {
    /// As it is named in messages.
    pub(super) name: String,
    /// What it says.
    pub(super) scenario: Arc<Scenario>,
    /// Its files, itself first.
    pub(super) files: Vec<SourceText>,
    /// The answers beside it, where there are some.
    pub(super) answers: Option<PathBuf>,
}

impl Chosen {
    /// What stands in the header.
    pub(super) fn simulation(&self) -> Simulation {
        let text = self.files.first().map_or(&[][..], |file| file.bytes.as_slice());
        Simulation { scenario: self.name.clone(), digest: sha256_hex(text) }
    }

    /// Keeps its files in the run's folder.
    pub(super) fn keep(&self, store: &mut dyn Store, run: &str) -> Result<(), Refusal> {
        Ok(store.keep_source(run, KEPT, &self.files)?)
    }
}

/// The scenario that is meant: the name of one beside the runbook, or a path.
pub(super) fn choose(runbook: &Loaded, wanted: &str) -> Result<Chosen, Refusal> {
    let folder = runbook.path.with_extension("sim");
    let is_path = wanted.contains('/') || Path::new(wanted).extension().is_some_and(|found| found == "toml");
    let path = if is_path { PathBuf::from(wanted) } else { folder.join(format!("{wanted}.toml")) };
    if !inputs::is_file(&path) {
        let names = names(&folder);
        let path = path.display();
        let message =
            text!("there is no scenario `{wanted}`: {path} is not there", "没有场景 `{wanted}`：{path} 不存在");
        let problem = Problem::new(Code::RB0869, message);
        return Err(match nearest(wanted, names.iter().map(String::as_str)) {
            Some(near) => problem.help(text!("did you mean `{near}`?", "是否想写 `{near}`？")),
            None if names.is_empty() => problem.help(text!("there are none in {}", "{} 中没有场景", folder.display())),
            None => problem.help(text!("there are {}", "可用场景：{}", names.join(", "))),
        }
        .into());
    }
    let files = RefCell::new(Vec::new());
    let mut read = |file: &str| {
        let bytes = inputs::read(Path::new(file)).map_err(|problem| problem.message)?;
        let name = Path::new(file).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let text = String::from_utf8(bytes.clone()).map_err(|_| text!("it is not UTF-8 text", "不是 UTF-8 文本"))?;
        files.borrow_mut().push(SourceText { path: name, bytes });
        Ok(text)
    };
    let scenario = load(&path.to_string_lossy(), &mut read).map_err(about)?;
    let answers = path.with_extension("answers.toml");
    Ok(Chosen {
        name: wanted.to_owned(),
        scenario: Arc::new(scenario),
        files: files.into_inner(),
        answers: inputs::is_file(&answers).then_some(answers),
    })
}

/// The scenario of a run that is taken up.
pub(super) fn kept(store: &dyn Store, run: &str, simulation: &Simulation) -> Result<Chosen, Refusal> {
    let stem =
        Path::new(&simulation.scenario).file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let mut read = |file: &str| {
        let bytes = store.source(run, KEPT, file).map_err(|error| error.problem().message.clone())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let scenario = load(&format!("{stem}.toml"), &mut read).map_err(about)?;
    Ok(Chosen { name: simulation.scenario.clone(), scenario: Arc::new(scenario), files: Vec::new(), answers: None })
}

/// Names of the scenarios beside a runbook.
pub(super) fn names(folder: &Path) -> Vec<String> {
    inputs::names(folder, "toml").into_iter().filter(|name| Path::new(name).extension().is_none()).collect()
}

fn about(wrong: Wrong) -> Refusal {
    Refusal::about(&wrong.file, &wrong.text, vec![*wrong.diagnostic])
}
