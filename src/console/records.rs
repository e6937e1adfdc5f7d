//! The records of a journal a line each, for a run whose runbook this version does not read any more: what began, what came
//! of it, who answered what. Nothing of it is made by the engine.

use super::lang::ending;
use super::sanitise::plain;
use super::status::commanded;
use super::style::{Paint, Style};
use super::width::cut;
use crate::engine::input::Event;
use crate::journal::codec::Entry;
use crate::journal::convert;
use crate::journal::record::{Input, Record};
use crate::text;
use crate::text::Text;
use crate::value::{Verdict, human};

/// What a record says; none: nothing that a person would miss.
pub fn line(entry: &Entry, style: &Style) -> Option<String> {
    let (mark, said) = match &entry.record {
        Record::Header(header) => {
            let (runbook, executor, tool) = (&header.runbook, &header.executor, &header.tool);
            (
                style.sign("▶", ">").to_owned(),
                text!(
                    "{runbook}: begun by {executor} with runbook {tool}",
                    "{runbook}：由 {executor} 以 runbook {tool} 开始"
                ),
            )
        }
        Record::Intent(intent) => {
            let (id, title) = (&intent.id, &intent.title);
            let title = if title.is_empty() { String::new() } else { format!("{}{title}", style.colon()) };
            (style.sign("▸", ">").to_owned(), Text::verbatim(format!("{id}{title}")))
        }
        Record::Outcome(outcome) => {
            let id = &outcome.id;
            let took = jiff::SignedDuration::from_nanos(outcome.took_ns);
            let took = human::span(took, style.lang);
            match &outcome.failure {
                None => (style.mark(Verdict::Pass), Text::verbatim(format!("{id}  {took}"))),
                Some(failure) => {
                    let why = Text {
                        en: failure.message.clone(),
                        zh: failure.message_zh.clone().unwrap_or_else(|| failure.message.clone()),
                    };
                    (style.mark(Verdict::Fail), text!("{}: {}  {}", "{}：{}  {}", id, why, took))
                }
            }
        }
        Record::Input(input) => (style.sign("◆", "*").to_owned(), learned(input, style)?),
        Record::Takeover(takeover) => {
            let (executor, tool) = (&takeover.executor, &takeover.tool);
            (
                style.sign("▶", ">").to_owned(),
                text!("taken up by {executor} with runbook {tool}", "由 {executor} 以 runbook {tool} 继续执行"),
            )
        }
        Record::End(end) => {
            (style.sign("■", "#").to_owned(), Text::verbatim(ending(convert::ending_back(end.ending), style.lang)))
        }
        Record::Started(_) => return None,
    };
    let said = plain(said.get(style.lang)).join(" ");
    let clock = style.paint(Paint::Dim, &style.clock(entry.at));
    Some(cut(&format!("{clock}  {mark}  {said}"), style.width))
}

fn learned(input: &Input, style: &Style) -> Option<Text> {
    match convert::event(input) {
        Event::Answered { id, answer } => {
            let value = human::value(&answer.value, &style.zone, style.lang);
            let note = answer.note.filter(|note| !note.is_empty()).map(|note| format!(" ({note})")).unwrap_or_default();
            Some(text!("{}: {}{} — {}", "{}：{}{} — {}", id, value, note, answer.by))
        }
        Event::Command { by, command } => {
            let (what, because) = commanded(&command);
            let because = because.map(|because| format!("{}{because}", style.colon())).unwrap_or_default();
            Some(Text::verbatim(format!("{what}{because} — {by}")))
        }
        Event::Interrupt => Some(Text::verbatim("Ctrl-C")),
        Event::Terminate => Some(Text::verbatim("SIGTERM")),
        // What is a record of its own, and what only the engine wants to know.
        Event::Begin(_)
        | Event::Outcome { .. }
        | Event::Delivered { .. }
        | Event::Due
        | Event::NobodyThere { .. }
        | Event::Detached
        | Event::Resumed { .. } => None,
    }
}
