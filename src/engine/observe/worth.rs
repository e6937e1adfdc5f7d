//! What a sample is worth: the end of its scrape, or that there was none.

use jiff::Timestamp;

use super::{events, series};
use crate::check::program::{Class, NodeId, NodeKind};
use crate::engine::action::{ActionId, Effect, Start, Words};
use crate::engine::evidence::host_and_port;
use crate::engine::input::{Data, Outcome, ScrapeData};
use crate::engine::machine::Machine;
use crate::engine::record::plain;
use crate::engine::state::{Owner, ROOT};
use crate::engine::telling::Telling;
use crate::engine::view::SampleView;
use crate::metrics::clocks::odd_times;
use crate::metrics::increase::Increases;
use crate::metrics::indicator::Indicator;
use crate::text;
use crate::text::Text;

/// A sample's scrape ended.
pub(crate) fn sampled(machine: &mut Machine<'_>, id: NodeId, n: u32, outcome: &Outcome) {
    if let Some(failure) = &outcome.failure {
        failed(machine, id, n, outcome.started_at, failure.message.clone());
        return;
    }
    let Data::Scrape(data) = &outcome.data else {
        failed(machine, id, n, outcome.started_at, text!("the source gave no metrics", "数据源没有给出指标"));
        return;
    };
    let instances = instances(machine, id);
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    let mut joined = Increases::default();
    let mut problem = None;
    if observation.trackers.len() != data.scrapes.len() {
        let (found, wanted) = (data.scrapes.len(), observation.trackers.len());
        problem =
            Some(text!("{found} instances answered instead of {wanted}", "应有 {wanted} 个实例应答，实际 {found} 个"));
    }
    let mut trackers = observation.trackers.clone();
    for (tracker, scrape) in trackers.iter_mut().zip(&data.scrapes) {
        match tracker.observe(scrape) {
            Ok(grown) => joined.join(&grown),
            Err(several) => problem = Some(several.text()),
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
    let at_ms = match data.answers {
        Some(_) => observation.asked_ms,
        None => observation.time_ms(n, outcome.started_at),
    };
    if let (Some(observed), None) = (&mut observation.observed, &data.answers) {
        let names = instances.iter().map(String::as_str).chain(std::iter::repeat(""));
        let scrapes: Vec<_> = names.zip(data.scrapes.iter().map(|scrape| &**scrape)).collect();
        observed.scraped(at_ms, &scrapes);
    }
    let resets = Some(joined.resets_told()).filter(|told| !told.is_empty());
    let clocks = odd_times_in(data, outcome.started_at);
    let odd: Vec<Text> = resets.into_iter().chain(clocks.iter().cloned()).collect();
    let values = series::values(machine.program, observation, (&joined, data.answers.as_ref()), at_ms);
    let sample = SampleView {
        n,
        due,
        at: Some(outcome.started_at),
        state: "taken".to_owned(),
        why: Text::join(&odd, &text!("; ", "；")),
        reset: !joined.resets.is_empty(),
        spans,
        values,
    };
    if was_down {
        events::up(machine, id);
    }
    note(machine, id, sample);
    if data.answers.is_none() {
        warn_of_times(machine, id, clocks);
        warn_unmatched(machine, id, n);
    }
}

/// The instances of a source by host and port, as the label `instance` of a server would have them; none for a single one,
/// whose series need not be told apart.
pub(super) fn instances(machine: &Machine<'_>, id: NodeId) -> Vec<String> {
    let Some(observation) = machine.state.observations.get(&id).filter(|one| one.observed.is_some()) else {
        return Vec::new();
    };
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return Vec::new() };
    let urls = machine.env(observation.scope).scrape(sample.source, false).map(|(scrape, _)| scrape.urls);
    urls.ok().filter(|urls| urls.len() > 1).unwrap_or_default().iter().map(|url| host_and_port(url)).collect()
}

/// What the times in a scrape say about the clocks.
pub(super) fn odd_times_in(data: &ScrapeData, at: Timestamp) -> Vec<Text> {
    let odd = data.scrapes.iter().flat_map(|scrape| odd_times(scrape, at.as_millisecond()));
    odd.map(|odd| odd.text()).collect()
}

/// Times that do not fit the clock are a loud warning, once; later they stand beside each sample.
pub(super) fn warn_of_times(machine: &mut Machine<'_>, id: NodeId, odd: Vec<Text>) {
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    if odd.is_empty() || std::mem::replace(&mut observation.clocks_told, true) {
        return;
    }
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    let name = machine.program.sources.get(sample.source).map(|source| source.name.clone()).unwrap_or_default();
    for odd in odd {
        machine.warn(text!("{name}: {odd}", "{name}：{odd}", name = name, odd = odd));
    }
}

/// A selector that never matched anything is a loud warning at the first sample: a label value may be misspelt.
fn warn_unmatched(machine: &mut Machine<'_>, id: NodeId, n: u32) {
    if n != 1 {
        return;
    }
    let NodeKind::Sample(sample) = &machine.node(id).kind else { return };
    for index in &sample.objectives {
        let Some(objective) = machine.program.objectives.get(*index) else { continue };
        let Some(observation) = machine.state.observations.get(&id) else { continue };
        let fiber = observation.fiber;
        let unmatched: Vec<String> = match (&objective.indicator, &observation.whole, &observation.observed) {
            (Indicator::Exact(form), Some(whole), _) => {
                crate::metrics::form::unmatched(form, whole).iter().map(ToString::to_string).collect()
            }
            (Indicator::Promql(promql), _, Some(observed)) => observed.unmatched(promql),
            (Indicator::Exact(_) | Indicator::Promql(_), _, _) => Vec::new(),
        };
        for selector in unmatched {
            let key = &objective.key;
            let text = text!(
                "objective {key}: {selector} has not matched any series yet",
                "SLO {key}：{selector} 还没有匹配到任何序列"
            );
            machine.tell_of(fiber, Telling::Warning { text });
        }
    }
}

pub(super) fn failed(machine: &mut Machine<'_>, id: NodeId, n: u32, at: Timestamp, why: Text) {
    let Some(observation) = machine.state.observations.get_mut(&id) else { return };
    observation.in_flight = None;
    observation.gap += 1;
    observation.down = true;
    let at_ms = observation.time_ms(n, at);
    if let Some(observed) = &mut observation.observed {
        observed.failed(at_ms);
    }
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
    let next = observation.wants(observation.next).then(|| observation.due(observation.next));
    let (key, count, fiber) = (observation.key.clone(), observation.count, observation.fiber);
    machine.tell_of(fiber, Telling::Sampled { key, title, sample: sample.clone(), count, next });
    log(machine, id, &sample);
    events::after_sample(machine, id, &sample);
    super::handlers_changed(machine);
    // The statement looks whether this was the last one.
    super::wake(machine, fiber);
}

fn log(machine: &mut Machine<'_>, id: NodeId, sample: &SampleView) {
    let NodeKind::Sample(node) = &machine.node(id).kind else { return };
    let Some(path) = &node.log else { return };
    let Some(observation) = machine.state.observations.get(&id) else { return };
    let (scope, key, suffix) = (observation.scope, observation.key.clone(), observation.suffix());
    let Ok(path) = machine.env(scope).text(path) else { return };
    let line = series::log_line(machine.program, sample);
    let start = Start {
        id: ActionId(format!("{key}/log.{}{suffix}", sample.n)),
        key: format!("{}/log", machine.node(id).key),
        title: plain("log"),
        class: Class::Record,
        timeout: None,
        effect: Effect::Append { path, line },
    };
    machine.open(Owner::Nobody, Some(id), start);
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
        why: text!("nothing ran when it was due", "到期时没有执行者在运行"),
        reset: false,
        spans: 0,
        values: Vec::new(),
    };
    note(machine, id, sample);
}

pub(super) fn title(machine: &Machine<'_>, id: NodeId) -> Words {
    let node = machine.program.node(id);
    match &node.title {
        Some(title) => machine.env(ROOT).words_lossy(title),
        None => plain(&node.bind.map_or_else(
            || crate::value::text::text(&crate::value::Value::Null),
            |var| machine.program.var(var).name.clone(),
        )),
    }
}
