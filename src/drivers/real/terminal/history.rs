//! What was typed before, also in other runs: for its owner alone, and without secrets.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::drivers::redact::Redactor;

/// Lines that are kept: a few weeks of runs.
const MAX_LINES: usize = 500;

/// Longest line that is kept.
const MAX_LINE_BYTES: usize = 1000;

/// The lines, oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    file: Option<PathBuf>,
}

impl History {
    /// Reads `file`; one that cannot be read is an empty history.
    pub(super) fn read(file: Option<PathBuf>) -> History {
        let text = file.as_ref().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        let all: Vec<&str> = text.lines().collect();
        let lines = all.iter().skip(all.len().saturating_sub(MAX_LINES)).map(|line| (*line).to_owned()).collect();
        History { lines, file }
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Keeps a line, but none that holds a secret, and none twice in a row.
    pub(super) fn add(&mut self, line: &str, secrets: &Redactor) {
        let one_line = !line.trim().is_empty() && !line.contains('\n') && line.len() <= MAX_LINE_BYTES;
        if !one_line || secrets.text(line) != line || self.lines.last().is_some_and(|last| last == line) {
            return;
        }
        self.lines.push(line.to_owned());
        let Some(file) = &self.file else { return };
        // A history that cannot be written is a loss of comfort only.
        drop(if self.lines.len() > 2 * MAX_LINES {
            let surplus = self.lines.len() - MAX_LINES;
            self.lines.drain(..surplus);
            let all = self.lines.join("\n") + "\n";
            open(file, false).and_then(|mut file| file.write_all(all.as_bytes()))
        } else {
            open(file, true).and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        });
    }
}

fn open(file: &PathBuf, append: bool) -> std::io::Result<fs::File> {
    OpenOptions::new().append(append).write(true).truncate(!append).create(true).mode(0o600).open(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn lines_are_kept_for_their_owner_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history");
        let secrets = Redactor::new([("token", "s3cr3t-value")]);
        let mut history = History::read(Some(file.clone()));
        for line in ["yes", "yes", "", "two\nlines", "note the token is s3cr3t-value", "status"] {
            history.add(line, &secrets);
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "yes\nstatus\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(History::read(Some(file)).lines(), ["yes", "status"]);
    }

    #[test]
    fn it_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history");
        let secrets = Redactor::new([]);
        let mut history = History::read(Some(file.clone()));
        for number in 0..3 * MAX_LINES {
            history.add(&number.to_string(), &secrets);
        }
        assert!(history.lines().len() <= 2 * MAX_LINES);
        let again = History::read(Some(file));
        assert_eq!(again.lines().len(), MAX_LINES);
        assert_eq!(again.lines().last(), Some(&(3 * MAX_LINES - 1).to_string()));
    }
}
