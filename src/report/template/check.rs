//! What is wrong with a template, before anything runs: its syntax, and every name that the runbook does not have.

use std::collections::BTreeMap;

use minijinja::{ErrorKind, Value};

use super::context::{self, Unknown};
use super::missing::{Missed, Missing, Names};
use super::{TemplateError, compile, environment, problem};
use crate::check::program::{Node, NodeKind, Program, ReportFrom, Title, UpdateText, VarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::action::{ObjectiveShown, Words};
use crate::engine::view::{AnswerView, ObjectiveView, ObservationView, RunView, SampleValue, SampleView, StepView};
use crate::report::page::Page;
use crate::text;
use crate::text::{Lang, Text};
use crate::value::nearest::nearest;
use crate::value::types::Type;
use crate::value::{Value as Ours, Verdict};

/// What a template may name, made once for all templates of a runbook: a run in which everything is there and nothing has
/// a value.
struct Known {
    page: Page,
    run: RunView,
    names: Value,
}

impl Known {
    fn of(program: &Program) -> Self {
        let page = Page { lang: Lang::En, zone: jiff::tz::TimeZone::UTC };
        let run = skeleton(program);
        let names = context::of(&run, &page, Unknown::IsUndefined, &Missed::default());
        let names = with_vars(&names, program);
        Self { page, run, names }
    }
}

/// All errors of a template. Names are looked up in the runbook; then it is rendered once for a run in which everything is
/// there and nothing has a value, which finds unknown names inside loops and unknown filters.
pub fn check(name: &str, source: &str, program: &Program) -> Vec<TemplateError> {
    check_with(name, source, &Known::of(program))
}

fn check_with(name: &str, source: &str, Known { page, run, names }: &Known) -> Vec<TemplateError> {
    let mut environment = environment(page);
    context::functions(&mut environment, run, page);
    let globals: Vec<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
    let template = match compile(&mut environment, name, source) {
        Ok(template) => template,
        Err(error) => return vec![error],
    };
    let mut paths: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    paths.sort();
    let mut errors: Vec<TemplateError> = Vec::new();
    for path in paths {
        let head = path.split('.').next().unwrap_or_default();
        if globals.iter().any(|global| global == head) {
            continue;
        }
        if let Some(error) = unknown(&path, names, source)
            && !errors.contains(&error)
        {
            errors.push(error);
        }
    }
    if errors.is_empty()
        && let Err(error) = template.render(names)
        && concerns_a_name(error.kind())
    {
        errors.push(problem(&error));
    }
    errors.sort_by_key(|error| error.line);
    errors
}

/// The errors of all templates of a runbook, each at the first statement that uses the template. `text` gives a template's text;
/// one that is not there was told before.
pub fn diagnostics(program: &Program, text: impl Fn(&str) -> Option<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut known: Option<Known> = None;
    let mut seen: Vec<&str> = Vec::new();
    for node in &program.nodes {
        let Some(path) = named(&node.kind).filter(|path| !seen.contains(path)) else { continue };
        seen.push(path);
        let Some(source) = text(path) else { continue };
        let errors = check_with(path, &source, known.get_or_insert_with(|| Known::of(program)));
        found.extend(errors.into_iter().map(|error| {
            let place = error.line.map(|line| text!(", line {line}", " 第 {line} 行")).unwrap_or_default();
            let message = text!("{}{}: {}", "{}{}：{}", path, place, error.message);
            let said = Diagnostic::error(Code::RB0803, node.span, message);
            said.help(error.help.unwrap_or_else(|| {
                text!(
                    "`runbook explain RB0803` says what a template can name",
                    "`runbook explain RB0803` 说明模板可以使用哪些名称"
                )
            }))
        }));
    }
    found
}

/// The template that a statement uses.
fn named(kind: &NodeKind) -> Option<&str> {
    if let NodeKind::Report { from: ReportFrom::Template(path), .. } = kind {
        Some(path)
    } else if let NodeKind::Update(update) = kind
        && let UpdateText::Template(path) = &update.text
    {
        Some(path)
    } else {
        None
    }
}

/// With the values of the runbook's names by their types: fields of a record are checked, and what is known only when it is
/// there (parsed JSON) may be anything.
fn with_vars(names: &Value, program: &Program) -> Value {
    let mut types: BTreeMap<&str, Vec<&Type>> = BTreeMap::new();
    for var in program.vars.iter().filter(|var| matches!(var.kind, VarKind::Fixed | VarKind::Bound)) {
        types.entry(&var.name).or_default().push(&var.ty);
    }
    let vars = types.into_iter().map(|(name, types)| {
        let same = types.iter().all(|ty| Some(ty) == types.first());
        (name.to_owned(), types.first().filter(|_| same).map_or_else(anything, |ty| of_type(ty)))
    });
    let vars = Value::from_object(Names { known: vars.collect(), missing: None });
    let keys: Vec<String> = names.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
    let mut all: BTreeMap<String, Value> =
        keys.into_iter().map(|key| (key.clone(), names.get_attr(&key).unwrap_or(Value::UNDEFINED))).collect();
    all.insert("vars".to_owned(), vars);
    Value::from(all)
}

fn anything() -> Value {
    Missing::value("…")
}

fn of_type(ty: &Type) -> Value {
    match ty {
        Type::Json | Type::Unknown | Type::Map(_) => anything(),
        Type::Record(fields) => {
            Value::from(fields.iter().map(|(name, ty)| (name.clone(), of_type(ty))).collect::<BTreeMap<_, _>>())
        }
        Type::List(item) => Value::from(vec![of_type(item)]),
        Type::Optional(inner) => of_type(inner),
        Type::Null
        | Type::Bool
        | Type::Int
        | Type::Float
        | Type::Percent
        | Type::Duration
        | Type::Bytes
        | Type::Time
        | Type::String
        | Type::Text
        | Type::Url
        | Type::Path
        | Type::Secret
        | Type::Verdict
        | Type::OneOf(_)
        | Type::ManyOf(_) => Value::from(()),
    }
}

/// Other failures may come from the missing values of the trial alone.
fn concerns_a_name(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UndefinedError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownMethod
            | ErrorKind::TooManyArguments
            | ErrorKind::MissingArgument
            | ErrorKind::TemplateNotFound
            | ErrorKind::BadInclude
    )
}

/// The first part of `path` that is not there.
fn unknown(path: &str, names: &Value, source: &str) -> Option<TemplateError> {
    let mut here = names.clone();
    let mut walked = String::new();
    for part in path.split('.') {
        // Below a value that has no parts nothing can be said before there is one.
        if here.is_none() || here.try_iter().is_err() {
            return None;
        }
        let found = here.get_attr(part).unwrap_or(Value::UNDEFINED);
        if found.is_undefined() {
            let known: Vec<String> = here.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
            let near = nearest(part, known.iter().map(String::as_str));
            let whole = if walked.is_empty() { part.to_owned() } else { format!("{walked}.{part}") };
            let line =
                source.lines().position(|line| line.contains(&whole)).and_then(|line| u32::try_from(line + 1).ok());
            let message = if walked.is_empty() {
                text!("unknown name `{part}`", "未知的名称 `{part}`")
            } else {
                text!("unknown name `{part}` in `{walked}`", "`{walked}` 中没有 `{part}`")
            };
            return Some(TemplateError {
                line,
                message,
                help: near.map(|near| text!("did you mean `{near}`?", "是否想写 `{near}`？")),
            });
        }
        walked = if walked.is_empty() { part.to_owned() } else { format!("{walked}.{part}") };
        here = found;
    }
    None
}

/// A run of the program in which everything is there and nothing has a value.
fn skeleton(program: &Program) -> RunView {
    let asks = |node: &&Node| {
        matches!(
            node.kind,
            NodeKind::Ask { .. }
                | NodeKind::Confirm { .. }
                | NodeKind::Manual { .. }
                | NodeKind::Item { .. }
                | NodeKind::Add { .. }
                | NodeKind::Decide { .. }
                | NodeKind::Signoff { .. }
                | NodeKind::NoReturn { .. }
        )
    };
    let mut answers: Vec<AnswerView> = program.nodes.iter().filter(asks).map(|node| answer(&node.key)).collect();
    answers.extend(program.owner.iter().filter(|owner| owner.ask).map(|_| answer("owner")));
    RunView {
        run: program.name.clone(),
        runbook: program.name.clone(),
        window: program.window.as_ref().map(|window| (window.from, window.to)),
        vars: program
            .vars
            .iter()
            .filter(|var| matches!(var.kind, VarKind::Fixed | VarKind::Bound))
            .map(|var| (var.name.clone(), Ours::Null))
            .collect(),
        steps: program.nodes.iter().map(step).collect(),
        observations: program.nodes.iter().filter_map(|node| observation(program, node)).collect(),
        answers,
        problems: program
            .collects
            .iter()
            .map(|collect| {
                let fields = collect.fields.iter().map(|field| (field.name.clone(), Ours::Null)).collect();
                (collect.name.clone(), Ours::Map(fields))
            })
            .collect(),
        ..RunView::default()
    }
}

fn words(title: Option<&Title>) -> Words {
    // Titles are expressions; their text is known when they are shown.
    Words::own(title.map(|_| "…").unwrap_or_default(), None)
}

fn answer(key: &str) -> AnswerView {
    AnswerView {
        key: key.to_owned(),
        static_key: key.to_owned(),
        title: Words::default(),
        value: Ours::Null,
        choice: None,
        by: String::new(),
        told_by: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        note: None,
        evidence: None,
    }
}

fn step(node: &Node) -> StepView {
    StepView {
        key: node.key.clone(),
        static_key: node.key.clone(),
        word: node.word.to_owned(),
        depth: 0,
        title: words(node.title.as_ref()),
        what: Words::default(),
        stdin: None,
        state: Verdict::Pending,
        started_at: jiff::Timestamp::UNIX_EPOCH,
        took: None,
        attempts: 0,
        detail: Text::default(),
    }
}

fn observation(program: &Program, node: &Node) -> Option<ObservationView> {
    let NodeKind::Sample(sample) = &node.kind else { return None };
    let objectives: Vec<ObjectiveView> = sample
        .objectives
        .iter()
        .filter_map(|index| program.objectives.get(*index))
        .map(|objective| {
            ObjectiveView::unobserved(ObjectiveShown {
                key: objective.key.clone(),
                title: words(Some(&objective.title)),
                target: String::new(),
                target_bound: objective.target,
                alert: None,
                alert_bound: objective.alert,
                unit: objective.unit,
            })
        })
        .collect();
    let values = objectives.iter().map(|objective| SampleValue {
        objective: objective.shown.key.clone(),
        value: None,
        verdict: Verdict::Pending,
        alert: false,
        why: Words::default(),
    });
    let one = SampleView {
        n: 1,
        due: jiff::Timestamp::UNIX_EPOCH,
        at: None,
        state: "missed".to_owned(),
        why: Text::default(),
        reset: false,
        spans: 1,
        values: values.collect(),
    };
    Some(ObservationView {
        key: node.key.clone(),
        name: node.bind.map(|bind| program.var(bind).name.clone()).unwrap_or_default(),
        title: words(node.title.as_ref()),
        every: jiff::SignedDuration::ZERO,
        count: Some(1),
        ended: None,
        verdict: Verdict::Pending,
        started_at: None,
        next: None,
        taken: 0,
        missed: 0,
        errors: 0,
        objectives,
        samples: vec![one],
    })
}
