//! The records of the language and their fields: what `x.out`, `baseline.p99.last`, `run.id` are. The engine builds values
//! of these shapes; the reference and completion list them.

use std::collections::BTreeMap;

use crate::value::parse::Parse;
use crate::value::types::Type;

use super::program::Unit;

fn record<const N: usize>(fields: [(&str, Type); N]) -> BTreeMap<String, Type> {
    fields.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect()
}

/// What each result of an `each … as: x` has besides the names that its pass bound.
pub const PASS_FIELDS: [&str; 3] = ["key", "item", "verdict"];

/// `each … as: x`: a record for each item. Its pass may have failed, or not begun: what it bound may be null.
pub fn passes(item: Type, bound: impl Iterator<Item = (String, Type)>) -> Type {
    let mut fields: BTreeMap<String, Type> = bound.map(|(name, ty)| (name, ty.or_null())).collect();
    let [key, value, verdict] = PASS_FIELDS;
    fields.extend(record([(key, Type::Text), (value, item), (verdict, Type::Verdict)]));
    Type::List(Box::new(Type::record(fields)))
}

/// The fields of every effect's record.
fn effect() -> BTreeMap<String, Type> {
    record([
        ("took", Type::Duration),
        ("started_at", Type::Time),
        ("finished_at", Type::Time),
        ("verdict", Type::Verdict),
    ])
}

/// `sh … as: x`: `value` (with `parse:`), `out`, `err`, `status`. `sure`: a failure ends the path, so that what follows
/// only sees a success; otherwise (`severity: ask` or `warn`) all of these may be null.
pub fn shell(parse: Option<Parse>, sure: bool) -> Type {
    result([("out", Type::Text), ("err", Type::Text), ("status", Type::Int)], parse, sure)
}

/// `http … as: x`: `value` (with `parse:`), `out` (the body), `status`. See [`shell`] for `sure`.
pub fn http(parse: Option<Parse>, sure: bool) -> Type {
    result([("out", Type::Text), ("status", Type::Int)], parse, sure)
}

fn result<const N: usize>(given: [(&str, Type); N], parse: Option<Parse>, sure: bool) -> Type {
    let mut fields = effect();
    let value = parse.map(|parse| ("value", parse.ty()));
    for (name, ty) in given.into_iter().chain(value) {
        fields.insert(name.to_owned(), if sure { ty } else { ty.or_null() });
    }
    Type::record(fields)
}

/// What a `query` asks, for the type of its record.
pub enum Asked<'a> {
    /// Nothing: it is one scrape.
    Nothing,
    /// `increase:`, by these labels.
    Increase(&'a [String]),
    /// `promql:`; without labels one number.
    Promql(Option<&'a [String]>, Unit),
}

/// `query SOURCE, as: x`: the scrape; with `increase:` also `value`, one record a group: its labels by name, and `increase`,
/// how much it grew. With `promql:` it is a number, or one record a series: its labels by name, and `value`.
pub fn query(asked: &Asked<'_>, sure: bool) -> Type {
    let mut fields = effect();
    let rows = |labels: &[String], name: &'static str, ty: Type| {
        let mut row = record([(name, ty)]);
        for label in labels {
            row.insert(label.clone(), Type::String);
        }
        Type::List(Box::new(Type::record(row)))
    };
    let value = match asked {
        Asked::Nothing => return Type::record(fields),
        Asked::Increase(labels) => rows(labels, "increase", Type::Float),
        Asked::Promql(Some(labels), unit) => rows(labels, "value", of_unit(*unit)),
        Asked::Promql(None, unit) => of_unit(*unit),
    };
    fields.insert("value".to_owned(), if sure { value } else { value.or_null() });
    Type::record(fields)
}

/// A `step`, `section`, `precheck`, `verify` or `checklist` by its key. `verdict` is `pending` until it ran; the other
/// fields are there once it ran.
pub fn block() -> Type {
    Type::record(effect())
}

/// An objective in a series: values of its unit, null where there is none yet or no data; `whole` is over the whole
/// observation, and `verdict` is its verdict.
pub fn objective_in_series(unit: Unit) -> Type {
    Type::record(objective_row(&of_unit(unit).or_null()))
}

fn objective_row(value: &Type) -> BTreeMap<String, Type> {
    record([
        ("key", Type::String),
        ("title", Type::Text),
        ("target", Type::String),
        ("verdict", Type::Verdict),
        ("last", value.clone()),
        ("min", value.clone()),
        ("max", value.clone()),
        ("mean", value.clone()),
        ("whole", value.clone()),
        ("used", Type::Int),
        ("breaches", Type::Int),
        ("no_data", Type::Int),
        ("errors", Type::Int),
        ("missed", Type::Int),
    ])
}

/// The type of a value with this unit.
pub fn of_unit(unit: Unit) -> Type {
    match unit {
        Unit::Percent => Type::Percent,
        Unit::Seconds => Type::Duration,
        Unit::Bytes => Type::Bytes,
        Unit::None => Type::Float,
    }
}

/// Fields of a series and of its samples, which an objective's key must not hide.
pub const SERIES_FIELDS: &[&str] =
    &["last", "table", "slos", "verdict", "taken", "missed", "errors", "ended", "n", "state", "at"];

/// A series: `sample … as: baseline`. `last` is the last sample (null before the first), `table` has all of them, `slos`
/// a record for each objective, which is also there by its key; `ended` is null while it runs.
pub fn series(objectives: &[(String, Unit)]) -> Type {
    let mut sample = record([("n", Type::Int), ("state", Type::String), ("at", Type::Time.or_null())]);
    for (key, unit) in objectives {
        sample.entry(key.clone()).or_insert_with(|| of_unit(*unit).or_null());
    }
    let sample = Type::record(sample);
    let mut fields = record([
        ("last", sample.clone().or_null()),
        ("table", Type::List(Box::new(sample))),
        // Their units differ.
        ("slos", Type::List(Box::new(Type::record(objective_row(&Type::Json))))),
        ("verdict", Type::Verdict),
        ("taken", Type::Int),
        ("missed", Type::Int),
        ("errors", Type::Int),
        ("ended", Type::OneOf(["complete", "stopped"].map(str::to_owned).to_vec()).or_null()),
    ]);
    for (key, unit) in objectives {
        fields.entry(key.clone()).or_insert_with(|| objective_in_series(*unit));
    }
    Type::record(fields)
}

/// `slos`: all objectives as they are declared.
pub fn all_objectives() -> Type {
    Type::List(Box::new(objective()))
}

/// An objective by its key.
pub fn objective() -> Type {
    Type::record(record([
        ("key", Type::String),
        ("title", Type::Text),
        ("target", Type::String),
        ("alert", Type::String.or_null()),
    ]))
}

/// A source by its name: `firing` is empty for a source of metrics.
pub fn source() -> Type {
    let alert = record([
        ("fingerprint", Type::String),
        ("labels", Type::Map(Box::new(Type::String))),
        ("annotations", Type::Map(Box::new(Type::String))),
        ("starts_at", Type::Time),
    ]);
    Type::record(record([("firing", Type::List(Box::new(Type::record(alert))))]))
}

/// `run`. `environment` is null where the runbook declares none.
pub fn run(environments: &[String]) -> Type {
    let environment = if environments.is_empty() { Type::String.or_null() } else { Type::OneOf(environments.to_vec()) };
    Type::record(record([
        ("id", Type::String),
        ("started_at", Type::Time),
        ("environment", environment),
        ("verdict", Type::Verdict),
    ]))
}

/// `rollback`: `reason` is null until one began.
pub fn rollback() -> Type {
    Type::record(record([("done", Type::Bool), ("reason", Type::Text.or_null())]))
}

/// Members of a verdict, as they are written.
pub const VERDICTS: &[&str] = &["pass", "fail", "breach", "no_data", "error", "skipped", "not_applicable", "pending"];
