//! The beginning of a command's first process: `posix_spawn`, which lends the new process this one's memory until its
//! program is there. A fork copies what describes that memory, and each page that either side then touches; for a command
//! of a millisecond that is a third of its time, and it grows with what this process holds.
//!
//! The standard library spawns so only what needs no session of its own.
#![expect(unsafe_code, reason = "posix_spawn takes C structures, and no safe wrapper of it knows a working directory")]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::ptr;

use nix::errno::Errno;
use nix::libc::{self, c_char, c_int, c_short};
use nix::sys::signal::{SigSet, Signal};

/// What a process begins with.
pub(super) struct Beginning<'a> {
    /// The program, by its absolute path.
    pub(super) program: &'a Path,
    /// Its words, the name by which it is called first.
    pub(super) words: &'a [&'a str],
    /// Its whole environment.
    pub(super) environment: BTreeMap<OsString, OsString>,
    /// Where it begins.
    pub(super) folder: &'a Path,
    /// Its standard input.
    pub(super) input: Input,
    /// Its standard output and error.
    pub(super) outputs: [OwnedFd; 2],
}

/// A standard input.
pub(super) enum Input {
    /// Nothing.
    Nothing,
    /// What is open here, from where it stands.
    File(OwnedFd),
    /// This terminal, which becomes that of the session.
    Terminal(OsString),
}

/// A process that was begun, and that nobody has waited for.
#[derive(Debug)]
pub(super) struct Child {
    pid: libc::pid_t,
}

impl Child {
    /// Its id: also that of its session and of its group.
    pub(super) fn pid(&self) -> i32 {
        self.pid
    }

    /// How it ended; none: it has not. Once it has told that, its id may be another's.
    pub(super) fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        let mut status = 0;
        // SAFETY: the pointer is to an integer that lives until the call returns.
        let waited = Errno::result(unsafe { libc::waitpid(self.pid, &raw mut status, libc::WNOHANG) })?;
        Ok((waited == self.pid).then(|| ExitStatus::from_raw(status)))
    }
}

/// Begins a process as the first of a session of its own. Signals are as a program expects to find them: none is blocked,
/// and those do what they do by themselves that a shell in the background, or this program, ignores.
///
/// # Errors
///
/// Those of the system: the program or the folder is not there, there is no room for another process, the words and the
/// environment are too long; and a zero byte in one of them.
pub(super) fn begin(beginning: &Beginning<'_>) -> io::Result<Child> {
    let program = c_text(beginning.program.as_os_str())?;
    let words = beginning.words.iter().map(|word| c_text(OsStr::new(word))).collect::<io::Result<Vec<_>>>()?;
    let environment = beginning.environment.iter().map(|(name, value)| variable(name, value));
    let environment = environment.collect::<io::Result<Vec<_>>>()?;

    let mut steps = Steps::new()?;
    steps.enter(&c_text(beginning.folder.as_os_str())?)?;
    match &beginning.input {
        Input::Nothing => steps.open(libc::STDIN_FILENO, c"/dev/null", libc::O_RDONLY)?,
        Input::File(file) => steps.copy(file, libc::STDIN_FILENO)?,
        // The first terminal that the first process of a session opens becomes that of the session.
        Input::Terminal(path) => steps.open(libc::STDIN_FILENO, &c_text(path)?, libc::O_RDWR)?,
    }
    let [out, err] = &beginning.outputs;
    steps.copy(out, libc::STDOUT_FILENO)?;
    steps.copy(err, libc::STDERR_FILENO)?;
    let manner = Manner::own_session()?;

    let mut pid = 0;
    // SAFETY: all structures were initialised and live until the call returns; the lists of words and of variables end
    // with a null pointer, and what they point to lives as long as `words` and `environment`. The new process runs in this
    // memory only what the C library runs between here and its program.
    made(unsafe {
        libc::posix_spawn(
            &raw mut pid,
            program.as_ptr(),
            &raw const steps.0,
            &raw const manner.0,
            pointers(&words).as_ptr(),
            pointers(&environment).as_ptr(),
        )
    })?;
    Ok(Child { pid })
}

/// What a new process does before its program is there, in this order.
struct Steps(libc::posix_spawn_file_actions_t);

impl Steps {
    fn new() -> io::Result<Steps> {
        let mut steps = MaybeUninit::uninit();
        // SAFETY: the call initialises what it is given, unless it fails.
        made(unsafe { libc::posix_spawn_file_actions_init(steps.as_mut_ptr()) })?;
        // SAFETY: it was initialised.
        Ok(Steps(unsafe { steps.assume_init() }))
    }

    fn enter(&mut self, folder: &CString) -> io::Result<()> {
        // SAFETY: the structure was initialised, and the call keeps a copy of the path.
        made(unsafe { libc::posix_spawn_file_actions_addchdir_np(&raw mut self.0, folder.as_ptr()) })
    }

    fn open(&mut self, as_fd: c_int, path: &CStr, how: c_int) -> io::Result<()> {
        // SAFETY: the structure was initialised, and the call keeps a copy of the path.
        made(unsafe { libc::posix_spawn_file_actions_addopen(&raw mut self.0, as_fd, path.as_ptr(), how, 0) })
    }

    /// What is open here is open there, also where it is closed at a new program here.
    fn copy(&mut self, file: &OwnedFd, as_fd: c_int) -> io::Result<()> {
        // SAFETY: the structure was initialised; the caller keeps the file open until the process has begun.
        made(unsafe { libc::posix_spawn_file_actions_adddup2(&raw mut self.0, file.as_raw_fd(), as_fd) })
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and nobody uses it any more. It cannot fail for what was.
        unsafe { libc::posix_spawn_file_actions_destroy(&raw mut self.0) };
    }
}

/// How a new process stands to others.
struct Manner(libc::posix_spawnattr_t);

impl Manner {
    fn own_session() -> io::Result<Manner> {
        let mut manner = MaybeUninit::uninit();
        // SAFETY: the call initialises what it is given, unless it fails.
        made(unsafe { libc::posix_spawnattr_init(manner.as_mut_ptr()) })?;
        // SAFETY: it was initialised.
        let mut manner = Manner(unsafe { manner.assume_init() });
        let signals = c_short::try_from(libc::POSIX_SPAWN_SETSIGDEF | libc::POSIX_SPAWN_SETSIGMASK);
        let flags = libc::POSIX_SPAWN_SETSID | signals.map_err(io::Error::other)?;
        let plain = SigSet::from_iter([Signal::SIGINT, Signal::SIGQUIT, Signal::SIGPIPE]);
        let blocked = SigSet::empty();
        // SAFETY: the structure was initialised, and the calls copy the sets.
        unsafe {
            made(libc::posix_spawnattr_setflags(&raw mut manner.0, flags))?;
            made(libc::posix_spawnattr_setsigdefault(&raw mut manner.0, plain.as_ref()))?;
            made(libc::posix_spawnattr_setsigmask(&raw mut manner.0, blocked.as_ref()))?;
        }
        Ok(manner)
    }
}

impl Drop for Manner {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and nobody uses it any more. It cannot fail for what was.
        unsafe { libc::posix_spawnattr_destroy(&raw mut self.0) };
    }
}

/// These calls give the number of an error instead of setting `errno`.
fn made(error: c_int) -> io::Result<()> {
    if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(error)) }
}

fn c_text(text: &OsStr) -> io::Result<CString> {
    Ok(CString::new(text.as_bytes())?)
}

fn variable(name: &OsStr, value: &OsStr) -> io::Result<CString> {
    let mut both = name.to_owned().into_vec();
    both.push(b'=');
    both.extend_from_slice(value.as_bytes());
    Ok(CString::new(both)?)
}

/// A list of texts as C takes it.
fn pointers(texts: &[CString]) -> Vec<*mut c_char> {
    texts.iter().map(|text| text.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect()
}
