//! The program in the background, without a terminal, as a service manager or a script runs it.

use std::fs::File;
use std::path::PathBuf;
use std::process::Child;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::program::{Place, json};
use crate::drivers_bench::eventually;

/// One call of the program that goes on beside the test. It is killed with the test.
pub(crate) struct Background {
    child: Child,
    shown: PathBuf,
}

impl Background {
    /// Starts it.
    pub(crate) fn start(place: &Place, args: &[&str]) -> Background {
        let shown = tempfile::NamedTempFile::new_in(place.dir.path()).unwrap().into_temp_path().keep().unwrap();
        let child = place.command(args).stderr(File::create(&shown).unwrap()).spawn().unwrap();
        Background { child, shown }
    }

    /// What it has said so far.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.shown).unwrap()).into_owned()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// As if the machine had lost it: SIGKILL, and it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself: its exit code.
    #[track_caller]
    pub(crate) fn ends(mut self) -> i32 {
        eventually("the program ends", || self.child.try_wait().unwrap().is_some());
        let status = self.child.wait().unwrap();
        status.code().unwrap_or_else(|| panic!("{status}: {}", self.shown()))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last run, as `status` tells it to programs; null before there is one.
pub(crate) fn status(place: &Place) -> serde_json::Value {
    let output = place.run(&["status", "last", "--format", "json"]);
    if output.status.code() == Some(0) { json(&output) } else { serde_json::Value::Null }
}

/// Does a run wait for an answer to this prompt?
pub(crate) fn waits_for(status: &serde_json::Value, key: &str) -> bool {
    status["waiting"].as_array().is_some_and(|waiting| waiting.iter().any(|one| one["key"] == key))
}
