//! `runbook check FILE…`

use super::args::{Check, Format};
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{load, output};
use crate::diagnostic::{Diagnostic, Severity, json};

pub(super) fn run(session: &Session, args: &Check) -> Result<ExitCode, Refusal> {
    let mut unreadable = Vec::new();
    let mut read = Vec::new();
    for path in &args.files {
        match load::read(path) {
            Ok(mut file) => {
                if args.strict {
                    file.found.append(&mut file.strict);
                    file.found.sort_by_key(Diagnostic::span);
                }
                read.push((path.display().to_string(), file));
            }
            Err(refusal) => unreadable.push(refusal),
        }
    }
    match args.format {
        Format::Json => {
            let files: Vec<(&str, &str, &[Diagnostic])> =
                read.iter().map(|(name, file)| (name.as_str(), file.source.as_str(), file.found.as_slice())).collect();
            output::result(&json::render(&files));
        }
        Format::Human => {
            for (name, file) in &read {
                output::diagnostics(name, &file.source, &file.found, session.look());
            }
        }
    }
    let has = |severity| read.iter().any(|(_, file)| file.found.iter().any(|found| found.severity == severity));
    if !unreadable.is_empty() {
        return Err(Refusal::Several(unreadable));
    }
    Ok(if has(Severity::Error) {
        ExitCode::Refused
    } else if args.strict && has(Severity::Warning) {
        ExitCode::NotPassed
    } else {
        ExitCode::Passed
    })
}
