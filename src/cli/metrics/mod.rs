//! `runbook metrics …`: exposition text from files and URLs, and the numbers of runs.

mod explain;
mod lint;
mod query;
mod show;
mod text;

use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;

/// `metrics`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print the samples of a file or URL, one a line
    Show(show::Args),
    /// List what strict readers of metrics would refuse; exit 1 where there is something
    Lint(lint::Args),
    /// Evaluate a PromQL expression over files or URLs
    Query(query::Args),
    /// Explain the number of an objective, down to the lines of the scrapes that it comes from
    Explain(explain::Args),
}

pub(super) fn run(session: &Session, args: &Args) -> Result<ExitCode, Refusal> {
    match &args.what {
        What::Show(args) => show::run(args),
        What::Lint(args) => lint::run(session, args),
        What::Query(args) => query::run(session, args),
        What::Explain(args) => explain::run(session, args),
    }
}
