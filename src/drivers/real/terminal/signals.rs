//! Signals to this process: Ctrl-C, SIGTERM, a terminal that is gone. And the one that a thread of this process sends to
//! another to get it out of the line editor.
#![expect(unsafe_code, reason = "signal handlers, and a signal to one thread, can only be had unsafely")]

use std::io::{self, PipeReader, Read};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::thread::{JoinHandleExt, RawPthread};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread::JoinHandle;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// Where handlers write: the writing end of a pipe. It is never closed, so a handler never writes elsewhere.
static BELL: AtomicI32 = AtomicI32::new(-1);

/// The next SIGINT is one that this process sends to its own line editor.
static EXPECTED: AtomicBool = AtomicBool::new(false);

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Ctrl-C where no prompt is open, or SIGINT from elsewhere.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

extern "C" fn handler(signal: libc::c_int) {
    if signal == libc::SIGINT && EXPECTED.load(Ordering::SeqCst) {
        return;
    }
    let byte = [u8::try_from(signal).unwrap_or_default()];
    let error = Errno::last_raw();
    // SAFETY: `write` is async-signal-safe, the buffer lives as long as the call. A pipe that is full already wakes its
    // reader, and one that is not there yet gives an error.
    let _ = unsafe { libc::write(BELL.load(Ordering::SeqCst), byte.as_ptr().cast(), 1) };
    Errno::set_raw(error);
}

/// From now on these signals are told to `tell` instead of ending the process, on a thread of its own. Once a process.
pub(super) fn listen(tell: impl Fn(Came) + Send + 'static) -> io::Result<()> {
    let (heard, bell) = io::pipe()?;
    nix::fcntl::fcntl(&bell, nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK))?;
    BELL.store(OwnedFd::from(bell).into_raw_fd(), Ordering::SeqCst);
    let action = SigAction::new(SigHandler::Handler(handler), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler only writes to a pipe.
        unsafe { sigaction(signal, &action) }?;
    }
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || pass_on(heard, &tell))?;
    Ok(())
}

fn pass_on(mut heard: PipeReader, tell: &dyn Fn(Came)) {
    let mut byte = [0];
    while heard.read_exact(&mut byte).is_ok() {
        match Signal::try_from(i32::from(byte[0])) {
            Ok(Signal::SIGINT) => tell(Came::Interrupt),
            Ok(Signal::SIGTERM) => tell(Came::Terminate),
            Ok(Signal::SIGHUP) => tell(Came::HangUp),
            Ok(_) | Err(_) => {}
        }
    }
}

/// A thread that sits in the line editor.
pub(super) struct Editing {
    thread: RawPthread,
    /// Held, so that the thread's name stays its own.
    handle: JoinHandle<()>,
}

impl Editing {
    pub(super) fn new(handle: JoinHandle<()>) -> Editing {
        Editing { thread: handle.as_pthread_t(), handle }
    }

    /// Gets it out of the editor, if it is there: while it is, the editor's own handler takes SIGINT. Elsewhere nothing
    /// comes of it. To be repeated until it is seen to have left; then `end_of_poking`.
    pub(super) fn poke(&self) {
        EXPECTED.store(true, Ordering::SeqCst);
        if !self.handle.is_finished() {
            // SAFETY: the thread has not been joined, so its name is valid, and SIGINT has a handler.
            unsafe { libc::pthread_kill(self.thread, libc::SIGINT) };
        }
    }

    /// SIGINT is again what it was.
    pub(super) fn end_of_poking() {
        EXPECTED.store(false, Ordering::SeqCst);
    }

    pub(super) fn join(self) {
        // A thread that panicked has been reported by its own hook.
        drop(self.handle.join());
    }
}
