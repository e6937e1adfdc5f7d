//! `runbook check FILE…`

use std::path::Path;

use super::args::{Check, CheckFormat};
use super::exit_code::ExitCode;
use super::session::Session;
use super::{load, output};
use crate::diagnostic::{Diagnostic, Severity, json, sarif};
use crate::journal::problem::Problem;

/// What was found in one file, also that it cannot be read.
struct Checked {
    name: String,
    source: String,
    found: Vec<Diagnostic>,
}

pub(super) fn run(session: &Session, args: &Check) -> ExitCode {
    let files: Vec<Checked> = args.files.iter().map(|path| check(path, args.strict)).collect();
    let rows: Vec<(&str, &str, &[Diagnostic])> =
        files.iter().map(|file| (file.name.as_str(), file.source.as_str(), file.found.as_slice())).collect();
    match args.format {
        CheckFormat::Json => output::result(&json::render(&rows)),
        CheckFormat::Sarif => output::result(&sarif::render(&rows)),
        CheckFormat::Human => {
            for file in &files {
                human(session, file);
            }
        }
    }
    let has = |severity| files.iter().any(|file| file.found.iter().any(|found| found.severity == severity));
    if has(Severity::Error) {
        ExitCode::Refused
    } else if args.strict && has(Severity::Warning) {
        ExitCode::NotPassed
    } else {
        ExitCode::Passed
    }
}

fn check(path: &Path, strict: bool) -> Checked {
    let name = path.display().to_string();
    match load::read(path) {
        Ok(mut file) => {
            if strict {
                file.found.append(&mut file.strict);
                file.found.sort_by_key(Diagnostic::span);
            }
            Checked { name, source: file.source, found: file.found }
        }
        Err(problem) => Checked { name, source: String::new(), found: vec![placeless(problem)] },
    }
}

/// A file that cannot be read has no place to show.
fn placeless(problem: Problem) -> Diagnostic {
    Diagnostic::placeless(problem.code, problem.message).help_where(problem.help)
}

fn human(session: &Session, file: &Checked) {
    if file.found.is_empty() {
        let name = &file.name;
        output::say(&session.lang.pick(format!("{name}: nothing found"), format!("{name}：没有发现问题")));
    }
    output::diagnostics(&file.name, &file.source, &file.found, session.look());
}
