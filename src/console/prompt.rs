//! What is typed at a prompt: an answer, a command, a look at something, or a slip that is asked again. A slip is never
//! a "no", and nothing typed is a "yes" but a yes.

pub mod complete;
pub mod dialogue;
mod opening;
pub mod words;

use jiff::tz::TimeZone;

use crate::engine::action::{Choice, Prompt, PromptKind};
use crate::engine::input::Command;
use crate::engine::world::ViewRequest;
use crate::text;
use crate::text::Lang;
use crate::value::Value;
use crate::value::answer::AnswerSpec;
use crate::value::nearest::nearest;
use crate::value::types::Type;
use words::{Word, help, split_because};

/// What a typed line means.
#[derive(Clone, Debug, PartialEq)]
pub enum Interpreted {
    /// An answer, with the words behind `because`.
    Answer {
        /// Of the prompt's type.
        value: Value,
        /// The reason, where one was typed with it.
        note: Option<String>,
    },
    /// Something that was not asked for. A reason that is missing is empty; see [`lacks_reason`].
    Command(Command),
    /// A look at something.
    View(ViewRequest),
    /// Not understood, or not possible here: what to say. The question stays open.
    Again(Vec<String>),
}

/// What is asked for by one line.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What fits.
    pub spec: &'a AnswerSpec,
    /// Choices, where there are some.
    pub choices: &'a [Choice],
    /// Taken for an empty line.
    pub default: Option<&'a Value>,
    /// Key of the prompt, for `why` and `source`.
    pub key: &'a str,
    /// Rollback may be chosen.
    pub can_rollback: bool,
    /// Keys of what failed or was skipped, so that it cannot be confirmed now.
    pub refused: &'a [String],
}

impl<'a> Asked<'a> {
    /// The main question of a prompt.
    pub fn of(prompt: &'a Prompt, key: &'a str) -> Self {
        let refused: &[String] = if let PromptKind::Confirm { refused, .. } = &prompt.kind { refused } else { &[] };
        Self {
            spec: &prompt.answer,
            choices: &prompt.choices,
            default: prompt.default.as_ref(),
            key,
            can_rollback: prompt.can_rollback,
            refused,
        }
    }

    /// Any text would fit, so that a command must be told from an answer: it begins with `:`, or is one of few whole words.
    fn takes_any_text(&self) -> bool {
        self.spec.typed.is_none() && matches!(self.spec.ty, Type::String | Type::Text | Type::Url | Type::Path)
    }
}

/// What a line means at a prompt. An answer comes before a command: where `skip` is one of the choices, it is chosen.
pub fn interpret(line: &str, asked: Asked<'_>, lang: Lang, zone: &TimeZone) -> Interpreted {
    let typed = line.trim();
    if let Some(command) = typed.strip_prefix([':', '：']) {
        return command_or_again(command.trim(), asked.key, asked.can_rollback, lang, zone, Some(asked));
    }
    if typed.is_empty() {
        return empty(asked, lang);
    }
    let word = Word::first_of(typed);
    if asked.takes_any_text() {
        // Few would note the word "abort" alone and mean it as a note; whoever does writes `:answer abort`.
        return match word {
            Some((word, rest)) if word.stands_alone(rest) => {
                command_or_again(typed, asked.key, asked.can_rollback, lang, zone, Some(asked))
            }
            Some(_) | None => answer(line, asked, lang, zone),
        };
    }
    match answer(typed, asked, lang, zone) {
        Interpreted::Again(slip) => {
            if word.is_some() {
                return command_or_again(typed, asked.key, asked.can_rollback, lang, zone, Some(asked));
            }
            let first = typed.split_whitespace().next().unwrap_or_default();
            let answers = asked.choices.iter().map(|choice| choice.key.as_str());
            let near_answer = nearest(first, answers.chain(["yes", "no"]));
            match nearest(first, Word::ALL.iter().map(|word| word.names().0)) {
                Some(near) if near_answer.is_none() => {
                    let mut lines = slip;
                    lines.push(lang.pick(format!("or the command `{near}`?"), format!("或者是命令“{near}”？")));
                    Interpreted::Again(lines)
                }
                Some(_) | None => Interpreted::Again(slip),
            }
        }
        understood @ (Interpreted::Answer { .. } | Interpreted::Command(_) | Interpreted::View(_)) => understood,
    }
}

/// What a line means where nothing is asked: only commands.
pub fn interpret_unasked(line: &str, can_rollback: bool, lang: Lang, zone: &TimeZone) -> Interpreted {
    let typed = line.trim().trim_start_matches([':', '：']).trim();
    if typed.is_empty() {
        return Interpreted::Again(Vec::new());
    }
    command_or_again(typed, "", can_rollback, lang, zone, None)
}

fn empty(asked: Asked<'_>, lang: Lang) -> Interpreted {
    match asked.default {
        Some(value) => Interpreted::Answer { value: value.clone(), note: None },
        None if asked.spec.optional => Interpreted::Answer { value: Value::Null, note: None },
        None => Interpreted::Again(vec![crate::value::answer::AnswerError::Empty.text(lang)]),
    }
}

fn answer(typed: &str, asked: Asked<'_>, lang: Lang, zone: &TimeZone) -> Interpreted {
    let (body, note) = if asked.takes_any_text() { (typed, None) } else { split_because(typed) };
    let chosen = chosen(body, asked.choices, lang);
    let read = match chosen {
        Some(choice) => Ok(Value::Text(choice.key.clone())),
        None => asked.spec.read(body, zone),
    };
    match read {
        Ok(value) => match refused(&value, asked, lang) {
            Some(why) => Interpreted::Again(vec![why]),
            None => Interpreted::Answer { value, note },
        },
        Err(error) => Interpreted::Again(vec![error.text(lang)]),
    }
}

/// The choice that is meant: by key, by number, by title.
fn chosen<'a>(typed: &str, choices: &'a [Choice], lang: Lang) -> Option<&'a Choice> {
    let by_key = choices.iter().find(|choice| choice.key == typed);
    let by_number = || typed.parse::<usize>().ok().and_then(|number| choices.get(number.checked_sub(1)?));
    let by_title = || {
        choices.iter().find(|choice| {
            let title = choice.title.said(lang);
            (!title.is_empty() && title == typed) || choice.title.text == typed && !typed.is_empty()
        })
    };
    // The Chinese name of a command is that of the built-in choice, too: `跳过` means `skip`.
    let by_word = || {
        let word = Word::ALL.iter().find(|word| word.names().1 == typed)?;
        choices.iter().find(|choice| choice.key == word.names().0)
    };
    by_key.or_else(by_number).or_else(by_title).or_else(by_word)
}

fn refused(value: &Value, asked: Asked<'_>, lang: Lang) -> Option<String> {
    if let Value::Text(key) = value
        && let Some(why) = asked.choices.iter().find(|choice| choice.key == *key)?.refused.as_ref()
    {
        return Some(text!("{} is not possible: {}", "不能选择 {}：{}", key, why).get(lang).to_owned());
    }
    if *value == Value::Bool(true) && !asked.refused.is_empty() {
        let keys = asked.refused.join(", ");
        return Some(lang.pick(
            format!("it cannot be confirmed while these are failed or skipped: {keys}"),
            format!("以下项目失败或被跳过，目前不能确认：{keys}"),
        ));
    }
    None
}

fn command_or_again(
    typed: &str,
    key: &str,
    can_rollback: bool,
    lang: Lang,
    zone: &TimeZone,
    asked: Option<Asked<'_>>,
) -> Interpreted {
    let again = |en: String, zh: String| Interpreted::Again(vec![lang.pick(en, zh)]);
    let Some((word, rest)) = Word::first_of(typed) else {
        let first = typed.split_whitespace().next().unwrap_or_default();
        let near = nearest(first, Word::ALL.iter().map(|word| word.names().0));
        let (en, zh) = match near {
            Some(near) => (format!("; did you mean `{near}`?"), format!("；是否想写“{near}”？")),
            None => ("; `help` lists them".to_owned(), "；输入 help 查看全部命令".to_owned()),
        };
        return again(format!("“{first}” is no command{en}"), format!("没有“{first}”这个命令{zh}"));
    };
    let usage = || Interpreted::Again(vec![word.usage(lang)]);
    let key_or = |rest: &str| if rest.is_empty() { key.to_owned() } else { rest.to_owned() };
    let because = words::reason(rest);
    match word {
        Word::Status => Interpreted::View(ViewRequest::Status),
        Word::Vars => Interpreted::View(ViewRequest::Vars),
        Word::Metrics => Interpreted::View(ViewRequest::Metrics),
        Word::Log => Interpreted::View(ViewRequest::Log),
        Word::Source => Interpreted::View(ViewRequest::Source(key_or(rest))),
        Word::Why => Interpreted::View(ViewRequest::Why(key_or(rest))),
        Word::Help => Interpreted::Again(help(lang, asked.is_some())),
        Word::Note if rest.is_empty() => usage(),
        Word::Note => Interpreted::Command(Command::Note { text: rest.to_owned() }),
        Word::Sh if rest.is_empty() => usage(),
        Word::Sh => Interpreted::Command(Command::Shell { command: rest.to_owned() }),
        Word::Set => match rest.split_once(['=', '＝']) {
            Some((name, value)) if words::is_path(name.trim()) => {
                Interpreted::Command(Command::Set { name: name.trim().to_owned(), value: value.trim().to_owned() })
            }
            Some(_) | None => usage(),
        },
        Word::Jump if rest.is_empty() => usage(),
        Word::Jump => Interpreted::Command(Command::Jump { key: rest.to_owned() }),
        Word::Add if rest.is_empty() => usage(),
        Word::Add => Interpreted::Command(Command::Add { collect: rest.to_owned() }),
        Word::Suspend => Interpreted::Command(Command::Suspend),
        Word::Abort => Interpreted::Command(Command::Abort { because }),
        Word::Rollback if can_rollback => Interpreted::Command(Command::Rollback { because }),
        Word::Rollback => again(
            "nothing can be rolled back here; `abort because …` ends the run".to_owned(),
            "目前没有可回滚的内容；可用 abort because … 中止".to_owned(),
        ),
        Word::Skip => match skipped_wait(rest, asked.is_some()) {
            Some((key, because)) => Interpreted::Command(Command::Skip { key, because }),
            None if asked.is_none() => usage(),
            None => again(
                "this cannot be skipped; `skip wait` ends a wait".to_owned(),
                "这里不能跳过；skip wait 可结束等待".to_owned(),
            ),
        },
        Word::Retry => again(
            "there is nothing to try again here: `retry` stands in the menu of a failure".to_owned(),
            "这里没有可重试的内容：retry 只用于失败菜单".to_owned(),
        ),
        Word::Answer => match asked {
            Some(asked) => answer(rest, asked, lang, zone),
            None => again("nothing is asked".to_owned(), "目前没有待答复的问题".to_owned()),
        },
    }
}

/// The wait that a `skip` means, and why: `KEY because REASON`, each part where it is there. At a question `wait` stands
/// before it, so that nobody ends a wait who meant the question.
fn skipped_wait(rest: &str, asked: bool) -> Option<(Option<String>, String)> {
    let wait = ["wait", "等待"].iter().find_map(|word| rest.strip_prefix(word));
    let wait =
        wait.filter(|behind| behind.is_empty() || behind.starts_with([' ', '，', ',']) || behind.starts_with("因为"));
    if asked && wait.is_none() {
        return None;
    }
    let (key, because) = words::before_because(wait.unwrap_or(rest));
    match key.split_whitespace().count() {
        0 => Some((None, because)),
        1 => Some((Some(key.to_owned()), because)),
        _several => None,
    }
}

/// Must this command be given a reason that it lacks?
pub fn lacks_reason(command: &Command) -> bool {
    match command {
        Command::Abort { because } | Command::Rollback { because } => because.is_empty(),
        Command::Suspend
        | Command::Note { .. }
        | Command::Set { .. }
        | Command::Shell { .. }
        | Command::Jump { .. }
        | Command::Skip { .. }
        | Command::Add { .. } => false,
    }
}

#[cfg(test)]
mod tests;
