//! What samples and answers set off: a rule fires once a crossing, for each objective by itself, and again after a pass.

use std::collections::BTreeMap;

use crate::check::program::{NodeId, NodeKind, Objective, Trigger};
use crate::engine::action::{Urgency, Words};
use crate::engine::eval::Env;
use crate::engine::machine::Machine;
use crate::engine::state::{ROOT, Role};
use crate::engine::step::question::urgency_of;
use crate::engine::telling::Telling;
use crate::engine::view::SampleView;
use crate::metrics::gate::{self, Change, Gate};
use crate::text;
use crate::text::{Lang, Text};
use crate::value::Verdict;

/// What a rule remembers: for each of its objectives, or for its source, whether it has fired and what the last samples showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rule(BTreeMap<usize, Gate>);

/// An objective of an observation against its target and its alert level.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Gates {
    target: Gate,
    alert: Gate,
}

/// What a sample says about one event.
struct Shown {
    /// Index of the objective or source; 0 for what has neither.
    subject: usize,
    holds: bool,
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
    let recovered = judge(machine, id, sample);
    for handler in handlers(machine, id) {
        match &machine.node(handler).kind {
            NodeKind::At { samples, .. } if samples.contains(&sample.n) => {
                start(machine, id, handler, text!("at {}", "样本 {}", sample.n));
            }
            NodeKind::On { event, for_, of, .. } => {
                let fired: Vec<usize> = if let Trigger::Recovered(objectives) = event {
                    objectives.iter().copied().filter(|index| recovered.contains(index)).collect()
                } else {
                    let shown = shown(machine, id, event, sample);
                    let counted = gate::Rule { fails: *for_, of: *of, recovers: 1 };
                    // A reset is over as soon as it has happened: the next one is another.
                    let momentary = matches!(event, Trigger::Reset(_));
                    let Some(rule) = machine.state.observations.get_mut(&id).and_then(|o| o.rules.get_mut(&handler))
                    else {
                        continue;
                    };
                    rule.crossed(&shown, counted, momentary)
                };
                if !fired.is_empty() {
                    let what = told(machine, event, &fired, sample);
                    start(machine, id, handler, what);
                }
            }
            _other => {}
        }
    }
}

impl Rule {
    /// Takes what a sample shows; gives the subjects for which the rule fires.
    fn crossed(&mut self, shown: &[Shown], counted: gate::Rule, momentary: bool) -> Vec<usize> {
        let mut fired = Vec::new();
        for Shown { subject, holds } in shown {
            let gate = self.0.entry(*subject).or_default();
            if gate.judge(counted, *holds) == Some(Change::Crossed) {
                fired.push(*subject);
                if momentary {
                    *gate = Gate::default();
                }
            }
        }
        fired
    }
}

/// Tells the gates of the objectives what the sample is worth; gives the objectives that are met again.
///
/// A sample that was missed or failed, one without data and one within `delay` say nothing: they neither fail nor recover.
fn judge(machine: &mut Machine<'_>, id: NodeId, sample: &SampleView) -> Vec<usize> {
    let NodeKind::Sample(node) = &machine.node(id).kind else { return Vec::new() };
    let judged: Vec<(usize, bool, bool)> = node
        .objectives
        .iter()
        .filter_map(|index| {
            let value = value_of(machine, id, *index, sample)?;
            let bad = match value.verdict {
                Verdict::Pass => false,
                Verdict::Breach => true,
                _nothing_to_compare => return None,
            };
            Some((*index, bad, value.alert))
        })
        .collect();
    let mut recovered = Vec::new();
    for (index, bad, alert) in judged {
        let Some(rule) = machine.program.objectives.get(index).map(|objective| objective.gate) else { continue };
        let Some(observation) = machine.state.observations.get_mut(&id) else { continue };
        let gates = observation.gates.entry(index).or_default();
        if gates.target.judge(rule, bad) == Some(Change::Recovered) {
            recovered.push(index);
        }
        // The alert level is there to be told at once.
        gates.alert.judge(gate::Rule { fails: 1, of: 1, ..rule }, alert);
    }
    recovered
}

/// What the sample says of an objective; nothing where it has no value, or events are not due yet.
fn value_of<'s>(
    machine: &Machine<'_>,
    id: NodeId,
    objective: usize,
    sample: &'s SampleView,
) -> Option<&'s crate::engine::view::SampleValue> {
    let spec = machine.program.objectives.get(objective)?;
    if sample.state != "taken" || is_early(machine, id, objective, sample) {
        return None;
    }
    sample.values.iter().find(|value| value.objective == spec.key)
}

/// What the sample shows of an event; a subject that is not there, or nothing at all, says nothing.
fn shown(machine: &Machine<'_>, id: NodeId, event: &Trigger, sample: &SampleView) -> Vec<Shown> {
    let among = |objectives: &[usize], holds: &dyn Fn(usize, Verdict) -> Option<bool>| -> Vec<Shown> {
        let shown = objectives.iter().filter_map(|index| {
            let verdict = value_of(machine, id, *index, sample)?.verdict;
            Some(Shown { subject: *index, holds: holds(*index, verdict)? })
        });
        shown.collect()
    };
    let gates = |index: usize| machine.state.observations.get(&id).and_then(|own| own.gates.get(&index));
    let has_number = |verdict| matches!(verdict, Verdict::Pass | Verdict::Breach);
    match event {
        Trigger::Breach(objectives) => among(objectives, &|index, verdict| {
            has_number(verdict).then(|| gates(index).is_some_and(|gates| gates.target.is_crossed()))
        }),
        Trigger::AlertLevel(objectives) => among(objectives, &|index, verdict| {
            has_number(verdict).then(|| gates(index).is_some_and(|gates| gates.alert.is_crossed()))
        }),
        Trigger::NoData(objectives) => among(objectives, &|_, verdict| match verdict {
            Verdict::NoData => Some(true),
            verdict if has_number(verdict) => Some(false),
            _error => None,
        }),
        Trigger::Unreachable(source) => match sample.state.as_str() {
            "taken" => vec![Shown { subject: *source, holds: false }],
            "error" => vec![Shown { subject: *source, holds: true }],
            _missed => Vec::new(),
        },
        Trigger::Reset(source) if sample.state == "taken" => {
            vec![Shown { subject: *source, holds: sample.reset }]
        }
        Trigger::Missed => vec![Shown { subject: 0, holds: sample.state == "missed" }],
        Trigger::Reset(_) | Trigger::Recovered(_) | Trigger::Alert(_) => Vec::new(),
    }
}

/// The event: in English in the words of the runbook, in Chinese with the titles of what it is about.
fn told(machine: &Machine<'_>, event: &Trigger, subjects: &[usize], sample: &SampleView) -> Text {
    let about = || subjects.iter().filter_map(|index| machine.program.objectives.get(*index));
    let keys = || about().map(|objective| objective.key.as_str()).collect::<Vec<_>>().join(", ");
    let titled = || Text { en: keys(), zh: titles(&machine.env(ROOT), about()) };
    match event {
        Trigger::Breach(_) => text!("breach({})", "{} 未达标", titled()),
        Trigger::AlertLevel(_) => text!("alert_level({})", "{} 越过告警阈值", titled()),
        Trigger::Recovered(_) => text!("recovered({})", "{} 恢复达标", titled()),
        Trigger::NoData(_) => text!("no_data({})", "{} 没有数据", titled()),
        Trigger::Unreachable(source) => text!("unreachable({})", "{} 不可用", source_name(machine, *source)),
        Trigger::Reset(source) => text!("reset({})", "{} 的计数器归零", source_name(machine, *source)),
        Trigger::Alert(source) => text!("alert({})", "{} 有新告警", source_name(machine, *source)),
        Trigger::Missed => text!("missed(sample {})", "错过样本 {}", sample.n),
    }
}

/// What objectives are called in Chinese.
fn titles<'a>(env: &Env<'_>, objectives: impl Iterator<Item = &'a Objective>) -> String {
    let title = |objective: &Objective| env.words_lossy(&objective.title).said(Lang::Zh).to_owned();
    objectives.map(title).collect::<Vec<_>>().join("、")
}

fn source_name(machine: &Machine<'_>, source: usize) -> String {
    machine.program.sources.get(source).map(|source| source.name.clone()).unwrap_or_default()
}

/// Samples so early in the observation fire no event.
fn is_early(machine: &Machine<'_>, id: NodeId, objective: usize, sample: &SampleView) -> bool {
    let Some(observation) = machine.state.observations.get(&id) else { return false };
    let delay = machine.program.objectives.get(objective).and_then(|objective| objective.delay.as_ref());
    let Some(delay) = delay.and_then(|delay| machine.env(observation.scope).duration(delay).ok()) else { return false };
    sample.at.unwrap_or(sample.due).duration_since(observation.zero_at) < delay
}

/// The source is no longer there, as was found between samples. A rule that counts samples waits for them.
pub(super) fn down(machine: &mut Machine<'_>, id: NodeId, why: &Text) {
    for (handler, source) in at_once(machine, id) {
        let Some(rule) = machine.state.observations.get_mut(&id).and_then(|o| o.rules.get_mut(&handler)) else {
            continue;
        };
        let shown = [Shown { subject: source, holds: true }];
        if !rule.crossed(&shown, gate::Rule::default(), false).is_empty() {
            let what = text!("unreachable({}): {}", "{} 不可用：{}", source_name(machine, source), why);
            start(machine, id, handler, what);
        }
    }
}

/// The source is there again.
pub(super) fn up(machine: &mut Machine<'_>, id: NodeId) {
    for (handler, source) in at_once(machine, id) {
        if let Some(rule) = machine.state.observations.get_mut(&id).and_then(|o| o.rules.get_mut(&handler)) {
            rule.crossed(&[Shown { subject: source, holds: false }], gate::Rule::default(), false);
        }
    }
}

/// The rules that fire as soon as a source is not there.
fn at_once(machine: &Machine<'_>, id: NodeId) -> Vec<(NodeId, usize)> {
    let rules = handlers(machine, id).into_iter().filter_map(|handler| match &machine.node(handler).kind {
        NodeKind::On { event: Trigger::Unreachable(source), for_: 1, .. } => Some((handler, *source)),
        _other => None,
    });
    rules.collect()
}

/// New alerts fire.
pub(super) fn alert(machine: &mut Machine<'_>, id: NodeId, source: usize, names: &str) {
    for handler in handlers(machine, id) {
        if let NodeKind::On { event: Trigger::Alert(of), .. } = &machine.node(handler).kind
            && *of == source
        {
            let what = text!("alert({}): {}", "{} 有新告警：{}", source_name(machine, source), names);
            start(machine, id, handler, what);
        }
    }
}

/// Starts a handler, or attaches the event to one that is open already for the same scenario.
fn start(machine: &mut Machine<'_>, id: NodeId, handler: NodeId, event: Text) {
    let (body, is_rule) = match &machine.node(handler).kind {
        NodeKind::On { body, .. } => (body, true),
        NodeKind::At { body, .. } => (body, false),
        _other => return,
    };
    let scenario = scenario_of(machine, body);
    let queued = machine.state.fibers.values().any(|fiber| match &fiber.role {
        Role::Handler { observation, handler: other } if *observation == id => {
            *other == handler || (scenario.is_some() && scenario == scenario_of_handler(machine, *other))
        }
        Role::Handler { .. } | Role::Main | Role::Rollback | Role::Finally | Role::Person | Role::Branch { .. } => {
            false
        }
    });
    let open = is_rule && (queued || scenario.is_some_and(|scenario| super::joined::runs(machine, id, scenario, None)));
    let Some(observation) = machine.state.observations.get(&id) else { return };
    let (key, outer, of) = (observation.key.clone(), observation.scope, observation.fiber);
    if is_rule {
        machine.tell_of(of, Telling::Fired { key, event, attached: open });
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
pub(crate) fn event_words(env: &Env<'_>, event: &Trigger) -> Words {
    let program = env.program;
    let objectives = |indices: &[usize]| {
        let all = || indices.iter().filter_map(|index| program.objectives.get(*index));
        let en = all().map(|objective| objective.key.as_str()).collect::<Vec<_>>().join(", ");
        let zh = titles(env, all());
        let named = Text { en, zh };
        if indices.len() <= 1 { named } else { text!("any of {}", "{} 之一", named) }
    };
    let source = |index: &usize| program.sources.get(*index).map(|source| source.name.clone()).unwrap_or_default();
    Words::zh_first(match event {
        Trigger::Breach(of) => text!("breach of {}", "未达标：{}", objectives(of)),
        Trigger::AlertLevel(of) => text!("alert level of {}", "越过告警阈值：{}", objectives(of)),
        Trigger::Recovered(of) => text!("recovery of {}", "恢复达标：{}", objectives(of)),
        Trigger::NoData(of) => text!("no data of {}", "没有数据：{}", objectives(of)),
        Trigger::Unreachable(of) => text!("{} is unreachable", "{} 不可用", source(of)),
        Trigger::Alert(of) => text!("new alert of {}", "{} 有新告警", source(of)),
        Trigger::Reset(of) => text!("counters of {} went back", "{} 的计数器归零", source(of)),
        Trigger::Missed => text!("a missed sample", "错过样本"),
    })
}
