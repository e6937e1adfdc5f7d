//! Observations: the grid of samples, what they are worth, what they set off.
//!
//! | state of `sample` | goes on with | to |
//! |---|---|---|
//! | fresh | `since:` a scrape that is there | observing, sample 1 at once |
//! | fresh | else: scrape 0 | beginning |
//! | beginning | scrape 0 is good | observing, sample 1 one interval later |
//! | observing | a sample's time comes | that sample; alive and alert questions between |
//! | observing | the last sample is taken and no handler is left | ruling |
//! | ruling | an objective without data, `no_data ask` | a person rules |
//! | ruling | none left | done, with the worst verdict of its objectives |
//!
//! The schedule is a fixed grid: a late sample does not shift the next one; one whose whole slot has passed is missed.

mod asked;
mod events;
mod grid;
mod joined;
pub(crate) mod series;
pub(crate) mod spoken;
mod watch;
mod worth;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::action::{ActionId, Effect, PromptKind, Start, Words};
use super::input::{Alert, Answer, Data, ScrapeData};
use super::machine::{Flow, Kind, Machine};
use super::record::worse;
use super::state::{FiberId, Frame, Owner, Return, Role, ScopeId, attempt_suffix};
use super::step::question::Question;
use super::telling::Telling;
use super::view::{SampleValue, SampleView};
use crate::check::program::{Class, NodeId, NodeKind, OnMissing, SourceKind, Until};
use crate::metrics::increase::{Increases, Tracker};
use crate::metrics::observed::{Grid, Observed};
use crate::metrics::selector::Selector;
use crate::text::Text;
use crate::value::{Value, Verdict, text};

pub(crate) use asked::{answer, questions, scraped, to_be_asked};
pub(crate) use events::event_words;
pub(crate) use grid::{asked_alerts, asked_alive, due, missed_while_away, next_due, next_of_use, only_looks_on};
pub(crate) use watch::stop;
pub(crate) use worth::{missed, sampled};

/// How far the statement is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// Not begun.
    Fresh,
    /// Scrape 0 is being taken.
    Beginning(ActionId),
    /// Samples are taken.
    Observing,
    /// A person rules on the objective with this index.
    Ruling(usize, ActionId),
}

/// An observation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Observation {
    pub(crate) node: NodeId,
    pub(crate) key: String,
    pub(crate) fiber: FiberId,
    pub(crate) scope: ScopeId,
    pub(crate) every: SignedDuration,
    /// How many samples it has; none: as many as fall due while its steps run.
    pub(crate) count: Option<u32>,
    /// When the last sample is due, where the steps of a `watch` ended between two.
    pub(crate) last: Option<Timestamp>,
    /// Why its steps were stopped.
    pub(crate) stopped: Option<Text>,
    /// The attempt of its statement, from 1.
    pub(crate) attempt: u32,
    /// When sample 1 is due.
    pub(crate) first: Timestamp,
    /// When scrape 0 was taken.
    pub(crate) zero_at: Timestamp,
    /// One an instance of the source.
    pub(crate) trackers: Vec<Tracker>,
    /// The increases since scrape 0.
    pub(crate) whole: Option<Increases>,
    /// What the expressions of its objectives are evaluated over, where it has any.
    pub(crate) observed: Option<Observed>,
    pub(crate) samples: Vec<SampleView>,
    /// The next sample, from 1.
    pub(crate) next: u32,
    /// The sample that is being taken.
    pub(crate) in_flight: Option<u32>,
    /// The time for which a server was asked last: unix milliseconds.
    pub(crate) asked_ms: i64,
    /// Samples since the last good one that were missed or failed.
    pub(crate) gap: u32,
    pub(crate) alive: Option<Beat>,
    /// The source did not answer when it was last asked.
    pub(crate) down: bool,
    pub(crate) alerts: BTreeMap<usize, Beat>,
    pub(crate) rules: BTreeMap<NodeId, events::Rule>,
    /// By index of the objective.
    pub(crate) gates: BTreeMap<usize, events::Gates>,
    /// Families and samples that were seen with at least one sample.
    pub(crate) reported: BTreeSet<String>,
    /// It was told that times of the source do not fit the clock.
    pub(crate) clocks_told: bool,
    /// How it ended.
    pub(crate) ended: Option<&'static str>,
}

/// Something that is asked again and again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beat {
    pub(crate) every: SignedDuration,
    pub(crate) next: Timestamp,
    pub(crate) in_flight: bool,
    /// There was no answer when it was asked last.
    pub(crate) silent: bool,
    /// The alerts that this observation knows to fire: another one that asks the same source does not take them from it.
    pub(crate) firing: Vec<Alert>,
}

impl Observation {
    /// When sample `n` is due.
    pub(crate) fn due(&self, n: u32) -> Timestamp {
        let offset = self.every.checked_mul(i32::try_from(n.saturating_sub(1)).unwrap_or(i32::MAX));
        let due = offset.and_then(|offset| self.first.checked_add(offset).ok()).unwrap_or(Timestamp::MAX);
        self.last.filter(|_| self.count == Some(n)).map_or(due, |last| last.min(due))
    }

    /// It ends before its time, and nothing more comes of it.
    pub(crate) fn break_off(&mut self) {
        self.ended = Some("stopped");
        self.in_flight = None;
    }

    /// A `watch` without rules, whose steps still run: it samples for as long as they take and sets nothing off.
    pub(crate) fn looks_on(&self) -> bool {
        self.count.is_none() && self.rules.is_empty()
    }

    /// Is there a sample with this number?
    pub(crate) fn wants(&self, n: u32) -> bool {
        self.count.is_none_or(|count| n <= count)
    }

    /// The next sample is the last one, and due at `at` at the latest.
    fn last_at(&mut self, at: Timestamp) {
        self.count = Some(self.next);
        self.last = Some(at);
    }

    /// No further sample is taken.
    fn no_more(&mut self) {
        self.count = Some(self.next.saturating_sub(1));
    }

    /// What tells the actions of a second attempt from those of the first.
    pub(crate) fn suffix(&self) -> String {
        attempt_suffix(self.attempt)
    }

    /// The time of sample `n`, which was taken `at`, for the expressions: unix milliseconds.
    pub(crate) fn time_ms(&self, n: u32, at: Timestamp) -> i64 {
        let (due_ms, taken_ms) = (self.due(n).as_millisecond(), at.as_millisecond());
        self.observed.as_ref().map_or(taken_ms, |observed| observed.grid().time_ms(due_ms, taken_ms))
    }

    /// More samples will be taken.
    pub(crate) fn is_sampling(&self) -> bool {
        self.ended.is_none() && (self.wants(self.next) || self.in_flight.is_some())
    }

    /// What the samples say about an objective, in their order.
    pub(crate) fn values_of<'o>(&'o self, objective: &'o str) -> impl Iterator<Item = &'o SampleValue> {
        self.samples.iter().filter_map(move |sample| sample.values.iter().find(|value| value.objective == objective))
    }

    /// Samples that gave values.
    pub(crate) fn taken(&self) -> u32 {
        self.counted("taken")
    }

    /// Samples with this state.
    pub(crate) fn counted(&self, state: &str) -> u32 {
        u32::try_from(self.samples.iter().filter(|sample| sample.state == state).count()).unwrap_or(u32::MAX)
    }
}

impl Machine<'_> {
    /// Runs `sample` and `watch`.
    pub(crate) fn sample(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let Kind::Sample(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Phase::Fresh => {
                if frame.record.is_none() {
                    self.open_record(frame, String::new());
                }
                self.begin_observation(fiber, frame, id)
            }
            Phase::Beginning(action) => match returned {
                Some(Return::Outcome(outcome)) => {
                    if let Some(failure) = outcome.failure {
                        let why = crate::text!("scrape 0: {}", "第 0 次抓取：{}", failure.message);
                        return self.fail(fiber, frame, why, String::new());
                    }
                    let Data::Scrape(data) = outcome.data else {
                        let why = crate::text!("scrape 0 gave no metrics", "第 0 次抓取没有得到指标");
                        return self.fail(fiber, frame, why, String::new());
                    };
                    let at = outcome.started_at;
                    match self.observe_from(fiber, frame, id, at, &data, false) {
                        Ok(()) => self.begun(fiber, frame, id),
                        Err(message) => self.fail(fiber, frame, message, String::new()),
                    }
                }
                Some(Return::Done(_) | Return::Failed(_) | Return::Answer(_) | Return::TimedOut) => Flow::Block,
                None if self.state.open.contains_key(&action) => Flow::Block,
                None => {
                    frame.attempt += 1;
                    frame.kind = Kind::Sample(Phase::Fresh);
                    Flow::Again
                }
            },
            Phase::Observing => {
                if let Some(returned) = returned {
                    self.steps_ended(frame, id, returned);
                }
                self.observing(fiber, frame, id)
            }
            Phase::Ruling(objective, action) => match returned {
                Some(Return::Answer(answer)) => {
                    self.rule(id, objective, &answer);
                    self.next_ruling(fiber, frame, id)
                }
                Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
                None if self.state.open.contains_key(&action) => Flow::Block,
                None => self.next_ruling(fiber, frame, id),
            },
        }
    }

    fn begin_observation(&mut self, fiber: FiberId, frame: &mut Frame, id: NodeId) -> Flow {
        let NodeKind::Sample(sample) = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        if let Some(since) = sample.since {
            let Some((at, data)) = self.state.scrapes.get(&since).cloned() else {
                let name = self.program.var(since).name.clone();
                let why = crate::text!("the scrape `{name}` is not there", "抓取结果 `{name}` 不存在");
                return self.fail(fiber, frame, why, String::new());
            };
            return match self.observe_from(fiber, frame, id, at, &data, true) {
                Ok(()) => self.begun(fiber, frame, id),
                Err(message) => self.fail(fiber, frame, message, String::new()),
            };
        }
        let (scrape, timeout) = match self.env(frame.scope).scrape(sample.source, true) {
            Ok(scrape) => scrape,
            Err(error) => return self.fail(fiber, frame, error.0, String::new()),
        };
        let suffix = attempt_suffix(frame.attempt);
        let action = ActionId(format!("{}/scrape.0{suffix}", frame.key));
        frame.kind = Kind::Sample(Phase::Beginning(action.clone()));
        let key = format!("{}/scrape", self.node(id).key);
        let (title, class, effect) = (self.title_of(frame), Class::Read, Effect::Scrape(scrape));
        self.open(
            Owner::Fiber(fiber),
            Some(id),
            Start { id: action, key, title, class, timeout: Some(timeout), effect },
        );
        Flow::Block
    }

    /// The observation is there from now on.
    fn observe_from(
        &mut self,
        fiber: FiberId,
        frame: &Frame,
        id: NodeId,
        zero_at: Timestamp,
        zero: &ScrapeData,
        at_once: bool,
    ) -> Result<(), Text> {
        let NodeKind::Sample(sample) = &self.node(id).kind else { return Ok(()) };
        let env = self.env(frame.scope);
        let every = env.duration(&sample.every).map_err(|error| error.0)?;
        let count = match &sample.until {
            Until::Count(count) => Some(env.count(count).map_err(|error| error.0)?),
            Until::Steps(_) => None,
        };
        if every <= SignedDuration::ZERO {
            return Err(crate::text!("the interval between samples must be longer than nothing", "采样间隔必须大于 0"));
        }
        if count == Some(0) {
            return Err(crate::text!("an observation takes at least one sample", "观察至少要采集一个样本"));
        }
        let now = self.state.now;
        let first = if at_once { now } else { now.saturating_add(every).unwrap_or(Timestamp::MAX) };
        let beat = |every: SignedDuration| Beat {
            every,
            next: now.saturating_add(every).unwrap_or(Timestamp::MAX),
            in_flight: false,
            silent: false,
            firing: Vec::new(),
        };
        let alive = match self.program.sources.get(sample.source).map(|source| &source.kind) {
            Some(SourceKind::Scrape { alive: Some(alive), .. } | SourceKind::Prometheus { alive: Some(alive), .. }) => {
                Some(beat(env.duration(alive).map_err(|error| error.0)?))
            }
            Some(SourceKind::Scrape { .. } | SourceKind::Prometheus { .. } | SourceKind::Alertmanager { .. })
            | None => None,
        };
        let mut alerts = BTreeMap::new();
        for source in &sample.alert_sources {
            if let Some(SourceKind::Alertmanager { url, every, .. }) =
                self.program.sources.get(*source).map(|s| &s.kind)
            {
                // An absent source has no alerts: plan and status list what is absent.
                if env.eval(url).map_err(|error| error.0)? != Value::Null {
                    let every = env.duration(every).map_err(|error| error.0)?;
                    let firing = self.state.firing.get(source).cloned().unwrap_or_default();
                    alerts.insert(*source, Beat { next: now, firing, ..beat(every) });
                }
            }
        }
        let every_ms = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
        let expressions = sample.objectives.iter().filter_map(|index| self.program.objectives.get(*index));
        let expressions = expressions.filter_map(|objective| objective.indicator.promql());
        let mut grid = Grid { zero_ms: zero_at.as_millisecond(), every_ms };
        if !at_once {
            // Scrape 0 was taken for this grid, and lies on it.
            grid.zero_ms = grid.time_ms(now.as_millisecond(), grid.zero_ms);
        }
        let observation = Observation {
            node: id,
            key: frame.key.clone(),
            fiber,
            scope: frame.scope,
            every,
            count,
            last: None,
            stopped: None,
            attempt: frame.attempt,
            first,
            zero_at,
            trackers: zero.scrapes.iter().map(|scrape| Tracker::new(scrape)).collect(),
            whole: None,
            observed: Observed::new(grid, expressions),
            samples: Vec::new(),
            next: 1,
            in_flight: None,
            asked_ms: 0,
            gap: 0,
            alive,
            down: false,
            alerts,
            gates: BTreeMap::new(),
            rules: sample.handlers.iter().map(|handler| (*handler, events::Rule::default())).collect(),
            reported: zero.reported.clone(),
            clocks_told: false,
            ended: None,
        };
        self.state.rulings.retain(|(node, _), _| *node != id);
        self.state.observations.insert(id, observation);
        let instances = worth::instances(self, id);
        if let Some(observed) = self.state.observations.get_mut(&id).and_then(|own| own.observed.as_mut()) {
            let names = instances.iter().map(String::as_str).chain(std::iter::repeat(""));
            let scrapes: Vec<_> = names.zip(zero.scrapes.iter().map(|scrape| &**scrape)).collect();
            observed.scraped(grid.zero_ms, &scrapes);
        }
        worth::warn_of_times(self, id, worth::odd_times_in(zero, zero_at));
        Ok(())
    }

    fn begun(&mut self, fiber: FiberId, frame: &mut Frame, id: NodeId) -> Flow {
        frame.kind = Kind::Sample(Phase::Observing);
        match self.steps_of(frame, id) {
            Some(flow) => {
                due(self);
                flow
            }
            None => self.observing(fiber, frame, id),
        }
    }

    fn observing(&mut self, fiber: FiberId, frame: &mut Frame, id: NodeId) -> Flow {
        due(self);
        if !self.is_complete(id) {
            return Flow::Block;
        }
        match self.state.observations.get(&id).and_then(|observation| observation.stopped.clone()) {
            Some(message) => self.stopped(fiber, frame, id, message),
            None => self.next_ruling(fiber, frame, id),
        }
    }

    /// The last sample is taken, nobody works on what the samples showed, and their log is written: were it not, a crash
    /// after the end of the run would leave it without its last lines.
    fn is_complete(&self, id: NodeId) -> bool {
        let Some(observation) = self.state.observations.get(&id) else { return true };
        let logging = self.state.open.values().any(|open| open.owner == Owner::Nobody && open.node == Some(id));
        !observation.wants(observation.next) && observation.in_flight.is_none() && !logging && !self.has_handlers(id)
    }

    fn has_handlers(&self, id: NodeId) -> bool {
        self.state
            .fibers
            .values()
            .any(|fiber| matches!(fiber.role, Role::Handler { observation, .. } if observation == id))
    }

    /// Asks about the next objective without data, or ends the observation.
    fn next_ruling(&mut self, fiber: FiberId, frame: &mut Frame, id: NodeId) -> Flow {
        let NodeKind::Sample(sample) = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        for index in &sample.objectives {
            let Some(objective) = self.program.objectives.get(*index) else { continue };
            let Some(observation) = self.state.observations.get(&id) else { continue };
            if self.state.rulings.contains_key(&(id, *index)) {
                continue;
            }
            let (verdict, _) = series::whole_verdict(objective, observation);
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
                | Verdict::CutOff => continue,
            };
            let OnMissing::Ask(words) = policy else { continue };
            let words = words.as_ref().map(|words| self.env(frame.scope).words_lossy(words));
            let title = self.env(frame.scope).words_lossy(&objective.title);
            let suffix = format!("!no_data.{}", objective.key);
            let action = self.builtin_id(&format!("{}{suffix}", frame.stem()));
            let key = format!("{}{suffix}", self.node(id).key);
            frame.kind = Kind::Sample(Phase::Ruling(*index, action.clone()));
            let kind = PromptKind::NoData { objective: objective.key.clone(), words };
            let choices = ["not_applicable", "fail"].into_iter().map(super::step::trouble::builtin).collect();
            let question = Question { kind, choices, ..Question::default() };
            self.ask(fiber, Some(id), action, key, title, question);
            return Flow::Block;
        }
        if let Some(observation) = self.state.observations.get_mut(&id) {
            observation.ended = Some("complete");
        }
        let verdict = worse(frame.worst, series::overall(self.program, self.state, id));
        let key = frame.key.clone();
        self.tell(Telling::ObservationEnded { key, verdict });
        self.close_record(frame, verdict, Text::default());
        Flow::done(verdict)
    }

    fn rule(&mut self, id: NodeId, objective: usize, answer: &Answer) {
        let found = self.program.objectives.get(objective).zip(self.state.observations.get(&id));
        let found = found.map_or(Verdict::NoData, |(spec, observation)| series::whole_verdict(spec, observation).0);
        let verdict = if text::text(&answer.value) == "not_applicable" { Verdict::NotApplicable } else { found };
        let note = answer.note.as_ref().map(|note| crate::text!(": {note}", "：{note}")).unwrap_or_default();
        let ruled = Words::zh_first(crate::text!("ruled by {}{}", "由 {} 裁定{}", answer.by, note));
        self.state.rulings.insert((id, objective), (verdict, ruled));
    }
}

/// A fiber ended: observations that wait for their handlers look again.
pub(crate) fn handlers_changed(machine: &mut Machine<'_>) {
    let waiting: Vec<FiberId> = machine
        .state
        .observations
        .values()
        .filter(|observation| observation.ended.is_none() && machine.is_complete(observation.node))
        .map(|observation| observation.fiber)
        .collect();
    for fiber in waiting {
        wake(machine, fiber);
    }
}

/// Lets a fiber look whether its observation is over, unless the steps of a `watch` run in it.
pub(super) fn wake(machine: &mut Machine<'_>, fiber: FiberId) {
    if let Some(fiber) = machine.state.fibers.get_mut(&fiber)
        && fiber.frames.last().is_some_and(|frame| matches!(frame.kind, Kind::Sample(_)))
    {
        fiber.ready = true;
    }
}

/// `extend series, by: n`
pub(crate) fn extend(machine: &mut Machine<'_>, sample: NodeId, by: u32) -> Result<(), Text> {
    /// As many as a parameter may ask for in the first place: a day of samples every minute and a half.
    const MOST_SAMPLES: u32 = 1_000_000;
    match machine.state.observations.get_mut(&sample) {
        Some(observation) if observation.ended.is_none() => {
            let count =
                observation.count.and_then(|count| count.checked_add(by)).filter(|count| *count <= MOST_SAMPLES);
            observation.count = Some(count.ok_or_else(|| {
                crate::text!(
                    "an observation takes at most {MOST_SAMPLES} samples",
                    "观察最多采集 {MOST_SAMPLES} 个样本"
                )
            })?);
            Ok(())
        }
        Some(_) => {
            Err(crate::text!("the observation has ended: it can no longer be extended", "观察已经结束，不能再延长"))
        }
        None => Err(crate::text!("the observation has not begun: it cannot be extended", "观察尚未开始，不能延长")),
    }
}

/// `query src, increase: SELECTOR, by: [label]`: rows of the growth since the observation's scrape before, else since
/// its beginning. Outside an observation of this source there is nothing to compare with.
pub(crate) fn increase(
    machine: &Machine<'_>,
    source: usize,
    selector: &Selector,
    by: &[String],
    data: &ScrapeData,
) -> Result<Value, Text> {
    let observations = &machine.state.observations;
    let of_source = |own: &&Observation| match &machine.node(own.node).kind {
        NodeKind::Sample(sample) => sample.source == source,
        _other => false,
    };
    // Several may be under way at once: that which set off what asks is meant.
    let own = machine.running.and_then(|fiber| observations.get(&machine.state.set_off_by(fiber)?));
    let observation = own.filter(of_source).or_else(|| observations.values().find(of_source));
    let Some(observation) = observation else {
        return Err(crate::text!(
            "there is no observation of this source whose scrape it could be compared with",
            "该数据源没有可供比较的观察"
        ));
    };
    let mut joined = Increases::default();
    for (tracker, scrape) in observation.trackers.iter().zip(&data.scrapes) {
        let grown = tracker.clone().observe(scrape).map_err(|several| several.text())?;
        joined.join(&grown);
    }
    if let Some(whole) = &observation.whole {
        let mut sum = whole.clone();
        sum.add(&joined);
        joined = sum;
    }
    let rows = joined.by_labels(selector, by).map_err(|reason| reason.text())?;
    let rows = rows.into_iter().map(|row| {
        let mut record: BTreeMap<String, Value> =
            by.iter().cloned().zip(row.values.into_iter().map(Value::Text)).collect();
        record.insert("increase".to_owned(), Value::Float(row.increase));
        Value::Map(record)
    });
    Ok(Value::List(rows.collect()))
}
