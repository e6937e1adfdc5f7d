//! What every command has: the language, the state folder, how things are drawn.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::args::Color;
use super::inputs;
use super::refusal::Refusal;
use crate::console::style::{DEFAULT_WIDTH, Style};
use crate::diagnostic::terminal::Look;
use crate::journal::file_store::FileStore;
use crate::text::Lang;

/// One call of the program.
pub(super) struct Session {
    /// In which people are spoken to.
    pub(super) lang: Lang,
    state_dir: Option<PathBuf>,
    color: Color,
}

impl Session {
    pub(super) fn new(state_dir: Option<PathBuf>, color: Color) -> Self {
        Self { lang: inputs::language(), state_dir, color }
    }

    /// The store of journals.
    pub(super) fn store(&self) -> Result<FileStore, Refusal> {
        Ok(FileStore::open(&inputs::state_dir(self.state_dir.clone())?)?)
    }

    /// How findings are drawn.
    pub(super) fn look(&self) -> Look {
        let colour = self.wants_colour(inputs::stderr_is_terminal());
        let width = inputs::stderr_width().unwrap_or(DEFAULT_WIDTH);
        Look { colour, unicode: true, width, lang: self.lang }
    }

    /// How the account of a run is drawn, on standard error.
    pub(super) fn style_of_account(&self, zone: &TimeZone) -> Style {
        let plain = Style::plain(self.lang, zone.clone());
        let colour = self.wants_colour(inputs::stderr_is_terminal());
        Style { colour, width: inputs::stderr_width().unwrap_or(plain.width), ..plain }
    }

    /// File of what was typed at prompts.
    pub(super) fn history(&self) -> Option<PathBuf> {
        inputs::state_dir(self.state_dir.clone()).ok().map(|folder| folder.join("history"))
    }

    /// How lines of a result are drawn, with times of day in `zone`.
    pub(super) fn style(&self, zone: &str) -> Style {
        self.style_in(TimeZone::get(zone).unwrap_or(TimeZone::UTC))
    }

    /// The same, in a zone that is known.
    pub(super) fn style_in(&self, zone: TimeZone) -> Style {
        let plain = Style::plain(self.lang, zone);
        let colour = self.wants_colour(inputs::stdout_is_terminal());
        Style { colour, width: inputs::stdout_width().unwrap_or(plain.width), ..plain }
    }

    /// By themselves colours go to a terminal alone, and only where nobody has switched them off.
    fn wants_colour(&self, terminal: bool) -> bool {
        let off = inputs::variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = inputs::variable("TERM").is_some_and(|term| term == "dumb");
        match self.color {
            Color::Auto => terminal && !off && !dumb,
            Color::Always => true,
            Color::Never => false,
        }
    }
}
