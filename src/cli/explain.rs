//! `runbook explain RB0101`

use super::args::Explain;
use super::exit_code::ExitCode;
use super::output;
use super::refusal::Refusal;
use super::session::Session;
use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::value::nearest::nearest;

pub(super) fn run(_: &Session, args: &Explain) -> Result<ExitCode, Refusal> {
    let wanted = args.code.to_ascii_uppercase();
    match Code::ALL.iter().find(|code| code.as_str() == wanted) {
        Some(code) => {
            output::result(code.page());
            Ok(ExitCode::Passed)
        }
        None => {
            let problem = Problem::new(Code::RB0867, format!("there is no code {}", args.code));
            let near = nearest(&wanted, Code::ALL.iter().map(|code| code.as_str()));
            Err(match near {
                Some(near) => problem.help(format!("did you mean {near}?")),
                None => problem.help("a code reads RB0101, as in a message"),
            }
            .into())
        }
    }
}
