//! `runbook completions SHELL`, `runbook man`

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::args::CommandLine;
use super::exit_code::ExitCode;
use super::output;

pub(super) fn shell(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    generate(shell, &mut CommandLine::command(), "runbook", &mut script);
    output::result(&String::from_utf8_lossy(&script));
    ExitCode::Passed
}

pub(super) fn man() -> ExitCode {
    let mut page = Vec::new();
    match clap_mangen::Man::new(CommandLine::command()).render(&mut page) {
        Ok(()) => {
            output::result(&String::from_utf8_lossy(&page));
            ExitCode::Passed
        }
        Err(error) => {
            output::say(&error.to_string());
            ExitCode::Internal
        }
    }
}
