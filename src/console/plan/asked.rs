//! The questions of a plan: who is asked what, and what fits.

use serde::Serialize;

use crate::check::program::{
    AnswerType, CollectField, Expr, Node, NodeKind, Otherwise, Pattern, People, Program, Title, Who,
};
use crate::engine::action::Words;
use crate::engine::preview::Preview;
use crate::value::types::Type;
use crate::value::{Value, text};

/// A question.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the language that is written as true or false")]
pub struct Asked {
    /// Its key, as answers files name it.
    pub key: String,
    /// Its word: `ask`, `confirm`.
    pub kind: &'static str,
    /// Its title.
    pub title: Words,
    /// The type of its answer.
    #[serde(rename = "type")]
    pub ty: String,
    /// It may be left empty.
    pub optional: bool,
    /// Taken for an empty line.
    pub default: Option<String>,
    /// Smallest.
    pub min: Option<String>,
    /// Largest.
    pub max: Option<String>,
    /// Pattern that it must match.
    pub matches: Option<String>,
    /// Text that must be typed.
    pub typed: Option<String>,
    /// The choices.
    pub options: Vec<Choice>,
    /// The questions of each entry of a `collect`.
    pub fields: Vec<Field>,
    /// Who may answer: a role, `owner`, `executor`; none: anyone.
    pub by: Option<String>,
    /// Whoever executes the run does not count.
    pub not_executor: bool,
    /// How many different people must agree.
    pub quorum: u32,
    /// Time to answer.
    pub within: Option<String>,
    /// What a "no" or a passed deadline leads to: `fail`, `suspend`, `abort`, `run(KEY)`.
    #[serde(rename = "else")]
    pub otherwise: String,
    /// What is shown with it, as it is written.
    pub show: Option<String>,
    /// What is asked for with the answer: a path or a link.
    pub evidence: Option<Words>,
    /// After so long a reminder.
    pub remind: Option<String>,
    /// A false answer is a "no".
    pub must: bool,
    /// It cannot be answered with yes after something failed or was skipped.
    pub after_clean: bool,
    /// An answers file may cover it.
    pub auto: bool,
    /// It may be asked several times: it stands in a loop, a handler, a scenario.
    pub repeats: bool,
    /// An answer that fits, as it is written in an answers file; none where only a person can make one up.
    #[serde(skip)]
    pub example: Option<String>,
    /// Its key in one pass, where an answers file has to name the item: passes that run at once, each of which needs several
    /// answers. `host[ITEM]/ready`.
    #[serde(skip)]
    pub of_item: Option<String>,
}

/// A choice.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What is typed.
    pub key: String,
    /// What it means; built-in ones have none.
    pub title: Option<Words>,
    /// What must be true for it, as it is written.
    pub requires: Option<String>,
}

/// A question of an entry.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Words,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// It may be left empty.
    pub optional: bool,
}

/// All questions that the runbook itself asks, in order of the file.
pub(super) fn all(preview: &Preview<'_>) -> Vec<Asked> {
    let program = preview.program();
    let mut asked_all = Vec::new();
    if let Some(owner) = program.owner.as_ref().filter(|owner| owner.ask) {
        let mut owner = question("owner", "owner", preview.words(&owner.title), &Type::String);
        owner.example = None;
        asked_all.push(owner);
    }
    for node in &program.nodes {
        asked_all.extend(asked(preview, node));
        asked_all.extend(between(node));
    }
    asked_all
}

/// The question between the passes of a loop.
fn between(node: &Node) -> Option<Asked> {
    let NodeKind::Each(each) = &node.kind else { return None };
    each.ask_between.then(|| {
        let words = Words::own("是否继续下一个？", Some("Go on with the next?".to_owned()));
        let asked = question(&format!("{}!next", node.key), "next", words, &Type::Bool);
        Asked { repeats: true, ..asked }
    })
}

/// What a statement asks; none: it asks nobody.
pub(super) fn asked(preview: &Preview<'_>, node: &Node) -> Option<Asked> {
    let program = preview.program();
    let people = node.kind.people()?;
    let title = node.title.as_ref().map(|title| preview.words(title)).unwrap_or_default();
    let new = |ty: &Type| question(&node.key, node.word, title.clone(), ty);
    let mut asked = if let NodeKind::Ask { answer, .. } = &node.kind {
        of_answer(preview, new(&answer.ty), answer)
    } else if let NodeKind::Confirm { typed: Some(typed), .. } | NodeKind::NoReturn { typed: Some(typed), .. } =
        &node.kind
    {
        let example = preview.value(typed).map(|known| quoted(&text::text(&known)));
        Asked { example, typed: Some(preview.text(typed)), ..new(&Type::Bool) }
    } else if let NodeKind::Manual { later, .. } = &node.kind {
        // What is done after the run is not asked during it.
        if *later {
            return None;
        }
        choose(new(&Type::String), ["done", "failed", "not_applicable"].into_iter().map(|key| choice(key, None)))
    } else if let NodeKind::Add { collect, .. } = &node.kind {
        let fields = program.collects.get(*collect).map(|collect| collect.fields.as_slice()).unwrap_or_default();
        let fields = fields.iter().map(|field| of_field(preview, field)).collect();
        Asked { fields, example: Some("[]".to_owned()), ..new(&Type::List(Box::new(Type::Json))) }
    } else if let NodeKind::Decide { options, .. } = &node.kind {
        let choices = options.iter().map(|option| choice(&option.key, Some(preview.words(&option.title))));
        choose(new(&Type::String), choices)
    } else if let NodeKind::Signoff { options, .. } = &node.kind {
        let choices = options.iter().map(|option| Choice {
            requires: option.requires.as_ref().map(|requires| preview.written(requires).to_owned()),
            ..choice(&option.key, Some(preview.words(&option.title)))
        });
        choose(new(&Type::String), choices)
    } else if let NodeKind::Item { is: Some(_), .. } = &node.kind {
        return None;
    } else {
        new(&Type::Bool)
    };
    of_people(preview, &mut asked, people);
    asked.after_clean = matches!(node.kind, NodeKind::Confirm { after_clean: true, .. });
    asked.of_item = of_item(program, node).filter(|_| asked.quorum > 1);
    asked.repeats = repeats(program, node);
    Some(asked)
}

fn question(key: &str, kind: &'static str, title: Words, ty: &Type) -> Asked {
    Asked {
        key: key.to_owned(),
        kind,
        title,
        ty: ty.to_string(),
        optional: false,
        default: None,
        min: None,
        max: None,
        matches: None,
        typed: None,
        options: Vec::new(),
        fields: Vec::new(),
        by: None,
        not_executor: false,
        quorum: 1,
        within: None,
        otherwise: "fail".to_owned(),
        show: None,
        evidence: None,
        remind: None,
        must: false,
        after_clean: false,
        of_item: None,
        auto: true,
        repeats: false,
        example: example(ty),
    }
}

fn of_answer(preview: &Preview<'_>, mut asked: Asked, answer: &AnswerType) -> Asked {
    let text = |expr: &Option<Expr>| expr.as_ref().map(|expr| preview.text(expr));
    let value = |expr: &Option<Expr>| expr.as_ref().and_then(|expr| preview.value(expr));
    (asked.optional, asked.must) = (answer.optional, answer.must);
    (asked.default, asked.min, asked.max) = (text(&answer.default), text(&answer.min), text(&answer.max));
    asked.matches = answer.matches.as_ref().map(pattern);
    if answer.matches.is_some() {
        asked.example = None;
    }
    // A limit fits always; of a text it is a length.
    let limit = if answer.ty.is_text() { None } else { value(&answer.min).or_else(|| value(&answer.max)) };
    if let Some(known) = value(&answer.default).or(limit) {
        asked.example = Some(toml(&known));
    }
    if let Type::OneOf(members) | Type::ManyOf(members) = &answer.ty {
        asked.options = members.iter().map(|key| choice(key, None)).collect();
    }
    asked
}

fn of_field(preview: &Preview<'_>, field: &CollectField) -> Field {
    Field {
        name: field.name.clone(),
        title: preview.words(&field.title),
        ty: field.ty.to_string(),
        optional: field.optional,
    }
}

fn of_people(preview: &Preview<'_>, asked: &mut Asked, people: &People) {
    let program = preview.program();
    asked.by = people.by.map(|who| match who {
        Who::Owner => "owner".to_owned(),
        Who::Executor => "executor".to_owned(),
        Who::Role(index) => program.roles.get(index).map(|role| role.key.clone()).unwrap_or_default(),
    });
    let role_excludes = match people.by {
        Some(Who::Role(index)) => program.roles.get(index).is_some_and(|role| role.not_executor),
        Some(Who::Owner | Who::Executor) | None => false,
    };
    asked.not_executor = people.not_executor || role_excludes;
    asked.quorum = people.quorum.max(1);
    asked.within = people.within.as_ref().map(|within| preview.text(within));
    asked.remind = people.remind.as_ref().map(|remind| preview.text(remind));
    asked.evidence = people.evidence.as_ref().map(|title| preview.words(title));
    let shown: Vec<&str> = people.show.iter().map(|shown| preview.written(shown)).collect();
    asked.show = (!shown.is_empty()).then(|| shown.join(", "));
    asked.otherwise = match people.otherwise {
        Otherwise::Fail => "fail".to_owned(),
        Otherwise::Suspend => "suspend".to_owned(),
        Otherwise::Abort => "abort".to_owned(),
        Otherwise::Run(scenario) => format!("run({})", program.node(scenario).key),
    };
    asked.auto = !people.never_auto;
    if asked.quorum > 1 {
        asked.example = asked.example.take().map(|value| of_quorum(preview, people, &value));
    }
}

/// The key of a question in one of the passes that ask it at once.
fn of_item(program: &Program, node: &Node) -> Option<String> {
    let mut key = node.key.clone();
    let mut at_once = false;
    for block in program.around(node.id) {
        if let NodeKind::Each(each) = &block.kind
            && let Some(inside) = key.strip_prefix(&block.key)
        {
            key = format!("{}[ITEM]{inside}", block.key);
            at_once |= each.runs_at_once();
        }
    }
    at_once.then_some(key)
}

/// The answers of as many people as must agree, as they are written in an answers file.
fn of_quorum(preview: &Preview<'_>, people: &People, value: &str) -> String {
    let role = match people.by {
        Some(Who::Role(index)) => preview.program().roles.get(index),
        Some(Who::Owner | Who::Executor) | None => None,
    };
    let named = match role.and_then(|role| preview.value(role.people.as_ref()?)) {
        Some(Value::List(names)) => names.iter().map(text::text).collect(),
        Some(_) | None => Vec::new(),
    };
    let name = |n: usize| named.get(n).cloned().unwrap_or_else(|| format!("name-{}", n + 1));
    let count = usize::try_from(people.quorum).unwrap_or(1);
    let one = |n| format!("{{ value = {value}, by = {} }}", quoted(&name(n)));
    format!("[{}]", (0..count).map(one).collect::<Vec<_>>().join(", "))
}

fn choose(mut asked: Asked, choices: impl Iterator<Item = Choice>) -> Asked {
    asked.options = choices.collect();
    let keys: Vec<&str> = asked.options.iter().map(|choice| choice.key.as_str()).collect();
    asked.ty = format!("one_of({})", keys.join(", "));
    asked.example = keys.first().map(|key| quoted(key));
    asked
}

fn choice(key: &str, title: Option<Words>) -> Choice {
    Choice { key: key.to_owned(), title, requires: None }
}

pub(super) fn pattern(pattern: &Pattern) -> String {
    format!("/{}/{}", pattern.source, if pattern.ignore_case { "i" } else { "" })
}

/// May it be asked more than once in a run?
fn repeats(program: &Program, node: &Node) -> bool {
    program.around(node.id).any(|outer| {
        matches!(&outer.kind, NodeKind::At { samples, .. } if samples.len() > 1)
            || matches!(
                outer.kind,
                NodeKind::Each(_) | NodeKind::Try { .. } | NodeKind::Scenario { .. } | NodeKind::On { .. }
            )
    })
}

/// An answer of a type, as TOML.
fn example(ty: &Type) -> Option<String> {
    Some(match ty {
        Type::Bool => "true".to_owned(),
        Type::Int => "1".to_owned(),
        Type::Float => "1.0".to_owned(),
        Type::Percent => quoted("98%"),
        Type::Duration => quoted("10m"),
        Type::Bytes => quoted("20MB"),
        Type::Time => quoted("2025-11-18T09:00:00Z"),
        Type::Url => quoted("https://example.com/"),
        Type::List(_) => "[]".to_owned(),
        Type::OneOf(members) => quoted(members.first()?),
        Type::ManyOf(members) => format!("[{}]", quoted(members.first()?)),
        Type::Map(_) | Type::Json | Type::Record(_) => "{}".to_owned(),
        // Words are a person's.
        Type::String | Type::Text | Type::Path | Type::Secret | Type::Verdict | Type::Null | Type::Unknown => {
            return None;
        }
        Type::Optional(inner) => return example(inner),
    })
}

/// A value, as TOML.
fn toml(value: &Value) -> String {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => text::text(value),
        Value::List(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Null
        | Value::Percent(_)
        | Value::Duration(_)
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::Text(_)
        | Value::Map(_)
        | Value::Secret(_)
        | Value::Verdict(_) => quoted(&text::text(value)),
    }
}

/// A basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.extend(["\\u".to_owned(), format!("{:04X}", u32::from(c))]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The title of a statement that has none of its own.
pub(super) fn words(preview: &Preview<'_>, title: Option<&Title>) -> Words {
    title.map(|title| preview.words(title)).unwrap_or_default()
}
