//! What commands print while they run: whole lines, cleaned, marked as output, and bounded. The whole output is in the
//! journal or its artifact; the screen is for news.

use std::collections::BTreeMap;

use super::sanitise::{MAX_LINE_CHARS, Sanitiser, closed};
use super::style::{Paint, Style};
use crate::engine::action::ActionId;

/// Most lines of one effect that are shown as they come: a screen or two. A follow of logs must not push the step tree away.
const MAX_LIVE_LINES: usize = 60;

/// The outputs of the effects that run.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    open: BTreeMap<ActionId, Live>,
}

#[derive(Clone, Debug, Default)]
struct Live {
    sanitiser: Sanitiser,
    line: String,
    shown: usize,
    muted: bool,
    /// The branch of a `parallel` in which it runs; empty: none.
    branch: String,
}

impl Outputs {
    /// The effect begins in a branch, beside others: its lines will say so.
    pub fn begins_in(&mut self, id: &ActionId, branch: &str) {
        branch.clone_into(&mut self.open.entry(id.clone()).or_default().branch);
    }

    /// What it prints is not shown.
    pub fn mute(&mut self, id: &ActionId) {
        self.open.entry(id.clone()).or_default().muted = true;
    }

    /// The lines that a piece of output completes.
    pub fn feed(&mut self, id: &ActionId, text: &str, style: &Style) -> Vec<String> {
        let live = self.open.entry(id.clone()).or_default();
        if live.muted {
            return Vec::new();
        }
        let clean = live.sanitiser.feed(text.as_bytes());
        let mut lines = Vec::new();
        for piece in clean.split_inclusive('\n') {
            // A line that never ends is kept no longer than it would be shown.
            let room = (MAX_LINE_CHARS + 1).saturating_sub(live.line.chars().count());
            live.line.extend(piece.trim_end_matches('\n').chars().take(room));
            if piece.ends_with('\n') {
                let complete = std::mem::take(&mut live.line);
                lines.extend(live.show(&complete, style));
            }
        }
        lines
    }

    /// All that the effect has printed is on the screen, or will be with [`Self::finish`].
    pub fn shows_all(&self, id: &ActionId) -> bool {
        let lines = |live: &Live| live.shown + usize::from(!live.line.is_empty());
        self.open.get(id).is_some_and(|live| !live.muted && (1..=MAX_LIVE_LINES).contains(&lines(live)))
    }

    /// The effect has ended: its last line, where that had no newline.
    pub fn finish(&mut self, id: &ActionId, style: &Style) -> Vec<String> {
        let Some(mut live) = self.open.remove(id) else { return Vec::new() };
        let last = std::mem::take(&mut live.line) + &live.sanitiser.finish();
        if last.is_empty() { Vec::new() } else { live.show(&last, style).into_iter().collect() }
    }
}

impl Live {
    fn show(&mut self, line: &str, style: &Style) -> Option<String> {
        self.shown += 1;
        let label = label(&self.branch, style);
        if self.shown > MAX_LIVE_LINES + 1 {
            return None;
        }
        if self.shown == MAX_LIVE_LINES + 1 {
            let more = style.pick("more output: see `log`", "后续输出见 `log`");
            return Some(bar(&format!("{label}{}", style.paint(Paint::Dim, &format!("… {more}"))), style));
        }
        Some(bar(&format!("{label}{}", closed(line)), style))
    }
}

/// A line of output, with the bar that no line of our own has: output cannot pass for a question.
pub fn bar(line: &str, style: &Style) -> String {
    let line = if style.colour { line.to_owned() } else { super::sanitise::uncoloured(line) };
    format!("{}{line}", style.paint(Paint::Dim, style.sign("  │ ", "  | ")))
}

/// Before what belongs to a branch: several run at once, and each line says whose it is.
pub fn label(branch: &str, style: &Style) -> String {
    if branch.is_empty() { String::new() } else { style.paint(Paint::Dim, &format!("[{branch}] ")) }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::text::Lang;

    fn id() -> ActionId {
        ActionId("s/sh.1#1".to_owned())
    }

    #[test]
    fn lines_come_whole_and_behind_a_bar() {
        let style = Style::plain(Lang::En, TimeZone::UTC);
        let mut outputs = Outputs::default();
        assert!(!outputs.shows_all(&id()), "it has printed nothing");
        assert_eq!(outputs.feed(&id(), "half", &style), Vec::<String>::new());
        assert!(outputs.shows_all(&id()));
        assert_eq!(outputs.feed(&id(), " a line\n\u{1b}[31mred\nrest", &style), ["  │ half a line", "  │ red"]);
        assert_eq!(outputs.finish(&id(), &style), ["  │ rest"]);
        assert_eq!(outputs.finish(&id(), &style), Vec::<String>::new());
    }

    #[test]
    fn lines_of_a_branch_say_whose_they_are() {
        let style = Style::plain(Lang::En, TimeZone::UTC);
        let mut outputs = Outputs::default();
        outputs.begins_in(&id(), "eu");
        assert_eq!(outputs.feed(&id(), "one\ntwo", &style), ["  │ [eu] one"]);
        assert_eq!(outputs.finish(&id(), &style), ["  │ [eu] two"]);
    }

    #[test]
    fn a_flood_is_told_once_and_memory_is_bounded() {
        let style = Style::plain(Lang::En, TimeZone::UTC);
        let mut outputs = Outputs::default();
        let shown = outputs.feed(&id(), &"x\n".repeat(10_000), &style);
        assert_eq!(shown.len(), MAX_LIVE_LINES + 1);
        assert!(shown.last().unwrap().contains("more output"));
        assert!(!outputs.shows_all(&id()), "its end was not seen");
        for _ in 0..1_000 {
            outputs.feed(&id(), &"y".repeat(1_000), &style);
        }
        assert!(outputs.open[&id()].line.len() <= MAX_LINE_CHARS + 1);
    }
}
