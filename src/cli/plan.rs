//! `runbook plan FILE`

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::args::Format;
use super::exit_code::ExitCode;
use super::given::{self, Parameters};
use super::load::{self, Loaded};
use super::output;
use super::refusal::Refusal;
use super::session::Session;
use crate::check::program::Param;
use crate::console::plan::{Given, Plan, answers, human};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::input::Begin;
use crate::engine::preview::Preview;
use crate::run::params;
use crate::value::Value;

/// `plan`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The runbook
    file: PathBuf,
    #[command(flatten)]
    given: Parameters,
    /// Print a file for answers, with each prompt's text, type and options as comments
    #[arg(long, conflicts_with = "format")]
    answers_template: bool,
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<ExitCode, Refusal> {
    let loaded = load::read(&args.file)?.runnable(&args.file)?;
    output::diagnostics(&loaded.name, &loaded.source, &loaded.warnings, session.look());
    let program = &loaded.program;
    let named = args.given.env.as_deref();
    let environment = named.map_or(Ok(None), |name| params::environment(program, Some(name)));
    let (environment, unknown) = environment.map_or_else(|wrong| (None, Some(wrong)), |name| (name, None));
    let (params, missing) = values(args, &loaded, environment.as_deref(), unknown)?;
    let secrets = given::secrets_there(&loaded);
    let begin = Begin { environment: environment.clone(), params, secrets: secrets.clone(), ..Begin::default() };
    let preview = Preview::new(program, &loaded.source, begin);
    let plan = Plan::of(&preview, &Given { environment, missing, secrets });
    match args.format {
        _ if args.answers_template => output::result(&answers::template(&plan, session.lang)),
        Format::Human => output::lines(&human::lines(&plan, &session.style(&program.timezone))),
        // Text, numbers, lists and maps with names always have a JSON form.
        Format::Json => output::result(&serde_json::to_string_pretty(&plan).unwrap_or_default()),
    }
    Ok(ExitCode::Passed)
}

/// The values of all parameters that have one, and the names of those that a run cannot begin without. What is given and
/// wrong is refused here as `exec` would refuse it, the environment too where it is `unknown`.
fn values(
    args: &Args,
    loaded: &Loaded,
    environment: Option<&str>,
    unknown: Option<Diagnostic>,
) -> Result<(BTreeMap<String, Value>, Vec<String>), Refusal> {
    let outside = args.given.read()?;
    let zone = TimeZone::get(&loaded.program.timezone).unwrap_or(TimeZone::UTC);
    let given = outside.given(environment, &zone);
    let all = &loaded.program.params;
    let found = match params::resolve(all, &given) {
        Ok(values) if unknown.is_none() => return Ok((values, Vec::new())),
        Ok(_) => Vec::new(),
        Err(found) => found,
    };
    let (absent, wrong): (Vec<Diagnostic>, Vec<Diagnostic>) =
        unknown.into_iter().chain(found).partition(|diagnostic| diagnostic.code == Code::RB0863);
    if !wrong.is_empty() {
        return Err(given::refused(loaded, wrong));
    }
    let is_absent = |param: &&Param| absent.iter().any(|diagnostic| diagnostic.span() == param.span);
    let missing = all.iter().filter(is_absent).map(|param| param.name.clone()).collect();
    let there: Vec<Param> = all.iter().filter(|param| !is_absent(param)).cloned().collect();
    let values = params::resolve(&there, &given).map_err(|wrong| given::refused(loaded, wrong))?;
    Ok((values, missing))
}
