//! The tables of the reference, made from the tables of the program.

use std::fmt::Write as _;

use runbook::check::shape;
use runbook::check::signature::{Body, Count, Effect, Group, Named, Opt, Place, Takes, Word, words};
use runbook::value::function::Function;
use runbook::value::types::Type;

/// What a word is called in the reference: two words of one name are told apart by their block.
pub(super) fn id(word: &'static Word) -> String {
    let twice = words().filter(|other| other.name == word.name).count() > 1;
    if twice && !matches!(word.body, Body::None) { format!("{} do", word.name) } else { word.name.to_owned() }
}

/// A block by its name.
pub(super) fn block(name: &str) -> String {
    if let Some(word) = name.strip_prefix("word ") {
        let found = words().find(|known| id(known) == word);
        return self::word(found.unwrap_or_else(|| panic!("there is no word `{word}`")));
    }
    if let Some(shared) = name.strip_prefix("options ") {
        let (_, options) =
            SHARED.iter().map(|(key, first)| (*key, set_with(first))).find(|(key, _)| *key == shared).unwrap();
        return table(options);
    }
    match name {
        "functions" => functions(),
        "records" => records(),
        _ => panic!("there is no block `{name}`"),
    }
}

/// Sets of options that several words share, each by an option that no other set has.
const SHARED: &[(&str, &str)] =
    &[("effects", "timeout"), ("writes", "again"), ("prompts", "evidence"), ("ends", "because")];

/// The set that holds this option, of the word in which it stands among the fewest own ones.
fn set_with(option: &str) -> &'static [Opt] {
    let sets = words().flat_map(|word| word.options.iter().copied());
    let with = sets.filter(|set| set.iter().any(|known| known.name == option));
    with.filter(|set| shared_by(set) > 1).max_by_key(|set| shared_by(set)).unwrap()
}

/// How many words have this very set.
fn shared_by(set: &[Opt]) -> usize {
    let same = |other: &[Opt]| {
        other.len() == set.len() && other.iter().zip(set).all(|(one, two)| one.name == two.name && one.en == two.en)
    };
    words().filter(|word| word.options.iter().any(|options| same(options))).count()
}

/// The name of a shared set.
fn shared(set: &'static [Opt]) -> Option<&'static str> {
    let found = |first: &str| {
        let known = set_with(first);
        known.len() == set.len() && known.iter().zip(set).all(|(one, two)| one.name == two.name && one.en == two.en)
    };
    SHARED.iter().find(|(_, first)| found(first)).map(|(name, _)| *name)
}

fn word(word: &'static Word) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "`{}`", word.form);
    let mut said = vec![word.en.to_owned()];
    // Of declarations the chapter says it.
    if word.stands != [Place::Runbook] || word.group != Group::Declarations {
        said.push(format!("Stands {}.", places(word.stands)));
    }
    said.extend(effect(word).map(str::to_owned));
    let _ = writeln!(out, "\n{}", said.join(" "));
    let args: Vec<String> = word
        .args
        .iter()
        .map(|arg| {
            let many = match arg.count {
                Count::One => "",
                Count::Maybe => ", may be left out",
                Count::Many => ", one or more",
            };
            format!("{} ({}{many})", arg.name, takes(arg.takes))
        })
        .collect();
    if !args.is_empty() {
        let _ = writeln!(out, "\nArguments: {}.", args.join(" · "));
    }
    let mut own: Vec<&Opt> = Vec::new();
    let mut sets = Vec::new();
    for set in word.options.iter().copied().filter(|set| !set.is_empty()) {
        match shared(set) {
            Some(name) if set.len() > 2 => sets.push(name),
            _ => own.extend(set),
        }
    }
    if !own.is_empty() {
        out.push('\n');
        out.push_str(&rows(&own));
    }
    if !sets.is_empty() {
        let sets: Vec<String> = sets.iter().map(|name| format!("[options of {name}](#options-of-{name})")).collect();
        let also = if own.is_empty() { "Takes the" } else { "Also takes the" };
        let _ = writeln!(out, "\n{also} {}.", sets.join(" and the "));
    }
    out
}

fn table(options: &'static [Opt]) -> String {
    rows(&options.iter().collect::<Vec<_>>())
}

fn rows(options: &[&Opt]) -> String {
    let mut out = "| option | takes | default | |\n|---|---|---|---|\n".to_owned();
    for option in options {
        let default = match (option.required, option.default) {
            (true, _) => "required".to_owned(),
            (false, "") => String::new(),
            (false, default) if default.contains(' ') => default.to_owned(),
            (false, default) => format!("`{default}`"),
        };
        let _ =
            writeln!(out, "| `{}:` | {} | {default} | {} |", option.name, cell(&takes(option.takes)), cell(option.en));
    }
    out
}

/// A `|` would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn takes(takes: Takes) -> String {
    match takes {
        Takes::Value(kind) => kind.name().0.to_owned(),
        Takes::Const(kind) => format!("{}, known before the run", kind.name().0),
        Takes::Words(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" "),
        Takes::NewName => "a new name".to_owned(),
        Takes::Key => "a key".to_owned(),
        Takes::Name(named) => match named {
            Named::Source => "a source",
            Named::Channel => "a channel",
            Named::Role => "a role, `owner` or `executor`",
            Named::Collect => "a `collect`",
            Named::Scenario => "a scenario",
            Named::Series => "a series",
            Named::Objective => "an objective",
            Named::Block => "a step or section",
            Named::Scrape => "the record of a `query`",
        }
        .to_owned(),
        Takes::Title => "text for people".to_owned(),
        Takes::Command => "a command for bash".to_owned(),
        Takes::Type => "a type".to_owned(),
        Takes::Form(form) => form.to_owned(),
    }
}

fn places(places: &[Place]) -> String {
    let described: Vec<&str> = places.iter().map(|place| place.describe().0).collect();
    match described.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn effect(word: &Word) -> Option<&'static str> {
    Some(match word.effect {
        Effect::Pure => return None,
        Effect::Read => "Class of effect: read.",
        Effect::Record => "Class of effect: record.",
        Effect::Write => "Class of effect: write.",
        Effect::Form => "Its form or `effect:` decides its class of effect.",
        Effect::Inside => "Its class of effect is the strongest of what is inside.",
    })
}

fn functions() -> String {
    let mut out = "| function | what it gives |\n|---|---|\n".to_owned();
    for function in Function::ALL {
        let signature = function.signature();
        let usages: Vec<String> = signature.forms.iter().map(|form| format!("`{}`", cell(form.usage))).collect();
        let _ = writeln!(out, "| {} | {} |", usages.join(" "), cell(signature.what.0));
    }
    out
}

fn records() -> String {
    let fields = |ty: Type| match ty {
        Type::Record(fields) => fields.iter().map(|(name, ty)| format!("`{name}` {ty}")).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    let series = |ty: Type| match ty {
        // The samples themselves are told apart below.
        Type::Record(known) => {
            let mut known = (*known).clone();
            known.insert("last".to_owned(), Type::String);
            fields(Type::Record(known.into()))
                .replace("`last` string", "`last` a sample, or null")
                .replace("`table` list of record with at, n, state", "`table` all samples")
        }
        other => fields(other),
    };
    let item = |ty: Type| match ty {
        Type::List(item) => *item,
        other => other,
    };
    let rows = [
        ("`sh … as: x`", fields(shape::shell(None, true))),
        ("`http … as: x`", fields(shape::http(None, true))),
        ("`query … as: x`", fields(shape::query(&shape::Asked::Nothing, true))),
        ("a step, section, precheck, verify or checklist, by its key", fields(shape::block())),
        ("`sample … as: s`", series(shape::series(&[]))),
        ("`s.KEY`, an objective of a series; also the members of `s.slos`", {
            let shown = fields(shape::objective_in_series(runbook::check::program::Unit::None));
            shown.replace("float?", "value, or null")
        }),
        ("an objective by its key; the members of `slos`", fields(shape::objective())),
        ("a source, by its name", fields(shape::source())),
        (
            "a member of `firing`",
            match shape::source() {
                Type::Record(known) => fields(item(known["firing"].clone())),
                other => fields(other),
            },
        ),
        ("`run`", fields(shape::run(&[]))),
        ("`rollback`", fields(shape::rollback())),
    ];
    let mut out = "| record | fields |\n|---|---|\n".to_owned();
    for (name, fields) in rows {
        let _ = writeln!(out, "| {name} | {fields} |");
    }
    out
}
