//! An answers file: what a run is told where nobody is there, by static prompt key.
//!
//! One entry gives one answer: `"KEY" = value` or `{ value, by, note, evidence, after }`, a list of such one answer a
//! pass, of a quorum one a person. A key that names the item of a loop, `put[web-1]/size`, is of this pass alone. What is
//! not there, or used up, is not answered; there is no blanket yes, and no answer is used twice.

mod item;
mod known;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use crate::check::program::Program;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::engine::action::{ActionId, Field, Prompt, PromptKind, stem_of};
use crate::engine::limits;
use crate::text;
use crate::text::Text;
use crate::value::Value;
use crate::value::answer::AnswerSpec;
use crate::value::json;
use crate::value::read::Reader;
use crate::value::types::Type;

pub use known::fitting;

/// Longest answers file: tens of thousands of answers.
pub const MAX_ANSWERS_BYTES: usize = 4 * 1024 * 1024;

/// A prompt's key, or its end from a `/` on: the same rule in answers files and scenarios.
pub fn ends_with_key(key: &str, end: &str) -> bool {
    key == end || key.strip_suffix(end).is_some_and(|rest| rest.ends_with('/'))
}

/// The answers of a file, and which of them are used.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    entries: Vec<Entry>,
    /// Passes by entry: who has which.
    passes: BTreeMap<usize, BTreeMap<Pass, usize>>,
    /// How many people must agree, by static key of the prompts that ask several.
    quorums: BTreeMap<String, usize>,
}

/// Whose pass it is: a prompt's, or one of a journal that is read again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    Before(usize),
    Prompt(ActionId),
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: String,
    key_span: Span,
    value: toml::Value,
    value_span: Span,
}

/// One answer, read and judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// Of the prompt's type.
    pub value: Value,
    /// Who gives it, where the file says so.
    pub by: Option<String>,
    /// Words with it.
    pub note: Option<String>,
    /// A path or link given as evidence.
    pub evidence: Option<String>,
    /// How long it takes to come, in a simulation.
    pub after: SignedDuration,
}

/// The file, as TOML.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    answers: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
}

impl Answers {
    /// Reads a file. Whether its keys and values fit a runbook is [`fitting`]'s to say.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let wrong = |span, message: Text| Diagnostic::error(Code::RB0840, span, message);
        if text.len() > MAX_ANSWERS_BYTES {
            let bytes = text.len();
            let message = text!(
                "an answers file of {bytes} bytes; at most {MAX_ANSWERS_BYTES} are read",
                "答复文件有 {bytes} 字节；最多读取 {MAX_ANSWERS_BYTES} 字节"
            );
            return Err(wrong(Span::default(), message));
        }
        let document: Document = toml::from_str(text).map_err(|error| {
            let span = error.span().map_or_else(Span::default, |span| Span::new(span.start, span.end));
            let message = Text::verbatim(error.message().replace("unknown field", "unknown table"));
            wrong(span, message).help(text!(
                "answers stand below `[answers]`, each as \"KEY\" = value",
                "答复写在 `[answers]` 之下，每条形如 \"KEY\" = value"
            ))
        })?;
        let place = |span: std::ops::Range<usize>| Span::new(span.start, span.end);
        let mut entries: Vec<Entry> = document
            .answers
            .into_iter()
            .map(|(key, value)| Entry {
                key_span: place(key.span()),
                key: key.into_inner(),
                value_span: place(value.span()),
                value: value.into_inner(),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span);
        Ok(Self { entries, ..Self::default() })
    }

    /// The answers to the prompts of this runbook: of a quorum one a person.
    #[must_use]
    pub fn of(mut self, program: &Program) -> Self {
        self.quorums = known::quorums(program);
        self
    }

    /// How many answers a prompt of this static key takes from the file at most, before a person is asked.
    pub fn quorum(&self, key: &str) -> usize {
        self.quorums.get(key).copied().unwrap_or(1)
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// This prompt was answered, or its time was over, before this executor took the run up.
    pub fn pass_over(&mut self, id: &ActionId) {
        let stem = stem_of(&id.0);
        if let Some((index, _)) = self.entry(stem, |key| item::has_key(stem, key)) {
            let passes = self.passes.entry(index).or_default();
            let free = free_pass(passes);
            passes.insert(Pass::Before(free), free);
        }
    }

    /// The answer to this prompt was given. Where it is put again, its next pass answers.
    pub fn used(&mut self, id: &ActionId) {
        for passes in self.passes.values_mut() {
            if let Some(pass) = passes.remove(&Pass::Prompt(id.clone())) {
                passes.insert(Pass::Before(pass), pass);
            }
        }
    }

    /// The answer to a prompt of this static key; none: the file does not cover it.
    pub fn take(&mut self, key: &str, id: &ActionId, prompt: &Prompt, zone: &TimeZone) -> Option<Result<Ready, Text>> {
        let (index, entry) = self.entry(stem_of(&id.0), |own| ends_with_key(key, own))?;
        let form = Form::of(prompt);
        let all = form.passes(&entry.value);
        let passes = self.passes.entry(index).or_default();
        let free = free_pass(passes);
        let pass = *passes.entry(Pass::Prompt(id.clone())).or_insert(free);
        if prompt.never_auto {
            return None;
        }
        let read = form.read(all.get(pass)?, zone).and_then(|ready| {
            let lacks = prompt.kind.lacks_reason(&ready.value, ready.note.as_deref());
            if lacks { Err(Misfit::NoReason) } else { Ok(ready) }
        });
        Some(read.map_err(|error| error.text()))
    }

    /// The entry that names this prompt, or else has its static key; of several the longest, which says the most.
    fn entry(&self, stem: &str, has_key: impl Fn(&str) -> bool) -> Option<(usize, Entry)> {
        let longest = |fits: &dyn Fn(&str) -> bool| {
            let fits = self.entries.iter().enumerate().filter(|(_, entry)| fits(&entry.key));
            fits.max_by_key(|(_, entry)| entry.key.len()).map(|(index, entry)| (index, entry.clone()))
        };
        longest(&|key| item::names_one(key) && ends_with_key(stem, key))
            .or_else(|| longest(&|key| !item::names_one(key) && has_key(key)))
    }
}

fn free_pass(passes: &BTreeMap<Pass, usize>) -> usize {
    let taken: BTreeSet<usize> = passes.values().copied().collect();
    (0..=taken.len()).find(|pass| !taken.contains(pass)).unwrap_or(taken.len())
}

/// What fits as an answer, as far as the reading of a file depends on it.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// One value.
    One(AnswerSpec),
    /// The entries of a `collect`.
    Entries(Vec<Field>),
}

/// Why an answer of a file does not fit.
#[derive(Clone, Debug, PartialEq)]
enum Misfit {
    Answer(crate::value::answer::AnswerError),
    /// In a table of an answer, a key that says nothing.
    UnknownKey(String),
    /// A key of an answer's table that is not text.
    NotText(&'static str),
    /// `after` is no span of time.
    NotASpan,
    /// Without a `note` that says why.
    NoReason,
    /// Several people must agree, and an answer does not say whose it is, or is the second one of a person.
    Quorum {
        quorum: usize,
        twice: Option<String>,
    },
    /// Not an array of tables: what one is here.
    NoEntries {
        example: String,
    },
    UnknownField {
        field: String,
        known: Vec<String>,
    },
    InField {
        field: String,
        misfit: Box<Misfit>,
    },
}

impl Misfit {
    fn text(&self) -> Text {
        match self {
            Misfit::Answer(error) => limits::words(error),
            Misfit::UnknownKey(key) => text!(
                "unknown key `{key}`; an answer has value, by, note, evidence, after",
                "未知的键 `{key}`；一个答复只有 value、by、note、evidence、after"
            ),
            Misfit::NotText(key) => text!("`{key}` is not a text", "`{key}` 不是文本"),
            Misfit::NoReason => text!(
                "it needs a reason: {{ value = \"…\", note = \"why\" }}",
                "需要说明原因：{{ value = \"…\", note = \"原因\" }}"
            ),
            Misfit::NotASpan => text!(
                "`after` is not a span of time like \"90s\" or \"10m\"",
                "`after` 不是时长，例如 \"90s\"、\"10m\""
            ),
            Misfit::Quorum { quorum, twice: None } => text!(
                "{quorum} different people must agree: say of each answer whose it is, {{ value = true, by = \"name\" }}",
                "须有 {quorum} 位不同的人同意：请写明每个答复由谁给出，{{ value = true, by = \"姓名\" }}"
            ),
            Misfit::Quorum { quorum, twice: Some(name) } => text!(
                "{quorum} different people must agree, and `{name}` answers twice",
                "须有 {quorum} 位不同的人同意，而 `{name}` 答了两次"
            ),
            Misfit::NoEntries { example } => text!(
                "a list of entries is needed, as in {example}; `[]` where there is none",
                "需要一个条目列表，例如 {example}；没有则写 `[]`"
            ),
            Misfit::UnknownField { field, known } => text!(
                "there is no field `{}`; the fields are {}",
                "没有字段 `{}`；可用字段：{}",
                field,
                Text { en: known.join(", "), zh: known.join("、") }
            ),
            Misfit::InField { field, misfit } => text!("field `{}`: {}", "字段 `{}`：{}", field, misfit.text()),
        }
    }
}

impl From<crate::value::answer::AnswerError> for Misfit {
    fn from(error: crate::value::answer::AnswerError) -> Self {
        Misfit::Answer(error)
    }
}

impl Form {
    fn of(prompt: &Prompt) -> Self {
        if let PromptKind::Collect { fields } = &prompt.kind {
            Form::Entries(fields.clone())
        } else {
            Form::One(prompt.answer.clone())
        }
    }

    /// Is one answer a list by itself?
    fn is_list(&self) -> bool {
        match self {
            Form::Entries(_) => true,
            Form::One(spec) => matches!(spec.ty, Type::List(_) | Type::ManyOf(_) | Type::Json),
        }
    }

    /// The answers of an entry, one a pass.
    fn passes(&self, value: &toml::Value) -> Vec<toml::Value> {
        let toml::Value::Array(items) = value else { return vec![value.clone()] };
        let whole = |item: &toml::Value| item.is_array() || item.get("value").is_some();
        let one_answer = self.is_list() && (items.is_empty() || !items.iter().all(whole));
        if one_answer { vec![value.clone()] } else { items.clone() }
    }

    /// Reads one answer.
    fn read(&self, written: &toml::Value, zone: &TimeZone) -> Result<Ready, Misfit> {
        let plain = |value| Ready { value, by: None, note: None, evidence: None, after: SignedDuration::ZERO };
        let Some((table, value)) = written.as_table().and_then(|table| Some((table, table.get("value")?))) else {
            return Ok(plain(self.value(written, zone)?));
        };
        let mut ready = plain(self.value(value, zone)?);
        for (key, value) in table {
            let text = |key| value.as_str().map(str::to_owned).ok_or(Misfit::NotText(key));
            match key.as_str() {
                "value" => {}
                "by" => ready.by = Some(text("by")?),
                "note" => ready.note = Some(text("note")?),
                "evidence" => ready.evidence = Some(text("evidence")?),
                "after" => ready.after = span(&text("after")?).ok_or(Misfit::NotASpan)?,
                _ => return Err(Misfit::UnknownKey(key.clone())),
            }
        }
        Ok(ready)
    }

    fn value(&self, written: &toml::Value, zone: &TimeZone) -> Result<Value, Misfit> {
        match self {
            Form::One(spec) => Ok(spec.fit(&plain_value(written), zone)?),
            Form::Entries(fields) => {
                let no_list = || Misfit::NoEntries { example: example(fields, Syntax::Toml) };
                list_of_entries(fields, &plain_value(written), zone, &no_list)
            }
        }
    }
}

/// The entries of a `collect` as `runbook answer` takes them: JSON, a list of objects or one alone.
///
/// # Errors
/// What is wrong with them, with an example where they are none at all.
pub fn entries(fields: &[Field], typed: &str, zone: &TimeZone) -> Result<Value, Text> {
    let no_list = || Misfit::NoEntries { example: format!("'{}'", example(fields, Syntax::Json)) };
    let read = json::read_json(typed.trim()).map_err(|_| no_list().text())?;
    let read = if let Value::Map(_) = read { Value::List(vec![read]) } else { read };
    list_of_entries(fields, &read, zone, &no_list).map_err(|misfit| misfit.text())
}

fn list_of_entries(
    fields: &[Field],
    given: &Value,
    zone: &TimeZone,
    no_list: &dyn Fn() -> Misfit,
) -> Result<Value, Misfit> {
    let Value::List(entries) = given else { return Err(no_list()) };
    let read = entries.iter().map(|entry| {
        let Value::Map(entry) = entry else { return Err(no_list()) };
        one_entry(fields, entry, zone)
    });
    read.collect::<Result<_, _>>().map(Value::List)
}

/// One entry of a `collect`.
fn one_entry(fields: &[Field], entry: &BTreeMap<String, Value>, zone: &TimeZone) -> Result<Value, Misfit> {
    if let Some(field) = entry.keys().find(|key| !fields.iter().any(|field| field.name == **key)) {
        let known = fields.iter().map(|field| field.name.clone()).collect();
        return Err(Misfit::UnknownField { field: field.clone(), known });
    }
    let mut read = BTreeMap::new();
    for field in fields {
        let value = field
            .answer
            .fit(entry.get(&field.name).unwrap_or(&Value::Null), zone)
            .map_err(|error| Misfit::InField { field: field.name.clone(), misfit: Box::new(error.into()) })?;
        read.insert(field.name.clone(), value);
    }
    Ok(Value::Map(read))
}

/// In what an example is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Toml,
    Json,
}

/// A list with one entry that says what must be said.
fn example(fields: &[Field], syntax: Syntax) -> String {
    let said = |field: &&Field| !field.answer.optional || fields.iter().all(|field| field.answer.optional);
    let field = |field: &Field| match syntax {
        Syntax::Toml => format!("{} = {}", field.name, example_of(&field.answer.ty)),
        Syntax::Json => format!("\"{}\": {}", field.name, example_of(&field.answer.ty)),
    };
    let inside = fields.iter().filter(said).map(field).collect::<Vec<_>>().join(", ");
    match syntax {
        Syntax::Toml => format!("[{{ {inside} }}]"),
        Syntax::Json => format!("[{{{inside}}}]"),
    }
}

/// A value of a type, the same in TOML and JSON.
fn example_of(ty: &Type) -> String {
    match ty {
        Type::Bool => "true".to_owned(),
        Type::Int => "1".to_owned(),
        Type::Float => "0.5".to_owned(),
        Type::Percent => "\"98%\"".to_owned(),
        Type::Duration => "\"10m\"".to_owned(),
        Type::Bytes => "\"20MB\"".to_owned(),
        Type::Time => "\"2025-11-18 09:00\"".to_owned(),
        Type::List(_) => "[]".to_owned(),
        Type::OneOf(members) => format!("\"{}\"", members.first().map_or("…", String::as_str)),
        Type::ManyOf(members) => format!("[\"{}\"]", members.first().map_or("…", String::as_str)),
        Type::Optional(inner) => example_of(inner),
        Type::Null
        | Type::String
        | Type::Text
        | Type::Path
        | Type::Url
        | Type::Secret
        | Type::Verdict
        | Type::Map(_)
        | Type::Json
        | Type::Record(_)
        | Type::Unknown => "\"…\"".to_owned(),
    }
}

/// A span of time that is not negative.
fn span(text: &str) -> Option<SignedDuration> {
    match Reader::new(TimeZone::UTC).read(text, &Type::Duration) {
        Ok(Value::Duration(span)) if !span.is_negative() => Some(span),
        _ => None,
    }
}

/// A value of TOML as one of ours, without a type in mind.
fn plain_value(written: &toml::Value) -> Value {
    match written {
        toml::Value::String(text) => Value::Text(text.clone()),
        toml::Value::Integer(number) => Value::Int(*number),
        toml::Value::Float(number) => Value::Float(*number),
        toml::Value::Boolean(yes) => Value::Bool(*yes),
        toml::Value::Datetime(time) => Value::Text(time.to_string()),
        toml::Value::Array(items) => Value::List(items.iter().map(plain_value).collect()),
        toml::Value::Table(table) => {
            Value::Map(table.iter().map(|(key, value)| (key.clone(), plain_value(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests;
