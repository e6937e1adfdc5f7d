//! The records of the language and their fields: what `x.out`, `baseline.p99.last`, `run.id` are. The engine builds values
//! of these shapes; the reference and completion list them.

use std::collections::BTreeMap;

use crate::value::parse::Parse;
use crate::value::types::Type;

use super::program::Unit;

fn record<const N: usize>(fields: [(&str, Type); N]) -> BTreeMap<String, Type> {
    fields.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect()
}

fn optional(ty: Type) -> Type {
    if matches!(ty, Type::Optional(_) | Type::Json | Type::Unknown) { ty } else { Type::Optional(Box::new(ty)) }
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
/// only sees a success; otherwise `value` and `status` may be null.
pub fn shell(parse: Option<Parse>, sure: bool) -> Type {
    let mut fields = effect();
    let keep = |ty| if sure { ty } else { optional(ty) };
    fields.insert("out".to_owned(), Type::Text);
    fields.insert("err".to_owned(), Type::Text);
    fields.insert("status".to_owned(), keep(Type::Int));
    if let Some(parse) = parse {
        fields.insert("value".to_owned(), keep(parse.ty()));
    }
    Type::Record(fields)
}

/// `http … as: x`: `value` (with `parse:`), `out` (the body), `status`. See [`shell`] for `sure`.
pub fn http(parse: Option<Parse>, sure: bool) -> Type {
    let mut fields = effect();
    let keep = |ty| if sure { ty } else { optional(ty) };
    fields.insert("out".to_owned(), Type::Text);
    fields.insert("status".to_owned(), keep(Type::Int));
    if let Some(parse) = parse {
        fields.insert("value".to_owned(), keep(parse.ty()));
    }
    Type::Record(fields)
}

/// `query SOURCE, as: x`: the scrape; with `increase:` also `value`, one record a group: its labels by name, and
/// `increase`, how much it grew.
pub fn query(by: Option<&[String]>, sure: bool) -> Type {
    let mut fields = effect();
    if let Some(labels) = by {
        let mut row = record([("increase", Type::Float)]);
        for label in labels {
            row.insert(label.clone(), Type::String);
        }
        let rows = Type::List(Box::new(Type::Record(row)));
        fields.insert("value".to_owned(), if sure { rows } else { optional(rows) });
    }
    Type::Record(fields)
}

/// A `step`, `section`, `precheck`, `verify` or `checklist` by its key. `verdict` is `pending` until it ran; the other
/// fields are there once it ran.
pub fn block() -> Type {
    Type::Record(effect())
}

/// An objective in a series: values of its unit, null where there is none yet or no data; `whole` is over the whole
/// observation, and `verdict` is its verdict.
pub fn objective_in_series(unit: Unit) -> Type {
    let value = || optional(of_unit(unit));
    Type::Record(record([
        ("last", value()),
        ("min", value()),
        ("max", value()),
        ("mean", value()),
        ("whole", value()),
        ("verdict", Type::Verdict),
        ("used", Type::Int),
        ("breaches", Type::Int),
        ("no_data", Type::Int),
        ("errors", Type::Int),
    ]))
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

/// Fields of a series that an objective's key must not hide.
pub const SERIES_FIELDS: &[&str] =
    &["last", "table", "slos", "verdict", "taken", "missed", "errors", "ended", "started_at"];

/// A series: `sample … as: baseline`. `last` has each objective's value in the last sample; `table` and `slos` are for
/// `show:` and `report table:`; each objective by its key.
pub fn series(objectives: &[(String, Unit)]) -> Type {
    let last: BTreeMap<String, Type> =
        objectives.iter().map(|(key, unit)| (key.clone(), optional(of_unit(*unit)))).collect();
    let mut fields = record([
        ("last", Type::Record(last)),
        ("table", Type::List(Box::new(sample()))),
        ("slos", Type::List(Box::new(objective_row()))),
        ("verdict", Type::Verdict),
        ("taken", Type::Int),
        ("missed", Type::Int),
        ("errors", Type::Int),
        ("ended", Type::OneOf(["running", "complete", "stopped"].map(str::to_owned).to_vec())),
        ("started_at", Type::Time),
    ]);
    for (key, unit) in objectives {
        fields.entry(key.clone()).or_insert_with(|| objective_in_series(*unit));
    }
    Type::Record(fields)
}

/// A row of `SERIES.table`.
fn sample() -> Type {
    Type::Record(record([("n", Type::Int), ("due", Type::Time), ("state", Type::String)]))
}

/// A row of `SERIES.slos`.
fn objective_row() -> Type {
    Type::Record(record([("key", Type::String), ("title", Type::Text), ("verdict", Type::Verdict)]))
}

/// `slos`: all objectives as they are declared.
pub fn all_objectives() -> Type {
    Type::List(Box::new(objective()))
}

/// An objective by its key.
pub fn objective() -> Type {
    Type::Record(record([
        ("key", Type::String),
        ("title", Type::Text),
        ("target", Type::String),
        ("alert", optional(Type::String)),
    ]))
}

/// A source by its name: `firing` is empty for a source of metrics.
pub fn source() -> Type {
    let alert = record([
        ("name", Type::String),
        ("fingerprint", Type::String),
        ("labels", Type::Map(Box::new(Type::String))),
        ("annotations", Type::Map(Box::new(Type::String))),
        ("starts_at", Type::Time),
    ]);
    Type::Record(record([("firing", Type::List(Box::new(Type::Record(alert))))]))
}

/// `run`. `environment` is null where the runbook declares none.
pub fn run(environments: &[String]) -> Type {
    let environment = if environments.is_empty() { optional(Type::String) } else { Type::OneOf(environments.to_vec()) };
    Type::Record(record([
        ("id", Type::String),
        ("started_at", Type::Time),
        ("environment", environment),
        ("verdict", Type::Verdict),
    ]))
}

/// `rollback`: `reason` is null until one began.
pub fn rollback() -> Type {
    Type::Record(record([("done", Type::Bool), ("reason", optional(Type::Text))]))
}

/// Members of a verdict, as they are written.
pub const VERDICTS: &[&str] = &["pass", "fail", "breach", "no_data", "error", "skipped", "not_applicable", "pending"];
