//! `runbook completions SHELL`, `runbook man [COMMAND…]`

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::args::{CommandLine, Man};
use super::exit_code::ExitCode;
use super::output;
use super::refusal::Refusal;
use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::text;

pub(super) fn shell(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    generate(shell, &mut CommandLine::command(), "runbook", &mut script);
    output::result(&String::from_utf8_lossy(&script));
    ExitCode::Passed
}

pub(super) fn man(args: &Man) -> Result<ExitCode, Refusal> {
    let mut command = CommandLine::command();
    command.build();
    let mut found = &command;
    for word in &args.command {
        found = found.find_subcommand(word).ok_or_else(|| {
            Problem::new(Code::RB0867, text!("there is no command {}", "没有命令 {}", args.command.join(" ")))
                .help(text!("`runbook help` lists them", "`runbook help` 会列出所有命令"))
        })?;
    }
    let name = [&["runbook".to_owned()], args.command.as_slice()].concat().join("-");
    let mut page = Vec::new();
    match clap_mangen::Man::new(found.clone()).title(name).render(&mut page) {
        Ok(()) => {
            output::result(&String::from_utf8_lossy(&page));
            Ok(ExitCode::Passed)
        }
        Err(error) => {
            output::say(&error.to_string());
            Ok(ExitCode::Internal)
        }
    }
}
