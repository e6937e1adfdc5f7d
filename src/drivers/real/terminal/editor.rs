//! One line from the person at the terminal: by a line editor with completion and history, by plain lines where the
//! terminal can do no more.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{FlushArg, LocalFlags, SetArg, tcflush, tcgetattr, tcsetattr};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::{History as _, MemHistory};
use rustyline::validate::Validator;
use rustyline::{Behavior, ColorMode, CompletionType, Config, Context, Editor, Helper, Prompt};

use super::history::History;
use super::printer::Above;
use crate::console::prompt::complete::{Known, complete};
use crate::console::prompt::dialogue::PromptDialogue;
use crate::console::sanitise::uncoloured;
use crate::text::Lang;

/// How often plain input looks whether it is still wanted.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What came of asking for a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// It was taken back; what was typed until then.
    Cancelled(String),
    /// Ctrl-D on an empty line.
    End,
    /// The terminal is gone.
    Gone,
}

/// What is asked for.
pub(super) struct Line<'a> {
    /// Before the cursor, with colours.
    pub(super) prompt: String,
    /// What stands there already.
    pub(super) draft: &'a str,
    pub(super) history: &'a History,
    /// What the tab key offers; none: nothing.
    pub(super) dialogue: Option<Arc<Mutex<PromptDialogue>>>,
    pub(super) known: Known,
    pub(super) lang: Lang,
    /// Not shown while it is typed.
    pub(super) hidden: bool,
}

/// Can the terminal do more than lines?
pub(super) fn is_plain() -> bool {
    std::env::var("TERM").is_ok_and(|term| ["dumb", "cons25", "emacs"].contains(&term.to_lowercase().as_str()))
}

/// What was typed before a question was there does not answer it.
pub(super) fn forget_typed_ahead() {
    if let Ok(tty) = File::open("/dev/tty") {
        // Where it cannot be done the keys are read as usual.
        let _ = tcflush(&tty, FlushArg::TCIFLUSH);
    }
}

/// Asks for a line. `cancelled`: it is not wanted any more.
pub(super) fn read(line: &Line<'_>, above: &Arc<Above>, cancelled: &dyn Fn() -> bool) -> Typed {
    let read = if is_plain() { plain(line, cancelled) } else { edited(line, above, cancelled) };
    // Without a terminal any more there is nobody to tell.
    read.unwrap_or(Typed::Gone)
}

fn edited(line: &Line<'_>, above: &Arc<Above>, cancelled: &dyn Fn() -> bool) -> io::Result<Typed> {
    let config = Config::builder()
        // Prompts are on the terminal, wherever standard output goes.
        .behavior(Behavior::PreferTerm)
        .color_mode(ColorMode::Forced)
        .completion_type(CompletionType::List)
        .build();
    let history = MemHistory::with_config(&config);
    let mut editor: Editor<Aid, MemHistory> = Editor::with_history(config, history).map_err(io::Error::other)?;
    for old in line.history.lines() {
        // An entry that is refused (a double) is not missed.
        drop(editor.history_mut().add(old));
    }
    let draft = Arc::new(Mutex::new(line.draft.to_owned()));
    editor.set_helper(Some(Aid {
        above: Arc::clone(above),
        draft: Arc::clone(&draft),
        dialogue: line.dialogue.clone(),
        known: line.known.clone(),
        lang: line.lang,
        hidden: line.hidden,
    }));
    if let Ok(printer) = editor.create_external_printer() {
        above.open(Box::new(printer));
    }
    let prompt = Shown { raw: uncoloured(&line.prompt), styled: line.prompt.clone() };
    let typed = editor.readline_with_initial(&prompt, (line.draft, ""));
    above.close();
    // Whoever waits to print above it is let go.
    drop(editor);
    let draft = std::mem::take(&mut *draft.lock().unwrap_or_else(PoisonError::into_inner));
    match typed {
        Ok(typed) => Ok(Typed::Line(typed)),
        Err(ReadlineError::Interrupted) if cancelled() => Ok(Typed::Cancelled(draft)),
        Err(ReadlineError::Interrupted) => Ok(Typed::Interrupt),
        Err(ReadlineError::Eof) => Ok(Typed::End),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// A prompt whose width is that of its plain text.
struct Shown {
    raw: String,
    styled: String,
}

impl Prompt for Shown {
    fn raw(&self) -> &str {
        &self.raw
    }

    fn styled(&self) -> &str {
        &self.styled
    }
}

/// What the editor asks while a line is typed.
struct Aid {
    above: Arc<Above>,
    draft: Arc<Mutex<String>>,
    dialogue: Option<Arc<Mutex<PromptDialogue>>>,
    known: Known,
    lang: Lang,
    hidden: bool,
}

impl Helper for Aid {}
impl Validator for Aid {}

impl Completer for Aid {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..at).unwrap_or(line);
        if self.hidden {
            return Ok((at, Vec::new()));
        }
        let dialogue = self.dialogue.as_ref().map(|dialogue| dialogue.lock().unwrap_or_else(PoisonError::into_inner));
        let asked = dialogue.as_ref().and_then(|dialogue| dialogue.asked());
        Ok(complete(before, asked, &self.known, self.lang))
    }
}

/// Gives no hints: it is asked at every change of the line, and so knows the draft.
impl Hinter for Aid {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<String> {
        if !self.hidden {
            line.clone_into(&mut self.draft.lock().unwrap_or_else(PoisonError::into_inner));
        }
        None
    }
}

impl Highlighter for Aid {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.hidden { Cow::Owned("*".repeat(line.chars().count())) } else { Cow::Borrowed(line) }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        self.above.redrawn();
        Cow::Borrowed(prompt)
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.hidden
    }
}

/// A line as the terminal itself gives it. Nothing can be shown above it.
fn plain(line: &Line<'_>, cancelled: &dyn Fn() -> bool) -> io::Result<Typed> {
    let mut tty = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let echo = if line.hidden { Some(EchoOff::new(tty.try_clone()?)?) } else { None };
    tty.write_all(uncoloured(&line.prompt).as_bytes())?;
    let mut typed = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        if cancelled() {
            return Ok(Typed::Cancelled(String::new()));
        }
        let mut polled = [PollFd::new(tty.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(LOOK_AGAIN).unwrap_or(PollTimeout::MAX);
        if !matches!(poll(&mut polled, timeout), Ok(ready) if ready > 0) {
            continue;
        }
        let read = tty.read(&mut buffer)?;
        typed.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if read == 0 && typed.is_empty() {
            return Ok(Typed::End);
        }
        if read == 0 || typed.ends_with(b"\n") {
            drop(echo);
            let text = String::from_utf8_lossy(&typed);
            return Ok(Typed::Line(text.trim_end_matches(['\n', '\r']).to_owned()));
        }
    }
}

/// Typed keys are not shown until it is dropped.
struct EchoOff {
    tty: File,
    before: nix::sys::termios::Termios,
}

impl EchoOff {
    fn new(tty: File) -> io::Result<EchoOff> {
        let before = tcgetattr(&tty)?;
        let mut settings = before.clone();
        settings.local_flags.remove(LocalFlags::ECHO);
        settings.local_flags.insert(LocalFlags::ECHONL);
        tcsetattr(&tty, SetArg::TCSANOW, &settings)?;
        Ok(EchoOff { tty, before })
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo.
        let _ = tcsetattr(&self.tty, SetArg::TCSANOW, &self.before);
    }
}
