//! What a runbook would do: made from its program and from what is known before it runs. Nothing is asked of the world.
//!
//! [`Plan::of`] collects it, [`human`] draws it, `serde` gives it to programs, [`answers`] makes a file for answers of it.

pub mod answers;
mod asked;
pub mod human;
mod options;
mod rows;
mod undos;

use serde::{Serialize, Serializer};

pub use asked::Asked;
pub use rows::Row;
pub use undos::Undoing;

use crate::check::program::{
    Access, Expr, Node, NodeKind, OnMissing, Owner, Param, Program, SecretFrom, Severity, SourceKind,
};
use crate::engine::action::Words;
use crate::engine::preview::Preview;
use crate::metrics::gate;
use crate::metrics::indicator::{Indicator, Which};
use crate::metrics::objective::{Bound, Form};
use crate::metrics::selector::Selector;
use crate::value::human::{Unit, limit};
use crate::value::{Value, text};

/// Number of the form of a plan for programs; it grows when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// What a runbook would do.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// Name of the runbook.
    pub runbook: String,
    /// Its title.
    pub title: Words,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// `--env`, where it is given.
    pub environment: Option<String>,
    /// The names that `--env` may take.
    pub environments: Vec<String>,
    /// Zone of all times of day.
    pub timezone: String,
    /// When it may run.
    pub window: Option<Window>,
    /// Who answers for it.
    pub owner: Option<Answerable>,
    /// Notes and links at the top.
    pub notes: Vec<Words>,
    /// Parameters and `let`s.
    pub values: Vec<Known>,
    /// Secrets: never their text.
    pub secrets: Vec<SecretRow>,
    /// What is not configured, and so does nothing: `source prod_alerts`.
    pub absent: Vec<String>,
    /// Targets that one run at a time may have.
    pub locks: Vec<String>,
    /// Those of them that are given back while the run is suspended, and taken again at the resume.
    pub locks_released: Vec<String>,
    /// Who answers what.
    pub roles: Vec<RoleRow>,
    /// What must hold before each write and after each wait.
    pub guards: Vec<Guard>,
    /// Where metrics and alerts come from.
    pub sources: Vec<Source>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Planned times.
    pub timetable: Vec<Slot>,
    /// What runs, in order.
    pub steps: Vec<Row>,
    /// What `run`, `else:` and rules run.
    pub scenarios: Vec<Row>,
    /// How it is taken back.
    pub rollback: Rollback,
    /// What runs at the end of every run.
    pub finally: Vec<Row>,
    /// Keys of the observations.
    pub observations: Vec<String>,
    /// All questions, in order of the file.
    pub prompts: Vec<Asked>,
    /// What a person may accept where it fails (`severity: ask`), in order of the file: key, and title where it has one.
    #[serde(skip)]
    pub accepts: Vec<(String, Words)>,
    /// How many effects there are of each class, undos and rollback aside.
    pub effects: Effects,
}

/// When it may run.
#[derive(Clone, Debug, Serialize)]
pub struct Window {
    /// Begin.
    pub from: jiff::Timestamp,
    /// End.
    pub to: jiff::Timestamp,
    /// When preparations may begin.
    pub opens: jiff::Timestamp,
}

/// Who answers for a run.
#[derive(Clone, Debug, Serialize)]
pub struct Answerable {
    /// What they are called.
    pub title: Words,
    /// The name, where the runbook gives it.
    pub name: Option<String>,
    /// The name is asked when the run begins.
    pub asked: bool,
}

/// A parameter or a `let`.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<Words>,
    /// Its type, as it is written.
    #[serde(rename = "type")]
    pub ty: String,
    /// Its canonical text; none: not known yet, or null.
    pub value: Option<String>,
    /// `param` or `let`.
    pub kind: &'static str,
    /// The variable of the environment that gives it.
    pub env: Option<String>,
    /// The label of an alert that gives it.
    pub from_label: Option<String>,
    /// A run cannot begin without it, and it is not given.
    pub missing: bool,
    /// What its value must hold to.
    #[serde(serialize_with = "as_map")]
    pub limits: Vec<(&'static str, String)>,
}

/// A secret.
#[derive(Clone, Debug, Serialize)]
pub struct SecretRow {
    /// Its name.
    pub name: String,
    /// Where it comes from: `env NAME`, `file PATH`, `command …`, `ask`, `generate`.
    pub from: String,
    /// It may be missing.
    pub optional: bool,
    /// It is there; not known of one that is made or asked for when a run begins.
    pub there: Option<bool>,
}

/// A role.
#[derive(Clone, Debug, Serialize)]
pub struct RoleRow {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Words,
    /// Who has it, as far as it is known; none: anyone.
    pub people: Option<String>,
    /// Whoever executes the run does not count.
    pub not_executor: bool,
}

/// A guard.
#[derive(Clone, Debug, Serialize)]
pub struct Guard {
    /// Its key.
    pub key: String,
    /// Its command.
    pub command: String,
    /// What that must print.
    pub is: String,
    /// Time that the command has.
    pub timeout: String,
}

/// A source of metrics or alerts.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// `scrape` or `alertmanager`.
    pub kind: &'static str,
    /// Where it is read; none where it is not configured.
    pub url: Option<String>,
    /// How often it is asked beside the samples.
    pub every: Option<String>,
    /// Which alerts count, who asks, how long an answer may take.
    #[serde(serialize_with = "as_map")]
    pub facts: Vec<(&'static str, String)>,
}

/// An objective.
#[derive(Clone, Debug, Serialize)]
pub struct Objective {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Words,
    /// The source of its metrics.
    pub from: String,
    /// How its value is read, as it is written.
    pub value: String,
    /// What it must reach: `>= 98%`.
    pub target: String,
    /// The alert level: `< 95%`.
    pub alert: Option<String>,
    /// What no data over the whole observation means.
    pub no_data: &'static str,
    /// What an error over the whole observation means.
    pub on_error: &'static str,
    /// How many samples make a breach and end it, where it is not one each: `fails 2, of: 3, recovers: 2`.
    pub fails: Option<String>,
    /// So few samples with a value are no data.
    pub min_samples: Option<u32>,
    /// How long after a sample is due it is read.
    pub delay: Option<String>,
}

/// A planned time.
#[derive(Clone, Debug, Serialize)]
pub struct Slot {
    /// Key of the statement.
    pub key: String,
    /// Its word.
    pub word: &'static str,
    /// Its title.
    pub title: Words,
    /// Planned begin, `09:10`.
    pub at: Option<String>,
    /// Planned end, or what is waited for.
    pub until: Option<String>,
    /// Planned or known length: `2h`.
    pub length: Option<String>,
    /// How deep it lies.
    #[serde(skip)]
    pub depth: u32,
}

/// How a run is taken back.
#[derive(Clone, Debug, Serialize)]
pub struct Rollback {
    /// The undos, as they would run where all of them are armed: newest first.
    pub undos: Vec<Undoing>,
    /// The `rollback do … end` after them.
    pub then: Vec<Row>,
    /// Keys of the points of no return: after one of them nothing is taken back.
    pub no_return: Vec<String>,
}

/// How many effects there are of each class.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the classes")]
pub struct Effects {
    pub read: usize,
    pub record: usize,
    pub write: usize,
    pub destroy: usize,
}

/// What else is known, beside what the program says.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--env`
    pub environment: Option<String>,
    /// Parameters that a run cannot begin without and that are not given.
    pub missing: Vec<String>,
    /// Secrets whose variable or file is there.
    pub secrets: std::collections::BTreeSet<String>,
}

impl Plan {
    /// The plan.
    pub fn of(preview: &Preview<'_>, given: &Given) -> Self {
        let program = preview.program();
        let mut rows = rows::Rows::new(preview);
        let steps = rows.of(&program.main);
        let scenarios = rows.of(&program.scenarios);
        let then = program.rollback.map(|id| rows.taking_back(id)).unwrap_or_default();
        let finally = program.finally.map(|id| rows.inside(id)).unwrap_or_default();
        let (timetable, effects) = (rows.timetable, rows.effects);
        Self {
            schema: SCHEMA,
            runbook: program.name.clone(),
            title: preview.words(&program.title),
            digest: program.digest.clone(),
            environment: given.environment.clone(),
            environments: program.environments.clone(),
            timezone: program.timezone.clone(),
            window: program.window.as_ref().map(|w| Window { from: w.from, to: w.to, opens: w.opens }),
            owner: program.owner.as_ref().map(|owner| answerable(preview, owner)),
            notes: program.notes.iter().map(|note| preview.words(note)).collect(),
            values: values(preview, given),
            secrets: secrets(preview, given),
            absent: preview.absent(),
            locks: program.locks.iter().map(|lock| preview.text(&lock.target)).collect(),
            locks_released: released(preview),
            roles: roles(preview),
            guards: program
                .guards
                .iter()
                .map(|guard| Guard {
                    key: guard.key.clone(),
                    command: preview.command(&guard.shell),
                    is: preview.text(&guard.is),
                    timeout: preview.text(&guard.timeout),
                })
                .collect(),
            sources: sources(preview),
            objectives: objectives(preview),
            timetable,
            steps,
            scenarios,
            rollback: Rollback { undos: undos::of(preview), then, no_return: undos::no_return(program) },
            finally,
            observations: observations(program),
            prompts: asked::all(preview),
            accepts: accepts(preview),
            effects,
        }
    }
}

fn answerable(preview: &Preview<'_>, owner: &Owner) -> Answerable {
    let name = owner.name.as_ref().map(|name| preview.text(name));
    Answerable { title: preview.words(&owner.title), name, asked: owner.ask }
}

fn values(preview: &Preview<'_>, given: &Given) -> Vec<Known> {
    let program = preview.program();
    let name_of = |var| program.var(var);
    let shown = |value: Option<Value>| value.filter(|value| *value != Value::Null).map(|value| text::text(&value));
    let param = |param: &Param| Known {
        name: param.name.clone(),
        title: param.title.as_ref().map(|title| preview.words(title)),
        ty: if param.optional { format!("{}?", param.ty) } else { param.ty.to_string() },
        value: shown(preview.name(param.var)),
        kind: "param",
        env: param.env.clone(),
        from_label: param.from_label.clone(),
        missing: given.missing.contains(&param.name),
        limits: limits(param),
    };
    let binding = |binding: &crate::check::program::Let| Known {
        name: name_of(binding.var).name.clone(),
        title: None,
        ty: binding.value.ty.to_string(),
        value: Some(preview.text(&binding.value)),
        kind: "let",
        env: None,
        from_label: None,
        missing: false,
        limits: Vec::new(),
    };
    program.params.iter().map(param).chain(program.lets.iter().map(binding)).collect()
}

fn limits(param: &Param) -> Vec<(&'static str, String)> {
    let mut limits = Vec::new();
    limits.extend(param.min.iter().map(|min| ("min", text::text(min))));
    limits.extend(param.max.iter().map(|max| ("max", text::text(max))));
    limits.extend(param.matches.iter().map(|pattern| ("matches", asked::pattern(pattern))));
    limits.extend(param.unit.iter().map(|unit| ("unit", unit.clone())));
    if !param.not_host.is_empty() {
        let hosts = |(env, hosts): (&String, &Vec<String>)| {
            if env == "*" { hosts.join(", ") } else { format!("{env}: {}", hosts.join(", ")) }
        };
        limits.push(("not_host", param.not_host.iter().map(hosts).collect::<Vec<_>>().join("; ")));
    }
    limits
}

fn secrets(preview: &Preview<'_>, given: &Given) -> Vec<SecretRow> {
    let row = |secret: &crate::check::program::Secret| {
        let is_there = Some(given.secrets.contains(&secret.name));
        let (from, there) = match &secret.from {
            SecretFrom::Env(name) => (format!("env {name}"), is_there),
            SecretFrom::File(path) => (format!("file {path}"), is_there),
            SecretFrom::Command(command) => (format!("command {command}"), None),
            SecretFrom::Ask => ("ask".to_owned(), None),
            SecretFrom::Generate(_) => ("generate".to_owned(), None),
        };
        SecretRow { name: secret.name.clone(), from, optional: secret.optional, there }
    };
    preview.program().secrets.iter().map(row).collect()
}

fn sources(preview: &Preview<'_>) -> Vec<Source> {
    let row = |(index, source): (usize, &crate::check::program::Source)| {
        let (kind, every) = match &source.kind {
            SourceKind::Scrape { alive, .. } => ("scrape", alive.as_ref()),
            SourceKind::Prometheus { alive, .. } => ("prometheus", alive.as_ref()),
            SourceKind::Alertmanager { every, .. } => ("alertmanager", Some(every)),
        };
        let every = every.map(|every| preview.text(every));
        Source { name: source.name.clone(), kind, url: preview.urls(index), every, facts: asking(preview, source) }
    };
    preview.program().sources.iter().enumerate().map(row).collect()
}

/// How a source is asked.
fn asking(preview: &Preview<'_>, source: &crate::check::program::Source) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let SourceKind::Alertmanager { matchers, .. } = &source.kind
        && !matchers.is_empty()
    {
        let labels: Vec<String> =
            matchers.iter().map(|(label, value)| format!("{label}=\"{}\"", preview.text(value))).collect();
        facts.push(("match", labels.join(", ")));
    }
    let Access { bearer, user, password, ca } = &source.access;
    let access = [("bearer", bearer), ("user", user), ("password", password), ("ca", ca)];
    let there = access.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    // What may be missing, and is, is not shown to the source.
    let given = there.filter(|(_, value)| preview.value(value) != Some(Value::Null));
    facts.extend(given.map(|(name, value)| (name, preview.text(value))));
    facts.push(("timeout", preview.text(&source.timeout)));
    facts
}

fn released(preview: &Preview<'_>) -> Vec<String> {
    let released = preview.program().locks.iter().filter(|lock| lock.released);
    released.map(|lock| preview.text(&lock.target)).collect()
}

fn roles(preview: &Preview<'_>) -> Vec<RoleRow> {
    let people = |people: &Expr| match preview.value(people) {
        Some(Value::Null) => None,
        Some(Value::List(names)) => Some(names.iter().map(text::text).collect::<Vec<_>>().join(", ")),
        Some(_) | None => Some(preview.text(people)),
    };
    let row = |role: &crate::check::program::Role| RoleRow {
        key: role.key.clone(),
        title: preview.words(&role.title),
        people: role.people.as_ref().and_then(people),
        not_executor: role.not_executor,
    };
    preview.program().roles.iter().map(row).collect()
}

fn objectives(preview: &Preview<'_>) -> Vec<Objective> {
    let program = preview.program();
    let row = |objective: &crate::check::program::Objective| Objective {
        key: objective.key.clone(),
        title: preview.words(&objective.title),
        from: program.sources.get(objective.source).map(|source| source.name.clone()).unwrap_or_default(),
        value: indicator(&objective.indicator),
        target: bound(&objective.target, objective.unit),
        alert: objective.alert.as_ref().map(|alert| bound(alert, objective.unit)),
        no_data: policy(&objective.no_data),
        on_error: policy(&objective.on_error),
        fails: (objective.gate != gate::Rule::default()).then(|| objective.gate.to_string()),
        min_samples: (objective.min_samples > 0).then_some(objective.min_samples),
        delay: objective.delay.as_ref().map(|delay| preview.text(delay)),
    };
    program.objectives.iter().map(row).collect()
}

fn accepts(preview: &Preview<'_>) -> Vec<(String, Words)> {
    let title = |node: &Node| node.title.as_ref().map(|title| preview.words(title)).unwrap_or_default();
    let nodes = preview.program().nodes.iter().filter(|node| node.severity == Severity::Ask);
    nodes.map(|node| (node.key.clone(), title(node))).collect()
}

fn observations(program: &Program) -> Vec<String> {
    let samples = program.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Sample(_)));
    samples.map(|node| node.key.clone()).collect()
}

fn indicator(indicator: &Indicator) -> String {
    match indicator {
        Indicator::Exact(form) => exact(form),
        Indicator::Promql(promql) if promql.series == Which::One => format!("promql {}", promql.text),
        Indicator::Promql(promql) => format!("promql {} ({})", promql.text, promql.series.as_str()),
    }
}

fn exact(form: &Form) -> String {
    let sum = |selectors: &[Selector]| selectors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
    match form {
        Form::Ratio { part, total } => format!("({}) / ({})", sum(part), sum(total)),
        Form::RatioBad { bad, total } => format!("1 - ({}) / ({})", sum(bad), sum(total)),
        Form::Quantile { q, of } => format!("quantile {q} of {of}"),
    }
}

fn bound(bound: &Bound, unit: Unit) -> String {
    format!("{} {}", bound.compare, limit(bound.limit, unit))
}

fn policy(policy: &OnMissing) -> &'static str {
    match policy {
        OnMissing::Fail => "fail",
        OnMissing::Ask(_) => "ask",
        OnMissing::Ignore => "ignore",
        OnMissing::Inconclusive => "inconclusive",
    }
}

/// Pairs as a map, in their own order.
fn as_map<S: Serializer>(pairs: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests;
