//! What is due when: samples on their grid, and between them the questions whether the source is there and what fires.

use jiff::Timestamp;

use super::worth::{failed, missed, title};
use super::{Beat, Observation, events, series};
use crate::check::program::{Class, NodeId, NodeKind, SourceKind};
use crate::engine::action::{ActionId, Alerts, Effect, Start};
use crate::engine::input::{Alert, Data, Outcome};
use crate::engine::machine::Machine;
use crate::engine::record::plain;
use crate::engine::state::{Owner, ROOT, State};
use crate::engine::step::resolve::access;
use crate::engine::telling::Telling;
use crate::engine::view::AlertView;
use crate::text;
use crate::text::Text;

/// The next time at which an observation wants something.
pub(crate) fn next_due(state: &State) -> Option<Timestamp> {
    state.observations.values().filter(|observation| observation.ended.is_none()).filter_map(next_of).min()
}

/// As [`next_due`], of the observations that by themselves lead to something.
pub(crate) fn next_of_use(state: &State) -> Option<Timestamp> {
    let of_use = state.observations.values().filter(|o| o.ended.is_none() && !o.looks_on());
    of_use.filter_map(next_of).min()
}

/// Whether this belongs to an observation that leads to nothing by itself.
pub(crate) fn only_looks_on(state: &State, owner: Owner) -> bool {
    match owner {
        Owner::Sample(id, _) | Owner::Alive(id) | Owner::Alerts(id, _) => {
            state.observations.get(&id).is_some_and(Observation::looks_on)
        }
        Owner::Fiber(_) | Owner::Nobody => false,
    }
}

fn next_of(observation: &Observation) -> Option<Timestamp> {
    let sampling = observation.wants(observation.next);
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
        if !observation.wants(n) || observation.in_flight.is_some() || due > now {
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
                || !observation.wants(n)
                || observation.in_flight.is_some()
                || observation.due(n) >= now
            {
                break;
            }
            missed(machine, id);
        }
    }
}

fn take(machine: &mut Machine<'_>, id: NodeId, n: u32) {
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    observation.next = n + 1;
    observation.in_flight = Some(n);
    let (scope, key, suffix) = (observation.scope, observation.key.clone(), observation.suffix());
    let now = machine.state.now;
    match machine.env(scope).scrape(sample.source, true) {
        Ok((mut scrape, timeout)) => {
            if let (Some(queries), Some(observation)) = (&mut scrape.queries, machine.state.observations.get_mut(&id)) {
                series::questions(machine.program, observation, queries, n, now);
            }
            let action = ActionId(format!("{key}/sample.{n}{suffix}"));
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

fn alive_due(machine: &mut Machine<'_>, id: NodeId) {
    let now = machine.state.now;
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    let sampling = observation.in_flight.is_some();
    if !observation.wants(observation.next) {
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
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    let stem = format!("{}!alive", machine.node(id).key);
    let (scrape, timeout) = match machine.env(scope).scrape(sample.source, false) {
        Ok(asked) => asked,
        // What cannot even be asked is not there; the next beat tries again.
        Err(error) => return is_there(machine, id, Some(&error.0)),
    };
    if let Some(beat) = machine.state.observations.get_mut(&id).and_then(|own| own.alive.as_mut()) {
        beat.in_flight = true;
    }
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
    if let Some(beat) = machine.state.observations.get_mut(&id).and_then(|own| own.alive.as_mut()) {
        beat.in_flight = false;
    }
    is_there(machine, id, outcome.failure.as_ref().map(|failure| &failure.message));
}

/// The source is there, or why it is not.
fn is_there(machine: &mut Machine<'_>, id: NodeId, failure: Option<&Text>) {
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    match failure {
        Some(why) => {
            let was_down = std::mem::replace(&mut observation.down, true);
            if !was_down {
                events::down(machine, id, why);
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
    if !observation.wants(observation.next) {
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
            Ok((url, access(&env, &source.access)?, matchers, env.duration(&source.timeout)?))
        });
        let (url, access, matchers, timeout) = match resolved {
            Ok(resolved) => resolved,
            Err(error) => {
                // Nothing was asked; the next beat tries again.
                if let Some(beat) = machine.state.observations.get_mut(&id).and_then(|own| own.alerts.get_mut(&index)) {
                    beat.in_flight = false;
                }
                machine.warn(text!("{} was not asked: {}", "未向 {} 查询：{}", source.name, error.0));
                continue;
            }
        };
        let stem = format!("{}!alerts.{}", machine.node(id).key, source.name);
        let effect = Effect::Alerts(Alerts { source: source.name.clone(), url, access, matchers });
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
    let mut was_silent = false;
    if let Some(beat) = machine.state.observations.get_mut(&id).and_then(|o| o.alerts.get_mut(&source)) {
        beat.in_flight = false;
        was_silent = std::mem::replace(&mut beat.silent, outcome.failure.is_some());
    }
    let name = machine.program.sources.get(source).map(|source| source.name.clone()).unwrap_or_default();
    let Data::Alerts(firing) = &outcome.data else {
        // It is asked again and again: that it does not answer is said once, until it does.
        if let Some(failure) = outcome.failure.as_ref().filter(|_| !was_silent) {
            machine.warn(text!("{} did not answer: {}", "{} 未应答：{}", name, failure.message));
        }
        return;
    };
    let before = machine.state.firing.insert(source, firing.clone()).unwrap_or_default();
    if before != *firing {
        note_alerts(machine, &name, &before, firing);
    }
    let beat = machine.state.observations.get_mut(&id).and_then(|own| own.alerts.get_mut(&source));
    let known = beat.map(|beat| std::mem::replace(&mut beat.firing, firing.clone())).unwrap_or_default();
    let names: Vec<String> = not_among(&known, firing).map(alert_name).collect();
    if !names.is_empty() {
        events::alert(machine, id, source, &names.join(", "));
    }
}

/// Writes down which alerts are gone and which are new.
fn note_alerts(machine: &mut Machine<'_>, source: &str, before: &[Alert], firing: &[Alert]) {
    let now = machine.state.now;
    for gone in not_among(firing, before) {
        // Several alerts may have one name, and fire since different times.
        let is_gone = |view: &&mut AlertView| {
            view.source == source
                && view.name == alert_name(gone)
                && view.since == gone.starts_at
                && view.until.is_none()
        };
        if let Some(view) = machine.state.alerts.iter_mut().rev().find(is_gone) {
            view.until = Some(now);
        }
    }
    for alert in not_among(before, firing) {
        let (source, name, since) = (source.to_owned(), alert_name(alert), alert.starts_at);
        machine.state.alerts.push(AlertView { source, name, since, until: None });
    }
    machine.tell(Telling::AlertsChanged { source: source.to_owned(), firing: firing.to_vec() });
}

/// Those of `alerts` that are not among the others. One that resolved and fires again has a new start: it is another one.
fn not_among<'a>(others: &'a [Alert], alerts: &'a [Alert]) -> impl Iterator<Item = &'a Alert> {
    let same = |left: &Alert, right: &Alert| left.fingerprint == right.fingerprint && left.starts_at == right.starts_at;
    alerts.iter().filter(move |alert| !others.iter().any(|other| same(alert, other)))
}

fn alert_name(alert: &Alert) -> String {
    alert.labels.get("alertname").cloned().unwrap_or_else(|| alert.fingerprint.clone())
}
