//! Processes as the kernel shows them: the family of a command, also those members that left its session, and ending
//! all of it.
//!
//! A member is whatever is in the command's session, descends from one that is, or carries the command's mark in its
//! environment. What neither does (`env -i setsid …`) is still known as an orphan that fell to this process, since it is
//! the subreaper of all that it starts.
#![expect(unsafe_code, reason = "nothing safe tells of a process's end")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::Pid;

use super::spawn::Child;
use crate::engine::world::Process;

/// Name of the variable that marks all processes of a command.
pub(super) const MARK: &str = "RUNBOOK_EFFECT";

/// The commands that this process runs now: id and start time of their first processes. Several worlds may live in one
/// process; none may take another's command for an orphan.
static COMMANDS: Mutex<BTreeMap<i32, u64>> = Mutex::new(BTreeMap::new());

/// What the kernel says about one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) pid: i32,
    parent: i32,
    group: i32,
    session: i32,
    pub(super) start_ticks: u64,
    zombie: bool,
}

/// Lets orphans of commands fall to this process instead of to the first process of the system, so that it can find them.
pub(super) fn adopt_orphans() -> io::Result<()> {
    Ok(nix::sys::prctl::set_child_subreaper(true)?)
}

/// When a process began, in clock ticks since boot; none: it is not there.
pub(super) fn start_ticks(pid: i32) -> Option<u64> {
    entry(pid).map(|entry| entry.start_ticks)
}

/// Its command line; empty where it may not be seen.
pub(super) fn command_line(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    words.join(" ").trim_end().to_owned()
}

fn entry(pid: i32) -> Option<Entry> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in brackets, and may contain anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse().ok());
    Some(Entry {
        pid,
        zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        start_ticks: fields.get(19)?.parse().ok()?,
    })
}

fn entries() -> Vec<Entry> {
    let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
    folder.filter_map(|found| found.ok()?.file_name().to_str()?.parse().ok()).filter_map(entry).collect()
}

/// What a process says under [`MARK`], empty where it says nothing; none: it may not be asked, or is gone.
fn mark_of(pid: i32) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    let mark = variables.find_map(|variable| variable.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="));
    Some(mark.unwrap_or_default().to_vec())
}

/// A command and all that comes of it.
pub(super) struct Family {
    /// Id of its first process, its session and its process group.
    leader: i32,
    start_ticks: u64,
    /// What its environment says under [`MARK`].
    mark: String,
    /// This process.
    own: i32,
    /// This process started it, so that its orphans fall to this process.
    ours: bool,
    /// Its first process has not been waited for, so nobody else can have its id.
    registered: bool,
    /// Members seen: they stay members when their parent is gone.
    members: BTreeSet<(i32, u64)>,
}

impl Family {
    /// Starts a command whose environment holds `mark`. No other family counts its orphans before it is known.
    pub(super) fn start(mark: String, start: impl FnOnce() -> io::Result<Child>) -> io::Result<(Child, Family)> {
        let mut commands = COMMANDS.lock().unwrap_or_else(PoisonError::into_inner);
        let child = start()?;
        let leader = child.pid();
        let start_ticks = start_ticks(leader).unwrap_or_default();
        commands.insert(leader, start_ticks);
        let own = std::process::id().cast_signed();
        let members = BTreeSet::new();
        Ok((child, Family { leader, start_ticks, mark, own, ours: true, registered: true, members }))
    }

    /// The family of a command that an earlier executor started.
    pub(super) fn of_earlier(process: Process, mark: String) -> Family {
        let own = std::process::id().cast_signed();
        let Process { pid: leader, start_ticks } = process;
        Family { leader, start_ticks, mark, own, ours: false, registered: false, members: BTreeSet::new() }
    }

    /// Its first process.
    pub(super) fn process(&self) -> Process {
        Process { pid: self.leader, start_ticks: self.start_ticks }
    }

    /// Becomes readable when its first process ends. None on a kernel that has no such thing (before Linux 5.3), or where
    /// it is not allowed.
    pub(super) fn exit(&self) -> Option<OwnedFd> {
        // SAFETY: a call without a pointer; the process has not been waited for, so its id is nobody else's.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, self.leader, 0) };
        let fd = Errno::result(fd).ok().and_then(|fd| RawFd::try_from(fd).ok())?;
        // SAFETY: the kernel has just given it to this call, closed on exec, and nobody else knows of it.
        Some(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// Its first process has been waited for: from now on its id may be another's.
    pub(super) fn leader_is_gone(&mut self) {
        self.registered = false;
        COMMANDS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.leader);
    }

    /// Its living members. Those that are dead and fell to this process are laid to rest.
    pub(super) fn alive(&mut self) -> Vec<Entry> {
        if self.ours && !self.registered && !has_strangers(self.own) {
            return Vec::new();
        }
        let all = entries();
        let own_session = all.iter().find(|entry| entry.pid == self.own).map(|entry| entry.session);
        // While anything is left of its session, nobody else gets the id of the first process.
        let session_is_another =
            all.iter().any(|entry| entry.pid == self.leader && entry.start_ticks != self.start_ticks);
        let mut found: Vec<Entry> = all
            .iter()
            .filter(|entry| entry.start_ticks >= self.start_ticks && entry.pid != self.own)
            .filter(|entry| {
                entry.session == self.leader && !session_is_another && (self.ours || self.has_mark(entry.pid))
                    || self.is_member(entry, own_session)
            })
            .copied()
            .collect();
        let mut known: BTreeSet<i32> = found.iter().map(|entry| entry.pid).collect();
        loop {
            let child = |entry: &&Entry| known.contains(&entry.parent) && !known.contains(&entry.pid);
            let children: Vec<Entry> = all.iter().filter(child).copied().collect();
            if children.is_empty() {
                break;
            }
            known.extend(children.iter().map(|entry| entry.pid));
            found.extend(children);
        }
        for dead in found.iter().filter(|entry| entry.zombie && entry.parent == self.own && !is_command(entry)) {
            // Whether it worked is seen at the next look.
            let _ = waitpid(Pid::from_raw(dead.pid), Some(WaitPidFlag::WNOHANG));
        }
        found.retain(|entry| !entry.zombie);
        self.members = found.iter().map(|entry| (entry.pid, entry.start_ticks)).collect();
        found
    }

    /// Is it a member although it is not in the session, and not only as a child of one?
    fn is_member(&self, entry: &Entry, own_session: Option<i32>) -> bool {
        if entry.pid == self.leader && entry.start_ticks == self.start_ticks
            || self.members.contains(&(entry.pid, entry.start_ticks))
        {
            return true;
        }
        if !self.ours {
            return self.has_mark(entry.pid);
        }
        if entry.parent != self.own || Some(entry.session) == own_session || is_command(entry) {
            return false;
        }
        // An orphan that fell to this process.
        match mark_of(entry.pid) {
            Some(mark) if !mark.is_empty() => mark == self.mark.as_bytes(),
            // It hides where it comes from: it is this command's if it can be no other's.
            Some(_) | None => !self.others_run_since(entry.start_ticks),
        }
    }

    fn has_mark(&self, pid: i32) -> bool {
        mark_of(pid).is_some_and(|mark| mark == self.mark.as_bytes())
    }

    fn others_run_since(&self, start_ticks: u64) -> bool {
        let commands = COMMANDS.lock().unwrap_or_else(PoisonError::into_inner);
        commands.iter().any(|(leader, since)| *leader != self.leader && *since <= start_ticks)
    }

    /// Sends a signal to all members: once to the group of the command, once to each that left it.
    pub(super) fn signal(&mut self, signal: Signal) {
        let members = self.alive();
        // A member that ended in between does not need it any more.
        if members.iter().any(|entry| entry.group == self.leader) {
            let _ = killpg(Pid::from_raw(self.leader), signal);
        }
        for entry in members.iter().filter(|entry| entry.group != self.leader) {
            let _ = kill(Pid::from_raw(entry.pid), signal);
        }
        // One that is stopped gets it only when it is continued.
        for entry in &members {
            let _ = kill(Pid::from_raw(entry.pid), Signal::SIGCONT);
        }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if self.registered {
            self.leader_is_gone();
        }
    }
}

fn is_command(entry: &Entry) -> bool {
    let commands = COMMANDS.lock().unwrap_or_else(PoisonError::into_inner);
    commands.get(&entry.pid) == Some(&entry.start_ticks)
}

/// Has this process a child that is none of the commands that run? Two cheap questions before the whole of `/proc` is
/// read, since after nearly every command the answer is no.
fn has_strangers(own: i32) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    if matches!(waitid(Id::All, flags), Err(Errno::ECHILD)) {
        return false;
    }
    let Ok(tasks) = fs::read_dir(format!("/proc/{own}/task")) else { return true };
    let commands = COMMANDS.lock().unwrap_or_else(PoisonError::into_inner);
    for task in tasks.flatten() {
        // A thread that ended in between has no children any more; a kernel that does not tell them is asked in full.
        match fs::read_to_string(task.path().join("children")) {
            Ok(children) => {
                if children.split_whitespace().any(|pid| pid.parse().is_ok_and(|pid| !commands.contains_key(&pid))) {
                    return true;
                }
            }
            Err(_) if task.path().exists() => return true,
            Err(_) => {}
        }
    }
    false
}

/// A signal's name: `SIGKILL`.
pub(super) fn signal_name(number: i32) -> String {
    Signal::try_from(number).map_or_else(|_| format!("signal {number}"), |signal| signal.as_str().to_owned())
}
