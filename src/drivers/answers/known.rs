//! Which prompts a runbook can ask, so that an answers file is judged before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::{Answers, Entry, Form, Misfit, Ready, ends_with_key, item};
use crate::check::program::{AnswerType, Collect, Expr, ExprKind, Node, NodeKind, Program, TextPart};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::action::{Field, Words};
use crate::text;
use crate::value::Value;
use crate::value::answer::AnswerSpec;
use crate::value::nearest::nearest;
use crate::value::types::Type;

/// A prompt that can be asked.
struct Known {
    key: String,
    form: Form,
    /// How many different people must agree.
    quorum: usize,
    /// Which of its passes asks first is not known: they run at once.
    at_once: bool,
}

impl Known {
    fn of_one(key: impl Into<String>, form: Form) -> Self {
        Self { key: key.into(), form, quorum: 1, at_once: false }
    }
}

/// Built-in prompts of a statement: what follows its key, and the choices.
const BUILT_IN: &[(&str, &[&str])] = &[
    ("!failed", &["retry", "skip", "rollback", "suspend", "abort"]),
    ("!in_doubt", &["ran", "run_again", "abort"]),
    ("!half", &["run", "skip"]),
    ("!accept", YES_NO),
    ("!next", YES_NO),
    ("!deviation", YES_NO),
];

/// No choices: yes or no.
const YES_NO: &[&str] = &[];

/// Most candidates of a diagnostic that lists them.
const MAX_LISTED: usize = 8;

/// What is wrong with the answers for this runbook: unknown and ambiguous keys, values that do not fit. Limits that are
/// known only while it runs are judged then.
pub fn fitting(answers: &Answers, program: &Program, zone: &TimeZone) -> Vec<Diagnostic> {
    let known = prompts(program);
    answers.entries.iter().filter_map(|entry| judge(entry, &known, program, zone)).collect()
}

fn judge(entry: &Entry, known: &[Known], program: &Program, zone: &TimeZone) -> Option<Diagnostic> {
    let mut fits: Vec<&Known> = known.iter().filter(|prompt| means(&entry.key, &prompt.key)).collect();
    if let Some(exact) = fits.iter().position(|prompt| prompt.key == entry.key) {
        fits = fits.split_off(exact);
        fits.truncate(1);
    }
    match fits.as_slice() {
        [] => match built_in(entry, program) {
            Some(form) => misfit(entry, &Known::of_one(&entry.key, form), zone),
            None => Some(unknown(entry, known)),
        },
        [prompt] => misfit(entry, prompt, zone).or_else(|| unordered(entry, prompt)),
        several => {
            let keys: Vec<&str> = several.iter().take(MAX_LISTED).map(|prompt| prompt.key.as_str()).collect();
            let key = &entry.key;
            let message = text!("`{key}` is the end of several prompts' keys", "有多个问题的键以 `{key}` 结尾");
            let help = text!("write more of one: {}", "请写得更完整：{}", keys.join(", "));
            Some(Diagnostic::error(Code::RB0841, entry.key_span, message).help(help))
        }
    }
}

/// Does a key of the file mean the prompt of this static key, or one of its passes?
fn means(own: &str, key: &str) -> bool {
    if item::names_one(own) { item::may_be(own, key) } else { ends_with_key(key, own) }
}

/// Answers that differ, one a pass, where nobody knows which pass asks first.
fn unordered(entry: &Entry, prompt: &Known) -> Option<Diagnostic> {
    let answers = prompt.form.passes(&entry.value);
    if !prompt.at_once || item::names_one(&entry.key) || answers.windows(2).all(|two| two.first() == two.last()) {
        return None;
    }
    let key = &entry.key;
    let message = text!(
        "the passes that ask `{key}` run at once: which of them gets which answer is not known",
        "询问 `{key}` 的各轮同时执行：无法确定哪一轮得到哪个答复"
    );
    let help = text!(
        "name the item of each: `\"LOOP[ITEM]/…\" = …`, as `runbook status` shows it; what a scenario asks, answer then",
        "请分别写出各项：`\"LOOP[ITEM]/…\" = …`，写法见 `runbook status`；场景中的询问请在询问时答复"
    );
    Some(Diagnostic::error(Code::RB0842, entry.key_span, message).help(help))
}

/// Does one of the passes of an `each` that run at once ask it, or a scenario that they run?
fn asked_at_once(node: &Node, program: &Program) -> bool {
    program.around(node.id).any(|block| {
        if let NodeKind::Each(each) = &block.kind {
            return each.runs_at_once();
        }
        // Scenarios do not run each other in a circle.
        matches!(block.kind, NodeKind::Scenario { .. })
            && program.nodes.iter().any(|run| {
                matches!(run.kind, NodeKind::Run { scenario, .. } if scenario == block.id)
                    && asked_at_once(run, program)
            })
    })
}

fn misfit(entry: &Entry, prompt: &Known, zone: &TimeZone) -> Option<Diagnostic> {
    let passes = prompt.form.passes(&entry.value);
    let read: Result<Vec<Ready>, Misfit> = passes.iter().map(|answer| prompt.form.read(answer, zone)).collect();
    let wrong = match read {
        Err(wrong) => wrong,
        Ok(answers) => agreement(&answers, prompt.quorum)?,
    };
    let message = text!("the answer to `{}`: {}", "对 `{}` 的答复：{}", entry.key, wrong.text());
    let help = text!(
        "`runbook plan FILE --answers-template` says what each prompt takes",
        "`runbook plan FILE --answers-template` 会说明每个问题接受什么"
    );
    Some(Diagnostic::error(Code::RB0842, entry.value_span, message).help(help))
}

/// Answers for a quorum that can never be one: so many, and of too few people. Fewer answers leave the others to be asked,
/// and who answers twice counts once.
fn agreement(answers: &[Ready], quorum: usize) -> Option<Misfit> {
    let is_no = |answer: &Ready| answer.value == Value::Bool(false) || answer.value == Value::Text("failed".to_owned());
    if answers.len() < quorum.max(2) || answers.iter().any(is_no) {
        return None;
    }
    // Those without a name are of one person: whoever answers where the file names nobody.
    let names = || answers.iter().map(|answer| answer.by.as_deref().unwrap_or_default());
    let people: BTreeSet<&str> = names().collect();
    if people.len() >= quorum {
        return None;
    }
    let mut heard = BTreeSet::new();
    let twice = names().find(|by| !heard.insert(*by)).filter(|_| !people.contains("")).map(str::to_owned);
    Some(Misfit::Quorum { quorum, twice })
}

/// How many people must agree, by key of the prompts that ask several.
pub(super) fn quorums(program: &Program) -> BTreeMap<String, usize> {
    let of = |node: &Node| Some((node.key.clone(), quorum(node)?));
    program.nodes.iter().filter_map(of).collect()
}

fn quorum(node: &Node) -> Option<usize> {
    let people = node.kind.people().filter(|people| people.quorum > 1)?;
    usize::try_from(people.quorum).ok()
}

fn unknown(entry: &Entry, known: &[Known]) -> Diagnostic {
    let message = text!("no prompt has the key `{}`", "没有键为 `{}` 的问题", entry.key);
    let diagnostic = Diagnostic::error(Code::RB0841, entry.key_span, message);
    let ends = known.iter().flat_map(|prompt| [prompt.key.as_str(), last_part(&prompt.key)]);
    match nearest(&entry.key, ends) {
        Some(near) => diagnostic.help(text!(
            "did you mean `{near}`? `runbook plan FILE --answers-template` lists them all",
            "是否想写 `{near}`？`runbook plan FILE --answers-template` 会列出全部"
        )),
        None => diagnostic.help(text!(
            "`runbook plan FILE --answers-template` lists all keys",
            "`runbook plan FILE --answers-template` 会列出所有键"
        )),
    }
}

fn last_part(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// What fits for a built-in prompt; none: it is not the key of one.
fn built_in(entry: &Entry, program: &Program) -> Option<Form> {
    let (stem, suffix) = entry.key.split_at(entry.key.rfind('!')?);
    if entry.key == "run!window" {
        return Some(choice(["go_on", "abort"]));
    }
    let nodes = || program.nodes.iter().filter(|node| means(stem, &node.key));
    if let Some(objective) = suffix.strip_prefix("!no_data.") {
        let samples = nodes().any(|node| matches!(node.kind, NodeKind::Sample(_)));
        let known = program.objectives.iter().any(|known| known.key == objective);
        return (samples && known).then(|| choice(["not_applicable", "fail"]));
    }
    let (_, choices) = BUILT_IN.iter().find(|(own, _)| *own == suffix)?;
    let guard = program.guards.iter().any(|guard| last_part(stem) == guard.key);
    if nodes().next().is_none() && !guard && stem != "run" {
        return None;
    }
    Some(if choices.is_empty() { Form::One(AnswerSpec::of(Type::Bool)) } else { choice(choices.iter().copied()) })
}

fn choice<'a>(keys: impl IntoIterator<Item = &'a str>) -> Form {
    Form::One(AnswerSpec::of(Type::OneOf(keys.into_iter().map(str::to_owned).collect())))
}

fn prompts(program: &Program) -> Vec<Known> {
    let mut known: Vec<Known> = program
        .nodes
        .iter()
        .filter_map(|node| {
            let form = form(node, program)?;
            let (quorum, at_once) = (quorum(node).unwrap_or(1), asked_at_once(node, program));
            Some(Known { quorum, at_once, ..Known::of_one(&node.key, form) })
        })
        .collect();
    if program.owner.as_ref().is_some_and(|owner| owner.ask) {
        known.push(Known::of_one("owner", Form::One(AnswerSpec::of(Type::String))));
    }
    known.push(Known::of_one("run!rollback", Form::One(AnswerSpec::of(Type::Bool))));
    known
}

fn form(node: &Node, program: &Program) -> Option<Form> {
    Some(match &node.kind {
        NodeKind::Ask { answer, .. } => Form::One(spec(answer)),
        NodeKind::Confirm { typed, .. } | NodeKind::NoReturn { typed, .. } => yes_or_typed(typed.as_ref()),
        NodeKind::Manual { later: false, .. } => choice(["done", "failed", "not_applicable"]),
        NodeKind::Item { is: None, .. } => Form::One(AnswerSpec::of(Type::Bool)),
        NodeKind::Add { collect, .. } => Form::Entries(fields(program.collects.get(*collect)?)),
        NodeKind::Decide { options, .. } => choice(options.iter().map(|option| option.key.as_str())),
        NodeKind::Signoff { options, .. } => choice(options.iter().map(|option| option.key.as_str())),
        NodeKind::Manual { later: true, .. }
        | NodeKind::Item { is: Some(_), .. }
        | NodeKind::Section { .. }
        | NodeKind::Step { .. }
        | NodeKind::Checks { .. }
        | NodeKind::Shell(_)
        | NodeKind::Http(_)
        | NodeKind::Query(_)
        | NodeKind::Copy { .. }
        | NodeKind::Update(_)
        | NodeKind::Wait { .. }
        | NodeKind::Poll { .. }
        | NodeKind::Notify { .. }
        | NodeKind::Report { .. }
        | NodeKind::Note { .. }
        | NodeKind::Checklist { .. }
        | NodeKind::Assert { .. }
        | NodeKind::If { .. }
        | NodeKind::Each(_)
        | NodeKind::Try { .. }
        | NodeKind::Parallel { .. }
        | NodeKind::Branch { .. }
        | NodeKind::Scenario { .. }
        | NodeKind::Run { .. }
        | NodeKind::Sample(_)
        | NodeKind::At { .. }
        | NodeKind::On { .. }
        | NodeKind::Undo { .. }
        | NodeKind::Settles { .. }
        | NodeKind::Extend { .. }
        | NodeKind::Stop { .. }
        | NodeKind::Rollback { .. }
        | NodeKind::Suspend { .. }
        | NodeKind::Abort { .. }
        | NodeKind::Finish { .. }
        | NodeKind::Ending { .. } => return None,
    })
}

fn spec(answer: &AnswerType) -> AnswerSpec {
    AnswerSpec {
        ty: answer.ty.clone(),
        optional: answer.optional,
        min: answer.min.as_ref().and_then(constant),
        max: answer.max.as_ref().and_then(constant),
        matches: answer.matches.as_ref().map(|pattern| (pattern.source.clone(), pattern.ignore_case)),
        typed: None,
    }
}

/// The value of an expression that is known before the run.
fn constant(expr: &Expr) -> Option<Value> {
    if let ExprKind::Const(value) = &*expr.kind {
        return Some(value.clone());
    }
    let ExprKind::Text(parts) = &*expr.kind else { return None };
    match parts.as_slice() {
        [] => Some(Value::Text(String::new())),
        [TextPart::Text(text)] => Some(Value::Text(text.clone())),
        [_] | [_, _, ..] => None,
    }
}

/// The text that must be typed; where it is not known yet, any.
fn yes_or_typed(typed: Option<&Expr>) -> Form {
    Form::One(match typed.map(constant) {
        None => AnswerSpec::of(Type::Bool),
        Some(Some(Value::Text(text))) => AnswerSpec { typed: Some(text), ..AnswerSpec::of(Type::Bool) },
        Some(_) => AnswerSpec::of(Type::Text),
    })
}

fn fields(collect: &Collect) -> Vec<Field> {
    let field = |field: &crate::check::program::CollectField| Field {
        name: field.name.clone(),
        title: Words::default(),
        answer: AnswerSpec { optional: field.optional, ..AnswerSpec::of(field.ty.clone()) },
    };
    collect.fields.iter().map(field).collect()
}
