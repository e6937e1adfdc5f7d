//! The small dialogue of one prompt: the answer, then what belongs to it.
//!
//! | stage | asks for | leads to |
//! |---|---|---|
//! | `Value` | the answer itself | `Text`, `Reason`, `Evidence`, `Speaker`, the end |
//! | `Text` | more lines, until an empty one | as `Value` |
//! | `More` | another entry? (collect) | `Field`, the end |
//! | `Field` | one question of an entry | the next `Field`, `More` |
//! | `Reason` | why (skip, abort, not applicable …) | `Evidence`, `Speaker`, the end; an empty line: back |
//! | `Evidence` | a path or link | `Speaker`, the end; an empty line: asked again |
//! | `Speaker` | who says so, where several may | the end |
//! | `Because` | why, of a command | the command; an empty line: back |

use std::collections::BTreeMap;

use super::words::Word;
use super::{Asked, Interpreted, interpret, lacks_reason, opening};
use crate::console::style::{Paint, Style};
use crate::engine::action::{Field, Prompt, PromptKind, Start, Words};
use crate::engine::input::{Command, MAX_INLINE_BYTES};
use crate::engine::view::RunView;
use crate::engine::world::ViewRequest;
use crate::value::Value;
use crate::value::answer::{AnswerSpec, yes_or_no};
use crate::value::nearest::nearest;
use crate::value::types::Type;

/// Whose terminal it is.
#[derive(Clone, Debug)]
pub struct Context {
    /// Id of the run.
    pub run: String,
    /// The user who runs it.
    pub executor: String,
    /// In a simulation anybody may be played.
    pub simulated: bool,
    /// How lines are drawn.
    pub style: Style,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Of the prompt's type.
    pub value: Value,
    /// Who answers.
    pub by: String,
    /// Who typed it for them.
    pub told_by: Option<String>,
    /// Words with it.
    pub note: Option<String>,
    /// A path or link.
    pub evidence: Option<String>,
}

/// What a typed line led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Say this, and ask on.
    Ask(Vec<String>),
    /// The answer is complete.
    Answer(Given),
    /// Something that was not asked for; the question stays open.
    Command(Command),
    /// A look at something; the question stays open.
    View(ViewRequest),
}

/// Whose answer it is when it is typed at the executor's terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The executor's own.
    Executor,
    /// One of these, as told by the executor.
    Told(Vec<String>),
    /// Nobody's here: it must come from another user.
    Elsewhere,
    /// Whoever is played, in a simulation; with the one who is meant.
    Persona(String),
}

/// The dialogue of one prompt.
#[derive(Clone, Debug)]
pub struct PromptDialogue {
    id: String,
    key: String,
    title: Words,
    prompt: Prompt,
    context: Context,
    stage: Stage,
    entries: Vec<Value>,
    given: Partial,
}

#[derive(Clone, Debug, Default)]
struct Partial {
    value: Value,
    note: Option<String>,
    evidence: Option<String>,
}

#[derive(Clone, Debug)]
enum Stage {
    Value,
    Text(String),
    More,
    Field(usize, BTreeMap<String, Value>, Option<String>),
    Reason,
    Evidence,
    Speaker,
    Because(Command),
}

impl PromptDialogue {
    /// At its beginning.
    pub fn new(start: &Start, prompt: &Prompt, context: Context) -> Self {
        let mut dialogue = Self {
            id: start.id.0.clone(),
            key: start.key.clone(),
            title: start.title.clone(),
            prompt: prompt.clone(),
            context,
            stage: Stage::Value,
            entries: Vec::new(),
            given: Partial::default(),
        };
        dialogue.stage = dialogue.first();
        dialogue
    }

    /// What is shown when the prompt opens, or comes back after a more urgent one.
    pub fn opening(&self, run: &RunView) -> Vec<String> {
        opening::lines(self, run)
    }

    /// What stands before the cursor.
    pub fn cursor(&self) -> String {
        let style = &self.context.style;
        let text = match &self.stage {
            Stage::Value => String::new(),
            Stage::Text(_) => "… ".to_owned(),
            Stage::More if self.entries.is_empty() => {
                style.pick("record an entry? (y/n) ", "是否记录？(y/n) ").to_owned()
            }
            Stage::More => style.pick("another entry? (y/n) ", "是否再记录一条？(y/n) ").to_owned(),
            Stage::Field(index, _, None) => {
                let field = self.field(*index);
                let title = field.map_or("", |field| field.title.said(style.lang));
                let hint = field.map(|field| opening::field_hint(&field.answer, style)).unwrap_or_default();
                format!("{title} ({hint}) ")
            }
            Stage::Field(_, _, Some(_)) => "… ".to_owned(),
            Stage::Reason | Stage::Because(_) => style.pick("reason ", "原因 ").to_owned(),
            Stage::Evidence => {
                let title = self.prompt.evidence.as_ref().map_or("", |title| title.said(style.lang));
                let word = style.pick("evidence, a path or link", "证据（路径或链接）");
                format!("{word}{}{title} ", style.colon())
            }
            Stage::Speaker => style.pick("who says so? ", "由谁答复？ ").to_owned(),
        };
        style.paint(Paint::Ask, &format!("{text}{}", style.sign("❯ ", "> ")))
    }

    /// Takes one typed line; a pasted one may hold newlines.
    pub fn feed(&mut self, line: &str) -> Next {
        let line = line.trim_end_matches(['\n', '\r']);
        match std::mem::replace(&mut self.stage, Stage::Value) {
            Stage::Value => self.value(line),
            Stage::Text(text) => match collected(text, line) {
                Ok(whole) => self.text_done(&whole),
                Err(more) => self.ask(Stage::Text(more), Vec::new()),
            },
            Stage::More => self.more(line),
            Stage::Field(index, entry, open) => self.fill(index, entry, open, line),
            Stage::Reason => {
                if line.trim().is_empty() {
                    let lines =
                        vec![self.pick("no reason, no answer: the question is open", "没有原因则不作答，问题仍待答复")];
                    return self.ask(self.first(), lines);
                }
                self.given.note = Some(line.trim().to_owned());
                self.after_reason()
            }
            Stage::Evidence => {
                if line.trim().is_empty() {
                    let lines = vec![self.pick("evidence is needed: a path or link", "必须提供证据：路径或链接")];
                    return self.ask(Stage::Evidence, lines);
                }
                self.given.evidence = Some(line.trim().to_owned());
                self.after_evidence()
            }
            Stage::Speaker => self.named(line.trim()),
            Stage::Because(command) => {
                let because = line.trim().to_owned();
                let back = self.first();
                if because.is_empty() {
                    let lines = vec![
                        self.pick("no reason, nothing done: the question is open", "没有原因则不执行，问题仍待答复"),
                    ];
                    return self.ask(back, lines);
                }
                self.stage = back;
                Next::Command(with_reason(command, because))
            }
        }
    }

    /// Where the answer itself is asked for.
    pub fn asked(&self) -> Option<Asked<'_>> {
        match &self.stage {
            Stage::Value => Some(Asked::of(&self.prompt, &self.key)),
            Stage::Field(index, _, None) => self.field(*index).map(|field| self.asked_field(field)),
            Stage::Text(_)
            | Stage::More
            | Stage::Field(_, _, Some(_))
            | Stage::Reason
            | Stage::Evidence
            | Stage::Speaker
            | Stage::Because(_) => None,
        }
    }

    /// Its static key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The prompt itself, where another one may have the same key.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn title(&self) -> &Words {
        &self.title
    }

    pub(super) fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// Whose answer it is.
    pub fn speaker(&self) -> Speaker {
        let Context { executor, simulated, .. } = &self.context;
        let people = self.prompt.by.as_ref().map(|by| by.people.as_slice()).unwrap_or_default();
        let own = people.is_empty() || people.contains(executor);
        match (own, self.prompt.not_executor, simulated) {
            (true, false, _) => Speaker::Executor,
            (_, _, true) => {
                let role = self.prompt.by.as_ref().map(|by| by.key.clone());
                Speaker::Persona(people.iter().find(|name| *name != executor).cloned().or(role).unwrap_or_default())
            }
            (_, true, false) => Speaker::Elsewhere,
            (false, false, false) => Speaker::Told(people.to_vec()),
        }
    }

    fn first(&self) -> Stage {
        if let PromptKind::Collect { .. } = self.prompt.kind { Stage::More } else { Stage::Value }
    }

    fn pick(&self, en: &str, zh: &str) -> String {
        self.context.style.pick(en, zh).to_owned()
    }

    fn ask(&mut self, stage: Stage, lines: Vec<String>) -> Next {
        self.stage = stage;
        Next::Ask(lines)
    }

    /// Passes a command or a look on; the stage stays.
    fn aside(&mut self, stage: Stage, interpreted: Interpreted) -> Next {
        match interpreted {
            Interpreted::Command(command) if lacks_reason(&command) => self.ask(Stage::Because(command), Vec::new()),
            Interpreted::Command(command) => {
                self.stage = stage;
                Next::Command(command)
            }
            Interpreted::View(view) => {
                self.stage = stage;
                Next::View(view)
            }
            Interpreted::Again(lines) => self.ask(stage, lines),
            Interpreted::Answer { .. } => self.ask(stage, Vec::new()),
        }
    }

    fn value(&mut self, line: &str) -> Next {
        let (lang, zone) = (self.context.style.lang, self.context.style.zone.clone());
        let asked = Asked::of(&self.prompt, &self.key);
        match interpret(line, asked, lang, &zone) {
            Interpreted::Answer { .. } if self.speaker() == Speaker::Elsewhere => {
                let lines = vec![opening::elsewhere(self, &self.context.style)];
                self.ask(Stage::Value, lines)
            }
            Interpreted::Answer { .. } if begins_text(&self.prompt.answer, line) => {
                self.ask(Stage::Text(line.to_owned()), Vec::new())
            }
            Interpreted::Answer { value, note } => {
                self.given = Partial { value, note, evidence: None };
                self.after_value()
            }
            // The first line alone may be too short for what the whole text will be.
            Interpreted::Again(_) if begins_text(&self.prompt.answer, line) && Word::first_of(line).is_none() => {
                self.ask(Stage::Text(line.to_owned()), Vec::new())
            }
            other @ (Interpreted::Command(_) | Interpreted::View(_) | Interpreted::Again(_)) => {
                self.aside(Stage::Value, other)
            }
        }
    }

    fn text_done(&mut self, whole: &str) -> Next {
        match self.prompt.answer.read(whole, &self.context.style.zone) {
            Ok(value) => {
                self.given = Partial { value, note: None, evidence: None };
                self.after_value()
            }
            Err(error) => {
                let lines = vec![error.text(self.context.style.lang)];
                self.ask(Stage::Value, lines)
            }
        }
    }

    fn after_value(&mut self) -> Next {
        if self.prompt.kind.lacks_reason(&self.given.value, self.given.note.as_deref()) {
            return self.ask(Stage::Reason, Vec::new());
        }
        self.after_reason()
    }

    fn after_reason(&mut self) -> Next {
        if self.prompt.evidence.is_some() && positive(&self.given.value) {
            return self.ask(Stage::Evidence, Vec::new());
        }
        self.after_evidence()
    }

    fn after_evidence(&mut self) -> Next {
        match self.speaker() {
            Speaker::Executor => self.done(self.context.executor.clone(), None),
            Speaker::Told(people) => match people.as_slice() {
                [one] => self.done(one.clone(), Some(self.context.executor.clone())),
                several => {
                    let names = several.join(", ");
                    self.ask(Stage::Speaker, vec![names])
                }
            },
            Speaker::Persona(meant) => {
                let line = self.context.style.lang.pick(
                    format!("simulated: any name will do, Enter alone takes {meant}"),
                    format!("模拟运行：可用任何姓名，直接回车取 {meant}"),
                );
                self.ask(Stage::Speaker, vec![line])
            }
            Speaker::Elsewhere => {
                let lines = vec![opening::elsewhere(self, &self.context.style)];
                self.ask(self.first(), lines)
            }
        }
    }

    fn named(&mut self, name: &str) -> Next {
        match self.speaker() {
            Speaker::Persona(meant) => {
                let by = if name.is_empty() { meant } else { name.to_owned() };
                self.done(by, None)
            }
            Speaker::Told(people) => {
                if people.iter().any(|person| person == name) {
                    return self.done(name.to_owned(), Some(self.context.executor.clone()));
                }
                let near = nearest(name, people.iter().map(String::as_str));
                let lang = self.context.style.lang;
                let meant =
                    near.map(|near| lang.pick(format!("; did you mean {near}?"), format!("；是否想写 {near}？")));
                let names = people.join(", ");
                let meant = meant.unwrap_or_default();
                let line = lang.pick(format!("one of {names}{meant}"), format!("请输入其中之一：{names}{meant}"));
                self.ask(Stage::Speaker, vec![line])
            }
            Speaker::Executor | Speaker::Elsewhere => self.after_evidence(),
        }
    }

    fn done(&mut self, by: String, told_by: Option<String>) -> Next {
        let Partial { value, note, evidence } = std::mem::take(&mut self.given);
        self.stage = self.first();
        Next::Answer(Given { value, by, told_by, note, evidence })
    }

    fn fields(&self) -> &[Field] {
        if let PromptKind::Collect { fields } = &self.prompt.kind { fields } else { &[] }
    }

    fn field(&self, index: usize) -> Option<&Field> {
        self.fields().get(index)
    }

    fn asked_field<'a>(&'a self, field: &'a Field) -> Asked<'a> {
        Asked {
            spec: &field.answer,
            choices: &[],
            default: None,
            key: &self.key,
            can_rollback: self.prompt.can_rollback,
            refused: &[],
        }
    }

    fn more(&mut self, line: &str) -> Next {
        match yes_or_no(line) {
            Some(true) => self.ask(Stage::Field(0, BTreeMap::new(), None), Vec::new()),
            Some(false) => {
                let entries = std::mem::take(&mut self.entries);
                self.given = Partial { value: Value::List(entries), note: None, evidence: None };
                self.after_evidence()
            }
            None => {
                let (lang, zone) = (self.context.style.lang, self.context.style.zone.clone());
                let spec = AnswerSpec::of(Type::Bool);
                let asked = Asked {
                    spec: &spec,
                    choices: &[],
                    default: None,
                    key: &self.key,
                    can_rollback: self.prompt.can_rollback,
                    refused: &[],
                };
                let interpreted = interpret(line, asked, lang, &zone);
                self.aside(Stage::More, interpreted)
            }
        }
    }

    fn fill(&mut self, index: usize, mut entry: BTreeMap<String, Value>, open: Option<String>, line: &str) -> Next {
        let (lang, zone) = (self.context.style.lang, self.context.style.zone.clone());
        let Some(field) = self.field(index).cloned() else { return self.ask(Stage::More, Vec::new()) };
        let read = match open {
            Some(text) => match collected(text, line) {
                Err(more) => return self.ask(Stage::Field(index, entry, Some(more)), Vec::new()),
                Ok(whole) => match field.answer.read(&whole, &zone) {
                    Ok(value) => value,
                    Err(error) => return self.ask(Stage::Field(index, entry, None), vec![error.text(lang)]),
                },
            },
            None => match interpret(line, self.asked_field(&field), lang, &zone) {
                Interpreted::Answer { .. } if begins_text(&field.answer, line) => {
                    return self.ask(Stage::Field(index, entry, Some(line.to_owned())), Vec::new());
                }
                Interpreted::Answer { value, .. } => value,
                other @ (Interpreted::Command(_) | Interpreted::View(_) | Interpreted::Again(_)) => {
                    return self.aside(Stage::Field(index, entry, None), other);
                }
            },
        };
        entry.insert(field.name, read);
        if index + 1 < self.fields().len() {
            return self.ask(Stage::Field(index + 1, entry, None), Vec::new());
        }
        self.entries.push(Value::Map(entry));
        self.ask(Stage::More, Vec::new())
    }
}

/// Does a line begin a text of several lines?
fn begins_text(spec: &AnswerSpec, line: &str) -> bool {
    spec.ty == Type::Text
        && spec.typed.is_none()
        && !line.trim().is_empty()
        && !line.trim_start().starts_with([':', '：'])
}

/// The text with one more line; `Ok` when that line ended it.
fn collected(text: String, line: &str) -> Result<String, String> {
    if line.trim().is_empty() || text.len() > MAX_INLINE_BYTES { Ok(text) } else { Err(format!("{text}\n{line}")) }
}

/// Does evidence belong to it? Not to a "no", a failure, or what does not apply.
fn positive(value: &Value) -> bool {
    if let Value::Text(key) = value {
        !matches!(key.as_str(), "failed" | "not_applicable" | "skip" | "abort" | "suspend" | "rollback" | "fail")
    } else {
        !matches!(value, Value::Bool(false) | Value::Null)
    }
}

fn with_reason(command: Command, because: String) -> Command {
    match command {
        Command::Abort { .. } => Command::Abort { because },
        Command::Rollback { .. } => Command::Rollback { because },
        Command::Suspend
        | Command::Note { .. }
        | Command::Set { .. }
        | Command::Shell { .. }
        | Command::Jump { .. }
        | Command::Skip { .. }
        | Command::Add { .. } => command,
    }
}

#[cfg(test)]
mod tests;
