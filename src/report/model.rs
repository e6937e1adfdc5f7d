//! The report as data, `report --format json`. Numbers are in base units (a ratio 0..1, seconds, bytes), `null` where there
//! is none; times are RFC 3339; keys of statements are static, `id` names the instance.

use serde_json::{Map, Value as Json, json};

use super::words::{target, unit};
use crate::engine::action::Words;
use crate::engine::input::Artifact;
use crate::engine::view::{AnswerView, ObjectiveView, ObservationView, RunView, SampleView, StepView};
use crate::text::Lang;
use crate::value::Verdict;
use crate::value::json::to_json;

/// Version of the form; grows with a change that an old reader would misread.
pub const SCHEMA: u32 = 1;

/// What a report holds beside the run's view.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Exit code of the run; none: it is not over.
    pub exit_code: Option<u8>,
    /// The journal says that it runs, and no executor is alive.
    pub interrupted: bool,
    /// Files beside the journal, in order of path.
    pub artifacts: Vec<Artifact>,
}

/// The status of a run, also one whose executor died.
pub fn status<'a>(run: &'a RunView, beside: &Beside) -> &'a str {
    let open = matches!(run.status.as_str(), "running" | "waiting");
    if beside.interrupted && open { "interrupted" } else { &run.status }
}

/// The model.
pub fn model(run: &RunView, beside: &Beside) -> Json {
    json!({
        "schema": SCHEMA,
        "run": run.run,
        "runbook": run.runbook,
        "title": run.title.text,
        "title_en": run.title.en,
        "environment": run.environment,
        "simulated": run.simulated,
        "status": status(run, beside),
        "verdict": run.verdict.map(Verdict::as_str),
        "exit_code": beside.exit_code,
        "reasons": run.reasons.iter().map(words).collect::<Vec<_>>(),
        "executor": run.executor,
        "owner": run.owner,
        "timezone": run.timezone,
        "window": run.window.map(|(from, to)| json!({ "from": from.to_string(), "to": to.to_string() })),
        "started_at": run.started_at.map(|time| time.to_string()),
        "finished_at": run.finished_at.map(|time| time.to_string()),
        "digest": run.digest,
        "slos": objectives(run),
        "samples": run.observations.iter().flat_map(samples).collect::<Vec<_>>(),
        "observations": run.observations.iter().map(observation).collect::<Vec<_>>(),
        "steps": run.steps.iter().map(step).collect::<Vec<_>>(),
        "answers": run.answers.iter().map(answer).collect::<Vec<_>>(),
        "deviations": run.deviations.iter()
            .map(|one| json!({ "at": one.at.to_string(), "by": one.by, "what": one.what })).collect::<Vec<_>>(),
        "notes": run.notes.iter().map(|(at, text)| json!({ "at": at.to_string(), "text": words(text) })).collect::<Vec<_>>(),
        "problems": run.problems.iter()
            .map(|(list, entry)| json!({ "list": list, "entry": to_json(entry) })).collect::<Vec<_>>(),
        "items": run.items.iter().map(|item| json!({
            "key": item.key, "title": item.title.text, "state": item.state.as_str(), "by": item.by,
        })).collect::<Vec<_>>(),
        "alerts": run.alerts.iter().map(|alert| json!({
            "source": alert.source, "name": alert.name, "since": alert.since.to_string(),
            "until": alert.until.map(|time| time.to_string()),
        })).collect::<Vec<_>>(),
        "rollback": run.rollback.as_ref().map(|rollback| json!({
            "because": words(&rollback.because), "at": rollback.at.to_string(), "done": rollback.done,
            "plan": rollback.plan.iter().map(words).collect::<Vec<_>>(),
        })),
        "signoff": run.signoff.as_ref().map(answer),
        "absent": run.absent,
        "waiting": run.waiting.iter().map(|waiting| &waiting.key).collect::<Vec<_>>(),
        "artifacts": beside.artifacts.iter()
            .map(|file| json!({ "path": file.path, "sha256": file.sha256, "bytes": file.bytes })).collect::<Vec<_>>(),
    })
}

/// A sentence of the tool's own, or an author's reason: in English where there is one. Titles stay those of the runbook.
fn words(words: &Words) -> &str {
    words.said(Lang::En)
}

pub(super) fn observation(observation: &ObservationView) -> Json {
    json!({
        "key": observation.key,
        "name": observation.name,
        "title": observation.title.text,
        "every_s": observation.every.as_secs_f64(),
        "count": observation.count,
        "ended": observation.ended,
        "verdict": observation.verdict.as_str(),
        "started_at": observation.started_at.map(|time| time.to_string()),
        "taken": observation.taken,
        "missed": observation.missed,
        "errors": observation.errors,
    })
}

/// Those of each observation, then those that were never observed.
fn objectives(run: &RunView) -> Vec<Json> {
    let observed = run.observations.iter().flat_map(|observation| {
        observation.objectives.iter().map(|one| objective(one, Some(observation.key.as_str())))
    });
    let unobserved = run.unobserved();
    observed.chain(unobserved.iter().map(|one| objective(one, None))).collect()
}

pub(super) fn objective(objective: &ObjectiveView, observation: Option<&str>) -> Json {
    let ObjectiveView { shown, verdict, why, min, max, mean, last, whole, used, breaches, no_data, errors, missed } =
        objective;
    json!({
        "observation": observation,
        "key": shown.key,
        "title": shown.title.text,
        "unit": unit(shown.unit),
        "target": shown.target_bound.limit,
        "target_op": shown.target_bound.compare.to_string(),
        "target_text": target(shown),
        "alert": shown.alert_bound.map(|alert| alert.limit),
        "alert_op": shown.alert_bound.map(|alert| alert.compare.to_string()),
        "verdict": verdict.as_str(),
        "why": words(why),
        "min": min,
        "max": max,
        "mean": mean,
        "last": last,
        "whole": whole,
        "used": used,
        "breaches": breaches,
        "missed": missed,
        "no_data": no_data,
        "errors": errors,
    })
}

pub(super) fn samples(observation: &ObservationView) -> impl Iterator<Item = Json> + '_ {
    observation.samples.iter().map(|sample| {
        let SampleView { n, due, at, state, why, reset, spans, values } = sample;
        let values: Map<String, Json> = values
            .iter()
            .map(|value| {
                let shown = json!({
                    "value": value.value, "verdict": value.verdict.as_str(), "alert": value.alert, "why": words(&value.why),
                });
                (value.objective.clone(), shown)
            })
            .collect();
        json!({
            "observation": observation.key,
            "n": n,
            "due": due.to_string(),
            "at": at.map(|time| time.to_string()),
            "state": state,
            "why": why,
            "reset": reset,
            "intervals": spans,
            "values": values,
        })
    })
}

fn step(step: &StepView) -> Json {
    json!({
        "key": step.static_key,
        "id": step.key,
        "word": step.word,
        "depth": step.depth,
        "title": step.title.text,
        "what": step.what.text,
        "state": step.state.as_str(),
        "started_at": step.started_at.to_string(),
        "took_s": step.took.map(|took| took.as_secs_f64()),
        "attempts": step.attempts,
        "detail": step.detail,
    })
}

fn answer(answer: &AnswerView) -> Json {
    json!({
        "key": answer.static_key,
        "id": answer.key,
        "title": answer.title.text,
        "value": to_json(&answer.value),
        "choice": answer.choice.as_ref().map(|choice| &choice.text),
        "by": answer.by,
        "told_by": answer.told_by,
        "at": answer.at.to_string(),
        "note": answer.note,
        "evidence": answer.evidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::view::sample::run;

    #[test]
    fn the_model_has_what_programs_rely_on() {
        let artifact = Artifact { path: "artifacts/a".to_owned(), sha256: "00".to_owned(), bytes: 3 };
        let beside = Beside { exit_code: Some(1), interrupted: false, artifacts: vec![artifact] };
        let model = model(&run(), &beside);
        for key in [
            "schema",
            "run",
            "runbook",
            "environment",
            "simulated",
            "status",
            "exit_code",
            "started_at",
            "finished_at",
            "digest",
            "slos",
            "samples",
            "steps",
            "answers",
            "deviations",
            "rollback",
            "problems",
            "artifacts",
        ] {
            assert!(model.get(key).is_some(), "{key} is missing");
        }
        let slo = &model["slos"][0];
        assert_eq!(slo["key"], "http_success");
        assert_eq!(slo["target"], 0.98);
        assert_eq!(slo["target_op"], ">=");
        assert_eq!(slo["min"], 0.97996);
        assert_eq!(slo["verdict"], "breach");
        let reload = &model["slos"][2];
        assert_eq!((&reload["whole"], &reload["verdict"]), (&Json::Null, &json!("no_data")));
        let samples = &model["samples"];
        assert_eq!(samples[1]["state"], "missed");
        assert_eq!(samples[1]["at"], Json::Null);
        assert_eq!(
            samples[2]["values"]["http_success"],
            json!({"value": 0.97996, "verdict": "breach", "alert": false, "why": ""})
        );
        assert_eq!(model["steps"][1]["state"], "skipped");
        assert_eq!(model["steps"][1]["took_s"], 1.2);
        assert_eq!(model["answers"][0]["value"], "v2.4.1");
        assert_eq!(model["answers"][0]["told_by"], "li");
        assert_eq!(model["problems"][0]["entry"]["advice"], Json::Null);
        assert_eq!(model["rollback"], Json::Null);
        assert_eq!(model["artifacts"][0]["bytes"], 3);
    }

    #[test]
    fn an_objective_that_was_never_observed_is_named() {
        let mut run = run();
        run.observations.clear();
        let slo = &model(&run, &Beside::default())["slos"][0];
        assert_eq!(
            (&slo["key"], &slo["verdict"], &slo["whole"]),
            (&json!("http_success"), &json!("pending"), &Json::Null)
        );
        assert_eq!(slo["observation"], Json::Null);
        assert_eq!(slo["why"], "it was never observed", "programs read English");
    }

    #[test]
    fn a_run_without_an_executor_is_interrupted() {
        let beside = Beside { interrupted: true, ..Beside::default() };
        assert_eq!(model(&run(), &beside)["status"], "interrupted");
        assert_eq!(model(&run(), &beside)["exit_code"], Json::Null);
    }
}
