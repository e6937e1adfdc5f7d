//! Sees a command to its end, from one thread: reads what it prints, keeps its time, ends it step by step, and does not
//! return while anything of it is alive. It waits for processes, never for a pipe that somebody may hold open.
//!
//! | stage | begins when | ends when | then |
//! |---|---|---|---|
//! | runs | it starts | time over, asked to stop, too much output | SIGINT, `asked` |
//! | | | it ends by itself | `lingers` |
//! | lingers | | nothing is alive | over |
//! | | | grace over | SIGTERM, `told` |
//! | asked | after SIGINT | it ends, or grace over | SIGTERM, `told` |
//! | told | after SIGTERM | grace over | SIGKILL, `killed` |
//! | killed | after SIGKILL | nothing is alive | over |
//! | | | patience over | over, survivors are named |

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use super::capture::{Capture, Captured};
use super::live::Live;
use super::process::{Family, command_line};
use super::shell::Grace;
use super::spawn::Child;
use crate::drivers::redact::Redactor;
use crate::drivers::reply::Reply;
use crate::journal::store::Artifacts;

/// One read of output: the capacity of a pipe.
pub(super) const READ_BYTES: usize = 64 * 1024;

/// How often it is looked whether anything is still alive, once the command is to be over.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How often a process of an earlier executor, whose end nobody tells, is looked for.
const LOOK_FOR_EARLIER_EVERY: Duration = Duration::from_millis(250);

/// How long after SIGKILL a process may take to disappear (one that hangs in the kernel or belongs to another user never
/// does).
pub(super) const KILL_PATIENCE: Duration = Duration::from_secs(10);

/// Asks a command to stop, from any thread.
#[derive(Clone)]
pub(super) struct Stop(Arc<Bell>);

struct Bell {
    asked: AtomicBool,
    over: AtomicBool,
    ring: PipeWriter,
    heard: PipeReader,
}

impl Stop {
    pub(super) fn new() -> io::Result<Stop> {
        let (heard, ring) = io::pipe()?;
        let no = || AtomicBool::new(false);
        Ok(Stop(Arc::new(Bell { asked: no(), over: no(), ring, heard })))
    }

    pub(super) fn ask(&self) {
        if !self.0.asked.swap(true, Ordering::SeqCst) {
            // It fails only where the reader is gone, and that lives as long as the bell. One ring never fills the pipe.
            drop((&self.0.ring).write_all(b"!"));
        }
    }

    /// It was asked to stop, and something of it may still be alive.
    pub(super) fn is_ending(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst) && !self.is_over()
    }

    /// The effect has its outcome.
    pub(super) fn is_over(&self) -> bool {
        self.0.over.load(Ordering::SeqCst)
    }

    /// It has: nothing of it is alive, or nothing ever was.
    pub(super) fn end(&self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

/// Where a command's output comes from.
pub(super) struct Pipes {
    pub(super) out: OwnedFd,
    /// None: standard error goes to `out`, which is a terminal.
    pub(super) err: Option<OwnedFd>,
    /// What is typed on that terminal.
    pub(super) typed: Vec<u8>,
}

/// A command that was started.
pub(super) struct Supervised {
    pub(super) pipes: Pipes,
    pub(super) child: Child,
    pub(super) family: Family,
    pub(super) timeout: Option<Duration>,
    pub(super) max_bytes: u64,
    pub(super) parsed: bool,
    pub(super) save: Option<Box<dyn Write + Send>>,
    pub(super) grace: Grace,
}

/// Why it was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    TimedOut,
    Asked,
    TooLarge,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) status: Option<ExitStatus>,
    /// None: by itself.
    pub(super) why: Option<Why>,
    pub(super) out: Captured,
    pub(super) err: Captured,
    /// The last signal that was sent to end it.
    pub(super) last_signal: Option<Signal>,
    /// Command lines of what could not be ended.
    pub(super) survivors: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Runs,
    Lingers,
    Asked,
    Told,
    Killed,
}

/// The way to a command's end.
struct Ladder {
    stage: Stage,
    /// When the stage is over.
    until: Option<Instant>,
    grace: Grace,
    last_signal: Option<Signal>,
}

impl Ladder {
    fn new(timeout: Option<Duration>, grace: Grace) -> Ladder {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Ladder { stage: Stage::Runs, until, grace, last_signal: None }
    }

    fn enter(&mut self, stage: Stage, family: &mut Family) {
        let (signal, time) = match stage {
            Stage::Runs | Stage::Lingers => (None, self.grace.linger),
            Stage::Asked => (Some(Signal::SIGINT), self.grace.after_int),
            Stage::Told => (Some(Signal::SIGTERM), self.grace.after_term),
            Stage::Killed => (Some(Signal::SIGKILL), KILL_PATIENCE),
        };
        if let Some(signal) = signal {
            family.signal(signal);
            self.last_signal = Some(signal);
        }
        self.stage = stage;
        self.until = Some(Instant::now() + time);
    }

    fn is_due(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// The stage is over and what was wanted has not happened. True: there is no further stage.
    fn climb(&mut self, family: &mut Family) -> bool {
        match self.stage {
            Stage::Runs => self.enter(Stage::Asked, family),
            Stage::Lingers | Stage::Asked => self.enter(Stage::Told, family),
            Stage::Told => self.enter(Stage::Killed, family),
            Stage::Killed => return true,
        }
        false
    }

    /// The first process is gone; others may be alive.
    fn leader_is_gone(&mut self, family: &mut Family) {
        match self.stage {
            Stage::Runs => self.enter(Stage::Lingers, family),
            // What is left has ignored SIGINT.
            Stage::Asked => self.enter(Stage::Told, family),
            Stage::Lingers | Stage::Told | Stage::Killed => {}
        }
    }

    /// A process that a member starts while all are being killed is killed as well.
    fn kill_again(&mut self, family: &mut Family) {
        if self.stage == Stage::Killed {
            family.signal(Signal::SIGKILL);
        }
    }
}

/// One stream and where it goes.
struct Source {
    /// None: there is none.
    file: Option<File>,
    /// Its other end is closed everywhere. It stays open here until the command is over: a terminal that is closed hangs
    /// up on a process that has closed its files and is still about to exit.
    ended: bool,
    capture: Capture,
}

impl Source {
    fn new(fd: Option<OwnedFd>, capture: Capture) -> Source {
        Source { file: fd.map(File::from), ended: false, capture }
    }

    fn open(&self) -> Option<&File> {
        self.file.as_ref().filter(|_| !self.ended)
    }
}

/// Runs it to its end.
pub(super) fn supervise(
    command: Supervised,
    stop: &Stop,
    reply: &Reply,
    redactor: &Redactor,
    artifacts: &Arc<dyn Artifacts>,
    room: &mut [u8],
) -> Ended {
    let Supervised { pipes, child, mut family, timeout, max_bytes, parsed, save, grace } = command;
    let capture = |stream: &str, parsed, save| {
        let name = format!("{}.{stream}", reply.id());
        Capture::new(redactor.stream(), Arc::clone(artifacts), name, parsed, save)
    };
    let mut sources = [
        Source::new(Some(pipes.out), capture("out", parsed, save)),
        Source::new(pipes.err, capture("err", false, None)),
    ];
    let mut typed = pipes.typed;
    let mut live = Live::new(reply.clone());
    let mut ladder = Ladder::new(timeout, grace);
    let mut why = None;
    let mut status = None;
    let mut leader_gone = false;
    let mut left: u64 = max_bytes;
    let mut survivors = Vec::new();
    let mut left_behind: Vec<String> = Vec::new();
    let mut exit = family.exit();
    loop {
        let look = (exit.is_none() || ladder.stage != Stage::Runs).then(|| Instant::now() + LOOK_EVERY);
        let until = ladder.until.into_iter().chain(look).min();
        let perhaps_gone = wait_for_any(&sources, &mut typed, stop, exit.as_ref(), until);
        for source in &mut sources {
            if !read_what_is_there(source, room, &mut left, &mut live) {
                why = why.or(Some(Why::TooLarge));
                if ladder.stage == Stage::Runs {
                    ladder.enter(Stage::Asked, &mut family);
                }
            }
        }
        let waited = if leader_gone || !perhaps_gone { Ok(None) } else { child.try_wait() };
        if !matches!(waited, Ok(None)) {
            leader_gone = true;
            exit = None;
            status = waited.ok().flatten();
            family.leader_is_gone();
            if family.alive().is_empty() {
                break;
            }
            ladder.leader_is_gone(&mut family);
            continue;
        }
        if stop.0.asked.load(Ordering::SeqCst) {
            match ladder.stage {
                Stage::Runs => {
                    why = Some(Why::Asked);
                    ladder.enter(Stage::Asked, &mut family);
                }
                Stage::Lingers => ladder.enter(Stage::Told, &mut family),
                Stage::Asked | Stage::Told | Stage::Killed => {}
            }
        }
        if leader_gone && family.alive().is_empty() {
            break;
        }
        ladder.kill_again(&mut family);
        if ladder.is_due() {
            match ladder.stage {
                Stage::Runs => why = Some(Why::TimedOut),
                Stage::Lingers => left_behind = family.alive().iter().map(|entry| command_line(entry.pid)).collect(),
                Stage::Asked | Stage::Told | Stage::Killed => {}
            }
            if ladder.climb(&mut family) {
                survivors = family.alive().iter().map(|entry| command_line(entry.pid)).collect();
                break;
            }
        }
    }
    for source in &mut sources {
        while is_ready(source) {
            if !read_what_is_there(source, room, &mut left, &mut live) {
                why = why.or(Some(Why::TooLarge));
                break;
            }
        }
    }
    let [out, mut err] = sources.map(|source| source.capture);
    if let [first, ..] = left_behind.as_slice() {
        let note = format!("[runbook ended {} process(es) that the command left behind: {first}]\n", left_behind.len());
        err.take(note.as_bytes(), Some(&mut live));
    }
    let (out, err) = (out.finish(Some(&mut live)), err.finish(Some(&mut live)));
    live.say_what_was_left_out();
    Ended { status, why, out, err, last_signal: ladder.last_signal.filter(|_| why.is_some()), survivors }
}

/// Waits until there is output, the bell rings, the first process has ended, or `until` has come; types on the command's
/// terminal meanwhile. `exit` is what tells that end; without it the time is told to look. True: it may have come.
fn wait_for_any(
    sources: &[Source; 2],
    typed: &mut Vec<u8>,
    stop: &Stop,
    exit: Option<&OwnedFd>,
    until: Option<Instant>,
) -> bool {
    let timeout = until.map_or(PollTimeout::NONE, |until| {
        // Rounded up, so that the time has come when it wakes.
        let rest = until.saturating_duration_since(Instant::now()) + Duration::from_micros(999);
        PollTimeout::try_from(rest.as_millis()).unwrap_or(PollTimeout::MAX)
    });
    let bell = stop.0.heard.as_fd();
    let typing = if typed.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
    let [out, err] = sources.each_ref().map(|source| source.open().map(File::as_fd));
    let mut polled = [
        PollFd::new(bell, PollFlags::POLLIN),
        asked(exit.map(OwnedFd::as_fd), bell, PollFlags::POLLIN),
        asked(out, bell, PollFlags::POLLIN | typing),
        asked(err, bell, PollFlags::POLLIN),
    ];
    // Interrupted by a signal, it returns early, and everything is looked at once more.
    let _ = poll(&mut polled, timeout);
    let [rung, ended, printed, _] = polled.each_ref().map(|fd| fd.revents().unwrap_or(PollFlags::empty()));
    if rung.contains(PollFlags::POLLIN) {
        // One ring lies in it.
        drop((&stop.0.heard).read(&mut [0]));
    }
    if let (true, [Source { file: Some(terminal), .. }, _]) = (printed.contains(PollFlags::POLLOUT), sources) {
        // A line at a time, as from a keyboard. What a terminal cannot take any more, since it is closed, is dropped.
        let line = typed.iter().position(|byte| *byte == b'\n').map_or(typed.len(), |end| end + 1);
        let mut terminal: &File = terminal;
        match terminal.write(typed.get(..line).unwrap_or_default()) {
            Ok(written) => drop(typed.drain(..written)),
            Err(error) if is_passing(&error) => {}
            Err(_) => typed.clear(),
        }
    }
    exit.is_none() || !ended.is_empty()
}

/// Asks for what is to be known of `fd`; where there is none, for nothing, of `other`.
fn asked<'a>(fd: Option<BorrowedFd<'a>>, other: BorrowedFd<'a>, flags: PollFlags) -> PollFd<'a> {
    fd.map_or_else(|| PollFd::new(other, PollFlags::empty()), |fd| PollFd::new(fd, flags))
}

/// Nothing is wrong: it is to be tried again.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}

fn is_ready(source: &Source) -> bool {
    let Some(file) = source.open() else { return false };
    let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    matches!(poll(&mut polled, PollTimeout::ZERO), Ok(ready) if ready > 0)
}

/// Reads once where there is something. False: that was more than is allowed; the surplus is dropped.
fn read_what_is_there(source: &mut Source, buffer: &mut [u8], left: &mut u64, live: &mut Live) -> bool {
    if !is_ready(source) {
        return true;
    }
    let Some(file) = &mut source.file else { return true };
    let bytes = match file.read(buffer) {
        Err(error) if is_passing(&error) => return true,
        // A terminal whose other end is closed gives an error instead of an end.
        Ok(0) | Err(_) => {
            source.ended = true;
            return true;
        }
        Ok(bytes) => bytes,
    };
    let taken = usize::try_from(*left).map_or(bytes, |left| left.min(bytes));
    *left -= taken as u64;
    source.capture.take(buffer.get(..taken).unwrap_or_default(), Some(live));
    taken == bytes
}

/// Waits until nothing of a command of an earlier executor is alive. Some: it was ended before, and why.
pub(super) fn wait_for_earlier(family: &mut Family, stop: &Stop, limit: Option<Duration>, grace: Grace) -> Option<Why> {
    let since = Instant::now();
    while !family.alive().is_empty() {
        let late = limit.is_some_and(|limit| since.elapsed() >= limit);
        if late || stop.0.asked.load(Ordering::SeqCst) {
            end_earlier(family, grace);
            return Some(if late { Why::TimedOut } else { Why::Asked });
        }
        let mut polled = [PollFd::new(stop.0.heard.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(LOOK_FOR_EARLIER_EVERY).unwrap_or(PollTimeout::MAX);
        let _ = poll(&mut polled, timeout);
    }
    None
}

/// Ends a command of an earlier executor, in the same steps.
fn end_earlier(family: &mut Family, grace: Grace) {
    let mut ladder = Ladder::new(None, grace);
    ladder.enter(Stage::Asked, family);
    while !family.alive().is_empty() {
        std::thread::sleep(LOOK_EVERY);
        ladder.kill_again(family);
        if ladder.is_due() && ladder.climb(family) {
            return;
        }
    }
}
