//! `runbook metrics explain RUN SLO`: from the number of an objective to the lines of the scrapes that it comes from.

use std::collections::BTreeMap;

use crate::cli::args::Format;
use crate::cli::exit_code::ExitCode;
use crate::cli::history::{self, Past};
use crate::cli::output;
use crate::cli::refusal::Refusal;
use crate::cli::session::Session;
use crate::diagnostic::Code;
use crate::engine::evidence::{Evidence, evidence};
use crate::engine::view::{ObservationView, RunView, SampleView};
use crate::journal::kept;
use crate::journal::problem::Problem;
use crate::journal::record::{Data, Outcome, Record};
use crate::journal::store::Store as _;
use crate::report::explain::{Body, Explainer, Told, human, json};
use crate::report::page::Page;
use crate::run::replay::Unseen;
use crate::text;
use crate::text::Text;
use crate::value::nearest::nearest;

/// `metrics explain`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, a unique beginning of it, or `last`
    run: String,
    /// Key of the objective
    slo: String,
    /// One sample instead of the whole observation
    #[arg(long, value_name = "N", value_parser = str::parse::<u32>)]
    sample: Option<u32>,
    /// Name of the series, where several observations have the objective
    #[arg(long, value_name = "NAME")]
    series: Option<String>,
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<ExitCode, Refusal> {
    let past = history::open(session, &args.run)?;
    let replayed = past.replayed(&mut Unseen)?;
    let (view, _) = past.view(&replayed, crate::cli::inputs::now())?;
    let program = &past.runbook.program;
    let Some(declared) = program.objectives.iter().find(|objective| objective.key == args.slo) else {
        let keys = || program.objectives.iter().map(|objective| objective.key.as_str());
        let problem =
            Problem::new(Code::RB0913, text!("the runbook has no objective `{}`", "runbook 没有目标 `{}`", args.slo));
        return Err(Refusal::from(problem.help(match nearest(&args.slo, keys()) {
            Some(near) => text!("did you mean `{near}`?", "是否想写 `{near}`？"),
            None if program.objectives.is_empty() => text!("it has none", "它没有任何目标"),
            None => text!("it has {}", "可用目标：{}", keys().collect::<Vec<_>>().join(", ")),
        })));
    };
    let observation = observed(&view, args)?;
    let sample = sample(observation, args.sample)?;
    let Some(evidence) = evidence(program, &replayed.state, &observation.key) else {
        return Err(refused(text!("{} has not begun", "{} 尚未开始", observation.key)));
    };
    let window = match sample {
        None => (0, u32::MAX),
        Some(sample) => (sample.n.saturating_sub(sample.spans.max(1)), sample.n),
    };
    let mut explainer = Explainer::new(&declared.indicator, declared.target, &evidence, window);
    let outcomes = outcomes(&past, &evidence)?;
    feed(&past, &evidence, observation, &outcomes, &mut explainer)?;
    let explanation = explainer.explanation();
    let objective = observation.objectives.iter().find(|one| one.shown.key == args.slo);
    let Some(objective) = objective else {
        return Err(refused(text!("{} is not observed", "{} 未被观察", args.slo)));
    };
    let told = Told { run: &view, observation, declared, objective, sample, explanation: &explanation };
    let page = Page { lang: session.lang, zone: session.style(&view.timezone).zone };
    output::result(&match args.format {
        Format::Human => human(&told, &page),
        Format::Json => format!("{:#}\n", json(&told)),
    });
    Ok(ExitCode::Passed)
}

fn refused(message: Text) -> Refusal {
    Refusal::from(Problem::new(Code::RB0913, message))
}

/// The observation that has the objective.
fn observed<'v>(view: &'v RunView, args: &Args) -> Result<&'v ObservationView, Refusal> {
    let has = |one: &&ObservationView| one.objectives.iter().any(|objective| objective.shown.key == args.slo);
    let named = |one: &&ObservationView| args.series.as_ref().is_none_or(|name| one.name == *name);
    let found: Vec<&ObservationView> = view.observations.iter().filter(has).filter(named).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(refused(text!("nothing has observed `{}` in this run", "该次运行中没有观察过 `{}`", args.slo))),
        several => {
            let names: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
            let problem = Problem::new(
                Code::RB0913,
                text!("`{}` was observed {} times", "`{}` 被观察了 {} 次", args.slo, several.len()),
            );
            Err(Refusal::from(problem.help(text!(
                "say which by `--series`: {}",
                "请用 `--series` 指明：{}",
                names.join(", ")
            ))))
        }
    }
}

fn sample(observation: &ObservationView, wanted: Option<u32>) -> Result<Option<&SampleView>, Refusal> {
    let Some(wanted) = wanted else { return Ok(None) };
    let found = observation.samples.iter().find(|sample| sample.n == wanted);
    let count = observation.samples.len();
    found.map(Some).ok_or_else(|| {
        refused(text!("there is no sample {wanted}: {count} are decided", "没有样本 {wanted}：目前共 {count} 个"))
    })
}

/// The outcomes of the scrapes of an observation, by their number.
fn outcomes(past: &Past, evidence: &Evidence) -> Result<BTreeMap<u32, Outcome>, Refusal> {
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let mut found = BTreeMap::new();
    let of_sample = format!("{}/sample.", evidence.instance);
    past.store.read(&past.run, &mut |entry| {
        match entry.record {
            Record::Intent(intent) => {
                keys.insert(intent.id, intent.key);
            }
            Record::Outcome(outcome) => {
                let sample = outcome.id.strip_prefix(&of_sample).and_then(|n| n.strip_suffix(&evidence.suffix));
                let sample = sample.and_then(|n| n.parse::<u32>().ok());
                let zero = outcome.started_at == evidence.zero_at && keys.get(&outcome.id) == Some(&evidence.zero_key);
                if let Some(n) = sample.or(zero.then_some(0)) {
                    found.insert(n, *outcome);
                }
            }
            Record::Header(_) | Record::Started(_) | Record::Input(_) | Record::Takeover(_) | Record::End(_) => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// Reads the kept bodies, scrape by scrape.
fn feed(
    past: &Past,
    evidence: &Evidence,
    observation: &ObservationView,
    outcomes: &BTreeMap<u32, Outcome>,
    explainer: &mut Explainer<'_>,
) -> Result<(), Refusal> {
    let artifacts = past.store.artifacts(&past.run);
    for (n, outcome) in outcomes {
        let sample = observation.samples.iter().find(|sample| sample.n == *n);
        if sample.is_some_and(|sample| sample.state != "taken") {
            explainer.failed(*n, outcome.started_at);
            continue;
        }
        let Data::Scrape { kept } = &outcome.data else { continue };
        if let [one] = kept.as_slice()
            && let Some((artifact, answers)) = kept::answers(&*artifacts, one, evidence.max_bytes)?
        {
            explainer.answered(*n, outcome.started_at, &answers, &artifact);
            continue;
        }
        let mut read = Vec::new();
        for one in kept {
            let (artifact, format) = kept::named(one)?;
            read.push((kept::body(&*artifacts, &artifact, evidence.max_bytes)?, artifact, format));
        }
        let bodies: Vec<Body<'_>> =
            read.iter().map(|(bytes, kept, format)| Body { format: *format, bytes, kept }).collect();
        explainer.take(*n, outcome.started_at, &bodies).map_err(refused)?;
    }
    Ok(())
}
