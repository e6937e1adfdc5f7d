//! What samples and answers set off: a rule fires once a crossing and is armed again after a pass.

use crate::check::program::{NodeId, NodeKind, Program, Trigger};
use crate::engine::action::{Urgency, Words};
use crate::engine::machine::Machine;
use crate::engine::state::Role;
use crate::engine::step::question::urgency_of;
use crate::engine::telling::Telling;
use crate::engine::view::SampleView;
use crate::value::Verdict;

/// What a rule remembers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// It has not fired since its condition last was false.
    armed: bool,
    /// Its condition at the last samples, newest last, at most `of`.
    recent: Vec<bool>,
}

impl Default for Rule {
    fn default() -> Self {
        Self { armed: true, recent: Vec::new() }
    }
}

/// Handlers of an observation, the most urgent first, then in order of writing.
fn handlers(machine: &Machine<'_>, id: NodeId) -> Vec<NodeId> {
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return Vec::new() };
    let mut handlers = sample.handlers.clone();
    handlers.sort_by_key(|handler| urgency(machine, *handler));
    handlers
}

fn urgency(machine: &Machine<'_>, handler: NodeId) -> Urgency {
    match &machine.node(handler).kind {
        NodeKind::On { event, .. } => urgency_of(event),
        _other => Urgency::Other,
    }
}

/// A sample was taken, failed or missed.
pub(super) fn after_sample(machine: &mut Machine<'_>, id: NodeId, sample: &SampleView) {
    for handler in handlers(machine, id) {
        match &machine.node(handler).kind {
            NodeKind::At { samples, .. } if samples.contains(&sample.n) => {
                start(machine, id, handler, &format!("at {}", sample.n));
            }
            NodeKind::On { event, for_, of, .. } => {
                let Some(now) = holds(machine, id, event, sample) else { continue };
                let fires = {
                    let Some(observation) = machine.state.observations.get_mut(&id) else { continue };
                    let rule = observation.rules.entry(handler).or_default();
                    rule.recent.push(now.is_some());
                    let of = usize::try_from(*of).unwrap_or(usize::MAX).max(1);
                    if rule.recent.len() > of {
                        rule.recent.remove(0);
                    }
                    let held = rule.recent.iter().filter(|held| **held).count();
                    if now.is_none() {
                        rule.armed = true;
                    }
                    let enough = now.is_some() && held >= usize::try_from(*for_).unwrap_or(usize::MAX);
                    let fires = enough && rule.armed;
                    if fires {
                        rule.armed = false;
                    }
                    fires
                };
                if fires {
                    start(machine, id, handler, &now.unwrap_or_default());
                }
            }
            _other => {}
        }
    }
}

/// Does the sample show the event? None: it says nothing about it. Some(None): no. Some(what): yes, this.
#[expect(clippy::option_option, reason = "unknown, no and yes are three answers")]
fn holds(machine: &Machine<'_>, id: NodeId, event: &Trigger, sample: &SampleView) -> Option<Option<String>> {
    let taken = sample.state == "taken";
    let name = |index: usize| machine.program.objectives.get(index).map(|o| o.key.clone()).unwrap_or_default();
    let among = |objectives: &[usize], test: &dyn Fn(usize, &crate::engine::view::SampleValue) -> bool| {
        let found: Vec<String> = objectives
            .iter()
            .filter(|index| sample.values.iter().any(|value| value.objective == name(**index) && test(**index, value)))
            .map(|index| name(*index))
            .collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    match event {
        Trigger::Breach(objectives) => taken.then(|| {
            among(objectives, &|index, value| value.verdict == Verdict::Breach && in_row(machine, id, index))
                .map(|found| format!("breach({found})"))
        }),
        Trigger::AlertLevel(objectives) => taken.then(|| {
            among(objectives, &|index, value| value.alert && !delayed(machine, id, index))
                .map(|found| format!("alert_level({found})"))
        }),
        Trigger::Recovered(objectives) => taken.then(|| {
            among(objectives, &|index, value| {
                value.verdict == Verdict::Pass && was_in_breach(machine, id, &name(index))
            })
            .map(|found| format!("recovered({found})"))
        }),
        Trigger::NoData(objectives) => taken.then(|| {
            among(objectives, &|_, value| value.verdict == Verdict::NoData).map(|found| format!("no_data({found})"))
        }),
        Trigger::Unreachable(source) => match sample.state.as_str() {
            "taken" => Some(None),
            "error" => Some(Some(format!("unreachable({})", source_name(machine, *source)))),
            _missed => None,
        },
        Trigger::Reset(source) => {
            taken.then(|| sample.reset.then(|| format!("reset({})", source_name(machine, *source))))
        }
        Trigger::Missed => Some((sample.state == "missed").then(|| format!("missed(sample {})", sample.n))),
        Trigger::Alert(_) => None,
    }
}

fn source_name(machine: &Machine<'_>, source: usize) -> String {
    machine.program.sources.get(source).map(|source| source.name.clone()).unwrap_or_default()
}

/// As many samples in a row as the objective's `fails` wants have missed the target.
fn in_row(machine: &Machine<'_>, id: NodeId, objective: usize) -> bool {
    let Some(spec) = machine.program.objectives.get(objective) else { return false };
    if delayed(machine, id, objective) {
        return false;
    }
    let Some(observation) = machine.state.observations.get(&id) else { return false };
    let verdicts = observation
        .samples
        .iter()
        .rev()
        .filter_map(|sample| sample.values.iter().find(|value| value.objective == spec.key))
        .map(|value| value.verdict);
    let row = verdicts.take_while(|verdict| *verdict == Verdict::Breach).count();
    row >= usize::try_from(spec.fails.max(1)).unwrap_or(usize::MAX)
}

/// Samples so early in the observation fire no event.
fn delayed(machine: &Machine<'_>, id: NodeId, objective: usize) -> bool {
    let Some(observation) = machine.state.observations.get(&id) else { return false };
    let delay = machine.program.objectives.get(objective).and_then(|objective| objective.delay.as_ref());
    let Some(delay) = delay.and_then(|delay| machine.env(observation.scope).duration(delay).ok()) else { return false };
    machine.state.now.duration_since(observation.zero_at) < delay
}

fn was_in_breach(machine: &Machine<'_>, id: NodeId, objective: &str) -> bool {
    let Some(observation) = machine.state.observations.get(&id) else { return false };
    let mut values = observation
        .samples
        .iter()
        .rev()
        .skip(1)
        .filter_map(|sample| sample.values.iter().find(|value| value.objective == objective));
    values.next().is_some_and(|value| value.verdict == Verdict::Breach)
}

/// The source is no longer there, as was found between samples.
pub(super) fn down(machine: &mut Machine<'_>, id: NodeId, why: &str) {
    for handler in handlers(machine, id) {
        let NodeKind::On { event: Trigger::Unreachable(source), .. } = &machine.node(handler).kind else { continue };
        let what = format!("unreachable({}): {why}", source_name(machine, *source));
        let Some(rule) = machine.state.observations.get_mut(&id).and_then(|o| o.rules.get_mut(&handler)) else {
            continue;
        };
        if rule.armed {
            rule.armed = false;
            start(machine, id, handler, &what);
        }
    }
}

/// The source is there again.
pub(super) fn up(machine: &mut Machine<'_>, id: NodeId) {
    for handler in handlers(machine, id) {
        if let NodeKind::On { event: Trigger::Unreachable(_), .. } = &machine.node(handler).kind
            && let Some(rule) = machine.state.observations.get_mut(&id).and_then(|o| o.rules.get_mut(&handler))
        {
            rule.armed = true;
        }
    }
}

/// New alerts fire.
pub(super) fn alert(machine: &mut Machine<'_>, id: NodeId, source: usize, names: &str) {
    for handler in handlers(machine, id) {
        if let NodeKind::On { event: Trigger::Alert(of), .. } = &machine.node(handler).kind
            && *of == source
        {
            let what = format!("alert({}): {names}", source_name(machine, source));
            start(machine, id, handler, &what);
        }
    }
}

/// Starts a handler, or attaches the event to one that is open already for the same scenario.
fn start(machine: &mut Machine<'_>, id: NodeId, handler: NodeId, event: &str) {
    let (body, is_rule) = match &machine.node(handler).kind {
        NodeKind::On { body, .. } => (body, true),
        NodeKind::At { body, .. } => (body, false),
        _other => return,
    };
    let scenario = scenario_of(machine, body);
    let open = is_rule
        && machine.state.fibers.values().any(|fiber| match &fiber.role {
            Role::Handler { observation, handler: other } if *observation == id => {
                *other == handler || (scenario.is_some() && scenario == scenario_of_handler(machine, *other))
            }
            Role::Handler { .. } | Role::Main | Role::Rollback | Role::Finally | Role::Person => false,
        });
    let Some(observation) = machine.state.observations.get(&id) else { return };
    let (key, outer) = (observation.key.clone(), observation.scope);
    if is_rule {
        machine.tell(Telling::Fired { key, event: event.to_owned(), attached: open });
    }
    if open {
        return;
    }
    let scope = machine.state.new_scope(outer);
    let role = Role::Handler { observation: id, handler };
    let fiber = machine.spawn(role, urgency(machine, handler), Vec::new());
    let frame = machine.frame_of(fiber, handler, scope, 1);
    if let Some(fiber) = machine.state.fibers.get_mut(&fiber) {
        fiber.frames.push(frame);
    }
}

fn scenario_of_handler(machine: &Machine<'_>, handler: NodeId) -> Option<NodeId> {
    match &machine.node(handler).kind {
        NodeKind::On { body, .. } => scenario_of(machine, body),
        _other => None,
    }
}

fn scenario_of(machine: &Machine<'_>, body: &[NodeId]) -> Option<NodeId> {
    body.iter().find_map(|id| match &machine.node(*id).kind {
        NodeKind::Run { scenario, .. } => Some(*scenario),
        _other => None,
    })
}

/// What a rule waits for, for people.
pub(crate) fn event_words(program: &Program, event: &Trigger) -> Words {
    let objectives = |indices: &[usize]| {
        let keys = indices.iter().filter_map(|index| program.objectives.get(*index)).map(|o| o.key.as_str());
        keys.collect::<Vec<_>>().join(", ")
    };
    let source = |index: &usize| program.sources.get(*index).map(|source| source.name.clone()).unwrap_or_default();
    let (zh, en) = match event {
        Trigger::Breach(of) => (format!("未达标：{}", objectives(of)), format!("breach of {}", objectives(of))),
        Trigger::AlertLevel(of) => {
            (format!("越过告警阈值：{}", objectives(of)), format!("alert level of {}", objectives(of)))
        }
        Trigger::Recovered(of) => (format!("恢复达标：{}", objectives(of)), format!("recovery of {}", objectives(of))),
        Trigger::NoData(of) => (format!("没有数据：{}", objectives(of)), format!("no data of {}", objectives(of))),
        Trigger::Unreachable(of) => (format!("{} 不可用", source(of)), format!("{} is unreachable", source(of))),
        Trigger::Alert(of) => (format!("{} 有新告警", source(of)), format!("new alert of {}", source(of))),
        Trigger::Reset(of) => (format!("{} 的计数器归零", source(of)), format!("counters of {} went back", source(of))),
        Trigger::Missed => ("错过样本".to_owned(), "a missed sample".to_owned()),
    };
    Words { text: zh, en: Some(en) }
}
