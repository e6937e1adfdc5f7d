//! The one table of the words of the language: arguments, options with their types and defaults, where a word stands,
//! what stands inside it. The check, hover, completion and the tables of docs/language.md all read it, so that none of
//! them can say something else.

mod declarations;
mod effects;
mod ends;
mod logic;
mod observation;
mod people;
mod structure;

use crate::text::Both;
use crate::value::types::Type;

/// A word with everything that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As written at the start of the line.
    pub name: &'static str,
    /// Its chapter in the reference.
    pub group: Group,
    /// The shape of the line, for people.
    pub form: &'static str,
    /// Arguments without a name, in order.
    pub args: &'static [Arg],
    /// Its options: own ones and the shared sets.
    pub options: &'static [&'static [Opt]],
    /// What stands between its `do` and `end`.
    pub body: Body,
    /// Where it stands.
    pub stands: &'static [Place],
    /// Its class of effect, where the form decides it.
    pub effect: Effect,
    /// What it does: one sentence.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// Chapters of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the chapters")]
pub enum Group {
    Declarations,
    Structure,
    Effects,
    People,
    Logic,
    Observation,
    Ends,
}

/// An argument without a name.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// What it is called in messages and in the reference.
    pub name: &'static str,
    /// What fits.
    pub takes: Takes,
    /// How many.
    pub count: Count,
}

/// How many arguments of one kind stand in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// One or none.
    Maybe,
    /// One at least.
    Many,
}

/// An option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// Its name, without the colon.
    pub name: &'static str,
    /// What fits.
    pub takes: Takes,
    /// It must be there.
    pub required: bool,
    /// What holds where it is not written, for people; empty: nothing.
    pub default: &'static str,
    /// What it does: one sentence.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// What fits as an argument or as the value of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// An expression, evaluated when the statement begins.
    Value(Kind),
    /// A value that is known before the run.
    Const(Kind),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A new name.
    NewName,
    /// The key of this statement.
    Key,
    /// The name of a thing that is declared.
    Name(Named),
    /// Text for people; values can be put in.
    Title,
    /// A body for bash.
    Command,
    /// A type: `string`, `one_of(a, b)`.
    Type,
    /// A form of its own, as the words say.
    Form(&'static str),
}

/// Kinds of values, as far as an argument tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything but a secret.
    Any,
    /// Truth.
    Bool,
    /// A whole number.
    Int,
    /// A number, whole or not.
    Number,
    /// A span of time.
    Duration,
    /// A number of bytes.
    Bytes,
    /// A point in time.
    Time,
    /// Text of any kind.
    Text,
    /// A list of texts.
    Texts,
    /// Any list.
    List,
    /// A url, a list of them, or one that may be absent.
    Urls,
    /// Text or a secret, also one that may be absent.
    Credential,
    /// A pattern.
    Regex,
    /// A map of names to texts.
    TextMap,
    /// A map of names to texts and secrets.
    SecretMap,
    /// Text, a secret, or a map that is sent as JSON.
    Payload,
}

/// Kinds of declared things that are named by a bare name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// `source`
    Source,
    /// `channel`
    Channel,
    /// `role`, or `owner`, `executor`.
    Role,
    /// `collect`
    Collect,
    /// `scenario`
    Scenario,
    /// The series of a `sample`.
    Series,
    /// `slo`
    Objective,
    /// `step`, `section`, …
    Block,
    /// The record of a `query`.
    Scrape,
}

/// Whether a statement has a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It has none.
    None,
    /// It may have one.
    Maybe(Place),
    /// It has one.
    Must(Place),
    /// It has one, in which stands what may stand where the statement itself stands.
    Same,
}

/// Places in which statements stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file.
    File,
    /// Directly in the runbook.
    Runbook,
    /// Where things are done, one after the other: section, step, scenario, handlers, arms.
    Flow,
    /// In `precheck` and `verify`.
    Checks,
    /// In `poll` and `probe`.
    Reads,
    /// In `slo`.
    Slo,
    /// In `collect`.
    Collect,
    /// In `checklist`.
    Checklist,
    /// In `decide`.
    Decide,
    /// In `sample` and `watch`.
    Sample,
    /// In `parallel`.
    Parallel,
}

impl Place {
    /// For messages: "in a `sample`".
    pub fn describe(self) -> Both {
        match self {
            Place::File => Both("in the file, outside the runbook", "在文件中、runbook 之外"),
            Place::Runbook => Both("directly in the runbook", "直接在 runbook 中"),
            Place::Flow => Both("in a step, scenario or other block of steps", "在步骤、场景或其他步骤块中"),
            Place::Checks => Both("in a `precheck` or `verify`", "在 `precheck` 或 `verify` 中"),
            Place::Reads => Both("in a `poll` or `probe`", "在 `poll` 或 `probe` 中"),
            Place::Slo => Both("in a `slo`", "在 `slo` 中"),
            Place::Collect => Both("in a `collect`", "在 `collect` 中"),
            Place::Checklist => Both("in a `checklist`", "在 `checklist` 中"),
            Place::Decide => Both("in a `decide`", "在 `decide` 中"),
            Place::Sample => Both("in a `sample` or `watch`", "在 `sample` 或 `watch` 中"),
            Place::Parallel => Both("in a `parallel`", "在 `parallel` 中"),
        }
    }
}

/// What a word does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing outside the run.
    Pure,
    /// Looks.
    Read,
    /// Leaves a trace that needs no undo.
    Record,
    /// Changes the target.
    Write,
    /// Its form or its `effect:` decides.
    Form,
    /// As strong as what is inside.
    Inside,
}

/// All words, in the order of the reference.
pub fn words() -> impl Iterator<Item = &'static Word> {
    [
        declarations::WORDS,
        structure::WORDS,
        effects::WORDS,
        people::WORDS,
        logic::WORDS,
        observation::WORDS,
        ends::WORDS,
    ]
    .into_iter()
    .flatten()
}

/// Words that the language will have; they are unknown today.
pub const PLANNED: &[&str] = &["host", "hosts", "import", "screenshot", "spawn"];

/// Options that the language will have, by word; they are unknown today.
pub const PLANNED_OPTIONS: &[(&str, &str)] = &[("sh", "on"), ("http", "on"), ("copy", "on")];

/// The entry of a word. `rollback` is two words: with a body it says what the rollback is, without one it starts it; so
/// are `note` and `link` at the top and in the flow one.
pub fn find(name: &str, body: bool) -> Option<&'static Word> {
    let mut found = words().filter(|word| word.name == name);
    let first = found.next()?;
    match found.next() {
        Some(second) if matches!(first.body, Body::None) == body => Some(second),
        Some(_) | None => Some(first),
    }
}

impl Word {
    /// All its options.
    pub fn all_options(&self) -> impl Iterator<Item = &'static Opt> + use<> {
        self.options.iter().copied().flatten()
    }

    /// One of its options.
    pub fn option(&self, name: &str) -> Option<&'static Opt> {
        self.all_options().find(|option| option.name == name)
    }
}

/// An option that may be left out.
const fn opt(name: &'static str, takes: Takes, en: &'static str, zh: &'static str) -> Opt {
    Opt { name, takes, required: false, default: "", en, zh }
}

/// An option with a default.
const fn opt_or(name: &'static str, takes: Takes, default: &'static str, en: &'static str, zh: &'static str) -> Opt {
    Opt { name, takes, required: false, default, en, zh }
}

/// An option that must be there.
const fn must(name: &'static str, takes: Takes, en: &'static str, zh: &'static str) -> Opt {
    Opt { name, takes, required: true, default: "", en, zh }
}

const fn arg(name: &'static str, takes: Takes) -> Arg {
    Arg { name, takes, count: Count::One }
}

const fn maybe(name: &'static str, takes: Takes) -> Arg {
    Arg { name, takes, count: Count::Maybe }
}

const fn many(name: &'static str, takes: Takes) -> Arg {
    Arg { name, takes, count: Count::Many }
}

/// `en:` beside a title.
const EN: Opt = opt("en", Takes::Title, "The title in English.", "标题的英文");
/// `key:` of words without a place for one.
const KEY: Opt = opt(
    "key",
    Takes::Key,
    "Its key; without it, the word and its place among its like (`confirm.1`).",
    "键；不写则为词加序号（confirm.1）",
);
/// `if:`
const IF: Opt =
    opt("if", Takes::Value(Kind::Bool), "Where it is false, the statement does not apply.", "为假时该语句不适用");
/// `title:` of words without a place for one.
const TITLE: Opt = opt("title", Takes::Title, "What people see.", "显示给人的标题");
/// `severity:`
const SEVERITY: Opt = opt_or(
    "severity",
    Takes::Words(&["fail", "ask", "warn"]),
    "fail",
    "What it means when it fails: the failure menu, a person accepts it or not, or it is only noted.",
    "失败意味着什么：失败菜单、由人决定是否接受、或仅记录",
);

impl Kind {
    /// Its name in messages.
    pub fn name(self) -> Both {
        match self {
            Kind::Any => Both("a value", "任意值"),
            Kind::Bool => Both("a bool", "布尔值"),
            Kind::Int => Both("an int", "整数"),
            Kind::Number => Both("a number", "数字"),
            Kind::Duration => Both("a duration", "时长"),
            Kind::Bytes => Both("bytes", "大小"),
            Kind::Time => Both("a time", "时间"),
            Kind::Text => Both("text", "文本"),
            Kind::Texts => Both("a list of texts", "文本的列表"),
            Kind::List => Both("a list", "列表"),
            Kind::Urls => Both("a url or a list of urls", "一个 url 或 url 的列表"),
            Kind::Credential => Both("text or a secret", "文本或密钥"),
            Kind::Regex => Both("a pattern /…/", "模式 /…/"),
            Kind::TextMap => Both("a map of texts", "文本的映射"),
            Kind::SecretMap => Both("a map of texts and secrets", "文本与密钥的映射"),
            Kind::Payload => Both("text or a map", "文本或映射"),
        }
    }

    /// Does a value of this type fit?
    pub fn fits(self, ty: &Type) -> bool {
        if matches!(ty, Type::Unknown) {
            return true;
        }
        // What comes out of JSON is looked at when it is there.
        let json = matches!(ty, Type::Json);
        match self {
            Kind::Any => !matches!(ty, Type::Secret),
            Kind::Bool => json || matches!(ty, Type::Bool),
            Kind::Int => json || matches!(ty, Type::Int),
            Kind::Number => json || matches!(ty, Type::Int | Type::Float),
            Kind::Duration => json || matches!(ty, Type::Duration),
            Kind::Bytes => json || matches!(ty, Type::Bytes),
            Kind::Time => json || matches!(ty, Type::Time),
            Kind::Text => json || is_text(ty),
            Kind::Texts => {
                json || matches!(inner(ty), Type::List(item) if is_text(item) || is_open(item)) || many_of(ty)
            }
            Kind::List => json || matches!(ty, Type::List(_) | Type::ManyOf(_)),
            Kind::Urls => match inner(ty) {
                Type::List(item) => is_text(item) || is_open(item),
                other => is_text(other),
            },
            Kind::Credential => matches!(inner(ty), Type::Secret) || is_text(inner(ty)),
            // A pattern is no value; where one fits it is read from the tree.
            Kind::Regex => false,
            Kind::TextMap => map_items(ty, &|item| is_text(item) || is_open(item)),
            Kind::SecretMap => {
                map_items(ty, &|item| is_text(item) || is_open(item) || matches!(inner(item), Type::Secret))
            }
            Kind::Payload => json || is_text(ty) || matches!(ty, Type::Map(_) | Type::Record(_) | Type::Secret),
        }
    }
}

fn many_of(ty: &Type) -> bool {
    matches!(inner(ty), Type::ManyOf(_))
}

fn is_open(ty: &Type) -> bool {
    matches!(ty, Type::Json | Type::Unknown)
}

fn map_items(ty: &Type, fits: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Map(item) => fits(item),
        Type::Record(fields) => fields.values().all(fits),
        _ => false,
    }
}

/// Is it text of some kind?
pub fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Text | Type::Url | Type::Path | Type::OneOf(_))
}

/// The type without the "may be null".
pub fn inner(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => inner,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_is_whole_and_said_in_both_languages() {
        for word in words() {
            assert!(word.form.starts_with(word.name), "{}: {}", word.name, word.form);
            assert!(!word.en.is_empty() && !word.zh.is_empty(), "{}", word.name);
            assert!(!word.stands.is_empty(), "{}", word.name);
            let mut names = BTreeSet::new();
            for option in word.all_options() {
                assert!(names.insert(option.name), "{} has {} twice", word.name, option.name);
                assert!(!option.en.is_empty() && !option.zh.is_empty(), "{} {}", word.name, option.name);
            }
        }
    }

    #[test]
    fn a_planned_word_is_not_a_word() {
        for word in PLANNED {
            assert!(find(word, true).is_none() && find(word, false).is_none(), "{word}");
        }
    }

    #[test]
    fn the_grammar_and_the_table_have_the_same_words() {
        let table: BTreeSet<&str> = words().map(|word| word.name).collect();
        let grammar: BTreeSet<&str> = crate::syntax::words().collect();
        assert_eq!(table, grammar);
    }

    #[test]
    fn rollback_is_two_words() {
        assert_eq!(find("rollback", true).map(|word| word.body), Some(Body::Must(Place::Flow)));
        assert_eq!(find("rollback", false).map(|word| word.body), Some(Body::None));
    }
}
