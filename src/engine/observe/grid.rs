//! What is due when, and what a scrape is worth.

use jiff::Timestamp;

use super::{Beat, Observation, events, series};
use crate::check::program::{Class, NodeId, NodeKind, SourceKind};
use crate::engine::action::{ActionId, Alerts, Effect, Start, Words};
use crate::engine::input::{Alert, Data, Outcome};
use crate::engine::machine::Machine;
use crate::engine::record::plain;
use crate::engine::state::{Owner, ROOT, State};
use crate::engine::step::resolve::input;
use crate::engine::telling::Telling;
use crate::engine::view::{AlertView, SampleView};
use crate::metrics::increase::Increases;
use crate::value::text;

/// The next time at which an observation wants something.
pub(crate) fn next_due(state: &State) -> Option<Timestamp> {
    state.observations.values().filter(|observation| observation.ended.is_none()).filter_map(next_of).min()
}

fn next_of(observation: &Observation) -> Option<Timestamp> {
    let sampling = observation.next <= observation.count;
    let sample = (sampling && observation.in_flight.is_none()).then(|| observation.due(observation.next));
    // Between the last sample and its end only handlers are left: nothing is asked any more.
    let beats = observation.alive.iter().chain(observation.alerts.values());
    let beat = beats.filter(|beat| sampling && !beat.in_flight).map(|beat| beat.next).min();
    sample.into_iter().chain(beat).min()
}

/// Begins everything that is due now.
pub(crate) fn due(machine: &mut Machine<'_>) {
    let ids: Vec<NodeId> = machine.state.observations.keys().copied().collect();
    for id in ids {
        if machine.state.observations.get(&id).is_some_and(|observation| observation.ended.is_none()) {
            samples_due(machine, id);
            alive_due(machine, id);
            alerts_due(machine, id);
        }
    }
}

fn samples_due(machine: &mut Machine<'_>, id: NodeId) {
    let now = machine.state.now;
    loop {
        let Some(observation) = machine.state.observations.get(&id) else { return };
        let n = observation.next;
        let due = observation.due(n);
        if n > observation.count || observation.in_flight.is_some() || due > now {
            return;
        }
        let slot_end = due.saturating_add(observation.every).unwrap_or(Timestamp::MAX);
        if slot_end <= now {
            missed(machine, id);
            continue;
        }
        take(machine, id, n);
        return;
    }
}

/// All samples that fell due before `now` while nothing ran.
pub(crate) fn missed_while_away(machine: &mut Machine<'_>) {
    let now = machine.state.now;
    let ids: Vec<NodeId> = machine.state.observations.keys().copied().collect();
    for id in ids {
        while let Some(observation) = machine.state.observations.get(&id) {
            let n = observation.next;
            if observation.ended.is_some()
                || n > observation.count
                || observation.in_flight.is_some()
                || observation.due(n) >= now
            {
                break;
            }
            missed(machine, id);
        }
    }
}

/// The next sample fell due while nothing ran.
pub(crate) fn missed(machine: &mut Machine<'_>, id: NodeId) {
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    let n = observation.next;
    observation.next += 1;
    observation.gap += 1;
    let due = observation.due(n);
    let sample = SampleView {
        n,
        due,
        at: None,
        state: "missed".to_owned(),
        why: "nothing ran when it was due".to_owned(),
        reset: false,
        spans: 0,
        values: Vec::new(),
    };
    note(machine, id, sample);
}

fn take(machine: &mut Machine<'_>, id: NodeId, n: u32) {
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    observation.next = n + 1;
    observation.in_flight = Some(n);
    let (scope, key) = (observation.scope, observation.key.clone());
    let now = machine.state.now;
    match machine.env(scope).scrape(sample.source, true) {
        Ok((scrape, timeout)) => {
            let action = ActionId(format!("{key}/sample.{n}"));
            let start = Start {
                id: action,
                key: format!("{}/sample", machine.node(id).key),
                title: title(machine, id),
                class: Class::Read,
                timeout: Some(timeout),
                effect: Effect::Scrape(scrape),
            };
            machine.open(Owner::Sample(id, n), Some(id), start);
        }
        Err(error) => failed(machine, id, n, now, error.0),
    }
}

/// A sample's scrape ended.
pub(crate) fn sampled(machine: &mut Machine<'_>, id: NodeId, n: u32, outcome: &Outcome) {
    if let Some(failure) = &outcome.failure {
        failed(machine, id, n, outcome.started_at, failure.message.clone());
        return;
    }
    let Data::Scrape(data) = &outcome.data else {
        failed(machine, id, n, outcome.started_at, "the source gave no metrics".to_owned());
        return;
    };
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    let mut joined = Increases::default();
    let mut problem = None;
    if observation.trackers.len() != data.scrapes.len() {
        problem = Some(format!("{} instances answered instead of {}", data.scrapes.len(), observation.trackers.len()));
    }
    let mut trackers = observation.trackers.clone();
    for (tracker, scrape) in trackers.iter_mut().zip(&data.scrapes) {
        match tracker.observe(scrape) {
            Ok(grown) => joined.join(&grown),
            Err(several) => problem = Some(several.to_string()),
        }
    }
    if let Some(problem) = problem {
        // No counter moves, so that the next good sample covers this one too; what was learnt of instances stays.
        observation.trackers.iter_mut().zip(&trackers).for_each(|(own, tried)| own.distrust(tried));
        failed(machine, id, n, outcome.started_at, problem);
        return;
    }
    observation.trackers = trackers;
    observation.in_flight = None;
    observation.reported.extend(data.reported.iter().cloned());
    match &mut observation.whole {
        Some(whole) => whole.add(&joined),
        None => observation.whole = Some(joined.clone()),
    }
    let spans = observation.gap + 1;
    observation.gap = 0;
    let was_down = std::mem::replace(&mut observation.down, false);
    let due = observation.due(n);
    let values = series::values(machine.program, id, &joined);
    let sample = SampleView {
        n,
        due,
        at: Some(outcome.started_at),
        state: "taken".to_owned(),
        why: joined.resets.first().map(ToString::to_string).unwrap_or_default(),
        reset: !joined.resets.is_empty(),
        spans,
        values,
    };
    if was_down {
        events::up(machine, id);
    }
    note(machine, id, sample);
    warn_unmatched(machine, id, n);
}

/// A selector that never matched anything is a loud warning at the first sample: a label value may be misspelt.
fn warn_unmatched(machine: &mut Machine<'_>, id: NodeId, n: u32) {
    if n != 1 {
        return;
    }
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    let Some(whole) = machine.state.observations.get(&id).and_then(|observation| observation.whole.clone()) else {
        return;
    };
    for index in &sample.objectives {
        let Some(objective) = machine.program.objectives.get(*index) else { continue };
        for selector in crate::metrics::form::unmatched(&objective.form, &whole) {
            let text = Words {
                text: format!("SLO {}：{selector} 还没有匹配到任何序列", objective.key),
                en: Some(format!("objective {}: {selector} has not matched any series yet", objective.key)),
            };
            machine.tell(Telling::Warning { text });
        }
    }
}

fn failed(machine: &mut Machine<'_>, id: NodeId, n: u32, at: Timestamp, why: String) {
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    observation.in_flight = None;
    observation.gap += 1;
    observation.down = true;
    let due = observation.due(n);
    let sample =
        SampleView { n, due, at: Some(at), state: "error".to_owned(), why, reset: false, spans: 0, values: Vec::new() };
    note(machine, id, sample);
}

/// A sample is decided: it is told, logged, and sets off what waits for it.
fn note(machine: &mut Machine<'_>, id: NodeId, sample: SampleView) {
    let title = title(machine, id);
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    observation.samples.push(sample.clone());
    let next = (observation.next <= observation.count).then(|| observation.due(observation.next));
    let (key, count, fiber) = (observation.key.clone(), observation.count, observation.fiber);
    machine.tell(Telling::Sampled { key, title, sample: sample.clone(), count, next });
    log(machine, id, &sample);
    events::after_sample(machine, id, &sample);
    super::handlers_changed(machine);
    // The statement looks whether this was the last one.
    if let Some(fiber) = machine.state.fibers.get_mut(&fiber) {
        fiber.ready = true;
    }
}

fn log(machine: &mut Machine<'_>, id: NodeId, sample: &SampleView) {
    let NodeKind::Sample(node) = &machine.node(id).kind else { return };
    let Some(path) = &node.log else { return };
    let Some(observation) = machine.state.observations.get(&id) else { return };
    let (scope, key) = (observation.scope, observation.key.clone());
    let Ok(path) = machine.env(scope).text(path) else { return };
    let line = series::log_line(machine.program, sample);
    let start = Start {
        id: ActionId(format!("{key}/log.{}", sample.n)),
        key: format!("{}/log", machine.node(id).key),
        title: plain("log"),
        class: Class::Record,
        timeout: None,
        effect: Effect::Append { path, line },
    };
    machine.open(Owner::Nobody, Some(id), start);
}

fn alive_due(machine: &mut Machine<'_>, id: NodeId) {
    let now = machine.state.now;
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    let sampling = observation.in_flight.is_some();
    if observation.next > observation.count {
        return;
    }
    let scope = observation.scope;
    let Some(beat) = &mut observation.alive else { return };
    if beat.in_flight || beat.next > now {
        return;
    }
    let pass = beats_since(beat, now);
    // A sample that is being taken answers the same question.
    if sampling || pass == 0 {
        return;
    }
    beat.in_flight = true;
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    let stem = format!("{}!alive", machine.node(id).key);
    let Ok((scrape, timeout)) = machine.env(scope).scrape(sample.source, false) else { return };
    let start = Start {
        id: machine.builtin_id(&stem),
        key: stem,
        title: plain("alive"),
        class: Class::Read,
        timeout: Some(timeout),
        effect: Effect::Scrape(scrape),
    };
    machine.open(Owner::Alive(id), Some(id), start);
}

/// Moves a beat past `now` on its own grid and tells how many of its times have come.
fn beats_since(beat: &mut Beat, now: Timestamp) -> u32 {
    let mut passed = 0;
    if beat.every <= jiff::SignedDuration::ZERO {
        beat.next = Timestamp::MAX;
        return 0;
    }
    while beat.next <= now {
        beat.next = beat.next.saturating_add(beat.every).unwrap_or(Timestamp::MAX);
        passed += 1;
    }
    passed
}

/// The source was asked whether it is there.
pub(crate) fn asked_alive(machine: &mut Machine<'_>, id: NodeId, outcome: &Outcome) {
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    if let Some(beat) = &mut observation.alive {
        beat.in_flight = false;
    }
    match &outcome.failure {
        Some(failure) => {
            let was_down = std::mem::replace(&mut observation.down, true);
            if !was_down {
                events::down(machine, id, &failure.message);
            }
        }
        None => {
            let was_down = std::mem::replace(&mut observation.down, false);
            if was_down {
                events::up(machine, id);
            }
        }
    }
}

fn alerts_due(machine: &mut Machine<'_>, id: NodeId) {
    let now = machine.state.now;
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    if observation.next > observation.count {
        return;
    }
    let mut wanted = Vec::new();
    for (source, beat) in &mut observation.alerts {
        if !beat.in_flight && beat.next <= now && beats_since(beat, now) > 0 {
            beat.in_flight = true;
            wanted.push(*source);
        }
    }
    for index in wanted {
        let Some(source) = machine.program.sources.get(index) else { continue };
        let SourceKind::Alertmanager { url, matchers, .. } = &source.kind else { continue };
        let env = machine.env(ROOT);
        let resolved = env.text(url).and_then(|url| {
            let matchers = matchers.iter().map(|(name, value)| Ok((name.clone(), env.text(value)?)));
            let matchers = matchers.collect::<Result<_, crate::engine::eval::EvalError>>()?;
            let bearer = source.bearer.as_ref().map(|bearer| input(&env, bearer)).transpose()?.flatten();
            Ok((url, bearer, matchers, env.duration(&source.timeout)?))
        });
        let Ok((url, bearer, matchers, timeout)) = resolved else { continue };
        let stem = format!("{}!alerts.{}", machine.node(id).key, source.name);
        let effect = Effect::Alerts(Alerts { source: source.name.clone(), url, bearer, matchers });
        let start = Start {
            id: machine.builtin_id(&stem),
            key: stem,
            title: plain(&source.name),
            class: Class::Read,
            timeout: Some(timeout),
            effect,
        };
        machine.open(Owner::Alerts(id, index), Some(id), start);
    }
}

/// A source was asked which alerts fire.
pub(crate) fn asked_alerts(machine: &mut Machine<'_>, id: NodeId, source: usize, outcome: &Outcome) {
    if let Some(beat) = machine.state.observations.get_mut(&id).and_then(|o| o.alerts.get_mut(&source)) {
        beat.in_flight = false;
    }
    let name = machine.program.sources.get(source).map(|source| source.name.clone()).unwrap_or_default();
    let Data::Alerts(firing) = &outcome.data else {
        if let Some(failure) = &outcome.failure {
            let text = Words {
                text: format!("{name} 未应答：{}", failure.message),
                en: Some(format!("{name} did not answer: {}", failure.message)),
            };
            machine.tell(Telling::Warning { text });
        }
        return;
    };
    let before = machine.state.firing.insert(source, firing.clone()).unwrap_or_default();
    if before == *firing {
        return;
    }
    let now = machine.state.now;
    // One that resolved and fires again has a new start: it is another one.
    let same = |left: &Alert, right: &Alert| left.fingerprint == right.fingerprint && left.starts_at == right.starts_at;
    for gone in before.iter().filter(|alert| !firing.iter().any(|other| same(alert, other))) {
        let view =
            machine.state.alerts.iter_mut().rev().find(|view| view.source == name && view.name == alert_name(gone));
        if let Some(view) = view.filter(|view| view.until.is_none()) {
            view.until = Some(now);
        }
    }
    let fresh: Vec<Alert> =
        firing.iter().filter(|alert| !before.iter().any(|other| same(alert, other))).cloned().collect();
    for alert in &fresh {
        let (source, name, since) = (name.clone(), alert_name(alert), alert.starts_at);
        machine.state.alerts.push(AlertView { source, name, since, until: None });
    }
    machine.tell(Telling::AlertsChanged { source: name, firing: firing.clone() });
    if !fresh.is_empty() {
        let names: Vec<String> = fresh.iter().map(alert_name).collect();
        events::alert(machine, id, source, &names.join(", "));
    }
}

fn alert_name(alert: &Alert) -> String {
    alert.labels.get("alertname").cloned().unwrap_or_else(|| alert.fingerprint.clone())
}

pub(super) fn title(machine: &Machine<'_>, id: NodeId) -> Words {
    let node = machine.program.node(id);
    match &node.title {
        Some(title) => machine.env(ROOT).words_lossy(title),
        None => plain(
            &node
                .bind
                .map_or_else(|| text::text(&crate::value::Value::Null), |var| machine.program.var(var).name.clone()),
        ),
    }
}
