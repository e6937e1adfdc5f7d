//! What is shown when a prompt opens: the question, what belongs to it, how it is answered and by whom.

use super::dialogue::{Context, PromptDialogue, Speaker};
use crate::console::outputs::bar;
use crate::console::sanitise::plain;
use crate::console::style::{Paint, Style};
use crate::console::table::{Align, Table};
use crate::console::width::wrap;
use crate::console::{about, sanitise, slo, status};
use crate::engine::action::{Choice, Prompt, PromptKind, Shown};
use crate::engine::view::{ItemView, RunView};
use crate::value::types::Type;
use crate::value::{Value, Verdict, human};

/// Lines of a text that is shown with a question; `vars` and `log` have the rest.
const SHOWN_LINES: usize = 30;

/// All of it. `run` draws the tables of observations.
pub(super) fn lines(dialogue: &PromptDialogue, run: &RunView) -> Vec<String> {
    let Context { style, .. } = dialogue.context();
    let prompt = dialogue.prompt();
    let mut out = vec![String::new()];
    let own = run.waiting.iter().find(|waiting| waiting.id == dialogue.id());
    let words = own.map_or(dialogue.title(), |own| &own.title);
    let title = plain(words.said(style.lang)).join(" ");
    let heading = about::heading(&prompt.kind, words, style);
    let branch = own.and_then(|own| own.branch.as_deref());
    let branch = branch.map(|branch| format!("[{branch}] ")).unwrap_or_default();
    let sign = style.sign("❯", "?");
    for (index, line) in wrap(&format!("{branch}{heading}"), style.width.saturating_sub(2)).iter().enumerate() {
        let head = if index == 0 { sign } else { " " };
        out.push(style.paint(Paint::Ask, &format!("{head} {line}")));
    }
    // What the title says already is not said again.
    out.extend(
        about::lines(&prompt.kind, style).into_iter().filter(|line| *line != title).map(|line| format!("  {line}")),
    );
    for item in decided(dialogue, run) {
        let by = item.by.as_ref().map(|by| style.paint(Paint::Dim, &format!("  {by}"))).unwrap_or_default();
        let title = plain(item.title.said(style.lang)).join(" ");
        out.push(format!("  {} {title}{by}", style.mark(item.state)));
    }
    for shown in &prompt.show {
        out.extend(shown_lines(shown, run, style));
    }
    out.extend(status::choice_lines(&prompt.choices, style).into_iter().map(|line| format!("  {line}")));
    if let PromptKind::InDoubt { .. } = prompt.kind {
        out.push(format!("  {}", style.paint(Paint::Dim, &ways_out(prompt.can_rollback, style))));
    }
    out.extend(people(dialogue, style).into_iter().map(|line| format!("  {}", style.paint(Paint::Dim, &line))));
    out.push(format!("  {}", style.paint(Paint::Dim, &hint(prompt, style))));
    out
}

/// Items that whoever answers has to know: of a checklist those that are decided already; before a signature those of the
/// last checklist, and of the ones before it what is not as it should be.
fn decided<'a>(dialogue: &PromptDialogue, run: &'a RunView) -> Vec<&'a ItemView> {
    let around = |key: &str| key.rsplit_once('/').map_or(String::new(), |(around, _)| around.to_owned());
    match &dialogue.prompt().kind {
        PromptKind::Item => {
            let own = around(dialogue.id());
            run.items.iter().filter(|item| around(&item.key) == own).collect()
        }
        PromptKind::Signoff => {
            let checked = || run.items.iter().filter(|item| item.state != Verdict::Pending);
            let last = checked().next_back().map(|item| around(&item.key));
            checked().filter(|item| Some(around(&item.key)) == last || item.state != Verdict::Pass).collect()
        }
        PromptKind::Ask
        | PromptKind::Confirm { .. }
        | PromptKind::Manual { .. }
        | PromptKind::Collect { .. }
        | PromptKind::Decide
        | PromptKind::Accept { .. }
        | PromptKind::Failed { .. }
        | PromptKind::Paused
        | PromptKind::Step { .. }
        | PromptKind::InDoubt { .. }
        | PromptKind::Window { .. }
        | PromptKind::NoData { .. }
        | PromptKind::Rollback { .. }
        | PromptKind::HalfUndo { .. }
        | PromptKind::NoReturn { .. }
        | PromptKind::NextPass { .. } => Vec::new(),
    }
}

fn shown_lines(shown: &Shown, run: &RunView, style: &Style) -> Vec<String> {
    match shown {
        Shown::Text(text) => texts(text, style),
        Shown::Value(Value::Map(fields)) => {
            let mut table = Table::new(&[Align::Left, Align::Left]);
            for (key, value) in fields {
                let text = plain(&human::value(value, &style.zone, style.lang)).join(" ");
                table.row(vec![style.paint(Paint::Dim, key), text]);
            }
            table.lines(style.width.saturating_sub(2)).into_iter().map(|line| format!("  {line}")).collect()
        }
        Shown::Value(value) => texts(&human::value(value, &style.zone, style.lang), style),
        Shown::Objectives(objectives) => {
            let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
            for objective in objectives {
                let alert = objective.alert_bound.as_ref().map(|alert| {
                    let word = style.pick("alert", "告警");
                    style.paint(Paint::Dim, &format!("{word} {}", slo::bound(alert, objective.unit, style)))
                });
                table.row(vec![
                    objective.title.said(style.lang).to_owned(),
                    slo::bound(&objective.target_bound, objective.unit, style),
                    alert.unwrap_or_default(),
                ]);
            }
            table.lines(style.width.saturating_sub(2)).into_iter().map(|line| format!("  {line}")).collect()
        }
        Shown::Series(key) => {
            let observation = run.observations.iter().find(|observation| observation.key == *key);
            let inner = Style { width: style.width.saturating_sub(2), ..style.clone() };
            let last = |o: &crate::engine::view::ObservationView| {
                let sample = o.samples.iter().rev().find(|sample| sample.state == "taken").cloned();
                match sample.filter(|_| o.ended.is_none()) {
                    Some(sample) => {
                        let mut lines = slo::sample_lines(o, &sample, &inner);
                        lines.push(slo::counts(o, &inner));
                        lines
                    }
                    None => slo::summary_lines(o, &inner),
                }
            };
            let lines = observation.map_or_else(|| vec![style.pick("no data", "无数据").to_owned()], last);
            lines.into_iter().map(|line| format!("  {line}")).collect()
        }
        Shown::Alerts(alerts) if alerts.is_empty() => {
            vec![format!("  {}", style.pick("no alert fires", "没有告警触发"))]
        }
        Shown::Alerts(alerts) => alerts.iter().map(|alert| format!("  {}", status::alert_line(alert, style))).collect(),
    }
}

/// Text that came from a command or a person: behind the bar of output, bounded.
fn texts(text: &str, style: &Style) -> Vec<String> {
    let all = sanitise::lines(text);
    let mut out: Vec<String> = all.iter().take(SHOWN_LINES).map(|line| bar(line, style)).collect();
    if all.len() > SHOWN_LINES {
        let more = all.len() - SHOWN_LINES;
        let text = style.lang.pick(format!("… {more} more lines"), format!("… 还有 {more} 行"));
        out.push(bar(&style.paint(Paint::Dim, &text), style));
    }
    out
}

fn people(dialogue: &PromptDialogue, style: &Style) -> Vec<String> {
    let prompt = dialogue.prompt();
    let mut out = Vec::new();
    if let Some(by) = &prompt.by {
        let title = by.title.said(style.lang);
        let names = if by.people.is_empty() { String::new() } else { format!(" ({})", by.people.join(", ")) };
        out.push(style.lang.pick(format!("to be answered by {title}{names}"), format!("须由{title}{names}答复")));
    }
    match dialogue.speaker() {
        Speaker::Elsewhere => out.push(elsewhere(dialogue, style)),
        Speaker::Told(people) if people.len() == 1 => {
            let (who, executor) = (people.join(""), &dialogue.context().executor);
            out.push(style.lang.pick(
                format!("recorded as said by {who}, as told by {executor}"),
                format!("将记录为：{who} 答复，由 {executor} 代为输入"),
            ));
        }
        Speaker::Told(_) | Speaker::Executor | Speaker::Persona(_) => {}
    }
    if let Some(within) = prompt.within {
        let span = human::span(within, style.lang);
        out.push(style.lang.pick(format!("to be answered within {span}"), format!("须在 {span}内答复")));
    }
    out
}

/// The ways out that are no answers to the question.
fn ways_out(can_rollback: bool, style: &Style) -> String {
    if can_rollback {
        return style
            .pick("or `suspend`, `rollback because WHY`", "或 suspend（挂起）、rollback because 原因（回滚）")
            .to_owned();
    }
    style.pick("or `suspend`", "或 suspend（挂起）").to_owned()
}

/// Why it is not answered here, and where it is.
pub(super) fn elsewhere(dialogue: &PromptDialogue, style: &Style) -> String {
    let command = format!("runbook answer {} '{}' VALUE", dialogue.context().run, dialogue.id());
    style.lang.pick(
        format!("the executor's word is not enough here; whoever may answer runs: {command}"),
        format!("此处不接受执行者代答；请有权答复的人执行：{command}"),
    )
}

/// How an answer looks.
pub(super) fn hint(prompt: &Prompt, style: &Style) -> String {
    let more = style.pick("`help` lists the commands", "输入 help 查看命令");
    if let PromptKind::Collect { .. } = prompt.kind {
        return more.to_owned();
    }
    let mut parts = vec![form(&prompt.answer.ty, prompt.answer.typed.as_deref(), &prompt.choices, style)];
    if let Some(min) = &prompt.answer.min {
        parts.push(format!("{} {}", style.pick("at least", "至少"), human::value(min, &style.zone, style.lang)));
    }
    if let Some(max) = &prompt.answer.max {
        parts.push(format!("{} {}", style.pick("at most", "最多"), human::value(max, &style.zone, style.lang)));
    }
    if let Some((pattern, _)) = &prompt.answer.matches {
        parts.push(format!("{} /{pattern}/", style.pick("of the form", "格式")));
    }
    match &prompt.default {
        Some(default) => {
            let value = human::value(default, &style.zone, style.lang);
            parts.push(style.lang.pick(format!("Enter alone takes {value}"), format!("直接回车取 {value}")));
        }
        None if prompt.answer.optional => {
            parts.push(style.pick("Enter alone leaves it empty", "直接回车留空").to_owned());
        }
        None => {}
    }
    parts.push(more.to_owned());
    parts.join(" · ")
}

fn form(ty: &Type, typed: Option<&str>, choices: &[Choice], style: &Style) -> String {
    if let Some(typed) = typed {
        return style.lang.pick(format!("type exactly {typed}, or no"), format!("请原样输入 {typed}，或输入“否”"));
    }
    if !choices.is_empty() {
        return style.pick("key or number of the choice", "输入选项的名称或编号").to_owned();
    }
    match ty {
        Type::Bool => style.pick("yes (y) or no (n)", "是 (y) 或 否 (n)").to_owned(),
        Type::OneOf(members) => members.join(" | "),
        Type::ManyOf(members) => {
            let word = style.pick("several, with commas, or none", "可多选，用逗号分隔；都不选输入“无”");
            format!("{} ({word})", members.join(" | "))
        }
        Type::Text => style.pick("text; an empty line ends it", "可输入多行，空行结束").to_owned(),
        Type::Int => style.pick("whole number", "整数").to_owned(),
        Type::Float => style.pick("number", "数字").to_owned(),
        Type::Percent => style.pick("percentage, such as 98%", "百分比，例如 98%").to_owned(),
        Type::Duration => style.pick("duration, such as 10m", "时长，例如 10m").to_owned(),
        Type::Bytes => style.pick("size, such as 20MB", "大小，例如 20MB").to_owned(),
        Type::Time => style.pick("time, such as 2025-11-18 09:00", "时间，例如 2025-11-18 09:00").to_owned(),
        Type::Url => style.pick("URL", "网址").to_owned(),
        Type::Path => style.pick("path", "路径").to_owned(),
        Type::List(_) => style.pick("list, with commas", "列表，用逗号分隔").to_owned(),
        Type::Map(_) | Type::Json | Type::Record(_) => "JSON".to_owned(),
        Type::String | Type::Null | Type::Secret | Type::Verdict | Type::Optional(_) | Type::Unknown => {
            style.pick("one line", "单行文本").to_owned()
        }
    }
}

/// The hint of one question of an entry.
pub(super) fn field_hint(answer: &crate::value::answer::AnswerSpec, style: &Style) -> String {
    let optional = if answer.optional { style.pick(", may be empty", "，可留空") } else { "" };
    format!("{}{optional}", form(&answer.ty, answer.typed.as_deref(), &[], style))
}
