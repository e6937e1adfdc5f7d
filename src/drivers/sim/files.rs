//! Files of a simulation: the real driver in a tree of the run's own, on top of the files of the scenario and the real ones.
#![expect(clippy::disallowed_methods, reason = "the files of a scenario are laid into the tree of the run")]

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::faults::strikes;
use super::scenario::Scenario;
use super::tree::Tree;
use crate::drivers::Files;
use crate::drivers::real::files::{FilesHere, Texts};
use crate::drivers::reply::failure;
use crate::engine::action::{self, ReportContent};
use crate::engine::input::{Failure, FailureKind, FileData};
use crate::engine::view::RunView;
use crate::journal::store::Artifacts;
use crate::text;
use crate::text::Text;

/// In every text that a simulation writes.
pub const SIMULATED: &str = "SIMULATED";

/// The files.
pub struct SimFiles {
    inner: FilesHere,
    tree: Tree,
    scenario: Arc<Scenario>,
    /// Changes so far; with the path it names a fault's chance.
    changes: u64,
}

impl SimFiles {
    /// Lays the scenario's files into the tree, where the run has not changed them yet.
    pub fn new(
        scenario: Arc<Scenario>,
        tree: Tree,
        texts: Box<dyn Texts>,
        artifacts: Arc<dyn Artifacts>,
    ) -> io::Result<Self> {
        for (path, text) in &scenario.files {
            let to = tree.written(path);
            if !to.exists() {
                to.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::write(&to, text)?;
            }
        }
        let texts = Box::new(Marked(texts));
        let inner = FilesHere::new(Box::new(tree.clone()), texts, artifacts);
        Ok(Self { inner, tree, scenario, changes: 0 })
    }

    fn change(
        &mut self,
        path: &str,
        act: impl FnOnce(&mut FilesHere) -> Result<FileData, Failure>,
    ) -> Result<FileData, Failure> {
        self.changes += 1;
        let id = format!("{path}#{}", self.changes);
        if strikes(self.scenario.seed, "files", &id, self.scenario.faults.files) {
            let message =
                text!("{path}: no space left: a fault of the simulation", "{path}：没有剩余空间（模拟的故障）");
            return Err(failure(FailureKind::Failed, message));
        }
        act(&mut self.inner)
    }
}

impl Files for SimFiles {
    fn copy(&mut self, from: &str, to: &str) -> Result<FileData, Failure> {
        self.change(to, |files| files.copy(from, to))
    }

    fn update(&mut self, update: &action::Update) -> Result<FileData, Failure> {
        self.change(&update.file, |files| files.update(update))
    }

    fn report(&mut self, report: &action::Report) -> Result<FileData, Failure> {
        self.change(&report.to, |files| files.report(report))
    }

    fn append(&mut self, path: &str, line: &str) -> Result<FileData, Failure> {
        self.change(path, |files| files.append(path, line))
    }

    fn restore(&mut self, path: &str, written: &FileData) -> Result<FileData, Failure> {
        self.change(path, |files| files.restore(path, written))
    }

    fn lies_at(&self, path: &str) -> Option<PathBuf> {
        Some(self.tree.written(path))
    }
}

/// Texts of which each says that it is of a simulation, whatever its template says.
struct Marked(Box<dyn Texts>);

fn marked(text: String) -> String {
    if text.contains(SIMULATED) { text } else { format!("> **{SIMULATED}**\n\n{text}") }
}

impl Texts for Marked {
    fn template(&self, path: &str, view: &RunView) -> Result<String, Text> {
        self.0.template(path, view).map(marked)
    }

    fn report(&self, content: &ReportContent, view: &RunView) -> Result<String, Text> {
        let text = self.0.report(content, view)?;
        Ok(match content {
            ReportContent::Template { .. } | ReportContent::Table { .. } => marked(text),
            // These say it of themselves, in their own form.
            ReportContent::Samples { .. } | ReportContent::Chart { .. } => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::program::SamplesFormat;
    use crate::engine::action::Content;
    use crate::journal::memory_store::MemoryStore;
    use crate::journal::store::Store;

    /// A template is its own text.
    struct Plain;

    impl Texts for Plain {
        fn template(&self, path: &str, _: &RunView) -> Result<String, Text> {
            Ok(path.to_owned())
        }

        fn report(&self, content: &ReportContent, view: &RunView) -> Result<String, Text> {
            match content {
                ReportContent::Template { path } => self.template(path, view),
                ReportContent::Table { observation, .. }
                | ReportContent::Samples { observation, .. }
                | ReportContent::Chart { observation, .. } => Ok(format!("{observation}\n")),
            }
        }
    }

    fn files(scenario: &str, dir: &Path) -> SimFiles {
        let mut store = MemoryStore::default();
        store.create("1").unwrap();
        let tree = Tree::new(dir.join("real"), dir.join("run/sim"));
        let scenario = Arc::new(Scenario::parse(scenario).unwrap());
        SimFiles::new(scenario, tree, Box::new(Plain), store.artifacts("1")).unwrap()
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        fs::write(dir.path().join("real/plan.md"), "# Plan\n").unwrap();
        dir
    }

    fn sim(dir: &Path, name: &str) -> String {
        fs::read_to_string(dir.join("run/sim").join(name)).unwrap()
    }

    fn update(file: &str) -> action::Update {
        action::Update {
            file: file.to_owned(),
            under: Some("Plan".to_owned()),
            replace: None,
            text: Content::Text("done\n".to_owned()),
            once: None,
        }
    }

    #[test]
    fn the_real_tree_is_read_and_never_written() {
        let dir = folder();
        let mut files = files("", dir.path());
        files.update(&update("plan.md")).unwrap();
        assert!(sim(dir.path(), "SIMULATED-plan.md").contains("done"));
        files.copy("plan.md", "docs/copy.md").unwrap();
        assert!(sim(dir.path(), "docs/SIMULATED-copy.md").contains("done"), "what was written is what is read");
        files.append("log.txt", "one").unwrap();
        files.append("log.txt", "two").unwrap();
        assert_eq!(sim(dir.path(), "SIMULATED-log.txt"), "one\ntwo\n");
        assert_eq!(fs::read_to_string(dir.path().join("real/plan.md")).unwrap(), "# Plan\n");
        assert_eq!(fs::read_dir(dir.path().join("real")).unwrap().count(), 1);
    }

    #[test]
    fn files_of_the_scenario_are_there_and_changes_stay() {
        let dir = folder();
        let scenario = "[files]\n\"docs/roadmap.md\" = \"# Plan\\n\"\n";
        files(scenario, dir.path()).update(&update("docs/roadmap.md")).unwrap();
        drop(files(scenario, dir.path()));
        assert!(sim(dir.path(), "docs/SIMULATED-roadmap.md").contains("done"), "a resumed run finds its own");
    }

    #[test]
    fn every_report_says_what_it_is() {
        let dir = folder();
        let mut files = files("", dir.path());
        let mut report = |to: &str, content| {
            let report = action::Report { to: to.to_owned(), content, view: Box::default() };
            files.report(&report).unwrap().kept.unwrap().path
        };
        let template = |text: &str| ReportContent::Template { path: text.to_owned() };
        let kept = report("a.md", template("# Report\n"));
        assert_eq!(kept, "artifacts/SIMULATED-a.md", "what is kept says it too");
        report("b.md", template("# Report (SIMULATED)\n"));
        let observation = || "baseline".to_owned();
        report("c.md", ReportContent::Table { observation: observation(), columns: Vec::new() });
        report("d.csv", ReportContent::Samples { observation: observation(), format: SamplesFormat::Csv });
        assert_eq!(sim(dir.path(), "SIMULATED-a.md"), "> **SIMULATED**\n\n# Report\n");
        assert_eq!(sim(dir.path(), "SIMULATED-b.md"), "# Report (SIMULATED)\n");
        assert!(sim(dir.path(), "SIMULATED-c.md").starts_with("> **SIMULATED**"));
        assert_eq!(sim(dir.path(), "SIMULATED-d.csv"), "baseline\n", "Markdown has no place in a CSV");
    }

    #[test]
    fn a_sure_fault_strikes() {
        let dir = folder();
        let failure = files("[faults]\nfiles = \"100%\"\n", dir.path()).append("log.txt", "x").unwrap_err();
        assert!(failure.message.en.contains("a fault of the simulation"), "{failure:?}");
    }
}
