//! What the samples of an observation are worth: values, verdicts, the records that expressions read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::Observation;
use crate::check::program::{NodeId, NodeKind, Objective, OnMissing, Program, Unit};
use crate::engine::action::{ObjectiveShown, Queries, Words};
use crate::engine::eval::Env;
use crate::engine::record::both;
use crate::engine::state::State;
use crate::engine::view::{ObjectiveView, ObservationView, SampleValue, SampleView};
use crate::metrics::form::evaluate;
use crate::metrics::increase::{Increases, Tracker};
use crate::metrics::indicator::{Indicator, Promql};
use crate::metrics::objective::{self as metric, Bound, NoData, Reading};
use crate::metrics::promql::Note;
use crate::metrics::server::Answers;
use crate::text::{Lang, Text};
use crate::value::{Value, Verdict, text};

/// The values of a sample: exact forms over the interval whose increases these are, expressions at `at_ms`.
pub(super) fn values(
    program: &Program,
    observation: &Observation,
    (increases, answers): (&Increases, Option<&Answers>),
    at_ms: i64,
) -> Vec<SampleValue> {
    let NodeKind::Sample(sample) = &program.node(observation.node).kind else { return Vec::new() };
    let objectives = sample.objectives.iter().filter_map(|index| program.objectives.get(*index));
    objectives
        .map(|objective| {
            let (reading, why) = match &objective.indicator {
                Indicator::Exact(form) => {
                    let reading = evaluate(form, increases);
                    let why = why(&reading);
                    (reading, why)
                }
                Indicator::Promql(promql) => asked(observation, promql, &objective.target, (at_ms, answers)),
            };
            SampleValue {
                objective: objective.key.clone(),
                value: reading.value(),
                verdict: verdict_of(metric::judge(&reading, &objective.target)),
                alert: metric::alert_level(&reading, objective.alert.as_ref()),
                why,
            }
        })
        .collect()
}

/// What a server is asked for sample `n`, which is taken now.
pub(super) fn questions(
    program: &Program,
    observation: &mut Observation,
    queries: &mut Queries,
    n: u32,
    now: Timestamp,
) {
    observation.asked_ms = observation.time_ms(n, now);
    let Some(observed) = &observation.observed else { return };
    let NodeKind::Sample(sample) = &program.node(observation.node).kind else { return };
    let objectives = sample.objectives.iter().filter_map(|index| program.objectives.get(*index));
    let texts = objectives.filter_map(|objective| objective.indicator.promql());
    queries.texts = texts.map(|promql| observed.resolved(promql, observation.asked_ms)).collect();
    queries.texts.sort();
    queries.texts.dedup();
    queries.lookback = SignedDuration::from_millis(observed.grid().lookback_ms());
    queries.at = Timestamp::from_millisecond(observation.asked_ms).unwrap_or(now);
    queries.since = observation.zero_at.saturating_sub(queries.lookback).unwrap_or(queries.since);
}

/// The value of an expression, with what should be known beside it.
fn asked(
    observation: &Observation,
    promql: &Promql,
    target: &Bound,
    (at_ms, answers): (i64, Option<&Answers>),
) -> (Reading, Words) {
    let Some(observed) = &observation.observed else {
        return (Reading::NoData(NoData::NoInterval), Words::default());
    };
    let asked = match answers {
        Some(answers) => observed.answered(promql, target, at_ms, answers),
        None => {
            let known = |name: &str| observation.whole.as_ref().is_some_and(|whole| whole.ever(name));
            observed.ask(promql, target, at_ms, known)
        }
    };
    if asked.notes.is_empty() {
        let why = why(&asked.reading);
        return (asked.reading, why);
    }
    let notes: Vec<Text> = asked.notes.iter().map(Note::text).collect();
    let notes = Text::join(&notes, &Text { en: "; ".to_owned(), zh: "；".to_owned() });
    (asked.reading, Words::zh_first(notes))
}

fn why(reading: &Reading) -> Words {
    match reading {
        Reading::Value(_) => Words::default(),
        Reading::NoData(reason) => Words::zh_first(reason.text()),
        Reading::Error(fault) => Words::zh_first(fault.text()),
    }
}

fn verdict_of(verdict: metric::Verdict) -> Verdict {
    match verdict {
        metric::Verdict::Pass => Verdict::Pass,
        metric::Verdict::Breach => Verdict::Breach,
        metric::Verdict::NoData => Verdict::NoData,
        metric::Verdict::Error => Verdict::Error,
    }
}

/// The objective over the whole observation so far, before anybody ruled: verdict, and the value or why there is none.
pub(super) fn whole_verdict(objective: &Objective, observation: &Observation) -> (Verdict, Result<f64, Words>) {
    let Some(whole) = &observation.whole else {
        let tried = observation.samples.iter().any(|sample| sample.state == "error");
        return if tried {
            (Verdict::Error, Err(both("没有能读取的样本", "no sample could be read")))
        } else {
            (Verdict::NoData, Err(both("没有采集到样本", "no sample was taken")))
        };
    };
    // Two processes behind one URL make nonsense of the sum, also where single samples were good again.
    if let Some(several) = observation.trackers.iter().find_map(Tracker::several) {
        return (Verdict::Error, Err(Words::zh_first(several.text())));
    }
    let used = observation.values_of(&objective.key).filter(|value| value.value.is_some()).count();
    let used = u32::try_from(used).unwrap_or(u32::MAX);
    if used < objective.min_samples {
        let few = why(&Reading::NoData(NoData::TooFew { samples: used, wanted: objective.min_samples }));
        // As long as samples come it may still be enough.
        let verdict = if observation.is_sampling() { Verdict::Pending } else { Verdict::NoData };
        return (verdict, Err(few));
    }
    match &objective.indicator {
        Indicator::Exact(form) => {
            let reading = evaluate(form, whole);
            let verdict = verdict_of(metric::judge(&reading, &objective.target));
            (verdict, reading.value().ok_or_else(|| why(&reading)))
        }
        // Its ranges say over which time it speaks: the value at the last sample that was taken is that of the whole.
        Indicator::Promql(_) => last_value(objective, observation).map_or_else(
            || (Verdict::NoData, Err(both("没有采集到样本", "no sample was taken"))),
            |last| (last.verdict, last.value.ok_or_else(|| last.why.clone())),
        ),
    }
}

/// The objective at the last sample that was taken.
fn last_value<'o>(objective: &Objective, observation: &'o Observation) -> Option<&'o SampleValue> {
    let taken = observation.samples.iter().rev().find(|sample| sample.state == "taken")?;
    taken.values.iter().find(|value| value.objective == objective.key)
}

/// The objective's verdict, with its policy and a person's ruling.
pub(crate) fn verdict(program: &Program, state: &State, id: NodeId, index: usize) -> (Verdict, Words) {
    let (Some(objective), Some(observation)) = (program.objectives.get(index), state.observations.get(&id)) else {
        return (Verdict::Pending, Words::default());
    };
    if let Some((verdict, why)) = state.rulings.get(&(id, index)) {
        return (*verdict, why.clone());
    }
    let (verdict, value) = whole_verdict(objective, observation);
    let why = value.err().unwrap_or_default();
    let policy = match verdict {
        Verdict::NoData => &objective.no_data,
        Verdict::Error => &objective.on_error,
        Verdict::Pass
        | Verdict::Fail
        | Verdict::Breach
        | Verdict::Skipped
        | Verdict::NotApplicable
        | Verdict::Pending
        | Verdict::RolledBack
        | Verdict::Aborted
        | Verdict::CutOff => return (verdict, why),
    };
    match policy {
        OnMissing::Ignore => {
            let en = format!("{}; it does not count", why.said(Lang::En));
            (Verdict::NotApplicable, both(format!("{}；不计入结论", why.text), en))
        }
        OnMissing::Inconclusive => {
            let en = format!("{}; nothing can be concluded", why.said(Lang::En));
            (verdict, both(format!("{}；无法得出结论", why.text), en))
        }
        OnMissing::Fail | OnMissing::Ask(_) => (verdict, why),
    }
}

/// Over all objectives: the worst, where not applicable counts as passed.
pub(crate) fn overall(program: &Program, state: &State, id: NodeId) -> Verdict {
    let NodeKind::Sample(sample) = &program.node(id).kind else { return Verdict::Pending };
    let Some(observation) = state.observations.get(&id) else { return Verdict::Pending };
    let verdicts: Vec<Verdict> = sample.objectives.iter().map(|index| verdict(program, state, id, *index).0).collect();
    let order = [Verdict::Breach, Verdict::Error, Verdict::NoData];
    if let Some(worst) = order.into_iter().find(|worst| verdicts.contains(worst)) {
        return worst;
    }
    if observation.is_sampling() { Verdict::Pending } else { Verdict::Pass }
}

/// How an observation looks for people and reports.
pub(crate) fn view(program: &Program, state: &State, observation: &Observation) -> ObservationView {
    let node = program.node(observation.node);
    let env = Env { program, state, scope: crate::engine::state::ROOT };
    let indices = match &node.kind {
        NodeKind::Sample(sample) => sample.objectives.clone(),
        _other => Vec::new(),
    };
    let objectives = indices.iter().filter_map(|index| {
        let objective = program.objectives.get(*index)?;
        Some(objective_view(&env, observation, objective, verdict(program, state, observation.node, *index)))
    });
    let name = node.bind.map(|var| program.var(var).name.clone()).unwrap_or_default();
    // Without a title it goes by its name.
    let title = node.title.as_ref().map_or_else(|| crate::engine::record::plain(&name), |title| env.words_lossy(title));
    // The last one may still be on its way: then none follows.
    let more = observation.ended.is_none() && observation.wants(observation.next);
    ObservationView {
        key: node.key.clone(),
        name,
        title,
        every: observation.every,
        count: observation.count,
        ended: observation.ended.map(str::to_owned),
        verdict: overall(program, state, observation.node),
        started_at: Some(observation.zero_at),
        next: more.then(|| observation.due(observation.next)),
        taken: observation.taken(),
        missed: observation.counted("missed"),
        errors: observation.counted("error"),
        objectives: objectives.collect(),
        samples: observation.samples.clone(),
    }
}

fn objective_view(
    env: &Env<'_>,
    observation: &Observation,
    objective: &Objective,
    (verdict, why): (Verdict, Words),
) -> ObjectiveView {
    let values: Vec<&SampleValue> = observation.values_of(&objective.key).collect();
    let numbers: Vec<f64> = values.iter().filter_map(|value| value.value).collect();
    let counted = |verdict: Verdict| {
        u32::try_from(values.iter().filter(|value| value.verdict == verdict).count()).unwrap_or(u32::MAX)
    };
    let used = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let stopped = verdict == Verdict::Pass && observation.ended == Some("stopped");
    ObjectiveView {
        shown: shown(env, objective),
        verdict,
        // What was met until then is not what was to be met.
        why: if stopped { stopped_after(observation) } else { why },
        min: numbers.iter().copied().reduce(f64::min),
        max: numbers.iter().copied().reduce(f64::max),
        mean: (used > 0).then(|| numbers.iter().sum::<f64>() / f64::from(used)),
        last: values.last().and_then(|value| value.value),
        whole: whole_verdict(objective, observation).1.ok(),
        used,
        breaches: counted(Verdict::Breach),
        no_data: counted(Verdict::NoData),
        errors: observation.counted("error") + counted(Verdict::Error),
        missed: observation.counted("missed"),
    }
}

fn stopped_after(observation: &Observation) -> Words {
    let taken = observation.taken();
    match observation.count {
        Some(count) => {
            both(format!("采集 {taken}/{count} 个样本后停止"), format!("stopped after {taken} of {count} samples"))
        }
        None => both(format!("采集 {taken} 个样本后停止"), format!("stopped after {taken} samples")),
    }
}

/// An objective as it is shown before it has values.
pub(crate) fn shown(env: &Env<'_>, objective: &Objective) -> ObjectiveShown {
    ObjectiveShown {
        key: objective.key.clone(),
        title: env.words_lossy(&objective.title),
        target: bound(&objective.target, objective.unit),
        target_bound: objective.target,
        alert_bound: objective.alert,
        alert: objective.alert.as_ref().map(|alert| bound(alert, objective.unit)),
        unit: objective.unit,
    }
}

fn bound(bound: &Bound, unit: Unit) -> String {
    format!("{} {}", bound.compare, text::text(&with_unit(bound.limit, unit)))
}

/// A number in base units as a value of the language.
pub(crate) fn with_unit(number: f64, unit: Unit) -> Value {
    match unit {
        Unit::Percent => Value::Percent(number),
        // Beyond what a duration can hold (292 years) the number stands without its unit.
        Unit::Seconds => SignedDuration::try_from_secs_f64(number).map_or(Value::Float(number), Value::Duration),
        Unit::Bytes | Unit::None => Value::Float(number),
    }
}

/// A value that is not there says so: it compares with nothing and reads `no_data`.
fn maybe(number: Option<f64>, unit: Unit) -> Value {
    number.map_or(Value::Verdict(Verdict::NoData), |number| with_unit(number, unit))
}

fn count(number: u32) -> Value {
    Value::Int(i64::from(number))
}

/// The record that a series' name reads.
pub(crate) fn record(program: &Program, state: &State, observation: &Observation) -> Value {
    let view = view(program, state, observation);
    let unit_of = |key: &str| {
        view.objectives.iter().find(|objective| objective.shown.key == key).map_or(Unit::None, |o| o.shown.unit)
    };
    let mut record = BTreeMap::new();
    let mut slos = Vec::new();
    for objective in &view.objectives {
        let unit = objective.shown.unit;
        let fields = BTreeMap::from([
            ("key".to_owned(), Value::Text(objective.shown.key.clone())),
            ("title".to_owned(), Value::Text(objective.shown.title.text.clone())),
            ("target".to_owned(), Value::Text(objective.shown.target.clone())),
            ("verdict".to_owned(), Value::Verdict(objective.verdict)),
            ("min".to_owned(), maybe(objective.min, unit)),
            ("max".to_owned(), maybe(objective.max, unit)),
            ("mean".to_owned(), maybe(objective.mean, unit)),
            ("last".to_owned(), maybe(objective.last, unit)),
            ("whole".to_owned(), maybe(objective.whole, unit)),
            ("used".to_owned(), count(objective.used)),
            ("breaches".to_owned(), count(objective.breaches)),
            ("no_data".to_owned(), count(objective.no_data)),
            ("errors".to_owned(), count(objective.errors)),
            ("missed".to_owned(), count(objective.missed)),
        ]);
        slos.push(Value::Map(fields.clone()));
        record.insert(objective.shown.key.clone(), Value::Map(fields));
    }
    let sample = |sample: &SampleView| {
        let mut fields: BTreeMap<String, Value> = sample
            .values
            .iter()
            .map(|value| (value.objective.clone(), maybe(value.value, unit_of(&value.objective))))
            .collect();
        fields.insert("n".to_owned(), count(sample.n));
        fields.insert("state".to_owned(), Value::Text(sample.state.clone()));
        fields.insert("at".to_owned(), sample.at.map_or(Value::Null, Value::Time));
        Value::Map(fields)
    };
    record.insert("slos".to_owned(), Value::List(slos));
    record.insert("table".to_owned(), Value::List(view.samples.iter().map(sample).collect()));
    record.insert("last".to_owned(), view.samples.last().map_or(Value::Null, sample));
    record.insert("verdict".to_owned(), Value::Verdict(view.verdict));
    record.insert("taken".to_owned(), count(view.taken));
    record.insert("missed".to_owned(), count(view.missed));
    record.insert("errors".to_owned(), count(view.errors));
    record.insert("ended".to_owned(), view.ended.clone().map_or(Value::Null, Value::Text));
    Value::Map(record)
}

/// The record that a source's name reads.
pub(crate) fn source(state: &State, index: usize) -> Value {
    let firing = state.firing.get(&index).map(|alerts| {
        let texts = |map: &BTreeMap<String, String>| {
            Value::Map(map.iter().map(|(name, value)| (name.clone(), Value::Text(value.clone()))).collect())
        };
        let alerts = alerts.iter().map(|alert| {
            Value::Map(BTreeMap::from([
                ("fingerprint".to_owned(), Value::Text(alert.fingerprint.clone())),
                ("labels".to_owned(), texts(&alert.labels)),
                ("annotations".to_owned(), texts(&alert.annotations)),
                ("starts_at".to_owned(), Value::Time(alert.starts_at)),
            ]))
        });
        Value::List(alerts.collect())
    });
    Value::Map(BTreeMap::from([("firing".to_owned(), firing.unwrap_or_else(|| Value::List(Vec::new())))]))
}

/// The record that an objective's name reads.
pub(crate) fn objective(env: &Env<'_>, objective: &Objective) -> Value {
    let shown = shown(env, objective);
    Value::Map(BTreeMap::from([
        ("key".to_owned(), Value::Text(shown.key)),
        ("title".to_owned(), Value::Text(shown.title.text)),
        ("target".to_owned(), Value::Text(shown.target)),
        ("alert".to_owned(), shown.alert.map_or(Value::Null, Value::Text)),
    ]))
}

/// One line of the log of samples: canonical, a line a sample, the same in every language.
pub(super) fn log_line(program: &Program, sample: &SampleView) -> String {
    let mut line = format!("{} sample={} state={}", sample.at.unwrap_or(sample.due), sample.n, sample.state);
    for value in &sample.values {
        let unit = program.objectives.iter().find(|o| o.key == value.objective).map_or(Unit::None, |o| o.unit);
        let shown = text::text(&maybe(value.value, unit));
        let _ = write!(line, " {0}={shown} {0}.verdict={1}", value.objective, value.verdict.as_str());
    }
    if sample.reset {
        line.push_str(" reset=true");
    }
    if sample.spans > 1 {
        let _ = write!(line, " spans={}", sample.spans);
    }
    if !sample.why.is_empty() {
        let _ = write!(line, " why={:?}", sample.why.en);
    }
    line
}
