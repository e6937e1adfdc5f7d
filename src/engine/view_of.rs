//! The view of a run: everything that people, reports and templates may see of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::action::{Effect, Ending, Prompt, PromptKind, Start, Words};
use super::eval::Env;
use super::machine::is_prompt;
use super::observe::series;
use super::state::{Cut, FiberId, Phase, ROOT, Resumable, State};
use super::view::{RunView, StepView, WaitingView};
use crate::check::program::{Program, VarKind};
use crate::text;
use crate::value::{Value, Verdict};

/// The run as it stands at `at`.
pub fn view(program: &Program, state: &State, at: Timestamp) -> RunView {
    let env = Env { program, state, scope: ROOT };
    let reasons = match state.phase {
        Phase::New => Vec::new(),
        Phase::Main | Phase::Suspended(Resumable::Main) => super::ending::settled(state),
        Phase::RollingBack | Phase::Suspended(Resumable::RollingBack) => {
            let said = super::ending::rolling_back(state);
            said.into_iter().chain(super::ending::settled(state)).collect()
        }
        Phase::Finally(ending) | Phase::Suspended(Resumable::Finally(ending)) | Phase::Over(ending) => {
            let said = super::ending::because(state, ending);
            said.into_iter().chain(super::ending::reasons(program, state)).collect()
        }
    };
    RunView {
        run: state.begin.run.clone(),
        runbook: program.name.clone(),
        title: env.words_lossy(&program.title),
        digest: program.digest.clone(),
        environment: state.begin.environment.clone(),
        simulated: state.begin.simulated,
        timezone: program.timezone.clone(),
        executor: state.begin.executor.clone(),
        owner: state.owner.clone(),
        status: status(state).to_owned(),
        detached: state.detached.filter(|_| state.ending().is_none()),
        window: program.window.as_ref().map(|window| (window.from, window.to)),
        started_at: state.begun_at,
        finished_at: state.finished_at,
        at: Some(at),
        verdict: Some(super::ending::verdict(state)),
        reasons,
        vars: vars(&env),
        steps: steps(state),
        objectives: program.objectives.iter().map(|objective| series::shown(&env, objective)).collect(),
        observations: state.observations.values().map(|o| series::view(program, state, o)).collect(),
        waiting: waiting(program, state),
        parked: state.fibers.values().filter_map(|fiber| fiber.parked.as_deref().cloned()).collect(),
        answers: state.answers.clone(),
        deviations: state.deviations.clone(),
        notes: state.notes.clone(),
        problems: problems(program, state),
        items: state.items.clone(),
        alerts: state.alerts.clone(),
        undos: env.undo_lines(),
        rollback: state.rollback.clone(),
        signoff: state.signoff.as_ref().map(|(answer, _)| answer.clone()),
        absent: absent(&env),
        next_due: super::next_due(state),
    }
}

/// The records in the order of the procedure: what ran at once stands one branch after the other.
fn steps(state: &State) -> Vec<StepView> {
    let recorded = |index: usize| state.steps.get(index).map(|step| seen(state, index, step));
    if state.lane_of.is_empty() {
        return (0..state.steps.len()).filter_map(recorded).collect();
    }
    let mut of_lane: BTreeMap<Option<FiberId>, Vec<usize>> = BTreeMap::new();
    for index in 0..state.steps.len() {
        of_lane.entry(state.lane_of.get(&index).copied()).or_default().push(index);
    }
    let mut ordered = Vec::with_capacity(state.steps.len());
    // What comes next is at the end.
    let mut open: Vec<usize> = of_lane.remove(&None).unwrap_or_default();
    open.reverse();
    while let Some(index) = open.pop() {
        ordered.extend(recorded(index));
        for fiber in state.lanes.get(&index).into_iter().flatten().rev() {
            open.extend(of_lane.remove(&Some(*fiber)).into_iter().flatten().rev());
        }
    }
    ordered
}

/// A record as it is seen: what was under way when everything was taken back is open no more. The runbook's own names keep
/// the verdict that they had, whatever is still to be decided by it.
fn seen(state: &State, index: usize, step: &StepView) -> StepView {
    let cut = state.cuts.iter().find(|(before, _)| index < *before).map(|(_, by)| *by);
    let over = matches!(state.phase, Phase::Over(_)).then_some(Cut::End);
    let mut step = step.clone();
    if let (Verdict::Pending, Some(by)) = (step.state, cut.or(over)) {
        step.state = Verdict::CutOff;
        step.detail = match by {
            Cut::Rollback => text!("by the rollback", "因回滚"),
            Cut::Abort => text!("by the abort", "因中止"),
            Cut::End => text!("by the end of the run", "因运行结束"),
        };
    }
    step
}

fn status(state: &State) -> &'static str {
    match state.phase {
        Phase::Over(Ending::Passed) => "passed",
        Phase::Over(Ending::NotPassed) => "not_passed",
        Phase::Over(Ending::RolledBack) => "rolled_back",
        Phase::Over(Ending::Aborted) => "aborted",
        Phase::Over(Ending::Refused) => "refused",
        Phase::Over(Ending::Suspended) | Phase::Suspended(_) => "suspended",
        Phase::New | Phase::Main | Phase::RollingBack | Phase::Finally(_) => {
            if state.open.values().any(|open| is_prompt(&open.start)) { "waiting" } else { "running" }
        }
    }
}

fn waiting(program: &Program, state: &State) -> Vec<WaitingView> {
    let mut prompts: Vec<_> = state
        .open
        .iter()
        .filter_map(|(id, open)| match &open.start.effect {
            Effect::Ask(prompt) => Some((prompt.urgency, open.arrival, id, open, prompt)),
            Effect::Shell(_)
            | Effect::Http(_)
            | Effect::Scrape(_)
            | Effect::Alerts(_)
            | Effect::Notify(_)
            | Effect::Copy { .. }
            | Effect::Update(_)
            | Effect::Report(_)
            | Effect::Append { .. }
            | Effect::Restore { .. }
            | Effect::Lock { .. }
            | Effect::Unlock { .. } => None,
        })
        .collect();
    prompts.sort_by_key(|(urgency, arrival, ..)| (*urgency, *arrival));
    prompts
        .into_iter()
        .map(|(_, _, id, open, prompt)| WaitingView {
            id: id.0.clone(),
            key: open.start.key.clone(),
            title: asked_title(program, &open.start, prompt),
            since: open.since,
            deadline: open.deadline,
            branch: open.owner.fiber().and_then(|fiber| state.branch_name(program, fiber)),
            prompt: (**prompt).clone(),
        })
        .collect()
}

/// What a question is called: its title, or what it is about where its statement has none. The question itself keeps the
/// title that it was journaled with.
fn asked_title(program: &Program, start: &Start, prompt: &Prompt) -> Words {
    // The question between passes is worded for people alone.
    if !start.title.is_empty() || start.title.en.is_some() {
        return start.title.clone();
    }
    if let PromptKind::Step { what } = &prompt.kind {
        return super::record::plain(&super::record::first_line(what));
    }
    let guard = start.key.strip_prefix("guard/").and_then(|key| key.split('!').next());
    match guard.and_then(|key| program.guards.iter().find(|guard| guard.key == key)) {
        Some(guard) => text!("guard {}", "目标核对 {}", guard.key).into(),
        None => Words::default(),
    }
}

/// Names that stand for plain values, in order of name. Records of steps and sources have views of their own.
fn vars(env: &Env<'_>) -> Vec<(String, Value)> {
    let mut vars: Vec<(String, Value)> = Vec::new();
    for (index, info) in env.program.vars.iter().enumerate() {
        if !matches!(info.kind, VarKind::Fixed | VarKind::Bound) {
            continue;
        }
        let id = crate::check::program::VarId(u32::try_from(index).unwrap_or(u32::MAX));
        if let Some(value) = env.peek(id) {
            let shown = if let Value::Secret(_) = value { Value::Text("(secret)".to_owned()) } else { value };
            vars.push((info.name.clone(), shown));
        }
    }
    vars.sort_by(|left, right| left.0.cmp(&right.0));
    vars
}

fn problems(program: &Program, state: &State) -> Vec<(String, Value)> {
    let lists = program.collects.iter().zip(&state.collected);
    lists.flat_map(|(collect, entries)| entries.iter().map(|entry| (collect.name.clone(), entry.clone()))).collect()
}

pub(crate) fn absent(env: &Env<'_>) -> Vec<String> {
    let is_null = |expr: &crate::check::program::Expr| matches!(env.eval(expr), Ok(Value::Null));
    let mut absent = Vec::new();
    for source in &env.program.sources {
        if is_null(source.kind.url()) {
            absent.push(format!("source {}", source.name));
        }
    }
    for channel in &env.program.channels {
        if is_null(&channel.webhook) {
            absent.push(format!("channel {}", channel.name));
        }
    }
    for role in &env.program.roles {
        if role.people.as_ref().is_some_and(is_null) {
            absent.push(format!("role {}", role.key));
        }
    }
    absent
}
