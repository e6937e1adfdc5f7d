//! A run as it stands: `status`, `vars`, `metrics`, `log`, `why`, `source` at a prompt and as commands of the program.

pub mod json;

use jiff::Timestamp;

use super::about;
use super::lang::{kind_label, simulated};
use super::slo;
use super::style::{Paint, Style};
use super::table::{Align, Table};
use super::width::{pad, width};
use crate::engine::action::PromptKind;
use crate::engine::input::{Alert, Command};
use crate::engine::view::{ObservationView, ParkedView, RunView, StepView, WaitingView};
use crate::engine::words::{choice, status as status_word};
use crate::engine::world::ViewRequest;
use crate::journal::store::{Post, Posted};
use crate::text;
use crate::text::Text;
use crate::value::types::Type;
use crate::value::{Verdict, human};

/// Lines of `log` at a prompt: about a screen; `runbook log` shows all.
const LOG_LINES: usize = 40;

/// Lines of the runbook shown by `source`, from the statement on.
const SOURCE_LINES: usize = 12;

/// What a person wanted to see. `source` needs the runbook's text: see [`source`]; a question is drawn by its dialogue.
pub fn shown(what: &ViewRequest, run: &RunView, style: &Style) -> Vec<String> {
    match what {
        ViewRequest::Status => status(run, style),
        ViewRequest::Vars => vars(run, style),
        ViewRequest::Metrics => metrics(run, style),
        ViewRequest::Log => log(run, style),
        ViewRequest::Why(key) => why(run, key, style),
        ViewRequest::Source(key) => vec![key.clone()],
        ViewRequest::Question(_) => Vec::new(),
    }
}

/// The whole state on a screen.
pub fn status(run: &RunView, style: &Style) -> Vec<String> {
    let mut heading = vec![run.run.clone(), style.paint(Paint::Bold, run.title.said(style.lang))];
    heading.extend(run.environment.clone());
    if run.simulated {
        heading.push(style.paint(Paint::Care, simulated(style.lang)));
    }
    let mut out = vec![heading.join("  ")];
    let now = run.at.or(run.started_at);
    out.push(fact("status", "状态", status_word(&run.status, style.lang), style));
    if let Some(verdict) = run.verdict.filter(|verdict| *verdict != Verdict::Pending) {
        out.push(fact("verdict", "结论", &format!("{} {}", style.mark(verdict), style.word(verdict)), style));
    }
    let owner =
        run.owner.as_ref().map(|owner| format!(" · {} {owner}", style.pick("owner", "负责人"))).unwrap_or_default();
    out.push(fact("executor", "执行者", &format!("{}{owner}", run.executor), style));
    if let Some(since) = run.detached {
        out.push(fact("terminal", "终端", &style.paint(Paint::Care, &detached(since, run, style)), style));
    }
    if let Some(started) = run.started_at {
        out.push(fact("started", "开始于", &with_span(started, run.finished_at.or(now), style), style));
    }
    if let Some(finished) = run.finished_at {
        out.push(fact("finished", "结束于", &human::moment(finished, &style.zone), style));
    }
    for at in under_way(run) {
        let title = at.title.said(style.lang);
        let title = first_clean(if title.is_empty() { at.what.said(style.lang) } else { title });
        out.push(fact("at", "当前", &format!("{title}  {}", style.paint(Paint::Dim, &at.key)), style));
    }
    if let Some((due, now)) = run.next_due.zip(now) {
        let span = human::span(due.duration_since(now), style.lang);
        let text =
            style.lang.pick(format!("{} (in {span})", style.clock(due)), format!("{}（{span}后）", style.clock(due)));
        out.push(fact("next due", "下次到期", &text, style));
    }
    if !run.absent.is_empty() {
        out.push(fact("not configured", "未配置", &run.absent.join(", "), style));
    }
    for observation in &run.observations {
        out.push(String::new());
        out.extend(observation_lines(observation, style));
    }
    section(&mut out, "Waiting", "等待答复", run.waiting.iter().flat_map(|w| waiting_lines(run, w, style)), style);
    section(
        &mut out,
        "Parked until the next resume",
        "暂停，恢复执行后继续",
        run.parked.iter().map(|p| parked_line(p, style)),
        style,
    );
    let deviation = |d: &crate::engine::view::DeviationView| {
        format!("{}  {}", style.clock(d.at), text!("{} ({})", "{}（{}）", d.what, d.by).get(style.lang))
    };
    section(&mut out, "Deviations", "偏离", run.deviations.iter().map(deviation), style);
    section(
        &mut out,
        "Why it is not passed",
        "未通过的原因",
        run.reasons.iter().map(|r| r.said(style.lang).to_owned()),
        style,
    );
    out
}

/// That nobody is at the executor's terminal any more, and how to come back.
fn detached(since: Timestamp, run: &RunView, style: &Style) -> String {
    let (clock, run) = (style.clock(since), &run.run);
    let said = text!(
        "nobody is there since {clock}: questions wait, `runbook attach {run}` comes back",
        "自 {clock} 起无人在场：问题等待答复，用 `runbook attach {run}` 返回"
    );
    said.get(style.lang).to_owned()
}

/// What was posted from another terminal and waits for an executor.
pub fn posted(posted: &[Posted], run: &RunView, style: &Style) -> Vec<String> {
    let line = |one: &Posted| {
        let (what, by, because) = match &one.post {
            Post::Answer { prompt, answer, .. } => {
                let key = &prompt.0;
                let what = text!("an answer to {key}", "对 {key} 的答复");
                (what, &answer.by, answer.note.clone())
            }
            Post::Command { by, command } => {
                let (what, because) = commanded(command);
                (Text::verbatim(what), by, because)
            }
        };
        let because = because.filter(|because| !because.is_empty()).map(|because| first_clean(&because));
        let because = because.map(|because| format!("{}{because}", style.colon())).unwrap_or_default();
        let by = style.paint(Paint::Dim, &format!("  {} {}", style.sign("—", "--"), first_clean(by)));
        format!("{}  {}{because}{by}", style.clock(one.at), what.get(style.lang))
    };
    let mut out = Vec::new();
    section(
        &mut out,
        "Posted, taken by whoever executes the run",
        "已提交，等待执行者接收",
        posted.iter().map(line),
        style,
    );
    if !out.is_empty() {
        out.push(format!("  runbook resume {}", run.run));
    }
    out
}

/// The word of a command that a person posted, and why.
pub(super) fn commanded(command: &Command) -> (&'static str, Option<String>) {
    match command {
        Command::Suspend => ("suspend", None),
        Command::Abort { because } => ("abort", Some(because.clone())),
        Command::Rollback { because } => ("rollback", Some(because.clone())),
        Command::Note { text } => ("note", Some(text.clone())),
        Command::Set { name, value } => ("set", Some(format!("{name} = {value}"))),
        Command::Shell { command } => ("sh", Some(command.clone())),
        Command::Jump { key } => ("jump", Some(key.clone())),
        Command::Skip { key, because } => {
            let key = key.as_deref().unwrap_or("wait");
            ("skip", Some(format!("{key} {because}").trim_end().to_owned()))
        }
        Command::Add { collect } => ("add", Some(collect.clone())),
    }
}

/// The first line of a text from outside, cleaned, without colours.
fn first_clean(text: &str) -> String {
    super::sanitise::lines(text).first().map(|line| super::sanitise::uncoloured(line)).unwrap_or_default()
}

fn fact(en: &str, zh: &str, value: &str, style: &Style) -> String {
    const COLUMNS: usize = 16;
    format!("{}{value}", pad(&style.paint(Paint::Dim, style.pick(en, zh)), COLUMNS))
}

fn section(out: &mut Vec<String>, en: &str, zh: &str, lines: impl Iterator<Item = String>, style: &Style) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    out.push(String::new());
    out.push(style.paint(Paint::Bold, style.pick(en, zh)));
    out.extend(lines.into_iter().map(|line| format!("  {line}")));
}

fn with_span(from: Timestamp, to: Option<Timestamp>, style: &Style) -> String {
    let moment = human::moment(from, &style.zone);
    match to.map(|to| human::span(to.duration_since(from), style.lang)) {
        Some(span) => style.lang.pick(format!("{moment} ({span})"), format!("{moment}（{span}）")),
        None => moment,
    }
}

fn observation_lines(observation: &ObservationView, style: &Style) -> Vec<String> {
    let mut heading = style.paint(Paint::Bold, observation.title.said(style.lang));
    match (&observation.ended, observation.next) {
        (Some(_), _) => {
            heading = format!("{heading}  {} {}", style.mark(observation.verdict), style.word(observation.verdict));
        }
        (None, Some(next)) => {
            let clock = style.clock(next);
            heading.push_str(&style.lang.pick(format!("  next sample at {clock}"), format!("  下一个样本 {clock}")));
        }
        (None, None) => {}
    }
    let mut out = vec![heading];
    let table = match (observation.ended.is_some(), observation.samples.iter().rev().find(|s| s.state == "taken")) {
        (false, Some(sample)) => {
            let mut lines = slo::sample_lines(observation, sample, style);
            lines.push(slo::counts(observation, style));
            lines
        }
        (true, _) | (false, None) => slo::summary_lines(observation, style),
    };
    out.extend(table.into_iter().map(|line| format!("  {line}")));
    out
}

/// One prompt that waits, with the command that answers it from elsewhere.
fn parked_line(parked: &ParkedView, style: &Style) -> String {
    let title = first_clean(parked.title.said(style.lang));
    let because = first_clean(parked.because.said(style.lang));
    let because = if because.is_empty() { because } else { format!("{}{because}", style.colon()) };
    let since = format!("{} {}", style.pick("since", "始于"), style.clock(parked.since));
    format!("{title}{because}  {}", style.paint(Paint::Dim, &since))
}

/// Where the run is: at the innermost statement that has begun, in each branch of a `parallel` and each pass of an `each` at
/// one.
fn under_way(run: &RunView) -> Vec<&StepView> {
    let pending = || run.steps.iter().filter(|step| step.state == Verdict::Pending && run.finished_at.is_none());
    if !pending().any(|step| matches!(step.word.as_str(), "parallel" | "each")) {
        return pending().next_back().into_iter().collect();
    }
    let behind = pending().skip(1).map(Some).chain([None]);
    let innermost = pending().zip(behind).filter(|(step, next)| next.is_none_or(|next| next.depth <= step.depth));
    innermost.map(|(step, _)| step).collect()
}

fn waiting_lines(run: &RunView, waiting: &WaitingView, style: &Style) -> Vec<String> {
    let heading = about::heading(&waiting.prompt.kind, &waiting.title, style);
    let branch = super::outputs::label(waiting.branch.as_deref().unwrap_or_default(), style);
    let mut first = format!("{branch}{heading}");
    if let Some(by) = &waiting.prompt.by {
        let people = if by.people.is_empty() { String::new() } else { format!(" ({})", by.people.join(", ")) };
        first = format!("{first}  {} {}{people}", style.pick("by", "须由"), by.title.said(style.lang));
    }
    let mut times = format!("{} {}", style.pick("since", "始于"), style.clock(waiting.since));
    if let Some(deadline) = waiting.deadline {
        times = format!("{times}, {} {}", style.pick("until", "截止"), style.clock(deadline));
    }
    let mut out = vec![first];
    out.extend(question_lines(waiting, style).into_iter().map(|line| format!("  {line}")));
    out.extend([style.paint(Paint::Dim, &format!("  {times}")), format!("  {}", answer_command(run, waiting, style))]);
    out
}

/// What is asked beyond the title, as far as it can be judged from elsewhere: why a menu is open, what a rollback would
/// do. With nobody there it is seen nowhere else.
fn question_lines(waiting: &WaitingView, style: &Style) -> Vec<String> {
    let PromptKind::Failed { message, .. } = &waiting.prompt.kind else {
        return about::lines(&waiting.prompt.kind, style);
    };
    let title = first_clean(waiting.title.said(style.lang));
    let title = if title.is_empty() { waiting.key.clone() } else { title };
    vec![format!("{} {title}{}{}", style.mark(Verdict::Fail), style.colon(), first_clean(message.get(style.lang)))]
}

/// The exact command that answers a prompt from another terminal; what is to be filled in is in capitals. It names the item
/// and the pass: whoever copies it may come late, and it must not answer the next host's question of the same key.
pub(super) fn answer_command(run: &RunView, waiting: &WaitingView, style: &Style) -> String {
    let values = options(&waiting.prompt);
    let value = match values.first() {
        Some(first) => quoted(first),
        None => "VALUE".to_owned(),
    };
    let others: Vec<String> = values.iter().skip(1).map(|value| quoted(value)).collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        style.paint(Paint::Dim, &format!("   # {} {}", style.pick("or", "或"), others.join(" | ")))
    };
    format!("runbook answer {} {} {value}{others}", run.run, quoted(&waiting.id))
}

/// The answers that a prompt takes, where they can be listed.
pub fn options(prompt: &crate::engine::action::Prompt) -> Vec<String> {
    if let Some(typed) = &prompt.answer.typed {
        return vec![typed.clone(), "no".to_owned()];
    }
    if !prompt.choices.is_empty() {
        return prompt.choices.iter().map(|choice| choice.key.clone()).collect();
    }
    if let Type::OneOf(members) | Type::ManyOf(members) = &prompt.answer.ty {
        members.clone()
    } else if prompt.answer.ty == Type::Bool {
        vec!["yes".to_owned(), "no".to_owned()]
    } else {
        Vec::new()
    }
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | ':' | '+' | ',');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The exact commands with which a suspended or interrupted run goes on, each question with what it asks.
pub fn ways_on(run: &RunView, style: &Style) -> Vec<String> {
    let mut out = resumes(run, style);
    if !run.waiting.is_empty() {
        out.push(style.pick("to answer before that:", "也可以先答复：").to_owned());
    }
    for waiting in &run.waiting {
        let mut said = question_lines(waiting, style);
        if !matches!(waiting.prompt.kind, PromptKind::Failed { .. }) {
            said.insert(0, about::heading(&waiting.prompt.kind, &waiting.title, style));
        }
        let branch = super::outputs::label(waiting.branch.as_deref().unwrap_or_default(), style);
        let lines = said.into_iter().chain([answer_command(run, waiting, style)]).enumerate();
        out.extend(lines.map(|(n, line)| if n == 0 { format!("  {branch}{line}") } else { format!("    {line}") }));
    }
    out
}

/// The exact command with which a suspended or interrupted run goes on.
pub fn resumes(run: &RunView, style: &Style) -> Vec<String> {
    vec![style.pick("to go on:", "继续执行：").to_owned(), format!("  runbook resume {}", run.run)]
}

/// Names and values.
pub fn vars(run: &RunView, style: &Style) -> Vec<String> {
    let mut table = Table::new(&[Align::Left, Align::Left]);
    for (name, value) in &run.vars {
        let shown = super::sanitise::lines(&human::value(value, &style.zone, style.lang));
        let mut text = shown.first().map(|line| super::sanitise::uncoloured(line)).unwrap_or_default();
        if shown.len() > 1 {
            text.push_str(" …");
        }
        table.row(vec![style.paint(Paint::Dim, name), text]);
    }
    let lines = table.lines(style.width);
    if lines.is_empty() {
        vec![style.pick("no names are assigned yet", "尚无已赋值的名称").to_owned()]
    } else {
        lines
    }
}

/// The objectives' tables and all samples.
pub fn metrics(run: &RunView, style: &Style) -> Vec<String> {
    if run.observations.is_empty() {
        return vec![style.pick("no observation has begun yet", "尚未开始观察").to_owned()];
    }
    let mut out = Vec::new();
    for observation in &run.observations {
        if !out.is_empty() {
            out.push(String::new());
        }
        out.push(style.paint(Paint::Bold, observation.title.said(style.lang)));
        out.extend(slo::summary_lines(observation, style));
        out.push(String::new());
        out.extend(slo::all_samples(observation, style));
    }
    out
}

/// What ran last.
pub fn log(run: &RunView, style: &Style) -> Vec<String> {
    let from = run.steps.len().saturating_sub(LOG_LINES);
    run.steps.iter().skip(from).map(|step| step_line(step, style)).collect()
}

fn step_line(step: &StepView, style: &Style) -> String {
    let took = step
        .took
        .map(|took| style.paint(Paint::Dim, &format!("  {}", human::span(took, style.lang))))
        .unwrap_or_default();
    let title = step.title.said(style.lang);
    let title = if title.is_empty() { step.key.as_str() } else { title };
    let detail = if step.detail.is_empty() {
        String::new()
    } else {
        style.paint(Paint::Dim, &format!("  {}", step.detail.get(style.lang)))
    };
    let indent = "  ".repeat(step.depth.min(8) as usize);
    let line = format!("{}  {indent}{} {title}{took}{detail}", style.clock(step.started_at), style.mark(step.state));
    super::width::cut(&line.replace('\n', " "), style.width)
}

/// What led to a prompt: the statements around its key, and what failed or was skipped before it.
pub fn why(run: &RunView, key: &str, style: &Style) -> Vec<String> {
    let mut out = vec![style.paint(Paint::Dim, key)];
    let stem = key.split('!').next().unwrap_or(key);
    let around =
        run.steps.iter().filter(|step| stem == step.static_key || stem.starts_with(&format!("{}/", step.static_key)));
    out.extend(around.map(|step| step_line(step, style)));
    if let Some(waiting) = run.waiting.iter().find(|waiting| waiting.key == key) {
        out.push(kind_label(&waiting.prompt.kind, style.lang).to_owned());
    }
    let troubled =
        |step: &&StepView| matches!(step.state, Verdict::Fail | Verdict::Error | Verdict::Skipped | Verdict::Breach);
    let before: Vec<String> = run.steps.iter().filter(troubled).map(|step| step_line(step, style)).collect();
    if !before.is_empty() {
        out.push(style.paint(Paint::Bold, style.pick("not passed before it", "此前未通过")));
        out.extend(before);
    }
    out
}

/// A statement as it was written: the lines of the runbook from `line` (1-based) on.
pub fn source(text: &str, line: u32, style: &Style) -> Vec<String> {
    let first = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
    let digits = (first + SOURCE_LINES).to_string().len();
    let numbered = text.lines().enumerate().skip(first).take(SOURCE_LINES);
    numbered
        .map(|(index, line)| {
            let number = style.paint(Paint::Dim, &format!("{:>digits$} {} ", index + 1, style.sign("│", "|")));
            format!("{number}{line}")
        })
        .collect()
}

/// A firing alert.
pub fn alert_line(alert: &Alert, style: &Style) -> String {
    let label = |name: &str| alert.labels.get(name).map(String::as_str);
    let name = label("alertname").unwrap_or(&alert.fingerprint);
    let severity = label("severity").map(|severity| format!(" [{severity}]")).unwrap_or_default();
    let since = format!("{} {}", style.pick("since", "始于"), style.clock(alert.starts_at));
    let says = ["summary", "description"].iter().find_map(|key| alert.annotations.get(*key));
    let says = says.map(|says| format!("  {}", says.replace('\n', " "))).unwrap_or_default();
    // Labels and annotations come from outside.
    first_clean(&format!("{name}{severity}  {since}{says}"))
}

/// Choices as a numbered menu: key and what it means, or why it cannot be chosen.
pub fn choice_lines(choices: &[crate::engine::action::Choice], style: &Style) -> Vec<String> {
    let keys = choices.iter().map(|choice| width(&choice.key)).max().unwrap_or(0);
    let line = |(index, one): (usize, &crate::engine::action::Choice)| {
        let title = one.title.said(style.lang);
        let title = if title.is_empty() { choice(&one.key, style.lang) } else { title.to_owned() };
        let title = if title == one.key { String::new() } else { title };
        let head = format!("{}) {}", index + 1, pad(&one.key, keys));
        match &one.refused {
            None => format!("{head}  {title}").trim_end().to_owned(),
            Some(why) => {
                let word = style.pick("not possible", "不可选");
                let why = text!("({}: {})", "（{}：{}）", word, why);
                style.paint(Paint::Dim, &format!("{head}  {title}  {}", why.get(style.lang)))
            }
        }
    };
    choices.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests;
