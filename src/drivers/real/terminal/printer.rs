//! Gets lines to where people see them, in order, on a thread of its own: writing can block (a terminal that is held, a
//! pipe whose reader pauses), and the run must not. While a prompt is open the lines go above it.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::ExternalPrinter;

/// Texts that wait to be written. A terminal that is held for longer than so much comes together shows how much it missed;
/// the journal has all of it.
const MAX_WAITING: usize = 1024;

/// Where a text belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Standard error, where all goes that is no result.
    Screen,
    /// The terminal, where prompts are, also when standard error is a file.
    Terminal,
}

/// What is left of a prompt that is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// What was typed at it.
    Stays,
    /// Nobody typed at it: its line, the last one, is taken away.
    Goes,
}

enum Job {
    Print(Place, String),
    /// The prompt is closed.
    Closed(Closing),
    /// All before it is written.
    Flush(Sender<()>),
}

/// The way above an open prompt.
#[derive(Default)]
pub(super) struct Above {
    slot: Mutex<Slot>,
    /// How often the editor has drawn its line.
    redrawn: AtomicU64,
}

#[derive(Default)]
enum Slot {
    #[default]
    Closed,
    /// None: it is in use.
    Open(Option<Box<dyn ExternalPrinter + Send>>),
}

impl Above {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A prompt is about to open.
    pub(super) fn open(&self, printer: Box<dyn ExternalPrinter + Send>) {
        *self.slot() = Slot::Open(Some(printer));
    }

    /// It has closed.
    pub(super) fn close(&self) {
        *self.slot() = Slot::Closed;
    }

    /// The editor draws its line: it does so after each text that it has put above it.
    pub(super) fn redrawn(&self) {
        self.redrawn.fetch_add(1, Ordering::SeqCst);
    }
}

/// The writing end.
#[derive(Clone)]
pub(super) struct Printer {
    jobs: SyncSender<Job>,
    left_out: Arc<AtomicU64>,
}

impl Printer {
    /// Begins to write. `terminal`: there is one, and prompts are on it. It ends with its last handle.
    pub(super) fn start(terminal: bool, above: Arc<Above>) -> io::Result<Printer> {
        let (jobs, waiting) = sync_channel(MAX_WAITING);
        let left_out = Arc::new(AtomicU64::new(0));
        let tty = if terminal { OpenOptions::new().write(true).open("/dev/tty").ok() } else { None };
        let screen_is_terminal = tty.is_some() && io::stderr().is_terminal();
        let pending = None;
        let writer = Writer { tty, screen_is_terminal, above, pending, left_out: Arc::clone(&left_out) };
        std::thread::Builder::new().name("screen".to_owned()).spawn(move || writer.run(&waiting))?;
        Ok(Printer { jobs, left_out })
    }

    /// Lines for standard error. Never waits: where too many wait already they are left out.
    pub(super) fn screen(&self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        if let Err(TrySendError::Full(_)) = self.jobs.try_send(Job::Print(Place::Screen, text_of(lines))) {
            self.left_out.fetch_add(lines.len() as u64, Ordering::Relaxed);
        }
    }

    /// Lines for the terminal, beside a prompt.
    pub(super) fn terminal(&self, lines: &[String]) {
        if !lines.is_empty() {
            self.send(Job::Print(Place::Terminal, text_of(lines)));
        }
    }

    /// The prompt is closed. To be said before anybody else may print: its line must still be the last one.
    pub(super) fn closed(&self, closing: Closing) {
        self.send(Job::Closed(closing));
    }

    /// Waits until all before it is written.
    pub(super) fn flush(&self) {
        let (done, wait) = channel();
        self.send(Job::Flush(done));
        // An error: the writer is gone, and nothing is left to wait for.
        let _ = wait.recv();
    }

    fn send(&self, job: Job) {
        // It fails only when the writer is gone: at the end, or since it panicked, which its hook has reported.
        drop(self.jobs.send(job));
    }
}

fn text_of(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

struct Writer {
    tty: Option<File>,
    /// Standard error is the terminal: its lines, too, go above an open prompt.
    screen_is_terminal: bool,
    above: Arc<Above>,
    /// The text that was given to the editor last, and how often that had drawn its line before.
    pending: Option<(u64, String)>,
    left_out: Arc<AtomicU64>,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Job>) {
        while let Ok(job) = waiting.recv() {
            match job {
                Job::Print(place, text) => self.print(place, text),
                Job::Closed(Closing::Stays) => self.settle(),
                Job::Closed(Closing::Goes) => {
                    self.directly("\u{1b}[1A\r\u{1b}[K");
                    self.settle();
                }
                Job::Flush(done) => drop(done.send(())),
            }
        }
        self.settle();
    }

    fn print(&mut self, place: Place, text: String) {
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        let text = if left_out > 0 { format!("… {left_out} lines not shown\n{text}") } else { text };
        if place == Place::Screen && !self.screen_is_terminal {
            write(&mut io::stderr(), &text);
        } else {
            self.beside_prompt(text);
        }
    }

    /// Above the prompt where one is open, else below what is there.
    fn beside_prompt(&mut self, text: String) {
        let open = match &mut *self.above.slot() {
            Slot::Closed => None,
            Slot::Open(printer) => printer.take(),
        };
        let Some(mut printer) = open else {
            self.settle();
            return self.directly(&text);
        };
        let before = self.above.redrawn.load(Ordering::SeqCst);
        // It returns when the editor has taken the text before this one; an error means that it has closed instead.
        if printer.print(text.clone()).is_err() {
            self.settle();
            return self.directly(&text);
        }
        self.pending = Some((before, text));
        if let Slot::Open(slot @ None) = &mut *self.above.slot() {
            *slot = Some(printer);
        }
    }

    /// The prompt is closed: a text that the editor was given and did not draw its line after was not shown.
    fn settle(&mut self) {
        if let Some((before, text)) = self.pending.take()
            && self.above.redrawn.load(Ordering::SeqCst) == before
        {
            self.directly(&text);
        }
    }

    fn directly(&mut self, text: &str) {
        match &mut self.tty {
            Some(tty) => write(tty, text),
            None => write(&mut io::stderr(), text),
        }
    }
}

/// A terminal that is gone, a reader that has left: the run goes on without being seen.
fn write(to: &mut dyn Write, text: &str) {
    drop(to.write_all(text.as_bytes()).and_then(|()| to.flush()));
}
