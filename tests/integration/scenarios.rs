//! The scenarios beside the runbooks: each is read, fits its runbook, and comes to what it says.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use runbook::check::program::Program;
use runbook::check::{Templates, check};
use runbook::drivers::answers::{Answers, fitting};
use runbook::drivers::sim::load::load;
use runbook::drivers::sim::scenario::Scenario;
use runbook::value::lang::Lang;

/// Templates as they lie beside the runbook.
struct Beside(PathBuf);

impl Templates for Beside {
    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok().or(Some(String::new()))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn program() -> Program {
    let folder = root().join("runbooks");
    let source = fs::read_to_string(folder.join("phase5.rb")).unwrap();
    let checked = check(&source, &Beside(folder));
    checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// Name of each scenario of the go-live, in order.
fn names() -> Vec<String> {
    let files = fs::read_dir(root().join("runbooks/phase5.sim")).unwrap();
    let name = |file: fs::DirEntry| {
        let name = file.file_name().into_string().unwrap();
        name.strip_suffix(".toml").filter(|name| !name.ends_with(".answers")).map(str::to_owned)
    };
    let mut names: Vec<String> = files.filter_map(|file| name(file.unwrap())).collect();
    names.sort();
    names
}

fn scenario(name: &str) -> Scenario {
    let file = root().join(format!("runbooks/phase5.sim/{name}.toml"));
    let mut read = |file: &str| fs::read_to_string(file).map_err(|error| error.to_string());
    load(file.to_str().unwrap(), &mut read).unwrap_or_else(|wrong| panic!("{}: {:?}", wrong.file, wrong.diagnostic))
}

fn answers(name: &str) -> Answers {
    let file = root().join(format!("runbooks/phase5.sim/{name}.answers.toml"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Answers::parse(&text).unwrap_or_else(|error| panic!("{}: {error:?}", file.display()))
}

#[test]
fn every_scenario_has_answers_that_fit_the_runbook_and_an_expectation() {
    let program = program();
    for name in names() {
        assert!(scenario(&name).expect.is_some(), "{name} does not say what it comes to");
        let wrong = fitting(&answers(&name), &program, &TimeZone::UTC, Lang::En);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}
