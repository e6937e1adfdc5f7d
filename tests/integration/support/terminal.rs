//! The program at a pseudo-terminal, with keys typed by the test.

use expectrl::session::OsSession;
use std::process::Stdio;

use expectrl::process::unix::WaitStatus;
use expectrl::{Expect as _, Session};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::program::Place;
use crate::drivers_bench::{HANG, NO_RUNAWAY};

/// One call of the program with a terminal of its own.
pub(crate) struct Terminal {
    session: OsSession,
    /// All that it has shown so far.
    pub(crate) shown: String,
}

impl Terminal {
    /// Starts the program.
    pub(crate) fn open(place: &Place, args: &[&str]) -> Terminal {
        let mut command = place.command(args);
        command.env("TERM", "xterm").env("COLUMNS", "120").env(NO_RUNAWAY.0, NO_RUNAWAY.1);
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut session = Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(HANG));
        Terminal { session, shown: String::new() }
    }

    /// Waits until it shows `text`.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) {
        match self.session.expect(text) {
            Ok(found) => {
                self.shown.push_str(&String::from_utf8_lossy(found.before()));
                self.shown.push_str(text);
            }
            Err(error) => {
                let rest = self.session.expect(expectrl::Regex("(?s).*")).map(|found| found.as_bytes().to_vec());
                let rest = rest.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                panic!("{text:?} is not shown: {error}; so far:\n{}\n…\n{rest:?}", self.shown)
            }
        }
    }

    /// Waits until a question is there, down to the cursor.
    #[track_caller]
    pub(crate) fn asked(&mut self, title: &str) {
        self.sees(title);
        self.sees("help");
        self.sees("❯");
    }

    /// Types keys.
    pub(crate) fn types(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.session.get_process().pid().as_raw()), signal).unwrap();
    }

    /// Waits until it has ended: its exit code. What it showed last is in `shown`.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> i32 {
        // The end of what it shows.
        if let Ok(found) = self.session.expect(expectrl::Eof) {
            self.shown.push_str(&String::from_utf8_lossy(found.as_bytes()));
        }
        match self.session.get_process().wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}; it showed:\n{}", self.shown),
        }
    }

    /// What is to be seen in the end, without what was taken away again: control sequences carried out on lines.
    pub(crate) fn screen(&self) -> String {
        let mut screen = vt(&self.shown);
        while screen.last().is_some_and(String::is_empty) {
            screen.pop();
        }
        screen.join("\n")
    }
}

/// The lines of a terminal without bounds, after the few control sequences that the program and its line editor use.
fn vt(text: &str) -> Vec<String> {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if row == lines.len() {
                    lines.push(Vec::new());
                }
            }
            '\u{1b}' if letters.peek() == Some(&'[') => {
                letters.next();
                let mut number = String::new();
                let last = loop {
                    match letters.next() {
                        Some(letter) if letter.is_ascii_alphabetic() => break letter,
                        Some(letter) => number.push(letter),
                        None => return lines.into_iter().map(String::from_iter).collect(),
                    }
                };
                let count = number.parse().unwrap_or(1);
                match last {
                    'A' => row = row.saturating_sub(count),
                    'B' => row = (row + count).min(lines.len() - 1),
                    'C' => column += count,
                    'D' => column = column.saturating_sub(count),
                    'K' => lines[row].truncate(column),
                    'J' => {
                        lines[row].truncate(column);
                        lines.truncate(row + 1);
                    }
                    _colours_and_modes => {}
                }
            }
            '\u{7}' => {}
            letter => {
                // A wide letter takes two columns; the second one holds nothing.
                let width = unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
                let line = &mut lines[row];
                if line.len() < column + width {
                    line.resize(column + width, ' ');
                }
                if width > 0 {
                    line[column] = letter;
                }
                if width == 2 {
                    line[column + 1] = '\u{0}';
                }
                column += width;
            }
        }
    }
    let seen = |line: Vec<char>| line.into_iter().filter(|letter| *letter != '\u{0}').collect::<String>();
    lines.into_iter().map(|line| seen(line).trim_end().to_owned()).collect()
}
