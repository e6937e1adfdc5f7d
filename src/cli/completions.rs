//! `runbook completions SHELL`, `runbook man [COMMAND…]`

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};

use super::args::{CommandLine, Man};
use super::chinese;
use super::exit_code::ExitCode;
use super::output;
use super::refusal::Refusal;
use super::session::Session;
use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::text;
use crate::text::Lang;

pub(super) fn shell(session: &Session, shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    generate(shell, &mut command(session.lang), "runbook", &mut script);
    output::result(&String::from_utf8_lossy(&script));
    ExitCode::Passed
}

/// The program as it is described in a language.
fn command(lang: Lang) -> Command {
    match lang {
        Lang::En => CommandLine::command(),
        Lang::Zh => chinese::translated(CommandLine::command()),
    }
}

pub(super) fn man(session: &Session, args: &Man) -> Result<ExitCode, Refusal> {
    let mut command = command(session.lang);
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
            let page = String::from_utf8_lossy(&page);
            output::result(&match session.lang {
                Lang::En => page.into_owned(),
                Lang::Zh => chinese::manual(&page),
            });
            Ok(ExitCode::Passed)
        }
        Err(error) => {
            output::say(&error.to_string());
            Ok(ExitCode::Internal)
        }
    }
}
