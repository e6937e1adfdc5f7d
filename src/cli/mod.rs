//! The command line: one thin file a subcommand.

mod answer;
mod args;
mod attach;
mod bundle;
mod check;
mod chinese;
mod completions;
mod compose;
mod ending;
mod exec;
mod exit_code;
mod explain;
mod given;
mod history;
mod inputs;
mod load;
mod log;
mod metrics;
mod output;
mod plan;
mod refusal;
mod report;
mod resume;
mod runs;
mod scenario;
mod secrets;
mod session;
mod signal;
mod sim;
mod status;
mod verify;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use self::args::{Command, CommandLine};
use self::exit_code::ExitCode;
use self::refusal::Refusal;
use self::session::Session;
use crate::console::style::DEFAULT_WIDTH;
use crate::engine::input;
use crate::text::Lang;

/// Runs the program.
pub fn main() -> std::process::ExitCode {
    let line = match CommandLine::try_parse_from(inputs::arguments()) {
        Ok(line) => line,
        Err(error) => return usage(&error).into(),
    };
    let session = Session::new(line.state_dir, line.color);
    match dispatch(line.command, &session) {
        Ok(code) => code.into(),
        Err(refusal) => {
            output::refuse(&refusal, session.look());
            ExitCode::Refused.into()
        }
    }
}

fn dispatch(command: Command, session: &Session) -> Result<ExitCode, Refusal> {
    match command {
        Command::Exec(args) => exec::run(session, &args),
        Command::Resume(args) => resume::run(session, &args),
        Command::Runs(args) => runs::run(session, &args),
        Command::Status(args) => status::run(session, &args),
        Command::Log(args) => log::run(session, &args),
        Command::Answer(args) => answer::run(session, &args),
        Command::Attach(args) => attach::run(session, &args),
        Command::Suspend(args) => signal::run(session, &args.run, input::Command::Suspend),
        Command::Abort(args) => signal::run(session, &args.run, input::Command::Abort { because: args.because }),
        Command::Report(args) => report::run(session, &args),
        Command::Verify(args) => verify::run(session, &args),
        Command::Bundle(args) => bundle::run(session, &args),
        Command::Check(args) => Ok(check::run(session, &args)),
        Command::Plan(args) => plan::run(session, &args),
        Command::Metrics(args) => metrics::run(session, &args),
        Command::Sim(args) => sim::run(session, &args),
        Command::Explain(args) => explain::run(session, &args),
        Command::Completions(args) => Ok(completions::shell(session, args.shell)),
        Command::Man(args) => completions::man(session, &args),
    }
}

/// Help and version are results; anything else that is wrong with the command line is 2.
fn usage(error: &clap::Error) -> ExitCode {
    let said = match inputs::language() {
        Lang::En => error.render().to_string(),
        Lang::Zh => {
            let width = inputs::stdout_width().or_else(inputs::stderr_width).unwrap_or(DEFAULT_WIDTH);
            chinese::said(error, CommandLine::command(), inputs::arguments(), width)
        }
    };
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        output::result(&said);
        ExitCode::Passed
    } else {
        output::say(&said);
        ExitCode::Refused
    }
}
