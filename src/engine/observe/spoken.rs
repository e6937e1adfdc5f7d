//! What a text for people says of an observation: `#{baseline.last}` is a line that can be read in a chat, where a record
//! with all its fields could not.

use super::series;
use crate::check::program::{Expr, ExprKind, NodeId, VarKind};
use crate::engine::eval::{Env, zone};
use crate::engine::view::{ObjectiveView, ObservationView, SampleView};
use crate::text::Lang;
use crate::value::Verdict;
use crate::value::human;

/// Between the parts of a line.
const BETWEEN: &str = " · ";

/// The text of `SERIES.last`, `SERIES.table`, `SERIES.slos` and of one of its objectives; none: it is something else, or has
/// not begun.
pub(crate) fn of_series(env: &Env<'_>, expr: &Expr, lang: Lang) -> Option<String> {
    let (of, field) = match &*expr.kind {
        ExprKind::Field(of, field) => (of, field),
        // What may be null is put in with something to stand for it.
        ExprKind::Default(inner, _) => return of_series(env, inner, lang),
        _ => return None,
    };
    let ExprKind::Var(var) = &*of.kind else { return None };
    let VarKind::Series(node) = env.program.var(*var).kind else { return None };
    let seen = view(env, node)?;
    match field.as_str() {
        "last" => {
            Some(seen.samples.last().map_or_else(|| "—".to_owned(), |sample| said_sample(env, &seen, sample, lang)))
        }
        "table" => Some(lines(seen.samples.iter().map(|sample| said_sample(env, &seen, sample, lang)))),
        "slos" => Some(lines(seen.objectives.iter().map(|objective| said_objective(objective, lang)))),
        key => seen.objectives.iter().find(|one| one.shown.key == key).map(|objective| said_objective(objective, lang)),
    }
}

fn view(env: &Env<'_>, node: NodeId) -> Option<ObservationView> {
    env.state.observations.get(&node).map(|observation| series::view(env.program, env.state, observation))
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join("\n")
}

/// `#3 09:30:00 · ✗ HTTP 成功率 94.42% (>= 98%) · ✓ P99 延迟 0.889 s`
fn said_sample(env: &Env<'_>, seen: &ObservationView, sample: &SampleView, lang: Lang) -> String {
    let time = human::clock(sample.at.unwrap_or(sample.due), &zone(env.program));
    let mut parts = vec![format!("#{} {time}", sample.n)];
    if sample.state != "taken" {
        let why = if sample.why.is_empty() { String::new() } else { format!(": {}", sample.why.en) };
        parts.push(format!("✗ {}{why}", sample.state));
    }
    for objective in &seen.objectives {
        let Some(value) = sample.values.iter().find(|value| value.objective == objective.shown.key) else { continue };
        parts.push(said_value(objective, value.value, value.verdict, value.alert, lang));
    }
    parts.join(BETWEEN)
}

/// `✓ HTTP 成功率 99.81% (>= 98%)`: over the whole observation.
fn said_objective(objective: &ObjectiveView, lang: Lang) -> String {
    said_value(objective, objective.whole, objective.verdict, false, lang)
}

/// The limits stand beside a value that missed them.
fn said_value(objective: &ObjectiveView, value: Option<f64>, verdict: Verdict, alert: bool, lang: Lang) -> String {
    let shown = &objective.shown;
    let number = match value {
        Some(value) => human::measured(value, shown.unit, Some(shown.target_bound.limit)),
        None => verdict.as_str().to_owned(),
    };
    let sign = match verdict {
        Verdict::Pass => "✓",
        Verdict::NotApplicable | Verdict::Pending | Verdict::NoData => "–",
        Verdict::Fail
        | Verdict::Breach
        | Verdict::Error
        | Verdict::Skipped
        | Verdict::RolledBack
        | Verdict::Aborted
        | Verdict::CutOff => "✗",
    };
    let limits = match (&shown.alert, verdict) {
        (Some(level), _) if alert => format!(" ({}, alert {level})", shown.target),
        (_, Verdict::Breach) => format!(" ({})", shown.target),
        (Some(_) | None, _) => String::new(),
    };
    format!("{sign} {} {number}{limits}", shown.title.said(lang))
}
