//! The statements of a plan, as a tree of rows.

use serde::Serialize;

use super::asked::{Asked, asked};
use super::{Effects, Slot, as_map, options};
use crate::check::program::{
    Again, Class, Node, NodeId, NodeKind, Otherwise, Passes, Program, Severity, Title, Trigger, UndoHow, Until, WaitFor,
};
use crate::engine::action::Words;
use crate::engine::preview::Preview;
use crate::text;
use crate::text::Text;
use crate::value::Value;

/// One statement, or one arm of one.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its key; an arm (`else`, `option`) has that of its statement.
    pub key: String,
    /// Its word.
    pub word: &'static str,
    /// Its title.
    pub title: Option<Words>,
    /// What it does to the world.
    pub class: Class,
    /// It is an effect, not a block of some.
    pub effect: bool,
    /// Its command, request, condition, list: resolved as far as it is known.
    pub what: Option<Text>,
    /// Its options, as far as they say something: `timeout`, `again`, `else`.
    #[serde(serialize_with = "as_map")]
    pub facts: Vec<(&'static str, String)>,
    /// False: it is known that it does not apply; true: it is known that it does.
    pub applies: Option<bool>,
    /// What it asks.
    pub asks: Option<Asked>,
    /// What is in it.
    pub rows: Vec<Row>,
}

/// Makes rows, and counts and times what it sees.
pub(super) struct Rows<'a> {
    preview: &'a Preview<'a>,
    pub(super) effects: Effects,
    pub(super) timetable: Vec<Slot>,
    /// Planned time at this place, in minutes of the day.
    clock: Option<i64>,
    depth: u32,
    /// Effects are counted here: not what would take others back.
    counts: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(preview: &'a Preview<'a>) -> Self {
        Self { preview, effects: Effects::default(), timetable: Vec::new(), clock: None, depth: 0, counts: true }
    }

    fn program(&self) -> &'a Program {
        self.preview.program()
    }

    /// A row for each of these statements.
    pub(super) fn of(&mut self, body: &[NodeId]) -> Vec<Row> {
        body.iter().map(|id| self.row(*id)).collect()
    }

    /// The rows in a block.
    pub(super) fn inside(&mut self, id: NodeId) -> Vec<Row> {
        self.row(id).rows
    }

    /// The rows in a block that takes back what was done.
    pub(super) fn taking_back(&mut self, id: NodeId) -> Vec<Row> {
        self.counts = false;
        let rows = self.inside(id);
        self.counts = true;
        rows
    }

    fn row(&mut self, id: NodeId) -> Row {
        let node = self.program().node(id);
        let effect = self.preview.effect(node).is_some();
        if effect && self.counts {
            self.count(node);
        }
        let mut row = Row {
            key: node.key.clone(),
            word: node.word,
            title: node.title.as_ref().map(|title| self.preview.words(title)),
            class: node.class,
            effect,
            what: self.preview.effect(node),
            facts: Vec::new(),
            applies: node.cond.as_ref().and_then(|cond| self.preview.truth(cond)),
            asks: asked(self.preview, node),
            rows: Vec::new(),
        };
        self.facts(node, &mut row);
        self.depth += 1;
        self.kind(node, &mut row);
        self.depth -= 1;
        row
    }

    fn count(&mut self, node: &Node) {
        match node.class {
            Class::Pure => {}
            Class::Read => self.effects.read += 1,
            Class::Record => self.effects.record += 1,
            Class::Write => self.effects.write += 1,
            Class::Destroy => self.effects.destroy += 1,
        }
    }

    /// What every statement may say.
    fn facts(&self, node: &Node, row: &mut Row) {
        let preview = self.preview;
        if let Some(cond) = &node.cond {
            row.facts.push(("if", preview.written(cond).to_owned()));
        }
        if let Some(timeout) = &node.timeout {
            row.facts.push(("timeout", preview.text(timeout)));
        }
        if node.retry.times > 0 {
            row.facts.push(("retry", node.retry.times.to_string()));
            if let Some(every) = &node.retry.every {
                row.facts.push(("every", preview.text(every)));
            }
            row.facts.extend(options::backoff(node.retry.backoff));
        }
        if row.effect && matches!(node.class, Class::Write | Class::Destroy) {
            row.facts.push(("again", again(preview, &node.again)));
        }
        if let Some(narrowed) = &node.narrowed {
            let (form, class) = (narrowed.form.as_str(), node.class.as_str());
            let because = narrowed.because.as_ref().map(|because| format!(" ({because})")).unwrap_or_default();
            row.facts.push(("effect", format!("{class}, not {form}{because}")));
        }
        match node.severity {
            Severity::Fail => {}
            Severity::Ask => row.facts.push(("severity", "ask".to_owned())),
            Severity::Warn => row.facts.push(("severity", "warn".to_owned())),
        }
        row.facts.extend(options::of(preview, node));
    }

    fn arm(&mut self, key: &str, word: &'static str, what: Option<Text>, body: &[NodeId]) -> Row {
        let rows = self.of(body);
        let class = rows.iter().map(|row| row.class).max().unwrap_or(Class::Pure);
        Row {
            key: key.to_owned(),
            word,
            title: None,
            class,
            effect: false,
            what,
            facts: Vec::new(),
            applies: None,
            asks: None,
            rows,
        }
    }

    /// What the statement itself says.
    fn kind(&mut self, node: &Node, row: &mut Row) {
        let preview = self.preview;
        match &node.kind {
            NodeKind::Section { at, until, budget, body } => {
                let time = |time: &jiff::civil::Time| minutes(*time);
                self.clock = at.as_ref().map(time).or(self.clock);
                let (at, until) = (at.as_ref().map(time).map(clock), until.as_ref().map(time).map(clock));
                let length = budget.as_ref().map(|budget| preview.text(budget));
                let times = [("at", &at), ("until", &until), ("budget", &length)];
                row.facts.extend(times.into_iter().filter_map(|(name, time)| Some((name, time.clone()?))));
                if at.is_some() || until.is_some() || length.is_some() {
                    self.slot(node, at, until, length);
                }
                row.rows = self.of(body);
            }
            NodeKind::Step { required, body } => {
                if *required {
                    row.facts.push(("required", "true".to_owned()));
                }
                row.rows = self.of(body);
            }
            NodeKind::Checks { body } | NodeKind::Ending { body } => row.rows = self.of(body),
            NodeKind::Scenario { body, .. } => {
                row.facts.push(("run_by", run_by(self.program(), node.id).join(", ")));
                row.rows = self.of(body);
            }
            NodeKind::Checklist { items } => row.rows = self.of(items),
            NodeKind::Shell(shell) => {
                let secret =
                    |(name, value): &(String, crate::check::program::Expr)| format!("{name}={}", preview.text(value));
                if !shell.env.is_empty() {
                    row.facts.push(("env", shell.env.iter().map(secret).collect::<Vec<_>>().join(" ")));
                }
                let texts = [("stdin", &shell.stdin), ("in", &shell.dir), ("save", &shell.save)];
                row.facts
                    .extend(texts.into_iter().filter_map(|(name, value)| Some((name, preview.text(value.as_ref()?)))));
                match &shell.ok {
                    None => row.facts.push(("ok", "any".to_owned())),
                    Some(codes) if *codes != [0] => row.facts.push(("ok", list(codes))),
                    Some(_) => {}
                }
            }
            NodeKind::Http(http) => match &http.expect_status {
                None => row.facts.push(("expect", "any".to_owned())),
                Some(statuses) => row.facts.push(("expect", ranges(statuses))),
            },
            NodeKind::Poll { every, within, body, done_when } => {
                row.facts.push(("every", preview.text(every)));
                row.facts.push(("for", preview.text(within)));
                row.what = Some(Text::verbatim(format!("done_when {}", preview.written(done_when))));
                row.rows = self.of(body);
            }
            NodeKind::Wait { what, skip } => {
                let (shown, until) = match what {
                    WaitFor::Span(span) => (preview.text(span), None),
                    WaitFor::TimeOfDay(time) => {
                        self.clock = Some(minutes(*time));
                        let time = clock(minutes(*time));
                        (format!("until {time}"), Some(time))
                    }
                    WaitFor::Time(time) => (format!("until {}", preview.text(time)), None),
                };
                if until.is_some() {
                    self.slot(node, None, until, None);
                }
                row.what = Some(Text::verbatim(shown));
                if *skip {
                    row.facts.push(("skip", "true".to_owned()));
                }
            }
            NodeKind::Assert { cond } => {
                row.what = Some(Text::verbatim(preview.written(cond)));
                row.applies = row.applies.or_else(|| preview.truth(cond));
            }
            NodeKind::If { arms, otherwise } => {
                for (index, (cond, body)) in arms.iter().enumerate() {
                    let word = if index == 0 { "if" } else { "elsif" };
                    let mut arm = self.arm(&node.key, word, Some(Text::verbatim(preview.written(cond))), body);
                    arm.applies = preview.truth(cond);
                    row.rows.push(arm);
                }
                if !otherwise.is_empty() {
                    row.rows.push(self.arm(&node.key, "else", None, otherwise));
                }
            }
            NodeKind::Each(each) => {
                let item = &self.program().var(each.item).name;
                let list = items(preview, &each.list);
                row.what = Some(text!("{item} in {list}", "{list} 中的每个 {item}"));
                if let Some(max) = &each.max {
                    row.facts.push(("max", preview.text(max)));
                }
                let stop_after = match &each.stop_after {
                    Passes::One => "1".to_owned(),
                    Passes::Count(count) => preview.text(count),
                    Passes::All => "none".to_owned(),
                };
                row.facts.push(("stop_after", stop_after));
                match &each.at_once {
                    Passes::One => {}
                    Passes::Count(count) => row.facts.push(("at_once", preview.text(count))),
                    Passes::All => row.facts.push(("at_once", "all".to_owned())),
                }
                if each.ask_between {
                    row.facts.push(("pause", "ask_between".to_owned()));
                }
                row.rows = self.of(&each.body);
            }
            NodeKind::Parallel { branches } => {
                // Each begins when the `parallel` does; what follows begins behind the last.
                let begin = self.clock;
                let mut last = begin;
                for branch in branches {
                    self.clock = begin;
                    row.rows.push(self.row(*branch));
                    last = last.max(self.clock);
                }
                self.clock = last;
            }
            NodeKind::Branch { body } => row.rows = self.of(body),
            NodeKind::Try { times, every, body, repair, .. } => {
                row.what = Some(Text::verbatim(times.to_string()));
                if let Some(every) = every {
                    row.facts.push(("every", preview.text(every)));
                }
                row.rows = self.of(body);
                if !repair.is_empty() {
                    row.rows.push(self.arm(&node.key, "repair", None, repair));
                }
            }
            NodeKind::Run { scenario, args } => {
                let scenario = self.program().node(*scenario);
                let args = args
                    .iter()
                    .map(|(var, value)| format!(", {}: {}", self.program().var(*var).name, preview.text(value)));
                row.what = Some(Text::verbatim(format!("{}{}", scenario.key, args.collect::<String>())));
            }
            NodeKind::Sample(sample) => self.sample(node, sample, row),
            NodeKind::At { samples, body } => {
                row.what = Some(Text::verbatim(list(samples)));
                row.rows = self.of(body);
            }
            NodeKind::On { event, for_, of, body } => {
                row.what = Some(Text::verbatim(trigger(self.program(), event)));
                if let Trigger::Unreachable(source) | Trigger::Alert(source) | Trigger::Reset(source) = event
                    && preview.urls(*source).is_none()
                {
                    row.applies = Some(false);
                }
                if *of > 1 {
                    row.facts.push(("for", for_.to_string()));
                    row.facts.push(("of", of.to_string()));
                }
                row.rows = self.of(body);
            }
            NodeKind::Decide { options, .. } => {
                for option in options {
                    let mut arm = self.arm(&node.key, "option", Some(Text::verbatim(&option.key)), &option.body);
                    arm.title = Some(preview.words(&option.title));
                    row.rows.push(arm);
                }
            }
            NodeKind::Item { is: Some(is), .. } => row.what = Some(Text::verbatim(preview.written(is))),
            NodeKind::Undo { how, .. } => match how {
                UndoHow::Body(body) => {
                    let counts = std::mem::replace(&mut self.counts, false);
                    row.rows = self.of(body);
                    self.counts = counts;
                }
                UndoHow::Manual(title) => row.title = Some(preview.words(title)),
                UndoHow::None(why) => {
                    row.what = Some(Text::verbatim("none"));
                    row.title = Some(preview.words(why));
                }
            },
            NodeKind::Settles { block } => row.what = Some(Text::verbatim(&self.program().node(*block).key)),
            NodeKind::Extend { sample, by } => {
                row.what =
                    Some(Text::verbatim(format!("{}, by: {}", self.program().node(*sample).key, preview.text(by))));
            }
            NodeKind::Stop { watch, because } => {
                row.what = Some(Text::verbatim(&self.program().node(*watch).key));
                row.title = row.title.take().or_else(|| because.as_ref().map(|because: &Title| preview.words(because)));
            }
            NodeKind::Rollback { because }
            | NodeKind::Suspend { because }
            | NodeKind::Abort { because }
            | NodeKind::Finish { because } => {
                row.title = row.title.take().or_else(|| because.as_ref().map(|because: &Title| preview.words(because)));
            }
            NodeKind::Note { text } => row.title = row.title.take().or_else(|| Some(preview.words(text))),
            NodeKind::Query(_)
            | NodeKind::Copy { .. }
            | NodeKind::Update(_)
            | NodeKind::Notify { .. }
            | NodeKind::Report { .. }
            | NodeKind::Ask { .. }
            | NodeKind::Confirm { .. }
            | NodeKind::Manual { .. }
            | NodeKind::Item { is: None, .. }
            | NodeKind::Add { .. }
            | NodeKind::Signoff { .. }
            | NodeKind::NoReturn { .. } => {}
        }
        if let Again::Probe { reads, .. } = &node.again {
            let probe = self.arm(&node.key, "probe", None, reads);
            row.rows.push(probe);
        }
    }

    fn sample(&mut self, node: &Node, sample: &crate::check::program::Sample, row: &mut Row) {
        let preview = self.preview;
        row.facts.push(("every", preview.text(&sample.every)));
        let count = match &sample.until {
            Until::Count(count) => Some(count),
            Until::Steps(_) => None,
        };
        row.facts.extend(count.map(|count| ("count", preview.text(count))));
        if let Some(log) = &sample.log {
            row.facts.push(("log", preview.text(log)));
        }
        let every = match preview.value(&sample.every) {
            Some(Value::Duration(every)) => Some(every),
            Some(_) | None => None,
        };
        let count = match count.and_then(|count| preview.value(count)) {
            Some(Value::Int(count)) => i32::try_from(count).ok(),
            Some(_) | None => None,
        };
        // The first sample is taken at once where an earlier scrape is its beginning.
        let first = i64::from(sample.since.is_none());
        let grid = every.zip(self.clock).map(|(every, start)| (start, every.as_secs() / 60, every.as_secs() % 60 == 0));
        let length = every.zip(count).and_then(|(every, count)| every.checked_mul(count));
        self.slot(node, None, None, length.map(|length| crate::value::text::text(&Value::Duration(length))));
        row.rows = self.of(&sample.handlers);
        row.rows.extend(self.of(sample.steps()));
        let Some((start, step, true)) = grid else { return };
        for (handler, row) in sample.handlers.iter().zip(&mut row.rows) {
            if let NodeKind::At { samples, .. } = &self.program().node(*handler).kind {
                let at = samples.iter().map(|n| clock(start + (i64::from(*n) - 1 + first) * step));
                row.facts.push(("planned", at.collect::<Vec<_>>().join(", ")));
            }
        }
    }

    fn slot(&mut self, node: &Node, at: Option<String>, until: Option<String>, length: Option<String>) {
        let title = node.title.as_ref().map(|title| self.preview.words(title)).unwrap_or_default();
        // The row itself is one deeper than its statement.
        let depth = self.depth.saturating_sub(1);
        self.timetable.push(Slot { key: node.key.clone(), word: node.word, title, at, until, length, depth });
    }
}

/// Keys of the statements that run a scenario.
fn run_by(program: &Program, scenario: NodeId) -> Vec<String> {
    let runs = |node: &&Node| {
        matches!(&node.kind, NodeKind::Run { scenario: run, .. } if *run == scenario)
            || node.kind.people().is_some_and(|people| people.otherwise == Otherwise::Run(scenario))
    };
    program.nodes.iter().filter(runs).map(|node| node.key.clone()).collect()
}

/// What a crash in its middle means.
fn again(preview: &Preview<'_>, again: &Again) -> String {
    match again {
        Again::Safe => "safe".to_owned(),
        Again::Ask => "ask".to_owned(),
        Again::Never => "never".to_owned(),
        Again::Probe { done_when, .. } => format!("probe, done_when {}", preview.written(done_when)),
    }
}

/// The items of a loop, as far as they are known.
fn items(preview: &Preview<'_>, expr: &crate::check::program::Expr) -> String {
    match preview.value(expr) {
        Some(Value::List(items)) => items.iter().map(crate::value::text::text).collect::<Vec<_>>().join(", "),
        Some(_) | None => preview.written(expr).to_owned(),
    }
}

pub(super) fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `200-299, 404`
fn ranges(statuses: &[u16]) -> String {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for status in statuses {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *status => *last = *status,
            Some(_) | None => runs.push((*status, *status)),
        }
    }
    let run = |(from, to): &(u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    runs.iter().map(run).collect::<Vec<_>>().join(", ")
}

/// `breach(any)`, `unreachable(prod)`
pub(super) fn trigger(program: &Program, trigger: &Trigger) -> String {
    let objectives = |event: &str, of: &[usize]| {
        if of.len() == program.objectives.len() {
            return format!("{event}(any)");
        }
        let keys = of.iter().filter_map(|index| program.objectives.get(*index)).map(|o| o.key.as_str());
        format!("{event}({})", keys.collect::<Vec<_>>().join(", "))
    };
    let source = |event: &str, index: usize| {
        let name = program.sources.get(index).map_or("", |source| source.name.as_str());
        format!("{event}({name})")
    };
    match trigger {
        Trigger::Breach(of) => objectives("breach", of),
        Trigger::AlertLevel(of) => objectives("alert_level", of),
        Trigger::Recovered(of) => objectives("recovered", of),
        Trigger::NoData(of) => objectives("no_data", of),
        Trigger::Unreachable(index) => source("unreachable", *index),
        Trigger::Alert(index) => source("alert", *index),
        Trigger::Reset(index) => source("reset", *index),
        Trigger::Missed => "missed".to_owned(),
    }
}

fn minutes(time: jiff::civil::Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

/// `09:10`; past midnight it begins anew.
fn clock(minutes: i64) -> String {
    let minutes = minutes.rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
