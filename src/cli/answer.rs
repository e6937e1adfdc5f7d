//! `runbook answer RUN KEY VALUE`: judged here against the question that waits, and put into the run's inbox with the
//! digest of that question, so that it can never be taken for the answer to another one.

use jiff::tz::TimeZone;

use super::args::Answer;
use super::exit_code::ExitCode;
use super::history::{self, Past};
use super::refusal::Refusal;
use super::session::Session;
use super::{inputs, output};
use crate::diagnostic::Code;
use crate::drivers::answers::{ends_with_key, entries};
use crate::engine::action::{ActionId, PromptKind, Start, stem_of};
use crate::engine::input::{self, Via};
use crate::engine::limits;
use crate::engine::view::{RunView, WaitingView};
use crate::journal::canonical::question_digest;
use crate::journal::problem::Problem;
use crate::journal::store::{Delivery, Post, Posted, Store};
use crate::run::replay::{Replayed, Unseen};
use crate::text::{Lang, Text};
use crate::value::human;
use crate::value::text::text;

pub(super) fn run(session: &Session, args: &Answer) -> Result<ExitCode, Refusal> {
    let past = history::open(session, &args.run)?;
    let replayed = past.replayed(&mut Unseen)?;
    let (view, _) = past.view(&replayed, inputs::now())?;
    let waiting = waiting(&view, &args.key)?;
    let question = question(&past, &replayed, waiting)?;
    let answer = judged(&view, waiting, args)?;
    let id = waiting.id.clone();
    let post = Post::Answer { prompt: ActionId(id.clone()), question: question_digest(question), answer };
    match past.store.post(&past.run, &Posted { at: inputs::now(), post })? {
        Delivery::Done => {
            let live = past.store.executor(&past.run)?.is_some();
            let lang = session.lang;
            output::say(&if live {
                lang.pick(format!("{id}: answered"), format!("{id}：已答复"))
            } else {
                lang.pick(
                    format!("{id}: answered; it is taken at `runbook resume {}`", past.run),
                    format!("{id}：已答复，将在 `runbook resume {}` 时采用", past.run),
                )
            });
            Ok(ExitCode::Passed)
        }
        Delivery::Already(first) => {
            let said = match &first.post {
                Post::Answer { answer, .. } => {
                    let zone = TimeZone::get(&view.timezone).unwrap_or(TimeZone::UTC);
                    let value = |lang| human::value(&answer.value, &zone, lang);
                    let value = Text { en: value(Lang::En), zh: value(Lang::Zh) };
                    crate::text!("{}, by {}", "{}（{}）", value, answer.by)
                }
                Post::Command { by, .. } => crate::text!("by {by}", "由 {by}"),
            };
            Err(Problem::new(Code::RB0912, crate::text!("{} was answered already: {}", "{} 已有答复：{}", id, said))
                .into())
        }
    }
}

/// The prompt that is meant: by instance, static key or unique ending.
fn waiting<'a>(view: &'a RunView, key: &str) -> Result<&'a WaitingView, Problem> {
    // A whole name is no ending of another one: `what` means it, also where `bad/what` waits.
    let is_whole = |waiting: &&WaitingView| [&waiting.id, stem_of(&waiting.id), &waiting.key].contains(&key);
    let whole: Vec<&WaitingView> = view.waiting.iter().filter(is_whole).collect();
    let fits = if whole.is_empty() {
        let ends =
            |waiting: &&WaitingView| ends_with_key(&waiting.key, key) || ends_with_key(stem_of(&waiting.id), key);
        view.waiting.iter().filter(ends).collect()
    } else {
        whole
    };
    let listed = || view.waiting.iter().map(|waiting| waiting.id.as_str()).collect::<Vec<_>>().join(", ");
    match fits.as_slice() {
        [one] => Ok(one),
        [] => {
            let problem = Problem::new(
                Code::RB0912,
                crate::text!("the run does not ask for {key} now", "该次运行现在没有询问 {key}"),
            );
            Err(if view.waiting.is_empty() {
                problem.help(crate::text!("it asks nothing at all now", "它现在没有任何询问"))
            } else {
                problem.help(crate::text!("it waits for {}", "它在等待：{}", listed()))
            })
        }
        [..] => {
            let keys = listed();
            let message = crate::text!(
                "{key} is the end of several prompts' keys: {keys}",
                "有多个问题的键以 {key} 结尾：{keys}"
            );
            Err(Problem::new(Code::RB0912, message))
        }
    }
}

fn question<'a>(past: &Past, replayed: &'a Replayed, waiting: &WaitingView) -> Result<&'a Start, Problem> {
    replayed.asked.get(&ActionId(waiting.id.clone())).ok_or_else(|| {
        let (run, id) = (&past.run, &waiting.id);
        Problem::new(Code::RB0912, crate::text!("{run} does not ask for {id} now", "{run} 现在没有询问 {id}"))
    })
}

fn judged(view: &RunView, waiting: &WaitingView, args: &Answer) -> Result<input::Answer, Problem> {
    let zone = TimeZone::get(&view.timezone).unwrap_or(TimeZone::UTC);
    let misfit = |reason: &Text| {
        let told = crate::text!("{} does not fit {}: {}", "{} 不符合 {} 的要求：{}", args.value, waiting.id, reason);
        Problem::new(Code::RB0842, told)
    };
    let spec = &waiting.prompt.answer;
    let value = if let PromptKind::Collect { fields } = &waiting.prompt.kind {
        entries(fields, &args.value, &zone).map_err(|why| misfit(&why))?
    } else {
        spec.read(&args.value, &zone).map_err(|error| misfit(&limits::words(&error)))?
    };
    if let Some(refused) = waiting.prompt.choices.iter().find(|choice| text(&value) == choice.key)
        && let Some(why) = &refused.refused
    {
        return Err(misfit(why));
    }
    if waiting.prompt.kind.lacks_reason(&value, args.note.as_deref()) {
        let problem = Problem::new(
            Code::RB0842,
            crate::text!(
                "{} is an answer to {} that needs a reason",
                "用 {} 答复 {} 需要说明原因",
                args.value,
                waiting.id
            ),
        );
        return Err(problem.help(crate::text!("give it with --note \"…\"", "请用 --note \"…\" 说明")));
    }
    let by = inputs::user();
    if let Some(role) = waiting.prompt.by.as_ref().filter(|role| !role.people.is_empty() && !role.people.contains(&by))
    {
        let people = role.people.join(", ");
        let id = &waiting.id;
        let message = crate::text!("{id} is answered by {people}; you are {by}", "{id} 须由 {people} 答复；您是 {by}");
        return Err(Problem::new(Code::RB0912, message));
    }
    if waiting.prompt.not_executor && by == view.executor {
        let id = &waiting.id;
        let message = crate::text!("{id} is not answered by the executor, {by}", "{id} 不能由执行者 {by} 答复");
        return Err(Problem::new(Code::RB0912, message));
    }
    let (note, evidence) = (args.note.clone(), args.evidence.clone());
    Ok(input::Answer { value, by, told_by: None, via: Via::Inbox, note, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::view::sample;

    #[test]
    fn a_prompt_is_meant_by_its_instance_its_key_or_the_end_of_it() {
        let mut view = sample::run();
        let first = view.waiting[0].clone();
        let named = |id: &str, key: &str| WaitingView { id: id.to_owned(), key: key.to_owned(), ..first.clone() };
        view.waiting = vec![named("bad/what#1", "bad/what"), named("what#1", "what"), named("bad/go#1", "bad/go")];
        let meant = |view: &RunView, key: &str| waiting(view, key).map(|one| one.id.clone()).map_err(|e| e.to_string());
        assert_eq!(meant(&view, "go").as_deref(), Ok("bad/go#1"));
        assert_eq!(meant(&view, "what").as_deref(), Ok("what#1"), "a whole key is no ending");
        view.waiting.push(named("bad/what#2", "bad/what"));
        assert!(meant(&view, "bad/what").is_err());
        assert_eq!(meant(&view, "bad/what#2").as_deref(), Ok("bad/what#2"));
        view.waiting = vec![named("put[a]/go#1", "put/go"), named("put[b]/go#1", "put/go")];
        assert!(meant(&view, "go").is_err());
        assert_eq!(meant(&view, "put[b]/go").as_deref(), Ok("put[b]/go#1"), "the pass need not be written");
    }
}
