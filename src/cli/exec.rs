//! `runbook exec FILE`: everything that can be wrong is found before anything runs.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::Exec;
use super::compose::{Stage, world};
use super::exit_code::ExitCode;
use super::given::{Outside, refused};
use super::load::{self, Loaded};
use super::refusal::Refusal;
use super::scenario::{self, Chosen};
use super::secrets::{self, Found};
use super::session::Session;
use super::{ending, inputs, output};
use crate::check::program::Program;
use crate::diagnostic::{Code, Diagnostic};
use crate::drivers::answers::{Answers, fitting};
use crate::drivers::history::History;
use crate::drivers::sim::scenario::Scenario;
use crate::journal::file_store::share::SharedWith;
use crate::journal::record::{FORMAT, Header};
use crate::journal::store::Claimant;
use crate::journal::stored_value::StoredValue;
use crate::run::params::{self, Given};
use crate::run::start::{begin, prepare, run_id};
use crate::text;
use crate::value::Value;
use crate::value::nearest::nearest;

pub(super) fn run(session: &Session, args: &Exec) -> Result<ExitCode, Refusal> {
    let runbook = load::read(&args.file)?.runnable(&args.file)?;
    output::diagnostics(&runbook.name, &runbook.source, &runbook.warnings, session.look());
    let chosen = args.sim.as_deref().map(|wanted| scenario::choose(&runbook, wanted)).transpose()?;
    let zone = TimeZone::get(&runbook.program.timezone).unwrap_or(TimeZone::UTC);
    let Known { environment, params, secrets, answers } = known(session, args, &runbook, chosen.as_ref(), &zone)?;

    let at = match &chosen {
        Some(chosen) => start_of(&chosen.scenario, &runbook),
        None => inputs::now(),
    };
    let share = args.share_group.as_deref().map(SharedWith::named).transpose()?;
    let mut store = session.store()?;
    let run = run_id(at, &zone, &runbook.program.name, inputs::chance());
    let executor = chosen.as_ref().map_or_else(inputs::user, |chosen| chosen.scenario.executor().to_owned());
    let who = Claimant { user: executor.clone(), ..inputs::claimant() };
    prepare(&mut store, &run, &who, &runbook.files)?;
    share.map_or(Ok(()), |group| store.share(&run, group))?;
    secrets.seal(&mut store, &run)?;
    if let Some(chosen) = &chosen {
        chosen.keep(&mut store, &run)?;
    }
    output::say(&format!("run {run}"));

    let dir = inputs::working_dir();
    let program = &runbook.program;
    let header = Header {
        format: FORMAT,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.clone(),
        digest: program.digest.clone(),
        runbook: program.name.clone(),
        title: runbook.title(),
        file: runbook.path.display().to_string(),
        sources: runbook.sources(),
        params: params.into_iter().map(|(name, value)| (name, StoredValue(value))).collect(),
        secrets: secrets.names.clone(),
        environment,
        zone: program.timezone.clone(),
        language: session.lang.pick("en", "zh").to_owned(),
        working_dir: dir.display().to_string(),
        simulation: chosen.as_ref().map(Chosen::simulation),
        started_at: at,
        executor: executor.clone(),
        hostname: inputs::hostname(),
        from: args.from.clone(),
        step: args.step,
    };
    let stage = Stage {
        session,
        run: &run,
        dir,
        runbook: &runbook,
        source: "source",
        secrets: secrets.texts,
        answers,
        zone,
        executor,
        simulated: chosen.as_ref().map(|chosen| (chosen, at, at)),
        pace: args.speed,
        history: History::default(),
    };
    let mut drivers = world(&store, stage)?;
    let ended = begin(&runbook.program, &mut store, &mut drivers, header)
        .and_then(|(mut run, over)| over.map_or_else(|| run.drive(), Ok));
    drop(drivers);
    Ok(ending::report(session, &store, &run, ended))
}

/// What a run is given from outside.
struct Known {
    environment: Option<String>,
    params: BTreeMap<String, Value>,
    secrets: Found,
    answers: Answers,
}

/// What the run is given, or all that is missing and wrong with it at once. Nobody is asked for a secret, and no command
/// prints one, before everything else is right.
fn known(
    session: &Session,
    args: &Exec,
    runbook: &Loaded,
    chosen: Option<&Chosen>,
    zone: &TimeZone,
) -> Result<Known, Refusal> {
    let mut wrong: Vec<Diagnostic> = args.from.iter().filter_map(|key| stranger(&runbook.program, key)).collect();
    let environment = environment(session, args, runbook, chosen).map_err(|missing| wrong.push(missing));
    let params = parameters(args, runbook, chosen, environment.as_ref().ok().and_then(Option::as_deref), zone)?;
    let answers = answers(args, runbook, chosen, zone);
    let from = chosen.map_or(secrets::From::World, |chosen| secrets::From::Scenario(&chosen.scenario.secrets));
    match (environment, params, answers) {
        (Ok(environment), Ok(params), Ok(answers)) if wrong.is_empty() => {
            let secrets = secrets::find(session, (&runbook.program, &runbook.name, &runbook.source), &from)?;
            secrets.warn(session);
            Ok(Known { environment, params, secrets, answers })
        }
        (environment, params, answers) => {
            let mut missing = params.err().unwrap_or_default();
            if environment.is_err() {
                // What an environment would give is not missing.
                let given =
                    |span| runbook.program.params.iter().any(|param| param.span == span && !param.per_env.is_empty());
                missing.retain(|one| one.code != Code::RB0863 || !given(one.span()));
            }
            wrong.extend(missing);
            wrong.extend(secrets::absent(session, &runbook.program, &from));
            let about = (!wrong.is_empty()).then(|| refused(runbook, wrong));
            Err(Refusal::All(about.into_iter().chain(answers.err()).collect()))
        }
    }
}

/// `--from` names no statement.
fn stranger(program: &Program, key: &str) -> Option<Diagnostic> {
    let keys = || program.nodes.iter().map(|node| node.key.as_str());
    if keys().any(|known| known == key) {
        return None;
    }
    let help = match nearest(key, keys()) {
        Some(near) => text!("did you mean `{near}`?", "是否想写 `{near}`？"),
        None => text!("`runbook plan FILE` shows all keys", "`runbook plan FILE` 会显示所有键"),
    };
    let message = text!("--from {key}: no statement has this key", "--from {key}：没有语句使用该键");
    Some(Diagnostic::placeless(Code::RB0867, message).help(help))
}

fn environment(
    session: &Session,
    args: &Exec,
    runbook: &Loaded,
    chosen: Option<&Chosen>,
) -> Result<Option<String>, Diagnostic> {
    let program = &runbook.program;
    let wanted = args.given.env.clone().or_else(|| chosen.and_then(|chosen| chosen.scenario.env.clone()));
    if wanted.is_none() && chosen.is_none() && !program.environments.is_empty() && inputs::stdin_is_terminal() {
        let words = session.lang.pick("environment", "环境");
        let prompt = format!("{words} ({}): ", program.environments.join(", "));
        // A typo asks again, an empty line too; the end of input is no answer.
        while let Ok(typed) = inputs::ask(&prompt) {
            match params::environment(program, Some(typed.trim())) {
                Ok(environment) => return Ok(environment),
                Err(_) if typed.trim().is_empty() => {}
                Err(slip) => output::say(&params::slip(&slip, session.lang)),
            }
        }
    }
    params::environment(program, wanted.as_deref())
}

fn parameters(
    args: &Exec,
    runbook: &Loaded,
    chosen: Option<&Chosen>,
    environment: Option<&str>,
    zone: &TimeZone,
) -> Result<Result<BTreeMap<String, Value>, Vec<Diagnostic>>, Refusal> {
    let Outside { flags, mut file, alerts } = args.given.read()?;
    if let Some(chosen) = chosen {
        for (name, text) in &chosen.scenario.params {
            file.entry(name.clone()).or_insert_with(|| text.clone());
        }
    }
    // The outer environment is no part of a simulation.
    let env = |name: &str| if chosen.is_some() { None } else { inputs::variable(name) };
    let given = Given { flags: &flags, file: &file, alerts: alerts.as_ref(), env: &env, environment, zone };
    Ok(params::resolve(&runbook.program.params, &given))
}

fn answers(args: &Exec, runbook: &Loaded, chosen: Option<&Chosen>, zone: &TimeZone) -> Result<Answers, Refusal> {
    // With nobody there a scenario has its own people.
    let beside = chosen.filter(|_| !inputs::stdin_is_terminal()).and_then(|chosen| chosen.answers.as_deref());
    read_answers(args.answers.as_deref().or(beside), runbook, zone)
}

/// An answers file, judged against the runbook before anything runs.
pub(super) fn read_answers(path: Option<&Path>, runbook: &Loaded, zone: &TimeZone) -> Result<Answers, Refusal> {
    let Some(path) = path else { return Ok(Answers::default()) };
    let text = inputs::read_text(path)?;
    let name = path.display().to_string();
    let answers = Answers::parse(&text).map_err(|wrong| Refusal::about(&name, &text, vec![wrong]))?;
    let wrong = fitting(&answers, &runbook.program, zone);
    if wrong.is_empty() { Ok(answers.of(&runbook.program)) } else { Err(Refusal::about(&name, &text, wrong)) }
}

/// When a simulated run begins.
fn start_of(scenario: &Scenario, runbook: &Loaded) -> Timestamp {
    let opens = runbook.program.window.as_ref().map(|window| window.opens);
    scenario.start.or(opens).unwrap_or(Scenario::DEFAULT_START)
}
