//! What a template may name: the run's view as records, texts for people beside the numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::{Environment, Error, Value};

use super::missing::{Held, Missed, Names, Part};
use crate::check::program::Column;
use crate::engine::view::{AnswerView, ObjectiveView, ObservationView, RunView, SampleView, StepView};
use crate::engine::words::status;
use crate::report::page::Page;
use crate::report::table::{PLAN_COLUMNS, column, objectives, samples};
use crate::report::words;
use crate::value::json::to_json;
use crate::value::nearest::nearest;
use crate::value::{Value as Ours, Verdict, human};

/// What an unknown name below `slo`, `series`, `step`, `answer`, `vars`, `collects` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// In a run: it was not measured, not reached, not asked.
    IsMissing,
    /// In a check: the runbook does not have it.
    IsUndefined,
}

/// All names.
pub(super) fn of(run: &RunView, page: &Page, unknown: Unknown, missed: &Missed) -> Value {
    let missing = (unknown == Unknown::IsMissing).then(|| page.no_data());
    let names = |known: BTreeMap<String, Value>| Value::from_object(Names { known, missing });
    let unobserved = run.unobserved();
    let observed = run.observations.iter().flat_map(|observation| &observation.objectives);
    let all_objectives: Vec<(&ObjectiveView, Value)> =
        observed.chain(&unobserved).map(|one| (one, objective(one, page))).collect();
    let series = run.observations.iter().map(|one| (one.name.clone(), observation(one, page))).collect();
    let steps: Vec<Value> = run.steps.iter().map(|one| step(one, page)).collect();
    let answers: Vec<Value> = run.answers.iter().map(|one| answer(one, page)).collect();
    let step_keys = run.steps.iter().map(|one| one.static_key.as_str()).zip(steps.iter().cloned());
    let answer_keys = run.answers.iter().map(|one| one.static_key.as_str()).zip(answers.iter().cloned());
    record([
        ("run", whole(run, page)),
        ("slos", Value::from(all_objectives.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>())),
        ("slo", names(all_objectives.iter().map(|(one, value)| (one.shown.key.clone(), value.clone())).collect())),
        ("series", names(series)),
        ("steps", Value::from(steps.clone())),
        ("step", names(by_key(step_keys))),
        ("answers", Value::from(answers.clone())),
        ("answer", names(by_key(answer_keys))),
        (
            "vars",
            names(
                run.vars
                    .iter()
                    .map(|(name, value)| (name.clone(), var(&format!("vars.{name}"), value, page, missed)))
                    .collect(),
            ),
        ),
        ("collects", names(collects(run, page))),
        (
            "problems",
            run.problems
                .iter()
                .map(|(list, entry)| record([("list", text(list)), ("entry", shown(entry, page))]))
                .collect(),
        ),
        (
            "deviations",
            run.deviations
                .iter()
                .map(|one| {
                    record([
                        ("at", time(Some(one.at), page)),
                        ("by", text(&one.by)),
                        ("what", text(one.what.get(page.lang))),
                    ])
                })
                .collect(),
        ),
        (
            "notes",
            run.notes
                .iter()
                .map(|(at, words)| record([("at", time(Some(*at), page)), ("text", text(words.said(page.lang)))]))
                .collect(),
        ),
        (
            "items",
            run.items
                .iter()
                .map(|item| {
                    let mut fields = verdict(item.state, page);
                    fields.extend([
                        ("key", text(&item.key)),
                        ("title", text(item.title.said(page.lang))),
                        ("by", maybe(item.by.as_deref())),
                    ]);
                    record(fields)
                })
                .collect(),
        ),
        (
            "alerts",
            run.alerts
                .iter()
                .map(|alert| {
                    record([
                        ("source", text(&alert.source)),
                        ("name", text(&alert.name)),
                        ("since", time(Some(alert.since), page)),
                        ("until", time(alert.until, page)),
                    ])
                })
                .collect(),
        ),
        (
            "rollback",
            run.rollback.as_ref().map_or(Value::from(()), |rollback| {
                record([
                    ("because", text(rollback.because.said(page.lang))),
                    ("at", time(Some(rollback.at), page)),
                    ("done", Value::from(rollback.done)),
                    ("plan", rollback.plan.iter().map(|line| text(line.said(page.lang))).collect()),
                ])
            }),
        ),
        ("signoff", run.signoff.as_ref().map_or(Value::from(()), |one| answer(one, page))),
        ("absent", run.absent.iter().map(|name| text(name)).collect()),
    ])
}

/// Functions that draw the standard tables.
pub(super) fn functions(environment: &mut Environment<'_>, run: &RunView, page: &Page) {
    let (observations, own) = (run.observations.clone(), page.clone());
    environment.add_function("slo_table", move |names: Option<Vec<String>>| {
        let columns = match names {
            None => PLAN_COLUMNS.to_vec(),
            Some(names) => names.iter().map(|name| known_column(name)).collect::<Result<Vec<Column>, Error>>()?,
        };
        Ok::<String, Error>(drawn(&observations, &own, |one| objectives(one, &columns, &own)))
    });
    let (observations, own) = (run.observations.clone(), page.clone());
    environment.add_function("sample_table", move || drawn(&observations, &own, |one| samples(one, &own)));
}

fn drawn(observations: &[ObservationView], page: &Page, draw: impl Fn(&ObservationView) -> String) -> String {
    let tables: Vec<String> = observations.iter().map(draw).collect();
    if tables.is_empty() { page.no_data().to_owned() } else { tables.join("\n").trim_end().to_owned() }
}

fn known_column(name: &str) -> Result<Column, Error> {
    column(name).ok_or_else(|| {
        let near = nearest(name, ["target", "min", "max", "mean", "last", "whole", "verdict"]);
        let meant =
            near.map(|near| crate::text!("; did you mean `{near}`?", "；是否想写 `{near}`？")).unwrap_or_default();
        super::invalid(crate::text!("there is no column `{}`{}", "没有列 `{}`{}", name, meant))
    })
}

type Fields = Vec<(&'static str, Value)>;

fn record(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::from(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<String, Value>>())
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn maybe(text: Option<&str>) -> Value {
    text.map_or(Value::from(()), Value::from)
}

fn time(time: Option<Timestamp>, page: &Page) -> Value {
    maybe(time.map(|time| page.moment(time)).as_deref())
}

fn number(number: Option<f64>) -> Value {
    number.map_or(Value::from(()), Value::from)
}

fn verdict(verdict: Verdict, page: &Page) -> Fields {
    vec![
        ("verdict", text(verdict.as_str())),
        ("word", text(verdict.word(page.lang))),
        ("mark", text(words::mark(verdict))),
        ("passed", Value::from(verdict == Verdict::Pass)),
    ]
}

fn whole(run: &RunView, page: &Page) -> Value {
    let end = run.finished_at.or(run.at);
    let took = run.started_at.zip(end).map(|(from, to)| human::span(to.duration_since(from), page.lang));
    let window = run
        .window
        .map_or(Value::from(()), |(from, to)| record([("from", time(Some(from), page)), ("to", time(Some(to), page))]));
    let mut fields = verdict(run.verdict.unwrap_or(Verdict::Pending), page);
    fields.extend([
        ("id", text(&run.run)),
        ("runbook", text(&run.runbook)),
        ("title", text(run.title.said(page.lang))),
        ("environment", maybe(run.environment.as_deref())),
        ("simulated", Value::from(run.simulated)),
        ("status", text(status(&run.status, page.lang))),
        ("executor", text(&run.executor)),
        ("owner", maybe(run.owner.as_deref())),
        ("digest", text(&run.digest)),
        ("timezone", text(&run.timezone)),
        ("window", window),
        ("date", maybe(run.started_at.map(|at| human::day(at, &page.zone)).as_deref())),
        ("started_at", time(run.started_at, page)),
        ("finished_at", time(run.finished_at, page)),
        ("at", time(run.at, page)),
        ("took", maybe(took.as_deref())),
        ("reasons", run.reasons.iter().map(|reason| text(reason.said(page.lang))).collect()),
    ]);
    record(fields)
}

fn objective(one: &ObjectiveView, page: &Page) -> Value {
    let said = |value| text(&words::number(value, one, page));
    let mut fields = verdict(one.verdict, page);
    fields.extend([
        ("key", text(&one.shown.key)),
        ("title", text(one.shown.title.said(page.lang))),
        ("unit", text(words::unit(one.shown.unit))),
        ("target", text(&words::target(&one.shown))),
        ("alert", maybe(one.shown.alert_bound.map(|alert| words::bound(&alert, one.shown.unit)).as_deref())),
        ("met", text(&words::objective_met(one, page.lang))),
        ("why", text(one.why.said(page.lang))),
        ("min", number(one.min)),
        ("max", number(one.max)),
        ("mean", number(one.mean)),
        ("last", number(one.last)),
        ("whole", number(one.whole)),
        ("used", Value::from(one.used)),
        ("breaches", Value::from(one.breaches)),
        ("no_data", Value::from(one.no_data)),
        ("errors", Value::from(one.errors)),
        ("missed", Value::from(one.missed)),
        (
            "shown",
            record([
                ("min", said(one.min)),
                ("max", said(one.max)),
                ("mean", said(one.mean)),
                ("last", said(one.last)),
                ("whole", said(one.whole)),
            ]),
        ),
    ]);
    record(fields)
}

fn observation(one: &ObservationView, page: &Page) -> Value {
    let last = one.samples.iter().rev().find_map(|sample| sample.at);
    // What was really observed, not what was planned: twelve minutes are not two hours.
    let observed = one.started_at.zip(last).map(|(from, to)| human::span(to.duration_since(from), page.lang));
    let mut fields = verdict(one.verdict, page);
    fields.extend([
        ("key", text(&one.key)),
        ("name", text(&one.name)),
        ("title", text(one.title.said(page.lang))),
        ("every", text(&human::span(one.every, page.lang))),
        ("count", Value::from(one.count)),
        ("taken", Value::from(one.taken)),
        ("missed", Value::from(one.missed)),
        ("errors", Value::from(one.errors)),
        ("ended", maybe(one.ended.as_deref())),
        ("started_at", time(one.started_at, page)),
        ("ended_at", time(last, page)),
        ("observed", maybe(observed.as_deref())),
        ("slos", one.objectives.iter().map(|one| objective(one, page)).collect()),
        ("samples", one.samples.iter().map(|sample| self::sample(sample, one, page)).collect()),
    ]);
    record(fields)
}

fn sample(sample: &SampleView, observation: &ObservationView, page: &Page) -> Value {
    let values: BTreeMap<String, Value> = observation
        .objectives
        .iter()
        .map(|objective| {
            let found = sample.values.iter().find(|value| value.objective == objective.shown.key);
            let mut fields = verdict(found.map_or(Verdict::NoData, |value| value.verdict), page);
            let value = found.and_then(|value| value.value);
            fields.extend([
                ("value", number(value)),
                ("shown", text(&words::number(value, objective, page))),
                ("alert", Value::from(found.is_some_and(|value| value.alert))),
            ]);
            (objective.shown.key.clone(), record(fields))
        })
        .collect();
    record([
        ("n", Value::from(sample.n)),
        ("due", time(Some(sample.due), page)),
        ("at", time(sample.at, page)),
        ("state", text(&sample.state)),
        ("reset", Value::from(sample.reset)),
        ("remarks", text(&crate::report::table::remarks(sample, page))),
        ("values", Value::from(values)),
    ])
}

fn step(one: &StepView, page: &Page) -> Value {
    let mut fields = verdict(one.state, page);
    fields.extend([
        ("key", text(&one.static_key)),
        ("id", text(&one.key)),
        ("kind", text(&one.word)),
        ("title", text(one.title.said(page.lang))),
        ("command", text(one.what.said(page.lang))),
        ("started_at", time(Some(one.started_at), page)),
        ("took", maybe(one.took.map(|took| human::span(took, page.lang)).as_deref())),
        ("attempts", Value::from(one.attempts)),
        ("detail", text(one.detail.get(page.lang))),
    ]);
    record(fields)
}

fn answer(one: &AnswerView, page: &Page) -> Value {
    record([
        ("key", text(&one.static_key)),
        ("id", text(&one.key)),
        ("title", text(one.title.said(page.lang))),
        ("value", shown(&one.value, page)),
        ("shown", text(&words::answer(one, page))),
        ("by", text(&words::by(one, page.lang))),
        ("at", time(Some(one.at), page)),
        ("note", maybe(one.note.as_deref())),
        ("evidence", maybe(one.evidence.as_deref())),
    ])
}

/// By full key, and by the last part of it where no other thing ends so. Of several instances the last one counts.
fn by_key<'a>(things: impl Iterator<Item = (&'a str, Value)>) -> BTreeMap<String, Value> {
    let full: BTreeMap<String, Value> = things.map(|(key, value)| (key.to_owned(), value)).collect();
    let mut out = full.clone();
    let last = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for key in full.keys() {
        *ends.entry(last(key)).or_default() += 1;
    }
    for (key, value) in full {
        let end = last(&key);
        if ends.get(&end) == Some(&1) {
            out.entry(end).or_insert(value);
        }
    }
    out
}

fn collects(run: &RunView, page: &Page) -> BTreeMap<String, Value> {
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (list, entry) in &run.problems {
        lists.entry(list.clone()).or_default().push(shown(entry, page));
    }
    lists.into_iter().map(|(list, entries)| (list, Value::from(entries))).collect()
}

/// A value of the language whose parts know their path: what is not there is named by it.
fn var(path: &str, value: &Ours, page: &Page, missed: &Missed) -> Value {
    let held = match value {
        Ours::List(items) => {
            let items = items.iter().enumerate();
            Held::Items(items.map(|(index, item)| var(&format!("{path}[{index}]"), item, page, missed)).collect())
        }
        Ours::Map(fields) => {
            let field =
                |(key, item): (&String, &Ours)| (key.clone(), var(&format!("{path}.{key}"), item, page, missed));
            Held::Fields(fields.iter().map(field).collect())
        }
        Ours::Null
        | Ours::Bool(_)
        | Ours::Int(_)
        | Ours::Float(_)
        | Ours::Percent(_)
        | Ours::Duration(_)
        | Ours::Bytes(_)
        | Ours::Time(_)
        | Ours::Text(_)
        | Ours::Secret(_)
        | Ours::Verdict(_) => return shown(value, page),
    };
    Value::from_object(Part { path: path.to_owned(), held, missed: missed.clone() })
}

/// A value of the language: what has a unit as text for people, everything else as it is.
fn shown(value: &Ours, page: &Page) -> Value {
    match value {
        Ours::Percent(_) | Ours::Duration(_) | Ours::Bytes(_) | Ours::Time(_) => {
            text(&human::value(value, &page.zone, page.lang))
        }
        Ours::List(items) => items.iter().map(|item| shown(item, page)).collect(),
        Ours::Map(fields) => {
            Value::from(fields.iter().map(|(key, item)| (key.clone(), shown(item, page))).collect::<BTreeMap<_, _>>())
        }
        Ours::Null => Value::from(()),
        Ours::Bool(truth) => Value::from(*truth),
        Ours::Int(number) => Value::from(*number),
        Ours::Float(number) => Value::from(*number),
        Ours::Text(words) => text(words),
        Ours::Secret(_) | Ours::Verdict(_) => text(to_json(value).as_str().unwrap_or_default()),
    }
}
