//! What the engine tells, as lines: a step tree with times, calm where all goes well, plain where it does not. The start of a
//! quick read is no news and is not shown; the start of a write always is, with its full command.

mod again;

use jiff::{SignedDuration, Timestamp};

use super::lang::{block, ending, failure, simulated};
use super::outputs::bar;
use super::style::{Paint, Style};
use super::table::{Align, Table};
use super::width::wrap;
use super::{sanitise, slo};
use crate::check::program::Class;
use crate::engine::action::{Ending, Words, stem_of};
use crate::engine::input::{Failure, FailureKind, Output};
use crate::engine::telling::{Attempt, Telling};
use crate::engine::view::{ObservationView, RunView};
use crate::engine::words;
use crate::text;
use crate::text::Text;
use crate::value::{Value, Verdict, human};

/// Lines of output shown with a failure: its end, where the reason mostly stands.
const FAILURE_LINES: usize = 10;

/// Lines of a command shown before it runs; its whole text is in the plan and the journal.
const COMMAND_LINES: usize = 12;

/// Columns of the time at the left, with the gap behind it.
const TIME_COLUMNS: usize = 10;

/// The lines of one telling. `view` is asked for only where the telling needs more than it says itself.
pub fn lines(at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView, style: &Style) -> Vec<String> {
    let branch = if let Telling::InBranch { branch, .. } = telling { branch.as_str() } else { "" };
    let page = Page { at, style, branch };
    let colon = style.colon();
    match telling.within() {
        // `within` has looked into it.
        Telling::InBranch { .. } => Vec::new(),
        Telling::Began { resumed } => began(page, *resumed, &view()),
        Telling::BlockBegan { word, key: _, depth, title, planned, late_s } => {
            let mut text = style.paint(Paint::Bold, title.said(style.lang));
            if let Some((from, until)) = planned {
                let time = |time: &jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
                let until = until.as_ref().map(|until| format!("–{}", time(until))).unwrap_or_default();
                let plan = format!("  {} {}{until}", style.pick("planned", "计划"), time(from));
                text.push_str(&style.paint(Paint::Dim, &plan));
            }
            text.push_str(&late(*late_s, style));
            let mut out = if *word == "section" { vec![String::new()] } else { Vec::new() };
            let sign = if *word == "section" { style.sign("━━", "==") } else { style.sign("▸", ">") };
            out.extend(page.line(*depth, sign, &text));
            out
        }
        Telling::BlockEnded { word, key: _, depth, title, verdict, took_ms } => {
            // The end of an observation says more, and is told by itself.
            if matches!(*word, "sample" | "watch") {
                return Vec::new();
            }
            // The titles of handlers and passes say themselves what they are.
            let named = !matches!(*word, "at" | "on" | "each" | "parallel" | "branch");
            let kind = if named { format!("{} ", block(word, style.lang)) } else { String::new() };
            let text = format!("{kind}{}{colon}{}", title.said(style.lang), style.word(*verdict));
            page.line(*depth, &style.mark(*verdict), &format!("{text}{}", took(*took_ms, style)))
        }
        Telling::EffectBegan { id: _, depth, title, what, stdin, class, attempt, polled: _ } => match class {
            Class::Pure | Class::Read | Class::Record => Vec::new(),
            Class::Write | Class::Destroy => {
                let again = if attempt.n > 1 { numbered(*attempt, style) } else { String::new() };
                let mut out = page.line(*depth, style.sign("→", "->"), &format!("{}{again}", one_line(title, style)));
                if title.text != *what {
                    out.extend(page.command(*depth, what));
                }
                if let Some(stdin) = stdin {
                    let heading = style.pick("with the script, by stdin:", "由标准输入给出的脚本：");
                    out.extend(page.command(*depth, heading));
                    out.extend(page.command(*depth, stdin));
                }
                out
            }
        },
        Telling::EffectEnded { polled: true, .. } => Vec::new(),
        Telling::EffectEnded { id: _, depth, title, failure, output, took_ms, retry_at, attempt, polled: false } => {
            effect_ended(page, *depth, title, failure.as_ref(), output, *took_ms, (*attempt, *retry_at))
        }
        Telling::GuardBegan { .. } => Vec::new(),
        Telling::GuardHeld { id: _, depth, key, found } => {
            let said =
                text!("guard {}: {}", "目标核对 {}：{}", key, one_line(&Words::own(found.as_str(), None), style));
            page.line(
                *depth,
                &style.paint(Paint::Dim, style.sign("✓", "ok")),
                &style.paint(Paint::Dim, said.get(style.lang)),
            )
        }
        Telling::Attempt { depth, title, attempt, at } => again::attempt(page, *depth, title, *attempt, *at),
        Telling::Polling { depth, title, every, until } => again::polling(page, *depth, title, *every, *until),
        Telling::NotYet { depth, why } => again::not_yet(page, *depth, why),
        Telling::Polled { depth, title, verdict, reads, took } => {
            again::polled(page, *depth, title, *verdict, (*reads, *took))
        }
        Telling::Checked { depth, title, verdict, detail } => page.line(
            *depth,
            &style.mark(*verdict),
            &with_detail(&one_line(title, style), detail.get(style.lang), style),
        ),
        Telling::CheckTable { title, rows } => check_table(page, title, rows),
        Telling::Waiting { depth, title, until, skip } => {
            let span = human::span(until.duration_since(at), style.lang);
            let clock = style.clock(*until);
            let text = style.lang.pick(format!("waits until {clock} ({span})"), format!("等待至 {clock}（{span}）"));
            let skip = if *skip { style.pick("; `skip` goes on now", "；输入 skip 立即继续") } else { "" };
            page.line(*depth, style.sign("…", ".."), &format!("{}{text}{skip}", before(title, style)))
        }
        Telling::Unattended { id } => {
            let run = view();
            let Some(waiting) = run.waiting.iter().find(|waiting| waiting.id == id.0) else { return Vec::new() };
            let said = style.pick("nobody is here to answer; from elsewhere:", "此处无人答复，可以从别处答复：");
            let title = one_line(&waiting.title, style);
            let mut out = page.line(0, &page.care("?"), &style.paint(Paint::Care, &format!("{title}{colon}{said}")));
            out.extend(below(&[super::status::answer_command(&run, waiting, style)]));
            out
        }
        Telling::Detached => {
            let said = text!(
                "nobody is at the terminal any more; the run goes on, questions wait. To come back:",
                "终端已关闭，无人在场；运行继续，问题等待答复。返回："
            );
            let mut out = page.line(0, &page.care("!"), &style.paint(Paint::Care, said.get(style.lang)));
            out.extend(below(&[format!("runbook attach {}", view().run)]));
            out
        }
        Telling::Sampled { key, title, sample, count, next } => {
            let of = count.map_or_else(String::new, |count| format!("/{count}"));
            let heading = style.paint(Paint::Bold, &format!("{} {}{of}", style.pick("Sample", "样本"), sample.n));
            let note = slo::sample_note(sample, style);
            let gap = if note.is_empty() { "" } else { "  " };
            let sign =
                if sample.state == "taken" { style.sign("●", "*").to_owned() } else { style.mark(Verdict::Error) };
            let mut out = page.line(0, &sign, &format!("{heading}  {}{gap}{note}", title.said(style.lang)));
            if sample.state == "taken" {
                let run = view();
                let observation = observed(&run, key);
                out.extend(observation.into_iter().flat_map(|o| below(&slo::sample_lines(o, sample, &page.inner()))));
            }
            // One that is past, too, follows at once: it is missed.
            if let Some(next) = next.as_ref().filter(|next| **next > at) {
                let span = human::span(next.duration_since(at), style.lang);
                let clock = style.clock(*next);
                let text =
                    style.lang.pick(format!("next at {clock}, in {span}"), format!("下一个样本 {clock}（{span}后）"));
                out.extend(below(&[style.paint(Paint::Dim, &text)]));
            }
            out
        }
        Telling::Fired { key: _, event, attached } => {
            let text = if *attached {
                style.pick("again; added to what is open already", "再次触发，已并入正在处理的事件")
            } else {
                style.pick("fired", "已触发")
            };
            page.line(0, &page.care("!"), &style.paint(Paint::Care, &format!("{}{colon}{text}", event.get(style.lang))))
        }
        Telling::AlertsChanged { source, firing } => {
            if firing.is_empty() {
                let text =
                    style.lang.pick(format!("{source}: no alert fires any more"), format!("{source}：告警已全部恢复"));
                return page.line(0, &style.mark(Verdict::Pass), &text);
            }
            let heading = style.lang.pick(format!("{source}: alerts fire"), format!("{source}：告警触发"));
            let mut out = page.line(0, &page.care("!"), &style.paint(Paint::Care, &heading));
            out.extend(below(&firing.iter().map(|alert| super::status::alert_line(alert, style)).collect::<Vec<_>>()));
            out
        }
        Telling::ObservationEnded { key, verdict } => {
            let run = view();
            let observation = observed(&run, key);
            let title = observation.map_or(key.as_str(), |observation| observation.title.said(style.lang));
            let text = style.lang.pick(format!("observation {title}"), format!("观察 {title}"));
            let mut out = page.line(0, &style.mark(*verdict), &format!("{text}{colon}{}", style.word(*verdict)));
            out.extend(observation.into_iter().flat_map(|o| below(&slo::summary_lines(o, &page.inner()))));
            out
        }
        Telling::Noted { depth, text } => page.line(*depth, style.sign("✎", "*"), text.said(style.lang)),
        Telling::Answered { key, title, value, choice, by } => {
            let value = match (choice, value) {
                (Some(choice), _) if !choice.is_empty() => choice.said(style.lang).to_owned(),
                (Some(_), Value::Text(key)) => words::chosen(key, style.lang).to_owned(),
                (Some(_) | None, value) => human::value(value, &style.zone, style.lang),
            };
            let by = style.paint(Paint::Dim, &format!("  {} {by}", style.sign("—", "--")));
            let title = Some(title.said(style.lang)).filter(|title| !title.is_empty()).unwrap_or(key);
            page.line(0, style.sign("◆", "="), &format!("{}{value}{by}", style.answered(title)))
        }
        Telling::TimedOut { key: _, title } => {
            let word = style.pick("nobody answered in time", "超时无人答复");
            page.line(
                0,
                &page.care("!"),
                &style.paint(Paint::Care, &format!("{}{word}", style.answered(title.said(style.lang)))),
            )
        }
        Telling::Deviation { by, what } => {
            let word = style.pick("Deviation", "偏离");
            let what = text!("{} ({})", "{}（{}）", what, by);
            page.line(0, &page.care("!"), &style.paint(Paint::Care, &format!("{word}{colon}{}", what.get(style.lang))))
        }
        Telling::Warning { text } => page.line(0, &page.care("!"), &style.paint(Paint::Care, text.get(style.lang))),
        Telling::RollbackBegan { because, plan } => {
            let heading = text!("Rollback: {}", "回滚：{}", because);
            let mut out = vec![String::new()];
            out.extend(page.line(0, style.sign("↺", "<<"), &style.paint(Paint::Bad, heading.get(style.lang))));
            out.extend(below(&super::about::numbered(plan, style.lang)));
            out
        }
        Telling::FinallyBegan => {
            let text = style.pick("Finally", "收尾");
            let mut out = vec![String::new()];
            out.extend(page.line(0, style.sign("━━", "=="), &style.paint(Paint::Bold, text)));
            out
        }
        Telling::Ended { ending, reasons } => ended(page, *ending, reasons, &view()),
    }
}

/// The observation of a key, which may be that of an instance (`KEY#1`).
fn observed<'a>(run: &'a RunView, key: &str) -> Option<&'a ObservationView> {
    let key = stem_of(key);
    run.observations.iter().find(|observation| observation.key == key)
}

/// Where lines are put.
#[derive(Clone, Copy)]
struct Page<'a> {
    at: Timestamp,
    style: &'a Style,
    /// The branch in which it happened; empty: in none.
    branch: &'a str,
}

impl Page<'_> {
    /// A line with its time, and more lines where it does not fit into one.
    fn line(self, depth: u32, sign: &str, text: &str) -> Vec<String> {
        let indent = " ".repeat(depth.min(MAX_INDENT) as usize * 2);
        let sign = super::width::pad(sign, 2);
        let branch = super::outputs::label(self.branch, self.style);
        let beside = super::width::width(&branch);
        let room =
            self.style.width.saturating_sub(TIME_COLUMNS + indent.len() + super::width::width(&sign) + 1 + beside);
        let time = self.style.paint(Paint::Dim, &self.style.clock(self.at));
        let mut out = Vec::new();
        // Titles and details may hold text that came from outside.
        let mut sanitiser = sanitise::Sanitiser::default();
        let clean = sanitiser.feed(text.as_bytes());
        let text = clean.as_str();
        let text = if text.contains('\u{1b}') { text.replace('\n', " ") } else { text.to_owned() };
        for (index, piece) in wrap(&text, room).into_iter().enumerate() {
            if index == 0 {
                out.push(format!("{time}  {indent}{sign} {branch}{piece}"));
            } else {
                out.push(format!("{}{indent}   {piece}", " ".repeat(TIME_COLUMNS + beside)));
            }
        }
        out
    }

    /// The style of what stands in a block: narrower.
    fn inner(self) -> Style {
        Style { width: self.style.width.saturating_sub(TIME_COLUMNS + 3), ..self.style.clone() }
    }

    fn care(self, sign: &str) -> String {
        self.style.paint(Paint::Care, sign)
    }

    fn command(self, depth: u32, what: &str) -> Vec<String> {
        let all = sanitise::lines(what);
        let indent = " ".repeat(TIME_COLUMNS + depth.min(MAX_INDENT) as usize * 2 + 3);
        let mut out: Vec<String> = all
            .iter()
            .take(COMMAND_LINES)
            .map(|line| format!("{indent}{}", self.style.paint(Paint::Dim, &sanitise::uncoloured(line))))
            .collect();
        if all.len() > COMMAND_LINES {
            let more = all.len() - COMMAND_LINES;
            let text = self.style.lang.pick(format!("… {more} more lines"), format!("… 还有 {more} 行"));
            out.push(format!("{indent}{}", self.style.paint(Paint::Dim, &text)));
        }
        out
    }
}

/// Lines below one, without a time.
fn below(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| format!("{}   {line}", " ".repeat(TIME_COLUMNS))).collect()
}

/// Deepest indent: beyond, a narrow terminal has no room for text.
const MAX_INDENT: u32 = 8;

fn began(page: Page<'_>, resumed: bool, run: &RunView) -> Vec<String> {
    let style = page.style;
    let mut text = style.paint(Paint::Bold, run.title.said(style.lang));
    if let Some(environment) = &run.environment {
        text = format!("{text}  {environment}");
    }
    if run.simulated {
        text = format!("{text}  {}", style.paint(Paint::Care, simulated(style.lang)));
    }
    let verb = if resumed {
        style.pick("resumed by", "继续执行，执行者")
    } else {
        style.pick("executor", "执行者")
    };
    let mut out = page.line(0, style.sign("▶", ">>"), &text);
    let mut facts = vec![format!("{} {}", verb, run.executor), run.run.clone()];
    if let Some((from, to)) = run.window {
        let window = format!("{} – {}", human::moment(from, &style.zone), human::clock(to, &style.zone));
        facts.insert(1, format!("{} {window}", style.pick("window", "窗口")));
    }
    out.extend(below(&[style.paint(Paint::Dim, &facts.join(" · "))]));
    if !run.absent.is_empty() {
        let absent = format!("{}{}{}", style.pick("not configured", "未配置"), style.colon(), run.absent.join(", "));
        out.extend(below(&[style.paint(Paint::Care, &absent)]));
    }
    out
}

fn late(late_s: Option<i64>, style: &Style) -> String {
    let Some(seconds) = late_s else { return String::new() };
    let span = human::span(SignedDuration::from_secs(seconds.saturating_abs()), style.lang);
    // Less than a minute is on time: plans are written in minutes.
    match seconds {
        60.. => style.paint(Paint::Care, &style.lang.pick(format!("  {span} late"), format!("  晚 {span}"))),
        ..=-60 => style.paint(Paint::Dim, &style.lang.pick(format!("  {span} early"), format!("  早 {span}"))),
        -59..=59 => String::new(),
    }
}

/// Only what took a while is told.
fn took(took_ms: i64, style: &Style) -> String {
    const WORTH_TELLING_MS: i64 = 100;
    if took_ms < WORTH_TELLING_MS {
        return String::new();
    }
    let span = human::span(SignedDuration::from_millis(took_ms), style.lang);
    style.paint(Paint::Dim, &format!("  {span}"))
}

/// `  attempt 2 of 3`, where there can be more than one.
fn numbered(attempt: Attempt, style: &Style) -> String {
    let Attempt { n, of } = attempt;
    let text = match (n <= of, of) {
        (true, 1) => return String::new(),
        (true, _) => text!("attempt {n} of {of}", "第 {n} 次，共 {of} 次"),
        // A person asked for it.
        (false, _) => text!("attempt {n}", "第 {n} 次"),
    };
    style.paint(Paint::Dim, &format!("  {}", text.get(style.lang)))
}

/// A title before what is said of it, where there is one.
fn before(title: &Words, style: &Style) -> String {
    if title.is_empty() { String::new() } else { format!("{}{}", one_line(title, style), style.colon()) }
}

/// A title, or the first line of the command that stands for it.
fn one_line(title: &Words, style: &Style) -> String {
    let mut lines = sanitise::lines(title.said(style.lang)).into_iter();
    let first = lines.next().map(|line| sanitise::uncoloured(&line)).unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first }
}

fn with_detail(text: &str, detail: &str, style: &Style) -> String {
    if detail.is_empty() {
        text.to_owned()
    } else {
        format!("{text}{}", style.paint(Paint::Dim, &format!("  {detail}")))
    }
}

fn effect_ended(
    page: Page<'_>,
    depth: u32,
    title: &Words,
    failed: Option<&Failure>,
    output: &Output,
    took_ms: i64,
    (attempt, retry_at): (Attempt, Option<Timestamp>),
) -> Vec<String> {
    let style = page.style;
    let title = one_line(title, style);
    let colon = style.colon();
    let (first, which) = (attempt.n == 1, numbered(attempt, style));
    let Some(failed) = failed else {
        return page.line(depth, &style.mark(Verdict::Pass), &{
            // That it took several is said; that it took one is the rule.
            let which = if first { "" } else { which.as_str() };
            format!("{title}{which}{}", took(took_ms, style))
        });
    };
    if failed.kind == FailureKind::Absent {
        let word = failure(failed.kind, style.lang);
        return page.line(depth, &style.mark(Verdict::NotApplicable), &format!("{title}{colon}{word}"));
    }
    let word = style.paint(Paint::Bad, failure(failed.kind, style.lang));
    let mut out =
        page.line(depth, &style.mark(Verdict::Fail), &format!("{title}{colon}{word}{which}{}", took(took_ms, style)));
    if !failed.message.is_empty() {
        out.extend(below(&wrap(failed.message.get(style.lang), page.inner().width)));
    }
    out.extend(output_tail(&output.text, style));
    if let Some(retry_at) = retry_at {
        let clock = style.clock(retry_at);
        let text = style.lang.pick(format!("tries again at {clock}"), format!("{clock} 重试"));
        out.extend(below(&[style.paint(Paint::Care, &text)]));
    }
    out
}

/// The last lines of an output.
pub fn output_tail(text: &str, style: &Style) -> Vec<String> {
    let all = sanitise::lines(text);
    let from = all.len().saturating_sub(FAILURE_LINES);
    let mut out = Vec::new();
    if from > 0 {
        let more = style.lang.pick(format!("… {from} lines before"), format!("… 前面还有 {from} 行"));
        out.push(bar(&style.paint(Paint::Dim, &more), style));
    }
    out.extend(all.iter().skip(from).map(|line| bar(line, style)));
    out
}

fn check_table(page: Page<'_>, title: &Words, rows: &[(Words, Verdict, Text)]) -> Vec<String> {
    let style = page.style;
    let heading = format!(
        "{}{}{}",
        title.said(style.lang),
        style.colon(),
        tally(rows.iter().map(|(_, verdict, _)| *verdict), style)
    );
    let mut out = page.line(0, style.sign("≡", "="), &heading);
    // Where all passed, each line above has said so, and the count is enough.
    if rows.iter().all(|(_, verdict, _)| *verdict == Verdict::Pass) {
        return out;
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for (title, verdict, detail) in rows {
        table.row(vec![style.mark(*verdict), one_line(title, style), style.paint(Paint::Dim, detail.get(style.lang))]);
    }
    out.extend(below(&table.lines(page.inner().width)));
    out
}

/// How many of each: `7 passed, 4 no data`. What was not evaluated is never among what passed.
fn tally(verdicts: impl Iterator<Item = Verdict>, style: &Style) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for verdict in verdicts {
        *counts.entry(verdict).or_insert(0_u32) += 1;
    }
    let each = |(verdict, count): (&Verdict, &u32)| {
        let word = verdict.word(style.lang);
        style.lang.pick(format!("{count} {word}"), format!("{count} 项{word}"))
    };
    counts.iter().map(each).collect::<Vec<_>>().join(style.pick(", ", "，"))
}

fn ended(page: Page<'_>, how: Ending, reasons: &[Words], run: &RunView) -> Vec<String> {
    let style = page.style;
    let verdict = match how {
        Ending::Passed => Verdict::Pass,
        Ending::NotPassed => Verdict::Fail,
        Ending::RolledBack => Verdict::RolledBack,
        Ending::Suspended => Verdict::Pending,
        Ending::Aborted => Verdict::Aborted,
        Ending::Refused => Verdict::NotApplicable,
    };
    let mut text = style.paint(super::style::paint_of(verdict), ending(how, style.lang));
    if run.simulated {
        text = format!("{text}  {}", style.paint(Paint::Care, simulated(style.lang)));
    }
    let mut out = vec![String::new()];
    out.extend(page.line(0, &style.mark(verdict), &format!("{}{}{text}", run.title.said(style.lang), style.colon())));
    for reason in reasons {
        out.extend(below(&wrap(reason.said(style.lang), page.inner().width)));
    }
    if how == Ending::Suspended {
        out.extend(below(&super::status::ways_on(run, style)));
    }
    out
}

#[cfg(test)]
mod tests;
