//! Takes one stream of output, of a command or an answer: masks secrets, keeps the first part for the outcome and all of it in an
//! artifact where it is more, copies it to a file, shows it while it comes. Memory is bounded whatever comes.

use std::io::Write;
use std::sync::Arc;

use super::live::{Live, unfinished_from};
use crate::drivers::redact;
use crate::engine::input::{MAX_INLINE_BYTES, Output};
use crate::journal::store::{ARTIFACTS, ArtifactWriter, Artifacts};

/// Longest output that can be parsed into a value: a listing of all objects of a large cluster, and still less than what
/// a machine notices. All of it and its value are in memory at once.
pub(super) const MAX_PARSED_BYTES: usize = 16 * 1024 * 1024;

/// How much of the end is kept for the sentence that says why a command failed: its last line.
const TAIL_BYTES: usize = 1024;

/// One stream.
pub(super) struct Capture {
    secrets: redact::Stream,
    /// What the redactor has just passed on.
    passed: Vec<u8>,
    /// The first bytes, up to `keep`.
    kept: Vec<u8>,
    keep: usize,
    /// The last bytes.
    tail: Vec<u8>,
    /// A letter that is not shown yet, since its other bytes have not come.
    letter: Vec<u8>,
    bytes: u64,
    artifacts: Arc<dyn Artifacts>,
    name: String,
    artifact: Option<Box<dyn ArtifactWriter>>,
    save: Option<Box<dyn Write + Send>>,
    /// Why it could not be kept: all of it is still read, so that the command is not stopped by a full disk here.
    problem: Option<String>,
}

/// What came of it.
pub(super) struct Captured {
    /// For the outcome.
    pub(super) output: Output,
    /// The first bytes, all of them where they are to be parsed.
    pub(super) kept: Vec<u8>,
    /// The last line that is not empty.
    pub(super) last_line: String,
    /// Why it could not be kept.
    pub(super) problem: Option<String>,
}

impl Capture {
    /// Begins. `parsed`: all of it is wanted at the end; `save`: where else it goes.
    pub(super) fn new(
        secrets: redact::Stream,
        artifacts: Arc<dyn Artifacts>,
        name: String,
        parsed: bool,
        save: Option<Box<dyn Write + Send>>,
    ) -> Capture {
        Capture {
            secrets,
            passed: Vec::new(),
            kept: Vec::new(),
            keep: if parsed { MAX_PARSED_BYTES } else { MAX_INLINE_BYTES },
            tail: Vec::new(),
            letter: Vec::new(),
            bytes: 0,
            artifacts,
            name,
            artifact: None,
            save,
            problem: None,
        }
    }

    /// Takes the next piece; `live`: where it is shown.
    pub(super) fn take(&mut self, piece: &[u8], live: Option<&mut Live>) {
        let mut passed = std::mem::take(&mut self.passed);
        self.secrets.feed(piece, &mut passed);
        self.pass_on(&passed, live);
        passed.clear();
        self.passed = passed;
    }

    /// All of it has come.
    pub(super) fn finish(mut self, live: Option<&mut Live>) -> Captured {
        let mut passed = std::mem::take(&mut self.passed);
        self.secrets.finish(&mut passed);
        self.pass_on(&passed, live);
        if let Some(mut save) = self.save.take() {
            self.note(save.flush());
        }
        let artifact = match self.artifact.take().map(ArtifactWriter::finish) {
            Some(Ok(artifact)) => Some(artifact),
            Some(Err(error)) => {
                self.note::<()>(Err(error));
                None
            }
            None => None,
        };
        let inline = self.kept.get(..self.kept.len().min(MAX_INLINE_BYTES)).unwrap_or_default();
        Captured {
            output: Output { text: text_of(inline), bytes: self.bytes, artifact },
            last_line: last_line(&self.tail),
            kept: self.kept,
            problem: self.problem,
        }
    }

    fn pass_on(&mut self, passed: &[u8], live: Option<&mut Live>) {
        if passed.is_empty() {
            return;
        }
        if let Some(live) = live {
            live.take(&mut self.letter, passed);
        }
        self.bytes += passed.len() as u64;
        if self.bytes > MAX_INLINE_BYTES as u64 {
            if self.artifact.is_none() && self.problem.is_none() {
                match self.artifacts.create(ARTIFACTS, &self.name) {
                    Ok(writer) => {
                        self.artifact = Some(writer);
                        let before = std::mem::take(&mut self.kept);
                        self.write_artifact(&before);
                        self.kept = before;
                    }
                    Err(error) => self.note::<()>(Err(error)),
                }
            }
            self.write_artifact(passed);
        }
        let room = self.keep.saturating_sub(self.kept.len()).min(passed.len());
        self.kept.extend_from_slice(passed.get(..room).unwrap_or_default());
        let last = passed.get(passed.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default();
        let surplus = (self.tail.len() + last.len()).saturating_sub(TAIL_BYTES);
        self.tail.drain(..surplus);
        self.tail.extend_from_slice(last);
        if let Some(save) = &mut self.save {
            let written = save.write_all(passed);
            self.note(written);
        }
    }

    fn write_artifact(&mut self, bytes: &[u8]) {
        if let Some(writer) = &mut self.artifact {
            let written = writer.write_all(bytes);
            self.note(written);
        }
    }

    /// The first problem is the one that is told; what goes wrong after it follows from it.
    fn note<T>(&mut self, result: std::io::Result<T>) {
        if let Err(error) = result {
            self.artifact = None;
            self.save = None;
            self.problem.get_or_insert_with(|| error.to_string());
        }
    }
}

/// The first bytes of an output as text. A letter that the limit cuts is left out, bytes that are not UTF-8 are replaced.
fn text_of(bytes: &[u8]) -> String {
    let whole = if bytes.len() == MAX_INLINE_BYTES { unfinished_from(bytes) } else { bytes.len() };
    String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default()).into_owned()
}

fn last_line(tail: &[u8]) -> String {
    let text = String::from_utf8_lossy(tail);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}
