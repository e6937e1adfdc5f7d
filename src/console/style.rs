//! How lines are drawn: language, colour, signs, width, zone. Colour never carries meaning alone: every mark is a sign of
//! its own, also in ASCII.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::text::Lang;
use crate::value::{Verdict, human};

/// How lines are drawn.
#[derive(Clone, Debug)]
pub struct Style {
    /// In which language.
    pub lang: Lang,
    /// With colours.
    pub colour: bool,
    /// Signs beyond ASCII may be used.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Zone of the runbook, for times of day.
    pub zone: TimeZone,
}

/// Columns of findings where no terminal says how many it has: the oldest agreement there is.
pub const DEFAULT_WIDTH: usize = 80;

/// Columns where there is no terminal: a file, a pipe or a program gets a line as long as it is. Longer than any line that
/// is drawn, and a number that can be added to.
const UNBOUNDED: usize = 1 << 24;

impl Style {
    /// For a file or a pipe: no colour, the signs of UTF-8, lines as long as they are.
    pub fn plain(lang: Lang, zone: TimeZone) -> Self {
        Self { lang, colour: false, unicode: true, width: UNBOUNDED, zone }
    }

    /// `text` in a colour, where colours are on.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Dim => "2",
            Paint::Good => "32",
            Paint::Bad => "1;31",
            Paint::Care => "33",
            Paint::Ask => "1;36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// One of two signs.
    pub fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// The mark of a verdict, in its colour.
    pub fn mark(&self, verdict: Verdict) -> String {
        let (unicode, ascii, paint) = match verdict {
            Verdict::Pass => ("✓", "ok", Paint::Good),
            Verdict::Fail | Verdict::Breach => ("✗", "X", Paint::Bad),
            Verdict::Error => ("‼", "!!", Paint::Bad),
            Verdict::NoData => ("?", "?", Paint::Care),
            Verdict::Skipped => ("↷", ">>", Paint::Care),
            Verdict::NotApplicable => ("–", "n/a", Paint::Dim),
            Verdict::Pending => ("○", "..", Paint::Dim),
            Verdict::RolledBack => ("↺", "<<", Paint::Care),
            Verdict::Aborted => ("■", "#", Paint::Bad),
            Verdict::CutOff => ("⊘", "/", Paint::Care),
        };
        self.paint(paint, self.sign(unicode, ascii))
    }

    /// The word of a verdict, in its colour.
    pub fn word(&self, verdict: Verdict) -> String {
        self.paint(paint_of(verdict), verdict.word(self.lang))
    }

    /// The time of day in the runbook's zone.
    pub fn clock(&self, time: Timestamp) -> String {
        human::clock(time, &self.zone)
    }

    /// What stands between a title and what is said about it.
    pub fn colon(&self) -> &'static str {
        self.lang.pick(": ", "：")
    }

    /// A question with what stands between it and its answer: none where it brings its own sign.
    pub fn answered(&self, question: &str) -> String {
        let colon = if question.ends_with('？') {
            ""
        } else if question.ends_with(['?', ':']) {
            " "
        } else {
            self.colon()
        };
        format!("{question}{colon}")
    }

    /// One of two wordings.
    pub fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.lang.pick(en, zh)
    }
}

/// Colour of a verdict.
pub fn paint_of(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Pass => Paint::Good,
        Verdict::Fail | Verdict::Breach | Verdict::Error | Verdict::Aborted => Paint::Bad,
        Verdict::NoData | Verdict::Skipped | Verdict::RolledBack | Verdict::CutOff => Paint::Care,
        Verdict::NotApplicable | Verdict::Pending => Paint::Dim,
    }
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// A title.
    Bold,
    /// What is there for whoever looks for it.
    Dim,
    /// Passed.
    Good,
    /// Not passed.
    Bad,
    /// To be looked at.
    Care,
    /// A question.
    Ask,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_verdicts_apart_without_colour() {
        let mut style = Style::plain(Lang::En, TimeZone::UTC);
        for unicode in [true, false] {
            style.unicode = unicode;
            let pass = style.mark(Verdict::Pass);
            for other in [Verdict::Fail, Verdict::Error, Verdict::NoData, Verdict::Skipped, Verdict::NotApplicable] {
                assert_ne!(style.mark(other), pass);
                assert!(unicode || style.mark(other).is_ascii());
            }
        }
        style.colour = true;
        assert_eq!(style.paint(Paint::Good, "x"), "\u{1b}[32mx\u{1b}[0m");
    }
}
