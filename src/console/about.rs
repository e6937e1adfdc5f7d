//! What a question says beyond its title, wherever it is shown: at its prompt, in `status`, with a suspension.

use super::lang::kind_label;
use super::sanitise::plain;
use super::style::{Paint, Style};
use super::telling::output_tail;
use super::width::wrap;
use crate::engine::action::{PromptKind, Words};
use crate::text;
use crate::text::Lang;
use crate::value::human;

/// The question in a line. Where its kind has a title of the tool's own, or the author's is the same word, it is said once.
pub fn heading(kind: &PromptKind, title: &Words, style: &Style) -> String {
    let (label, title) = (kind_label(kind, style.lang), plain(title.said(style.lang)).join(" "));
    let own = matches!(
        kind,
        PromptKind::Rollback { .. } | PromptKind::Window { .. } | PromptKind::HalfUndo { .. } | PromptKind::Paused
    );
    // It says what ended and what comes.
    if matches!(kind, PromptKind::NextPass { .. }) && !title.is_empty() {
        return title;
    }
    if own || title.is_empty() || title == label {
        label.to_owned()
    } else {
        format!("{}{title}", style.answered(label))
    }
}

/// What a kind of question says beyond its title.
pub fn lines(kind: &PromptKind, style: &Style) -> Vec<String> {
    let wrapped = |text: &str| plain(text).iter().flat_map(|line| wrap(line, style.width.saturating_sub(2))).collect();
    match kind {
        PromptKind::Confirm { refused, .. } if !refused.is_empty() => {
            let word = style.pick("cannot be confirmed while failed or skipped", "以下项目失败或被跳过，目前不能确认");
            vec![style.paint(Paint::Care, &format!("{word}{}{}", style.colon(), refused.join(", ")))]
        }
        PromptKind::Manual { links, later } => {
            let mut out: Vec<String> = links.iter().flat_map(|link| plain(link)).collect();
            if *later {
                out.push(style.pick("may be done after the run", "可在运行结束后完成").to_owned());
            }
            out
        }
        PromptKind::Accept { message } => wrapped(message.get(style.lang)),
        PromptKind::Failed { message, output } => {
            let mut out: Vec<String> = wrapped(without_end_of(output, message.get(style.lang)));
            let tail = output_tail(output, style);
            out.extend(tail.into_iter().map(|line| line.trim_start().to_owned()));
            out
        }
        PromptKind::InDoubt { what } => {
            let mut out = vec![
                style
                    .pick(
                        "It was begun before the interruption; its outcome is not known.",
                        "中断前已经开始执行，结果不明。",
                    )
                    .to_owned(),
            ];
            out.extend(plain(what));
            out
        }
        PromptKind::Window { from, to } => {
            let (from, to) = (human::moment(*from, &style.zone), human::moment(*to, &style.zone));
            vec![style.lang.pick(format!("the window is {from} to {to}"), format!("上线窗口为 {from} 至 {to}"))]
        }
        PromptKind::NoData { objective, words } => {
            let mut out = vec![objective.clone()];
            out.extend(words.iter().flat_map(|words| plain(words.said(style.lang))));
            out
        }
        PromptKind::Rollback { plan, because } => {
            let mut out = vec![text!("because: {}", "原因：{}", because).get(style.lang).to_owned()];
            if plan.is_empty() {
                out.push(style.pick("there is nothing to undo", "没有需要回退的操作").to_owned());
            }
            out.extend(numbered(plan, style.lang));
            out
        }
        PromptKind::HalfUndo { what } => plain(what.said(style.lang)),
        PromptKind::Step { what } => plain(what),
        PromptKind::NextPass { .. }
        | PromptKind::Ask
        | PromptKind::Confirm { .. }
        | PromptKind::Item
        | PromptKind::Collect { .. }
        | PromptKind::Decide
        | PromptKind::Signoff
        | PromptKind::Paused
        | PromptKind::NoReturn { .. } => Vec::new(),
    }
}

/// A message without the last line of the output, which stands below it: `exit 3: no such host` → `exit 3`.
fn without_end_of<'a>(output: &str, message: &'a str) -> &'a str {
    let last = output.lines().map(str::trim).rfind(|line| !line.is_empty());
    let before = last.and_then(|last| message.strip_suffix(last));
    before.and_then(|before| before.strip_suffix(": ").or_else(|| before.strip_suffix('：'))).unwrap_or(message)
}

/// `1. …`, further lines of one below it.
pub fn numbered(items: &[Words], lang: Lang) -> Vec<String> {
    let digits = items.len().to_string().len();
    let mut out = Vec::new();
    for (index, item) in items.iter().enumerate() {
        for (line_index, line) in plain(item.said(lang)).iter().enumerate() {
            let head = if line_index == 0 { format!("{:>digits$}. ", index + 1) } else { " ".repeat(digits + 2) };
            out.push(format!("{head}{line}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_does_not_repeat_the_output_below_it() {
        assert_eq!(without_end_of("working\nno such host\n", "exit 3: no such host"), "exit 3");
        assert_eq!(without_end_of("no such host", "退出码 3：no such host"), "退出码 3");
        for (output, message) in [("", "exit 3"), ("no such host", "no such host"), ("3", "exit 3"), ("a", "timed out")]
        {
            assert_eq!(without_end_of(output, message), message);
        }
    }
}
